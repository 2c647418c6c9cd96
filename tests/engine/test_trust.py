# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`scan: trust` believes the record of what has not changed here, and nothing about what it replaces or deletes."""

from __future__ import annotations

import shutil
import typing as t
from pathlib import Path

import pytest

from ftpsync.apply import verify
from tests.engine.conftest import Content, deploy, expected, foretold, server_tree, write_tree
from tests.servers import Server

TREE: dict[str, Content] = {"index.html": "i", "a/1.txt": "1", "a/2.txt": "2", "b/3.txt": "3", "b/c/4.txt": "4"}
ASKING = ("LIST", "MLSD", "NLST", "STAT", "MDTM", "SIZE")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "tree", TREE)


def trusting(server: Server, tree: Path, **changed: t.Any) -> dict[str, t.Any]:
    return foretold(server, tree, scan="trust", **changed)


def asked(server: Server) -> list[str]:
    """Questions since the last mark, but for those about our own folder."""
    return [command for command in server.commands() if command.startswith(ASKING) and ".ftpsync" not in command]


def test_what_has_not_changed_is_not_asked_about(plain_server: Server, tree: Path) -> None:
    deploy(plain_server, tree)
    plain_server.put("a/1.txt", "theirs")
    plain_server.put("theirs.txt", "theirs")
    plain_server.mark()
    found = trusting(plain_server, tree, delete=True)
    assert (found["changed"], found["drifted"], found["unmanaged"]) == (False, [], [])
    assert asked(plain_server) == [] and plain_server.writes() == []
    assert deploy(plain_server, tree)["uploaded"] == ["a/1.txt"], "by default it is looked at"


def test_only_folders_with_changes_are_looked_at(plain_server: Server, tree: Path) -> None:
    deploy(plain_server, tree)
    (tree / "b/c/4.txt").write_text("new")
    plain_server.put("a/1.txt", "theirs")
    plain_server.mark()
    found = trusting(plain_server, tree, delete=True)
    assert (found["uploaded"], found["deleted"]) == (["b/c/4.txt"], [])
    assert not [command for command in asked(plain_server) if "/a" in command]
    after = server_tree(plain_server)
    assert (after["b/c/4.txt"], after["a/1.txt"]) == (b"new", b"theirs")
    assert not deploy(plain_server, tree, scan="trust")["changed"]


def test_additions_and_deletions(plain_server: Server, tree: Path) -> None:
    deploy(plain_server, tree)
    shutil.rmtree(tree / "b")
    write_tree(tree, {"d/e/5.txt": "5", "a/6.txt": "6", "empty": None})
    trusting(plain_server, tree, delete=True)
    wanted = {path: content for path, content in TREE.items() if not path.startswith("b/")}
    assert server_tree(plain_server) == expected({**wanted, "d/e/5.txt": "5", "a/6.txt": "6", "empty": None})
    assert not deploy(plain_server, tree, delete=True)["changed"], "nor would a look at everything find anything"


@pytest.mark.parametrize("resolve", ["skip", "local"])
def test_what_others_changed_is_not_deleted_unnoticed(plain_server: Server, tree: Path, resolve: str) -> None:
    deploy(plain_server, tree)
    plain_server.put("a/1.txt", "theirs")
    (tree / "a/1.txt").unlink()
    found = trusting(plain_server, tree, delete=True, resolve=resolve)
    assert found["drifted"] == ["a/1.txt"]
    assert ("a/1.txt" in server_tree(plain_server)) == (resolve == "skip")


def test_what_others_changed_is_not_replaced_unnoticed(plain_server: Server, tree: Path) -> None:
    deploy(plain_server, tree)
    plain_server.put("a/1.txt", "theirs")
    (tree / "a/1.txt").write_text("ours")
    found = trusting(plain_server, tree, force=False)
    assert [conflict["path"] for conflict in found["conflicts"]] == ["a/1.txt"]
    assert server_tree(plain_server)["a/1.txt"] == b"theirs"


def test_a_file_of_others_in_the_way_is_seen(plain_server: Server, tree: Path) -> None:
    deploy(plain_server, tree)
    plain_server.put("b/new/theirs.txt", "theirs")
    plain_server.put("a/new.txt", "theirs")
    write_tree(tree, {"b/new/ours.txt": "ours", "a/new.txt": "ours"})
    found = trusting(plain_server, tree, force=False)
    assert found["uploaded"] == ["b/new/ours.txt"] and "b/new/theirs.txt" in found["unmanaged"]
    after = server_tree(plain_server)
    assert (after["b/new/theirs.txt"], after["a/new.txt"]) == (b"theirs", b"theirs")


def test_a_folder_that_went_is_made_again_with_all_in_it(plain_server: Server, tree: Path) -> None:
    """The folder above is looked at, and does not show it."""
    deploy(plain_server, tree)
    shutil.rmtree(plain_server.root / "b")
    (tree / "index.html").write_text("new")
    found = trusting(plain_server, tree)
    assert sorted(found["uploaded"]) == ["b/3.txt", "b/c/4.txt", "index.html"]
    assert server_tree(plain_server) == expected({**TREE, "index.html": "new"})


def test_a_folder_that_went_with_what_changed_in_it(plain_server: Server, tree: Path) -> None:
    deploy(plain_server, tree)
    shutil.rmtree(plain_server.root / "b/c")
    (tree / "b/c/4.txt").write_text("new")
    found = trusting(plain_server, tree)
    assert (found["uploaded"], found["created_directories"]) == (["b/c/4.txt"], ["b/c"])
    assert server_tree(plain_server) == expected({**TREE, "b/c/4.txt": "new"})


def test_without_a_record_all_is_looked_at(plain_server: Server, tree: Path) -> None:
    plain_server.put("a/1.txt", "theirs")
    plain_server.put("theirs.txt", "theirs")
    found = trusting(plain_server, tree, force=False)
    assert "a/1.txt" not in found["uploaded"] and "theirs.txt" in found["unmanaged"]


def test_after_a_run_that_broke_off_all_is_looked_at(
    plain_server: Server, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(plain_server, tree)
    (tree / "index.html").write_text("new")
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(verify, "verify_published", interrupt)
        deploy(plain_server, tree, scan="trust")
    plain_server.put("a/1.txt", "theirs")
    assert deploy(plain_server, tree, scan="trust")["uploaded"] == ["a/1.txt"]
    assert not deploy(plain_server, tree)["changed"]


def interrupt(*_arguments: object) -> t.NoReturn:
    raise KeyboardInterrupt


def test_modes_are_those_of_the_record(plain_server: Server, tree: Path) -> None:
    deploy(plain_server, tree, file_mode="0640", directory_mode="0750")
    assert not trusting(plain_server, tree, file_mode="0640", directory_mode="0750")["changed"]
    assert trusting(plain_server, tree, file_mode="0600", directory_mode="0750")["changed"]
