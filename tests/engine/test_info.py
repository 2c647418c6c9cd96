# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at a server: what is told is true, and nothing is changed by it."""

from __future__ import annotations

import os
import threading
import time
import typing as t
from pathlib import Path

import pytest

from ftpsync import target
from ftpsync.errors import FtpSyncError
from ftpsync.info import probe
from ftpsync.info import run as info
from tests.engine.conftest import deploy, server_tree, times, tree_of, write_tree
from tests.servers import Server


def look(server: Server, *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    """What the engine tells, by the keys of the module's result, with `warnings` and `error`."""
    given = {"use_netrc": False, **server.connection(), **options}
    site = target.validate(given)
    found = info.gather(info.validate(given, site), check=check)
    return {**found.as_dict(), "warnings": found.warnings, "error": found.error}


def only_look(server: Server, **options: t.Any) -> dict[str, t.Any]:
    """The same, having made sure that nothing was sent or changed."""
    server.mark()
    before = server_tree(server, state=True), times(server.root)
    found = look(server, **options)
    assert server.writes() == []
    assert (server_tree(server, state=True), times(server.root)) == before
    assert found["error"] is None, found
    return found


def test_an_empty_folder(server: Server) -> None:
    found = only_look(server, drift="quick", path=".")
    assert found["remote_exists"] is True
    assert found["manifest"] == {
        "present": False,
        "message": None,
        "generation": None,
        "written": None,
        "files": 0,
        "directories": 0,
        "bytes": 0,
        "interrupted": False,
    }
    assert found["exists"] is True and found["entries"] == []
    assert found["drifted"] == found["missing"] == found["unmanaged"] == found["backups"] == []
    assert found["lock"] is None and found["probe"] is None and found["time_offset"] is None


def test_facts_about_the_server(server: Server) -> None:
    found = only_look(server)["server"]
    assert found["features"]
    if not server.tls:
        assert found["certificate"] is None and found["tls_session_resumed"] is None
        return
    assert found["tls"].startswith("TLSv1")
    assert found["certificate_sha256"] == server.fingerprint
    assert found["certificate"]["names"] and found["certificate"]["subject"]
    assert found["certificate"]["not_before"] < time.strftime("%Y-%m-%dT%H:%M:%SZ") < found["certificate"]["not_after"]
    if server.kind in ("vsftpd", "proftpd"):  # they demand it
        assert found["tls_session_resumed"] is True


def test_a_published_site(server: Server, site: Path) -> None:
    deploy(server, site, backup=2)
    write_tree(site, {"index.html": "<html>2"})
    deploy(server, site, backup=2)
    found = only_look(server, drift="deep")
    assert found["manifest"]["present"] and found["manifest"]["generation"] == 2
    assert found["manifest"]["files"] == 6
    assert found["manifest"]["bytes"] == sum(len(content) for content in tree_of(site).values() if content)
    assert found["manifest"]["written"].endswith("Z")
    assert abs(found["time_offset"]) <= 3
    assert found["lists_dot_files"] is True
    assert len(found["backups"]) >= 1
    assert found["drifted"] == found["missing"] == found["unmanaged"] == found["differences"] == []


def test_drift_is_found(server: Server, site: Path) -> None:
    deploy(server, site)
    server.put("css/a.css", "longer than before")
    (server.root / "css/deep/b.css").unlink()
    server.put("uploads/deep/cat.jpg", "cat")
    server.put("css/stranger.css", "x")
    hidden = server.root / "index.html"
    status = hidden.stat()
    server.put("index.html", "<HTML>")  # same size, same time: only the content tells
    os.utime(hidden, (status.st_mtime, status.st_mtime))
    quick = only_look(server, drift="quick")
    assert quick["drifted"] == ["css/a.css"]
    assert quick["missing"] == ["css/deep/b.css"]
    assert quick["unmanaged"] == ["css/stranger.css", "uploads"]
    deep = only_look(server, drift="deep", exclude=["/uploads/"])
    assert deep["drifted"] == ["css/a.css", "index.html"]
    assert deep["missing"] == ["css/deep/b.css"]
    assert deep["unmanaged"] == ["css/stranger.css"]
    reasons = {difference["path"]: difference["reason"] for difference in deep["differences"]}
    assert reasons["index.html"] == "content differs"
    assert reasons["css/a.css"].startswith("content differs, 18 bytes instead of")
    assert reasons["css/deep/b.css"] == "missing"


def test_a_damaged_record_is_a_message_and_fails_only_who_needs_it(server: Server) -> None:
    server.put(".ftpsync/manifest.json", "nonsense")
    found = only_look(server)
    assert found["manifest"]["present"] is True
    assert "damaged" in found["manifest"]["message"]
    needing = look(server, drift="quick")
    assert "drift: quick needs the record" in needing["error"]
    assert needing["server"] and needing["manifest"] == found["manifest"]


def test_the_holder_of_the_lock(server: Server) -> None:
    server.put(".ftpsync/lock/owner.json", '{"host": "elsewhere", "pid": 7, "started": "2026-01-02"}')
    assert only_look(server)["lock"] == {"holder": "process 7 on elsewhere since 2026-01-02", "dead": False}
    server.put(".ftpsync/lock/owner.json", "")
    assert only_look(server)["lock"] == {"holder": "another run", "dead": False}


def test_listing(server: Server) -> None:
    server.put("a b/ü.txt", "12345", mtime=1_700_000_000)
    server.put("a b/deep/x.html", "1")
    server.put("top.html", "22")
    server.put(".ftpsync/stage/hidden", "")
    flat = only_look(server, path=".")
    assert [entry["path"] for entry in flat["entries"]] == [".ftpsync", "a b", "top.html"]
    deep = only_look(server, path="a b/", recursive=True)
    assert [(e["path"], e["type"], e["size"]) for e in deep["entries"]] == [
        ("a b/deep", "directory", None),
        ("a b/deep/x.html", "file", 1),
        ("a b/ü.txt", "file", 5),
    ]
    assert deep["entries"][2]["mtime"] == "2023-11-14T22:13:20Z"
    assert deep["entries"][2]["mode"] == "0644"
    everything = only_look(server, path="", recursive=True)
    paths = [entry["path"] for entry in everything["entries"]]
    assert paths == [".ftpsync", "a b", "a b/deep", "a b/deep/x.html", "a b/ü.txt", "top.html"]
    matched = only_look(server, path=".", recursive=True, match=["*.html"], exclude=["deep/"])
    assert [entry["path"] for entry in matched["entries"]] == ["top.html"]
    absolute = only_look(server, path=f"{server.folder}/a b")
    assert [entry["path"] for entry in absolute["entries"]] == [
        f"{server.folder}/a b/deep",
        f"{server.folder}/a b/ü.txt",
    ]
    file = only_look(server, path="a b/ü.txt")
    assert file["exists"] is True
    assert [(e["path"], e["size"]) for e in file["entries"]] == [("a b/ü.txt", 5)]
    assert only_look(server, path="a b/none")["exists"] is False
    assert only_look(server, path="none/none")["exists"] is False


def test_a_folder_that_is_not_there(server: Server) -> None:
    found = only_look(server.at("x"), remote=f"{server.url}/nowhere", drift="quick", path=".")
    assert found["remote_exists"] is False and found["exists"] is False
    assert found["manifest"]["present"] is False


@pytest.mark.parametrize("state_exists", [False, True])
def test_a_probe_tells_what_it_tried_and_leaves_nothing(server: Server, site: Path, state_exists: bool) -> None:
    if state_exists:
        deploy(server, site)
    before = server_tree(server, state=True)
    found = look(server, probe=True, connections=3)
    assert found["error"] is None, found
    assert server_tree(server, state=True) == before
    tried = found["probe"]
    assert tried["rename_replaces"] is True and tried["rename_into_other_folder"] is True
    assert tried["case_sensitive"] is True
    assert tried["sets_times"] is True and tried["sets_modes"] is True
    assert tried["lists_dot_files"] is found["lists_dot_files"] is True
    assert tried["time_offset"] == found["time_offset"] == 0
    assert tried["connections"] == {"asked": 3, "opened": 3, "message": None}
    assert set(tried["names"]) == set(probe.NAMES)
    assert [tried["names"][label] for label in ("space", "utf8_nfc", "utf8_nfd", "long")] == ["kept"] * 4
    altered = {label: verdict for label, verdict in tried["names"].items() if verdict != "kept"}
    assert all(verdict.startswith(("altered: ", "refused: ", "not listed")) for verdict in altered.values()), altered


def test_a_probe_is_not_made_in_check_mode(server: Server) -> None:
    server.mark()
    found = look(server, check=True, probe=True)
    assert server.writes() == [] and found["probe"] is None
    assert "check mode" in found["warnings"][0]


def test_a_probe_where_nothing_may_be_written(ftp_server: t.Callable[..., Server]) -> None:
    server = ftp_server("pyftpdlib", deny=["MKD"])
    found = look(server, probe=True)
    assert found["error"].startswith("probe: ") and "cannot be created" in found["error"]
    assert found["probe"] is None and found["server"]
    assert server_tree(server, state=True) == {}


def test_a_probe_that_is_interrupted_leaves_nothing(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_args: object) -> t.NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(probe._Scratch, "attributes", interrupt)
    with pytest.raises(KeyboardInterrupt):
        look(server, probe=True)
    assert server_tree(server, state=True) == {}


def test_the_limit_of_connections(ftp_server: t.Callable[..., Server]) -> None:
    server = ftp_server("vsftpd", max_clients_per_address=2)
    tried = look(server, probe=True, connections=4)["probe"]["connections"]
    assert tried["asked"] == 4 and tried["opened"] == 2
    assert tried["message"]


def test_a_server_of_old(ftp_server: t.Callable[..., Server], site: Path) -> None:
    server = ftp_server("vsftpd", deny=["SIZE", "MDTM", "FEAT"]).at("x")
    server.put("a/x", "x")
    found = only_look(server, path=".", recursive=True, drift="quick")
    assert [entry["path"] for entry in found["entries"]] == ["a", "a/x"] and found["unmanaged"] == ["a"]
    tried = look(server, probe=True)
    assert tried["error"] is None and tried["probe"]["rename_replaces"] is True and tried["time_offset"] is None


def test_nothing_goes_on_afterwards(server: Server) -> None:
    look(server, path=".", recursive=True, drift="deep", probe=True)
    assert [thread for thread in threading.enumerate() if thread.name == "ftp"] == []


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"drift": "slow"}, "drift: 'slow'"),
        ({"path": "../x"}, "path: '../x'"),
        ({"recursive": True}, "recursive: "),
        ({"match": ["*.html"]}, "match: "),
        ({"exclude": [""]}, "exclude"),
    ],
)
def test_options_that_cannot_be_meant(options: dict[str, t.Any], named: str) -> None:
    given = {"remote": "ftps://h/x", **options}
    with pytest.raises(FtpSyncError) as error:
        info.validate(given, target.validate(given))
    assert str(error.value).startswith(named)
