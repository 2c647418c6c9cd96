# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands with a data connection: LIST, NLST, MLSD, RETR, STOR, APPE."""

from __future__ import annotations

import os
import socket
import typing as t

from .disk import list_line, mlsd_line
from .ends import close, say_goodbye
from .fault import DataCut
from .record import Command

if t.TYPE_CHECKING:
    from .session import Session

VERBS = ("LIST", "NLST", "MLSD", "RETR", "STOR", "APPE")
BLOCK = 64 * 1024
_CALL = 3.0  # seconds that the other side has to open the data connection


class Transfer:
    """One data connection and what moves on it.

    Attributes:
        count: bytes moved so far.
        incoming: whether the client sends.
    """

    def __init__(self, session: Session, command: Command, sock: socket.socket) -> None:
        self.session = session
        self.command = command
        self.sock = sock
        self.seen = session.server.record.data_connection(command)
        self.number = self.seen.number
        self.incoming = command.verb in ("STOR", "APPE")
        self._give: t.Callable[[bytes], object] = len

    @property
    def count(self) -> int:
        return self.seen.count

    def move(self, take: t.Callable[[], bytes], give: t.Callable[[bytes], object]) -> str:
        """Moves all there is; gives the final reply."""
        faults = self.session.faults
        self._give = give
        try:
            for fault in faults:
                fault.data_opened(self)
            while True:
                block = take()
                if not block:
                    break
                for fault in faults:
                    block = fault.block(self, block)
                self.keep(block)
            for fault in faults:
                fault.data_ended(self)
            say_goodbye(self.sock)
        except DataCut as cut:
            self.keep(cut.block)
            close(self.sock, not cut.quietly)
            return cut.says or "226 Done"
        finally:
            close(self.sock, False)
        return "226 Done"

    def keep(self, block: bytes) -> None:
        """Moves the last piece."""
        if block:
            self._give(block)
            self.seen.count += len(block)
            self.session.server.look(self.command)


def carry_out(session: Session, command: Command, argument: str) -> str:
    """Moves a file or a listing; gives the final reply."""
    offset, session.offset = session.offset, 0
    try:
        if command.verb in ("STOR", "APPE"):
            return _receive(session, command, argument, offset)
        if command.verb == "RETR":
            with open(_path(session, argument), "rb") as file:
                file.seek(offset)
                return _run(session, command, lambda: file.read(BLOCK), None)
        parts = iter([_listing(session, command.verb, argument)])
        return _run(session, command, lambda: next(parts, b""), None)
    finally:
        session.close_listener()


def _path(session: Session, argument: str) -> str:
    disk = session.server.disk
    return disk.real(disk.absolute(session.here, argument))


def _receive(session: Session, command: Command, argument: str, offset: int) -> str:
    real = _path(session, argument)
    how = os.O_APPEND if command.verb == "APPE" else 0 if offset else os.O_TRUNC
    with session.server.lock:
        number = os.open(real, os.O_WRONLY | os.O_CREAT | how, 0o644)
    with os.fdopen(number, "wb", buffering=0) as file:
        if offset and not how:
            file.seek(offset)
        session.server.look(command)
        return _run(session, command, None, file.write)


def _run(
    session: Session,
    command: Command,
    take: t.Callable[[], bytes] | None,
    give: t.Callable[[bytes], object] | None,
) -> str:
    try:
        sock = _open(session)
    except OSError:
        return "425 No data connection"
    if sock is None:
        return "503 PASV or PORT first"
    try:
        transfer = Transfer(session, command, sock)
        session.say("150 Here it comes")
        if session.protected and session.server.tls is not None:
            transfer.sock = sock = session.server.tls.wrap_socket(sock, server_side=True)
        return transfer.move(take or (lambda: sock.recv(BLOCK)), give or sock.sendall)
    except OSError:
        return "426 Data connection broken"
    finally:
        close(sock, False)


def _open(session: Session) -> socket.socket | None:
    if session.active is not None:
        sock = socket.create_connection(session.active, _CALL)
    elif session.listener is not None:
        session.listener.settimeout(0.05 if session.deaf else _CALL)
        sock = session.listener.accept()[0]
    else:
        return None
    sock.settimeout(20)
    return sock


def _listing(session: Session, verb: str, argument: str) -> bytes:
    server = session.server
    words = [word for word in argument.split(" ") if not word.startswith("-")] if verb != "MLSD" else [argument]
    path = server.disk.absolute(session.here, " ".join(words))
    for fault in session.faults:
        path = fault.folder(path)
    if verb == "MLSD" and not os.path.isdir(server.disk.real(path)):
        raise NotADirectoryError(0, "No such folder")
    with server.lock:
        entries = server.disk.list(path)
    for fault in session.faults:
        entries = fault.listed(session, path, entries)
    if verb == "MLSD":
        lines = [mlsd_line(entry) for entry in entries]
    else:
        shows_all = "a" in argument.split(" ", maxsplit=1)[0] if argument.startswith("-") else False
        visible = [entry for entry in entries if shows_all or not entry.name.startswith(".")]
        lines = [list_line(entry) if verb == "LIST" else f"{entry.name}\r\n" for entry in visible]
    data = "".join(lines).encode(server.encoding, "surrogateescape")
    for fault in session.faults:
        data = fault.listing(session, verb, data)
    return data
