# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers that send more, less or something else than they list, to runs that write here."""

from __future__ import annotations

import os
import shutil
import typing as t
from pathlib import Path

import pytest

from tests.engine.conftest import EARLIER, Tree, attempt, times, tree_of, write_tree
from tests.faulty import Command, DataDrop, Fault, FaultyFtp, Listing, LyingSize, Which, Without, on, on_path
from tests.faulty.disk import Shown

SITE = {"a.txt": "a" * 100, "b.txt": "b" * 200, "d/c.txt": "c" * 300}
MEGA = 1024 * 1024
CHOICES: dict[str, dict[str, t.Any]] = {"download": {"delete": True}, "sync": {}}


class EndlessFile(Fault):
    """A file that is listed with some bytes, and has many more."""

    MOST = 256 * MEGA

    def __init__(self, end: str) -> None:
        self._is_it = on_path("RETR", end)
        self.sent = 0

    def block(self, transfer: t.Any, block: bytes) -> bytes:
        if self._is_it(transfer.command, None):
            while self.sent < self.MOST:
                transfer.sock.sendall(bytes(MEGA))
                self.sent += MEGA
        return block


class Also(Fault):
    """Listings show some more."""

    def __init__(self, *entries: Shown) -> None:
        self._entries = list(entries)

    def listed(self, session: t.Any, path: str, entries: list[Shown]) -> list[Shown]:
        return entries + self._entries if path == "/" else entries


class Once(Fault):
    """Something happens on the server before a command is carried out, once."""

    def __init__(self, when: t.Callable[[t.Any, t.Any], bool], action: t.Callable[[], object]) -> None:
        self._when = when
        self._action: t.Callable[[], object] | None = action

    def commanded(self, session: t.Any, command: Command) -> None:
        if self._action is not None and self._when(command, None):
            action, self._action = self._action, None
            action()


@pytest.fixture
def server(tmp_path: Path) -> t.Iterator[FaultyFtp]:
    """A server that holds SITE, and does all as it should until it is told not to."""
    with FaultyFtp(root=write_tree(tmp_path / "server", SITE)) as running:
        yield running


@pytest.fixture
def local(tmp_path: Path) -> Path:
    """An empty folder."""
    folder = tmp_path / "local"
    folder.mkdir()
    return folder


def run(server: FaultyFtp, local: Path, direction: str, **options: t.Any) -> dict[str, t.Any]:
    wanted = {"retries": 1, "timeout": 5, **CHOICES[direction], **options}
    found = attempt(t.cast(t.Any, server), local, direction=direction, **wanted)
    server.settle()
    return found


def here(folder: Path) -> Tree:
    return {
        path: data for path, data in tree_of(folder).items() if not path.rpartition("/")[2].startswith(".pyftpsync-")
    }


def failed(found: dict[str, t.Any]) -> list[str]:
    return sorted(error["path"] for error in found["errors"])


both_directions = pytest.mark.parametrize("direction", list(CHOICES))


# ---------------------------------------------------------------------- content


@both_directions
@pytest.mark.parametrize("without", [(), ("SIZE",)], ids=["SIZE", "no SIZE"])
def test_a_file_without_end_is_read_no_further_than_was_listed(
    server: FaultyFtp, local: Path, direction: str, without: tuple[str, ...]
) -> None:
    endless = EndlessFile("/a.txt")
    server.misbehave(endless, Without(*without))
    found = run(server, local, direction)
    assert endless.sent < endless.MOST, "all of it was taken"
    assert failed(found) == ["a.txt"] and sorted(found["downloaded"]) == ["b.txt", "d/c.txt"]
    assert "a.txt" not in here(local) and not [path for path in tree_of(local) if ".ftpsync-" in path]


