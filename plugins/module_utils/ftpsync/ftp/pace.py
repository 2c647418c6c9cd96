# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""How much may be sent along with a transfer command (spec/ftp-servers.md, "Pipelining").

Servers that do one thing at a time read no further command before a transfer has ended; so what follows it can leave
in the same write, and the data need not wait for 150. Event-driven servers carry such commands out at once and drop
the transfer. Which kind a server is, its first transfer shows: a NOOP goes along, which harms nowhere, and is
answered before or after the transfer's end. No clock is asked. A listing may be over before an event-driven server
comes to the NOOP, an upload may not: its data leave after 150 then. So listings and downloads tell about their like
only. A server that answers otherwise later, or loses a transfer to which something was added, gets its commands one
by one from then on.

In: what is wanted. Out: a Transfer. Never here: replies to what was sent along.
"""

from __future__ import annotations

import contextlib
import typing as t

from ..errors import ConnectionLost, ProtocolError
from .connection import ONE_WRITE, Connection
from .data import DataConnection
from .facts import ServerFacts
from .limiter import Limiter
from .transfer import Transfer
from .wire import Command

# Bytes of a file with which commands go along. They wait in the server until it ends, and for a large one nobody
# would notice the round trip.
_SMALL = 1024 * 1024
_NOOP = Command("NOOP")


class Pace:
    """What goes along with one transfer.

    Parameters:
        facts: what is known of the server.
        command: STOR, RETR, MLSD or LIST.
        wanted: commands that are to follow it.
        size: bytes to be transferred, as far as known.
        before: commands that leave ahead of it.

    Attributes:
        all_went_along: ``wanted`` left with the transfer; else it is still to be sent.
    """

    def __init__(
        self,
        facts: ServerFacts,
        command: Command,
        wanted: t.Sequence[Command],
        size: int | None,
        before: t.Sequence[Command] = (),
    ) -> None:
        self._facts = facts
        self._command = command
        self._before = before
        self._writes = command.verb == "STOR"
        known = facts.one_at_a_time if self._writes else facts.reads_one_at_a_time
        self._tries, self._knows = known is None, known is True
        fits = sum(len((verb + (arg or "")).encode("utf-8", "surrogateescape")) + 3 for verb, arg in wanted)
        fits += sum(len((arg or "").encode("utf-8", "surrogateescape")) + 8 for _verb, arg in (command, *before))
        self.all_went_along = self._knows and size is not None and size <= _SMALL and fits <= ONE_WRITE
        self._after: t.Sequence[Command] = (_NOOP,) if self._tries else wanted if self.all_went_along else ()

    def transfer(self, connection: Connection, data: DataConnection, limiter: Limiter) -> Transfer:
        """Gives the transfer, which has not begun."""
        self._transfer = Transfer(
            connection,
            self._command,
            data,
            limiter,
            before=self._before,
            after=self._after,
            at_once=self._knows,
        )
        return self._transfer

    @contextlib.contextmanager
    def watched(self) -> t.Iterator[None]:
        """Learns from the transfer within: from its end, or from its failure."""
        try:
            yield
        except (ConnectionLost, ProtocolError):
            if self._knows:
                self._facts.note_pace(False, True)
            raise
        if self._tries and self._transfer.overtaken:
            self._facts.note_pace(False, True)
        elif self._tries and self._transfer.replies_after[0].is_ok:
            self._facts.note_pace(True, self._writes)
