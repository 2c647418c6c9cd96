# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A look at the server that another run's publication gets in the way of: it is taken again, nothing is concluded."""

from __future__ import annotations

import json
import shutil
import typing as t
from pathlib import Path

import pytest

from tests.engine.conftest import SITE, STATE, assert_settled, attempt, deploy, expected, tree_of, write_tree
from tests.faulty import Command, Fault, FaultyFtp
from tests.servers import Server

THEIRS = {"index.html": "theirs", "css/a.css": "b{}", "new/n.txt": "n"}
ELSEWHERE = json.dumps({"run": "0123456789ab", "host": "elsewhere.example", "pid": 4711, "started": "today"})


class Meanwhile(Fault):
    """Something happens at a command, once for each time that is given.

    Parameters:
        verbs: of which it is one.
        end: of its argument.
        actions: the first, the second and so on.
    """

    def __init__(self, verbs: str, end: str, *actions: t.Callable[[], object]) -> None:
        self._verbs = verbs.split()
        self._end = end
        self._actions = list(actions)

    @property
    def is_over(self) -> bool:
        """Whether all of it has happened."""
        return not self._actions

    def commanded(self, session: t.Any, command: Command) -> None:
        if self._actions and command.verb in self._verbs and command.argument.endswith(self._end):
            self._actions.pop(0)()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[FaultyFtp]:
    monkeypatch.setattr("ftpsync.records.lock.LOOK_EVERY", 0.01)
    monkeypatch.setattr("ftpsync.apply.exclusive.MOMENT", 0.01)
    (tmp_path / "server").mkdir()
    with FaultyFtp(root=tmp_path / "server") as running:
        yield running


@pytest.fixture
def theirs(server: FaultyFtp, site: Path, tmp_path: Path) -> t.Callable[[], object]:
    """Another run, after ours has published the site."""
    deploy(t.cast(Server, server), site)
    folder = write_tree(tmp_path / "theirs", t.cast(t.Any, THEIRS))
    return lambda: deploy(t.cast(Server, server), folder, delete=True)


def run(server: FaultyFtp, site: Path, *faults: Fault, **options: t.Any) -> dict[str, t.Any]:
    (site / "index.html").write_text("mine")
    server.misbehave(*faults)
    return attempt(t.cast(Server, server), site, **{"delete": True, "connections": 1, "retries": 0, **options})


def looks(server: FaultyFtp) -> int:
    """How often a manifest was read."""
    return sum(c.verb == "RETR" and c.argument.endswith("/manifest.json") for c in server.record.commands)


def assert_mine(server: FaultyFtp, site: Path, found: dict[str, t.Any]) -> None:
    assert found["error"] is None, found["error"]
    shown = {path: content for path, content in tree_of(server.root).items() if path.split("/")[0] != STATE}
    assert shown == expected({**SITE, "index.html": "mine"})
    assert_settled(t.cast(t.Any, SettledView(server)), site, delete=True)


class SettledView:
    """A faulty server as `assert_settled` wants it."""

    def __init__(self, server: FaultyFtp) -> None:
        self._server = server
        self.password = server.password
        self.connection = server.connection

    def mark(self) -> None:
        self._server.misbehave()

    def writes(self) -> list[str]:
        return self._server.record.writes()


def recorded_and_missing(server: FaultyFtp) -> Meanwhile:
    """A recorded file is not there when its folder is listed, and is when it is asked for by name."""
    path = server.root / "css" / "a.css"
    content = path.read_bytes()
    path.unlink()
    return Meanwhile("SIZE", "css/a.css", lambda: path.write_bytes(content))


def test_a_folder_that_is_gone(server: FaultyFtp, site: Path, theirs: t.Callable[[], object]) -> None:
    (server.root / "css" / "by-hand.txt").write_text("so that all of it is listed")
    meanwhile = Meanwhile("MLSD", "/css/deep/", theirs)
    (server.root / "css" / "deep" / "by-hand.txt").write_text("likewise")
    found = run(server, site, meanwhile, delete_unmanaged=True)
    assert meanwhile.is_over
    assert_mine(server, site, found)


def test_a_file_that_comes_between_two_questions(server: FaultyFtp, site: Path, theirs: t.Callable[[], object]) -> None:
    (server.root / "css" / "a.css").unlink()
    meanwhile = Meanwhile("SIZE", "css/a.css", theirs)
    found = run(server, site, meanwhile)
    assert meanwhile.is_over
    assert_mine(server, site, found)


def test_a_journal_that_is_gone(server: FaultyFtp, site: Path, theirs: t.Callable[[], object]) -> None:
    (server.root / STATE / "journal.json").write_text("{}")
    meanwhile = Meanwhile("RETR", "journal.json", theirs)
    found = run(server, site, meanwhile)
    assert meanwhile.is_over
    assert_mine(server, site, found)


