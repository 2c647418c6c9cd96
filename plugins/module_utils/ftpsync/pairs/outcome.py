# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What came of a run of two sides, under the names that ``ftp_sync`` returns (design 8). Pure."""

from __future__ import annotations

import typing as t

from ..model import DIRECTORY, Problem, shown
from .steps import COPY, CREATE_DIRECTORY, DELETE, Step
from .tables import LOCAL, REMOTE

_COPIES = {REMOTE: "upload", LOCAL: "download"}


def operation_name(step: Step) -> str:
    """What a step is called in results."""
    return _COPIES[step.side] if step.action == COPY else step.action


def outcome(
    done: t.Sequence[Step],
    conflicts: t.Mapping[str, str],
    problems: t.Sequence[Problem],
    warnings: t.Sequence[str],
    stats: t.Mapping[str, t.Any],
) -> dict[str, t.Any]:
    """Lists and numbers.

    Parameters:
        done: what was done, or would be, in the order of the plan.
        conflicts: paths that were left alone, with the reason.
        problems: paths that failed.
    """

    def paths(action: str, side: str | None = None) -> list[str]:
        return [shown(step.path) for step in done if step.action == action and side in (None, step.side)]

    return {
        "changed": bool(done),
        "uploaded": paths(COPY, REMOTE),
        "downloaded": paths(COPY, LOCAL),
        "deleted": paths(DELETE),
        "created_directories": paths(CREATE_DIRECTORY),
        "conflicts": [{"path": shown(path), "reason": reason} for path, reason in conflicts.items()],
        "errors": [{"path": shown(problem.path), "message": shown(problem.message)} for problem in problems],
        "warnings": list(warnings),
        "operations": [
            {
                "path": shown(step.path),
                "operation": operation_name(step),
                "side": step.side,
                "kind": "directory" if step.entry.kind == DIRECTORY else step.entry.kind,
                "reason": step.reason,
                "size": step.entry.size or 0,
            }
            for step in done
        ],
        "stats": dict(stats),
    }
