# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""First run, second run, and everything that may have changed on either side in between."""

from __future__ import annotations

import os
import shutil
import typing as t
from pathlib import Path

import pytest

from tests.engine.conftest import (
    EARLIER,
    SITE,
    assert_settled,
    attempt,
    deploy,
    expected,
    foretold,
    server_tree,
    write_commands,
    write_tree,
)
from tests.servers import Server

FILES = sorted(path for path, content in SITE.items() if content is not None)
FOLDERS = ["css", "css/deep", "empty", "img"]


def put_back(path: Path, content: str) -> None:
    """Change a file, but neither its size nor its time."""
    status = path.stat()
    assert status.st_size == len(content)
    path.write_text(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_the_first_run_does_all_and_the_second_nothing(server: Server, site: Path, tmp_path: Path) -> None:
    deploy(server, site, check=True)
    assert write_commands(server) == []
    first = foretold(server, site)
    assert first["changed"]
    assert sorted(first["uploaded"]) == FILES
    assert first["created_directories"] == FOLDERS
    assert first["deleted"] == first["drifted"] == first["unmanaged"] == first["conflicts"] == first["errors"] == []
    assert {o["reason"] for o in first["operations"]} == {"new"}
    assert first["stats"]["uploaded"] == len(FILES)
    assert first["stats"]["sent_bytes"] == first["stats"]["local_bytes"] == 10240 + 6 + 16 + 3 + 3
    assert server_tree(server) == expected(SITE)
    assert write_commands(server), "the log says nothing, so that it proves nothing"
    assert_settled(server, site, delete=True, delete_unmanaged=True)
    fresh = write_tree(tmp_path / "fresh checkout", SITE, mtime=EARLIER + 5000)
    assert_settled(server, fresh)


def test_edits_are_found(server: Server, site: Path) -> None:
    deploy(server, site)
    put_back(site / "css" / "a.css", "A{}")
    (site / "index.html").write_text("longer than before")
    write_tree(site, {"new/er/file.txt": "new"})
    done = foretold(server, site)
    assert done["uploaded"] == ["css/a.css", "index.html", "new/er/file.txt"]
    assert done["created_directories"] == ["new", "new/er"]
    assert {o["path"]: o["reason"] for o in done["operations"] if o["operation"] == "upload"} == {
        "css/a.css": "content changed",
        "index.html": "content changed",
        "new/er/file.txt": "new",
    }
    assert done["drifted"] == []
    assert server_tree(server)["css/a.css"] == b"A{}"
    assert_settled(server, site)


@pytest.mark.parametrize("content", ["X{}", "of another size"])
def test_drift_is_put_right_or_with_force_off_left(server: Server, site: Path, content: str) -> None:
    deploy(server, site)
    server.put("css/a.css", content)
    server.mark()
    left = deploy(server, site, force=False)
    assert left["drifted"] == ["css/a.css"] and left["operations"] == []
    assert "css/a.css" in "".join(left["warnings"]) and "force" in "".join(left["warnings"])
    assert write_commands(server) == []
    assert server_tree(server)["css/a.css"] == content.encode()
    done = foretold(server, site)
    assert done["drifted"] == done["uploaded"] == ["css/a.css"]
    assert done["operations"][0]["reason"] == "changed on the server"
    assert server_tree(server) == expected(SITE)
    assert_settled(server, site)


@pytest.mark.parametrize("kind", ["vsftpd", "pyftpdlib"])
@pytest.mark.parametrize("preserve_mtime", [True, False])
def test_drift_shows_even_in_the_second_of_the_upload(
    ftp_server: t.Callable[..., Server], kind: str, site: Path, preserve_mtime: bool
) -> None:
    server = ftp_server(kind)
    (site / "css" / "a.css").write_text("N{}")  # its time is now
    deploy(server, site, preserve_mtime=preserve_mtime)
    server.put("css/a.css", "X{}")
    assert deploy(server, site, check=True, preserve_mtime=preserve_mtime)["drifted"] == ["css/a.css"]


def test_what_vanished_on_the_server_comes_back(server: Server, site: Path) -> None:
    deploy(server, site)
    (server.root / "index.html").unlink()
    shutil.rmtree(server.root / "css")
    server.mark()
    left = deploy(server, site, force=False)
    assert left["operations"] == [] and set(left["drifted"]) >= {"index.html", "css/a.css", "css/deep/b.css"}
    assert write_commands(server) == []
    done = foretold(server, site)
    assert sorted(done["uploaded"]) == ["css/a.css", "css/deep/b.css", "index.html"]
    assert done["created_directories"] == ["css", "css/deep"]
    assert server_tree(server) == expected(SITE)
    assert_settled(server, site)


def test_what_others_put_there_stays(server: Server, site: Path) -> None:
    deploy(server, site)
    foreign = {"foreign.txt": b"f", "css/foreign.css": b"g", "theirs/a": b"h", "theirs/b/c": b"i"}
    for path, content in foreign.items():
        server.put(path, content)
    server.mark()
    for options in ({}, {"delete": True}):
        found = deploy(server, site, **options)
        assert found["unmanaged"] == ["css/foreign.css", "foreign.txt", "theirs"]
        assert not found["changed"]
    assert write_commands(server) == []
    assert {p: server_tree(server)[p] for p in foreign} == foreign
    gone = foretold(server, site, delete=True, delete_unmanaged=True, protect=["theirs/b"])
    assert gone["deleted"] == ["css/foreign.css", "foreign.txt", "theirs/a"]
    assert server_tree(server) == {**expected(SITE), "theirs": None, "theirs/b": None, "theirs/b/c": b"i"}
    assert_settled(server, site, delete=True, delete_unmanaged=True, protect=["theirs/b"])


def test_delete_removes_what_was_published_and_is_no_more(server: Server, site: Path) -> None:
    deploy(server, site)
    shutil.rmtree(site / "css")
    (site / "zero.txt").unlink()
    (site / "empty").rmdir()
    (site / "img" / "x.bin").unlink()
    kept = foretold(server, site)
    assert kept["operations"] == [] and server_tree(server) == expected(SITE)
    server.put("img/theirs.png", "foreign")
    done = foretold(server, site, delete=True, protect=["zero.*"])
    assert done["deleted"] == ["css/a.css", "css/deep/b.css", "img/x.bin", "empty", "css/deep", "css"]
    assert server_tree(server) == expected(
        {"index.html": "<html>", ".htaccess": "Options -Indexes", "zero.txt": "", "img/theirs.png": "foreign"}
    )
    assert_settled(server, site, delete=True, protect=["zero.*"])
    assert foretold(server, site, delete=True)["deleted"] == ["zero.txt"]


def test_what_was_changed_on_the_server_is_not_deleted(server: Server, site: Path) -> None:
    deploy(server, site)
    (site / "zero.txt").unlink()
    server.put("zero.txt", "not ours any more")
    found = foretold(server, site, delete=True)
    assert [c["path"] for c in found["conflicts"]] == ["zero.txt"] and found["deleted"] == []
    assert "zero.txt" in "".join(found["warnings"])
    server.mark()
    refused = attempt(server, site, delete=True, resolve="fail")
    assert refused["raised"] == "PlanRefused" and "zero.txt" in refused["error"]
    assert write_commands(server) == []
    assert foretold(server, site, delete=True, resolve="local")["deleted"] == ["zero.txt"]
    assert_settled(server, site, delete=True)


def test_excluded_files_on_the_server_go_only_with_delete_unmatched(server: Server, site: Path) -> None:
    deploy(server, site)
    rules: dict[str, t.Any] = {"delete": True, "exclude": ["*.css", "/img/"]}
    assert foretold(server, site, **rules)["operations"] == []
    done = foretold(server, site, delete_unmatched=True, **rules)
    assert done["deleted"] == ["css/a.css", "css/deep/b.css", "img/x.bin", "img"]
    assert_settled(server, site, delete_unmatched=True, **rules)


@pytest.mark.parametrize(
    ("limit", "allowed"),
    [(0, False), (1, False), (2, True), ("2", True), ("33%", False), ("34%", True), ("100%", True)],
)
def test_max_delete(ftp_server: t.Callable[..., Server], site: Path, limit: int | str, allowed: bool) -> None:
    server = ftp_server()
    deploy(server, site)
    shutil.rmtree(site / "css")  # 2 of 6 files
    before = server_tree(server, state=True)
    server.mark()
    for check in (True, False):
        found = attempt(server, site, delete=True, max_delete=limit, check=check)
        if allowed:
            assert found["error"] is None and len(found["deleted"]) == 4
        else:
            assert found["raised"] == "PlanRefused" and "max_delete" in found["error"] and "2 of 6" in found["error"]
            assert write_commands(server) == [] and server_tree(server, state=True) == before


def test_any_time_of_a_file_is_settled_after_one_run(server: Server, tmp_path: Path) -> None:
    moments = [0, 1, 951_782_400, 2**31 - 1, 2**31, 2**32 + 7, 7_258_118_400]
    for moment in moments:
        write_tree(tmp_path / "site", {f"{moment}.txt": "a"}, mtime=moment)
    deploy(server, tmp_path / "site")
    assert_settled(server, tmp_path / "site")


def test_times_with_fractions(server: Server, site: Path) -> None:
    for number, path in enumerate(FILES):
        os.utime(site / path, ns=(0, EARLIER * 10**9 + number * 199_999_999 + 1))
    deploy(server, site)
    assert_settled(server, site)
