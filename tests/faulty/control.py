# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of the control connection: it ends, it stalls, it drips, and the server is gone for good."""

from __future__ import annotations

import typing as t

from .fault import Cut, Fault, When
from .record import Command, Reply

if t.TYPE_CHECKING:
    from .session import Session


class Drop(Fault):
    """The connection ends just before a reply: what it answers has been done, and nobody hears of it.

    Parameters:
        when: at which reply.
        after: the reply still leaves; what was sent ahead after its command is not carried out.
        reset: by RST instead of FIN.
        goes_on: what was sent ahead is carried out nevertheless.
        again: how many times; later replies for which ``when`` holds leave as they should.
    """

    def __init__(
        self, when: When, *, after: bool = False, reset: bool = False, goes_on: bool = False, again: int = 1
    ) -> None:
        self._when = when
        self._after = after
        self._reset = reset
        self._goes_on = goes_on
        self._left = again

    def _strike(self, reply: Reply) -> None:
        if self._left > 0 and self._when(reply.command, reply):
            self._left -= 1
            raise Cut(reset=self._reset, goes_on=self._goes_on)

    def before_reply(self, session: Session, reply: Reply, data: bytes) -> bytes:
        if not self._after:
            self._strike(reply)
        return data

    def after_reply(self, session: Session, reply: Reply) -> None:
        if self._after:
            self._strike(reply)

    @property
    def has_struck(self) -> bool:
        """Whether all has happened that was to happen."""
        return self._left == 0


class DropBefore(Fault):
    """The connection ends when a command has arrived, and it is not carried out."""

    def __init__(self, when: When, *, reset: bool = False) -> None:
        self._when = when
        self._reset = reset

    def commanded(self, session: Session, command: Command) -> None:
        if self._when(command, None):
            raise Cut(reset=self._reset)


class Gone(Fault):
    """From some reply on the server is gone: connections end, and no other is taken.

    Parameters:
        when: at which reply it goes.
        after: that reply still leaves.
    """

    def __init__(self, when: When, *, after: bool = False) -> None:
        self._when = when
        self._after = after
        self.is_gone = False

    def connected(self, session: Session) -> None:
        if self.is_gone:
            raise Cut(reset=True)

    def before_reply(self, session: Session, reply: Reply, data: bytes) -> bytes:
        if self.is_gone:
            raise Cut
        self.is_gone = self._when(reply.command, reply)
        if self.is_gone and not self._after:
            raise Cut
        return data

    def after_reply(self, session: Session, reply: Reply) -> None:
        if self.is_gone:
            raise Cut


class Stall(Fault):
    """A reply never comes, and the connection stays open."""

    def __init__(self, when: When) -> None:
        self._when = when

    def before_reply(self, session: Session, reply: Reply, data: bytes) -> bytes:
        if self._when(reply.command, reply):
            session.wait_for_end(60)
            raise Cut
        return data


class Drip(Fault):
    """A reply comes byte by byte.

    Parameters:
        pause: seconds between two bytes.
    """

    def __init__(self, when: When, pause: float) -> None:
        self._when = when
        self._pause = pause

    def before_reply(self, session: Session, reply: Reply, data: bytes) -> bytes:
        if not self._when(reply.command, reply):
            return data
        for number in data:
            session.send(bytes((number,)))
            if session.wait_for_end(self._pause):
                break
        return b""


class Strike(Fault):
    """Something happens as soon as a command was carried out, for instance the client is killed.

    Nothing is said any more, and the server waits until the client has gone.

    Parameters:
        action: called once.
        goes_on: the server carries out what has been sent ahead, too; else the connection ends.
    """

    def __init__(self, when: When, action: t.Callable[[], object], *, goes_on: bool = False) -> None:
        self._when = when
        self._action = action
        self._goes_on = goes_on
        self.has_struck = False

    def carried_out(self, session: Session, command: Command, reply: str) -> str:
        if not self.has_struck and self._when(command, None):
            self.has_struck = True
            self._action()
            session.await_end()
            raise Cut(goes_on=self._goes_on)
        return reply
