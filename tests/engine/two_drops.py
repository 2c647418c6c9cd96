# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two small sides that have changed, and what must hold while they are made equal, whatever happens."""

from __future__ import annotations

import json
import os
import shutil
import signal
import typing as t
from pathlib import Path

from tests.engine import points
from tests.engine.conftest import EARLIER, Content, Tree, attempt, expected, settings, times, tree_of, write_tree
from tests.engine.nursery import Nursery
from tests.engine.points import Ground
from tests.faulty import Command, Fault, FaultyFtp

META = ".pyftpsync-meta.json"
OURS = (META, ".pyftpsync-lock.json")
LATER = EARLIER + 5000
TOLERANCE = 2.01  # seconds by which equal times may differ

LONG = "<p>old</p>" * 3000
COMMON: dict[str, Content] = {
    "index.html": LONG,
    "news.txt": "old news",
    "gone.txt": "to be deleted",
    "leaves/with/it.txt": "and its folders",
    "same.txt": "never touched",
    "css/same.css": "a{}",
}
# Left out by a pattern: on one side only, and for ever there.
MINE: dict[str, Content] = {"mine.keep": "of this side", "css/mine.keep": "of this side, too"}

Change = t.Dict[str, t.Union[Content, bool]]  # False: it goes
INDEX = "<p>new, and of another length</p>" * 3000
HERE: Change = {
    "index.html": INDEX,
    "added.txt": "new" * 500,
    "folder/inside.txt": "in a new folder",
    "gone.txt": False,
    "leaves": False,
}
THERE: Change = {"news.txt": "today", "more/of/it.txt": "in new folders", "other.txt": "more" * 400}


class Case(t.NamedTuple):
    """One way to make both sides equal.

    Attributes:
        without: commands that the server does not know.
        first: nothing is recorded yet, and the side that is written to is empty.
        api: by the synchronizers that scripts import.
    """

    direction: str
    without: tuple[str, ...] = ()
    first: bool = False
    api: bool = False

    def __str__(self) -> str:
        words = [self.direction, *(f"no {verb}" for verb in self.without)]
        return " ".join([*words, *(["first"] if self.first else []), *(["api"] if self.api else [])])

    @property
    def options(self) -> dict[str, t.Any]:
        wanted: dict[str, t.Any] = {"record": "folder", "connections": 1, "timeout": 5, "exclude": ["*.keep"]}
        if self.direction != "sync":
            wanted["delete"] = True
        return {"direction": self.direction, **wanted}

    @property
    def changes(self) -> tuple[Change, Change]:
        """What happens here and there after both sides were equal."""
        if self.direction == "sync":
            return HERE, THERE
        return (HERE, {}) if self.direction == "upload" else ({}, HERE)


CASES = [
    Case("download"),
    Case("sync"),
    Case("upload"),
    Case("download", first=True),
    Case("sync", without=("MFMT",)),
    Case("upload", without=("MFMT",)),
    Case("sync", api=True),
]


def changed(tree: t.Mapping[str, Content], change: Change) -> dict[str, Content]:
    """A tree after a change."""
    kept = {path: content for path, content in tree.items() if change.get(path.split("/")[0]) is not False}
    return {**kept, **{path: t.cast(Content, content) for path, content in change.items() if content is not False}}


def change_tree(root: Path, change: Change) -> None:
    """Change what is on a disk."""
    for path in [path for path, content in change.items() if content is False]:
        there = root / path
        if there.is_dir():
            shutil.rmtree(there)
        else:
            there.unlink()
    write_tree(root, {path: t.cast(Content, c) for path, c in change.items() if c is not False}, LATER)


def is_ours(path: str) -> bool:
    """Whether a path is never content: records, locks, and files on their way."""
    name = path.rpartition("/")[2]
    return name in OURS or name.startswith(".ftpsync-")


