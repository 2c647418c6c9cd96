# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One remote path: as foretold, once, never in part, and nothing beside it."""

from __future__ import annotations

import hashlib
import os
import time
import typing as t
from pathlib import Path
from unittest.mock import Mock

import pytest

from ftpsync import target
from ftpsync.errors import ConnectionLost, FtpSyncError
from ftpsync.ftp.session import Session
from ftpsync.remote_file import plan as remote_file_plan
from ftpsync.remote_file import report as remote_file_report
from ftpsync.remote_file import run as remote_file
from tests.engine.conftest import deploy, server_tree, times
from tests.servers import Server

TEXT = "<h1>Back soon</h1>\n"


@pytest.fixture
def server(plain_server: Server) -> Server:
    """Without TLS, which makes no difference to what is tested here; the playbooks use it."""
    return plain_server


def attempt(server: Server, *, check: bool = False, diff: bool = False, **options: t.Any) -> dict[str, t.Any]:
    """One run, as the module makes it; a failure of either sort is `error`."""
    given = {"use_netrc": False, "retries": 2, **server.connection(), **options}
    wanted = remote_file_plan.validate(given, target.validate(given))
    try:
        result = remote_file.change(wanted, check=check, diff=diff)
    except FtpSyncError as error:
        result = remote_file_report.Result(error=str(error))
    found = {**remote_file_report.to_dict(wanted, result), "warnings": list(result.warnings), "error": result.error}
    if diff:
        found["diff"] = remote_file_report.diff(wanted, result)
    if result.error is not None:
        assert "\n" not in result.error and server.password not in result.error
    return found


def make(server: Server, **options: t.Any) -> dict[str, t.Any]:
    """A check that changes nothing, a run that does what was foretold, and one that has nothing to do."""
    server.mark()
    before = server_tree(server, state=True), times(server.root)
    foretold = attempt(server, check=True, diff=True, **options)
    assert (server_tree(server, state=True), times(server.root)) == before
    assert server.writes() == []
    done = attempt(server, diff=True, **options)
    assert done["error"] is None, done
    assert foretold == done
    server.mark()
    before = server_tree(server, state=True), times(server.root)
    again = attempt(server, diff=True, **options)
    assert again["error"] is None and again["changed"] is False, again
    assert again["operations"] == [] and again["diff"] == [] and again["warnings"] == []
    assert server.writes() == []
    assert (server_tree(server, state=True), times(server.root)) == before
    return done


def refused(server: Server, named: str, **options: t.Any) -> None:
    """Check and run fail alike, with nothing sent that writes."""
    server.mark()
    before = server_tree(server, state=True)
    foretold, done = attempt(server, check=True, **options), attempt(server, **options)
    assert named in (done["error"] or ""), done
    assert foretold == done and not done["changed"]
    assert server.writes() == [] and server_tree(server, state=True) == before


def actions(done: dict[str, t.Any]) -> list[tuple[str, str]]:
    return [(operation["operation"], operation["path"].rpartition("/")[2]) for operation in done["operations"]]


# ---------------------------------------------------------------------- file


def test_a_text(server: Server) -> None:
    done = make(server, path="maintenance.html", content=TEXT)
    assert server_tree(server) == {"maintenance.html": TEXT.encode()}
    assert actions(done) == [("upload", "maintenance.html")]
    assert done["path"] == f"{server.folder}/maintenance.html"
    assert done["checksum"] == hashlib.sha256(TEXT.encode()).hexdigest() and done["size"] == len(TEXT)
    assert done["diff"][0]["before"] == "" and done["diff"][0]["after"] == TEXT
    changed = make(server, path="maintenance.html", content=TEXT.replace("soon", "Soon"))
    assert changed["operations"][0]["reason"] == "content differs"
    assert changed["diff"][0]["before"] == TEXT
    make(server, path="maintenance.html", content="")
    assert server_tree(server) == {"maintenance.html": b""}


