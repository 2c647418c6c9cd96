# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What the record will be if all goes as planned, so that it can travel while the rest of the work goes on.

Pure, and a guess: it counts only if what was verified in the end is exactly this.
"""

from __future__ import annotations

import typing as t

from ..model import CLEAR, CLEAR_FOLDER, CREATE, CREATE_CLEARED, DELETE, DIRECTORY, MODES, PUBLISH, REMOVE, Record

if t.TYPE_CHECKING:
    from ..model import Operation
    from .job import Job, Outcome


def foresee(job: Job, outcome: Outcome) -> dict[str, Record] | None:
    """The records after a publication whose content is in the stage; None where the server will have to tell them."""
    operations = job.plan.operations
    times_known = job.preserve_mtime and job.pool.facts.mtime_settable
    if outcome.failed or not (times_known or all(operation.phase != PUBLISH for operation in operations)):
        return None
    records = dict(outcome.records)
    for operation in operations:
        if operation.phase in (CLEAR, CLEAR_FOLDER, DELETE, REMOVE):
            records.pop(operation.path, None)
    for operation in operations:
        record = _after(job, outcome, operation, records.get(operation.path))
        if record is not None:
            records[operation.path] = record
    return records


def _after(job: Job, outcome: Outcome, operation: Operation, before: Record | None) -> Record | None:
    """The record that an operation makes, or None."""
    settable = outcome.quirks.get("modes") is not False
    if operation.phase in (CREATE, CREATE_CLEARED):
        return Record(DIRECTORY, mode=operation.mode if settable else None)
    if operation.phase == MODES and before is not None:
        return before._replace(mode=operation.mode) if settable else before
    if operation.phase == PUBLISH:
        mtime = job.local[operation.path].mtime
        record = job.planned_record(operation.path, operation.path in outcome.modes_set, operation)
        return record._replace(mtime=None if mtime is None else int(mtime))
    return None
