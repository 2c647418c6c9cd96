# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Look at what was published, and record it as the server lists it (design 7, phase 6).

Some servers answer 250 and do nothing, or store under another name (field notes 4.5, 7.4). So no reply
makes a record: only a listing that shows the file, with its size, does.
"""

from __future__ import annotations

import typing as t
from types import MappingProxyType

from ..errors import ServerRefused
from ..ftp.persistence import persistently
from ..model import DIRECTORY, FILE, Entry, Operation, Record, parent
from ..scan.recheck import confirm
from ..scan.remote import refine_times
from .job import Job, Outcome
from .names import NOT_KEPT

if t.TYPE_CHECKING:
    from ..ftp.session import Session


def verify_published(job: Job, outcome: Outcome, operations: t.Sequence[Operation]) -> None:
    """Turn published operations into records, or into failures."""
    published = {o.path: o for o in operations if o in outcome.done}
    listed = look(job, published, _expected(job, outcome, published))
    for path, operation in published.items():
        entry = listed.get(path)
        if entry is not None and entry.kind == FILE and entry.size in (operation.size, None):
            record = job.planned_record(path, path in outcome.modes_set, operation)
            outcome.records[path] = record._replace(mtime=entry.mtime, mtime_span=int(entry.mtime_span))
        else:
            del outcome.done[operation]
            outcome.records.pop(path, None)
            outcome.fail(operation, f"{path}: {_what_is_there(entry, operation)}")
    altered = [path for path, operation in published.items() if path not in listed and not operation.replaces]
    if altered:  # what lies there now under another name answers to the given one, too
        persistently(job.pool, lambda session: list(session.pipeline(("DELE", job.at(path)) for path in altered)))


def verify_deleted(
    job: Job, outcome: Outcome, operations: t.Sequence[Operation], before: t.Mapping[str, Record]
) -> None:
    """Make sure that what the server says it deleted is gone.

    Parameters:
        before: the records that were true before.
    """
    deleted = {o.path: o for o in operations if o in outcome.done}
    listed = _list(job, {parent(path) for path in deleted})
    for path, operation in deleted.items():
        if path in listed and (listed[path].kind == DIRECTORY) == (operation.kind == DIRECTORY):
            del outcome.done[operation]
            if path in before:
                outcome.records[path] = before[path]
            outcome.fail(operation, f"{path}: the server says it is deleted, but still lists it")


def _what_is_there(entry: Entry | None, operation: Operation) -> str:
    if entry is None:
        return NOT_KEPT
    if entry.kind != FILE:
        return f"stored, but the server lists a {entry.kind} there"
    return f"stored {operation.size} bytes, but the server lists {entry.size}: written by somebody else, or not renamed"


def _expected(job: Job, outcome: Outcome, published: t.Mapping[str, Operation]) -> dict[str, Record]:
    """What there should be now; the times of published files are for the server to tell."""
    planned = {path: job.planned_record(path, False, operation) for path, operation in published.items()}
    return {**outcome.records, **planned}


def look(
    job: Job, paths: t.Collection[str], expected: t.Mapping[str, Record] = MappingProxyType({})
) -> dict[str, Entry]:
    """What the server lists at some paths now, times to the second, and beside them.

    Parameters:
        expected: folders in which there is exactly this are asked for at once, without a data connection.
    """
    found = confirm(job.pool, job.root, expected, job.state.path, paths) if expected and paths else {}
    listed = _list(job, {parent(path) for path in paths}.difference(found))
    for entries in found.values():
        listed.update(entries)
    hidden = [path for path in paths if path not in listed and path.rpartition("/")[2].startswith(".")]
    for path, size in zip(hidden, job.pool.main.sizes([job.at(path) for path in hidden])):
        if size is not None:
            listed[path] = Entry(FILE, size, None)
    refine_times(job.pool, job.root, listed, paths)
    return listed


def _list(job: Job, folders: t.Iterable[str]) -> dict[str, Entry]:
    """The entries of some folders; one that cannot be listed shows nothing."""

    def list_one(session: Session, folder: str, _add: t.Callable[[str], None]) -> dict[str, Entry]:
        listing = session.list_folder(job.at(folder))
        return {f"{folder}/{item.name}" if folder else item.name: item.entry for item in listing.entries}

    found: dict[str, Entry] = {}
    for _folder, entries, error in job.pool.work(sorted(folders), list_one):
        if error is not None and not isinstance(error, ServerRefused):
            raise error
        found.update(entries or {})
    return found
