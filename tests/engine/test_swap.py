# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two slots that change places: as foretold, back again, and whole again wherever a run died."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from ftpsync import target
from ftpsync.errors import ConnectionLost, FtpSyncError
from ftpsync.ftp.session import Session
from ftpsync.slots import plan, run
from tests.engine.conftest import Content, deploy, times, tree_of, write_tree
from tests.servers import Server

NEXT, AWAY = ".ftpsync-next", ".ftpsync-away"
_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "MOMENT", 0.05)


class Site:
    """A site with two slots in a folder of its own on a server."""

    def __init__(self, server: Server, tmp_path: Path) -> None:
        self.above = server
        self.number = next(_numbers)
        self.local = tmp_path / "versions"
        self.options = {**server.connection(), "use_netrc": False, "retries": 2}
        self.options["remote"] = self.options["remote"].rstrip("/") + "/www"
        self.root = server.root
        # What a login at its root sees is another path than ours.
        self.path = target.validate(self.options).remote_path

    def stage(self, version: str, tree: t.Mapping[str, Content] | None = None, suffix: str = NEXT) -> str:
        """Publish a version into a slot; its id."""
        local = write_tree(self.local / version, tree or {"index.html": f"version {version}", f"only-{version}": ""})
        remote = str(self.options["remote"]) + suffix
        done = deploy(self.above, local, remote=remote, delete=True, exclude=["/uploads", "/data/files"])
        assert done["publication_id"]
        return str(done["publication_id"])

    def swap(self, state: str, *, check: bool = False, **given: t.Any) -> dict[str, t.Any]:
        options = {**self.options, "state": state, **given}
        wanted = plan.validate(options, target.validate(options))
        try:
            result = run.arrange(wanted, check=check)
        except FtpSyncError as error:
            result = run.Result(error=str(error))
        found = {**run.to_dict(wanted, result), "error": result.error}
        if result.error is not None:
            assert "\n" not in result.error and self.above.password not in result.error
        return found

    def make(self, state: str, **given: t.Any) -> dict[str, t.Any]:
        """A check that changes nothing, a run that does what was foretold, and one that has nothing to do."""
        self.above.mark()
        before = tree_of(self.root), times(self.root)
        foretold = self.swap(state, check=True, **given)
        assert (tree_of(self.root), times(self.root)) == before
        assert self.above.writes() == []
        done = self.swap(state, **given)
        assert done["error"] is None, done
        for key in ("changed", "renames", "repaired"):
            assert foretold[key] == done[key], key
        for slot in ("live", "spare"):
            assert foretold[slot]["publication_id"] == done[slot]["publication_id"]
            assert foretold[slot]["shared"] == done[slot]["shared"]
        if given.get("id") or state not in ("undone", "redone"):
            self.above.mark()
            again = self.swap(state, **given)
            assert again["error"] is None and not again["changed"], again
            assert self.above.writes() == [] or state == "ready"
        return done

    def refused(self, state: str, *named: str, **given: t.Any) -> None:
        before = tree_of(self.root)
        foretold, done = self.swap(state, check=True, **given), self.swap(state, **given)
        assert foretold["error"] == done["error"]
        assert done["error"] is not None
        assert all(text in done["error"] for text in named), done["error"]
        assert tree_of(self.root) == before

    def live(self) -> str | None:
        """The version that visitors see."""
        page = self.root / "www" / "index.html"
        return page.read_text().rpartition(" ")[2] if page.exists() else None

    def slots(self) -> set[str]:
        return {path.name for path in self.root.iterdir()}

    def locks(self) -> list[Path]:
        return list(self.root.glob("*/.ftpsync/lock*"))


@pytest.fixture
def site(plain_server: Server, tmp_path: Path) -> Site:
    plain_server.put("beside.txt", "of somebody else")
    (plain_server.root / "beside.txt").unlink()
    return Site(plain_server, tmp_path)


def test_first_and_second_version_and_back_and_forth(site: Site) -> None:
    one = site.stage("one")
    done = site.make("live", id=one)
    assert [(r["path"], r["dest"]) for r in done["renames"]] == [(site.path + NEXT, site.path)]
    assert site.live() == "one" and site.slots() == {"www"}

    two = site.stage("two")
    assert site.live() == "one"
    done = site.make("live", id=two)
    assert site.live() == "two" and site.slots() == {"www", "www" + NEXT}
    assert done["live"]["publication_id"] == two and done["spare"]["publication_id"] == one
    assert len(done["renames"]) == 3 and done["seconds"] is not None
    assert site.locks() == []

    site.make("undone", id=two)
    assert site.live() == "one"
    site.make("redone", id=two)
    assert site.live() == "two"
    assert site.make("undone")["changed"] and site.live() == "one"
    assert not site.make("undone")["changed"] and site.live() == "one"
    assert site.make("redone")["changed"] and site.live() == "two"
    assert not site.make("redone")["changed"]

    three = site.stage("three")
    site.make("live", id=three)
    site.refused("undone", "in neither slot", id=one)
    site.refused("redone", "in neither slot", id=one)
    site.refused("live", "deploy again", id=one)
    site.make("undone", id=three)
    assert site.live() == "two"
    # The version that was taken back is the live one again without being sent anew.
    assert site.stage("three") == three
    site.make("live", id=three)
    assert site.live() == "three"
    assert site.make("undone")["changed"] and site.live() == "two"
    assert site.locks() == []


