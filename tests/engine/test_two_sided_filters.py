# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of two sides takes part: filters, protection, limits, roots, names."""

from __future__ import annotations

import shutil
import typing as t
from pathlib import Path

import pytest

from tests.engine.conftest import Content, attempt, put_tree, tree_of, write_tree
from tests.engine.two_sides import LATER, META, assert_settled, foretold, here, refused, run, there
from tests.servers import Server

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


# ---------------------------------------------------------------------- names


ODD = ["ü f", "a&b;c", "x'y\"z", "-rf", "~", "ⓤ/ö", "100%", "#x", "a b  c"]


@pytest.mark.parametrize("direction", ["download", "sync"])
def test_names_of_all_sorts(plain_server: Server, local: Path, direction: str) -> None:
    put_tree(plain_server, dict.fromkeys(ODD, "x"))
    done = foretold(plain_server, local, direction)
    assert set(done["downloaded"]) == set(ODD) and here(local) == there(plain_server)
    assert_settled(plain_server, local, direction)
