# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What a run does around its changes: take the lock, and look whether its plan is still true (design 10.6)."""

from __future__ import annotations

import contextlib
import typing as t

from ..records.lock import Lock
from ..records.state import State, StateFolder
from .job import persistently

if t.TYPE_CHECKING:
    from ..ftp.pool import Pool

# How often a plan is made anew because another run published meanwhile.
REPLANS = 3

S = t.TypeVar("S")


@contextlib.contextmanager
def locked(pool: Pool, folder: StateFolder, state: State, run: str, timeout: float, now: str) -> t.Iterator[Lock]:
    """Make our folder on the server if it is missing, and hold the lock in it.

    Parameters:
        state: our folder as it was read.
        run: an id that no other run has.
        timeout: seconds to wait for a living holder.
        now: ISO 8601 in UTC, for people.
    """
    persistently(pool, lambda session: folder.prepare(session, state))
    lock = Lock(folder, run, timeout, now)
    persistently(pool, lock.acquire)
    try:
        yield lock
    finally:
        persistently(pool, lock.release)


def up_to_date(
    pool: Pool, folder: StateFolder, survey: S, state_of: t.Callable[[S], State], again: t.Callable[[], S]
) -> tuple[S, State]:
    """Under the lock, plan again as long as another run has left something since; with the state as it is now."""
    for _attempt in range(REPLANS):
        fresh = persistently(pool, folder.read)
        seen = state_of(survey)
        if (fresh.manifest, fresh.journal) == (seen.manifest, seen.journal):
            break
        survey = again()
    return survey, fresh
