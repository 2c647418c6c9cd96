# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Download, two-way runs, and uploads with records in folders, by the options of the module."""

from __future__ import annotations

import json
import os
import shutil
import time
import typing as t
from pathlib import Path

import pytest

from ftpsync.temporary import temporary_name
from tests.engine.conftest import (
    EARLIER,
    SITE,
    Content,
    Tree,
    attempt,
    expected,
    settings,
    times,
    tree_of,
    write_tree,
)
from tests.servers import Server

StartServer = t.Callable[..., Server]
META = ".pyftpsync-meta.json"
LATER = EARLIER + 5000
LISTS = ("operations", "uploaded", "downloaded", "deleted", "created_directories", "conflicts", "drifted", "errors")


def run(server: Server, tree: Path, direction: str = "download", *, check: bool = False, **changed: t.Any) -> t.Any:
    """A run that has to succeed."""
    found = attempt(server, tree, check=check, direction=direction, **changed)
    assert found["error"] is None, found
    return found


def foretold(server: Server, tree: Path, direction: str = "download", **changed: t.Any) -> dict[str, t.Any]:
    """A run after its check, which must have told all of it, sent no command that writes and left all as it was."""
    server.mark()
    before = raw(server, tree)
    shown = attempt(server, tree, check=True, direction=direction, **changed)
    assert server.writes() == [] and raw(server, tree) == before
    done = attempt(server, tree, direction=direction, **changed)
    assert {name: done[name] for name in LISTS} == {name: shown[name] for name in LISTS}
    assert (done["error"], shown["error"]) == (None, None) and done["warnings"] == shown["warnings"]
    assert done["changed"] == shown["changed"] == bool(done["operations"])
    return done


def assert_settled(server: Server, tree: Path, direction: str = "download", **changed: t.Any) -> None:
    """Another run has nothing to do, writes nothing on either side and sends not one command that writes."""
    server.mark()
    before = raw(server, tree)
    found = run(server, tree, direction, **changed)
    assert found["operations"] == [] and found["changed"] is False
    assert server.writes() == [] and raw(server, tree) == before


def refused(server: Server, tree: Path, direction: str = "download", **changed: t.Any) -> str:
    """Check and run fail with the same words, and neither side is touched."""
    before = raw(server, tree)
    server.mark()
    lines = [attempt(server, tree, check=check, direction=direction, **changed)["error"] for check in (True, False)]
    assert raw(server, tree) == before and server.writes() == []
    assert lines[0] and lines[0] == lines[1]
    return str(lines[0])


def raw(server: Server, tree: Path) -> tuple[t.Any, ...]:
    """All there is on both sides, times and records included."""
    return tree_of(tree), times(tree), tree_of(server.root), times(server.root)


def here(tree: Path) -> Tree:
    """The local side without records."""
    return {path: content for path, content in tree_of(tree).items() if path.rpartition("/")[2] != META}


def there(server: Server) -> Tree:
    """The server's side without records."""
    return here(server.root)


def put_tree(server: Server, tree: t.Mapping[str, Content], mtime: int = EARLIER) -> None:
    for path, content in tree.items():
        if content is None:
            (server.root / path).mkdir(parents=True, exist_ok=True)
            server._give_away(server.root / path)
        else:
            server.put(path, content, mtime)


@pytest.fixture
def local(tmp_path: Path) -> Path:
    """A folder to download into."""
    folder = tmp_path / "local"
    folder.mkdir()
    return folder


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


# ---------------------------------------------------------------------- force, drift, conflicts


@pytest.fixture
def shared(plain_server: Server, local: Path) -> Server:
    """A server that shares SITE with the local folder, by an earlier run in both directions."""
    put_tree(plain_server, SITE)
    run(plain_server, local, "sync")
    return plain_server


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


# ---------------------------------------------------------------------- what takes part


