# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What a run does around its changes: take the lock, and look whether what it knows is still true (design 10.6)."""

from __future__ import annotations

import contextlib
import functools
import time
import typing as t

from ..errors import FtpSyncError, ListingDoubtful, ManifestError, PlanRefused, ServerRefused
from ..ftp.persistence import persistently
from ..records.lock import Lock
from ..records.manifest import UNSURE, Head, Manifest
from ..records.state import State, StateFolder, existing

if t.TYPE_CHECKING:
    from ..ftp.pool import Pool
    from ..ftp.session import Session
    from ..model import Record

# How often a plan is made anew because another run published meanwhile.
REPLANS = 3
# How often it is looked whether commands sent ahead still come through, and after how many seconds.
LOOKS = 20
MOMENT = 1.0

# What a look at the server may end in that another run's publication has got in the way of.
_TORN = (ListingDoubtful, ManifestError, PlanRefused, ServerRefused)

S = t.TypeVar("S")


def undisturbed(
    pool: Pool, folder: StateFolder, read: t.Callable[[Session], State], survey: t.Callable[[State], S], lock: Lock
) -> S:
    """Make a survey before the lock is held; sends no command that writes.

    One that fails while another run publishes is made again after that. What fails for other reasons fails at once.

    Parameters:
        read: reads our folder for the first survey.
        survey: makes one, from our folder as it was read.
        lock: is only waited for.
    Raises:
        LockHeld: the other run was at work all the time.
        FtpSyncError: what the survey says.
    """
    for _attempt in range(REPLANS):
        seen = None
        try:
            seen = persistently(pool, read)
            return survey(seen)
        except _TORN:
            if not _was_overtaken(pool, folder, seen, lock):
                raise
        read = folder.read
    return survey(persistently(pool, read))


def _was_overtaken(pool: Pool, folder: StateFolder, seen: State | None, lock: Lock) -> bool:
    """Whether another run was at work since our folder was read, which then has ended.

    Parameters:
        seen: our folder as it was read; None where that failed.
    """
    if persistently(pool, lock.outwait):
        return True
    try:
        now = persistently(pool, folder.read)
    except _TORN:
        return False
    if now.journal is not None:  # of a run that has died; commands that it had sent ahead may be under way
        time.sleep(MOMENT)
        return True
    return seen is None or (now.manifest, now.journal) != (seen.manifest, seen.journal)


@contextlib.contextmanager
def locked(
    pool: Pool, folder: StateFolder, state: State, run: str, timeout: float, now: str, *, sign: bool = True
) -> t.Iterator[Lock]:
    """Make our folder on the server if it is missing, and hold the lock in it.

    Parameters:
        state: our folder as it was read.
        run: an id that no other run has.
        timeout: seconds to wait for a living holder.
        now: ISO 8601 in UTC, for people.
        sign: tell others at once whose the lock is; else the caller's first heartbeat does, which must not be late.
    """
    if state.names is not None:  # else ``up_to_date`` does that: the folder is there, as it has a manifest
        persistently(pool, lambda session: folder.prepare(session, state))
    lock = Lock(folder, run, timeout, now)
    lock.first_words = folder.look_again(pool.facts, state)
    try:
        persistently(pool, lock.acquire)
        if sign:
            persistently(pool, lock.sign)
        yield lock
    finally:
        # What was done counts. A lock that stays is taken over by the next run, which sees that we are gone.
        with contextlib.suppress(FtpSyncError):
            persistently(pool, lock.release)


def up_to_date(
    pool: Pool,
    folder: StateFolder,
    survey: S,
    lock: Lock,
    *,
    state_of: t.Callable[[S], State],
    essence: t.Callable[[S], object],
    again: t.Callable[[], S],
) -> tuple[S, State]:
    """Under the lock, plan again as long as another run has left something since; with the state as it is now.

    A server goes on with the commands that a killed run had sent ahead. So where one was killed, the plan
    counts only when it has not changed for a moment.

    Parameters:
        state_of: the state that a survey is based on.
        essence: all that such commands could change of a survey.
        again: makes a survey.
    """
    is_prepared = state_of(survey).names is not None
    answers = lock.answers
    for _attempt in range(REPLANS):
        seen = state_of(survey)
        fresh = persistently(pool, functools.partial(folder.read_again, seen=seen, answers=answers))
        if (fresh.manifest, fresh.journal) == (seen.manifest, seen.journal):
            break
        persistently(pool, lock.sign)
        survey, answers = again(), ()
    if not is_prepared:
        persistently(pool, functools.partial(folder.prepare, state=fresh))
    persistently(pool, functools.partial(folder.finish_renaming, state=fresh))
    if fresh.journal is None:
        return survey, fresh
    persistently(pool, lock.sign)
    for _look in range(LOOKS):
        time.sleep(MOMENT)
        before, survey = essence(survey), again()
        if essence(survey) == before:
            break
    return survey, state_of(survey)


def at_rest(session: Session, paths: t.Collection[str]) -> set[str]:
    """Which of some absolute paths are there, once that has not changed for a moment.

    After a lost connection: a server goes on with the commands that had been sent ahead over it.
    """
    there = existing(session, paths)
    for _look in range(LOOKS):
        time.sleep(MOMENT)
        before, there = there, existing(session, paths)
        if there == before:
            break
    return there


def absorb(
    pool: Pool, folder: StateFolder, state: State, records: t.Mapping[str, Record], head: Head, now: str
) -> State:
    """Write down what an interrupted run has published, before a new journal takes the place of its own.

    Parameters:
        records: with those that were found by the journal.
        head: what the site is at.
        now: ISO 8601 in UTC, for people.
    """
    if state.journal is None:
        return state
    before = state.manifest
    generation = (before.generation if before is not None else 0) + 1
    server = {**(before.server if before is not None else {}), UNSURE: True}
    manifest = Manifest(folder.site, generation, now, dict(records), server, head)
    persistently(pool, lambda session: folder.write_manifest(session, manifest))
    return state._replace(manifest=manifest, journal=None, staged={})