def test_a_file_in_folders_that_are_missing(server: Server, tmp_path: Path) -> None:
    source = tmp_path / "x.bin"
    source.write_bytes(os.urandom(3_000_000))
    done = make(server, path="a b/ü/x.bin", src=str(source), mode="0600")
    assert actions(done) == [("create_directory", "a b"), ("create_directory", "ü"), ("upload", "x.bin")]
    assert server_tree(server)["a b/ü/x.bin"] == source.read_bytes()
    assert (server.root / "a b/ü/x.bin").stat().st_mode & 0o777 == 0o600
    assert done["diff"][0] == {
        "before_header": f"{server.folder}/a b/ü/x.bin",
        "after_header": str(source),
        "src_larger": remote_file_report.MAX_DIFF,
    }
    source.write_bytes(b"\0" * 3_000_000)  # same size
    make(server, path="a b/ü/x.bin", src=str(source))
    assert server_tree(server)["a b/ü/x.bin"] == source.read_bytes()
    assert (server.root / "a b/ü/x.bin").stat().st_mode & 0o777 == 0o600  # as the replaced one had it
    binary = make(server, path="a b/ü/x.bin", content="small\0")
    assert binary["diff"][0]["dst_larger"] and make(server, path="b", content="\0")["diff"][0]["src_binary"] == 1
    refused(server, "set parents: true", path="none/x", content="x", parents=False)


def test_a_mode_alone(server: Server) -> None:
    server.put("x", "x")
    done = make(server, path="x", content="x", mode="0640")
    assert actions(done) == [("set_mode", "x")]
    assert done["diff"] == [{"before": f"{server.folder}/x (mode 0644)\n", "after": f"{server.folder}/x (mode 0640)\n"}]
    assert (server.root / "x").stat().st_mode & 0o777 == 0o640


def test_without_force_a_file_is_left_alone(server: Server) -> None:
    server.put("x", "old")
    done = attempt(server, path="x", content="new", force=False)
    assert not done["changed"] and server_tree(server) == {"x": b"old"}
    make(server, path="y", content="new", force=False)


@pytest.mark.parametrize("name", ["[x]*? a", "e\u0301", ".dot"])
def test_names(server: Server, name: str) -> None:
    make(server, path=name, content="x")
    assert server_tree(server) == {name: b"x"}
    make(server, path=f"folder/{name}", state="directory")
    make(server, path=name, state="moved", dest=f"folder/{name}/{name}")
    assert server_tree(server) == {"folder": None, f"folder/{name}": None, f"folder/{name}/{name}": b"x"}


def test_more_names(server: Server) -> None:
    names = ["a b.txt", " a", "a'b\"c", "\u00e9", "a%20#b", "-a", "\U0001f600"]
    for name in names:
        assert attempt(server, path=name, content="x")["error"] is None
    assert server_tree(server) == dict.fromkeys(names, b"x")
    server.mark()
    assert not any(attempt(server, path=name, content="x")["changed"] for name in names)
    assert server.writes() == []


def test_names_that_a_server_alters_fail_and_leave_nothing(ftp_server: t.Callable[..., Server]) -> None:
    server = ftp_server("pure-ftpd")
    assert "does not keep this name" in attempt(server, path="a ", content="x")["error"]
    assert "refuses this name" in attempt(server, path="a\\b", content="x")["error"]
    make(server, path="x", content="x")
    assert "does not keep this name" in attempt(server, path="x", state="moved", dest="a ")["error"]
    make(server, path="x", state="absent")
    assert server_tree(server) == {}


def test_what_stands_in_the_way(server: Server) -> None:
    server.put("file", "x")
    server.put("folder/x", "x")
    refused(server, "is a directory on the server", path="folder", content="x")
    refused(server, "is a file on the server", path="file", state="directory")
    refused(server, "is no folder on the server", path="file/x/y", content="x")
    refused(server, "is no folder on the server", path="file/x", state="directory")
    refused(server, "neither", path="none", state="moved", dest="nowhere")
    refused(server, "may take the place", path="file", state="moved", dest="folder")
    refused(server, "may take the place", path="folder", state="moved", dest="file")
    refused(server, "is not empty: x;", path="folder", state="absent")
    refused(server, "src: /does/not/exist", path="file", src="/does/not/exist")