@pytest.mark.parametrize("direction", ["download", "sync"])
def test_filters(plain_server: Server, local: Path, direction: str) -> None:
    put_tree(plain_server, {"a.log": "1", "b.txt": "2", "cache/c.log": "3", "d/e.log": "4", "d/.DS_Store": "5"})
    put_tree(plain_server, {"build/x.log": "6", "d/build/y.log": "7", ".git/config": "8", "keep.tmp.log": "9"})
    write_tree(local, {"z.txt": "mine", "f/z.log": "mine, too", "cache/g.log": "left alone"})
    options = {"match": ["*.log"], "exclude": ["cache/", "/build", "*.tmp.log"]}
    done = foretold(plain_server, local, direction, **options)
    assert done["downloaded"] == ["a.log", "d/build/y.log", "d/e.log"]
    assert done["uploaded"] == (["f/z.log"] if direction == "sync" else [])
    assert done["stats"]["local_files"] == 1
    assert_settled(plain_server, local, direction, **options)
    assert foretold(plain_server, local, direction, exclude=["*.log"])["downloaded"] == ["b.txt"]


@pytest.mark.parametrize("unmatched", [False, True])
def test_a_download_that_deletes(shared: Server, local: Path, unmatched: bool) -> None:
    write_tree(local, {"mine.txt": "x", "mine/deep/x.txt": "x", "cache/x": "x", "a.log": "x", "mine/x.log": "x"})
    write_tree(local, {"kept/x": "x", ".git/config": "x"})
    options = {"exclude": ["cache/", "*.log"], "protect": ["/kept/"], "delete": True, "delete_unmatched": unmatched}
    done = foretold(shared, local, **options)
    assert {o["side"] for o in done["operations"]} == {"local"} and done["drifted"] == []
    deleted = {"mine.txt", "mine/deep/x.txt", "mine/deep"}
    if unmatched:
        deleted |= {"a.log", "mine/x.log", "mine", "cache/x", "cache", ".git/config", ".git"}
    assert set(done["deleted"]) == deleted
    reasons = {o["path"]: o["reason"] for o in done["operations"]}
    assert reasons["mine.txt"] == reasons["mine/deep"] == "missing on the server"
    assert reasons.get("a.log", "left out by match or exclude") == "left out by match or exclude"
    assert (local / "kept" / "x").exists() and (local / ".git").exists() != unmatched
    assert (local / META).exists(), "records are never unmatched"
    assert_settled(shared, local, **options)


@pytest.mark.parametrize("direction", ["download", "sync", "upload"])
def test_protected_is_never_replaced_or_deleted(shared: Server, local: Path, direction: str) -> None:
    record = {"record": "folder"} if direction == "upload" else {}
    write_tree(local, {"css/a.css": "changed here"}, LATER)
    shared.put("css/deep/b.css", "changed there", LATER)
    (local / "index.html").unlink()
    (shared.root / "img" / "x.bin").unlink()
    put_tree(shared, {"css/new-there.css": "n"})
    write_tree(local, {"css/new-here.css": "n", "own/x": "x"})
    options = {"protect": ["*.css", "/index.html", "/img/", "/own/"], **record}
    if direction != "sync":
        options["delete"] = True
    before = {**here(local)}, {**there(shared)}
    done = foretold(shared, local, direction, **options)
    for side, tree in ((before[0], here(local)), (before[1], there(shared))):
        assert {path: tree.get(path) for path in side} == side
    new = {"download": (["css/new-there.css", "index.html"], []), "upload": ([], ["css/new-here.css", "img/x.bin"])}
    downloaded, uploaded = new.get(direction, (["css/new-there.css"], ["css/new-here.css", "own/x"]))
    assert done["downloaded"] == downloaded
    assert [path for path in done["uploaded"] if path != "own/x"] == [path for path in uploaded if path != "own/x"]
    assert_settled(shared, local, direction, **options)


def test_an_empty_protected_folder_that_is_excluded_stays(plain_server: Server, local: Path) -> None:
    put_tree(plain_server, {"x": "x", "c": None})
    (local / "c").mkdir()
    foretold(plain_server, local, exclude=["c/"], protect=["c/"], delete=True, delete_unmatched=True)
    assert (local / "c").is_dir()


