# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A line between a client and an FTP server that breaks where it is told to, counted in bytes.

Control connections pass through it. Where the server names a port for data, the line names one of its own instead, so
that data pass through it, too. Not for TLS, which nobody can read on the way.
"""

from __future__ import annotations

import dataclasses
import re
import selectors
import socket
import threading
import typing as t

from tests.faulty.ends import close

_EPSV = re.compile(rb"^229 .*\(\|\|\|(\d+)\|\)", re.MULTILINE)
_PASV = re.compile(rb"^227 .*\((\d+,\d+,\d+,\d+),(\d+),(\d+)\)", re.MULTILINE)
_BLOCK = 64 * 1024


@dataclasses.dataclass
class Break:
    """Where the line breaks, once.

    Attributes:
        where: "replies", "commands" or "data": bytes that are counted over all connections of that kind.
        after: so many bytes get through.
        reset: by RST instead of FIN.
        action: called before, for instance to kill the client.
    """

    where: str
    after: int
    reset: bool = False
    action: t.Callable[[], object] = bool
    happened: bool = False


class Line:
    """Listens at a free port of 127.0.0.1; use as a context manager.

    Attributes:
        passed: bytes since ``begin``, by kind.
    """

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._mutex = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._break: Break | None = None
        self.passed = {"replies": 0, "commands": 0, "data": 0}

    def __enter__(self) -> Line:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        close(self._listener, False)

    def begin(self, break_: Break | None = None) -> None:
        """Count anew, and break there."""
        for thread in self._threads:
            thread.join(30)
        self._threads = []
        self._break = break_
        self.passed = dict.fromkeys(self.passed, 0)

    def _accept(self) -> None:
        while True:
            try:
                client = self._listener.accept()[0]
            except OSError:
                return
            self._start(client, self._server_port, ("commands", "replies"))

    def _start(self, client: socket.socket, port: int, kinds: tuple[str, str]) -> None:
        thread = threading.Thread(target=self._relay, args=(client, port, kinds), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _relay(self, client: socket.socket, port: int, kinds: tuple[str, str]) -> None:
        """Passes bytes on until both sides have ended, or the line breaks."""
        reset = False
        server = socket.socket()
        try:
            server.connect(("127.0.0.1", port))
            with selectors.DefaultSelector() as selector:
                selector.register(client, selectors.EVENT_READ, (server, kinds[0]))
                selector.register(server, selectors.EVENT_READ, (client, kinds[1]))
                while selector.get_map():
                    for key, _events in selector.select():
                        source, (target, kind) = t.cast(socket.socket, key.fileobj), key.data
                        data = source.recv(_BLOCK)
                        if not data:
                            selector.unregister(source)
                            target.shutdown(socket.SHUT_WR)
                            continue
                        broken = self._count(kind, data)
                        if broken is not None:
                            target.sendall(data[: broken[1]])
                            reset = broken[0].reset
                            broken[0].action()
                            return
                        target.sendall(self._own_port(data) if kind == "replies" else data)
        except OSError:
            pass  # one of them has ended
        finally:
            close(client, reset)
            close(server, reset)

    def _count(self, kind: str, data: bytes) -> tuple[Break, int] | None:
        """The break within some bytes, and how many of them get through."""
        with self._mutex:
            before = self.passed[kind]
            self.passed[kind] += len(data)
            wanted = self._break
            if wanted is None or wanted.happened or wanted.where != kind or self.passed[kind] <= wanted.after:
                return None
            wanted.happened = True
            through = max(0, wanted.after - before)
            # ProFTPD carries out half a line when nothing follows. No client's system cuts there: what is lost at the
            # end of a connection is lost from the beginning of a write, and lines are written whole.
            return wanted, data.rfind(b"\n", 0, through) + 1 if kind == "commands" else through

    def _own_port(self, data: bytes) -> bytes:
        """Names a port of the line in a reply; servers send each of these replies in one piece."""
        data = _EPSV.sub(lambda m: m[0].replace(m[1], b"%d" % self._data_port(int(m[1]))), data)

        def passive(match: re.Match[bytes]) -> bytes:
            own = self._data_port(int(match[2]) * 256 + int(match[3]))
            return b"227 Here (127,0,0,1,%d,%d)" % divmod(own, 256)

        return _PASV.sub(passive, data)

    def _data_port(self, port: int) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(30)

        def pass_on() -> None:
            with listener:
                try:
                    client = listener.accept()[0]
                except OSError:
                    return
            self._relay(client, port, ("data", "data"))

        threading.Thread(target=pass_on, daemon=True).start()
        return int(listener.getsockname()[1])