def test_a_conflict_that_is_none(server: FaultyFtp, site: Path, theirs: t.Callable[[], object]) -> None:
    """Files are another run's, as its record tells, and not somebody's by hand."""
    meanwhile = Meanwhile("MLSD", "/css/", theirs)
    (server.root / "css" / "by-hand.txt").write_text("so that it is listed")
    found = run(server, site, meanwhile, resolve="fail", delete_unmanaged=True)
    assert meanwhile.is_over
    assert_mine(server, site, found)


@pytest.mark.parametrize("check", [False, True])
def test_a_living_run_is_waited_for(server: FaultyFtp, site: Path, theirs: t.Callable[[], object], check: bool) -> None:
    lock = server.root / STATE / "lock"

    def begin() -> None:
        lock.mkdir()
        (lock / "owner.json").write_text(ELSEWHERE)
        shutil.rmtree(server.root / "css" / "deep")

    def end() -> None:
        shutil.rmtree(lock)
        theirs()

    (server.root / "css" / "deep" / "by-hand.txt").write_text("so that it is listed")
    meanwhile = Meanwhile("MLSD", "/css/deep/", begin)
    until = Meanwhile("RETR", "lock/owner.json", lambda: None, end)
    found = run(server, site, meanwhile, until, check=check)
    assert meanwhile.is_over and until.is_over
    if check:
        assert found["error"] is None and found["changed"]
        assert tree_of(server.root)["index.html"] == b"theirs"
    else:
        assert_mine(server, site, found)


def test_a_lock_that_changes_hands_between_two_questions(
    server: FaultyFtp, site: Path, theirs: t.Callable[[], object]
) -> None:
    """It cannot be listed, since one run has given it back; and it is there, since another one has taken it."""
    lock = server.root / STATE / "lock"

    def take() -> None:
        lock.mkdir()
        (lock / "owner.json").write_text(ELSEWHERE)

    take()
    faults = [
        Meanwhile("MLSD", "/lock/", lambda: shutil.rmtree(lock)),
        Meanwhile("CWD", "/lock/", take),
        Meanwhile("RETR", "lock/owner.json", lambda: None, lambda: shutil.rmtree(lock)),
    ]
    found = run(server, site, *faults)
    assert all(fault.is_over for fault in faults)
    assert_mine(server, site, found)


@pytest.mark.parametrize("check", [False, True])
def test_a_living_run_is_not_waited_for_any_longer_than_allowed(
    server: FaultyFtp, site: Path, theirs: t.Callable[[], object], check: bool
) -> None:
    lock = server.root / STATE / "lock"
    lock.mkdir()
    (lock / "owner.json").write_text(ELSEWHERE)
    found = run(server, site, recorded_and_missing(server), check=check, lock_timeout=0)
    assert found["raised"] == "LockHeld" and "elsewhere.example" in found["error"]
    assert server.record.writes() == []


def test_only_the_holder_of_the_lock_finishes_what_a_run_has_begun(
    server: FaultyFtp, site: Path, theirs: t.Callable[[], object]
) -> None:
    """The manifest has its other name for a moment while it is replaced, be it by a living run."""
    ours, lock = server.root / STATE, server.root / STATE / "lock"
    (ours / "manifest.json").rename(ours / "manifest.new.json")
    lock.mkdir()
    (lock / "owner.json").write_text(ELSEWHERE)
    found = run(server, site, lock_timeout=0)
    assert found["raised"] == "LockHeld"
    assert (ours / "manifest.new.json").exists() and not (ours / "manifest.json").exists()
    shutil.rmtree(lock)
    assert_mine(server, site, run(server, site))


def test_what_is_wrong_for_other_reasons_is_refused_at_once(
    server: FaultyFtp, site: Path, theirs: t.Callable[[], object]
) -> None:
    found = run(server, site, recorded_and_missing(server))
    assert found["raised"] == "ListingDoubtful" and "cuts or hides" in found["error"]
    assert server.record.writes() == [] and looks(server) == 2


def test_so_it_is_where_a_run_has_died(
    server: FaultyFtp, site: Path, theirs: t.Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lock lies there, and nobody goes on with it."""
    monkeypatch.setattr("ftpsync.records.lock.STALE_AFTER", 0.1)
    lock = server.root / STATE / "lock"
    lock.mkdir()
    (lock / "owner.json").write_text(ELSEWHERE)
    found = run(server, site, recorded_and_missing(server), lock_timeout=100)
    assert found["raised"] == "ListingDoubtful" and "cuts or hides" in found["error"]


def test_it_is_not_looked_without_end(server: FaultyFtp, site: Path, theirs: t.Callable[[], object]) -> None:
    path = server.root / "css" / "a.css"
    content = path.read_bytes()
    path.unlink()
    manifest = server.root / STATE / "manifest.json"

    def again() -> None:
        path.write_bytes(content)
        document = json.loads(manifest.read_bytes())
        manifest.write_text(json.dumps({**document, "generation": document["generation"] + 1}))

    found = run(
        server,
        site,
        Meanwhile("SIZE", "css/a.css", *[again] * 20),
        Meanwhile("RETR", "manifest.json", *[lambda: path.unlink(missing_ok=True)] * 20),
    )
    assert found["raised"] == "ListingDoubtful"
    assert server.record.writes() == [] and looks(server) < 20