def test_nothing_is_left_of_a_failed_upload(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server.put("x", "old")
    monkeypatch.setattr("ftpsync.remote_file.apply._verify", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        attempt(server, path="new", content="new")
    monkeypatch.undo()
    real = Session.store

    def cut(self: Session, path: str, source: t.Any, size: int | None, **options: t.Any) -> t.NoReturn:
        real(self, path, source, size)
        self.drop()
        raise ConnectionLost("cut")

    monkeypatch.setattr(Session, "store", cut)
    done = attempt(server, path="x", content="other", retries=1)
    assert "cut" in done["error"] and not done["changed"]
    assert server_tree(server) == {"x": b"old", "new": b"new"}


def test_a_lost_answer_is_no_failure(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = Session.store, []

    def once(self: Session, *args: t.Any, **options: t.Any) -> t.Any:
        stored = real(self, *args, **options)
        calls.append(1)
        if len(calls) == 1:
            self.drop()
            raise ConnectionLost("cut")
        return stored

    monkeypatch.setattr(Session, "store", once)
    done = attempt(server, path="x", content="x")
    assert done["error"] is None and server_tree(server) == {"x": b"x"}


def test_a_server_of_old(ftp_server: t.Callable[..., Server]) -> None:
    server = ftp_server("vsftpd", deny=["SIZE", "MDTM", "FEAT"])
    make(server, path="a b/.x", content="x")
    make(server, path="a b/.x", state="moved", dest=" y")
    make(server, path="a b", state="absent")
    make(server, path=" y", content="z")
    assert server_tree(server) == {" y": b"z"}
    assert attempt(server, path=" y", state="touch", mtime="now")["error"].startswith("mtime: ")
    server = ftp_server("vsftpd", deny=["SITE"])
    for options in ({"path": "f", "content": "x"}, {"path": "d", "state": "directory"}):
        done = attempt(server, mode="0600", **options)
        assert done["error"].startswith("mode: ") and done["changed"] and len(done["operations"]) == 1
    assert server_tree(server) == {"f": b"x", "d": None}


@pytest.mark.parametrize("state", ["file", "moved"])
def test_where_no_rename_replaces_a_file(ftp_server: t.Callable[..., Server], state: str) -> None:
    server = ftp_server("proftpd", extra=["AllowOverwrite off"])
    server.put("x", "old")
    if state == "file":
        make(server, path="x", content="new")
    else:
        server.put("y", "new")
        make(server, path="y", state="moved", dest="x")
    assert server_tree(server) == {"x": b"new"}


# ---------------------------------------------------------------------- the other states


def test_directories(server: Server) -> None:
    done = make(server, path="a/b c/d", state="directory", mode="0750")
    assert actions(done) == [("create_directory", "a"), ("create_directory", "b c"), ("create_directory", "d")]
    assert (server.root / "a/b c/d").stat().st_mode & 0o777 == 0o750
    assert (server.root / "a").stat().st_mode & 0o777 != 0o750
    assert actions(make(server, path="a", state="directory", mode="0750")) == [("set_mode", "a")]
    root = make(server, path=".", remote=f"{server.url}/deep/site", state="directory")
    assert actions(root) == [("create_directory", "deep"), ("create_directory", "site")]


def test_touch(server: Server) -> None:
    make(server, path="tmp/restart.txt", state="touch")
    assert server_tree(server) == {"tmp": None, "tmp/restart.txt": b""}
    server.put("full", "content", mtime=1_600_000_000)
    assert not attempt(server, path="full", state="touch")["changed"]
    done = make(server, path="full", state="touch", mtime="2021-03-04T05:06:07Z")
    assert actions(done) == [("set_time", "full")]
    assert int((server.root / "full").stat().st_mtime) == 1614834367
    assert done["diff"][0]["after"].endswith("(time 2021-03-04T05:06:07Z)\n")
    assert attempt(server, path="full", state="touch", mtime="now")["changed"]
    assert abs((server.root / "full").stat().st_mtime - time.time()) < 5
    assert server_tree(server)["full"] == b"content"
    make(server, path="new", state="touch", mtime="2021-03-04T05:06:07Z")


def test_absent(server: Server) -> None:
    server.put("x", "x")
    server.put("full/a", "a")
    server.put("full/deep/.hidden", "b")
    (server.root / "link").symlink_to("full")
    make(server, path="none", state="absent")
    make(server, path="none/none", state="absent")
    assert actions(make(server, path="x", state="absent")) == [("delete", "x")]
    make(server, path="link", state="absent")
    assert "full/a" in server_tree(server)
    done = make(server, path="full", state="absent", recurse=True)
    assert actions(done) == [("delete", "a"), ("delete", ".hidden"), ("delete", "deep"), ("delete", "full")]
    assert server_tree(server) == {}


def test_a_tree_is_deleted_without_what_links_in_it_lead_to(server: Server) -> None:
    server.put("precious/a", "a")
    server.put("old/x", "x")
    (server.root / "old/uploads").symlink_to("../precious")
    (server.root / "old/one").symlink_to("../precious/a")
    make(server, path="old", state="absent", recurse=True)
    assert server_tree(server) == {"precious": None, "precious/a": b"a"}


def test_moves(server: Server) -> None:
    server.put("a/x", "x")
    server.put("y", "y")
    done = make(server, path="a/x", state="moved", dest="b/c/x", mode="0600")
    assert actions(done) == [("create_directory", "b"), ("create_directory", "c"), ("move", "x"), ("set_mode", "x")]
    assert server_tree(server) == {"a": None, "b": None, "b/c": None, "b/c/x": b"x", "y": b"y"}
    refused(server, "set force: true", path="y", state="moved", dest="b/c/x", force=False)
    make(server, path="y", state="moved", dest="b/c/x")
    make(server, path="b", state="moved", dest="d")
    assert server_tree(server) == {"a": None, "d": None, "d/c": None, "d/c/x": b"y"}


# ---------------------------------------------------------------------- beside a published site


def test_what_was_published_is_pointed_out_and_its_record_left_alone(server: Server, site: Path) -> None:
    deploy(server, site)
    record = (server.root / ".ftpsync/manifest.json").read_bytes()
    done = attempt(server, path="index.html", content=TEXT)
    assert done["changed"] and "index.html was published by ftp_sync" in done["warnings"][0]
    assert attempt(server, check=True, path="css", state="absent", recurse=True)["warnings"]
    assert attempt(server, path="new.html", content=TEXT)["warnings"] == []
    assert attempt(server, path="index.html", content=TEXT)["warnings"] == []
    assert (server.root / ".ftpsync/manifest.json").read_bytes() == record
    assert deploy(server, site)["drifted"] == ["index.html"]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({}, "path: is missing"),
        ({"path": "x"}, "state: file needs"),
        ({"path": "x", "src": "a", "content": "b"}, "src and content"),
        ({"path": "x", "state": "gone"}, "state: 'gone'"),
        ({"path": "../x", "content": ""}, "path: '../x'"),
        ({"path": ".ftpsync/manifest.json", "state": "absent"}, "path: '.ftpsync/manifest.json' lies in state_dir"),
        ({"path": "/h/.ftpsync", "state": "absent", "recurse": True}, "path: '/h/.ftpsync' lies in state_dir"),
        ({"path": "x", "state": "moved"}, "state: moved needs dest"),
        ({"path": "x", "state": "moved", "dest": "x/y"}, "dest: "),
        ({"path": "x", "state": "moved", "dest": "x"}, "dest: "),
        ({"path": "x", "state": "touch", "dest": "y"}, "dest: is for state: moved"),
        ({"path": "x", "state": "touch", "content": "y"}, "state: touch takes neither"),
        ({"path": "x", "state": "touch", "recurse": True}, "recurse: is for"),
        ({"path": "x", "state": "absent", "mode": "0644"}, "mode: contradicts"),
        ({"path": "x", "state": "directory", "mtime": "now"}, "mtime: is for"),
        ({"path": "x", "state": "touch", "mtime": "yesterday"}, "mtime: 'yesterday'"),
        ({"path": "x", "content": "", "mode": "rw"}, "mode: 'rw'"),
        ({"path": "/", "state": "absent", "recurse": True}, "path: the server's root"),
    ],
)
def test_options_that_cannot_be_meant(options: dict[str, t.Any], named: str) -> None:
    given = {"remote": "ftps://host/h", **options}
    with pytest.raises(FtpSyncError) as error:
        remote_file_plan.validate(given, target.validate(given))
    assert str(error.value).startswith(named)
