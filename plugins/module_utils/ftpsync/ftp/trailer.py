# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What follows the data of an upload: size, time, mode, rename, and the port for the next one.

In: what to set. Out: what was set. All that can be sent together leaves in one write, after the 226 or, with servers
that do one thing at a time, with STOR (pace.py); only the rename waits until the size is known to be right.
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
        connection: of the upload.
        facts: which commands work.
        path: of the uploaded file.
        mtime: seconds since 1970 UTC to set, or None.
        mode: permission bits to set, or None.
    """

    def __init__(
        self, connection: Connection, facts: ServerFacts, path: str, mtime: float | None, mode: int | None
    ) -> None:
        self._connection = connection
        self._facts = facts
        self._path = path
        self._stamp = "" if mtime is None else format_stamp(mtime)
        self._bits = "" if mode is None else octal(mode)
        self._times = facts.mtime_rungs() if self._stamp else []
        self._modes = facts.mode_rungs() if self._bits else []
        self._asks_size = facts.size_works
        self.size: int | None = None
        self.mtime_set = False
        self.mode_set = False
        self.port_reply: Reply | None = None

    def commands(self) -> list[Command]:
        """Gives what asks for the size and sets time and mode, by the ways that are most likely to work."""
        commands = [Command("SIZE", self._path)] if self._asks_size else []
        commands += [rung.command(self._path, self._stamp) for rung in self._times[:1]]
        commands += [rung.command(self._path, self._bits) for rung in self._modes[:1]]
        return commands

    def settle(self, answers: t.Sequence[Reply]) -> None:
        """Takes the replies to ``commands``, and to the question for the next port if there was one.

        Fills the attributes; tries other ways where the first one was refused.
        """
        facts, path = self._facts, self._path
        replies = iter(answers)
        if self._asks_size:
            self._take_size(next(replies))
        timed = [(rung, next(replies)) for rung in self._times[:1]]
        moded = [(rung, next(replies)) for rung in self._modes[:1]]
        self.port_reply = next(replies, None)
        if timed:
            self.mtime_set = facts.note_mtime(climb(self._connection, self._times, path, self._stamp, timed))
        if moded:
            self.mode_set = facts.note_mode(climb(self._connection, self._modes, path, self._bits, moded))

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
    """Tries ways for one path until one works; gives the attempts with their replies, the last one being decisive.

    The first way is tried alone, all others at once if it fails: what a server does not know does no harm.

    Parameters:
        tried: attempts that were made already, for the first of the rungs.
    """
    outcomes = list(tried)
    for chances in (rungs[:1], rungs[1:]):
        left = [rung for rung in chances if rung not in [done for done, _reply in outcomes]]
        if left and not (outcomes and outcomes[-1][1].is_done):
            outcomes += zip(left, connection.exchange(*[rung.command(path, value) for rung in left]))
    works = next((number for number, (_rung, reply) in enumerate(outcomes) if reply.is_done), len(outcomes))
    return outcomes[: works + 1]


def octal(mode: int) -> str:
    """Gives permission bits as ``644`` or ``1777``."""
    return "%03o" % (mode & 0o7777)