@pytest.mark.parametrize(("limit", "fits"), [("2", True), (1, False), ("34%", True), ("33%", False), ("100%", True)])
def test_max_delete_counts_files_of_the_destination(shared: Server, local: Path, limit: t.Any, fits: bool) -> None:
    (shared.root / "css" / "a.css").unlink()
    shutil.rmtree(shared.root / "css" / "deep")
    if fits:
        assert len(foretold(shared, local, delete=True, max_delete=limit)["deleted"]) == 3
    else:
        message = refused(shared, local, delete=True, max_delete=limit)
        assert "2 of 6 files" in message and "max_delete" in message and "nothing was changed" in message


def test_max_delete_of_a_two_way_run_holds_for_each_side(shared: Server, local: Path) -> None:
    (shared.root / "css" / "a.css").unlink()
    (local / "index.html").unlink()
    assert "1 of 5 files" in refused(shared, local, "sync", max_delete=0)
    assert len(foretold(shared, local, "sync", max_delete=1)["deleted"]) == 2


@pytest.mark.parametrize("tree", [{}, {"empty": None}, {"a.log": "excluded"}, {".git/config": "x"}])
def test_an_empty_source_deletes_nothing(shared: Server, local: Path, tmp_path: Path, tree: dict[str, Content]) -> None:
    for path in tree_of(shared.root):
        shutil.rmtree(shared.root / path, ignore_errors=True)
        (shared.root / path).unlink(missing_ok=True)
    put_tree(shared, tree)
    message = refused(shared, local, delete=True, exclude=["*.log"])
    assert message.startswith("remote: ") and "delete: false" in message
    empty = write_tree(tmp_path / "empty", tree)
    message = refused(shared, empty, "upload", record="folder", delete=True, exclude=["*.log"])
    assert message.startswith("local: ") and "delete: false" in message


def test_a_side_that_is_suddenly_empty(plain_server: Server, local: Path) -> None:
    put_tree(plain_server, {f"{number}.txt": "x" for number in range(25)})
    run(plain_server, local, "sync")
    for file in plain_server.root.glob("*.txt"):
        file.unlink()
    assert "remote folder is empty" in refused(plain_server, local, "sync")
    assert len(list(local.glob("*.txt"))) == 25


# ---------------------------------------------------------------------- roots


def test_missing_roots(plain_server: Server, tmp_path: Path) -> None:
    put_tree(plain_server, {"a.txt": "a"})
    local = tmp_path / "x" / "y"
    message = attempt(plain_server, local, direction="download", create_root=False)["error"]
    assert message.startswith("local: ") and "create_root: true" in message and not (tmp_path / "x").exists()
    assert foretold(plain_server, local)["downloaded"] == ["a.txt"] and (local / "a.txt").exists()
    lost = plain_server.at("lost")
    lost.root.rmdir()
    message = attempt(lost, local, direction="download")["error"]
    assert message.startswith("remote: ") and "check the path" in message
    message = attempt(lost, local, direction="sync", create_root=False)["error"]
    assert message.startswith("remote: ") and "create_root: true" in message
    message = attempt(plain_server, tmp_path / "z", direction="upload", record="folder")["error"]
    assert message.startswith("local: ") and "check the path" in message
    (local / META).unlink()
    lost.mark()
    shown = attempt(lost, local, direction="sync", check=True)
    assert shown["uploaded"] == ["a.txt"] and lost.writes() == [] and not lost.root.exists()
    assert run(lost, local, "sync")["operations"] == shown["operations"] and (lost.root / "a.txt").exists()
    other = plain_server.at("other")
    other.root.rmdir()
    assert run(other, local, "upload", record="folder")["uploaded"] == ["a.txt"]


