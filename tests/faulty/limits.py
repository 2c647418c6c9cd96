# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Limits: of connections, of space, of rights; and names that a server keeps otherwise."""

from __future__ import annotations

import typing as t

from .fault import Cut, DataCut, Fault
from .record import Command

if t.TYPE_CHECKING:
    from .session import Session
    from .transfer import Transfer


class MostConnections(Fault):
    """Further clients are turned away.

    Parameters:
        most: that are served at a time.
        says: to the others; "" to close without a word.
    """

    def __init__(self, most: int, says: str = "421 Too many connections") -> None:
        self._most = most
        self._says = says

    def connected(self, session: Session) -> str | None:
        if session.server.sessions <= self._most:
            return None
        if not self._says:
            raise Cut
        return self._says


class MostLogins(Fault):
    """Further clients may connect, and cannot log in."""

    def __init__(self, most: int, says: str = "530 Too many logins") -> None:
        self._most = most
        self._says = says

    def commanded(self, session: Session, command: Command) -> str | None:
        return self._says if command.verb == "PASS" and session.server.sessions > self._most else None


class FullDisk(Fault):
    """Uploads end when the disk is full, with what has arrived left behind.

    Parameters:
        room: bytes for all uploads together.
        says: the final reply.
        silent: an upload without room is cut short, and said to be complete.
    """

    def __init__(self, room: int, says: str = "452 No space left on device", *, silent: bool = False) -> None:
        self._room = room
        self._says = says
        self._silent = silent

    def block(self, transfer: Transfer, block: bytes) -> bytes:
        if not transfer.incoming:
            return block
        fits, self._room = block[: self._room], max(0, self._room - len(block))
        if len(fits) < len(block) and not self._silent:
            raise DataCut(fits, self._says, quietly=True)
        return fits


class Quota(FullDisk):
    """As a full disk, in the words of a quota."""

    def __init__(self, room: int) -> None:
        super().__init__(room, "552 Quota exceeded")


class ReadOnly(Fault):
    """Nothing can be changed."""

    def commanded(self, session: Session, command: Command) -> str | None:
        return "550 Permission denied" if command.writes else None


class WriteOnly(Fault):
    """Nothing can be read or listed."""

    def commanded(self, session: Session, command: Command) -> str | None:
        return "550 Permission denied" if command.verb in ("RETR", "LIST", "NLST", "MLSD", "SIZE", "MDTM") else None


class NoRenameOntoFiles(Fault):
    """A rename onto an existing file is refused, as on Windows."""

    def commanded(self, session: Session, command: Command) -> str | None:
        disk = session.server.disk
        if command.verb != "RNTO":
            return None
        there = disk.real(disk.absolute(session.here, command.argument))
        return "553 It exists" if session.server.exists(there) else None


class Without(Fault):
    """Commands that the server does not know.

    Parameters:
        verbs: in capitals.
    """

    def __init__(self, *verbs: str) -> None:
        self._verbs = verbs

    def commanded(self, session: Session, command: Command) -> str | None:
        return f"502 {command.verb} is not known here" if command.verb in self._verbs else None

    def features(self, lines: list[str]) -> list[str]:
        return [line for line in lines if not line.startswith(tuple(self._verbs))]
