# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Send content: into the stage, or beside its destination (design 7, phases 2 and 3).

No file is ever written under its final name, except where a server refuses renames. What is sent is
hashed on the way, so that a local file that changes meanwhile is caught (field notes 4.2).
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import typing as t

from ..errors import FtpSyncError, LocalError, ServerRefused
from ..ftp.carry import NO_ROOM
from ..ftp.persistence import persistently
from ..model import SMALL, Operation, Problem
from ..progress.tally import Counted
from . import large
from .job import Job, Outcome, lost, modes_refused

if t.TYPE_CHECKING:
    from ..ftp.session import Session, StoreResult
    from ..ftp.wire import Reply
    from ..records.lock import Lock


class Sent(t.NamedTuple):
    """What came of one upload.

    Attributes:
        size: bytes that left.
        mode_set: the server accepted the mode, or None when none was asked for.
        renamed: the reply to the rename into place, or None when none was asked for.
    """

    size: int
    mode_set: bool | None
    renamed: Reply | None


def stage(
    job: Job, outcome: Outcome, operations: t.Sequence[Operation], lock: Lock, lying: t.Mapping[str, int | None]
) -> bool:
    """Send every file of the plan into the stage, over all connections, large ones first.

    Parameters:
        lying: names and sizes of what an interrupted run left in the stage. A name tells path and
            content, and only what was complete and checked bears it, so such a file is not sent again.

    Returns:
        whether all is there; otherwise nothing may be published.
    """
    looks = large.hash_ahead(job, operations, lying, lock)
    reused = [o for o in operations if lying.get(job.stage_name(o.path)) == o.size]
    outcome.reused += len(reused)
    waiting = set(operations).difference(reused)
    job.tally.phase = "transfer"
    job.tally.expect([operation.size for operation in waiting])
    full: list[str] = []
    failed_before = len(outcome.failed)
    large_ones = large.to_stage(job, waiting, lying, looks)

    def send(session: Session, operation: Operation, _add: t.Callable[[Operation], None]) -> Sent | None:
        if full:
            return None
        lock.beat(session)
        return _send(job, session, operation, job.stage_path, None, large_ones.get(operation))

    for operation, sent, error in job.pool.work(sorted(waiting, key=lambda o: (-o.size, o.path)), send):
        if isinstance(error, ServerRefused) and error.reply.code in NO_ROOM:
            full.append(error.reply.text)
        if error is not None:
            outcome.fail(operation, _line(operation, error))
        elif sent is None:
            outcome.skipped.append(operation)
        else:
            _note(job, outcome, operation, sent)
    if job.cache is not None:
        job.cache.save()
    _modes_of_reused(job, outcome, reused)
    if full:
        missing = sum(operation.size for operation in outcome.skipped) + sum(o.size for o, _line in outcome.failed)
        outcome.warn_once(f"the server has no room left ({full[0]}): {missing} bytes more are needed")
    return len(outcome.failed) == failed_before


def _modes_of_reused(job: Job, outcome: Outcome, operations: t.Sequence[Operation]) -> None:
    """Files found in the stage may have been sent under another ``file_mode``."""
    wanted = [(job.stage_path(o.path), o.mode) for o in operations if o.mode is not None]
    if not wanted or outcome.quirks.get("modes") is False:
        return
    replies = persistently(job.pool, lambda session: session.set_modes(wanted))
    outcome.modes_set.update(
        o.path for o, reply in zip((o for o in operations if o.mode is not None), replies) if reply.is_ok
    )


def send_direct(job: Job, outcome: Outcome, operations: t.Sequence[Operation], lock: Lock | None) -> list[Operation]:
    """``publish: direct``: each file beside its destination, renamed as soon as it is verified.

    Assets go first, entry points last; within a rank all connections work side by side.

    Returns:
        operations whose rename the server refused, for ``publish.py`` to try in another way.

    Raises:
        FtpSyncError: it is not known whether a file was published.
    """
    refused: list[Operation] = []
    unheard: FtpSyncError | None = None
    large_ones = large.beside(job, operations)

    def send(session: Session, operation: Operation, _add: t.Callable[[Operation], None]) -> Sent:
        if lock is not None:
            lock.beat(session)
        final = None if job.backup and operation.replaces else job.at(operation.path)
        return _send(job, session, operation, job.temporary_path, final, large_ones.get(operation))

    job.tally.phase = "transfer"
    job.tally.expect([operation.size for operation in operations])
    for rank in sorted({operation.rank for operation in operations}):
        batch = [operation for operation in operations if operation.rank == rank]
        for operation, sent, error in job.pool.work(batch, send):
            if error is not None or sent is None:
                outcome.fail(operation, _line(operation, error))
                unheard = error if error is not None and lost(error) else unheard
                continue
            _note(job, outcome, operation, sent)
            if sent.renamed is not None and sent.renamed.is_ok:
                outcome.done[operation] = None
            else:
                refused.append(operation)
        if unheard is not None:  # its rename may have come through, so the journal has to stay for the next run
            raise unheard
    return refused


