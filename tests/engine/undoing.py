# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Publications that are undone and redone, and what must hold meanwhile, whatever happens."""

from __future__ import annotations

import hashlib
import json
import typing as t
from pathlib import Path

from tests.engine.conftest import STATE, deploy, expected, server_tree, write_tree
from tests.engine.points import Ground
from tests.engine.test_rollback import KEEP, all_content, options_of, publish, try_roll
from tests.faulty import Command, FaultyFtp
from tests.servers import Server

from .conftest import Content

FIRST: dict[str, Content] = {
    "index.html": "one",
    "css/a.css": "a{}",
    "old/page.html": "gone soon",
    "turns/into.txt": "in a folder",
    "same.txt": "never touched",
}
SECOND: dict[str, Content] = {
    "index.html": "two",
    "css/a.css": "A{}",
    "new/page.html": "added",
    "turns": "a file now",
    "same.txt": "never touched",
}


class Case(t.NamedTuple):
    """What is done, and what the next run does.

    Attributes:
        state: "undone" or "redone".
        then: "rollback" goes on with it; "sync" publishes the second version.
    """

    state: str
    then: str

    def __str__(self) -> str:
        return f"{self.state}-{self.then}"


CASES = [Case(state, then) for state in ("undone", "redone") for then in ("rollback", "sync")]


class Undoing(Ground):
    """A server with two versions of a site, and runs that go from one to the other."""

    def __init__(self, server: FaultyFtp, folder: Path, case: Case) -> None:
        super().__init__(server, folder, f"rollback: {case}")
        self.case = case
        self._as_server = t.cast(Server, server)
        self.options = {"connections": 1, "timeout": 5}
        self.old, self.new = expected(SECOND), expected(FIRST)
        publish(self._as_server, folder / "site", FIRST)
        self._aim = publish(self._as_server, folder / "site", SECOND)
        if case.state == "redone":
            found = self.run(state="undone")
            assert found["error"] is None, found
            self.old, self.new = self.new, self.old
        self.local = write_tree(folder / "local", SECOND)
        self.content = all_content(self._as_server)
        self.look_at_reference()

    def run(self, **options: t.Any) -> dict[str, t.Any]:
        wanted: dict[str, t.Any] = {"state": self.case.state, **self.options, **options}
        found = try_roll(self._as_server, self._aim, **wanted)
        self.server.settle()
        return found

    def job(self) -> dict[str, t.Any]:
        options = options_of(self._as_server, **self.options, retries=0)
        return {"run": "rollback", "options": options, "backup_id": self._aim, "state": self.case.state}

    def watch(self, command: Command) -> None:
        if not command.writes:
            return
        site = server_tree(self._as_server)
        for path, content in site.items():
            assert path in self.old or path in self.new, f"{path} is of nobody"
            assert content in (self.old.get(path), self.new.get(path)), f"{path} holds {content!r:.40}"
        assert "same.txt" in site
        if self.server.faults or self.case.then == "rollback":
            assert all_content(self._as_server) == self.content, "something is lost"

    def check_after_failure(self, found: dict[str, t.Any]) -> None:
        assert self.server.troubles == []
        site = server_tree(self._as_server)
        if found["raised"]:
            assert site == self.old, f"it had changed something, and raised {found['error']}"
        for path in found.get("restored", ()):
            assert site.get(path) == self.new[path], f"{path} is said to be restored"
        for path in found.get("withdrawn", ()):
            assert site.get(path) is None, f"the file {path} is said to be withdrawn"
        if found["error"] is None:
            assert site == self.new, "it says that all went well"

    def next_run(self) -> None:
        self.server.misbehave()
        if self.case.then == "sync":
            done = deploy(self._as_server, self.local, **{**KEEP, **self.options})
            wanted = expected(SECOND)
        else:
            done = self.run()
            assert done["error"] is None, done["error"]
            wanted = self.new
        self.server.settle()
        assert done["conflicts"] == []
        assert self.server.troubles == []
        assert server_tree(self._as_server) == wanted
        self.check_records()
        record = self.server.misbehave()
        if self.case.then == "sync":
            found = deploy(self._as_server, self.local, **{**KEEP, **self.options})
        else:
            found = self.run()
            assert found["error"] is None and found["operations"] == [], found
        self.server.settle()
        assert found["changed"] is False and record.writes() == []

    def check_records(self) -> None:
        """Whatever is recorded is there, with the content that was published."""
        names = ("manifest.json", "manifest.new.json")  # one that lost its connection for good before the rename
        there = next(self.server.root / STATE / n for n in names if (self.server.root / STATE / n).exists())
        manifest = json.loads(there.read_text())
        for path, record in manifest["records"].items():
            there = self.server.root / path
            assert there.exists(), f"{path} is recorded, but not there"
            if "sha256" in record:
                assert hashlib.sha256(there.read_bytes()).hexdigest() == record["sha256"], f"{path} is not as recorded"
