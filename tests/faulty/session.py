# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One control connection: command lines in, replies out, each past the faults."""

from __future__ import annotations

import socket
import ssl
import threading
import typing as t

from . import verbs
from .ends import close
from .fault import Cut, Fault
from .record import Command

if t.TYPE_CHECKING:
    from .server import FaultyServer

PATIENCE = 20.0  # seconds without a word after which a session ends, so that no thread outlasts its test by long


class Session(threading.Thread):
    """Serves one client."""

    def __init__(self, server: FaultyServer, sock: socket.socket, number: int) -> None:
        super().__init__(name=f"faulty-{number}", daemon=True)
        self.server = server
        self.sock = sock
        self.number = number
        self.user: str | None = None
        self.logged_in = False
        self.here = "/"
        self.rename_from: str | None = None
        self.offset = 0
        self.listener: socket.socket | None = None
        self.active: tuple[str, int] | None = None
        self.protected = False
        self.command: Command | None = None
        self.deaf = False  # nobody hears what it says; it goes on with what has arrived
        self.leaving = False
        self._buffer = b""
        sock.settimeout(PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def faults(self) -> t.Sequence[Fault]:
        """Those of the server."""
        return self.server.faults

    def run(self) -> None:
        reset = False
        try:
            reset = self._serve()
        except Cut as cut:
            reset = cut.reset
        except (OSError, ValueError):
            pass  # the client is gone, or the server was stopped
        finally:
            self.close_listener()
            close(self.sock, reset)

    def _serve(self) -> bool:
        """Answers until the end; tells whether that is to be a RST."""
        reset = False
        for fault in self.faults:
            refusal = fault.connected(self)
            if refusal is not None:
                self.say(refusal)
                return reset
        if self.server.implicit_tls and self.server.tls is not None:
            self.secure(self.server.tls)
        self.say(self.server.banner)
        while not self.leaving:
            line = self._line()
            if line is None:
                break
            try:
                self._obey(line)
            except Cut as cut:
                reset = reset or cut.reset
                if not cut.goes_on:
                    return reset
                self.go_deaf()
        return reset

    def _line(self) -> bytes | None:
        while b"\n" not in self._buffer:
            data = b"" if self.deaf else self.sock.recv(65536)
            if not data:
                return None
            self._buffer += data
        line, _newline, self._buffer = self._buffer.partition(b"\n")
        return line.rstrip(b"\r")

    def await_end(self) -> None:
        """Takes in what the client sends, until it has gone."""
        try:
            for data in iter(lambda: self.sock.recv(65536), b""):
                self._buffer += data
        except OSError:
            pass  # reset, or TLS without a goodbye

    def go_deaf(self) -> None:
        """Take in what has arrived; it is going to be carried out, and nobody hears of it."""
        self.deaf = True
        self.sock.setblocking(False)
        try:
            for data in iter(lambda: self.sock.recv(65536), b""):
                self._buffer += data
        except OSError:
            pass  # nothing more is there

    def _obey(self, line: bytes) -> None:
        text = line.replace(b"\xff\xff", b"\xff").decode(self.server.encoding, "surrogateescape")
        verb, _space, argument = text.partition(" ")
        verb = verb.upper()
        self.command = command = self.server.record.command(self.number, verb, argument)
        for fault in self.faults:
            answer = fault.commanded(self, command)
            if answer is not None:
                self.say(answer)
                return
        reply = verbs.carry_out(self, command, argument)
        self.server.look(command)
        for fault in self.faults:
            reply = fault.carried_out(self, command, reply)
        if reply:
            self.say(reply)
        if verb == "AUTH" and reply.startswith("234") and self.server.tls is not None:
            self.secure(self.server.tls)
        if verb == "QUIT":
            self.leaving = True

    # -- replies

    def say(self, text: str) -> None:
        """Sends one reply, each line of it ended by CR LF."""
        data = (text + "\r\n").encode(self.server.encoding, "surrogateescape")
        reply = self.server.record.reply(self.number, self.command, data)
        for fault in self.faults:
            data = fault.before_reply(self, reply, data)
        self.send(data)
        for fault in self.faults:
            fault.after_reply(self, reply)

    def send(self, data: bytes) -> None:
        """Sends bytes as they are."""
        if data and not self.deaf:
            self.sock.sendall(data)

    def secure(self, context: ssl.SSLContext) -> None:
        """Starts TLS."""
        self._buffer = b""
        self.sock = context.wrap_socket(self.sock, server_side=True)

    # -- data connections

    def close_listener(self) -> None:
        """Forgets what PASV or PORT said."""
        if self.listener is not None:
            self.listener.close()
        self.listener = self.active = None

    def wait_for_end(self, seconds: float) -> bool:
        """Sleeps; True when the server was stopped meanwhile."""
        return self.server.ended.wait(seconds)

    def interrupt(self) -> None:
        """Makes the thread end soon."""
        for sock in (self.sock, self.listener):
            if sock is not None:
                try:
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)
                except (OSError, ValueError):
                    pass  # closed already
