# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What a run comes to, whichever way it went: the noun between engine and reports. No I/O."""

from __future__ import annotations

import typing as t

from .model import Entry, Plan, Problem

if t.TYPE_CHECKING:
    from .apply.job import Outcome


class Result(t.NamedTuple):
    """What a run did, or in check mode would do.

    Attributes:
        plan: what was decided.
        outcome: what came of it; None in check mode and when there was nothing to do.
        local, remote: both trees as they were planned on.
        server: facts about the server, for the user.
        warnings: one line each.
        error: why the run is not a success, one line, or None.
        backup_id: the backup set that was written, or None.
        seconds: duration.
        problems: paths that failed before anything was tried, such as folders that cannot be listed.
        publication_id: what the site is at, by its record; None without one.
    """

    plan: Plan
    outcome: Outcome | None
    local: dict[str, Entry]
    remote: dict[str, Entry]
    server: dict[str, t.Any]
    warnings: tuple[str, ...]
    error: str | None
    backup_id: str | None
    seconds: float
    problems: tuple[Problem, ...] = ()
    publication_id: str | None = None