def test_only_differences_of_a_slot_are_sent(site: Site) -> None:
    many: dict[str, Content] = {f"img/{n}.txt": "the same" for n in range(20)}
    for version in ("one", "two", "three"):
        publication = site.stage(version, {**many, "index.html": f"version {version}"})
        site.make("live", id=publication)
    site.above.mark()
    publication = site.stage("four", {**many, "index.html": "version four"})
    assert sum("STOR" in line and "/stage/" in line for line in site.above.commands()) == 1
    site.make("live", id=publication)
    assert site.live() == "four"


def test_first_publication_is_undone_to_nothing(site: Site) -> None:
    one = site.stage("one")
    site.make("live", id=one)
    site.make("undone", id=one)
    assert site.slots() == {"www" + NEXT}
    site.make("redone", id=one)
    assert site.live() == "one"


def test_site_published_in_place_before(site: Site) -> None:
    site.stage("one", suffix="")
    two = site.stage("two")
    site.make("live", id=two)
    site.make("undone")
    assert site.live() == "one"
    site.stage("three", suffix="")  # in place again: the record came along
    assert site.live() == "three" and not (site.root / "www" / "only-one").exists()


def test_site_of_others_before(site: Site) -> None:
    site.above.put("www/index.html", "version theirs")
    one = site.stage("one")
    site.make("live", id=one)
    assert site.live() == "one"
    site.make("undone", id=one)
    assert site.live() == "theirs"


def test_version_that_was_never_live_is_nothing_to_go_back_to(site: Site) -> None:
    for version in ("one", "two"):
        publication = site.stage(version)
        site.make("live", id=publication)
    site.stage("three")
    site.refused("undone", "never live", id=publication)
    site.refused("undone", "never live")


def test_shared_paths_go_over(site: Site) -> None:
    shared = ["uploads", "data/files", ".well-known", "missing"]
    page = {"data/x": "", "other": ""}
    one = site.stage("one", {**page, "index.html": "version one"})
    site.make("live", id=one, shared=shared)
    for path in ("uploads/a.jpg", "data/files/b", ".well-known/c"):
        site.above.put(f"www/{path}", "theirs")
    for version in ("two", "three"):
        publication = site.stage(version, {**page, "index.html": f"version {version}"})
        site.make("live", id=publication, shared=shared)
        assert site.live() == version
        for path in ("uploads/a.jpg", "data/files/b", ".well-known/c"):
            assert (site.root / "www" / path).read_text() == "theirs"
            assert not (site.root / ("www" + NEXT) / path).parent.exists()
    site.make("undone", id=publication, shared=shared)
    assert site.live() == "two" and (site.root / "www/uploads/a.jpg").exists()

    (site.root / ("www" + NEXT) / "uploads").mkdir()  # an empty one makes way
    site.above.put("www/uploads/b.jpg", "theirs")
    site.make("redone", id=publication, shared=shared)
    assert (site.root / "www/uploads/b.jpg").exists()
    site.above.put("www" + NEXT + "/uploads/c.jpg", "of an earlier version")
    site.refused("undone", "is in both slots", "uploads", id=publication, shared=shared)


def test_shared_path_without_its_folder(site: Site) -> None:
    one = site.stage("one", {"index.html": "version one", "data/x": ""})
    site.make("live", id=one)
    site.above.put("www/data/files/b", "theirs")
    two = site.stage("two")
    site.refused("live", "has no folder data", "ftp_deploy_strategy: in_place", id=two, shared=["data/files"])


def _leave(site: Site, renames: t.Sequence[dict[str, t.Any]], count: int) -> None:
    """What a run leaves that died after some renames."""
    for rename in renames[:count]:
        source, dest = (site.root / str(rename[key])[len(site.path) - len("www") :] for key in ("path", "dest"))
        source.rename(dest)


