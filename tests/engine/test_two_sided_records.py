# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records in folders, and what killed runs left beside them."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from ftpsync.temporary import temporary_name
from tests.engine.conftest import EARLIER, put_tree, tree_of, write_tree
from tests.engine.two_sides import LATER, META, assert_settled, foretold, here, refused, there
from tests.servers import Server


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
