# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Names that a server may refuse, or silently replace by another (field notes 7.4).

They are tried where it does no harm: a staged file first takes its final name within the stage. What
the stage then does not list under that name would not be found on the site either.
"""

from __future__ import annotations

import re
import typing as t

from ..errors import ServerRefused
from ..ftp.persistence import persistently
from ..model import FILE, Operation, parent
from ..records.state import STAGE
from .job import Job, Outcome

if t.TYPE_CHECKING:
    from ..ftp.session import Session
    from ..ftp.wire import Reply

# Names that every server stores and lists as they are.
USUAL = re.compile(r"[A-Za-z0-9._-]+\Z")

NOT_KEPT = "the server does not keep this name: rename it, or exclude it"


def base_name(path: str) -> str:
    """The last component of a path."""
    return path.rpartition("/")[2]


def prove(job: Job, outcome: Outcome, operations: t.Sequence[Operation]) -> dict[str, str]:
    """Give staged files with unusual names these names within the stage; what is not kept fails.

    Parameters:
        operations: uploads, all of them staged.

    Returns:
        by path, the name under which the content waits in the stage now, where that has changed.
    """
    proven = {base_name(path) for path, record in job.plan.records.items() if record.kind == FILE}
    first: dict[str, Operation] = {}
    for operation in operations:
        name = base_name(operation.path)
        if not USUAL.match(name) and name not in proven:
            first.setdefault(name, operation)
    if not first:
        return {}
    renames = [
        (verb, path)
        for name, operation in first.items()
        for verb, path in (("RNFR", job.stage_path(operation.path)), ("RNTO", job.state.at(STAGE, name)))
    ]
    replies = persistently(job.pool, lambda session: list(session.pipeline(renames)))
    answers = dict(zip(first, replies[1::2]))
    lies = persistently(job.pool, job.state.staged)
    kept = {operation.path: name for name, operation in first.items() if lies.get(name) == operation.size}
    for operation in operations:
        name = base_name(operation.path)
        if name in first and first[name].path not in kept:
            answer = answers[name]
            why = NOT_KEPT if answer.is_ok else f"the server refuses this name: {answer.text}; rename it, or exclude it"
            outcome.fail(operation, f"{operation.path}: {why}")
    expected = {job.stage_name(operation.path) for operation in operations}.union(kept.values())
    strange = [("DELE", job.state.at(STAGE, name)) for name in lies if name not in expected]
    persistently(job.pool, lambda session: list(session.pipeline(strange)))
    return kept


def make_directories(job: Job, paths: t.Sequence[str]) -> dict[str, str | None]:
    """MKD in one burst, parents first; one that exists already, by whomever, is as good.

    Returns:
        by path, why there is no such folder afterwards, or None.
    """

    def step(session: Session) -> dict[str, str | None]:
        replies = list(session.pipeline(("MKD", _mkd_path(job.at(path))) for path in paths))
        return {
            path: None if reply.is_ok else _otherwise(job, session, path, reply) for path, reply in zip(paths, replies)
        }

    if not paths:
        return {}
    verdicts = persistently(job.pool, step)
    for path in _altered(job, [path for path, why in verdicts.items() if why is None]):
        verdicts[path] = NOT_KEPT
    return verdicts


def _mkd_path(path: str) -> str:
    """Pure-FTPd replaces a space at the end of a new name, unless a slash follows."""
    return f"{path}/" if path.endswith(" ") else path


def _otherwise(job: Job, session: Session, path: str, reply: Reply) -> str | None:
    """A folder that MKD refused may exist; or may be renamed into place (ProFTPD and ``*``)."""
    there = job.at(path)
    if _exists(session, there):
        return None
    if job.staged and not USUAL.match(base_name(path)):
        plain = job.state.at(STAGE, f"{job.run}.folder")
        renamed = list(session.pipeline([("MKD", plain), ("RNFR", plain), ("RNTO", _mkd_path(there))]))[-1]
        if renamed.is_ok:
            return None
        list(session.pipeline([("RMD", plain)]))
    return reply.text


def _exists(session: Session, path: str) -> bool:
    try:
        session.list_folder(path)
    except ServerRefused:
        return False
    return True


def _altered(job: Job, paths: t.Sequence[str]) -> list[str]:
    """Folders with unusual names that their parents do not list; what was made instead is taken away."""
    unusual = [path for path in paths if not USUAL.match(base_name(path))]
    folders = sorted({parent(path) for path in unusual})

    def step(session: Session) -> list[str]:
        shown = {
            (folder, listed.name)
            for folder in folders
            for listed in session.list_folder(job.at(folder)).entries
            if listed.entry.kind != FILE
        }
        lost = [path for path in unusual if (parent(path), base_name(path)) not in shown]
        list(session.pipeline(("RMD", job.at(path)) for path in reversed(lost)))
        return lost

    return persistently(job.pool, step) if unusual else []
