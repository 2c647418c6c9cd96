# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Several sessions at one server, and work handed out to them.

In: items and a function. Out: items with their results or errors, as they are done. The pool shrinks
when the server takes no further connection, never below one, and repeats items whose failure may
pass. It logs in once before any other session tries, so that a wrong password is sent once only.
"""

from __future__ import annotations

import time
import typing as t

from ..errors import ConnectionLost, FtpSyncError, TooManyConnections
from .aside import Aside
from .facts import ServerFacts
from .limiter import Limiter
from .options import ConnectOptions
from .session import Session
from .wire import Command, Reply
from .work import FIRST_PAUSE, Add, Work

T = t.TypeVar("T")
R = t.TypeVar("R")


class Pool:
    """Sessions at one server.

    Parameters:
        options: see ConnectOptions.
        connections: the most sessions at a time; one is enough for everything.
    """

    def __init__(self, options: ConnectOptions, connections: int) -> None:
        self.options = options
        self.facts = ServerFacts()
        self.limiter = Limiter(options.bandwidth_limit)
        self.sessions: list[Session] = [self.new_session()]
        self.limit = max(1, connections)
        self._lent: list[Session] = []

    def new_session(self) -> Session:
        """Makes a session that shares what is known and the bandwidth; it is not connected yet."""
        return Session(self.options, self.facts, self.limiter)

    def open(self, ask: t.Sequence[Command] = (), port: bool = True) -> list[Reply]:
        """Logs the first session in, once more if that connection is lost; raises as Session.open.

        Parameters:
            ask: questions that leave with the login.
            port: see ``Session.open``.
        Returns:
            The replies to them; none after a connection was lost.
        """
        try:
            return self.main.open(ask, port)
        except (ConnectionLost, TooManyConnections):
            time.sleep(FIRST_PAUSE)
            self.main.reopen()
            return []

    def warm(self, items: int) -> None:
        """Begins to log in as many sessions as so many items can use, while something else goes on."""
        while len(self.sessions) < min(items, self.limit):
            self.sessions.append(self.new_session())
            self.sessions[-1].begin()

    @property
    def main(self) -> Session:
        """The session for everything that is done by one thread; not to be used while ``work`` goes on."""
        return self.sessions[0]

    def work(
        self, items: t.Iterable[T], fn: t.Callable[[Session, T, Add[T]], R]
    ) -> t.Iterator[tuple[T, R | None, FtpSyncError | None]]:
        """Runs ``fn(session, item, add)`` for all items on all sessions; yields in the order of completion.

        Items start in the given order; those that ``fn`` adds come after the ones known by then and before
        the rest of ``items``. ``session.more`` tells ``fn`` whether more items wait, for
        ``store(…, more=session.more)``. When the consumer stops, all connections are closed and the
        threads end.

        Parameters:
            items: read as sessions become free, by one thread at a time; must not wait for results of this run.
            fn: called in several threads. After ConnectionLost, ProtocolError or a transient refusal it is
                called again for the same item, on a new connection, up to ``options.retries`` times.
        Yields:
            (item, result, None) or (item, None, FtpSyncError).
        Raises:
            ConnectionLost: nothing at all has gone on for minutes.
            Exception: what ``items`` raises, and what ``fn`` raises besides FtpSyncError.
        """
        return Work(self, items, fn).results()

    def aside(self, step: t.Callable[[Session], R]) -> Aside[R] | None:
        """Begins a step beside all others, whose result may be missing; None where no connection can be spared."""
        spare = next((session for session in reversed(self.sessions[1:]) if session.is_open), None)
        if spare is None:
            return None
        self.sessions.remove(spare)
        self._lent.append(spare)
        self.limit -= 1
        return Aside(spare, step, self._take_back)

    def _take_back(self, session: Session) -> None:
        if session in self._lent:
            self._lent.remove(session)
            self.sessions.append(session)
            self.limit += 1

    def close(self) -> None:
        """Closes all sessions; never fails."""
        for session in self._lent:
            session.interrupt()
        for session in self.sessions:
            session.close()
        del self.sessions[1:]
