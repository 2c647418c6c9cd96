# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lock when connections are lost at its every step, and when several runs want it."""

from __future__ import annotations

import contextlib
import json
import os
import typing as t
from pathlib import Path

import pytest

from ftpsync.errors import ConnectionLost, FtpSyncError, LockHeld, ServerRefused
from ftpsync.ftp.options import ConnectOptions
from ftpsync.ftp.session import Session
from ftpsync.ftp.wire import Command
from ftpsync.records.lock import BEAT_EVERY, STALE_AFTER, Lock
from ftpsync.records.state import State, StateFolder
from tests.engine.points import Clock
from tests.faulty import Deny, Drop, Fault, FaultyFtp, Refuse, at_reply, on, times

FOLDER = StateFolder("/.ftpsync", "/")
MINE, OTHER = "0123456789ab", "ba9876543210"


@pytest.fixture
def server(tmp_path: Path) -> t.Iterator[FaultyFtp]:
    with FaultyFtp(root=tmp_path) as running:
        (tmp_path / ".ftpsync/stage").mkdir(parents=True)
        yield running


@pytest.fixture
def connect(server: FaultyFtp) -> t.Iterator[t.Callable[[], Session]]:
    sessions: list[Session] = []

    def start() -> Session:
        sessions.append(Session(ConnectOptions(server.host, server.port, server.username, server.password, timeout=5)))
        sessions[-1].open()
        sessions[-1].list_folder("/")
        return sessions[-1]

    yield start
    for session in sessions:
        session.close()


Connect = t.Callable[[], Session]


class Signed(Lock):
    """One that tells at once whose it is."""

    def acquire(self, session: Session) -> None:
        super().acquire(session)
        self.sign(session)


def lock(run: str = MINE, timeout: float = 0) -> Lock:
    return Signed(FOLDER, run, timeout, "now")


def owner(server: FaultyFtp) -> str | None:
    """The run that holds the lock; "" if it does not say, None if nobody does."""
    folder = server.root / ".ftpsync/lock"
    file = folder / "owner.json"
    if not folder.exists():
        return None
    return str(json.loads(file.read_text())["run"]) if file.exists() and file.read_text() else ""


def persistently(action: t.Callable[[Session], object], session: Session) -> None:
    for _attempt in range(2):
        try:
            action(session)
            return
        except ConnectionLost:
            session.reopen()
    raise AssertionError("two attempts are not enough")


def replies_of(server: FaultyFtp, action: t.Callable[[Session], object], session: Session) -> list[int]:
    """Numbers of the replies that a step needs."""
    before = len(server.record.replies)
    action(session)
    return list(range(before + 1, len(server.record.replies) + 1))


def test_taken_and_given_back(server: FaultyFtp, connect: Connect) -> None:
    session, mine = connect(), lock()
    mine.acquire(session)
    assert owner(server) == MINE
    with pytest.raises(LockHeld):
        lock(OTHER).acquire(session)
    mine.release(session)
    assert os.listdir(server.root / ".ftpsync") == ["stage"]
    mine.release(session)
    lock(OTHER).acquire(session)


@pytest.mark.parametrize("after", [False, True])
def test_taken_although_a_reply_is_lost(server: FaultyFtp, connect: Connect, after: bool) -> None:
    """Only where the answer to MKD is lost, nothing tells whose the lock is."""
    session = connect()
    needed = replies_of(server, lock(OTHER).acquire, session)
    assert len(needed) > 3
    for step in range(len(needed)):
        session.close()
        for path in (server.root / ".ftpsync/lock").glob("*"):
            path.unlink()
        (server.root / ".ftpsync/lock").rmdir()
        server.misbehave()
        session = connect()
        server.faults = (Drop(at_reply(len(server.record.replies) + 1 + step), after=after),)
        if step == 0 and not after:
            with pytest.raises(LockHeld):
                persistently(lock().acquire, session)
        else:
            persistently(lock().acquire, session)
            assert owner(server) == MINE


