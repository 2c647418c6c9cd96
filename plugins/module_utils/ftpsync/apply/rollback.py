# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The phases of a rollback, in order; renames and empty folders are all that it consists of.

    make room ─► journal ─► folders ─► clear ─► exchange ─► verify ─► withdraw ─► verify

Nothing is moved before the journal is there. If anything cannot be put back, nothing else is withdrawn.
"""

from __future__ import annotations

import typing as t

from ..decide import as_listed
from ..ftp.persistence import persistently
from ..model import (
    CLEAR,
    CLEAR_FOLDER,
    CREATE,
    CREATE_CLEARED,
    DELETE,
    DIRECTORY,
    FILE,
    PUBLISH,
    REMOVE,
    Entry,
    Operation,
    Record,
    join,
    parent,
)
from ..records import backup as backups
from ..records.state import BACKUP, State
from ..rollback.model import Place, Rename, RollbackPlan, journal_of
from . import backup, moves, names, remove, verify
from .job import Job, Outcome, set_modes


def apply_rollback(job: Job, outcome: Outcome, plan: RollbackPlan, state: State, folders: t.AbstractSet[str]) -> None:
    """Carry out a plan. What happened is in ``outcome``, also when an error ends it early.

    Parameters:
        job: with the operations of this plan.
        folders: absolute paths of folders that the backup sets have already.

    Raises:
        FtpSyncError: before anything was moved, or because the connection was lost for good.
    """
    for backup_id, aftermath in plan.aftermaths.items():
        backup.write(job, job.state.at(BACKUP, backup_id, backups.AFTER), backups.dump_aftermath(aftermath))
    if plan.operations or plan.shelved:
        _make_room(job, plan, folders)
        generation = state.manifest.generation if state.manifest is not None else 0
        journal = journal_of(plan, generation)
        persistently(job.pool, lambda session: job.state.write_journal(session, journal))
        moves.move(job, [(_step(job, rename),) for rename in plan.shelved])
    _make_folders(job, outcome, plan, CREATE)
    _move_files(job, outcome, plan, job.operations(CLEAR))
    _remove_folders(job, outcome, plan, CLEAR_FOLDER)
    _make_folders(job, outcome, plan, CREATE_CLEARED)
    _move_files(job, outcome, plan, sorted(job.operations(PUBLISH), key=lambda o: (o.rank, o.path)))
    if outcome.failed:
        outcome.skipped += job.operations(DELETE, REMOVE)
        return
    _move_files(job, outcome, plan, job.operations(DELETE))
    _remove_folders(job, outcome, plan, REMOVE)


def _make_room(job: Job, plan: RollbackPlan, there: t.AbstractSet[str]) -> None:
    """Make the folders of the sets into which files are going to be moved."""
    wanted: dict[str, set[str]] = {}
    for _source, target in [*plan.shelved, *(rename for trail in plan.renames.values() for rename in trail)]:
        backup_id, _slash, area = target.area.partition("/")
        folder = parent(join(area, target.path)) if target.area else ""
        while folder and join(job.state.at(BACKUP, backup_id), folder) not in there:
            wanted.setdefault(backup_id, set()).add(folder)
            folder = parent(folder)
    for backup_id, folders in sorted(wanted.items()):
        backup.make_folders(job, job.state.at(BACKUP, backup_id), sorted(folders))


def _step(job: Job, rename: Rename) -> moves.Step:
    return _absolute(job, rename[0]), _absolute(job, rename[1])


def _absolute(job: Job, place: Place) -> str:
    return job.state.at(BACKUP, place.area, place.path) if place.area else job.at(place.path)


def _make_folders(job: Job, outcome: Outcome, plan: RollbackPlan, phase: int) -> None:
    operations = job.operations(phase)
    verdicts = names.make_directories(job, [operation.path for operation in operations])
    for operation in operations:
        why = verdicts[operation.path]
        if why is None:
            _confirm(outcome, operation, plan.targets[operation.path])
        else:
            _fail(outcome, operation, f"the folder cannot be created: {why}")
    wanted = [operation for operation in operations if operation.mode is not None and operation in outcome.done]
    set_modes(job, outcome, wanted, confirm=False)


def _remove_folders(job: Job, outcome: Outcome, plan: RollbackPlan, phase: int) -> None:
    operations = job.operations(phase)
    before = dict(outcome.records)
    remove.delete(job, outcome, operations)
    verify.verify_deleted(job, outcome, operations, before)
    for operation in operations:
        if operation in outcome.done:
            _confirm(outcome, operation, plan.targets[operation.path])


def _move_files(job: Job, outcome: Outcome, plan: RollbackPlan, operations: t.Sequence[Operation]) -> None:
    """Rename in one burst, then look; no reply makes a record, only a listing does."""
    if not operations:
        return
    trails = [tuple(_step(job, rename) for rename in plan.renames[operation.path]) for operation in operations]
    answers = moves.move(job, trails)
    listed = verify.look(job, [operation.path for operation in operations])
    for operation, answer in zip(operations, answers):
        path, there = operation.path, listed.get(operation.path)
        arrives = plan.arriving.get(path) if operation.phase == PUBLISH else None
        if answer is not None:
            _fail(outcome, operation, f"cannot be moved: {answer}", there)
        elif arrives is None and there is not None and there.kind != DIRECTORY:
            _fail(outcome, operation, "the server says it is moved, but still lists it", there)
        elif arrives is not None and (there is None or not _is_it(arrives, there)):
            _fail(outcome, operation, "moved, but the server does not list it as before", there)
        else:
            record = plan.targets[path]
            if arrives is not None and there is not None and record is not None and as_listed(record, arrives):
                record = record._replace(mtime=there.mtime, mtime_span=int(there.mtime_span))
            _confirm(outcome, operation, record)


def _is_it(arrived: Entry, there: Entry) -> bool:
    return arrived.kind == there.kind and (arrived.size == there.size or None in (arrived.size, there.size))


def _confirm(outcome: Outcome, operation: Operation, record: Record | None) -> None:
    outcome.done[operation] = None
    if record is None:
        outcome.records.pop(operation.path, None)
    else:
        outcome.records[operation.path] = record


def _fail(outcome: Outcome, operation: Operation, why: str, there: Entry | None = None) -> None:
    """A record stays only of what is listed as it says."""
    outcome.fail(operation, f"{operation.path}: {why}")
    record = outcome.records.get(operation.path)
    if record is not None and record.kind == FILE and (there is None or not as_listed(record, there)):
        del outcome.records[operation.path]