def test_a_file_as_local_folder(plain_server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for direction in ("download", "sync"):
        message = attempt(plain_server, tmp_path / "file", direction=direction)["error"]
        assert message.startswith("local: ") and "not a folder" in message


# ---------------------------------------------------------------------- links


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that links lead to, and nobody may write to."""
    return write_tree(tmp_path / "outside", {"x.txt": "precious", "deep/y.txt": "precious, too"})


@pytest.mark.parametrize("direction", ["download", "sync"])
def test_nothing_is_written_through_a_link_that_leads_out(
    plain_server: Server, local: Path, outside: Path, direction: str
) -> None:
    (local / "out").symlink_to(outside)
    (local / "file.txt").symlink_to(outside / "x.txt")
    put_tree(plain_server, {"out/new.txt": "n", "out/x.txt": "changed there", "out/deep/new.txt": "n"}, LATER)
    put_tree(plain_server, {"file.txt": "from the server", "fine.txt": "f"}, LATER)
    before = tree_of(outside), times(outside)
    options: dict[str, t.Any] = {"delete": True} if direction == "download" else {"resolve": "remote"}
    done = attempt(plain_server, local, direction=direction, **options)
    assert (tree_of(outside), times(outside)) == before
    assert (local / "fine.txt").read_text() == "f"
    assert (local / "file.txt").read_text() == "from the server" and not (local / "file.txt").is_symlink()
    assert done["error"] and "outside" in done["error"]
    assert {error["path"] for error in done["errors"]} >= {"out/new.txt", "out/x.txt", "out/deep/new.txt"}
    again = attempt(plain_server, local, direction=direction, **options)
    assert again["error"] and (tree_of(outside), times(outside)) == before


def test_records_do_not_go_through_links_that_lead_out(plain_server: Server, local: Path, outside: Path) -> None:
    (local / "out").symlink_to(outside)
    write_tree(local, {"a.txt": "a", "in/b.txt": "b"})
    before = tree_of(outside), times(outside)
    for direction, options in (("sync", {}), ("upload", {"record": "folder"})):
        run(plain_server, local, direction, **options)
        assert (tree_of(outside), times(outside)) == before
        assert there(plain_server)["out/deep/y.txt"] == b"precious, too"
        assert (local / META).exists() and (local / "in" / META).exists()
        assert_settled(plain_server, local, direction, **options)


def test_a_link_within_the_folder_is_as_good_as_a_folder(plain_server: Server, local: Path) -> None:
    write_tree(local, {"real/x.txt": "x"})
    (local / "alias").symlink_to("real")
    foretold(plain_server, local, "sync")
    assert there(plain_server) == expected({"real/x.txt": "x", "alias/x.txt": "x"})
    plain_server.put("alias/new.txt", "n", LATER)
    run(plain_server, local, "sync")
    assert (local / "real" / "new.txt").read_text() == "n" and (local / "alias").is_symlink()


def test_links_that_are_left_out(plain_server: Server, local: Path, outside: Path) -> None:
    (local / "out").symlink_to(outside)
    (local / "link.txt").symlink_to("real.txt")
    write_tree(local, {"real.txt": "r"})
    put_tree(plain_server, {"out/x.txt": "theirs", "link.txt": "theirs", "real.txt": "r"})
    done = foretold(plain_server, local, "sync", symlinks="skip")
    assert done["operations"] == [] and sorted(line.split(":")[0] for line in done["warnings"]) == ["link.txt", "out"]
    done = foretold(plain_server, local, symlinks="skip", delete=True)
    assert done["operations"] == [] and (local / "out").is_symlink() and (local / "link.txt").is_symlink()


def test_links_that_shall_fail(plain_server: Server, local: Path, outside: Path) -> None:
    (local / "out").symlink_to(outside)
    put_tree(plain_server, {"x": "x"})
    for direction in ("download", "sync"):
        message = refused(plain_server, local, direction, symlinks="fail")
        assert message.startswith("symlinks: fail") and "out" in message
    assert foretold(plain_server, local, symlinks="fail", exclude=["out"])["downloaded"] == ["x"]


def test_a_broken_link_is_left_alone(plain_server: Server, local: Path) -> None:
    (local / "broken").symlink_to("nowhere")
    put_tree(plain_server, {"broken": "theirs", "x": "x"})
    done = foretold(plain_server, local, delete=True)
    assert done["downloaded"] == ["x"] and (local / "broken").is_symlink() and "broken" in done["warnings"][0]


def test_deleting_a_link_leaves_what_it_leads_to(plain_server: Server, local: Path, outside: Path) -> None:
    put_tree(plain_server, {"x": "x"})
    (local / "out").symlink_to(outside)
    (local / "mine").mkdir()
    (local / "mine" / "file.txt").symlink_to(outside / "x.txt")
    before = tree_of(outside), times(outside)
    done = foretold(plain_server, local, delete=True)
    assert set(done["deleted"]) == {"mine/file.txt", "out", "mine"}
    assert (tree_of(outside), times(outside)) == before and here(local) == {"x": b"x"}


# ---------------------------------------------------------------------- what cannot be read or written


def give_to_nobody(*trees: Path) -> None:
    for tree in trees:
        for folder, folders, files in os.walk(tree):
            for name in (".", *folders, *files):
                if os.geteuid() == 0:
                    os.chown(os.path.join(folder, name), 65534, 65534)


def as_nobody(action: t.Callable[[], dict[str, t.Any]]) -> dict[str, t.Any]:
    """What an unprivileged user gets: root may do anything. The server is in this process, and so is its user."""
    if os.geteuid():
        return action()
    os.seteuid(65534)
    try:
        return action()
    finally:
        os.seteuid(0)


@pytest.fixture
def open_paths(tmp_path: Path) -> None:
    """Lets others than root come as far as the test's folder."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == "root" and len(folder.parts) > 2:
            folder.chmod(folder.stat().st_mode | 0o055)


@pytest.mark.usefixtures("open_paths")
def test_a_local_folder_that_cannot_be_written_to(ftp_server: StartServer, local: Path) -> None:
    server = ftp_server()
    put_tree(server, {"closed/x": "x", "open/y": "y"})
    write_tree(local, {"closed/old": "old", "open/old": "old"})
    give_to_nobody(local)
    (local / "closed").chmod(0o555)
    done = as_nobody(lambda: attempt(server, local, direction="download", delete=True))
    (local / "closed").chmod(0o755)
    assert done["error"] and [error["path"] for error in done["errors"]] == ["closed/x"]
    assert done["errors"][0]["operation"] == "download" and "Permission denied" in done["errors"][0]["message"]
    assert done["downloaded"] == ["open/y"] and done["deleted"] == [] and done["changed"]
    assert [o["path"] for o in done["skipped_operations"]] == ["closed/old", "open/old"], "old names of what lacks"
    assert foretold(server, local, delete=True)["downloaded"] == ["closed/x"]


@pytest.mark.usefixtures("open_paths")
@pytest.mark.parametrize("direction", ["sync", "upload"])
def test_a_local_folder_that_cannot_be_read(ftp_server: StartServer, local: Path, direction: str) -> None:
    server = ftp_server()
    options: dict[str, t.Any] = {"record": "folder", "delete": True} if direction == "upload" else {}
    write_tree(local, {"closed/x": "x", "a": "a"})
    run(server, local, direction, **options)
    give_to_nobody(local)
    (local / "closed").chmod(0)
    write_tree(local, {"b": "b"})
    server.root.chmod(0o777)
    shown = as_nobody(lambda: attempt(server, local, direction=direction, check=True, **options))
    done = as_nobody(lambda: attempt(server, local, direction=direction, **options))
    (local / "closed").chmod(0o755)
    assert [error["path"] for error in done["errors"]] == ["closed"] and done["errors"][0]["operation"] == "plan"
    assert done["errors"] == shown["errors"] and done["operations"] == shown["operations"]
    assert "cannot be listed" in done["error"] and done["uploaded"] == ["b"] and done["deleted"] == []
    assert there(server)["closed/x"] == b"x"


@pytest.mark.usefixtures("open_paths")
def test_a_file_that_cannot_be_read(ftp_server: StartServer, local: Path) -> None:
    server = ftp_server()
    write_tree(local, {"closed": "x", "open": "y"})
    give_to_nobody(local)
    server.root.chmod(0o777)
    (local / "closed").chmod(0)
    done = as_nobody(lambda: attempt(server, local, direction="sync"))
    assert [error["path"] for error in done["errors"]] == ["closed"] and done["uploaded"] == ["open"]
    assert "1 failure, 1 of 2 operations done: closed: cannot be read" in done["error"]
    (local / "closed").chmod(0o644)
    assert foretold(server, local, "sync")["uploaded"] == ["closed"]


@pytest.mark.real_server
def test_a_server_that_is_read_only(ftp_server: StartServer, local: Path) -> None:
    server = ftp_server("proftpd", extra=["<Limit WRITE>", "DenyAll", "</Limit>"])
    put_tree(server, SITE)
    assert foretold(server, local)["downloaded"]
    assert_settled(server, local)
    write_tree(local, {"new": "n"})
    put_tree(server, {"other": "o"})
    done = attempt(server, local, direction="sync")
    assert done["downloaded"] == ["other"] and [error["path"] for error in done["errors"]] == ["new"]
    assert done["errors"][0]["operation"] == "upload" and "new" in done["error"]
    assert (local / "other").exists() and "new" not in there(server)


# ---------------------------------------------------------------------- changes while a run is under way


def changing(monkeypatch: pytest.MonkeyPatch, change: t.Callable[[], object]) -> None:
    """Somebody changes something after the plan is made, and before it is carried out."""
    from ftpsync.pairs import by_options

    execute = by_options._ByOptions._execute

    def later(self: t.Any) -> None:
        change()
        execute(self)

    monkeypatch.setattr(by_options._ByOptions, "_execute", later)


@pytest.mark.parametrize("direction", ["download", "sync"])
def test_what_changes_here_meanwhile_is_not_lost(
    shared: Server, local: Path, monkeypatch: pytest.MonkeyPatch, direction: str
) -> None:
    shared.put("css/a.css", "changed there", LATER)
    shared.put("new.txt", "new there", LATER)
    (shared.root / "index.html").unlink()
    mine = {"css/a.css": "and here", "new.txt": "new here", "index.html": "not what was to be deleted"}
    with monkeypatch.context() as patched:
        changing(patched, lambda: write_tree(local, mine, LATER + 500))
        options = {"delete": True} if direction == "download" else {}
        done = attempt(shared, local, direction=direction, **options)
    assert {path: (local / path).read_text() for path in mine} == mine
    assert done["operations"] == [] and not done["changed"]
    assert sorted(error["path"] for error in done["errors"]) == ["css/a.css", "new.txt"]
    assert all("while the run was under way" in error["message"] for error in done["errors"])
    assert [o["path"] for o in done["skipped_operations"]] == ["index.html"]


def test_what_is_to_be_deleted_here_and_changes_meanwhile_stays(
    shared: Server, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shared.root / "index.html").unlink()
    with monkeypatch.context() as patched:
        changing(patched, lambda: write_tree(local, {"index.html": "rescued"}, LATER))
        done = attempt(shared, local, direction="sync")
    assert (local / "index.html").read_text() == "rescued" and done["errors"][0]["operation"] == "delete"


def test_what_changes_there_meanwhile_is_not_recorded(
    shared: Server, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared.put("css/a.css", "changed there", LATER)
    with monkeypatch.context() as patched:
        changing(patched, lambda: shared.put("css/a.css", "changed there again", LATER + 10))
        done = attempt(shared, local, direction="download")
    assert done["errors"][0]["path"] == "css/a.css" and "that were listed" in done["errors"][0]["message"]
    assert (local / "css" / "a.css").read_text() == SITE["css/a.css"]
    assert foretold(shared, local)["downloaded"] == ["css/a.css"]
    assert (local / "css" / "a.css").read_text() == "changed there again"


def test_what_is_uploaded_and_changes_meanwhile_is_not_torn(
    shared: Server, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tree(local, {"new.txt": "first"}, LATER)
    with monkeypatch.context() as patched:
        changing(patched, lambda: write_tree(local, {"new.txt": "second"}, LATER + 10))
        done = attempt(shared, local, direction="sync")
    assert done["errors"][0]["path"] == "new.txt" and "new.txt" not in there(shared)
    assert foretold(shared, local, "sync")["uploaded"] == ["new.txt"]
    assert there(shared)["new.txt"] == b"second"


# ---------------------------------------------------------------------- records and leftovers


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"_file_version": 3, "peer_sync": []}', b"\xff\x00"])
def test_records_that_cannot_be_read_delete_nothing(shared: Server, local: Path, content: bytes) -> None:
    (local / META).write_bytes(content)
    (shared.root / "index.html").unlink()
    (local / "zero.txt").unlink()
    done = foretold(shared, local, "sync")
    assert (done["uploaded"], done["downloaded"], done["deleted"]) == (["index.html"], ["zero.txt"], [])
    assert any(META in warning and "ignored" in warning for warning in done["warnings"]) or b"peer_sync" in content
    assert_settled(shared, local, "sync")


@pytest.mark.parametrize("direction", ["sync", "download"])
def test_records_of_a_program_to_come_are_left_alone(shared: Server, local: Path, direction: str) -> None:
    (local / META).write_text(json.dumps({"_file_version": 9, "_version": "9.0"}))
    put_tree(shared, {"new.txt": "n"})
    message = refused(shared, local, direction)
    assert META in message and "set record: none" in message and "--" not in message


@pytest.mark.parametrize("direction", ["sync", "download"])
def test_without_records_those_of_earlier_runs_mean_nothing(shared: Server, local: Path, direction: str) -> None:
    (local / "css" / "deep" / META).write_text("of a program to come")
    write_tree(local, {"css/a.css": "changed here"}, LATER)
    (local / "index.html").unlink()
    shared.put("zero.txt", "changed there", LATER)
    records = {path: content for path, content in tree_of(local).items() if path.endswith(META)}
    done = foretold(shared, local, direction, record="none")
    assert done["downloaded"] == sorted({"index.html", "zero.txt", *(["css/a.css"] * (direction == "download"))})
    assert done["uploaded"] == (["css/a.css"] if direction == "sync" else []) and done["deleted"] == []
    assert here(local) == there(shared) and done["conflicts"] == done["drifted"] == done["warnings"] == []
    assert_settled(shared, local, direction, record="none")
    assert {path: content for path, content in tree_of(local).items() if path.endswith(META)} == records


def test_leftovers_of_killed_runs_are_removed_when_they_are_old(shared: Server, local: Path) -> None:
    old, young = temporary_name("0123456789ab", "old"), temporary_name("0123456789ab", "young")
    put_tree(shared, {f"css/{old}": "half"}, EARLIER)
    put_tree(shared, {young: "half"}, int(time.time()))
    write_tree(local, {f"css/{old}": "half"}, EARLIER)
    write_tree(local, {young: "half"}, int(time.time()))
    assert_settled(shared, local, "sync")  # they are no content, and a run without work sweeps nothing
    write_tree(local, {"up.txt": "u"})
    put_tree(shared, {"down.txt": "d"})
    done = foretold(shared, local, "sync")
    assert (done["uploaded"], done["downloaded"]) == (["up.txt"], ["down.txt"])
    for tree in (local, shared.root):
        assert not (tree / "css" / old).exists() and (tree / young).exists()


# ---------------------------------------------------------------------- names


ODD = ["ü f", "a&b;c", "x'y\"z", "-rf", "~", "ⓤ/ö", "100%", "#x", "a b  c"]


@pytest.mark.parametrize("direction", ["download", "sync"])
def test_names_of_all_sorts(plain_server: Server, local: Path, direction: str) -> None:
    put_tree(plain_server, dict.fromkeys(ODD, "x"))
    done = foretold(plain_server, local, direction)
    assert set(done["downloaded"]) == set(ODD) and here(local) == there(plain_server)
    assert_settled(plain_server, local, direction)


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
