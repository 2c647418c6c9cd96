# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Plan a rollback: the server's tree, records and backup sets in, operations and renames out. Pure.

At each path there was one file after the other, and each of them has its place: on the site, or in the
backup set of the publication that put it there (``undone``), or of the one that put it aside (``files``).
So a plan is the way from where these files lie now to where they belong. It depends on nothing else, and
what a killed run has left half done is simply gone on with. Nothing is ever deleted but empty folders, and
nothing overwritten.
"""

from __future__ import annotations

import itertools
import typing as t

from ..decide import as_listed
from ..model import CREATE_DIRECTORY, DELETE_PATH, DIRECTORY, UPLOAD, Entry, Record
from ..records.backup import DISPLACED, FILES, UNDONE, Aftermath, Backup, Step, touched
from .model import Place, Rehearsal, RollbackPlan

CHANGED = "was changed on the server since (force is off)"
GONE = "what was there before is not in the backup set any more"
NOT_KEPT = "what was published there had been changed on the server before it was undone, and is not put back"


class SetThere(t.NamedTuple):
    """A backup set as it lies on the server.

    Attributes:
        aftermath: None if its publication was interrupted.
        holds: its files and folders, relative to its own folder.
    """

    backup: Backup
    aftermath: Aftermath | None
    holds: t.Mapping[str, Entry]

    def place(self, area: str, path: str) -> Place:
        return Place(f"{self.backup.id}/{area}", path)

    def before(self, path: str) -> Record | None:
        return self.backup.records.get(path)

    def after(self, path: str) -> Record | None:
        return self.aftermath.records.get(path) if self.aftermath is not None else None


def plan_rollback(
    sets: t.Sequence[SetThere],
    site: t.Mapping[str, Entry],
    records: t.Mapping[str, Record],
    *,
    redo: bool,
    force: bool,
    unlisted: t.AbstractSet[str] = frozenset(),
) -> RollbackPlan:
    """Plan how publications are undone or redone.

    Parameters:
        sets: newest first to undo, oldest first to redo.
        site: what the server lists in all folders that the publications touched.
        records: what is published.
        force: move files aside that were changed on the server since; else leave them alone.
        unlisted: folders that were not looked into, and so count as full.
    """
    planner = _Planner(sets if redo else sets[::-1], Rehearsal(site, records, unlisted, redo), force)
    planner.decide()
    return planner.rehearsal.plan()


class _Change(t.NamedTuple):
    """What one publication did to a path: a step of its set, by number."""

    one: SetThere
    number: int

    @property
    def step(self) -> Step:
        return self.one.backup.steps[self.number]

    @property
    def path(self) -> str:
        return self.step.path

    @property
    def adds(self) -> bool:
        return self.step.action == UPLOAD

    @property
    def removes(self) -> bool:
        return self.step.replaces or self.step.action == DELETE_PATH

    @property
    def aside(self) -> Place:
        """Where the file lies that it replaced or deleted."""
        return self.one.place(FILES, self.path)

    @property
    def undone(self) -> Place:
        """Where the file lies that it added, once it is undone."""
        return self.one.place(UNDONE, self.path)


class _Files:
    """All files that were at one path one after the other: number 0 before all changes, n by the n-th change."""

    def __init__(self, changes: t.Sequence[_Change], model: Rehearsal) -> None:
        self.changes = changes
        self.path = changes[0].path
        self.exist = [changes[0].removes, *(change.adds for change in changes)]
        self.records = [changes[0].one.before(self.path), *(change.one.after(self.path) for change in changes)]
        self.places: list[Place | None] = [None, *(c.undone if c.undone in model.there else None for c in changes)]
        for number, change in enumerate(changes):
            missing = [n for n in range(number + 1) if self.exist[n] and self.places[n] is None]
            if missing and change.removes and change.aside in model.there:
                self.places[missing[-1]] = change.aside
        self.record = model.file_record(self.path)
        current = model.at(self.path)
        self.current = None if current is None or current.kind == DIRECTORY else current
        # The one that should be on the site: what lies nowhere else and is what is recorded.
        candidates = [n for n, place in enumerate(self.places) if self.exist[n] and place is None and self._fits(n)]
        self.expected = candidates[-1] if candidates else None
        self.foreign = False
        if self.current is not None:
            as_recorded = self.record is None or as_listed(self.record, self.current)
            self.foreign = self.expected is None or not as_recorded
            if self.expected is not None and as_recorded:
                self.places[self.expected] = Place("", self.path)

    def _fits(self, number: int) -> bool:
        if number and self.changes[number - 1].one.aftermath is None:
            return True
        known = self.records[number]
        return known is None if self.record is None else _same_content(self.record, known)

    def home(self, number: int, redo: bool) -> Place | None:
        """Where a file belongs: on the site, or where it lies when it is undone or replaced."""
        if number == (len(self.changes) if redo else 0):
            return Place("", self.path)
        if not redo:
            return self.changes[number - 1].undone
        return next((change.aside for change in self.changes[number:] if change.removes), None)


class _Planner:
    """Decides path by path, and rehearses it.

    Parameters:
        sets: oldest first.
    """

    def __init__(self, sets: t.Sequence[SetThere], rehearsal: Rehearsal, force: bool) -> None:
        self.sets = sets
        self.rehearsal = rehearsal
        self.redo = rehearsal.is_redo
        self.force = force
        self.displaced: dict[str, int] = {}
        self.order = {one.backup.id: number for number, one in enumerate(sets)}
        self.files: dict[str, list[_Change]] = {}
        self.folders: dict[str, list[_Change]] = {}
        for one in sets:
            self._add_set(one)

    def _add_set(self, one: SetThere) -> None:
        """Note what lies in a set, and which folder in it is free for what must make way."""
        numbers = [0]
        for path, entry in one.holds.items():
            area, _slash, rest = path.partition("/")
            first = rest.partition("/")[0]
            if area == DISPLACED and first.isdigit() and len(first) < 10:
                numbers.append(int(first))
            elif rest and entry.kind != DIRECTORY:
                self.rehearsal.there[one.place(area, rest)] = entry
        self.displaced[one.backup.id] = max(numbers) + 1
        for number, step in enumerate(one.backup.steps):
            ranks = self.rehearsal.ranks
            ranks[step.path] = max(step.rank, ranks.get(step.path, 0))
            change = _Change(one, number)
            if step.action == CREATE_DIRECTORY or (step.action == DELETE_PATH and step.kind == DIRECTORY):
                if self._folder_step_took_place(change):
                    self.folders.setdefault(step.path, []).append(change)
            elif step.action in (UPLOAD, DELETE_PATH) and self._file_step_took_place(change):
                self.files.setdefault(step.path, []).append(change)

    def _file_step_took_place(self, change: _Change) -> bool:
        """Known if the publication was completed, else by what it left."""
        aftermath, there = change.one.aftermath, self.rehearsal.there
        if change.aside in there or change.undone in there:
            return True
        if aftermath is not None:
            return change.number in aftermath.done
        return not change.removes and self.rehearsal.file_record(change.path) is not None

    def _folder_step_took_place(self, change: _Change) -> bool:
        if change.one.aftermath is not None:
            return change.number in change.one.aftermath.done
        there = self.rehearsal.at(change.path)
        if change.step.action == DELETE_PATH:
            return there is None or there.kind != DIRECTORY
        record = self.rehearsal.records.get(change.path)
        return record is not None and record.kind == DIRECTORY

    # ------------------------------------------------------------------ deciding

    def decide(self) -> None:
        """What leaves goes first, then folders, then what arrives."""
        self._complete_aftermaths()
        arriving = [
            found for path in sorted(self.files) for found in self._leave(_Files(self.files[path], self.rehearsal))
        ]
        for path in sorted(self.folders, reverse=True):
            if not self._folder_is_wanted(path) and self._may_vanish(path):
                self.rehearsal.vanish(path, self._aim(path))
        for path in sorted(self.folders):
            if self._folder_is_wanted(path):
                self.rehearsal.appear(path, self._aim(path))
        for source, record in arriving:
            self._arrive(source, record)

    def _aim(self, path: str) -> Record | None:
        """What is recorded of a path in the end."""
        changes = [*self.files.get(path, ()), *self.folders.get(path, ())]
        order = sorted(self.order[change.one.backup.id] for change in changes)
        return self.sets[order[-1]].after(path) if self.redo else self.sets[order[0]].before(path)

    def _leave(self, files: _Files) -> t.Iterator[tuple[Place, Record | None]]:
        """Move all files of a path away that do not belong where they are; yields the one that is to arrive."""
        path, model = files.path, self.rehearsal
        last = len(files.changes) if self.redo else 0
        wanted = files.exist[last]
        if wanted and files.places[last] is None:
            self._explain_missing(files, last)
            return
        if files.foreign and (wanted or files.record is not None) and not self._displace(files):
            return
        if files.current is None and files.expected is not None and files.record is not None:
            model.drifted.add(path)
        for number, place in enumerate(files.places):
            home = files.home(number, self.redo)
            if place is not None and home is not None and home != place and home.area:
                model.move(place, home if home not in model.there else self._free(files, path))
        arriving = files.places[last]
        if wanted and arriving is not None and arriving.area:
            yield arriving, self._aim(path)
        elif path not in self.folders and not (files.foreign and files.record is None):
            model.remember(path, self._aim(path))

    def _explain_missing(self, files: _Files, last: int) -> None:
        """What should come into place lies nowhere; harmless only if nothing is to be done there any more."""
        if self.redo:
            if not _same_content(files.records[last], files.record):
                self.rehearsal.conflicts.setdefault(files.path, NOT_KEPT)
        elif any(place is not None and place != files.home(n, False) for n, place in enumerate(files.places)):
            self.rehearsal.conflicts.setdefault(files.path, GONE)

    def _displace(self, files: _Files) -> bool:
        """Move something aside that nobody expected on the site; False if it stays."""
        model, path = self.rehearsal, files.path
        model.drifted.add(path)
        if not self.force:
            model.conflicts.setdefault(path, CHANGED)
            return False
        # Where it would lie if it had not been changed, as long as undoing this again would bring it back.
        home = files.home(files.expected, True) if self.redo and files.expected is not None else None
        model.move(Place("", path), home if home is not None and home not in model.there else self._free(files, path))
        return True

    def _free(self, files: _Files, path: str) -> Place:
        """A place that nothing else has, in the newest set."""
        one = files.changes[-1].one
        numbers = itertools.count(self.displaced[one.backup.id])
        places = (one.place(f"{DISPLACED}/{number}", path) for number in numbers)
        return next(place for place in places if place not in self.rehearsal.there)

    def _arrive(self, source: Place, record: Record | None) -> None:
        model, path = self.rehearsal, source.path
        if model.at(path) is not None:
            model.conflicts.setdefault(path, "a folder stands there that is not empty, or not ours")
        elif model.open_above(path):
            model.move(source, Place("", path))
            model.remember(path, record)

    def _folder_is_wanted(self, path: str) -> bool:
        changes = self.folders[path]
        return (changes[-1].step.action if self.redo else changes[0].step.action) == (
            CREATE_DIRECTORY if self.redo else DELETE_PATH
        )

    def _may_vanish(self, path: str) -> bool:
        record = self.rehearsal.records.get(path)
        return self.redo or self.rehearsal.at(path) is None or (record is not None and record.kind == DIRECTORY)

    def _complete_aftermaths(self) -> None:
        """What came of interrupted publications, for the day when they are redone."""
        for number, one in enumerate(self.sets):
            if one.aftermath is not None:
                continue
            changes = [c for found in (*self.files.values(), *self.folders.values()) for c in found if c.one is one]
            records = touched(one.backup.steps, self.rehearsal.records)
            for later in reversed(self.sets[number + 1 :]):
                for step in later.backup.steps:
                    records.pop(step.path, None)
                records.update((path, record) for path, record in later.backup.records.items())
            paths = {step.path for step in one.backup.steps}
            records = {path: record for path, record in records.items() if path in paths}
            self.rehearsal.aftermaths[one.backup.id] = Aftermath(frozenset(c.number for c in changes), records)


def _same_content(one: Record | None, other: Record | None) -> bool:
    return one is not None and other is not None and (one.size, one.sha256) == (other.size, other.sha256)