class TwoSides(Ground):
    """A server and a local folder, changed since both were equal, and runs that make them equal."""

    def __init__(self, server: FaultyFtp, folder: Path, case: Case) -> None:
        super().__init__(server, folder, str(case), case.without)
        self.case = case
        self.options = case.options
        self.local = folder / "local"
        self._local_beginning = folder / "beginning"
        self._prepare()
        here, there = case.changes
        self.new = expected(changed(changed(COMMON, here), there))
        self.record = self._records()
        shutil.copytree(self.local, self._local_beginning)
        self.look_at_reference()
        self.check_settled()

    def _prepare(self) -> None:
        here, there = self.case.changes
        if self.case.first:
            self.local.mkdir()
            write_tree(self.server.root, changed(COMMON, there))
        else:
            write_tree(self.local if self.case.direction != "download" else self.server.root, COMMON)
            self.local.mkdir(exist_ok=True)
            found = self.run()
            assert found["error"] is None, found
            change_tree(self.local, here)
            change_tree(self.server.root, there)
        write_tree(self.local, MINE)
        write_tree(self.server.root, MINE)
        for name in ("css", ""):  # else a folder's time tells of what was done here
            os.utime(self.local / name, (EARLIER, EARLIER))
        self.old_local, self.old_remote = self._here(), self._there()

    def begin(self, *faults: Fault) -> None:
        super().begin(*faults)
        shutil.rmtree(self.local)
        shutil.copytree(self._local_beginning, self.local)

    def run(self, **options: t.Any) -> dict[str, t.Any]:
        wanted = {**self.options, **options}
        found = self._by_script(wanted) if self.case.api else attempt(t.cast(t.Any, self.server), self.local, **wanted)
        self.server.settle()
        return found

    def _by_script(self, wanted: dict[str, t.Any]) -> dict[str, t.Any]:
        from ftpsync.synchronizers import BiDirSynchronizer
        from ftpsync.targets import FsTarget, FtpTarget

        server = self.server
        extra = {"retries": wanted.get("retries", 4), "connections": 1}
        remote = FtpTarget("/", server.host, server.port, server.username, server.password, False, 5, extra)
        choices = {"verbose": 0, "resolve": "skip", "exclude": "*.keep", "no_prompt": True}
        synchronizer = BiDirSynchronizer(FsTarget(str(self.local)), remote, choices)
        synchronizer.is_script = True
        try:
            synchronizer.run()
        except (OSError, RuntimeError, EOFError) as error:  # those that scripts expect
            return {"error": str(error), "raised": None, "changed": True}
        told = synchronizer.to_dict()
        lines = [item["message"] for item in told["errors"]]
        return {**told, "error": "; ".join(lines) or None, "raised": None, "changed": bool(told["operations"])}

    def job(self) -> dict[str, t.Any]:
        wanted = {**self.options, "retries": 0}
        return {"run": "sync", "options": settings(t.cast(t.Any, self.server), self.local, **wanted)}

    # -- what there is

    def _here(self) -> Tree:
        while True:
            try:
                return {path: content for path, content in tree_of(self.local).items() if not is_ours(path)}
            except FileNotFoundError:
                continue  # while the server stands still, the run may give a file its name

    def _there(self) -> Tree:
        return {path: content for path, content in tree_of(self.server.root).items() if not is_ours(path)}

    def _records(self) -> dict[str, t.Any]:
        """What the records say, by path."""
        found: dict[str, t.Any] = {}
        for meta in self.local.rglob(META):
            folder = meta.parent.relative_to(self.local).as_posix()
            told = json.loads(meta.read_bytes())  # it is replaced at once, so that it can be read at any time
            for peer in told["peer_sync"].values():
                for name, record in peer.items():
                    if not name.startswith(":"):
                        found[name if folder == "." else f"{folder}/{name}"] = (record["m"], record["s"])
        return found

    # -- what must hold

    def watch(self, command: Command) -> None:
        """At every command: no file of either side is partial, of nobody, or gone that should be there."""
        mine = expected(MINE)
        for side, tree, old in (("here", self._here(), self.old_local), ("there", self._there(), self.old_remote)):
            for path, content in tree.items():
                versions = [known[path] for known in (old, self.new) if path in known]
                assert versions, f"{path} is of nobody, {side}"
                assert content in versions, f"{path} holds {content!r:.40}, {side}"
            for path in old:
                if path in self.new or path in mine:
                    assert path in tree, f"{path} is missing, {side}"
        if not self.case.first:
            side, tree = ("here", self._here()) if self.case.direction == "download" else ("there", self._there())
            if "gone.txt" not in tree or "leaves/with/it.txt" not in tree:
                lacking = [path for path, new in expected(changed({}, HERE)).items() if tree.get(path, b"?") != new]
                assert lacking == [], f"something is deleted {side}, but {lacking} not copied"
        self._records()

    def check_after_failure(self, found: dict[str, t.Any]) -> None:
        assert self.server.troubles == [], self.server.troubles
        self.watch(Command(0, 0, "NOOP", 0, ""))
        here, there = self._here(), self._there()
        if found["raised"]:
            assert (here, there) == (self.old_local, self.old_remote), f"changed, and raised {found['error']}"
        for path in [*found.get("uploaded", ()), *found.get("downloaded", ())]:
            assert here.get(path) == there.get(path) == self.new[path], f"{path} is said to be copied"
        for path in found.get("deleted", ()):
            assert path not in here and path not in there, f"{path} is said to be deleted"
        if found["error"] is None:
            self._check_equal()
        self.check_records()

    def check_records(self) -> None:
        """What is recorded is so on both sides, or it is what was recorded before."""
        here, there, records = self._here(), self._there(), self._records()
        for path, (mtime, size) in records.items():
            if self.record.get(path) == (mtime, size):
                continue
            assert path in here and here.get(path) == there.get(path, b"?"), f"{path} is recorded, and not equal"
            if size is not None:
                found = os.stat(self.local / path)
                assert found.st_size == size and abs(found.st_mtime - mtime) < TOLERANCE, f"{path}: wrong record"
        for path in self.record:
            if path not in records:
                assert path not in here and path not in there, f"the record of {path} is lost"

    def _check_equal(self) -> None:
        wanted = {**self.new, **expected(MINE)}
        assert self._here() == wanted, "the local side is not as wanted"
        assert self._there() == wanted, "the server is not as wanted"

    def check_settled(self) -> None:
        """Both sides are as wanted, and a further run does nothing."""
        assert self.server.troubles == [], self.server.troubles
        self._check_equal()
        self.check_records()
        before = tree_of(self.local), times(self.local), tree_of(self.server.root)
        record = self.server.misbehave(*self.lacks)
        found = self.run()
        assert found["error"] is None and found["changed"] is False, found
        assert found["operations"] == found["conflicts"] == []
        assert record.writes() == []
        assert (tree_of(self.local), times(self.local), tree_of(self.server.root)) == before

    def next_run(self) -> None:
        """A run without faults, after one that has failed: it ends with both sides as wanted."""
        self.server.misbehave(*self.lacks)
        found = self.run()
        assert found["error"] is None, found["error"]
        assert found["conflicts"] == [], found["conflicts"]
        self.check_settled()

    # -- killed

    def kill(self, number: signal.Signals, step: int, offset: int) -> list[str]:
        """Runs that are killed after a command, or in the middle of a file."""
        with Nursery() as nursery:

            def run(_fault: Fault) -> str:
                nursery.start(**self.job())
                assert nursery.wait() == (2 if number == signal.SIGINT else -number)
                self.server.settle()
                self.check_after_failure({"raised": None, "error": "killed"})
                return points.KILLED

            wanted = self.kill_faults(lambda: nursery.kill(number))
            return self.through(number.name, points.chosen(wanted, step, offset), run)
