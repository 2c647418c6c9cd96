# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A play in which each task is looked at from three sides: its result, the server's disk, the server's log."""

from __future__ import annotations

import dataclasses
import hashlib
import stat
import typing as t
from pathlib import Path

from tests.integration.playbook import Outcome, Playbooks, Step, Task, sync
from tests.servers import Server
from tests.servers.base import is_write

Snapshot = t.Dict[str, t.Tuple[t.Any, ...]]


def snapshot(folder: Path) -> Snapshot:
    """All that lies below a folder, with type, permissions, time, size and digest."""
    found: Snapshot = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
        digest = hashlib.sha256(content).hexdigest()
        found[path.relative_to(folder).as_posix()] = (status.st_mode, status.st_mtime_ns, len(content), digest)
    return found


def contents(folder: Path) -> dict[str, bytes]:
    """Files below a folder by path, without what we keep on servers."""
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in paths.items() if not name.startswith(".ftpsync/")}


@dataclasses.dataclass
class Told:
    """What became of one task; filled in when the story is told."""

    result: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    writes: list[str] = dataclasses.field(default_factory=list)
    disk: Snapshot = dataclasses.field(default_factory=dict)
    before: Snapshot = dataclasses.field(default_factory=dict)
    content: dict[str, bytes] = dataclasses.field(default_factory=dict)

    def assert_only_looked(self) -> None:
        assert self.writes == []
        assert self.disk == self.before


@dataclasses.dataclass
class Case:
    """The same task four times: in check mode, with diff in check mode, for real with diff, and again.

    Over TLS the first one is left out, to save time: nothing of what --diff adds depends on the connection.
    """

    check: Told | None
    shown: Told
    done: Told
    again: Told

    def assert_exact(self, changed: bool = True) -> None:
        """What was foretold is what was done, once; and nobody noticed the foretelling."""
        foretellings = [self.shown]
        if self.check is not None:
            foretellings.append(self.check)
            self.check.assert_only_looked()
            assert "diff" not in self.check.result
        self.shown.assert_only_looked()
        self.again.assert_only_looked()
        done = self.done.result
        assert "failed" not in done or not done["failed"], done
        assert done["changed"] is changed
        for foretold in (told.result for told in foretellings):
            for key in (
                "changed",
                "operations",
                "uploaded",
                "deleted",
                "created_directories",
                "drifted",
                "unmanaged",
                "conflicts",
            ):
                assert foretold[key] == done[key], key
        assert self.shown.result["diff"] == done["diff"]
        again = self.again.result
        assert not again["changed"]
        assert [again[key] for key in ("operations", "uploaded", "deleted", "created_directories")] == [[], [], [], []]


class Story:
    """Collects steps, plays them, and tells what became of each.

    Parameters:
        server: seen from the folder that is published.
        options: of `ftp_sync`, for all tasks.
    """

    def __init__(self, server: Server, **options: t.Any) -> None:
        self._server = server
        self._options = {**server.connection(), **options}
        self._steps: list[Step] = []
        self._told: list[Told] = []
        self._commands = 0
        self._disk: Snapshot = {}

    def do(self, function: t.Callable[[], object]) -> None:
        """Do something at this place of the story, such as editing a file."""
        self._steps.append(function)

    def task(self, task: Task) -> Told:
        told = Told()
        self._told.append(told)
        self._steps += [self._look, task, lambda: self._observe(told)]
        return told

    def sync(self, *, check: bool = False, diff: bool = False, **options: t.Any) -> Told:
        return self.task(sync(check=check, diff=diff, **{**self._options, **options}))

    def plain_sync(self, **options: t.Any) -> Told:
        """`ftp_sync` with these options and no others."""
        return self.task({"webdeploy.ftp.ftp_sync": options})

    def case(self, **options: t.Any) -> Case:
        return Case(
            check=None if self._server.tls else self.sync(check=True, **options),
            shown=self.sync(check=True, diff=True, **options),
            done=self.sync(diff=True, **options),
            again=self.sync(**options),
        )

    def play(self, playbooks: Playbooks, **keywords: t.Any) -> Outcome:
        self._server.mark()
        outcome = playbooks.run(*self._steps, **keywords)
        for told, result in zip(self._told, outcome.results):
            told.result = result
        return outcome

    def _look(self) -> None:
        self._disk = snapshot(self._server.root)

    def _observe(self, told: Told) -> None:
        commands = self._server.commands()
        told.writes = [command for command in commands[self._commands :] if is_write(command)]
        self._commands = len(commands)
        told.before, told.disk = self._disk, snapshot(self._server.root)
        told.content = contents(self._server.root)
