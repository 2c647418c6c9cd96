# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a two-sided run recovers from: unheard replies, servers that get tighter, transfers that stand still."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.engine import points
from tests.engine.conftest import Tree, attempt, tree_of, write_tree
from tests.faulty import (
    Command,
    Cut,
    DataStall,
    Drop,
    Fault,
    FaultyFtp,
    MostConnections,
    MostLogins,
    ShortUpload,
    Stall,
    Which,
    Without,
    on,
)
from tests.faulty.record import Reply

BIG = "0123456789" * 100_000
HUGE = BIG * 20  # more than buffers hold, so that the end is not read before the beginning has arrived
MANY = {f"d{number % 3}/f{number}.txt": f"{number}" * 50 for number in range(24)}


class Unheard(Fault):
    """The control connection is gone when a large upload has ended, as if it had been idle for too long."""

    def __init__(self) -> None:
        self.count = 0

    def before_reply(self, session: t.Any, reply: Reply, data: bytes) -> bytes:
        if self.count == 0 and reply.command is not None and reply.command.verb == "STOR" and data[:1] == b"2":
            seen = session.server.record.data
            if any(one.command == reply.command and one.count >= 100_000 for one in seen):
                self.count = 1
                raise Cut
        return data


class Tighter(Fault):
    """From some command on one client is served at a time, and the others are turned away."""

    def __init__(self, verb: str, says: str) -> None:
        self._when = on(verb, 5)
        self._says = says
        self.stays = 0

    def commanded(self, session: t.Any, command: Command) -> str | None:
        if not self.stays and self._when(command, None):
            self.stays = session.number
        if self.stays and session.number != self.stays:
            if command.verb == "PASS" and self._says.startswith("530"):
                return self._says
            if session.number < self.stays or self._says.startswith("421"):
                raise Cut
        return None

    def connected(self, session: t.Any) -> str | None:
        return self._says if self.stays and self._says.startswith("421") else None


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[FaultyFtp]:
    """An empty server that does all as it should until it is told not to."""
    points.quick(monkeypatch)
    (tmp_path / "server").mkdir()
    with FaultyFtp(root=tmp_path / "server") as running:
        yield running


@pytest.fixture
def local(tmp_path: Path) -> Path:
    """An empty folder."""
    (tmp_path / "local").mkdir()
    return tmp_path / "local"


def run(server: FaultyFtp, local: Path, direction: str, **options: t.Any) -> dict[str, t.Any]:
    wanted = {"retries": 2, "timeout": 5, "record": "folder", **options}
    return attempt(t.cast(t.Any, server), local, direction=direction, **wanted)


def here(folder: Path) -> Tree:
    return {path: data for path, data in tree_of(folder).items() if not path.rpartition("/")[2].startswith(".")}


def uploads(server: FaultyFtp) -> list[int]:
    """Bytes of all large uploads."""
    return [seen.count for seen in server.record.data if seen.command.verb == "STOR" and seen.count >= 100_000]


@pytest.mark.parametrize("old", [None, "x" * len(BIG)], ids=["new", "of the same size"])
@pytest.mark.parametrize("direction", ["upload", "sync"])
def test_an_upload_whose_end_was_not_heard_of_is_looked_up(
    server: FaultyFtp, local: Path, direction: str, old: str | None
) -> None:
    if old is not None:
        write_tree(local, {"big.bin": old})
        assert run(server, local, direction)["error"] is None
    write_tree(local, {"big.bin": BIG}, 1_600_000_000)
    lost = Unheard()
    server.misbehave(lost)
    found = run(server, local, direction)
    server.settle()
    assert lost.count == 1 and found["error"] is None and found["uploaded"] == ["big.bin"]
    assert uploads(server) == [len(BIG)], "it was sent twice"
    assert here(server.root) == here(local)
    assert (server.root / "big.bin").stat().st_mtime == 1_600_000_000
    record = server.misbehave()
    assert run(server, local, direction)["operations"] == [] and record.writes() == []


@pytest.mark.parametrize("direction", ["upload", "sync"])
def test_what_arrived_unheard_is_neither_a_conflict_nor_copied_again(
    server: FaultyFtp, local: Path, direction: str
) -> None:
    write_tree(local, {"a.txt": "one"})
    assert run(server, local, direction)["error"] is None
    write_tree(local, {"a.txt": "the second"}, 1_600_000_000)
    server.settle()
    server.misbehave(Drop(on("RNTO")))
    assert run(server, local, direction, retries=0)["error"] and here(server.root) == here(local)
    server.settle()
    server.misbehave()
    found = run(server, local, direction)
    assert found["error"] is None and found["operations"] == found["conflicts"] == found["drifted"] == []
    write_tree(local, {"a.txt": "and the third one"}, 1_600_000_100)
    found = run(server, local, direction)
    assert found["uploaded"] == ["a.txt"] and found["conflicts"] == [], "it is known what both sides were"


