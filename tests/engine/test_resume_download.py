# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Large downloads go on where a lost connection has ended them, if that is sure to give the same file; else anew."""

from __future__ import annotations

import hashlib
import os
import time
import typing as t
from pathlib import Path

import pytest

from ftpsync.sides.arrival import Arrival
from tests.engine import points
from tests.engine.conftest import EARLIER, attempt, tree_of
from tests.engine.test_resume import rests
from tests.faulty import (
    Command,
    Cut,
    DataStall,
    Fault,
    FaultyFtp,
    Refuse,
    Which,
    Without,
    on,
)
from tests.faulty.record import Reply
from tests.reliability.proxy import Break, Line
from tests.servers import Server

MIB = 1024 * 1024
SIZE = 5 * MIB + 12_345
CONTENT = os.urandom(SIZE)
OTHER = os.urandom(SIZE)
WAYS = ["download", "sync"]
BLOCK = 64 * 1024


class Received:
    """Counts what runs have written of their downloads.

    A connection that ends takes along what has arrived and was not read: how much, is a race. So whoever cuts a
    download waits until the run has all of it that was sent.
    """

    total = 0

    @classmethod
    def watch(cls, monkeypatch: pytest.MonkeyPatch) -> None:
        write = Arrival.write

        def counting(arrival: Arrival, data: bytes) -> None:
            write(arrival, data)
            cls.total += len(data)

        monkeypatch.setattr(Arrival, "write", counting)

    @classmethod
    def wait(cls, total: int) -> None:
        deadline = time.monotonic() + 10
        while cls.total < total and time.monotonic() < deadline:
            time.sleep(0.001)


class Middle(Fault):
    """Large downloads are cut in their middle, with the control connection or without it; the first few only."""

    def __init__(self, *after: int, then: t.Callable[[], object] = bool, how: t.Callable[[], Exception] = Cut) -> None:
        self._after = list(after)
        self._then = then
        self._how = how
        self._before = 0

    def block(self, transfer: t.Any, block: bytes) -> bytes:
        if transfer.count == 0:
            self._before = Received.total
        if transfer.command.verb == "RETR" and self._after and transfer.count + len(block) > self._after[0]:
            transfer.keep(block[: max(0, self._after.pop(0) - transfer.count)])
            Received.wait(self._before + transfer.count)
            self._then()
            raise self._how()
        return block


class AtResumption(Fault):
    """Something happens at RETR after REST."""

    def __init__(self, action: t.Callable[[t.Any], str | None]) -> None:
        self._action = action

    def commanded(self, session: t.Any, command: Command) -> str | None:
        return self._action(session) if command.verb == "RETR" and session.offset else None


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[FaultyFtp]:
    points.quick(monkeypatch)
    Received.watch(monkeypatch)
    (tmp_path / "server").mkdir()
    with FaultyFtp(root=tmp_path / "server") as running:
        put(running)
        yield running


def put(server: FaultyFtp, content: bytes = CONTENT, mtime: int = EARLIER) -> None:
    """The large file, replaced as a whole."""
    new = server.root.parent / "new"
    new.write_bytes(content)
    os.utime(new, (mtime, mtime))
    new.replace(server.root / "big.bin")


def run(server: FaultyFtp, local: Path, *faults: Fault, **options: t.Any) -> dict[str, t.Any]:
    server.misbehave(*faults)
    wanted = {"connections": 1, "timeout": 5, "retries": 2, "direction": "download", **options}
    found = attempt(t.cast(t.Any, server), local, **wanted)
    server.settle()
    assert not [path for path in tree_of(local) if ".ftpsync-" in path]
    return found


def received(server: FaultyFtp) -> list[int]:
    """Bytes of each large download."""
    return [seen.count for seen in server.record.data if seen.command.verb == "RETR" and seen.count > 10_000]


def content(local: Path) -> bytes | None:
    return tree_of(local).get("big.bin")


@pytest.mark.parametrize("direction", WAYS)
def test_a_download_goes_on_where_it_was_cut(server: FaultyFtp, local: Path, direction: str) -> None:
    found = run(server, local, Middle(3 * MIB + 7), direction=direction)
    assert found["error"] is None and content(local) == CONTENT
    (rest,) = rests(server)
    assert 2 * MIB < rest <= 3 * MIB + 7 and received(server) == [3 * MIB + 7, SIZE - rest]
    assert (local / "big.bin").stat().st_mtime == EARLIER


@pytest.mark.parametrize("listing", [(), ("MLST", "MLSD")], ids=["MLSD", "LIST"])
def test_it_may_be_cut_again(server: FaultyFtp, local: Path, listing: tuple[str, ...]) -> None:
    found = run(server, local, Middle(2 * MIB, MIB + 9), Without(*listing))
    assert found["error"] is None and content(local) == CONTENT
    first, second = rests(server)
    assert MIB < first < second


def test_one_that_stands_still_is_abandoned_and_goes_on(server: FaultyFtp, local: Path) -> None:
    first = Which(when=lambda command, _reply: command is not None and command.nth == 1)
    server.misbehave(DataStall(first, 2 * MIB))
    found = attempt(t.cast(t.Any, server), local, direction="download", connections=1, timeout=1, retries=2)
    assert found["error"] is None and content(local) == CONTENT
    assert len(rests(server)) == 1


def test_all_has_arrived_and_the_end_was_not_heard(server: FaultyFtp, local: Path) -> None:
    class Unheard(Fault):
        left = 1

        def before_reply(self, session: t.Any, reply: Reply, data: bytes) -> bytes:
            if self.left and SIZE in received(session.server) and data[:3] == b"226":
                self.left = 0
                raise Cut
            return data

    found = run(server, local, Unheard())
    assert found["error"] is None and content(local) == CONTENT
    assert received(server)[0] == SIZE and len(rests(server)) == 1


