# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Download, two-way runs, and uploads with records in folders, by the options of the module."""

from __future__ import annotations

import shutil
import typing as t
from pathlib import Path

import pytest

from tests.engine.conftest import SITE, attempt, expected, put_tree, settings, tree_of, write_tree
from tests.engine.two_sides import LATER, META, assert_settled, foretold, here, refused, run, there
from tests.servers import Server

StartServer = t.Callable[..., Server]


# ---------------------------------------------------------------------- first run, second run


@pytest.mark.parametrize("record", ["folder", "none"])
def test_a_download(server: Server, tmp_path: Path, record: str) -> None:
    local = tmp_path / "new" / "folder"
    put_tree(server, SITE)
    done = foretold(server, local, record=record)
    assert sorted(done["downloaded"]) == sorted(path for path, content in SITE.items() if content is not None)
    assert done["created_directories"] == ["css", "css/deep", "empty", "img"]
    assert done["uploaded"] == done["deleted"] == done["conflicts"] == []
    assert {o["side"] for o in done["operations"]} == {"local"}
    assert done["stats"]["downloaded_bytes"] == sum(len(c) for c in SITE.values() if c is not None)
    assert done["stats"]["sent_bytes"] == 0 and done["server"]
    assert here(local) == expected(SITE) and (local / META).exists() == (record == "folder")
    assert server.writes() == [], "a download writes nothing on the server"
    assert_settled(server, local, record=record)
    assert_settled(server, local, record=record, delete=True, force=False)
    server.put("css/a.css", "changed", LATER)
    server.put("new/er.txt", "new", LATER)
    (server.root / "index.html").unlink()
    done = foretold(server, local, record=record, delete=True)
    assert (done["downloaded"], done["deleted"]) == (["css/a.css", "new/er.txt"], ["index.html"])
    assert here(local) == there(server)
    assert server.writes() == []
    assert_settled(server, local, record=record, delete=True)


def test_a_two_way_run(server: Server, local: Path) -> None:
    write_tree(local, {"mine/a.txt": "a", "both.txt": "same"})
    put_tree(server, {"theirs/b.txt": "b", "both.txt": "same"})
    done = foretold(server, local, "sync")
    assert (done["uploaded"], done["downloaded"], done["deleted"]) == (["mine/a.txt"], ["theirs/b.txt"], [])
    assert [(o["path"], o["side"]) for o in done["operations"] if o["operation"] == "create_directory"] == [
        ("mine", "remote"),
        ("theirs", "local"),
    ]
    assert here(local) == there(server) == expected({"mine/a.txt": "a", "theirs/b.txt": "b", "both.txt": "same"})
    assert_settled(server, local, "sync")
    write_tree(local, {"mine/a.txt": "changed here"}, LATER)
    (local / "theirs" / "b.txt").unlink()
    server.put("new.txt", "new", LATER)
    done = foretold(server, local, "sync")
    assert (done["uploaded"], done["downloaded"], done["deleted"]) == (["mine/a.txt"], ["new.txt"], ["theirs/b.txt"])
    assert {o["path"]: o["reason"] for o in done["operations"]} == {
        "mine/a.txt": "changed here",
        "new.txt": "new on the server",
        "theirs/b.txt": "deleted here",
    }
    assert here(local) == there(server)
    shutil.rmtree(server.root / "mine")
    done = foretold(server, local, "sync")
    assert done["deleted"] == ["mine/a.txt", "mine"] and {o["side"] for o in done["operations"]} == {"local"}
    assert_settled(server, local, "sync")


def test_an_upload_with_records_in_folders(server: Server, local: Path) -> None:
    write_tree(local, SITE)
    done = foretold(server, local, "upload", record="folder")
    assert there(server) == expected(SITE) and {o["side"] for o in done["operations"]} == {"remote"}
    assert ".ftpsync" not in tree_of(server.root)
    assert_settled(server, local, "upload", record="folder")
    (local / "img" / "x.bin").unlink()
    server.put("theirs.txt", "x", LATER)
    assert foretold(server, local, "upload", record="folder")["deleted"] == []
    done = foretold(server, local, "upload", record="folder", delete=True)
    assert done["deleted"] == ["img/x.bin", "theirs.txt"]
    assert_settled(server, local, "upload", record="folder", delete=True)


def test_a_two_way_run_without_records(server: Server, local: Path) -> None:
    write_tree(local, {"a": "1", "older": "o"})
    put_tree(server, {"b": "2", "older": "newer there"}, LATER)
    options = {"record": "none"}
    done = foretold(server, local, "sync", **options)
    assert (done["uploaded"], done["downloaded"], done["deleted"]) == (["a"], ["b", "older"], [])
    assert not (local / META).exists()
    assert_settled(server, local, "sync", **options)
    (local / "a").unlink()
    assert foretold(server, local, "sync", **options)["downloaded"] == ["a"], "nobody knows that it was deleted"