@both_directions
@pytest.mark.parametrize("change", [lambda size: size + 1, lambda size: size - 1, lambda size: 10**18])
def test_a_false_size_takes_nothing_for_complete(
    server: FaultyFtp, local: Path, direction: str, change: t.Callable[[int], int]
) -> None:
    write_tree(local, {"a.txt": "the old one"}, EARLIER - 5000)
    server.misbehave(LyingSize(change, on_path("SIZE", "/a.txt")))
    options = {"resolve": "remote"} if direction == "sync" else {}
    found = run(server, local, direction, **options)
    assert failed(found) == ["a.txt"] and here(local)["a.txt"] == b"the old one"
    assert here(local)["b.txt"] == b"b" * 200


@pytest.mark.parametrize("told", [0, 1000])
@both_directions
def test_a_listing_with_a_false_size(server: FaultyFtp, local: Path, direction: str, told: int) -> None:
    server.misbehave(Listing(lambda data: data.replace(b"size=100;", b"size=%d;" % told)))
    found = run(server, local, direction)
    assert failed(found) == ["a.txt"] and "a.txt" not in here(local) and here(local)["b.txt"] == b"b" * 200


@pytest.mark.parametrize("without", [(), ("SIZE",)], ids=["SIZE", "no SIZE"])
@both_directions
def test_a_file_without_its_data(server: FaultyFtp, local: Path, direction: str, without: tuple[str, ...]) -> None:
    write_tree(local, {"a.txt": "the old one"}, EARLIER - 5000)
    nothing = [DataDrop(Which(when=on_path("RETR", "/a.txt")), says=None, quietly=True) for _attempt in range(3)]
    server.misbehave(*nothing, Without(*without))
    options = {"resolve": "remote"} if direction == "sync" else {}
    found = run(server, local, direction, **options)
    assert failed(found) == ["a.txt"] and here(local)["a.txt"] == b"the old one"


# ---------------------------------------------------------------------- listings


@both_directions
@pytest.mark.parametrize("record", ["folder", "none"])
@pytest.mark.parametrize("after", [0, 30, 75, 130])
def test_listings_that_end_too_early_delete_nothing(
    server: FaultyFtp, local: Path, direction: str, record: str, after: int
) -> None:
    assert run(server, local, direction, record=record)["error"] is None
    before = here(local), times(local / "d")
    verb = on("MLSD")
    server.misbehave(DataDrop(Which(when=verb), after, says=None, quietly=True))
    found = run(server, local, direction, record=record)
    assert (here(local), times(local / "d")) == before == (here(server.root), before[1])
    assert found.get("deleted", []) == []
    assert found["error"] or (direction, record) == ("sync", "none"), "where nothing is known it may be new here"
    server.misbehave()
    assert run(server, local, direction, record=record)["operations"] == []


@both_directions
def test_the_same_name_twice(server: FaultyFtp, local: Path, direction: str) -> None:
    assert run(server, local, direction)["error"] is None
    before = here(local), times(local)
    server.misbehave(Also(Shown("a.txt", "dir", 0, 0.0, 0o755)))
    found = run(server, local, direction)
    assert "twice" in found["error"] and (here(local), times(local)) == before


@both_directions
@pytest.mark.parametrize("kind", ["file", "dir"])
def test_a_name_that_is_too_long_for_this_machine_fails_alone(
    server: FaultyFtp, local: Path, direction: str, kind: str
) -> None:
    name = "n" * 300
    server.misbehave(Also(Shown(name, kind, 7, 0.0, 0o755)))
    found = run(server, local, direction)
    assert found["error"] and {error["path"].partition("/")[0] for error in found["errors"]} == {name}
    assert {path: here(local)[path] for path in SITE} == {path: data.encode() for path, data in SITE.items()}