@pytest.mark.parametrize("count", range(5))
def test_wherever_a_run_died(site: Site, count: int) -> None:
    shared = ["uploads"]
    one = site.stage("one")
    site.make("live", id=one)
    site.above.put("www/uploads/a.jpg", "theirs")
    two = site.stage("two")
    renames = site.swap("live", check=True, id=two, shared=shared)["renames"]
    assert len(renames) == 4
    _leave(site, renames, count)
    seen = site.swap("listed", shared=shared)
    assert not seen["changed"]
    if count == 2:
        assert seen["live"]["suffix"] == AWAY and not seen["live"]["exists"]
    before = tree_of(site.root)
    foretold = site.swap("whole", check=True, shared=shared)
    assert tree_of(site.root) == before
    assert foretold["live"]["suffix"] == (AWAY if count == 2 else "")
    assert foretold["spare"]["suffix"] == (AWAY if count == 3 else NEXT)
    done = site.make("whole", shared=shared)
    assert done["changed"] is done["repaired"] is (count in (1, 2, 3))
    assert site.live() == ("one" if count < 3 else "two")
    assert (site.root / "www/uploads/a.jpg").read_text() == "theirs"
    assert site.slots() == {"www", "www" + NEXT}
    site.make("live", id=two, shared=shared)
    assert site.live() == "two" and (site.root / "www/uploads/a.jpg").exists()
    assert site.locks() == []


@pytest.mark.parametrize("count", range(1, 5))
def test_repaired_on_the_way_to_the_wanted_state(site: Site, count: int) -> None:
    one = site.stage("one")
    site.make("live", id=one)
    site.above.put("www/uploads/a.jpg", "theirs")
    two = site.stage("two")
    renames = site.swap("live", check=True, id=two, shared=["uploads"])["renames"]
    _leave(site, renames, count)
    site.make("live", id=two, shared=["uploads"])
    assert site.live() == "two" and (site.root / "www/uploads/a.jpg").exists()


@pytest.mark.parametrize("at", range(9))
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_connection_lost_at_any_command(site: Site, monkeypatch: pytest.MonkeyPatch, at: int, after: bool) -> None:
    """The command may have arrived or not; the run finds out, and comes to its end."""
    one = site.stage("one")
    site.make("live", id=one)
    site.above.put("www/uploads/a.jpg", "theirs")
    two = site.stage("two")
    original = Session.pipeline
    renames = itertools.count()

    def losing(self: Session, commands: t.Iterable[t.Any], *more: t.Any, **options: t.Any) -> t.Iterator[t.Any]:
        listed = list(commands)
        for index, command in enumerate(listed):
            if command[0] in ("RNFR", "RNTO") and "lock" not in command[1] and next(renames) == at:
                list(original(self, listed[: index + after], *more, **options))
                self.drop()
                raise ConnectionLost("lost on purpose")
        return original(self, listed, *more, **options)

    monkeypatch.setattr(Session, "pipeline", losing)
    done = site.swap("live", id=two, shared=["uploads"])
    monkeypatch.undo()
    assert done["error"] is None, done
    assert done["changed"]
    assert site.live() == "two" and (site.root / "www/uploads/a.jpg").exists()
    assert site.slots() == {"www", "www" + NEXT}
    site.make("whole", shared=["uploads"])


@pytest.mark.parametrize("refused", ["www", "www" + NEXT, "www" + AWAY, "uploads"])
def test_refused_rename_changes_nothing(site: Site, monkeypatch: pytest.MonkeyPatch, refused: str) -> None:
    one = site.stage("one")
    site.make("live", id=one)
    site.above.put("www/uploads/a.jpg", "theirs")
    two = site.stage("two")
    original = Session.pipeline
    left = [1]  # one refusal: what puts it right is not refused

    def refusing(self: Session, commands: t.Iterable[t.Any], *more: t.Any, **options: t.Any) -> t.Iterator[t.Any]:
        changed = []
        for command in list(commands):
            if left[0] and command[0] == "RNFR" and command[1].endswith(f"/{refused}"):
                left[0] -= 1
                command = ("RNFR", "/nowhere-at-all")
            changed.append(command)
        return original(self, changed, *more, **options)

    monkeypatch.setattr(Session, "pipeline", refusing)
    done = site.swap("live", id=two, shared=["uploads"])
    monkeypatch.undo()
    assert "cannot be renamed" in done["error"]
    # Once the new version is live, it stays, even if the old one is late to become the spare slot.
    assert site.live() == ("two" if refused.endswith(AWAY) else "one")
    assert (site.root / "www/uploads/a.jpg").exists()
    assert site.slots() == {"www", "www" + NEXT}
    site.make("live", id=two, shared=["uploads"])
    assert site.live() == "two"


def test_trial(site: Site) -> None:
    site.make("ready")
    assert site.slots() == set()
    site.stage("one", suffix="")
    site.make("ready")
    assert site.slots() == {"www"}


