# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""A model of a server on which a rollback is rehearsed, and what came of the rehearsal in the end. Pure.

What becomes of a path, over however many publications, is one operation.
"""

from __future__ import annotations

import typing as t
from types import MappingProxyType

from ..model import (
    CLEAR,
    CLEAR_FOLDER,
    CREATE,
    CREATE_CLEARED,
    CREATE_DIRECTORY,
    DELETE,
    DIRECTORY,
    FILE,
    PUBLISH,
    REMOVE,
    Entry,
    Operation,
    Problem,
    Record,
    parent,
)
from ..records.journal import Journal
from ..records.state import BACKUP

if t.TYPE_CHECKING:
    from ..records.backup import Aftermath

RESTORE = "restore"
WITHDRAW = "withdraw"
REMOVE_DIRECTORY = "remove_directory"


class Place(t.NamedTuple):
    """Where a file lies.

    Attributes:
        area: "" for the site, else a folder below that of the backup sets, such as ``<id>/files``.
        path: relative to the site; the same wherever a file goes.
    """

    area: str
    path: str


Rename = t.Tuple[Place, Place]


EMPTY: t.Mapping[str, t.Any] = MappingProxyType({})


class RollbackPlan(t.NamedTuple):
    """What shall be done.

    Attributes:
        operations: in order of phase, then path.
        renames: by path, in the order in which they must be carried out.
        shelved: renames from one backup set to another.
        arriving: files that come into place, as their backup sets list them.
        drifted: paths that were changed on the server since they were published.
        conflicts: paths left alone.
        known: records, whatever becomes of the operations.
        targets: the records of the paths that operations touch, once they are done; None for no record.
        aftermaths: what came of interrupted publications, to be written down before they are undone.
    """

    operations: tuple[Operation, ...] = ()
    renames: t.Mapping[str, tuple[Rename, ...]] = EMPTY
    shelved: tuple[Rename, ...] = ()
    arriving: t.Mapping[str, Entry] = EMPTY
    drifted: tuple[str, ...] = ()
    conflicts: tuple[Problem, ...] = ()
    known: t.Mapping[str, Record] = EMPTY
    targets: t.Mapping[str, Record | None] = EMPTY
    aftermaths: t.Mapping[str, Aftermath] = EMPTY


class Rehearsal:
    """What lies where, and what is recorded; changed step by step.

    Attributes:
        there: files and folders of the site, and files of the backup sets.
        records: of the site.
        renames: what is to be renamed, by path, in this order.
        ranks: when a path is published, among others (``model.Operation``).
        drifted: what was changed on the server.
        conflicts: what cannot be done, by path.
        aftermaths: what came of interrupted publications, by backup set.
    """

    def __init__(
        self,
        site: t.Mapping[str, Entry],
        records: t.Mapping[str, Record],
        unlisted: t.AbstractSet[str],
        redo: bool,
    ) -> None:
        self.first = site
        self.known = records
        self.is_redo = redo
        self.there: dict[Place, Entry] = {Place("", path): entry for path, entry in site.items()}
        self.records = dict(records)
        self.renames: dict[str, list[Rename]] = {}
        self.ranks: dict[str, int] = {}
        self.drifted: set[str] = set()
        self.conflicts: dict[str, str] = {}
        self.aftermaths: dict[str, Aftermath] = {}
        self._unlisted = unlisted
        self._children: dict[str, set[str]] = {}
        for path in site:
            self._children.setdefault(parent(path), set()).add(path)

    def at(self, path: str) -> Entry | None:
        return self.there.get(Place("", path))

    def file_record(self, path: str) -> Record | None:
        record = self.records.get(path)
        return record if record is not None and record.kind == FILE else None

    def remember(self, path: str, record: Record | None) -> None:
        if record is None:
            self.records.pop(path, None)
        else:
            self.records[path] = record

    def move(self, source: Place, target: Place) -> None:
        """Move a file to a free place."""
        self.there[target] = self.there.pop(source)
        siblings = self._children.setdefault(parent(source.path), set())
        if not source.area:
            siblings.discard(source.path)
        if not target.area:
            siblings.add(target.path)
        self.renames.setdefault(source.path, []).append((source, target))

    def open_above(self, path: str) -> bool:
        """Make sure that the folders above are there; False if something else is."""
        above = parent(path)
        if not above:
            return True
        there = self.at(above)
        if there is None:
            known = self.records.get(above)
            return self.appear(above, known if known is not None and known.kind == DIRECTORY else Record(DIRECTORY))
        if there.kind != DIRECTORY:
            self.conflicts.setdefault(above, f"a {there.kind} stands where a folder has to be")
        return there.kind == DIRECTORY

    def appear(self, path: str, record: Record | None) -> bool:
        """A folder shall be there."""
        there = self.at(path)
        if there is not None and there.kind != DIRECTORY:
            self.conflicts.setdefault(path, f"a {there.kind} stands where a folder has to be")
            return False
        if there is None:
            if not self.open_above(path):
                return False
            self.there[Place("", path)] = Entry(DIRECTORY)
            self._children.setdefault(parent(path), set()).add(path)
        self.remember(path, record)
        return True

    def vanish(self, path: str, record: Record | None) -> None:
        """A folder shall be gone, unless something is left in it."""
        there = self.at(path)
        if there is not None:
            if there.kind != DIRECTORY or path in self._unlisted or self._children.get(path):
                return
            del self.there[Place("", path)]
            self._children[parent(path)].discard(path)
        self.remember(path, record)

    # ------------------------------------------------------------------ the plan

    def plan(self) -> RollbackPlan:
        everything = [rename for trail in self.renames.values() for rename in trail]
        renames: dict[str, tuple[Rename, ...]] = {}
        for path, trail in self.renames.items():
            renames[path] = tuple(rename for rename in trail if not (rename[0].area and rename[1].area))
        last = {place.path: entry for place, entry in self.there.items() if not place.area}
        operations: list[Operation] = []
        for path in {*self.first, *last}:
            operations += self._folder_operation(path, self.first.get(path), last.get(path), last)
            operations += self._file_operation(path, renames.get(path, ()), last)
        removals = (CLEAR_FOLDER, REMOVE)
        forward = sorted((o for o in operations if o.phase not in removals), key=lambda o: o.path)
        inside_out = sorted((o for o in operations if o.phase in removals), key=lambda o: o.path, reverse=True)
        touched_paths = {o.path for o in operations}
        changed = [p for p in {*self.known, *self.records} if self.known.get(p) != self.records.get(p)]
        known = dict(self.known)
        for path in changed:
            if path in touched_paths:
                continue
            known.pop(path, None)
            if path in self.records:
                known[path] = self.records[path]
        return RollbackPlan(
            operations=tuple(sorted([*forward, *inside_out], key=lambda o: o.phase)),
            renames={path: trail for path, trail in renames.items() if trail},
            shelved=tuple(rename for rename in everything if rename[0].area and rename[1].area),
            arriving={o.path: last[o.path] for o in operations if o.action == RESTORE},
            drifted=tuple(sorted(self.drifted)),
            conflicts=tuple(Problem(path, message) for path, message in sorted(self.conflicts.items())),
            known=known,
            targets={path: self.records.get(path) for path in touched_paths},
            aftermaths=self.aftermaths,
        )

    def _folder_operation(
        self, path: str, first: Entry | None, last: Entry | None, final: t.Mapping[str, Entry]
    ) -> t.Iterator[Operation]:
        was, will = first is not None and first.kind == DIRECTORY, last is not None and last.kind == DIRECTORY
        if will and not was:
            phase = CREATE_CLEARED if _file_on_the_way(path, self.first) else CREATE
            record = self.records.get(path)
            reason = "created again" if self.is_redo else "deleted since"
            mode = record.mode if record is not None else None
            yield Operation(phase, path, CREATE_DIRECTORY, DIRECTORY, 0, reason, mode=mode)
        elif was and not will:
            phase = CLEAR_FOLDER if _file_on_the_way(path, final) else REMOVE
            reason = "deleted again" if self.is_redo else "added since"
            yield Operation(phase, path, REMOVE_DIRECTORY, DIRECTORY, 0, reason)

    def _file_operation(
        self, path: str, trail: t.Sequence[Rename], final: t.Mapping[str, Entry]
    ) -> t.Iterator[Operation]:
        first, drifted = self.first.get(path), ", and changed on the server" if path in self.drifted else ""
        if any(not target.area for _source, target in trail):
            reason = "published again" if self.is_redo else "replaced since" if first is not None else "deleted since"
            rank, replaces = self.ranks.get(path, 0), first is not None and first.kind != DIRECTORY
            there = final[path]
            yield Operation(PUBLISH, path, RESTORE, there.kind, there.size or 0, reason + drifted, rank, replaces)
        elif any(not source.area for source, _target in trail) and first is not None:
            phase = CLEAR if path in final or _file_on_the_way(path, final) else DELETE
            reason = "deleted again" if self.is_redo else "added since"
            yield Operation(phase, path, WITHDRAW, first.kind, first.size or 0, reason + drifted)


def journal_of(plan: RollbackPlan, generation: int) -> Journal:
    """What the next run needs to know if this one dies.

    Parameters:
        generation: of the manifest that the plan is based on.
    """
    moves = dict.fromkeys((operation.path for operation in plan.operations), "")
    for path in plan.arriving:
        (source,) = [source for source, target in plan.renames[path] if not target.area]
        moves[path] = f"{BACKUP}/{source.area}/{source.path}"
    records = {path: record for path, record in plan.targets.items() if record is not None}
    return Journal(generation, records, {}, None, moves)


def _file_on_the_way(path: str, tree: t.Mapping[str, Entry]) -> bool:
    """Whether a path, or one above it, is something else than a folder in a tree."""
    while path:
        entry = tree.get(path)
        if entry is not None and entry.kind != DIRECTORY:
            return True
        path = parent(path)
    return False