CHANGES: list[tuple[str, bytes, int]] = [
    ("another time", OTHER, EARLIER + 60),
    ("longer", OTHER + b"more", EARLIER),
    ("shorter", OTHER[:-1], EARLIER),
]


@pytest.mark.parametrize("direction", WAYS)
@pytest.mark.parametrize("listing", [(), ("MLST", "MLSD")], ids=["MLSD", "LIST"])
@pytest.mark.parametrize(("what", "new", "mtime"), CHANGES, ids=[what for what, *_rest in CHANGES])
def test_a_file_that_changes_between_two_attempts_is_not_pieced_together(
    server: FaultyFtp, local: Path, what: str, new: bytes, mtime: int, listing: tuple[str, ...], direction: str
) -> None:
    change = Middle(3 * MIB, then=lambda: put(server, new, mtime))
    found = run(server, local, change, Without(*listing), direction=direction)
    assert rests(server) == []
    assert content(local) in ((new,) if len(new) == SIZE else (None,))
    assert (found["error"] is None) == (len(new) == SIZE)


def test_nor_is_one_that_changes_while_it_is_gone_on_with(server: FaultyFtp, local: Path) -> None:
    """After it was asked for its size and time, and before it is read."""
    resumed = AtResumption(lambda _session: put(server, OTHER, EARLIER + 60))
    found = run(server, local, Middle(3 * MIB), resumed)
    assert found["error"] is None and content(local) == OTHER
    assert len(rests(server)) == 1


class Digests(Fault):
    """The server tells digests."""

    def __init__(self, wrong: bool = False) -> None:
        self._wrong = wrong
        self.asked = 0

    def features(self, lines: list[str]) -> list[str]:
        return [*lines, "HASH SHA-256*"]

    def commanded(self, session: t.Any, command: Command) -> str | None:
        if command.verb == "OPTS" and command.argument.startswith("HASH"):
            return "200 SHA-256"
        if command.verb != "HASH":
            return None
        self.asked += 1
        data = (session.server.root / command.argument.lstrip("/")).read_bytes()
        return f"213 SHA-256 0-{len(data)} {hashlib.sha256(data).hexdigest()} {command.argument}"


def test_the_digest_is_asked_for_where_the_server_tells_it(server: FaultyFtp, local: Path) -> None:
    """Size and time are the same, and the content is not."""
    digests = Digests()
    found = run(server, local, Middle(3 * MIB, then=lambda: put(server, OTHER)), digests)
    assert found["error"] is None and content(local) == OTHER and digests.asked == 1
    digests = Digests()
    (local / "big.bin").unlink()
    put(server)
    found = run(server, local, Middle(3 * MIB), digests, record="none")
    assert found["error"] is None and content(local) == CONTENT and digests.asked == 1
    assert len(received(server)) == 2


def forget(session: t.Any) -> None:
    session.offset = 0


def too_early(session: t.Any) -> None:
    session.offset -= 100_000


def too_late(session: t.Any) -> None:
    session.offset += 100_000


REFUSALS: list[tuple[str, list[Fault]]] = [
    ("no REST in FEAT", [Without("REST")]),
    ("REST is refused", [Refuse(on("REST"), "502 No")]),
    ("REST is not known", [Refuse(on("REST"), "500 What?")]),
    ("RETR after REST is refused", [AtResumption(lambda session: [forget(session), "554 No restart"][1])]),
    ("REST is forgotten", [AtResumption(forget)]),
    ("it goes on before that", [AtResumption(too_early)]),
    ("it goes on after that", [AtResumption(too_late)]),
    ("no MDTM", [Without("MDTM")]),
    ("no SIZE", [Without("SIZE")]),
]


@pytest.mark.parametrize("direction", WAYS)
@pytest.mark.parametrize(("what", "faults"), REFUSALS, ids=[what for what, _faults in REFUSALS])
def test_it_begins_anew_where_going_on_is_in_doubt(
    server: FaultyFtp, local: Path, what: str, faults: list[Fault], direction: str
) -> None:
    found = run(server, local, Middle(2 * MIB), *faults, direction=direction)
    assert found["error"] is None, found["error"]
    assert content(local) == CONTENT


def test_a_refusal_costs_no_attempt(server: FaultyFtp, local: Path) -> None:
    found = run(server, local, Middle(2 * MIB), Refuse(on("REST"), "502 No"), retries=1)
    assert found["error"] is None and content(local) == CONTENT


def test_what_could_not_be_finished_leaves_nothing(server: FaultyFtp, local: Path) -> None:
    (local / "big.bin").write_bytes(b"old")
    os.utime(local / "big.bin", (EARLIER - 1000, EARLIER - 1000))
    found = run(server, local, Middle(*[MIB + 9] * 9), resolve="remote")
    assert "big.bin" in found["error"] and content(local) == b"old"
    assert len(received(server)) == 3


def test_on_real_servers(plain_server: Server, tmp_path: Path, local: Path) -> None:
    plain_server.put("big.bin", CONTENT, EARLIER)
    scheme, _slashes, rest = plain_server.connection()["remote"].partition("//")
    with Line(plain_server.port) as line:
        remote = f"{scheme}//127.0.0.1:{line.port}/{rest.split('/', 1)[1]}"
        line.begin(Break("data", 3 * MIB + MIB // 2))
        plain_server.mark()
        found = attempt(plain_server, local, direction="download", remote=remote, connections=1, retries=3)
        line.begin()
    assert found["error"] is None and content(local) == CONTENT
