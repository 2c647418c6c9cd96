# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Backup sets on the server: made before a publication, completed after it, dropped when there are enough."""

from __future__ import annotations

import dataclasses
import io
import typing as t

from ..errors import FtpSyncError, ServerRefused
from ..ftp.persistence import persistently
from ..model import CLEAR, DELETE, DIRECTORY, join, shown
from ..records import backup as backups
from ..records.manifest import Head, is_id
from ..records.state import BACKUP, State
from . import names
from .job import Job, Outcome
from .publish import folders_above

if t.TYPE_CHECKING:
    from ..ftp.session import Session


def prepare(job: Job, outcome: Outcome, state: State, now: str) -> None:
    """Make the folders of the set, and write down all that undoing will need; nothing is moved before.

    Raises:
        FtpSyncError: what is replaced could not be kept.
    """
    if job.backup is None:
        return
    head, before = (state.manifest.head, state.manifest.generation) if state.manifest is not None else (Head(), 0)
    steps = backups.steps_of(job.plan.operations)
    backup = backups.Backup(
        id=job.backup_id,
        base=head,
        before=before,
        after=before + 1,
        written=now,
        steps=steps,
        records=backups.touched(steps, job.plan.records),
    )
    kept = [o for o in job.plan.operations if o.kind != DIRECTORY and (o.replaces or o.phase in (CLEAR, DELETE))]
    folders = [backups.FILES, *(f"{backups.FILES}/{folder}" for folder in folders_above(o.path for o in kept))]
    make_folders(job, job.backup, ["", *folders])
    write(job, join(job.backup, backups.SET), backups.dump(backup))
    outcome.kept = True


def complete(job: Job, outcome: Outcome) -> None:
    """Write down what came of the publication, as it was verified."""
    if job.backup is None or not outcome.kept:
        return
    done = frozenset(n for n, operation in enumerate(job.plan.operations) if operation in outcome.done)
    records = backups.touched(backups.steps_of(job.plan.operations), outcome.records)
    data = backups.dump_aftermath(backups.Aftermath(done, records))
    write(job, join(job.backup, backups.AFTER), data)


def make_folders(job: Job, path: str, folders: t.Sequence[str]) -> None:
    """Make folders of a backup set, parents first; some may exist.

    Parameters:
        path: the set's.
        folders: relative to it; "" for itself.

    Raises:
        FtpSyncError: one cannot be made, so that nothing could be moved into it.
    """
    above, _slash, name = path.rpartition("/")
    wanted = [f"{name}/{folder}" if folder else name for folder in folders]
    for folder, why in names.make_directories(dataclasses.replace(job, root=above), wanted).items():
        if why is not None:
            raise FtpSyncError(
                shown(f"{above}/{folder}: this folder for backups cannot be created: {why}; nothing was published")
            )


def write(job: Job, path: str, data: bytes) -> None:
    """Write a small file of ours."""
    persistently(job.pool, lambda session: session.store(path, io.BytesIO(data), len(data)))


def listed(session: Session, state: State, folder: str) -> list[str]:
    """The ids of the sets that are there, oldest first.

    Parameters:
        folder: absolute path of the folder of sets.
    """
    if not state.holds(BACKUP):
        return []
    try:
        entries = session.list_folder(folder).entries
    except ServerRefused:
        return []
    found = [e.name for e in entries if e.entry.kind == DIRECTORY and is_id(e.name)]
    return sorted(found, key=backups.age)


def drop_old(job: Job, state: State, keep: int) -> None:
    """Drop the oldest sets beyond ``keep``; 0 leaves all of them alone, since they were asked for once."""
    if keep and job.backup is not None:
        state = state._replace(names=None)
        sets = persistently(job.pool, lambda session: listed(session, state, job.state.at(BACKUP)))
        for name in sets[:-keep]:
            _remove_tree(job, job.state.at(BACKUP, name))


def _remove_tree(job: Job, path: str) -> None:
    """Remove a folder of ours with all in it; never used on content."""

    def step(session: Session) -> None:
        folders = [path]
        for folder in folders:
            try:
                entries = session.list_folder(folder).entries
            except ServerRefused:
                continue  # gone with the first attempt, whose reply was lost
            list(session.pipeline(("DELE", join(folder, e.name)) for e in entries if e.entry.kind != DIRECTORY))
            folders += [join(folder, e.name) for e in entries if e.entry.kind == DIRECTORY]
        list(session.pipeline(("RMD", folder) for folder in reversed(folders)))

    persistently(job.pool, step)