@both_directions
def test_a_listing_without_end(server: FaultyFtp, local: Path, direction: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ftpsync.ftp.listing.MAX_ENTRIES", 1000)
    assert run(server, local, direction)["error"] is None
    before = here(local), times(local)
    lines = b"".join(b"type=file;size=1; n%d\r\n" % number for number in range(5000))
    for listing in (lines, b"type=file;size=1; " + b"x" * MEGA):
        server.misbehave(Listing(lambda data, listing=listing: data + listing))  # type: ignore[misc]
        found = run(server, local, direction)
        assert found["error"] and (here(local), times(local)) == before


@both_directions
def test_impossible_times(server: FaultyFtp, local: Path, direction: str) -> None:
    odd = [Shown(f"t{number}", "file", 1, stamp, 0o644) for number, stamp in enumerate((-(2.0**36), 253402300799.0))]
    write_tree(server.root, {entry.name: "x" for entry in odd})

    def without(listing: bytes) -> bytes:
        return b"".join(line + b"\n" for line in listing.split(b"\n") if line and b"; t" not in line)

    more = b"type=file;size=1;modify=00010101000000; t0\r\ntype=file;size=1;modify=99991231235959; t1\r\n"
    server.misbehave(Listing(lambda data: without(data) + (more if b"a.txt" in data else b"")))
    found = run(server, local, direction)
    assert "Traceback" not in str(found) and {"a.txt", "b.txt", "d/c.txt"} <= set(found["downloaded"])
    assert {path.rpartition("/")[2] for path in failed(found)} <= {"t0", "t1"}


# ---------------------------------------------------------------------- what changes meanwhile


@both_directions
@pytest.mark.parametrize("content", [None, "longer than it was listed" * 10])
def test_a_file_that_changes_before_it_is_read_fails_alone(
    server: FaultyFtp, local: Path, direction: str, content: str | None
) -> None:
    def change() -> None:
        if content is None:
            (server.root / "a.txt").unlink()
        else:
            (server.root / "a.txt").write_text(content)

    server.misbehave(Once(on("RETR", 1), change))
    found = run(server, local, direction, connections=1)
    wrong = failed(found)
    assert wrong in ([], ["a.txt"]) and {"b.txt", "d/c.txt"} <= set(here(local))
    assert here(local).get("a.txt", b"a" * 100) == b"a" * 100
    server.misbehave()
    assert run(server, local, direction)["error"] is None and here(local) == here(server.root)


@pytest.mark.parametrize("same_size", [True, False])
def test_what_changed_on_the_server_since_it_was_listed_is_not_deleted(
    server: FaultyFtp, local: Path, same_size: bool
) -> None:
    assert run(server, local, "sync")["error"] is None
    (local / "a.txt").unlink()
    (local / "b.txt").unlink()
    mine = "A" * (100 if same_size else 120)
    server.misbehave(Once(on_path("STOR", "lock.json"), lambda: write_tree(server.root, {"a.txt": mine}, EARLIER + 99)))
    found = run(server, local, "sync")
    assert failed(found) == ["a.txt"] and found["deleted"] == ["b.txt"]
    assert (server.root / "a.txt").read_text() == mine
    server.misbehave()
    again = run(server, local, "sync")
    assert [conflict["path"] for conflict in again["conflicts"]] == ["a.txt"]
    assert sorted(os.listdir(server.root)) == ["a.txt", "d"]


@pytest.mark.parametrize("refused", ["DELE", "RMD"])
def test_what_cannot_be_deleted_is_not_said_to_be(server: FaultyFtp, local: Path, refused: str) -> None:
    write_tree(server.root, {".hidden": "h"})
    assert run(server, local, "sync")["error"] is None
    for path in ("a.txt", "d/c.txt", ".hidden"):
        (local / path).unlink()
    shutil.rmtree(local / "d")

    class Forbidden(Fault):
        def commanded(self, session: t.Any, command: Command) -> str | None:
            return "550 Permission denied" if command.verb == refused and "lock" not in command.argument else None

    class Unlisted(Fault):
        """Once something was to be deleted no folder can be listed any more, and hidden files never are."""

        def commanded(self, session: t.Any, command: Command) -> str | None:
            after = any(seen.verb == refused for seen in session.server.record.commands)
            return "550 Permission denied" if command.verb in ("MLSD", "LIST") and after else None

    server.misbehave(Forbidden(), Unlisted())
    found = run(server, local, "sync")
    there = here(server.root)
    assert found["error"] and not [path for path in found["deleted"] if path in there]
    server.misbehave()
    again = run(server, local, "sync")
    assert again["error"] is None and sorted(here(server.root)) == ["b.txt"] == sorted(here(local))
