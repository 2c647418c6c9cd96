# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Delete what the plan names, last of all (field notes 9.5): files in one burst, then empty folders.

When backups are kept a file is moved into the backup set instead. Folders go by RMD alone, which
fails on what is not empty; nothing is ever removed recursively.
"""

from __future__ import annotations

import typing as t

from ..errors import ServerRefused
from ..ftp.persistence import persistently
from ..model import DIRECTORY, Operation, join
from .job import Job, Outcome

if t.TYPE_CHECKING:
    from ..ftp.session import Session
    from ..ftp.wire import Reply


def delete(job: Job, outcome: Outcome, operations: t.Sequence[Operation]) -> None:
    """Delete files and folders, in the order given."""
    files = [operation for operation in operations if operation.kind != DIRECTORY]
    folders = [operation for operation in operations if operation.kind == DIRECTORY]
    _delete(job, outcome, files, lambda path: _file_commands(job, path), _file_is_gone)
    _delete(job, outcome, folders, lambda path: [("RMD", job.at(path))], _folder_is_gone)


def _file_commands(job: Job, path: str) -> list[tuple[str, str]]:
    if job.backup is None:
        return [("DELE", job.at(path))]
    return [("RNFR", job.at(path)), ("RNTO", join(job.backup, "files", path))]


def _delete(
    job: Job,
    outcome: Outcome,
    operations: t.Sequence[Operation],
    commands: t.Callable[[str], list[tuple[str, str]]],
    is_gone: t.Callable[[Session, str], bool],
) -> None:
    """One burst; whatever was refused is looked at, since it may be gone all the same (field notes 1.8)."""
    groups = [commands(operation.path) for operation in operations]

    def step(session: Session) -> list[tuple[Operation, Reply | None]]:
        replies = iter(list(session.pipeline(command for group in groups for command in group)))
        verdicts: list[tuple[Operation, Reply | None]] = []
        for operation, group in zip(operations, groups):
            last = [next(replies) for _command in group][-1]
            gone = last.is_ok or is_gone(session, job.at(operation.path))
            verdicts.append((operation, None if gone else last))
        return verdicts

    if not operations:
        return
    for operation, reply in persistently(job.pool, step):
        if reply is None:
            outcome.done[operation] = None
            outcome.records.pop(operation.path, None)
        else:
            outcome.fail(operation, f"{operation.path}: cannot be deleted: {reply.text}")


def _file_is_gone(session: Session, path: str) -> bool:
    above, _slash, name = path.rpartition("/")
    return all(listed.name != name for listed in session.list_folder(above or "/").entries)


def _folder_is_gone(session: Session, path: str) -> bool:
    try:
        session.list_folder(path)
    except ServerRefused:
        return True
    return False
