# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fault is: hooks that a server calls at every point where it could go wrong, and when to strike.

A fault overrides what it needs. What it returns goes on; what it raises ends a connection. Several faults at one
server are asked in the order in which they were given.
"""

from __future__ import annotations

import typing as t

from .disk import Shown
from .record import Command, Reply

if t.TYPE_CHECKING:
    from .session import Session
    from .transfer import Transfer


class Cut(Exception):
    """The control connection and its data connection end here.

    Parameters:
        reset: by RST, so that the client gets an error; else by FIN.
        goes_on: the server carries out all commands that have arrived, though nobody hears of it.
    """

    def __init__(self, *, reset: bool = False, goes_on: bool = False) -> None:
        super().__init__("cut")
        self.reset = reset
        self.goes_on = goes_on


class DataCut(Exception):
    """The data connection ends here, by RST.

    Parameters:
        block: what still gets through.
        says: the final reply; None for that of a complete transfer.
        quietly: it ends by FIN, as if that were all.
    """

    def __init__(self, block: bytes = b"", says: str | None = "426 Data connection broken", quietly: bool = False):
        super().__init__("data cut")
        self.block = block
        self.says = says
        self.quietly = quietly


class Fault:
    """Hooks; this one does nothing."""

    def connected(self, session: Session) -> str | None:
        """Before the banner; a text is said instead of it, and the connection closed."""

    def commanded(self, session: Session, command: Command) -> str | None:
        """Before a command is carried out; a text is said instead of carrying it out."""

    def carried_out(self, session: Session, command: Command, reply: str) -> str:
        """After it was carried out and before its final reply, which is returned."""
        return reply

    def before_reply(self, session: Session, reply: Reply, data: bytes) -> bytes:
        """Before a reply leaves; what is returned leaves."""
        return data

    def after_reply(self, session: Session, reply: Reply) -> None:
        """After it has left."""

    def data_opened(self, transfer: Transfer) -> None:
        """When a data connection stands, before the first byte."""

    def block(self, transfer: Transfer, block: bytes) -> bytes:
        """For each piece of content, in either direction; what is returned goes on."""
        return block

    def data_ended(self, transfer: Transfer) -> None:
        """After the last byte, before the data connection is closed."""

    def folder(self, path: str) -> str:
        """The folder that is listed when this one is asked for."""
        return path

    def listed(self, session: Session, path: str, entries: list[Shown]) -> list[Shown]:
        """What a listing shows."""
        return entries

    def listing(self, session: Session, verb: str, data: bytes) -> bytes:
        """The bytes of a listing."""
        return data

    def features(self, lines: list[str]) -> list[str]:
        """What FEAT names."""
        return lines


# When to strike: at a command, or at the reply to it. The reply is None before there is one.
When = t.Callable[["Command | None", "Reply | None"], bool]


def always(command: Command | None, reply: Reply | None) -> bool:
    """Each time."""
    return True


def at_reply(number: int) -> When:
    """At the n-th reply of the server."""
    return lambda command, reply: reply is not None and reply.number == number


def from_reply(number: int) -> When:
    """At the n-th reply of the server and all after it."""
    return lambda command, reply: reply is not None and reply.number >= number


def at_command(number: int) -> When:
    """At the n-th command of the server."""
    return lambda command, reply: command is not None and command.number == number


def on(verb: str, nth: int = 0, *, final: bool = True) -> When:
    """At commands of this verb, or at the n-th of them only; at its final reply, or at each."""

    def strikes(command: Command | None, reply: Reply | None) -> bool:
        if command is None or command.verb != verb or nth not in (0, command.nth):
            return False
        return reply is None or not final or reply.data[:1] != b"1"

    return strikes


def on_path(verb: str, end: str) -> When:
    """At commands of this verb about a path that ends so."""
    by_verb = on(verb)
    return lambda command, reply: command is not None and by_verb(command, reply) and command.argument.endswith(end)


def times(count: int, when: When) -> When:
    """The first few times only."""
    left = [count]

    def strikes(command: Command | None, reply: Reply | None) -> bool:
        if not left[0] or not when(command, reply):
            return False
        left[0] -= 1
        return True

    return strikes
