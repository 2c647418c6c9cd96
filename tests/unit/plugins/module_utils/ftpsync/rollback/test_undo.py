# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Rollbacks of whole trees: undone is as it was before, redone is as it was after, and nothing is ever lost.

Publications and rollbacks are carried out on a server that is a dictionary, and refuses what a real one
refuses; renaming onto what exists is refused, too, since a rollback never does that.
"""

from __future__ import annotations

import copy
import hashlib
import typing as t

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from ftpsync.filters import Filters
from ftpsync.model import (
    CLEAR,
    CLEAR_FOLDER,
    CREATE,
    CREATE_CLEARED,
    CREATE_DIRECTORY,
    DELETE,
    DELETE_PATH,
    DIRECTORY,
    FILE,
    PUBLISH,
    REMOVE,
    UPLOAD,
    Entry,
    Record,
    parent,
)
from ftpsync.plan import Rules, plan_upload
from ftpsync.records import backup as backups
from ftpsync.records.backup import Aftermath, Backup
from ftpsync.records.journal import recover
from ftpsync.records.manifest import Head
from ftpsync.records.state import BACKUP
from ftpsync.rollback.model import RollbackPlan, journal_of
from ftpsync.rollback.undo import SetThere, plan_rollback

NOW = 1_800_000_000
Tree = t.Dict[str, Entry]
Step = t.Tuple[str, ...]  # "MKD", path; "RMD", path; "RENAME", source, target


def sha(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


class World:
    """A server, and what is recorded about it. Paths of our own folder begin with ``backup/``."""

    def __init__(self) -> None:
        self.site: Tree = {}
        self.sets: Tree = {}
        self.records: dict[str, Record] = {}
        self.backups: dict[str, Backup] = {}
        self.aftermaths: dict[str, Aftermath] = {}
        self.head = Head()
        self.generation = 0

    # ------------------------------------------------------------------ publishing

    def publish(
        self, local: Tree, *, keep: bool = True, delete: bool = True, interrupt: int | None = None, **options: t.Any
    ) -> None:
        """Publish as ``apply/phases.py`` does, into a backup set."""
        rules = Rules(Filters((), (), ()), any_records=self.generation > 0, delete=delete, **options)
        plan = plan_upload(local, self.listed(), self.records, rules)
        if not plan.operations:
            self.records = dict(plan.records)
            return
        self.generation += 1
        name = f"20260101T000000Z-{self.generation}"
        steps = backups.steps_of(plan.operations)
        if keep:
            before = backups.touched(steps, plan.records)
            self.backups[name] = Backup(name, self.head, self.generation - 1, self.generation, "", steps, before)
        records, done = dict(plan.records), set()
        for number, operation in enumerate(plan.operations):
            if number == interrupt:
                break
            path = operation.path
            if operation.action == CREATE_DIRECTORY:
                self.do("MKD", path)
                records[path] = Record(DIRECTORY)
            elif operation.action == UPLOAD:
                if path in self.site:
                    self.set_aside(name, path, keep)
                self.site[path] = local[path]
                records[path] = Record(FILE, local[path].size or 0, local[path].sha256 or "", local[path].mtime)
            elif operation.action == DELETE_PATH and operation.kind == DIRECTORY:
                self.do("RMD", path)
                records.pop(path, None)
            elif operation.action == DELETE_PATH:
                self.set_aside(name, path, keep)
                records.pop(path, None)
            done.add(number)
        self.records = records
        self.head = Head(name) if keep else Head(self.head.id, False)
        if keep and interrupt is None:
            self.aftermaths[name] = Aftermath(frozenset(done), backups.touched(steps, records))

    def set_aside(self, name: str, path: str, keep: bool) -> None:
        entry = self.site.pop(path)
        if keep:
            self.sets[f"backup/{name}/files/{path}"] = entry

    # ------------------------------------------------------------------ the server

    def listed(self) -> Tree:
        return {path: entry._replace(sha256=None) for path, entry in self.site.items()}

    def do(self, verb: str, path: str, target: str = "") -> None:
        tree = self.sets if path.startswith("backup/") else self.site
        if verb == "MKD":
            assert path not in tree, f"MKD {path}: is there"
            self.needs_parent(path)
            tree[path] = Entry(DIRECTORY)
        elif verb == "RMD":
            assert tree[path].kind == DIRECTORY
            assert not any(parent(other) == path for other in tree), f"RMD {path}: not empty"
            del tree[path]
        else:
            there = self.sets if target.startswith("backup/") else self.site
            assert target not in there, f"{path} onto {target}"
            if there is self.site:
                self.needs_parent(target)
            there[target] = tree.pop(path)

    def needs_parent(self, path: str) -> None:
        above = parent(path)
        assert not above or (above in self.site and self.site[above].kind == DIRECTORY), f"nothing above {path}"

    # ------------------------------------------------------------------ rolling back

    def there(self, name: str) -> SetThere:
        prefix = f"backup/{name}/"
        holds = {p[len(prefix) :]: e._replace(sha256=None) for p, e in self.sets.items() if p.startswith(prefix)}
        return SetThere(self.backups[name], self.aftermaths.get(name), holds)

    def chosen(self, wanted: str | None, redo: bool) -> list[Backup]:
        return (backups.to_redo if redo else backups.to_undo)(self.backups, self.head, wanted)

    def plan(self, wanted: str | None = None, *, redo: bool = False, force: bool = True) -> RollbackPlan:
        sets = [self.there(b.id) for b in self.chosen(wanted, redo)]
        return plan_rollback(sets, self.listed(), self.records, redo=redo, force=force)

    def roll(
        self, wanted: str | None = None, *, redo: bool = False, force: bool = True, interrupt: int | None = None
    ) -> RollbackPlan:
        chosen, plan = self.chosen(wanted, redo), self.plan(wanted, redo=redo, force=force)
        self.aftermaths.update(plan.aftermaths)
        journal = journal_of(plan, self.generation)
        for number, step in enumerate(steps_of(plan)):
            if number == interrupt:
                waiting = {path for path in journal.moves.values() if path in self.sets}
                self.records = recover(self.records, journal, self.listed(), waiting)
                return plan
            self.do(*step)
        self.records = dict(plan.known)
        for path, record in plan.targets.items():
            self.records.pop(path, None)
            if record is not None:
                self.records[path] = record
        self.generation += 1
        self.head = Head(chosen[-1].id) if redo else chosen[-1].base
        return plan

    def everything(self) -> list[tuple[int | None, str | None]]:
        """All files there are, wherever they lie."""
        files = [e for e in (*self.site.values(), *self.sets.values()) if e.kind != DIRECTORY]
        return sorted((e.size, e.sha256) for e in files)  # type: ignore[type-var]


def steps_of(plan: RollbackPlan) -> list[Step]:
    """What is sent to the server, in that order."""
    found: list[Step] = renames(plan.shelved)
    left = dict(plan.renames)
    for phase in (CREATE, CLEAR, CLEAR_FOLDER, CREATE_CLEARED, PUBLISH, DELETE, REMOVE):
        for operation in sorted((o for o in plan.operations if o.phase == phase), key=lambda o: o.rank):
            if operation.action == CREATE_DIRECTORY:
                found.append(("MKD", operation.path))
            elif operation.kind == DIRECTORY:
                found.append(("RMD", operation.path))
            else:
                found += renames(left.pop(operation.path))
    assert left == {}
    return found


def renames(trail: t.Iterable[tuple[t.Any, t.Any]]) -> list[Step]:
    return [("RENAME", *("/".join([BACKUP, *p] if p.area else [p.path]) for p in pair)) for pair in trail]


def tree(mtime: int = NOW, **files: str) -> Tree:
    """A tree from path=content; ``__`` stands for ``/``."""
    return as_tree({path.replace("__", "/"): content for path, content in files.items()}, mtime)


def as_tree(files: t.Mapping[str, str], mtime: int = NOW) -> Tree:
    """A tree of the paths that do not lie below another file."""
    found: Tree = {}
    for path in sorted(files):
        parts = path.split("/")
        above = ["/".join(parts[:i]) for i in range(1, len(parts))]
        if not any(found.get(a) is not None and found[a].kind == FILE for a in above) and path not in found:
            found.update((a, Entry(DIRECTORY)) for a in above)
            found[path] = Entry(FILE, len(files[path]), mtime, sha256=sha(files[path]))
    return found


def acts(plan: RollbackPlan) -> list[tuple[str, str]]:
    return [(o.action, o.path) for o in plan.operations]


def published(*trees: Tree) -> World:
    world = World()
    for local in trees:
        world.publish(local)
    return world


# ---------------------------------------------------------------------- examples

FIRST = tree(a="1", gone="2", d__x="3")
SECOND = tree(NOW + 50, a="new", added="4", e__y="5")


def test_replaced_files_come_back_added_ones_go_deleted_ones_return() -> None:
    world = published(FIRST, SECOND)
    plan = world.roll()
    assert acts(plan) == [
        ("create_directory", "d"),
        ("restore", "a"),
        ("restore", "d/x"),
        ("restore", "gone"),
        ("withdraw", "added"),
        ("withdraw", "e/y"),
        ("remove_directory", "e"),
    ]
    assert [o.reason for o in plan.operations[1:5]] == ["replaced since", *["deleted since"] * 2, "added since"]
    assert world.site == FIRST and plan.drifted == plan.conflicts == ()
    again = world.roll(redo=True)
    assert world.site == SECOND
    assert {o.reason for o in again.operations} == {"published again", "deleted again", "created again"}


def test_the_first_publication_can_be_undone_too() -> None:
    world = published(FIRST, SECOND)
    first, second = sorted(world.backups)
    world.roll(first)
    assert world.site == {} and world.records == {} and world.head == Head()
    world.roll(second, redo=True)
    assert world.site == SECOND and world.head == Head(second)


def test_several_publications_are_undone_by_one_operation_a_path() -> None:
    world = published(tree(a="1"), tree(NOW + 1, a="22"), tree(NOW + 2), tree(NOW + 3, a="4444"))
    plan = world.plan("20260101T000000Z-2")
    assert acts(plan) == [("restore", "a")]
    world.roll("20260101T000000Z-2")
    assert world.site == tree(a="1")


def test_types_change_back() -> None:
    world = published(tree(a__b__c="1", f="2"), tree(NOW + 1, a="3", f__g="4"))
    plan = world.roll()
    assert world.site == tree(a__b__c="1", f="2")
    assert [(o.phase, o.action, o.path) for o in plan.operations] == [
        (CLEAR, "withdraw", "a"),
        (CLEAR, "withdraw", "f/g"),
        (CLEAR_FOLDER, "remove_directory", "f"),
        (CREATE_CLEARED, "create_directory", "a"),
        (CREATE_CLEARED, "create_directory", "a/b"),
        (PUBLISH, "restore", "a/b/c"),
        (PUBLISH, "restore", "f"),
    ]
    world.roll(redo=True)
    assert world.site == tree(NOW + 1, a="3", f__g="4")


@pytest.mark.parametrize("what", ["a", "added"])
def test_what_was_changed_since_is_displaced_not_lost(what: str) -> None:
    world = published(FIRST, SECOND)
    world.site[what] = Entry(FILE, 9, NOW + 99, sha256="edited")
    left = world.plan(force=False)
    assert left.drifted == (what,) and [c.path for c in left.conflicts] == [what]
    assert what not in {o.path for o in left.operations}
    plan = world.roll()
    assert plan.drifted == (what,) and plan.conflicts == ()
    assert world.site == FIRST
    assert world.sets[f"backup/20260101T000000Z-2/displaced/1/{what}"].sha256 == "edited"
    # What was published there is nowhere any more, so that only the rest can be redone.
    plan = world.roll(redo=True)
    assert [c.path for c in plan.conflicts] == [what]
    world.site.pop(what, None)
    assert world.site == {path: entry for path, entry in SECOND.items() if path != what}


def test_with_force_off_undoing_leaves_changed_files_and_redoing_does_not_mind_them() -> None:
    world = published(FIRST, SECOND)
    world.site["a"] = Entry(FILE, 9, NOW + 99, sha256="edited")
    world.roll(force=False)
    assert world.site == {**FIRST, "a": world.site["a"]} and world.site["a"].sha256 == "edited"
    plan = world.roll(redo=True, force=False)
    assert plan.conflicts == () and world.site == {**SECOND, "a": world.site["a"]}


def test_what_others_put_in_a_folder_keeps_it() -> None:
    world = published(FIRST, SECOND)
    world.site["e/theirs"] = Entry(FILE, 9, NOW, sha256="theirs")
    plan = world.roll()
    assert ("remove_directory", "e") not in acts(plan)
    assert set(world.site) == {*FIRST, "e", "e/theirs"}


def test_a_folder_that_is_not_empty_bars_the_file_it_replaced() -> None:
    world = published(tree(f="1", x="0"), tree(NOW + 1, f__g="2", x="0"))
    world.site["f/theirs"] = Entry(FILE, 9, NOW, sha256="theirs")
    plan = world.roll()
    assert [c.path for c in plan.conflicts] == ["f"] and "folder" in plan.conflicts[0].message
    assert set(world.site) == {"f", "f/theirs", "x"}


def test_a_publication_without_a_set_in_between_is_displaced() -> None:
    world = published(tree(a="1"), tree(NOW + 1, a="22"))
    world.publish(tree(NOW + 2, a="333"), keep=False)
    assert world.head == Head("20260101T000000Z-2", False)
    plan = world.roll()
    assert plan.drifted == ("a",) and world.site == tree(a="1")
    assert world.head == Head("20260101T000000Z-1")


def test_an_unmanaged_file_that_was_replaced_comes_back_unmanaged() -> None:
    world = World()
    world.site = tree(a="theirs")
    world.publish(tree(NOW + 1, a="ours"))
    world.roll()
    assert world.site == tree(a="theirs") and world.records == {}


# ---------------------------------------------------------------------- which sets


def test_after_an_undo_something_else_can_be_published_and_undone() -> None:
    world = published(tree(a="1"), tree(NOW + 1, a="22"))
    one, two = sorted(world.backups)
    world.roll()
    world.publish(tree(NOW + 2, a="333"))
    three = next(reversed(list(world.backups)))
    assert world.chosen(two, redo=False) == []  # undone already
    with pytest.raises(LookupError):
        world.chosen(two, redo=True)
    assert [b.id for b in world.chosen(one, redo=False)] == [three, one]
    world.roll()
    assert world.site == tree(a="1")
    assert [b.id for b in world.chosen(None, redo=True)] == [three]
    assert [b.id for b in world.chosen(two, redo=True)] == [two]


def test_a_set_that_is_missing_in_between_is_noticed() -> None:
    world = published(tree(a="1"), tree(NOW + 1, a="22"), tree(NOW + 2, a="333"))
    one, two, _three = sorted(world.backups)
    del world.backups[two]
    with pytest.raises(LookupError, match=two):
        world.chosen(one, redo=False)


def test_sets_in_a_circle_end() -> None:
    world = published(tree(a="1"), tree(NOW + 1, a="22"))
    one, two = sorted(world.backups)
    world.backups[one] = world.backups[one]._replace(base=Head(two))
    assert backups.line(world.backups, world.head) == [two, one]
    world.head = Head("20260101T000000Z-9")
    with pytest.raises(LookupError):
        world.chosen(one, redo=True)


# ---------------------------------------------------------------------- any trees

NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
CONTENTS = st.sampled_from(["", "x", "y", "zz"])
FILES = st.dictionaries(PATHS, CONTENTS, max_size=6)
TREES = st.lists(FILES, min_size=1, max_size=4)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[World, list[World]]:
    """A server on which several trees were published, and how it was before each of them."""
    world = World()
    if draw(st.booleans()):
        world.site = as_tree(draw(FILES), NOW - 9)
    before: list[World] = []
    for number, files in enumerate(draw(TREES)):
        earlier, count = copy.deepcopy(world), len(world.backups)
        world.publish(as_tree(files, NOW + number), delete=draw(st.booleans()))
        if len(world.backups) > count:
            before.append(earlier)
    return world, before


@settings(max_examples=300, deadline=None)
@given(worlds(), st.data())
def test_undone_is_as_before_redone_is_as_after(situation: tuple[World, list[World]], data: st.DataObject) -> None:
    world, before = situation
    if not world.backups:
        return
    number = data.draw(st.integers(0, len(before) - 1))
    wanted, last = list(world.backups)[number], world.head.id
    after, files = copy.deepcopy(world), world.everything()
    undone = world.roll(wanted)
    assert undone.conflicts == () and undone.drifted == ()
    assert world.site == before[number].site and world.records == before[number].records
    assert world.head == before[number].head and world.everything() == files
    assert world.chosen(wanted, redo=False) == []
    redone = world.roll(last, redo=True)
    assert redone.conflicts == () and redone.drifted == ()
    assert world.site == after.site and world.records == after.records and world.head == after.head
    assert world.everything() == files
    event(f"{len(undone.operations) // 4 * 4}+ operations")


@settings(max_examples=300, deadline=None)
@given(worlds(), st.data())
def test_killed_anywhere_the_next_run_ends_right(situation: tuple[World, list[World]], data: st.DataObject) -> None:
    world, before = situation
    if not world.backups:
        return
    number = data.draw(st.integers(0, len(before) - 1))
    wanted, last = list(world.backups)[number], t.cast(str, world.head.id)
    for redo, aim in ((False, wanted), (True, last)):
        files, goal = world.everything(), copy.deepcopy(world)
        goal.roll(aim, redo=redo)
        for _attempt in range(data.draw(st.integers(1, 3))):
            steps = steps_of(world.plan(aim, redo=redo))
            if not steps:
                break
            world.roll(aim, redo=redo, interrupt=data.draw(st.integers(0, len(steps) - 1)))
            for path, record in world.records.items():
                if path in world.site and record.kind == FILE and world.site[path].kind == FILE:
                    assert record.sha256 == world.site[path].sha256 or path in goal.records
        plan = world.roll(aim, redo=redo)
        assert plan.conflicts == ()
        assert world.site == goal.site and world.head == goal.head and world.everything() == files
        assert {p: r for p, r in world.records.items() if p in world.site} == {
            p: r for p, r in goal.records.items() if p in goal.site
        }


@settings(max_examples=300, deadline=None)
@given(worlds(), FILES, st.sets(PATHS, max_size=3), st.booleans(), st.data())
def test_whatever_others_did_meanwhile_nothing_is_lost(
    situation: tuple[World, list[World]], foreign: dict[str, str], lost: set[str], force: bool, data: st.DataObject
) -> None:
    world, _before = situation
    if not world.backups:
        return
    for path in lost:
        for other in [p for p in world.site if p == path or p.startswith(f"{path}/")]:
            del world.site[other]
    for path, entry in as_tree(foreign, NOW + 77).items():
        if not any(other in world.site and world.site[other].kind == FILE for other in (parent(path), path)) and (
            path not in world.site
        ):
            above = parent(path)
            if not above or (above in world.site and world.site[above].kind == DIRECTORY):
                world.site[path] = entry
    for path in data.draw(st.sets(st.sampled_from(sorted(world.site)), max_size=2)) if world.site else ():
        if world.site[path].kind == FILE:
            world.site[path] = Entry(FILE, 7, NOW + 88, sha256=f"edited {path}")
    files, start = world.everything(), copy.deepcopy(world)
    wanted, last = data.draw(st.sampled_from(list(world.backups))), world.head.id
    plan = world.roll(wanted, force=force)
    assert world.everything() == files
    if not force:
        edited = {p: e for p, e in start.site.items() if (e.sha256 or "").startswith("edited")}
        assert {p: world.site.get(p) for p in edited} == {
            p: (e if p in plan.drifted or world.site.get(p) == e else world.site.get(p)) for p, e in edited.items()
        }
    world.roll(last, redo=True, force=force)
    assert world.everything() == files


@settings(max_examples=200, deadline=None)
@given(worlds(), FILES, st.booleans(), st.data())
def test_an_interrupted_publication_can_be_undone_with_the_one_that_completed_it(
    situation: tuple[World, list[World]], files: dict[str, str], complete: bool, data: st.DataObject
) -> None:
    world, _before = situation
    local = as_tree(files, NOW + 40)
    start, count = copy.deepcopy(world), len(world.backups)
    world.publish(local, interrupt=data.draw(st.integers(0, 6)))
    if len(world.backups) == count:
        return
    killed = list(world.backups)[count]
    world.aftermaths.pop(killed, None)
    if complete:
        world.publish(local)
    after = copy.deepcopy(world)
    world.roll(killed)
    assert world.site == start.site
    world.roll(after.head.id, redo=True)
    assert world.site == after.site
