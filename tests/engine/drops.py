# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the drop matrix runs: a small site that changes, a server that fails at one point, and what must hold anyway."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import typing as t
from pathlib import Path

import pytest

from tests.engine.conftest import EARLIER, STATE, Content, attempt, expected, settings, tree_of, write_tree
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
    at_command,
    at_reply,
    from_reply,
)

FULL = bool(os.environ.get("FULL_MATRIX"))

# A changed file, a deleted one, a new one, a new folder, a folder that goes, and two that stay as they are.
OLD: dict[str, Content] = {
    "index.html": "<p>old</p>" * 100,
    "gone.txt": "to be deleted",
    "same.txt": "never touched",
    "leaves/with/it.txt": "and its folders",
    "css/same.css": "a{}",
}
NEW: dict[str, Content] = {
    "index.html": "<p>new, and of another length</p>" * 100,
    "added.txt": "new" * 500,
    "same.txt": "never touched",
    "folder/inside.txt": "in a new folder",
    "css/same.css": "a{}",
}
KEPT = ("same.txt", "css/same.css")


class Case(t.NamedTuple):
    """One way to publish.

    Attributes:
        first: there is nothing on the server yet, not even a record.
    """

    publish: str
    backup: int = 0
    first: bool = False

    def __str__(self) -> str:
        return "-".join([self.publish, *(["backup"] if self.backup else []), *(["first"] if self.first else [])])

    @property
    def options(self) -> dict[str, t.Any]:
        return {"publish": self.publish, "backup": self.backup, "delete": True, "connections": 1, "timeout": 5}


CASES = [
    Case("staged"),
    Case("staged", backup=1),
    Case("direct"),
    Case("direct", backup=1),
    Case("staged", first=True),
    Case("direct", first=True),
]