@pytest.mark.parametrize("after", [False, True])
def test_given_back_although_a_reply_is_lost(server: FaultyFtp, connect: Connect, after: bool) -> None:
    """At no point is there a lock that does not tell whose it is; and none but our own is given back.

    The same goes for the journal, whose end leaves with the lock's.
    """
    journal = server.root / ".ftpsync/journal.json"
    session, mine = connect(), lock()
    mine.acquire(session)
    mine.last_words = FOLDER.journal_removal()
    needed = replies_of(server, mine.release, session)
    for step in range(len(needed)):
        session, mine = connect(), lock()
        mine.acquire(session)
        mine.last_words = FOLDER.journal_removal()
        journal.write_text("ours")
        server.faults = (Drop(at_reply(len(server.record.replies) + 1 + step), after=after),)
        with contextlib.suppress(ConnectionLost):  # unless it was the last reply, and had arrived
            mine.release(session)
        server.faults = ()
        assert owner(server) in (MINE, None)
        if owner(server) is None:  # somebody else is quick
            theirs = lock(OTHER)
            theirs.acquire(connect())
            journal.write_text("theirs")
            session.reopen()
            mine.release(session)
            assert owner(server) == OTHER
            assert journal.read_text() == "theirs"
            theirs.last_words = FOLDER.journal_removal()
            theirs.release(session)
        else:
            session.reopen()
            mine.release(session)
        assert os.listdir(server.root / ".ftpsync") == ["stage"]


def test_a_run_of_this_process_that_has_ended_holds_nothing(server: FaultyFtp, connect: Connect) -> None:
    session, mine = connect(), lock()
    mine.acquire(session)
    server.faults = (Drop(on("RNFR")),)
    with pytest.raises(ConnectionLost):
        mine.release(session)
    session.reopen()
    lock(OTHER).acquire(session)
    assert owner(server) == OTHER


def test_a_lock_that_is_new_is_not_taken_for_the_dead_one(server: FaultyFtp, connect: Connect) -> None:
    """Two runs see a dead lock; the slower one gets hold of the faster one's, and puts it back."""
    session, dead, faster = connect(), lock("dead00000000"), lock("faster000000")
    dead.acquire(session)
    server.faults = (Drop(on("RNFR")),)
    with pytest.raises(ConnectionLost):
        dead.release(session)
    other = connect()

    class Overtaken(Fault):
        def commanded(self, _session: t.Any, command: t.Any) -> None:
            if command.verb == "RNFR" and command.connection == 1 + session_number:
                server.faults = ()
                faster.acquire(other)

    session = connect()
    session_number = server.record.commands[-1].connection - 1
    server.faults = (Overtaken(),)
    with pytest.raises(LockHeld):
        lock().acquire(session)
    assert owner(server) == "faster000000"


def test_given_back_between_two_looks(server: FaultyFtp, connect: Connect) -> None:
    session = connect()
    server.faults = (Refuse(times(1, on("MKD"))),)
    lock().acquire(session)
    assert owner(server) == MINE
    server.faults = (Refuse(on("MKD")),)
    (server.root / ".ftpsync/lock/owner.json").unlink()
    (server.root / ".ftpsync/lock").rmdir()
    with pytest.raises(ServerRefused, match="cannot be created"):
        lock(OTHER).acquire(session)


def test_a_server_that_renames_no_folders(server: FaultyFtp, connect: Connect) -> None:
    session, mine = connect(), lock()
    mine.acquire(session)
    server.faults = (Refuse(on("RNTO")),)
    mine.release(session)
    assert owner(server) is None


def test_one_that_was_never_taken_is_not_given_back(server: FaultyFtp, connect: Connect) -> None:
    session, theirs = connect(), lock(OTHER)
    theirs.acquire(session)
    mine = lock()
    for fault in (Deny(on("LIST")),):
        server.faults = (fault,)
        with pytest.raises(FtpSyncError):
            mine.acquire(session)
        mine.release(session)
        assert owner(server) == OTHER


def test_what_is_left_of_locks_is_swept(server: FaultyFtp, connect: Connect) -> None:
    session, mine = connect(), lock()
    mine.acquire(session)
    server.faults = (Drop(on("RNTO")),)
    with pytest.raises(ConnectionLost):
        mine.release(session)
    session.reopen()
    names = frozenset(os.listdir(server.root / ".ftpsync"))
    assert any(name.startswith("lock.") for name in names)
    FOLDER.prepare(session, State(True, names))
    assert not list((server.root / ".ftpsync").glob("lock*"))


