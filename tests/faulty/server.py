# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server: listens, starts a thread for each client, and ends when told to."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import tempfile
import threading
import typing as t
from pathlib import Path

from .disk import Disk
from .ends import close
from .fault import Fault
from .record import Command, Record
from .session import Session

Watcher = t.Callable[[Command], object]


class FaultyFtp:
    """A server at a free port of 127.0.0.1; use as ``with FaultyFtp(Drop(at_reply(7))) as server``.

    Parameters:
        faults: see faults.py; may be changed at any time by ``misbehave``.
        root: what it calls "/"; else a temporary folder of its own.
        tls: to offer AUTH TLS with.
    Attributes:
        record: what it has seen since ``misbehave``.
        watchers: called after each command that was carried out and each piece of a file that was written, with
            the server standing still. What they raise is kept in ``troubles``.
    """

    def __init__(
        self,
        *faults: Fault,
        root: Path | None = None,
        username: str = "tester",
        password: str = "k9-Sesame-open",
        encoding: str = "utf-8",
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        banner: str = "220 faulty",
    ) -> None:
        self._own = Path(tempfile.mkdtemp(prefix="webdeploy-ftp-")) if root is None else None
        self.disk = Disk(root if root is not None else t.cast(Path, self._own))
        self.username = username
        self.password = password
        self.encoding = encoding
        self.tls = tls
        self.implicit_tls = implicit_tls
        self.banner = banner
        self.faults: tuple[Fault, ...] = faults
        self.record = Record()
        self.watchers: list[Watcher] = []
        self.troubles: list[str] = []
        self.lock = threading.RLock()
        self.ended = threading.Event()
        self._sessions: list[Session] = []
        self._starting = threading.Lock()  # what has not begun cannot be waited for
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(20)
        self.host, self.port = self._listener.getsockname()
        self._thread = threading.Thread(target=self._accept, name="faulty", daemon=True)

    @property
    def root(self) -> Path:
        """The folder that it calls "/"."""
        return self.disk.root

    @property
    def url(self) -> str:
        """Of its "/"."""
        return f"ftp://{self.host}:{self.port}/"

    def connection(self) -> dict[str, str]:
        """Options of the collection's modules that lead here."""
        return {"remote": self.url, "username": self.username, "password": self.password}

    def __enter__(self) -> FaultyFtp:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def start(self) -> None:
        """Takes clients from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Ends all sessions, and takes its own folder away."""
        self.ended.set()
        close(self._listener, False)
        for session in self._sessions:
            session.interrupt()
        for thread in [*self._sessions, self._thread]:
            if thread.is_alive():
                thread.join(10)
        if self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)

    def misbehave(self, *faults: Fault) -> Record:
        """From now on with these faults only, and with a new record, which is returned."""
        self.settle()
        self.faults = faults
        self.record = Record()
        return self.record

    def settle(self) -> None:
        """Waits until every session has ended, and with it all that its client had asked for."""
        with self._starting:
            sessions, self._sessions = self._sessions, []
        for session in sessions:
            session.join(30)
            if session.is_alive():
                raise TimeoutError(f"session {session.number} does not end")

    @staticmethod
    def exists(real: str) -> bool:
        """Whether something is there, be it a broken link."""
        return os.path.lexists(real)

    @property
    def sessions(self) -> int:
        """Number of clients that are connected."""
        return sum(session.is_alive() for session in self._sessions)

    def look(self, command: Command) -> None:
        """Lets the watchers look."""
        if not self.watchers:
            return
        with self.lock:
            for watcher in self.watchers:
                try:
                    watcher(command)
                except AssertionError as error:
                    self.troubles.append(f"after {command.number} commands, {command}: {error}")

    def _accept(self) -> None:
        number = 0
        while not self.ended.is_set():
            try:
                sock, _address = self._listener.accept()
            except OSError:
                return
            number += 1
            with self._starting:
                session = Session(self, sock, number)
                self._sessions.append(session)
                session.start()
