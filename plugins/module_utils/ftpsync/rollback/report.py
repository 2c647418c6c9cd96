# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Turn the result of a rollback into what users read: lists, statistics, a diff. Pure. See ``report.py``."""

from __future__ import annotations

import typing as t

from ..model import CREATE_DIRECTORY, DELETE_PATH, DIRECTORY, UPLOAD, Entry, Operation, shown
from ..records.backup import Backup, age
from ..report import byte_count, clipped, operation_dict, paths_of, problem_dict
from .model import REMOVE_DIRECTORY, RESTORE, WITHDRAW

if t.TYPE_CHECKING:
    from .run import RollbackResult


def to_dict(result: RollbackResult) -> dict[str, t.Any]:
    """The lists and numbers of a run; in check mode what would be done, in a run what was done."""
    plan, outcome, done = result.plan, result.outcome, _done(result)
    failed = outcome.failed if outcome is not None else []
    skipped = outcome.skipped if outcome is not None else []
    lists = {
        "restored": paths_of(done, RESTORE),
        "withdrawn": paths_of(done, WITHDRAW),
        "created_directories": paths_of(done, CREATE_DIRECTORY),
        "removed_directories": paths_of(done, REMOVE_DIRECTORY),
    }
    numbers: dict[str, t.Any] = {name: len(paths) for name, paths in lists.items()}
    return {
        "changed": result.changed,
        "backup_ids": list(result.ids),
        **lists,
        "drifted": [shown(path) for path in plan.drifted],
        "conflicts": [problem_dict(problem) for problem in plan.conflicts],
        "operations": [_operation(operation) for operation in done],
        "errors": [{"path": shown(o.path), "operation": o.action, "message": shown(line)} for o, line in failed],
        "skipped_operations": [_operation(operation) for operation in skipped],
        "backups": _backups(result),
        "stats": {"publications": len(result.ids), **numbers, "seconds": round(result.seconds, 3)},
        "server": dict(result.server),
    }


def warnings(result: RollbackResult) -> list[str]:
    """What the user should read although the run is no failure (design 10.2)."""
    found = list(result.warnings)
    if result.plan.conflicts:
        lines = [shown(f"{path} ({message})") for path, message in result.plan.conflicts]
        more = f" and {len(lines) - 5} more" if len(lines) > 5 else ""
        found.append(f"left alone: {', '.join(lines[:5])}{more}")
    return found


def diff(result: RollbackResult, remote: str) -> dict[str, str]:
    """Before and after, one line a path, as Ansible's diff mode prints it.

    Parameters:
        remote: what to call the site.
    """
    before: list[str] = []
    after: list[str] = []
    for operation in _done(result):
        there = result.remote.get(operation.path)
        if there is not None and operation.action != CREATE_DIRECTORY and _is_file(there) == _is_file(operation):
            before.append(_line(operation.path, operation.kind, there.size, ""))
        if operation.action in (RESTORE, CREATE_DIRECTORY):
            after.append(_line(operation.path, operation.kind, operation.size, operation.reason))
    return {
        "before_header": remote,
        "after_header": f"{remote} after {', '.join(result.ids)}" if result.ids else remote,
        "before": clipped(before),
        "after": clipped(after),
    }


def _operation(operation: Operation) -> dict[str, t.Any]:
    """One of the list ``operations``; without its side, which is the server always."""
    return {name: value for name, value in operation_dict(operation).items() if name != "side"}


def _is_file(item: Entry | Operation) -> bool:
    return item.kind != DIRECTORY


def _done(result: RollbackResult) -> list[Operation]:
    return [o for o in result.plan.operations if result.outcome is None or o in result.outcome.done]


def _backups(result: RollbackResult) -> list[dict[str, t.Any]]:
    """All sets, newest first, with what this run has changed."""
    in_effect = result.sets.in_effect.symmetric_difference(result.ids)
    return [
        _backup(backup, backup.id not in in_effect)
        for backup in sorted(result.sets.backups.values(), key=lambda backup: age(backup.id), reverse=True)
    ]


def _backup(backup: Backup, undone: bool) -> dict[str, t.Any]:
    files = [step for step in backup.steps if step.kind != DIRECTORY]
    return {
        "id": backup.id,
        "time": shown(backup.written),
        "generation": backup.after,
        "replaced": sum(1 for step in files if step.action == UPLOAD and step.replaces),
        "added": sum(1 for step in files if step.action == UPLOAD and not step.replaces),
        "deleted": sum(1 for step in files if step.action == DELETE_PATH),
        "undone": undone,
    }


def _line(path: str, kind: str, size: int | None, reason: str) -> str:
    text = f"{shown(path)}/" if kind == DIRECTORY else f"{shown(path)} ({byte_count(size)})"
    return f"{text} – {reason}" if reason else text
