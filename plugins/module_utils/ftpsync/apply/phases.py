# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The phases of a publication, in order (design 7).

    stage ─► journal ─► folders ─► clear ─► publish ─► verify ─► modes ─► delete ─► verify

If anything cannot be sent, nothing is published. If anything cannot be published, nothing is deleted.
Folders are made late, so that no visitor sees empty ones while content is sent, and after the journal, so
that the next run knows them as ours whatever becomes of this one.
"""

from __future__ import annotations

import typing as t

from ..ftp.persistence import persistently
from ..model import (
    CLEAR,
    CLEAR_FOLDER,
    CREATE,
    CREATE_CLEARED,
    DELETE,
    DIRECTORY,
    MODES,
    PUBLISH,
    REMOVE,
    Operation,
    Record,
    parent,
)
from ..records.journal import Journal
from ..records.lock import Lock
from ..records.state import STAGE, State
from . import backup, names, publish, remove, send, verify
from .job import Job, Outcome, set_modes

if t.TYPE_CHECKING:
    from ..ftp.session import Session
    from .recording import Recorder


def apply_plan(
    job: Job, outcome: Outcome, state: State, lock: Lock | None, now: str, recorder: Recorder | None
) -> bool:
    """Carry out a plan. What happened is in ``outcome``, also when an error ends it early.

    Parameters:
        state: our folder as it is, under the lock.
        lock: ours, to be kept alive; None where no folder of ours is used.
        now: ISO 8601 in UTC, for people.
        recorder: of what is published; None where nothing is recorded.
    Returns:
        whether it came to that: False where not all content could be sent.
    """
    has_begun = _publish(job, outcome, state, lock, now, recorder)
    backup.complete(job, outcome)
    return has_begun


def _publish(job: Job, outcome: Outcome, state: State, lock: Lock | None, now: str, recorder: Recorder | None) -> bool:
    files = job.operations(PUBLISH)
    waiting: dict[str, str] = {}
    if job.staged and lock is not None:
        if not send.stage(job, outcome, files, lock, _lying(job, state)):
            tried = {operation for operation, _line in outcome.failed}.union(outcome.skipped)
            outcome.skipped += [o for o in job.plan.operations if o not in tried]
            return False
        waiting = names.prove(job, outcome, files)
        files = _reachable(outcome, files)
    job.tally.phase = "publish"
    if lock is not None:
        persistently(job.pool, lock.sign)  # where nothing was staged
        if recorder is not None and job.staged:
            recorder.send_ahead(job, outcome)
        backup.prepare(job, outcome, state, now)
        journal = _journal(job, files, state, waiting)
        persistently(job.pool, lambda session: job.state.write_journal(session, journal))
        _drop_leftovers(job)
    _create_directories(job, outcome, job.operations(CREATE))
    remove.delete(job, outcome, job.operations(CLEAR, CLEAR_FOLDER))
    _create_directories(job, outcome, job.operations(CREATE_CLEARED))
    files = _reachable(outcome, files)
    if job.staged:
        publish.publish(job, outcome, files, waiting)
    else:
        publish.publish(job, outcome, send.send_direct(job, outcome, files, lock), {})
    verify.verify_published(job, outcome, files)
    set_modes(job, outcome, job.operations(MODES), confirm=True)
    deletions = job.operations(DELETE, REMOVE)
    if any(operation.phase != MODES for operation, _line in outcome.failed):
        outcome.skipped += deletions
        return True
    job.tally.phase = "delete"
    remove.delete(job, outcome, deletions)
    verify.verify_deleted(job, outcome, deletions, job.plan.records)
    return True


def _lying(job: Job, state: State) -> t.Mapping[str, int | None]:
    """What an interrupted run left in the stage."""
    if state.lying is not None:
        return state.lying
    return persistently(job.pool, job.state.staged) if state.holds(STAGE) else {}


def prepare(job: Job, outcome: Outcome, state: State, lock: Lock) -> None:
    """Send content into the stage and leave it there, for a run that publishes (``publish: prepare``)."""
    files = job.operations(PUBLISH)
    send.stage(job, outcome, files, lock, _lying(job, state))
    failed = {operation for operation, _line in outcome.failed}.union(outcome.skipped)
    outcome.done.update((operation, None) for operation in files if operation not in failed)


def _create_directories(job: Job, outcome: Outcome, operations: t.Sequence[Operation]) -> None:
    verdicts = names.make_directories(job, [operation.path for operation in operations])
    for operation in operations:
        why = verdicts[operation.path]
        if why is None:
            outcome.done[operation] = None
            outcome.records[operation.path] = Record(DIRECTORY)
        else:
            outcome.fail(operation, f"{operation.path}: the folder cannot be created: {why}")
    wanted = [operation for operation in operations if operation.mode is not None and operation in outcome.done]
    set_modes(job, outcome, wanted, confirm=False)


def _reachable(outcome: Outcome, files: t.Sequence[Operation]) -> list[Operation]:
    """The files that have not failed yet; those whose folder has failed now do, too."""
    blocked = {operation.path for operation, _line in outcome.failed}
    found = []
    for operation in files:
        if operation.path in blocked:
            continue
        above = parent(operation.path)
        while above and above not in blocked:
            above = parent(above)
        if above:
            outcome.fail(operation, f"{operation.path}: its folder {above} could not be created")
        else:
            found.append(operation)
    return found


def _journal(job: Job, files: t.Sequence[Operation], state: State, waiting: t.Mapping[str, str]) -> Journal:
    """What the next run needs to know if this one dies.

    Without a stage nothing tells a new file from a foreign one of the same size that it was to
    replace, so those are left out: they are sent again.
    """
    known = job.plan.records
    sure = [o for o in files if job.staged or not o.replaces or o.path in known]
    records = {o.path: job.planned_record(o.path, o.mode is not None, o) for o in sure}
    records.update((o.path, Record(DIRECTORY)) for o in job.operations(CREATE, CREATE_CLEARED))
    generation = state.manifest.generation if state.manifest is not None else 0
    staged = {o.path: waiting.get(o.path, job.stage_name(o.path)) for o in sure}
    deleted = tuple(o.path for o in job.operations(CLEAR, CLEAR_FOLDER, DELETE, REMOVE))
    return Journal(generation, records, staged, job.backup_id or None, deleted=deleted)


def _drop_leftovers(job: Job) -> None:
    """Delete what dead runs left beside their destinations; whoever lives holds the lock (field notes 10.6)."""
    if job.leftovers:
        commands = [("DELE", job.at(path)) for path in job.leftovers]
        persistently(job.pool, lambda session: list(session.pipeline(commands)))


def clean_up(job: Job, state: State, keep: int) -> None:
    """Sweep the stage, and drop the oldest backup sets beyond ``keep``; only under our own lock."""

    def sweep(session: Session) -> None:
        left = [job.state.at(STAGE, name) for name in job.state.staged(session)]
        list(session.pipeline(("DELE", path) for path in left))

    if state.holds(STAGE) and state.lying != {}:  # what this run staged is published by now
        persistently(job.pool, sweep)
    backup.drop_old(job, state, keep)