@pytest.mark.parametrize("direction", ["upload", "sync"])
def test_an_upload_whose_end_is_missing_is_sent_again(server: FaultyFtp, local: Path, direction: str) -> None:
    write_tree(local, {"big.bin": BIG})
    lost = Unheard()
    server.misbehave(ShortUpload(Which(when=on("STOR", 2)), len(BIG) // 2), lost)  # the first one is the lock
    found = run(server, local, direction)
    assert found["error"] is None and lost.count == 1
    assert uploads(server) == [len(BIG) // 2, len(BIG)] and here(server.root) == here(local)


@pytest.mark.parametrize("direction", ["upload", "sync", "download"])
@pytest.mark.parametrize("limit", [MostConnections(1), MostConnections(2, ""), MostLogins(1)])
def test_a_server_with_few_connections(server: FaultyFtp, local: Path, direction: str, limit: Fault) -> None:
    write_tree(server.root if direction == "download" else local, MANY)
    server.misbehave(limit)
    found = run(server, local, direction, connections=4)
    assert found["error"] is None and here(server.root) == here(local) != {}


@pytest.mark.parametrize("says", ["421 Too many connections", "530 Too many logins"])
@pytest.mark.parametrize("direction", ["upload", "download"])
def test_a_server_that_gets_tighter_meanwhile(server: FaultyFtp, local: Path, direction: str, says: str) -> None:
    write_tree(server.root if direction == "download" else local, MANY)
    tighter = Tighter("RETR" if direction == "download" else "STOR", says)
    server.misbehave(tighter)
    found = run(server, local, direction, connections=4)
    assert tighter.stays
    assert found["error"] is None, found["error"]
    assert here(server.root) == here(local) != {}


@pytest.mark.parametrize("direction", ["upload", "download"])
def test_a_transfer_that_stands_still_is_abandoned(server: FaultyFtp, local: Path, direction: str) -> None:
    write_tree(server.root if direction == "download" else local, {"big.bin": BIG, "a.txt": "a"})
    verb = on("RETR" if direction == "download" else "STOR", 2)
    server.misbehave(DataStall(Which(when=verb), 0))
    found = run(server, local, direction, timeout=1, connections=1)
    assert found["error"] is None, found["error"]
    assert here(server.root) == here(local) != {}


@pytest.mark.parametrize("direction", ["upload", "download"])
def test_a_reply_that_never_comes_is_not_waited_for(server: FaultyFtp, local: Path, direction: str) -> None:
    write_tree(server.root if direction == "download" else local, {"a.txt": "a", "b.txt": "b"})
    verb = on("RETR" if direction == "download" else "RNTO", 1)
    server.misbehave(Stall(verb))
    found = run(server, local, direction, timeout=1, connections=1)
    assert found["error"] is None and here(server.root) == here(local) != {}


def test_a_server_that_always_loses_the_connection_ends_the_run(server: FaultyFtp, local: Path) -> None:
    write_tree(server.root, {"a.txt": "a", "b.txt": "b"})
    server.misbehave(Drop(on("RETR"), again=1000))
    found = run(server, local, "download", connections=1)
    assert sorted(error["path"] for error in found["errors"]) == ["a.txt", "b.txt"] and here(local) == {}
    tries = [command for command in server.record.commands if command.verb == "RETR"]
    assert len(tries) == 2 * 3, "each is tried retries + 1 times"


@pytest.mark.parametrize("direction", ["upload", "sync"])
def test_a_file_that_changes_while_it_is_sent_is_not_published(server: FaultyFtp, local: Path, direction: str) -> None:
    class Changes(Fault):
        def block(self, transfer: t.Any, block: bytes) -> bytes:
            if transfer.incoming and transfer.count == 0 and len(block) > 1000:
                (local / "big.bin").write_text(HUGE[:-5] + "other", encoding="utf-8")
            return block

    write_tree(local, {"big.bin": HUGE, "a.txt": "a"})
    server.misbehave(Changes())
    found = run(server, local, direction)
    assert "big.bin" in found["error"] and "changed" in found["error"]
    assert here(server.root) == {"a.txt": b"a"}
    server.misbehave()
    assert run(server, local, direction)["error"] is None and here(server.root) == here(local)


@pytest.mark.parametrize("lacks", [(), ("MFMT", "SITE")], ids=["keeps times", "keeps no times"])
def test_a_download_writes_nothing_on_the_server(server: FaultyFtp, local: Path, lacks: tuple[str, ...]) -> None:
    """Not even records, where earlier uploads have left some."""
    unable = [Without(*lacks)] if lacks else []
    write_tree(local, {"a.txt": "a", "d/b.txt": "b"})
    server.misbehave(*unable)
    assert run(server, local, "upload")["error"] is None
    write_tree(server.root, {"a.txt": "changed there", "d/c.txt": "new"})
    (server.root / "d/b.txt").unlink()
    record = server.misbehave(*unable)
    before = tree_of(server.root)
    found = run(server, local, "download", delete=True)
    assert found["error"] is None and here(local) == here(server.root)
    assert record.writes() == [] and tree_of(server.root) == before
