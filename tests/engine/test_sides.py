# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at both sides, against real servers: what a server shows as a folder need not be one."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ftpsync.synchronizers import BiDirSynchronizer, DownloadSynchronizer
from ftpsync.targets import FsTarget, make_target
from ftpsync.temporary import temporary_name
from tests.servers import Server


def test_a_link_to_a_folder_above_is_noticed(tmp_path: Path, ftp_server: t.Callable[..., Server]) -> None:
    server = ftp_server("pyftpdlib")
    server.put("a/b/file.txt", b"content")
    (server.root / "a/b/up").symlink_to("..")
    (server.root / "a/circle").symlink_to("../a")
    host, port = server.url.split("//")[1].rstrip("/").rsplit(":", 1)
    remote = make_target(f"ftp://{server.username}:{server.password}@{host}:{port}/")
    run = DownloadSynchronizer(FsTarget(str(tmp_path)), remote, {"verbose": 0})
    run.run()
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.txt")) == ["a/b/file.txt"]
    assert run.get_stats()["files_written"] == 1


def test_what_a_killed_run_had_put_aside_was_not_deleted(tmp_path: Path, ftp_server: t.Callable[..., Server]) -> None:
    """Where a server refuses renames onto files, the old one is moved first; a run may die right after that."""
    server = ftp_server("pyftpdlib")
    local = tmp_path / "local"
    local.mkdir()
    (local / "page.html").write_text("page")
    host, port = server.url.split("//")[1].rstrip("/").rsplit(":", 1)

    def sync() -> dict[str, t.Any]:
        remote = make_target(f"ftp://{server.username}:{server.password}@{host}:{port}/")
        run = BiDirSynchronizer(FsTarget(str(local)), remote, {"verbose": 0})
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
