# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Turn a result into what users read: lists, statistics, a diff. Pure.

Names that are not valid UTF-8 are shown with ``\\xNN`` for each stray byte, since neither JSON nor a
terminal can carry them.
"""

from __future__ import annotations

import typing as t

from .decide import KINDS_DIFFER
from .model import (
    CREATE_DIRECTORY,
    DELETE_PATH,
    DIRECTORY,
    DOWNLOAD,
    FILE,
    SET_MODE,
    UPLOAD,
    Entry,
    Operation,
    Problem,
    shown,
)

if t.TYPE_CHECKING:
    from .result import Result

# What decides the conflicts that a run has left alone, by its direction.
_DECIDES = {
    "upload": "resolve: local lets the source win",
    "download": "resolve: remote lets the source win",
    "sync": "resolve: local or resolve: remote lets that side win",
}

MAX_DIFF_LINES = 2000  # a screen is not a database: the lists of the result are complete


def to_dict(result: Result) -> dict[str, t.Any]:
    """The lists and numbers of a run, with the names of design 8.

    In check mode they tell what would be done, in a run what was done, in the same order. After a
    failure the lists hold what was done before it, and ``errors`` what was not.
    """
    plan, outcome, done = result.plan, result.outcome, _done(result)
    failed = outcome.failed if outcome is not None else []
    skipped = outcome.skipped if outcome is not None else []
    return {
        "changed": bool(done or plan.adopted),
        "uploaded": paths_of(done, UPLOAD),
        "downloaded": paths_of(done, DOWNLOAD),
        "deleted": paths_of(done, DELETE_PATH),
        "created_directories": paths_of(done, CREATE_DIRECTORY),
        "adopted": [shown(path) for path in plan.adopted],
        "conflicts": [problem_dict(problem) for problem in plan.conflicts],
        "drifted": [shown(path) for path in plan.drifted],
        "unmanaged": [shown(path) for path in plan.unmanaged],
        "operations": [operation_dict(operation) for operation in done],
        "errors": [
            *({"path": shown(path), "operation": "plan", "message": shown(line)} for path, line in result.problems),
            *({"path": shown(o.path), "operation": o.action, "message": shown(line)} for o, line in failed),
        ],
        "skipped_operations": [operation_dict(operation) for operation in skipped],
        "stats": _stats(result, done),
        "server": result.server,
        "backup_id": result.backup_id,
        "publication_id": result.publication_id,
    }


def warnings(result: Result, direction: str = "upload") -> list[str]:
    """What the user should read although the run is no failure (design 10.2).

    Parameters:
        direction: of the run; what helps depends on it.
    """
    found = [shown(line) for line in result.warnings]
    settled = {o.path for o in result.plan.operations} | {conflict.path for conflict in result.plan.conflicts}
    left = [path for path in result.plan.drifted if path not in settled]
    if left:
        where = "here" if direction == "download" else "on the server"
        found.append(f"{_some(left)} changed {where} and left alone; force: true would put it right")
    lines = [f"{path} ({message})" for path, message in result.plan.conflicts if message != KINDS_DIFFER]
    if lines:
        found.append(f"conflicts left alone: {_some(lines)}; {_DECIDES[direction]}")
    return found


def diff(result: Result, remote: str, local: str, direction: str = "upload") -> dict[str, str]:
    """Before and after, one line a path, as Ansible's diff mode prints it.

    Parameters:
        remote, local: what to call the two sides.
        direction: of the run: what is changed stands before what it is made equal to.
    """
    both = f"{local} <-> {remote}"
    headers = {"upload": (remote, local), "download": (local, remote), "sync": (both, both)}[direction]
    before: list[str] = []
    after: list[str] = []
    for operation in _done(result):
        there, here = result.remote.get(operation.path), result.local.get(operation.path)
        if operation.side == "local":
            there, here = here, there
        if operation.action == DELETE_PATH:
            before.append(_line(operation.path, there, operation.reason))
        elif operation.action == SET_MODE:
            before.append(_mode_line(operation, there.mode if there else None))
            after.append(_mode_line(operation, operation.mode))
        else:
            if there is not None and operation.action in (UPLOAD, DOWNLOAD) and there.kind != DIRECTORY:
                before.append(_line(operation.path, there, ""))
            after.append(_line(operation.path, here, operation.reason))
    return {
        "before_header": headers[0],
        "after_header": headers[1],
        "before": clipped(before),
        "after": clipped(after),
    }


def _done(result: Result) -> list[Operation]:
    """What was done, in the order of the plan; in check mode all of it."""
    operations, outcome = result.plan.operations, result.outcome
    return [operation for operation in operations if outcome is None or operation in outcome.done]


def paths_of(operations: t.Iterable[Operation], action: str) -> list[str]:
    """The paths of one sort of operations."""
    return [shown(o.path) for o in operations if o.action == action]


def operation_dict(operation: Operation) -> dict[str, t.Any]:
    """One of the list ``operations``."""
    return {
        "path": shown(operation.path),
        "operation": operation.action,
        "side": operation.side,
        "kind": operation.kind,
        "reason": operation.reason,
        "size": operation.size,
    }


def problem_dict(problem: Problem) -> dict[str, str]:
    """One of the list ``conflicts``."""
    return {"path": shown(problem.path), "reason": problem.message}


def _stats(result: Result, done: t.Sequence[Operation]) -> dict[str, t.Any]:
    files = [entry for entry in result.local.values() if entry.kind == FILE]
    touched = {o.path for o in result.plan.operations}
    return {
        "local_files": len(files),
        "local_bytes": sum(entry.size or 0 for entry in files),
        "remote_files": sum(1 for entry in result.remote.values() if entry.kind != DIRECTORY),
        "uploaded": sum(1 for o in done if o.action == UPLOAD),
        "uploaded_bytes": sum(o.size for o in done if o.action == UPLOAD),
        "downloaded": sum(1 for o in done if o.action == DOWNLOAD),
        "downloaded_bytes": sum(o.size for o in done if o.action == DOWNLOAD),
        "deleted": sum(1 for o in done if o.action == DELETE_PATH),
        "created_directories": sum(1 for o in done if o.action == CREATE_DIRECTORY),
        "unchanged": sum(
            1
            for path, entry in result.local.items()
            if entry.kind == FILE and path not in touched and path in result.remote
        ),
        "sent_bytes": result.outcome.bytes_sent if result.outcome else 0,
        "reused": result.outcome.reused if result.outcome else 0,
        "seconds": round(result.seconds, 3),
    }


def _line(path: str, entry: Entry | None, reason: str) -> str:
    if entry is None or entry.kind == DIRECTORY:
        text = f"{shown(path)}/"
    else:
        digest = f", sha256 {entry.sha256[:12]}" if entry.sha256 else ""
        text = f"{shown(path)} ({byte_count(entry.size)}{digest})"
    return f"{text} – {reason}" if reason else text


def _mode_line(operation: Operation, mode: int | None) -> str:
    return f"{shown(operation.path)} (mode {'unknown' if mode is None else format(mode, '04o')})"


def byte_count(size: int | None) -> str:
    """A size for people."""
    return "size unknown" if size is None else "1 byte" if size == 1 else f"{size} bytes"


def clipped(lines: t.Sequence[str]) -> str:
    """Lines as text, not more than a screen can bear."""
    if len(lines) > MAX_DIFF_LINES:
        lines = [*lines[:MAX_DIFF_LINES], f"… and {len(lines) - MAX_DIFF_LINES} more paths"]
    return "".join(f"{line}\n" for line in lines)


def _some(names: t.Sequence[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(shown(name) for name in names[:most]) + more