@pytest.mark.real_server
def test_trial_where_folders_cannot_be_made(site: Site) -> None:
    site.stage("one", suffix="")
    site.root.chmod(0o555)
    try:
        found = site.swap("ready")
    finally:
        site.root.chmod(0o755)
    if found["error"] is None:
        pytest.skip("the server's process may write anywhere")
    assert "no folder can be made there" in found["error"]
    assert "ftp_deploy_strategy: in_place" in found["error"]
    assert site.slots() == {"www"}


@pytest.mark.parametrize("verb", ["RNFR", "RNTO"])
def test_trial_where_folders_cannot_be_renamed(site: Site, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    original = Session.pipeline

    def refusing(self: Session, commands: t.Iterable[t.Any], *more: t.Any, **options: t.Any) -> t.Iterator[t.Any]:
        changed = [(c[0], "/nowhere-at-all/x") if c[0] == verb and "trial" in c[1] else c for c in commands]
        return original(self, changed, *more, **options)

    monkeypatch.setattr(Session, "pipeline", refusing)
    found = site.swap("ready")
    monkeypatch.undo()
    assert "two slots are not possible in " in found["error"]
    assert "no folder can be renamed (" in found["error"] and "in_place" in found["error"]
    assert site.slots() == set()


def test_three_folders(site: Site) -> None:
    for suffix in ("", NEXT, AWAY):
        site.above.put(f"www{suffix}/index.html", "")
    site.refused("whole", "are all there", AWAY)


def test_folder_above_is_missing(site: Site) -> None:
    site.options["remote"] = str(site.options["remote"]) + "/deep/er"
    site.refused("whole", "cannot be listed", "in_place")


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"state": "gone"}, "state: 'gone' is none of"),
        ({"state": "live"}, "state: live needs id"),
        ({"remote": "ftp://h/"}, "remote: is the root of this login"),
        ({"remote": "ftp://h/www" + NEXT}, "is a slot; name the site itself, /www"),
        ({"state_dir": "/private/state"}, "state_dir: /private/state is not in /www"),
        ({"shared": [""]}, "shared: '' is no path"),
        ({"shared": ["../x"]}, "shared: '../x' has"),
        ({"shared": ["."]}, "shared: '.' is no path"),
        ({"shared": ["a", "a/b"]}, "'a/b' lies in 'a'"),
        ({"shared": [".ftpsync/x"]}, "lies in state_dir"),
    ],
)
def test_wrong_options(wrong: dict[str, t.Any], named: str) -> None:
    given = {"remote": "ftp://h/www", "use_netrc": False, **wrong}
    with pytest.raises(FtpSyncError) as raised:
        plan.validate(given, target.validate(given))
    assert named in str(raised.value)


def test_two_runs_at_the_same_moment(site: Site) -> None:
    """The second one finds the other's version in the slot, and does not take an old one for it."""
    one = site.stage("one")
    site.make("live", id=one)
    mine = site.stage("two")
    site.stage("three")
    site.refused("live", "another run may have published", id=mine)


KILLED = """
import json, os, signal, sys
sys.path.insert(0, sys.argv[1])
from ftpsync import target
from ftpsync.ftp.session import Session
from ftpsync.slots import plan, run
original, left = Session.pipeline, [int(sys.argv[2])]
def dying(self, commands, *more, **options):
    listed = list(commands)
    for index, command in enumerate(listed):
        if command[0] == "RNTO" and "lock" not in command[1]:
            if not left[0]:
                list(original(self, listed[:index], *more, **options))
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
    return original(self, listed, *more, **options)
Session.pipeline = dying
given = json.loads(sys.argv[3])
run.arrange(plan.validate(given, target.validate(given)), check=False)
"""


@pytest.mark.parametrize("count", range(4))
def test_killed_run_leaves_its_locks_and_nothing_is_lost(site: Site, count: int) -> None:
    """The locks lie in the slots, wherever those are; the next run sees that their holder is no more."""
    one = site.stage("one")
    site.make("live", id=one)
    site.above.put("www/uploads/a.jpg", "theirs")
    two = site.stage("two")
    given = {**site.options, "state": "live", "id": two, "shared": ["uploads"]}
    folder = os.path.dirname(os.path.dirname(run.__file__))
    arguments = [sys.executable, "-c", KILLED, os.path.dirname(folder), str(count), json.dumps(given)]
    killed = subprocess.run(arguments, capture_output=True, check=False, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert len(site.locks()) == 2
    done = site.swap("live", id=two, shared=["uploads"])
    assert done["error"] is None, done
    assert site.live() == "two" and (site.root / "www/uploads/a.jpg").read_text() == "theirs"
    assert site.slots() == {"www", "www" + NEXT}
    # A run with nothing left to rename takes no locks, and leaves those of the dead to whoever publishes next.
    site.stage("three")
    site.stage("two", suffix="")
    assert site.locks() == []
