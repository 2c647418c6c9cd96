# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The points at which a run is made to fail, and how all of them are tried from the same beginning."""

from __future__ import annotations

import os
import shutil
import signal
import typing as t
from pathlib import Path

import pytest

from tests.engine.nursery import Nursery
from tests.faulty import (
    Command,
    DataDrop,
    DataSeen,
    Drop,
    Fault,
    FaultyFtp,
    Gone,
    Strike,
    Which,
    Without,
    at_command,
    at_reply,
    from_reply,
)
from tests.reliability import results

EVERY = int(os.environ.get("FULL_MATRIX", "0"))  # 1 for all points, n for every n-th; else a sample
SIGNALS = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT]

Point = t.Tuple[str, Fault]

# What is done to a run at a point, besides signals.
CONTROL, DATA, HOSTILE = "control connection lost", "data connection lost", "hostile server"
# What came of a point.
RECOVERED, FAILED, KILLED, VIOLATED = "recovered", "failed", "killed", "violated"


class Ground:
    """A server, ready for one run after the other from the same beginning.

    Attributes:
        way: what is done, for people.
        lacks: the same in every run: commands that the server does not know.
        replies: number of those of a run without faults.
        commands, data: of such a run.
        in_order: they come in this order in each run, as on a single connection.
    """

    in_order = True

    def __init__(self, server: FaultyFtp, folder: Path, way: str, lacks: t.Sequence[str] = ()) -> None:
        self.server = server
        self.way = way
        self.lacks = [Without(*lacks)] if lacks else []
        self._unknown = lacks
        self._folder = folder
        self._runs = 0
        self._beginning = folder / "server"
        self._beginning.mkdir()
        server.disk.root = self._beginning
        server.faults = (*self.lacks,)

    def look_at_reference(self) -> None:
        """What is on the server now is the beginning; learn what a run without faults does."""
        self.server.watchers.append(self.watch)
        self.begin()
        found = self.run()
        assert found["error"] is None, found
        self.replies = len(self.server.record.replies)
        self.commands = [*self.server.record.commands]
        self.data = [*self.server.record.data]

    def begin(self, *faults: Fault) -> None:
        """Put everything on the server back to the beginning, and have it misbehave."""
        self._runs += 1
        root = self._folder / f"run{self._runs}"
        self.server.misbehave(*faults, *self.lacks)
        shutil.copytree(self._beginning, root, symlinks=True)
        before, self.server.disk.root = self.server.disk.root, root
        if before != self._beginning:
            shutil.rmtree(before)
        self.server.troubles.clear()

    def run(self, **options: t.Any) -> dict[str, t.Any]:
        """One run in this process; its failure, of either sort, is `error`."""
        raise NotImplementedError

    def job(self) -> dict[str, t.Any]:
        """The same for a process of its own."""
        raise NotImplementedError

    def watch(self, command: Command) -> None:
        """Called after each command that the server has carried out, and each piece of a file that it has written."""
        raise NotImplementedError

    def check_after_failure(self, found: dict[str, t.Any]) -> None:
        """What a run has told, and what is recorded, is true."""
        raise NotImplementedError

    def next_run(self) -> None:
        """A run without faults, after one that has failed: it ends as wanted, and a further one has nothing to do."""
        raise NotImplementedError

    # -- all points

    def through(self, what: str, points: t.Iterable[Point], run: t.Callable[[Fault], str]) -> list[str]:
        """Tries points, each from the same beginning; gives those at which something did not hold, and what.

        Parameters:
            what: is done at these points, for people.
            run: tells what came of it.
        """
        bad: list[str] = []
        for name, fault in points:
            self.begin(fault)
            try:
                came_of_it = run(fault)
                self.next_run()
            except Exception as error:  # noqa: BLE001 - a bug at one point must not hide the others
                came_of_it = VIOLATED
                bad.append(f"{name}: {type(error).__name__} {error}")
            results.note("matrix", way=self.way, what=what, came_of_it=came_of_it)
        return bad

    def lose(
        self, what: str, points: t.Iterable[Point], retries: int, must_recover: bool = True, **options: t.Any
    ) -> list[str]:
        """Runs that lose connections; with ``retries`` one of them is no failure, unless it need not recover."""

        def run(fault: Fault) -> str:
            found = self.run(retries=retries, **options)
            self.check_after_failure(found)
            if retries and must_recover and not isinstance(fault, Gone):
                assert found["error"] is None, found["error"]
            return RECOVERED if found["error"] is None else FAILED

        return self.through(what, points, run)

    def kill(self, number: signal.Signals, step: int, offset: int) -> list[str]:
        """Runs that are killed."""
        with Nursery() as nursery:
            before: list[Command] = []

            def strike() -> None:
                before[:] = self.server.record.commands[-2:]
                nursery.kill(number)

            def run(_fault: Fault) -> str:
                before.clear()
                nursery.start(**self.job())
                ended = nursery.wait()
                if not before and not self.in_order:  # this time that file came at another moment
                    return RECOVERED
                assert ended == (2 if number == signal.SIGINT else -number), f"it ended with {ended}"
                self.server.settle()
                self.check_after_failure({"raised": None, "error": "killed"})
                # It has the time to give its lock back, unless it was about to take it, or just did that.
                # With that, the journal's end leaves in one write.
                at_lock = any(
                    "/.ftpsync/lock" in command.argument or str(command) == "DELE /.ftpsync/journal.json"
                    for command in before
                )
                if number == signal.SIGINT and not at_lock:
                    assert not (self.server.root / ".ftpsync/lock").exists(), "it kept its lock"
                return KILLED

            return self.through(number.name, chosen(self.kill_faults(strike), step, offset), run)

    def kill_faults(self, kill: t.Callable[[], object]) -> t.Iterator[Point]:
        """After every command, and at the beginning and in the middle of every file: the client is killed.

        What it had sent ahead is carried out, or not.
        """
        files = {seen.command.number: seen for seen in self.data if seen.command.verb in ("STOR", "RETR")}
        for command in self.commands:
            if command.number in files:
                seen = files[command.number]
                for after in sorted({0, seen.count // 2}):
                    where = f"killed amid {command} ({command.number}) after {after} of {seen.count} bytes"
                    yield where, DataDrop(Which(seen.number), after, control="drop", action=kill)
            if command.verb == "QUIT" or command.verb in self._unknown:
                continue
            for goes_on in (False, True):
                where = f"killed after {command} ({command.number}){', server goes on' if goes_on else ''}"
                yield where, Strike(at_command(command.number), kill, goes_on=goes_on)


class Clock:
    """Time that passes while somebody sleeps, at once: for locks whose holder nobody knows to be dead."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses: nothing on the server changes while the engine sleeps."""
    monkeypatch.setattr("ftpsync.ftp.pool.FIRST_PAUSE", 0.001)
    monkeypatch.setattr("ftpsync.ftp.work.FIRST_PAUSE", 0.001)
    monkeypatch.setattr("ftpsync.ftp.resume.REST_FOR", 0.001)
    monkeypatch.setattr("ftpsync.apply.exclusive.MOMENT", 0.001)
    monkeypatch.setattr("ftpsync.records.lock.time", Clock())
    monkeypatch.setattr("ftpsync.records.lock.LOOK_EVERY", 20.0)


def control_faults(replies: int) -> t.Iterator[tuple[str, Fault]]:
    """Every reply: the connection ends before it or after it, by FIN or by RST; or the server is gone from then on."""
    for number in range(1, replies + 1):
        for after in (False, True):
            where = f"{'after' if after else 'before'} reply {number}"
            yield f"drop {where}", Drop(at_reply(number), after=after)
            yield f"reset {where}", Drop(at_reply(number), after=after, reset=True)
            yield f"drop {where}, but go on", Drop(at_reply(number), after=after, goes_on=True)
            yield f"gone {where}", Gone(from_reply(number), after=after)


def data_faults(data: t.Sequence[DataSeen]) -> t.Iterator[tuple[str, Fault]]:
    """Every data connection: it ends at its beginning, in its middle or at its end, alone or with the other one."""
    for seen in data:
        which = Which(seen.number)
        for after in sorted({0, seen.count // 2, seen.count}):
            where = f"data {seen.number}, {seen.command}, after {after} of {seen.count} bytes"
            yield f"cut {where}", DataDrop(which, after)
            yield f"cut {where}, 226", DataDrop(which, after, says=None)
            yield f"cut {where}, and control", DataDrop(which, after, control="drop")


def chosen(points: t.Iterable[tuple[str, Fault]], step: int, offset: int) -> list[tuple[str, Fault]]:
    """All points with FULL_MATRIX=1, else every step-th, which meets all kinds if it is prime to their number."""
    step = EVERY or step
    return list(points)[offset % step :: step]