def test_a_server_that_cannot_set_times(ftp_server: StartServer, local: Path) -> None:
    server = ftp_server(deny=["MFMT", "SITE"])
    write_tree(local, SITE)
    for direction, options in (("sync", {}), ("upload", {"record": "folder"})):
        foretold(server, local, direction, **options)
        assert there(server) == here(local)
        assert_settled(server, local, direction, **options)
        server.put("css/a.css", direction, LATER + len(direction))
        done = foretold(server, local, direction, **options)
        assert (done["downloaded"] if direction == "sync" else done["uploaded"]) == ["css/a.css"]
        assert_settled(server, local, direction, **options)


def test_the_state_of_other_runs_is_no_content(server: Server, local: Path, tmp_path: Path) -> None:
    site = write_tree(tmp_path / "site", SITE)
    assert attempt(server, site, backup=1)["error"] is None  # an upload that keeps its record on the server
    state = {p: c for p, c in tree_of(server.root).items() if p.split("/")[0] == ".ftpsync"}
    assert state
    foretold(server, local, delete=True, delete_unmatched=True)
    assert here(local) == expected(SITE)
    foretold(server, local, "sync")
    write_tree(local, {".ftpsync/private.txt": "not theirs either"})
    foretold(server, local, "upload", record="folder", delete=True, delete_unmatched=True)
    assert {p: c for p, c in tree_of(server.root).items() if p.split("/")[0] == ".ftpsync"} == state
    foretold(server, local, delete=True, delete_unmatched=True)
    assert (local / ".ftpsync" / "private.txt").exists()
    server.put("private/state/manifest.json", "{}")
    assert "private" in foretold(server, local, state_dir="private/state")["created_directories"]
    assert "private/state" not in tree_of(local)


def test_the_result_has_no_password_and_what_was_wanted(plain_server: Server, local: Path) -> None:
    put_tree(plain_server, {"x": "x"})
    done = run(plain_server, local)
    assert plain_server.password not in str(done)
    assert settings(plain_server, local)["password"] == plain_server.password


def test_what_was_equal_from_the_beginning_is_recorded(plain_server: Server, tmp_path: Path) -> None:
    """So that a later deletion, or an edit of one side, is known for what it is."""
    tree = write_tree(tmp_path / "tree", {"a.txt": b"a", "b.txt": b"b", "old/c.txt": b"c"})
    for path in ("a.txt", "b.txt", "old/c.txt"):
        plain_server.put(path, (tree / path).read_bytes(), (tree / path).stat().st_mtime)
    assert run(plain_server, tree, "sync")["changed"] is False
    shutil.rmtree(tree / "old")
    plain_server.put("a.txt", b"edited", LATER)
    (plain_server.root / "b.txt").unlink()
    done = foretold(plain_server, tree, "sync")
    assert (done["downloaded"], done["deleted"], done["conflicts"]) == (["a.txt"], ["b.txt", "old/c.txt", "old"], [])
    assert_settled(plain_server, tree, "sync")


# ---------------------------------------------------------------------- force, drift, conflicts


@pytest.mark.parametrize("force", [True, False])
def test_what_drifted_at_the_destination_of_a_download(shared: Server, local: Path, force: bool) -> None:
    write_tree(local, {"css/a.css": "edited here"}, LATER)
    (local / "index.html").unlink()
    shutil.rmtree(local / "img")
    done = foretold(shared, local, force=force)
    assert done["drifted"] == ["css/a.css", "img", "index.html"]
    if force:
        assert done["downloaded"] == ["css/a.css", "img/x.bin", "index.html"]
        assert here(local) == expected(SITE)
        assert_settled(shared, local, delete=True)
    else:
        assert done["operations"] == [] and done["conflicts"] == []
        (warning,) = done["warnings"]
        assert "css/a.css, img, index.html changed here" in warning and "force: true" in warning


def test_what_drifted_on_the_server_of_an_upload(shared: Server, local: Path) -> None:
    shared.put("css/a.css", "edited there", LATER)
    (shared.root / "index.html").unlink()
    left = foretold(shared, local, "upload", record="folder", force=False)
    assert left["drifted"] == ["css/a.css", "index.html"] and left["operations"] == []
    assert "changed on the server" in left["warnings"][0]
    done = foretold(shared, local, "upload", record="folder")
    assert done["uploaded"] == done["drifted"] == ["css/a.css", "index.html"]
    assert_settled(shared, local, "upload", record="folder", delete=True)