class Field:
    """A server and a local folder, ready for one run after the other from the same beginning.

    Attributes:
        replies: number of those of a run without faults.
        commands, data: of such a run.
    """

    def __init__(self, server: FaultyFtp, folder: Path, case: Case) -> None:
        self.server = server
        self.case = case
        self.options = case.options
        self._folder = folder
        self._runs = 0
        self.old = {} if case.first else expected(OLD)
        self.new = expected(NEW)
        self.local = write_tree(folder / "old", OLD)
        self._beginning = folder / "server"
        self._beginning.mkdir()
        server.disk.root = self._beginning
        if not case.first:
            found = self.run()
            assert found["error"] is None, found
        self.local = write_tree(folder / "new", NEW, mtime=EARLIER + 1000)
        server.watchers.append(self.watch)
        self.begin()
        found = self.run()
        assert found["error"] is None, found
        self.replies = len(server.record.replies)
        self.commands = [*server.record.commands]
        self.data = [*server.record.data]
        self.check_settled()

    def begin(self, *faults: Fault) -> None:
        """Put everything on the server back to the beginning, and have it misbehave."""
        self._runs += 1
        root = self._folder / f"run{self._runs}"
        self.server.misbehave(*faults)
        shutil.copytree(self._beginning, root, symlinks=True)
        before, self.server.disk.root = self.server.disk.root, root
        if before != self._beginning:
            shutil.rmtree(before)
        self.server.troubles.clear()

    def run(self, **options: t.Any) -> dict[str, t.Any]:
        """One run in this process; its failure, of either sort, is `error`."""
        found = attempt(t.cast(t.Any, self.server), self.local, **{**self.options, **options})
        self.server.settle()
        return found

    def job(self, **options: t.Any) -> dict[str, t.Any]:
        """The same for another process."""
        wanted = {**self.options, "retries": 0, **options}
        return {"run": "sync", "options": settings(t.cast(t.Any, self.server), self.local, **wanted)}

    # -- what must hold

    @property
    def site(self) -> dict[str, bytes | None]:
        """What visitors may ask for: all but our own folder and files on their way."""
        return {
            path: content
            for path, content in tree_of(self.server.root).items()
            if path.split("/")[0] != STATE and not path.rpartition("/")[2].startswith(".ftpsync-")
        }

    def watch(self, command: Command) -> None:
        """Called after each command that the server has carried out, and each piece of a file that it has written."""
        if not command.writes:
            return
        site = self.site
        for path, content in site.items():
            assert path in self.old or path in self.new, f"{path} is of nobody"
            assert content in (self.old.get(path), self.new.get(path)), f"{path} holds {content!r:.40}"
        if not self.old:
            return
        # With a backup the old content is moved aside before the new one comes.
        for path in KEPT if self.case.backup else (*KEPT, "index.html"):
            assert path in site, f"{path} is missing"
        if "gone.txt" not in site or "leaves/with/it.txt" not in site:
            lacking = [path for path, content in self.new.items() if content is not None and site.get(path) != content]
            assert lacking == [], f"something is deleted, but {lacking} not published"

    def check_after_failure(self, found: dict[str, t.Any]) -> None:
        """What a run has told, and what is recorded, is true."""
        assert self.server.troubles == []
        site = self.site
        if found["raised"]:
            assert site == self.old, f"it had changed something, and raised {found['error']}"
        for path in found.get("uploaded", ()):
            assert site.get(path) == self.new[path], f"{path} is said to be uploaded"
        for path in found.get("deleted", ()):
            assert path not in site, f"{path} is said to be deleted"
        if found["error"] is None:
            assert site == self.new, "it says that all went well"
        self.check_records()

    def check_records(self) -> None:
        """The manifest says nothing that is not so, but for what a journal tells."""
        state = self.server.root / STATE
        names = ("manifest.json", "manifest.new.json", "manifest.previous.json")
        there = next((state / name for name in names if (state / name).exists()), None)
        if there is None:
            return
        try:
            manifest = json.loads(there.read_bytes())
        except ValueError:
            assert there.name != "manifest.json", "the manifest is damaged"
            return
        journal: dict[str, t.Any] = {"records": {}, "deleted": []}
        if (state / "journal.json").exists():
            try:
                read = json.loads((state / "journal.json").read_bytes())
            except ValueError:
                read = {"generation": -1}
            if read["generation"] >= manifest["generation"]:
                journal = read
        for path, record in manifest["records"].items():
            if path in journal["records"] or path in journal["deleted"]:
                continue
            real = self.server.root / path
            assert real.exists(), f"{path} is recorded, but not there"
            if "sha256" in record:
                assert hashlib.sha256(real.read_bytes()).hexdigest() == record["sha256"], f"{path} is not as recorded"

    def check_settled(self, tidy: bool = True) -> None:
        """Everything is as wanted, no trace is left, and a further run does nothing.

        Parameters:
            tidy: the last run had something to write; else traces of one before may be left.
        """
        assert self.server.troubles == []
        assert self.site == self.new
        self.check_records()
        beside = [path for path in tree_of(self.server.root) if path.rpartition("/")[2].startswith(".ftpsync-")]
        assert beside == [], "left beside their destinations"
        state = self.server.root / STATE
        assert os.listdir(state / "stage") == [], "left in the stage"
        left = {name.partition(".")[0] if name.startswith("lock") else name for name in os.listdir(state)}
        allowed = {".htaccess", "backup", "stage", "manifest.json", "manifest.previous.json"}
        assert left <= allowed | (set() if tidy else {"lock", "manifest.new.json", "journal.json"})
        record = self.server.misbehave()
        found = self.run()
        assert found["error"] is None and found["changed"] is False, found
        assert found["conflicts"] == found["drifted"] == found["unmanaged"] == []
        assert record.writes() == []

    def next_run(self) -> dict[str, t.Any]:
        """A run without faults, after one that has failed: it ends in the wanted tree."""
        self.server.misbehave()
        found = self.run()
        assert found["error"] is None, found["error"]
        assert found["conflicts"] == found["drifted"] == [], found
        wrote = bool(self.server.record.writes())
        self.check_settled(tidy=wrote)
        return found


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
    monkeypatch.setattr("ftpsync.apply.exclusive.MOMENT", 0.001)
    monkeypatch.setattr("ftpsync.records.lock.time", Clock())
    monkeypatch.setattr("ftpsync.records.lock.LOOK_EVERY", 20.0)


# ---------------------------------------------------------------------- points


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


def kill_faults(
    commands: t.Sequence[Command], data: t.Sequence[DataSeen], kill: t.Callable[[], object]
) -> t.Iterator[tuple[str, Fault]]:
    """After every command that writes, and at the beginning and in the middle of every upload: the client is killed.

    What it had sent ahead is carried out, or not.
    """
    uploads = {seen.command.number: seen for seen in data if seen.command.verb == "STOR"}
    for command in commands:
        if command.number in uploads:
            seen = uploads[command.number]
            for after in sorted({0, seen.count // 2}):
                where = f"killed amid {command} ({command.number}) after {after} of {seen.count} bytes"
                yield where, DataDrop(Which(seen.number), after, control="drop", action=kill)
        if command.writes:
            for goes_on in (False, True):
                where = f"killed after {command} ({command.number}){', server goes on' if goes_on else ''}"
                yield where, Strike(at_command(command.number), kill, goes_on=goes_on)


def chosen(points: t.Iterable[tuple[str, Fault]], step: int, offset: int) -> list[tuple[str, Fault]]:
    """All points with FULL_MATRIX=1, else every step-th, which meets all kinds if it is prime to their number."""
    return list(points) if FULL else list(points)[offset % step :: step]
