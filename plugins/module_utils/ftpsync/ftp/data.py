# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""One data connection, from its first packet to its last (RFC 959 section 3.2, RFC 4217 section 9).

Non-blocking throughout: each call does what can be done now, and ``events`` tells what to wait for, so
that the control connection can be watched at the same time. Errors are OSErrors here; the transfer
maps them, because the control connection knows the reason. Never here: an address that the server chose.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import socket
import ssl
import struct
import sys
import typing as t

from .sockets import READ, WOULD_BLOCK, WRITE, wait
from .tls import Tls, is_cut, say_goodbye

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

CHUNK = 128 * 1024  # bytes moved by one call; more does not help on loopback
LINGER = 2.0  # seconds that the peer has to close its side after the end of an upload
_DRAIN = 64 * 1024  # bytes that are read in that time: TLS tickets take some hundred

_SIOCOUTQNSD = 0x894B  # Linux: what of a socket's output has not been sent even once
_RTT_AT = 68  # where Linux's struct tcp_info has the round trip in microseconds
_IN_PROGRESS = (0, errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY)


class DataConnection:
    """A data connection that is being opened, used or closed.

    Parameters:
        sock: connecting, or listening in active mode.
        peer: the only address that may be at the other end.
        tls: encrypts the connection, or None.
        listening: whether the server connects to ``sock``.
    """

    def __init__(self, sock: socket.socket, peer: str, tls: Tls | None, listening: bool) -> None:
        self.sock: socket.socket = sock
        self._secured: tuple[Tls, ssl.SSLSocket] | None = None
        self._peer = peer
        self._tls = tls
        self._stage: t.Callable[[], bool] = self._accept if listening else self._connected
        self.events = READ if listening else WRITE
        self.is_open = False
        self.is_ready = False
        self.ended_properly = True

    @classmethod
    def dial(cls, control: socket.socket, port: int, tls: Tls | None) -> DataConnection:
        """Starts to connect to a port of the control connection's peer."""
        peer = control.getpeername()
        sock = socket.socket(control.family, socket.SOCK_STREAM)
        sock.setblocking(False)
        code = sock.connect_ex((peer[0], port) + tuple(peer[2:]))
        if code not in _IN_PROGRESS:
            sock.close()
            raise OSError(code, os.strerror(code))
        return cls(sock, peer[0], tls, False)

    @classmethod
    def listen(cls, control: socket.socket, tls: Tls | None) -> DataConnection:
        """Starts to listen at the control connection's own address."""
        own = control.getsockname()
        sock = socket.socket(control.family, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            sock.bind((own[0], 0) + tuple(own[2:]))
            sock.listen(1)
        except OSError:
            sock.close()
            raise
        return cls(sock, control.getpeername()[0], tls, True)

    @property
    def is_untouched(self) -> bool:
        """Whether the server has neither closed it nor sent anything, as it must not before a command."""
        return not wait(((self.sock, READ),), 0)[0]

    @property
    def is_encrypted(self) -> bool:
        """Whether TLS is used."""
        return self._secured is not None

    def advance(self) -> bool:
        """Goes on with opening once ``events`` has happened; True when data can flow. Raises OSError when it failed."""
        while not self.is_ready and self._stage():
            pass
        return self.is_ready

    def open_tcp(self, seconds: float) -> None:
        """Waits until the TCP connection stands; raises OSError when it does not within ``seconds``."""
        if not wait(((self.sock, self.events),), seconds)[0]:
            raise OSError(errno.ETIMEDOUT, "no answer within %g s" % seconds)
        self._check_connect()

    def _check_connect(self) -> None:
        code = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))

    def _connected(self) -> bool:
        self._check_connect()
        return self._opened()

    def _accept(self) -> bool:
        try:
            sock, address = self.sock.accept()
        except WOULD_BLOCK:
            return False
        if address[0] != self._peer:
            sock.close()  # somebody else wants our data
            return True
        self.sock.close()
        self.sock = sock
        self.sock.setblocking(False)
        return self._opened()

    def _opened(self) -> bool:
        self.is_open = True
        if self._tls is None:
            self.is_ready = True
            return True
        self.sock = secure = self._tls.wrap(self.sock)
        self._secured = (self._tls, secure)
        self._stage = functools.partial(self._handshake, self._tls, secure)
        return True

    def _handshake(self, tls: Tls, secure: ssl.SSLSocket) -> bool:
        self.events = tls.handshake(secure)
        self.is_ready = not self.events
        return self.is_ready

    def receive(self) -> bytes | None:
        """Gives bytes, b"" at the end, or None when there is nothing yet."""
        try:
            return self.sock.recv(CHUNK)
        except ssl.SSLWantReadError:
            self.events = READ
        except ssl.SSLWantWriteError:
            self.events = WRITE
        except WOULD_BLOCK:
            self.events = READ
        except ssl.SSLZeroReturnError:
            return b""
        except ssl.SSLError as error:
            if not is_cut(error):
                raise
            self.ended_properly = False  # no close_notify: the end may be a cut
            return b""
        return None

    def send(self, data: memoryview) -> int:
        """Gives the number of bytes taken; 0 when there is no room yet."""
        try:
            return self.sock.send(data)
        except ssl.SSLWantReadError:
            self.events = READ
        except (ssl.SSLWantWriteError,) + WOULD_BLOCK:
            self.events = WRITE
        return 0

    def end_sending(self) -> None:
        """Tells the server early that nothing comes from here, as nothing does in a download; not for TLS."""
        with contextlib.suppress(OSError):  # whoever reads next is told
            self.sock.shutdown(socket.SHUT_WR)

    def end_download(self) -> None:
        """Closes after the end of data, with close_notify if there is room for it at once."""
        if self._secured is not None:
            tls, secure = self._secured
            tls.remember(secure)
            say_goodbye(secure, 0)
        self.sock.close()

    def end_upload(self, timeout: float) -> None:
        """Tells the server that all was sent: close_notify and the end of the TCP stream (field notes 2.5)."""
        if self._secured is not None:
            tls, secure = self._secured
            say_goodbye(secure, timeout)
            tls.remember(secure)
        # An SSLSocket forgets its TLS layer here, so that what follows reads raw bytes.
        self.sock.shutdown(socket.SHUT_WR)
        self.events = READ

    def unsent(self) -> int | None:
        """Gives what has not left this system yet, the end of the stream included; None where it cannot tell."""
        if fcntl is None or not sys.platform.startswith("linux"):
            return None
        answer: bytes = fcntl.ioctl(self.sock, _SIOCOUTQNSD, bytes(4))
        return int(struct.unpack("i", answer)[0])

    def round_trip(self) -> float:
        """Gives the seconds that a packet and its acknowledgement take; 0 where the system does not tell."""
        if not sys.platform.startswith("linux"):
            return 0.0
        state = self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _RTT_AT + 4)
        return float(struct.unpack_from("I", state, _RTT_AT)[0]) / 1e6 if len(state) == _RTT_AT + 4 else 0.0

    def reset(self) -> None:
        """Closes by RST, behind an end that the server has got already: it has nobody to wait for then."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def drain(self) -> bool:
        """Reads what the server still sends, TLS tickets for instance; True at its end.

        Closing with unread bytes would make the kernel reset the connection and lose the file's tail.
        """
        received = 0
        while received < _DRAIN:
            try:
                data = self.sock.recv(CHUNK)
            except WOULD_BLOCK:
                return False
            except (OSError, ValueError):
                return True
            if not data:
                return True
            received += len(data)
        return True

    def close(self) -> None:
        """Closes, whatever the state."""
        self.sock.close()
