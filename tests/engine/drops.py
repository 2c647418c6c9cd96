# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small site that changes, and what must hold while it is published, whatever happens."""

from __future__ import annotations

import hashlib
import json
import os
import typing as t
from pathlib import Path

from tests.engine.conftest import EARLIER, STATE, Content, attempt, expected, settings, tree_of, write_tree
from tests.engine.points import Ground
from tests.faulty import Command, FaultyFtp
from tests.servers.certificates import issue

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
MODE = 0o640  # of files, where modes are asked for


class Case(t.NamedTuple):
    """One way to publish.

    Attributes:
        first: there is nothing on the server yet, not even a record.
        tls: both connections are encrypted.
        old_server: it lists by LIST only, and sets times and modes by SITE only.
        ahead: a second connection lets the record be sent before it is true.
    """

    publish: str
    backup: int = 0
    first: bool = False
    tls: bool = False
    old_server: bool = False
    ahead: bool = False

    def __str__(self) -> str:
        words = {"backup": self.backup, "first": self.first, "tls": self.tls, "old-server": self.old_server}
        words["ahead"] = self.ahead
        return "-".join([self.publish, *(word for word, holds in words.items() if holds)])

    @property
    def options(self) -> dict[str, t.Any]:
        wanted = {
            "publish": self.publish,
            "backup": self.backup,
            "delete": True,
            "connections": 1 + self.ahead,
            "timeout": 5,
        }
        encrypted = {"tls": "explicit", "ca_path": str(issue("valid").authority)} if self.tls else {}
        return {**wanted, **encrypted, **({"file_mode": f"{MODE:04o}"} if self.old_server else {})}


CASES = [
    Case("staged"),
    Case("staged", backup=1),
    Case("direct"),
    Case("direct", backup=1),
    Case("staged", first=True),
    Case("direct", first=True),
    Case("staged", tls=True),
    Case("staged", old_server=True),
    Case("direct", old_server=True),
    Case("staged", ahead=True),
    Case("staged", backup=1, ahead=True),
    Case("staged", first=True, ahead=True),
]


class Field(Ground):
    """A server with the old site, a local folder with the new one, and runs that publish it.

    Attributes:
        has_gaps: a file that is replaced may be missing for a moment.
    """

    def __init__(self, server: FaultyFtp, folder: Path, case: Case) -> None:
        lacks = ("MLSD", "MLST", "MFMT") if case.old_server else ()
        super().__init__(server, folder, f"upload: {case}", lacks)
        self.case = case
        self.options = case.options
        self.in_order = not case.ahead
        self.has_gaps = bool(case.backup)  # then the old content is moved aside before the new one comes
        self.old = {} if case.first else expected(OLD)
        self.new = expected(NEW)
        self.local = write_tree(folder / "old", OLD)
        if not case.first:
            found = self.run()
            assert found["error"] is None, found
        self.local = write_tree(folder / "new", NEW, mtime=EARLIER + 1000)
        self.look_at_reference()
        self.check_settled()

    def run(self, **options: t.Any) -> dict[str, t.Any]:
        found = attempt(t.cast(t.Any, self.server), self.local, **{**self.options, **options})
        self.server.settle()
        return found

    def job(self) -> dict[str, t.Any]:
        wanted = {**self.options, "retries": 0}
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
        for path in KEPT if self.has_gaps else (*KEPT, "index.html"):
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
        if self.case.old_server:
            modes = {path: (self.server.root / path).stat().st_mode & 0o7777 for path in NEW}
            assert modes == dict.fromkeys(NEW, MODE)
        self.check_records()
        beside = [path for path in tree_of(self.server.root) if path.rpartition("/")[2].startswith(".ftpsync-")]
        assert beside == [], "left beside their destinations"
        state = self.server.root / STATE
        staged = os.listdir(state / "stage")
        if self.case.ahead:  # a server may go on with it when nobody listens any more; the next publication clears it
            staged = [name for name in staged if not name.endswith(".manifest")]
        assert staged == [], "left in the stage"
        left = {name.partition(".")[0] if name.startswith("lock") else name for name in os.listdir(state)}
        allowed = {".htaccess", "backup", "stage", "manifest.json", "manifest.previous.json"}
        assert left <= allowed | (set() if tidy else {"lock", "manifest.new.json", "journal.json"})
        record = self.server.misbehave(*self.lacks)
        found = self.run()
        assert found["error"] is None and found["changed"] is False, found
        assert found["conflicts"] == found["drifted"] == found["unmanaged"] == []
        assert record.writes() == []

    def next_run(self) -> dict[str, t.Any]:
        """A run without faults, after one that has failed: it ends in the wanted tree."""
        self.server.misbehave(*self.lacks)
        found = self.run()
        assert found["error"] is None, found["error"]
        assert found["conflicts"] == found["drifted"] == [], found
        wrote = bool(self.server.record.writes())
        self.check_settled(tidy=wrote)
        return found
