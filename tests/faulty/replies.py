# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of replies: wrong, double, extra, late, endless, oversized, undecodable."""

from __future__ import annotations

import typing as t

from .fault import Cut, Fault, When
from .record import Command, Reply

if t.TYPE_CHECKING:
    from .session import Session


class Say(Fault):
    """Something else is said, whatever was done.

    Parameters:
        when: to which commands.
        data: text without CR LF, or bytes as they are.
    """

    def __init__(self, when: When, data: str | bytes) -> None:
        self._when = when
        self._data = data if isinstance(data, bytes) else data.encode() + b"\r\n"

    def before_reply(self, session: Session, reply: Reply, data: bytes) -> bytes:
        return self._data if self._when(reply.command, reply) else data


class Twice(Fault):
    """A reply comes twice."""

    def __init__(self, when: When) -> None:
        self._when = when

    def before_reply(self, session: Session, reply: Reply, data: bytes) -> bytes:
        return data * 2 if self._when(reply.command, reply) else data


class Extra(Fault):
    """A reply nobody has asked for follows another.

    Parameters:
        text: without CR LF.
    """

    def __init__(self, when: When, text: str) -> None:
        self._when = when
        self._text = text

    def before_reply(self, session: Session, reply: Reply, data: bytes) -> bytes:
        return data + self._text.encode() + b"\r\n" if self._when(reply.command, reply) else data


class Late(Fault):
    """A reply comes with the one after it, before it."""

    def __init__(self, when: When) -> None:
        self._when = when
        self._kept = b""

    def before_reply(self, session: Session, reply: Reply, data: bytes) -> bytes:
        if self._when(reply.command, reply):
            self._kept += data
            return b""
        data, self._kept = self._kept + data, b""
        return data


class Pieces(Fault):
    """Replies come byte by byte, each in a packet of its own, without a pause."""

    def __init__(self, when: When) -> None:
        self._when = when

    def before_reply(self, session: Session, reply: Reply, data: bytes) -> bytes:
        if not self._when(reply.command, reply):
            return data
        for number in data:
            session.send(bytes((number,)))
        return b""


class Oversized(Fault):
    """One line of many bytes."""

    def __init__(self, when: When, size: int = 1_000_000) -> None:
        self._when = when
        self._size = size

    def before_reply(self, session: Session, reply: Reply, data: bytes) -> bytes:
        if not self._when(reply.command, reply):
            return data
        return data[:4] + b"x" * self._size + b"\r\n"


class Endless(Fault):
    """A reply of lines without end, until the client has gone."""

    def __init__(self, when: When) -> None:
        self._when = when

    def before_reply(self, session: Session, reply: Reply, data: bytes) -> bytes:
        if not self._when(reply.command, reply):
            return data
        line = data[:3] + b"-and so on\r\n"
        while not session.server.ended.is_set():
            session.send(line * 100)
        raise Cut


class Undecodable(Fault):
    """Text that is no UTF-8, with control and escape characters in it."""

    TEXT = b"\xff\xfe\x80 \x1b[2J\x1b]0;title\x07 \xc3\x28 \x00 done"

    def __init__(self, when: When) -> None:
        self._when = when

    def before_reply(self, session: Session, reply: Reply, data: bytes) -> bytes:
        return data[:4] + self.TEXT + b"\r\n" if self._when(reply.command, reply) else data


class Refuse(Fault):
    """A command is not carried out, and said not to be."""

    def __init__(self, when: When, text: str = "550 Not here") -> None:
        self._when = when
        self._text = text

    def commanded(self, session: Session, command: Command) -> str | None:
        return self._text if self._when(command, None) else None


class Claim(Refuse):
    """A command is not carried out, and said to be."""

    def __init__(self, when: When, text: str = "250 Done") -> None:
        super().__init__(when, text)


class Deny(Fault):
    """A command is carried out, and said not to be."""

    def __init__(self, when: When, text: str = "550 Not here") -> None:
        self._when = when
        self._text = text

    def carried_out(self, session: Session, command: Command, reply: str) -> str:
        return self._text if self._when(command, None) else reply
