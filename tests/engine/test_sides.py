# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at both sides, against real servers: what a server shows as a folder need not be one."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ftpsync.synchronizers import BiDirSynchronizer, DownloadSynchronizer, UploadSynchronizer
from ftpsync.targets import FsTarget
from ftpsync.temporary import temporary_name
from ftpsync.util import set_pyftpsync_logger
from tests.engine.conftest import target_at
from tests.servers import Server


def test_a_link_to_a_folder_above_is_noticed(tmp_path: Path, ftp_server: t.Callable[..., Server]) -> None:
    server = ftp_server("pyftpdlib")
    server.put("a/b/file.txt", b"content")
    (server.root / "a/b/up").symlink_to("..")
    (server.root / "a/circle").symlink_to("../a")
    run = DownloadSynchronizer(FsTarget(str(tmp_path)), target_at(server), {"verbose": 0})
    run.run()
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.txt")) == ["a/b/file.txt"]
    assert run.get_stats()["files_written"] == 1


def test_a_link_here_to_a_folder_above_is_noticed(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "a/b").mkdir(parents=True)
    target.mkdir()
    (source / "a/b/file.txt").write_text("content")
    (source / "a/b/up").symlink_to("..")
    run = UploadSynchronizer(FsTarget(str(source)), FsTarget(str(target)), {"verbose": 0})
    run.run()
    assert sorted(str(path.relative_to(target)) for path in target.rglob("*.txt")) == ["a/b/file.txt"]
    assert run.get_stats()["files_written"] == 1


def test_what_a_killed_run_had_put_aside_was_not_deleted(tmp_path: Path, ftp_server: t.Callable[..., Server]) -> None:
    """Where a server refuses renames onto files, the old one is moved first; a run may die right after that."""
    server = ftp_server("pyftpdlib")
    local = tmp_path / "local"
    local.mkdir()
    (local / "page.html").write_text("page")

    def sync() -> dict[str, t.Any]:
        run = BiDirSynchronizer(FsTarget(str(local)), target_at(server), {"verbose": 0})
        run.run()
        return run.get_stats()

    sync()
    aside = server.root / f"{temporary_name('0123456789ab', 'page.html')}.old"
    (server.root / "page.html").rename(aside)
    sync()
    assert (local / "page.html").read_text() == (server.root / "page.html").read_text() == "page"
    sync()
    (server.root / "page.html").unlink()
    aside.unlink()
    assert sync()["files_deleted"] == 1
    assert not (local / "page.html").exists()


@pytest.mark.parametrize("dry_run", [True, False])
def test_what_is_said_to_be_deleted_is_no_link(
    tmp_path: Path, ftp_server: t.Callable[..., Server], capsys: pytest.CaptureFixture[str], dry_run: bool
) -> None:
    """A folder that turns out to be a link when the plan is made is left alone, and no line says otherwise."""
    server = ftp_server("pyftpdlib")
    server.put("shared/precious.txt", b"precious")
    (server.root / "linked").symlink_to("shared")
    server.put("old/gone.txt", b"gone")
    (tmp_path / "local/shared").mkdir(parents=True)
    (tmp_path / "local/shared/precious.txt").write_text("precious")
    (tmp_path / "local/page.html").write_text("page")
    former = set_pyftpsync_logger(None)
    try:
        run = UploadSynchronizer(
            FsTarget(str(tmp_path / "local")),
            target_at(server),
            {"delete": True, "dry_run": dry_run, "no_color": True},
        )
        run.is_script = True
        run.run()
    finally:
        set_pyftpsync_logger(former)
    told = capsys.readouterr()
    assert "[old]" in told.out and "linked" not in told.out
    assert "linked: is a link on the server, and was left alone" in told.err
    assert (server.root / "shared/precious.txt").read_text() == "precious"
    assert (server.root / "old").exists() is dry_run and (server.root / "linked").is_symlink()


def test_small_files_of_ours_leave_their_neighbours_alone(server: Server) -> None:
    server.put("a.txt.new", b"somebody's")
    target = target_at(server)
    target.open()
    target.write_text("a.txt", "ours")
    target.close()
    assert {path: content for path, content in server.files().items() if path.startswith("a.txt")} == {
        "a.txt": b"ours",
        "a.txt.new": b"somebody's",
    }
