# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers that lie to runs that write here: nothing lands outside of the folder, and nothing goes for a lie."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.engine.conftest import attempt, times, tree_of, write_tree
from tests.faulty import (
    CutListing,
    DataDrop,
    EmptyListing,
    FaultyFtp,
    FoldersWithoutEnd,
    FullDisk,
    HiddenFiles,
    HostileNames,
    ReadOnly,
    Which,
    Without,
    on,
)
from tests.faulty.fault import Fault

META = ".pyftpsync-meta.json"
SITE = {"a.txt": "a", "b.txt": "b", "d/c.txt": "c", "d/e.txt": "e", ".hidden": "h"}


@pytest.fixture
def server(tmp_path: Path) -> t.Iterator[FaultyFtp]:
    """A server that holds SITE, and does all as it should until it is told not to."""
    root = write_tree(tmp_path / "server", SITE)
    with FaultyFtp(root=root) as running:
        yield running


@pytest.fixture
def local(tmp_path: Path) -> Path:
    """A folder deep enough that a name could lead out of it."""
    folder = tmp_path / "deep" / "er" / "local"
    folder.mkdir(parents=True)
    return folder


def run(server: FaultyFtp, local: Path, direction: str, **options: t.Any) -> dict[str, t.Any]:
    return attempt(t.cast(t.Any, server), local, direction=direction, **{"retries": 1, "timeout": 10, **options})


def content(folder: Path) -> dict[str, bytes | None]:
    return {path: data for path, data in tree_of(folder).items() if path.rpartition("/")[2] != META}


@pytest.mark.parametrize("kind", ["file", "dir"])
@pytest.mark.parametrize("direction", ["download", "sync"])
@pytest.mark.parametrize("verbs", [(), ("MLSD", "MLST")], ids=["MLSD", "LIST"])
def test_hostile_names_write_nothing_outside(
    server: FaultyFtp, local: Path, tmp_path: Path, direction: str, kind: str, verbs: tuple[str, ...]
) -> None:
    write_tree(local, {"mine.txt": "mine"})
    run(server, local, direction)  # so that there are records
    outside = {
        path: data for path, data in tree_of(tmp_path).items() if not path.startswith(("deep/er/local", "server"))
    }
    server.misbehave(HostileNames(kind=kind), Without(*verbs))
    write_tree(server.root, {"new.txt": "n"})
    done = run(server, local, direction, **({"delete": True} if direction == "download" else {}))
    after = {path: data for path, data in tree_of(tmp_path).items() if not path.startswith(("deep/er/local", "server"))}
    assert after == outside
    assert (local / "mine.txt").exists(), "a listing with lines that cannot be used proves nothing missing"
    assert {path: (local / path).read_text() for path in SITE} == SITE
    names = {path.rpartition("/")[2] for path in content(local)}
    assert not names & {"passwd", "a", "..", "x"}, names
    assert done["error"] and done["error"].isprintable() and "mine.txt" not in done["deleted"]
    assert all(error["message"].isprintable() for error in done["errors"])


@pytest.mark.parametrize(
    "lie",
    [CutListing(1), CutListing(1, "/d"), EmptyListing(), EmptyListing("/d"), HiddenFiles()],
    ids=["cut", "cut below", "empty", "empty below", "hidden"],
)
@pytest.mark.parametrize("direction", ["download", "sync"])
def test_what_is_not_listed_but_there_is_not_deleted_here(
    server: FaultyFtp, local: Path, direction: str, lie: Fault
) -> None:
    assert run(server, local, direction)["error"] is None
    before = content(local), times(local)
    server.misbehave(lie)
    options = {"delete": True} if direction == "download" else {}
    done = run(server, local, direction, **options)
    assert (content(local), times(local)) == before and content(server.root) == before[0]
    assert done.get("deleted", []) == [] and done.get("uploaded", []) == []
    if not isinstance(lie, HiddenFiles):
        assert done["error"], "a listing that lacks something is a failure"
    server.misbehave()
    assert run(server, local, direction, **options)["operations"] == []


def test_folders_without_end_come_to_an_end(server: FaultyFtp, local: Path) -> None:
    for path in SITE:
        (server.root / path).unlink()
    (server.root / "d").rmdir()
    server.misbehave(FoldersWithoutEnd())
    done = run(server, local, "download")
    assert done["error"] and "levels" in done["error"] and content(local) == {}


@pytest.mark.parametrize("direction", ["download", "sync"])
def test_downloads_that_break_leave_nothing_half_done(server: FaultyFtp, local: Path, direction: str) -> None:
    write_tree(server.root, {"large.bin": "x" * 300_000})
    write_tree(local, {"large.bin": "the old one"}, 1_500_000_000)
    server.misbehave(*(DataDrop(Which(number, on("RETR")), after=100_000) for number in range(1, 40)))
    options = {} if direction == "download" else {"resolve": "remote"}
    done = run(server, local, direction, retries=0, **options)
    assert [error["path"] for error in done["errors"]] == ["large.bin"] and "large.bin" not in done["downloaded"]
    assert (local / "large.bin").read_text() == "the old one"
    assert not [path for path in tree_of(local) if ".ftpsync-" in path], "temporary files are left"
    server.misbehave()
    assert run(server, local, direction, **options)["error"] is None
    assert (local / "large.bin").read_text() == "x" * 300_000


def test_downloads_that_break_are_taken_up_again(server: FaultyFtp, local: Path) -> None:
    write_tree(server.root, {"large.bin": "x" * 300_000})
    server.misbehave(*(DataDrop(Which(number, on("RETR")), after=100_000) for number in range(1, 3)))
    assert run(server, local, "download", retries=4)["error"] is None
    assert content(local) == content(server.root)


@pytest.mark.parametrize(("fault", "says"), [(ReadOnly(), "5"), (FullDisk(3), "452")], ids=["read-only", "full"])
def test_a_server_that_takes_nothing_still_gives(server: FaultyFtp, local: Path, fault: Fault, says: str) -> None:
    write_tree(local, {"up/one.txt": "one one", "two.txt": "two two"})
    server.misbehave(fault)
    done = run(server, local, "sync")
    assert sorted(done["downloaded"]) == sorted(SITE) and done["changed"]
    assert "two.txt" in {error["path"] for error in done["errors"]} and says in done["error"]
    assert all(error["path"] in error["message"] and "\n" not in error["message"] for error in done["errors"])
    server.misbehave()
    again = run(server, local, "sync")
    assert again["error"] is None and content(server.root) == content(local)
    assert run(server, local, "sync")["operations"] == []