def test_a_server_that_makes_folders_and_denies_it(
    server: FaultyFtp, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each lock that it makes seems to be somebody else's; that ends, too."""
    monkeypatch.setattr("ftpsync.records.lock.STALE_AFTER", -1)
    session = connect()
    server.faults = (Deny(on("MKD")),)
    with pytest.raises(LockHeld):
        lock().acquire(session)


def test_one_that_is_ours_for_long_is_taken_again(
    server: FaultyFtp, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step that is repeated after a long wait finds its own lock there."""
    clock = Clock()
    monkeypatch.setattr("ftpsync.records.lock.time", clock)
    session, mine = connect(), lock()
    mine.acquire(session)
    clock.sleep(STALE_AFTER)
    mine.acquire(session)
    assert owner(server) == MINE
    mine.release(session)
    assert owner(server) is None


def test_a_dead_one_that_cannot_be_moved_is_not_tried_without_end(server: FaultyFtp, connect: Connect) -> None:
    session, dead = connect(), lock("dead00000000")
    dead.acquire(session)
    server.faults = (Drop(on("RNFR")),)
    with pytest.raises(ConnectionLost):
        dead.release(session)
    session.reopen()
    server.faults = (Refuse(on("RNTO")),)
    with pytest.raises(LockHeld):
        lock().acquire(session)
    assert owner(server) == "dead00000000"


def test_signs_of_life_are_given_now_and_then(
    server: FaultyFtp, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr("ftpsync.records.lock.time", clock)
    session, mine = connect(), lock()
    mine.acquire(session)

    def beats() -> int:
        return int(json.loads((server.root / ".ftpsync/lock/owner.json").read_text())["beat"])

    first = beats()
    mine.beat(session)
    assert beats() == first, "too early"
    clock.sleep(BEAT_EVERY)
    with mine._mutex:
        mine.beat(session)
    assert beats() == first, "another thread is about to"
    for _number in range(2):
        mine.beat(session)
    assert beats() == first + 1


def test_the_first_heartbeat_tells_whose_it_is(server: FaultyFtp, connect: Connect) -> None:
    session, mine = connect(), Lock(FOLDER, MINE, 0, "now")
    mine.acquire(session)
    assert owner(server) == ""
    with pytest.raises(LockHeld):
        lock(OTHER).acquire(session)
    server.faults = (Drop(on("STOR")),)
    with pytest.raises(ConnectionLost):
        mine.beat(session)
    server.faults = ()
    session.reopen()
    mine.beat(session)  # not only after a while: nobody knows yet
    assert owner(server) == MINE
    server.record.commands.clear()
    mine.sign(session)
    mine.beat(session)
    assert not server.record.commands


def test_given_back_before_the_first_heartbeat(server: FaultyFtp, connect: Connect) -> None:
    session, mine = connect(), Lock(FOLDER, MINE, 0, "now")
    mine.acquire(session)
    mine.release(session)
    assert os.listdir(server.root / ".ftpsync") == ["stage"]


@pytest.mark.parametrize("number", [2, 3])
def test_a_connection_that_is_lost_after_the_lock_was_taken(server: FaultyFtp, connect: Connect, number: int) -> None:
    """The answer to MKD counts, whatever becomes of what left with it."""
    session, mine = connect(), Lock(FOLDER, MINE, 0, "now")
    mine.first_words = [Command("SIZE", "/x"), Command("SIZE", "/y")]
    server.faults = (Drop(at_reply(len(server.record.replies) + number)),)
    mine.acquire(session)
    assert len(mine.answers) == number - 2
    server.faults = ()
    session.reopen()
    mine.sign(session)
    assert owner(server) == MINE


def test_answers_to_a_lock_that_was_not_taken_are_not_kept(server: FaultyFtp, connect: Connect) -> None:
    session, mine = connect(), Lock(FOLDER, MINE, 0, "now")
    mine.first_words = [Command("SIZE", "/x")]
    lock(OTHER).acquire(session)
    with pytest.raises(LockHeld):
        mine.acquire(session)
    assert not mine.answers
