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

An event-driven server is asked for the next port as soon as it has said 226: then the transfer is over for it, though
the last bytes may still be on their way.

ProFTPD says 226 to a download only after our side of the data connection is closed, too. As nothing is sent there, that
can be done as soon as the connection stands, and saves a round trip. It is tried with a listing, which is read again if
that goes wrong, with ProFTPD alone: others have nothing to gain, and may take it for the end of the transfer.

vsftpd says 226 to an upload only after its own end of the data connection is acknowledged, which takes a round trip. An
RST behind our end frees it from that: it has read all that came before. Should the network lose some of that, it is
lost, since nobody is left to send it again. The server says so, or its size does, and the file is sent anew. So this
is for small files, of which there are many.

An event-driven server far away is told what follows without waiting for its 226: a few milliseconds after the last
byte has left, or after the data connection for a download stands. If it has to come first after all, the order of
replies shows that, and the transfer is repeated. Neither short cut is taken any more where it costs more than it saves.

In: what is wanted. Out: a Transfer. Never here: replies to what was sent along.
"""

from __future__ import annotations

import contextlib
import math
import typing as t

from ..errors import ConnectionLost, ProtocolError
from .connection import ONE_WRITE, Connection
from .data import DataConnection
from .facts import ServerFacts
from .limiter import Limiter
from .transfer import Transfer
from .wire import Command, Reply

# Bytes of a file with which commands go along. They wait in the server until it ends, and for a large one nobody
# would notice the round trip.
_SMALL = 1024 * 1024
# Bytes of a file that a server can take or give in one go. It gives what fits into TCP's first window (RFC 6928), and
# comes to the end of anything larger a round trip later.
_BRIEF = {"STOR": 64 * 1024, "RETR": 14_000}
_PATIENCE = 0.008  # seconds in which an event-driven server has done that
_NOOP = Command("NOOP")


class Pace:
    """What goes along with one transfer.

    Parameters:
        facts: what is known of the server.
        command: STOR, RETR, MLSD or LIST.
        wanted: commands that are to follow it.
        size: bytes to be transferred, as far as known; 0 for a listing.
        before: commands that leave ahead of it.
        more: it is one of many, and will be repeated if it breaks.

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
        more: bool = False,
    ) -> None:
        self._facts = facts
        self._command = command
        self._before = before
        self._writes = command.verb == "STOR"
        known = facts.one_at_a_time if self._writes else facts.reads_one_at_a_time
        self._tries, self._knows = known is None, known is True
        fits = sum(len((verb + (arg or "")).encode("utf-8", "surrogateescape")) + 3 for verb, arg in wanted)
        fits += sum(len((arg or "").encode("utf-8", "surrogateescape")) + 8 for _verb, arg in (command, *before))
        is_small = size is not None and size <= _SMALL
        goes_along = self._knows and (is_small or not self._writes) and fits <= ONE_WRITE
        # A guess at the end is worth it where it is one of many, and harms least where it is small.
        is_brief = more and size is not None and size <= _BRIEF.get(command.verb, -1)
        self._guesses = known is False and is_brief and facts.guesses.pays
        self._resets = self._knows and self._writes and is_brief and facts.resets.pays and _lingers(facts)
        self._asks_early = known is False and facts.asks_early and bool(wanted) and (self._guesses or not self._writes)
        self.all_went_along = goes_along or self._asks_early
        self._after: t.Sequence[Command] = (_NOOP,) if self._tries else wanted if goes_along else ()
        self._afterwards: t.Sequence[Command] = wanted if self._asks_early else ()
        self._half_closed = is_small and not self._writes and _may_half_close(facts, command)

    def transfer(
        self,
        connection: Connection,
        data: DataConnection,
        limiter: Limiter,
        follow: t.Callable[[Reply], object] = lambda _reply: None,
    ) -> Transfer:
        """Gives the transfer, which has not begun.

        Parameters:
            follow: is given the replies to ``wanted`` as they come, if they left with the transfer.
        """
        self._transfer = Transfer(
            connection,
            self._command,
            data,
            limiter,
            before=self._before,
            after=self._after,
            at_once=self._knows,
            afterwards=self._afterwards,
            patience=_PATIENCE if self._guesses else math.inf,
            reset=self._resets,
            half_closed=self._half_closed,
            follow=follow if self.all_went_along else lambda _reply: None,
        )
        return self._transfer

    @contextlib.contextmanager
    def watched(self) -> t.Iterator[None]:
        """Learns from the transfer within: from its end, or from its failure."""
        try:
            yield
        except (ConnectionLost, ProtocolError):
            self.doubt()
            raise
        if self._half_closed and self._facts.half_closes is None:
            self._facts.half_closes = True
        if self._tries and self._transfer.overtaken:
            self._facts.note_pace(False, True)
        elif self._tries and self._transfer.replies_after[0].is_ok:
            self._facts.note_pace(True, self._writes)

    def confirm(self) -> None:
        """Takes it that all has arrived."""
        if self._resets:
            self._facts.resets.note(True)
        if self._transfer.guessed:
            self._facts.guesses.note(True)

    def doubt(self) -> None:
        """Takes it that the transfer was lost because of what was done for speed."""
        if self._half_closed:
            self._facts.half_closes = False
        elif self._resets:
            self._facts.resets.note(False)
        elif self._guesses and self._transfer.guessed:
            self._facts.guesses.note(False)
        elif self._knows:
            self._facts.note_pace(False, True)
        elif self._asks_early:
            self._facts.asks_early = False


def _lingers(facts: ServerFacts) -> bool:
    return facts.is_vsftpd and not facts.tls_version


def _may_half_close(facts: ServerFacts, command: Command) -> bool:
    if facts.half_closes is None:
        return facts.is_proftpd and not facts.tls_version and command.verb != "RETR"
    return facts.half_closes