def _note(job: Job, outcome: Outcome, operation: Operation, sent: Sent) -> None:
    outcome.bytes_sent += sent.size
    job.tally.files_done += 1
    if sent.mode_set:
        outcome.modes_set.add(operation.path)
    elif sent.mode_set is False and job.pool.facts.mode_settable is False:
        modes_refused(outcome)
    elif sent.mode_set is False:
        outcome.warnings.append(Problem(operation.path, f"mode {operation.mode or 0:04o} was refused"))


def _line(operation: Operation, error: Exception | None) -> str:
    text = str(error)
    return text if operation.path in text else f"{operation.path}: {text}"


def _send(
    job: Job,
    session: Session,
    operation: Operation,
    place: t.Callable[[str], str],
    rename_to: str | None,
    way: large.Large | None,
) -> Sent:
    """Send one file to its place, checked from both ends, then optionally rename it.

    Parameters:
        place: gives the absolute path for a path and content, which tells of a large file when it was sent only.
        way: of a large file.
    """
    target = place(operation.path) if way is None else way.target
    try:
        if way is None:
            stored = _store(job, session, operation, target, rename_to)
        else:
            stored = _store_large(job, session, operation, way)
    except (LocalError, ServerRefused):
        list(session.pipeline([("DELE", target)]))  # what arrived of it is of no use
        raise
    mode_set = None if operation.mode is None else stored.mode_set
    if way is None:
        return Sent(stored.sent, mode_set, stored.renamed)
    there = place(operation.path)
    renamed = list(session.pipeline([("RNFR", target), ("RNTO", rename_to or there)]))[-1]
    if rename_to is None:
        if not renamed.is_ok:
            raise ServerRefused(f"{operation.path}: {target} cannot be renamed to {there}: {renamed.text}", renamed)
        return Sent(stored.sent, mode_set, None)
    if not renamed.is_ok:
        list(session.pipeline([("RNFR", target), ("RNTO", there)]))  # where publish.py looks for it
    return Sent(stored.sent, mode_set, renamed)


def _store(job: Job, session: Session, operation: Operation, target: str, rename_to: str | None) -> StoreResult:
    """Upload what was planned, and nothing else.

    Raises:
        LocalError: the file cannot be read, or has changed since it was planned.
    """
    with _opened(job, operation) as (file, counted):
        source = io.BytesIO(_checked(file, job.local[operation.path].sha256, operation))
        return session.store(
            target,
            source,
            operation.size,
            mtime=_mtime(job, operation),
            mode=operation.mode,
            rename_to=rename_to,
            more=session.more or session is job.pool.main,  # which has journal and manifest to send
            progress=counted.add,
        )


def _store_large(job: Job, session: Session, operation: Operation, way: large.Large) -> StoreResult:
    """The same for a file that is hashed while it leaves, from where a lost connection has ended it."""
    offset = way.upload.offset(session, way.target)
    with _opened(job, operation) as (file, counted):
        counted.add(offset)
        with way.upload.source(t.cast(io.BufferedReader, file), operation.path) as source:
            stored = session.store(
                way.target,
                source,
                operation.size,
                mtime=_mtime(job, operation),
                mode=operation.mode,
                more=session.more or session is job.pool.main,  # which has journal and manifest to send
                progress=counted.add,
                offset=offset,
            )
            way.settle(file, source.digest())
    return stored


@contextlib.contextmanager
def _opened(job: Job, operation: Operation) -> t.Iterator[tuple[t.BinaryIO, Counted]]:
    path = os.path.join(job.local_root, *operation.path.split("/"))
    try:
        with open(path, "rb") as file, Counted(job.tally, operation.path) as counted:
            yield file, counted
    except OSError as error:
        raise LocalError(f"{path} cannot be read: {error.strerror}") from None


def _mtime(job: Job, operation: Operation) -> int | None:
    """The time that the file is to have on the server."""
    mtime = job.local[operation.path].mtime
    return int(mtime) if job.preserve_mtime and mtime is not None else None


def _checked(file: t.BinaryIO, sha256: str | None, operation: Operation) -> bytes:
    """The whole content of a small file, if it still is what was planned."""
    data = file.read(SMALL + 1)
    if len(data) != operation.size or hashlib.sha256(data).hexdigest() != sha256:
        raise large.changed(operation.path)
    return data