def test_protected_drift_is_nobodys_business(shared: Server, local: Path) -> None:
    write_tree(local, {"css/a.css": "edited here"}, LATER)
    done = foretold(shared, local, protect=["/css/"])
    assert done["drifted"] == done["operations"] == done["warnings"] == []


def test_force_decides_what_the_source_has(shared: Server, local: Path) -> None:
    """Both changed; changed at the source and deleted at the destination; the reverse is a conflict."""
    for name in ("css/a.css", "index.html", "css/deep/b.css"):
        shared.put(name, "changed there", LATER)
        write_tree(local, {name: "changed here, too"}, LATER + 50)
    (local / "index.html").unlink()
    (shared.root / "css" / "deep" / "b.css").unlink()
    careful = foretold(shared, local, force=False)
    assert [c["path"] for c in careful["conflicts"]] == ["css/a.css", "css/deep/b.css", "index.html"]
    assert "resolve: remote lets the source win" in careful["warnings"][-1]
    assert careful["operations"] == []
    done = foretold(shared, local, delete=True)
    assert done["downloaded"] == ["css/a.css", "index.html"] and done["deleted"] == []
    assert [c["path"] for c in done["conflicts"]] == ["css/deep/b.css"]
    assert (local / "css" / "deep" / "b.css").read_text() == "changed here, too"
    assert foretold(shared, local, delete=True, resolve="remote")["deleted"] == ["css/deep/b.css"]
    assert_settled(shared, local, delete=True)


CONFLICTS: t.Mapping[str, tuple[str | None, str | None]] = {
    "css/a.css": ("older, here", "newer, there"),
    "index.html": ("changed here", None),
    "zero.txt": (None, "changed there"),
}


def conflict(server: Server, local: Path) -> None:
    """Each of CONFLICTS: what both sides made of a shared file."""
    for path, (mine, theirs) in CONFLICTS.items():
        if mine is None:
            (local / path).unlink()
        else:
            write_tree(local, {path: mine}, LATER)
        if theirs is None:
            (server.root / path).unlink()
        else:
            server.put(path, theirs, LATER + 100)


@pytest.mark.parametrize(
    ("resolve", "left", "uploaded", "downloaded", "deleted"),
    [
        ("skip", ["css/a.css", "index.html", "zero.txt"], [], [], []),
        ("local", [], ["css/a.css", "index.html"], [], ["zero.txt"]),
        ("remote", [], [], ["css/a.css", "zero.txt"], ["index.html"]),
        ("old", ["index.html", "zero.txt"], ["css/a.css"], [], []),
        ("new", ["index.html", "zero.txt"], [], ["css/a.css"], []),
    ],
)
def test_conflicts_of_a_two_way_run(
    shared: Server,
    local: Path,
    resolve: str,
    left: list[str],
    uploaded: list[str],
    downloaded: list[str],
    deleted: list[str],
) -> None:
    conflict(shared, local)
    done = foretold(shared, local, "sync", resolve=resolve)
    assert sorted(c["path"] for c in done["conflicts"]) == left
    assert (done["uploaded"], done["downloaded"], done["deleted"]) == (uploaded, downloaded, deleted)
    assert len(done["warnings"]) == bool(left)
    if left:
        assert "resolve: local or resolve: remote" in done["warnings"][0]
    else:
        assert here(local) == there(shared)
        assert_settled(shared, local, "sync")


def test_conflicts_that_shall_fail(shared: Server, local: Path) -> None:
    conflict(shared, local)
    message = refused(shared, local, "sync", resolve="fail")
    assert message.startswith("3 conflicts, nothing was changed: ") and "css/a.css: changed on both sides" in message
    assert "resolve: skip" in message
    write_tree(local, {"zero.txt": "x"}, LATER)
    assert "1 conflict, " in refused(shared, local, force=False, resolve="fail", match=["*.css"])


def test_a_file_on_one_side_and_a_folder_on_the_other(shared: Server, local: Path) -> None:
    shutil.rmtree(local / "css")
    write_tree(local, {"css": "a file now"})
    for direction, options in (("sync", {}), ("download", {"delete": True}), ("upload", {"record": "folder"})):
        done = foretold(shared, local, direction, **options)
        assert done["conflicts"] == [{"path": "css", "reason": "a file on one side, a folder on the other"}]
        assert done["operations"] == []
        (warning,) = done["warnings"]
        assert warning.startswith("css: ") and "rename" in warning and "resolve" not in warning
    assert "css" in refused(shared, local, "sync", resolve="fail")
