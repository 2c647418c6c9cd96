# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What follows the data of an upload: size, time, mode, rename, and the port for the next one.

In: what to set. Out: what was set. All that can be sent together leaves in one write (spec/ftp-servers.md,
"Pipelining": safe everywhere after the 226); only the rename waits until the size is known to be right.
"""

from __future__ import annotations

import typing as t

from .connection import Connection
from .facts import ServerFacts
from .ladder import Rung
from .replies import format_stamp, parse_size
from .wire import Command, Reply

Outcomes = t.List[t.Tuple[Rung, Reply]]


class Trailer:
    """The commands after one upload.

    Parameters:
        connection: nothing is under way on it.
        facts: which commands work.
        path: of the uploaded file.
    """

    def __init__(self, connection: Connection, facts: ServerFacts, path: str) -> None:
        self._connection = connection
        self._facts = facts
        self._path = path
        self.size: int | None = None
        self.mtime_set = False
        self.mode_set = False
        self.port_reply: Reply | None = None

    def settle(self, mtime: float | None, mode: int | None, port: t.Sequence[Command]) -> None:
        """Asks for the size and sets time and mode; fills the attributes.

        Parameters:
            mtime: seconds since 1970 UTC, or None.
            mode: permission bits, or None.
            port: asks for the next data connection's port, if anything.
        """
        facts, path = self._facts, self._path
        stamp = "" if mtime is None else format_stamp(mtime)
        bits = "" if mode is None else octal(mode)
        times = facts.mtime_rungs() if stamp else []
        modes = facts.mode_rungs() if bits else []
        commands = [Command("SIZE", path)] if facts.size_works else []
        commands += [rung.command(path, stamp) for rung in times[:1]]
        commands += [rung.command(path, bits) for rung in modes[:1]]
        replies = iter(self._connection.exchange(*commands, *port))
        if facts.size_works:
            self._take_size(next(replies))
        timed = [(rung, next(replies)) for rung in times[:1]]
        moded = [(rung, next(replies)) for rung in modes[:1]]
        self.port_reply = next(replies, None)
        if timed:
            self.mtime_set = facts.note_mtime(climb(self._connection, times, path, stamp, timed))
        if moded:
            self.mode_set = facts.note_mode(climb(self._connection, modes, path, bits, moded))

    def _take_size(self, reply: Reply) -> None:
        if reply.is_ok:
            self.size = self._connection.checked(parse_size, reply)
        elif reply.code in (500, 502):
            self._facts.size_works = False

    def rename(self, target: str, port: t.Sequence[Command]) -> Reply:
        """Renames the file; gives the reply to RNTO, or to RNFR where that was refused."""
        start, end, *rest = self._connection.exchange(Command("RNFR", self._path), Command("RNTO", target), *port)
        self.port_reply = rest[0] if rest else None
        return end if 300 <= start.code < 400 else start


def climb(
    connection: Connection, rungs: t.Sequence[Rung], path: str, value: str, tried: t.Sequence[tuple[Rung, Reply]] = ()
) -> Outcomes:
    """Tries one way after the other for one path until one works; gives all attempts with their replies.

    Parameters:
        tried: attempts that were made already, for the first of the rungs.
    """
    outcomes = list(tried)
    for rung in rungs[len(outcomes) :]:
        if outcomes and outcomes[-1][1].is_done:
            break
        outcomes.append((rung, connection.exchange(rung.command(path, value))[0]))
    return outcomes


def octal(mode: int) -> str:
    """Gives permission bits as ``644`` or ``1777``."""
    return "%03o" % (mode & 0o7777)
