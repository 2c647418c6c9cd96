# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""One run of a function over many items by the sessions of a pool, each in a thread of its own.

The mutable state is the queue, the results and the counters in Work; all of it is touched under one
condition only. Threads start when there is work for them, and end with the run.
"""

from __future__ import annotations

import collections
import random
import threading
import time
import typing as t

from ..errors import ConnectError, ConnectionLost, FtpSyncError, ProtocolError, ServerRefused, TooManyConnections
from .session import Session

if t.TYPE_CHECKING:
    from .pool import Pool

T = t.TypeVar("T")
R = t.TypeVar("R")
Add = t.Callable[[T], None]
Outcome = t.Tuple[T, t.Optional[R], t.Optional[FtpSyncError]]

STALL = 180.0  # seconds without any byte or finished item that end a run with failures
MAX_RESULTS = 256  # finished items that wait for the caller, until workers wait, too
FIRST_PAUSE = 0.5  # seconds before the second attempt; doubled for each further one
_LONGEST_PAUSE = 30.0  # seconds
_JOIN = 5.0  # seconds that threads have to end once their sockets are shut down

_WORTH_A_RETRY = (ConnectionLost, ProtocolError, ConnectError, TooManyConnections)
_NO_SPACE = 452  # transient by its number, but not within this run (field notes 4.7)


def is_worth_a_retry(error: FtpSyncError) -> bool:
    """Whether the same item may succeed on a new connection (field notes 5.3)."""
    if isinstance(error, ServerRefused):
        return error.reply.is_transient and error.reply.code != _NO_SPACE
    return isinstance(error, _WORTH_A_RETRY)


class _HandedBack(Exception):
    """This session cannot be had; its item was put back for the others."""


class Work(t.Generic[T, R]):
    """The state of one run; see Pool.work."""

    def __init__(self, pool: Pool, items: t.Iterable[T], fn: t.Callable[[Session, T, Add[T]], R]) -> None:
        self._pool = pool
        self._source = iter(items)
        self._fn = fn
        self._changed = threading.Condition()
        self._queue: collections.deque[T] = collections.deque()
        self._results: collections.deque[Outcome[T, R]] = collections.deque()
        self._source_ended = False
        self._busy = 0
        self._idle = 0
        self._free = list(pool.sessions)
        self._threads: list[threading.Thread] = []
        self._running = 0
        self._stopped = False
        self._fatal: BaseException | None = None
        self._last_done = time.monotonic()

    # -- the caller's side

    def results(self) -> t.Iterator[Outcome[T, R]]:
        """Starts the threads and yields outcomes; see Pool.work."""
        finished = False
        try:
            with self._changed:
                self._hire()
            while True:
                outcome = self._next_outcome()
                if outcome is None:
                    finished = True
                    return
                yield outcome
        finally:
            self._end(finished)

    def _next_outcome(self) -> Outcome[T, R] | None:
        with self._changed:
            while not self._results and self._fatal is None and self._running:
                self._changed.wait()
            if self._fatal is not None:
                raise self._fatal
            if not self._results:
                return None
            if len(self._results) == MAX_RESULTS:
                self._changed.notify_all()
            return self._results.popleft()

    def _end(self, finished: bool) -> None:
        """Waits for the threads; unless all is done, shuts their connections down first."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if not finished:
            self._pool.limiter.stop()
            for session in self._pool.sessions:
                session.interrupt()
        deadline = time.monotonic() + _JOIN
        for thread in self._threads:
            if thread.is_alive():  # not yet, if Ctrl-C came while it was started; it will find nothing to do
                thread.join(max(0.0, deadline - time.monotonic()))
        if not finished:
            for session in self._pool.sessions:
                session.drop()
            self._pool.limiter.resume()

    # -- threads

    def _hire(self) -> None:
        """Starts another thread if there is work for it; the condition is held."""
        if self._stopped or self._idle or self._running >= self._pool.limit or not self._has_more():
            return
        if not self._free:
            self._free.append(self._pool.new_session())
            self._pool.sessions.append(self._free[0])
        thread = threading.Thread(target=self._serve, args=(self._free.pop(0),), name="ftp", daemon=True)
        self._threads.append(thread)
        self._running += 1
        thread.start()

    def _serve(self, session: Session) -> None:
        """What a thread does: takes items until there are none and none can come any more."""
        try:
            while True:
                taken = self._take()
                if taken is None:
                    break
                item, session.more = taken
                self._deliver(self._attempt(session, item))
        except _HandedBack:
            return  # counted already
        except BaseException as error:  # noqa: BLE001 - a bug, or what items raised: the caller's thread raises it
            with self._changed:
                self._fatal = self._fatal or error
                self._stopped = True
        with self._changed:
            self._running -= 1
            self._changed.notify_all()

    def _has_more(self) -> bool:
        """Whether an item waits; reads one ahead of the caller's iterable. The condition is held."""
        if not self._queue and not self._source_ended:
            try:
                self._queue.append(next(self._source))
            except StopIteration:
                self._source_ended = True
        return bool(self._queue)

    def _take(self) -> tuple[T, bool] | None:
        """Gives the next item, and whether another one waits; None at the end of the run."""
        with self._changed:
            while not self._stopped:
                if self._has_more() and len(self._results) < MAX_RESULTS:
                    self._busy += 1
                    item = self._queue.popleft()
                    more = self._has_more()
                    self._hire()
                    return item, more
                if not self._has_more() and not self._busy:
                    break
                self._idle += 1
                self._changed.wait()
                self._idle -= 1
            return None

    def _add(self, item: T) -> None:
        with self._changed:
            self._queue.append(item)
            self._hire()
            self._changed.notify_all()

    def _deliver(self, outcome: Outcome[T, R]) -> None:
        with self._changed:
            self._busy -= 1
            self._last_done = time.monotonic()
            self._results.append(outcome)
            self._changed.notify_all()

    # -- one item

    def _attempt(self, session: Session, item: T) -> Outcome[T, R]:
        """Runs the function until it succeeds, fails for good, or has failed too often."""
        attempt = 0
        while True:
            try:
                self._connect(session, item, anew=attempt > 0)
                return item, self._fn(session, item, self._add), None
            except FtpSyncError as error:
                attempt += 1
                self._check_stall(error)
                if self._stopped or attempt > self._pool.options.retries or not is_worth_a_retry(error):
                    return item, None, error
                self._pause(attempt)

    def _connect(self, session: Session, item: T, anew: bool) -> None:
        """Makes sure that the session is connected; hands the item back if the server has no room for this session."""
        session.begun()
        if session.is_open and not anew:
            return
        is_new = session.is_new
        try:
            session.reopen()
        except FtpSyncError as error:
            if (is_new or isinstance(error, TooManyConnections)) and self._give_up(session, item):
                raise _HandedBack from None
            raise
        if self._stopped:
            session.drop()
            raise ConnectionLost("the run was stopped")

    def _give_up(self, session: Session, item: T) -> bool:
        """Shrinks the pool by this thread's session, unless it is the last one; puts the item back."""
        with self._changed:
            if self._running <= 1 or self._stopped:
                return False
            self._running -= 1
            self._pool.limit = self._running
            self._pool.sessions.remove(session)
            self._busy -= 1
            self._queue.appendleft(item)
            self._changed.notify_all()
            return True

    def _check_stall(self, error: FtpSyncError) -> None:
        """Ends the run when nothing has gone on for long: the server is gone, and each item would try in vain."""
        with self._changed:
            if time.monotonic() - max(self._last_done, self._pool.limiter.last_moved) > STALL:
                self._stopped = True
                self._fatal = self._fatal or ConnectionLost(
                    "nothing has gone on for %d seconds, so the run was ended; last: %s" % (STALL, error)
                )

    def _pause(self, attempt: int) -> None:
        """Waits, longer each time, and never as long as the others (field notes 5.3)."""
        seconds = min(_LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1)) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        deadline = time.monotonic() + seconds
        with self._changed:
            while not self._stopped and time.monotonic() < deadline:
                self._changed.wait(deadline - time.monotonic())
