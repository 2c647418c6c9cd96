# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""One control connection: commands out, replies in, matched in order (RFC 959 sections 4 and 5).

Several commands may be under way. The connection owns its socket, its buffer and the queue of replies
it waits for; if the order of replies is in doubt, it dies and every later use is a ConnectionLost.
Never here: retries, or decisions about what a refusal means.
"""

from __future__ import annotations

import collections
import socket
import ssl
import time
import typing as t

from ..errors import CertificateError, ConnectionLost, FtpSyncError, ProtocolError
from .data import DataConnection
from .facts import ServerFacts
from .options import TLS_IMPLICIT, ConnectOptions
from .sockets import READ, WOULD_BLOCK, WRITE, acknowledge_at_once, connect, explain, wait
from .tls import Tls, fingerprint, is_cut, refused
from .wire import Command, Reply, ReplyReader, encode_command

T = t.TypeVar("T")

# Bytes of commands in one write, which holds whole commands only. Two reasons: a TLS record of more than 4 KB
# stalls ProFTPD and Pure-FTPd (they read 4 KB of it, then wait for the socket, while the rest lies decrypted in
# OpenSSL); and ProFTPD takes two commands for one if a segment or record ends between CR and LF.
ONE_WRITE = 1200
_RECEIVE = 64 * 1024  # bytes asked of the socket at once
_MASK_FROM = 3  # characters; masking a shorter password would garble every reply and so betray it
_FRESH = 0.5  # seconds after which a look whether the idle connection still stands is worth its system call
_IDLE = (200, 202, 250)  # what servers answer to NOOP
_REPLY_FACTOR = 2  # a reply may take this many time-outs in all, so that a dripping server ends


def writes(lines: t.Iterable[bytes]) -> t.Iterator[bytes]:
    """Joins command lines to writes of whole commands, none longer than ONE_WRITE unless one command is."""
    piece: list[bytes] = []
    length = 0
    for line in lines:
        if piece and length + len(line) > ONE_WRITE:
            yield b"".join(piece)
            piece, length = [], 0
        piece.append(line)
        length += len(line)
    if piece:
        yield b"".join(piece)


class Connection:
    """A connected control connection; the banner has not been read yet.

    Parameters:
        options: see ConnectOptions.
        tls: used by ``start_tls`` and by data connections once ``protects_data`` is set.
        sock: connected, if that was done before.
    Raises:
        ConnectError, CertificateError: the server cannot be reached as the options say.
    """

    def __init__(self, options: ConnectOptions, tls: Tls | None, sock: socket.socket | None = None) -> None:
        self.options = options
        self.address = options.address
        self.tls = tls
        self.protects_data = False
        self.is_dead = False
        self._heard_at = 0.0
        self.closed_by = ""  # "421" or "end" when the server closed the connection
        self.says_150 = True
        self.before_listing: list[Command] = []  # what has to leave ahead of the first one
        self._waiting: collections.deque[Command] = collections.deque()
        self._queue: collections.deque[Reply] = collections.deque()
        self._reader = ReplyReader(options.encoding)
        self._secret = options.password if len(options.password) >= _MASK_FROM else ""
        self.data: DataConnection | None = None
        self.sock: socket.socket = sock or connect(options.host, options.port, options.timeout)
        self.secure: ssl.SSLSocket | None = None
        if options.tls == TLS_IMPLICIT:
            self.start_tls()

    def start_tls(self) -> None:
        """Encrypts the connection; nothing may have arrived in cleartext beyond the reply to AUTH.

        Raises:
            CertificateError: the handshake fails or the certificate is not accepted.
        """
        if self.tls is None:
            raise ProtocolError("TLS was not prepared")  # a bug
        if self._queue or not self._reader.is_empty:
            self.kill()
            raise CertificateError(
                "%s sent cleartext after it agreed to TLS: an attack or a broken proxy; nothing was sent to it"
                % self.address
            )
        self.tls.begin()
        try:
            self.sock = self.secure = secure = self.tls.wrap(self.sock)
            self._handshake(self.tls, secure)
        except ssl.SSLCertVerificationError as error:
            self.kill()
            raise refused(error, self.options, self._ask_fingerprint()) from None
        except OSError as error:
            self.kill()
            if self.tls.group:  # it may do with others; the next attempt shows
                raise ConnectionLost("no TLS with %s: %s" % (self.address, explain(error))) from None
            raise CertificateError(
                "no TLS with %s: %s; check port and tls (explicit or implicit)" % (self.address, explain(error))
            ) from None
        except CertificateError:
            self.kill()
            raise

    def _handshake(self, tls: Tls, secure: ssl.SSLSocket) -> None:
        deadline = time.monotonic() + self.options.timeout
        wanted = tls.handshake(secure)
        while wanted:
            if not wait(((secure, wanted),), deadline - time.monotonic())[0]:
                raise ConnectionLost(
                    "%s did not finish the TLS handshake within %g s; check port and tls"
                    % (self.address, self.options.timeout)
                )
            wanted = tls.handshake(secure)

    def _ask_fingerprint(self) -> str:
        """Reads the fingerprint of a certificate that was not accepted, over another connection without login."""
        try:
            lenient = self.options._replace(validate_certs=False, tls_fingerprint=None)
            other = Connection(lenient, Tls(lenient, ServerFacts()))
            try:
                if lenient.tls != TLS_IMPLICIT:
                    other.final()
                    other.exchange(Command("AUTH", "TLS"))
                    other.start_tls()
                return fingerprint(other.secure) if other.secure is not None else ""
            finally:
                other.kill()
        except FtpSyncError:
            return ""

    # -- commands and replies

    def send(self, *commands: Command) -> None:
        """Sends commands in one write; their replies are due in the same order.

        Raises:
            UsageError: an argument cannot be sent; nothing was sent then.
            ConnectionLost: the connection broke.
            ProtocolError: there was a reply that nobody had asked for.
        """
        lines = [encode_command(verb, argument, self.options.encoding) for verb, argument in commands]
        self.check_alive()
        if self._queue and not self._waiting:
            self._stray(self._queue[0])
        self._waiting.extend(Command(*command) for command in commands)
        for command in commands:
            self._trace("*cmd*", Command(*command).label)
        try:
            for piece in writes(lines):
                self._write(piece)
        except OSError as error:
            raise self.lost(explain(error)) from None

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[self.sock.send(view) :]
            except (ssl.SSLWantWriteError, ssl.SSLWantReadError) + WOULD_BLOCK:
                self._wait_for_room()
        acknowledge_at_once(self.sock)

    def _wait_for_room(self) -> None:
        """Waits until a write can go on; takes in replies meanwhile, so that full buffers cannot lock both sides."""
        if not wait(((self.sock, READ | WRITE),), self.options.timeout)[0]:
            raise self.lost("it takes no more commands")
        self._take_in(0)

    def final(self) -> Reply:
        """Gives the final reply to the oldest command under way, or the banner; 1yz replies before it are dropped.

        Raises:
            ConnectionLost: no answer in time, the end of the connection, or 421.
            ProtocolError: the bytes make no sense.
        """
        while True:
            reply = self.next()
            if not reply.is_preliminary:
                return reply

    def next(self) -> Reply:
        """Gives the next reply, be it preliminary or final; raises as ``final``."""
        deadline = time.monotonic() + _REPLY_FACTOR * self.options.timeout
        while not self._queue:
            left = min(self.options.timeout, deadline - time.monotonic())
            if left <= 0 or not self._take_in(left):
                raise self.lost("no answer within %g s" % self.options.timeout)
        return self.pop()

    def pop(self) -> Reply:
        """Gives the next reply, which is there already."""
        reply = self._queue.popleft()
        if reply.code == 421:
            self.closed_by = "421"
            raise self.lost(reply.text)
        if not reply.is_preliminary and self._waiting:
            self._waiting.popleft()
        return reply

    @property
    def has_reply(self) -> bool:
        """Whether a reply is there already."""
        return bool(self._queue)

    @property
    def under_way(self) -> int:
        """Number of commands whose final reply was not taken yet."""
        return len(self._waiting)

    def exchange(self, *commands: Command) -> list[Reply]:
        """Sends commands in one write and gives their final replies."""
        self.send(*commands)
        return [self.final() for _command in commands]

    def confirm(self) -> None:
        """Makes sure that no further reply is due, after a refused transfer: some servers answer twice.

        NOOP has to be answered as such; anything else belongs to what went before.
        """
        noop = Command("NOOP")
        self.send(noop)
        self.expect(noop)
        if self._queue:
            self._stray(self._queue[0])

    def expect(self, command: Command) -> None:
        """Takes the reply to a command; that to a NOOP can be told from others."""
        reply = self.final()
        if command.verb == "NOOP" and reply.code not in _IDLE:
            self._stray(reply)

    def data_tls(self) -> Tls | None:
        """Gives what encrypts a data connection, with this connection's session to resume, or None."""
        if self.tls is None or not self.protects_data:
            return None
        if self.tls.session is None and self.secure is not None:
            self.tls.remember(self.secure)
        return self.tls

    def checked(self, parse: t.Callable[[Reply], T], reply: Reply) -> T:
        """Parses a reply; one that does not fit its command means that replies are out of step: the connection dies."""
        try:
            return parse(reply)
        except ProtocolError:
            self.kill()
            raise

    @property
    def peer_is_ipv6(self) -> bool:
        """Whether the server was reached over IPv6."""
        return self.sock.family == socket.AF_INET6

    def check_idle(self) -> None:
        """Notices, before a command is sent, that the server has closed the idle connection or said something.

        Raises:
            ConnectionLost, ProtocolError: the connection cannot be used; nothing was under way.
        """
        if time.monotonic() - self._heard_at > _FRESH:
            self._take_in(0)
        if self._queue:
            self._stray(self._queue[0])

    def _stray(self, reply: Reply) -> t.NoReturn:
        if reply.code == 421:
            raise self.lost(reply.text)
        self.kill()
        raise ProtocolError(
            "%s sent a reply that nothing had asked for: %s; that connection was closed" % (self.address, reply.text)
        )

    # -- bytes

    def pump(self, seconds: float, data: DataConnection | None) -> bool:
        """Waits at most ``seconds`` for replies or for the data connection; takes in the replies.

        Returns:
            Whether the data connection can go on.
        """
        if data is None:
            self._take_in(seconds)
            return False
        self.check_alive()
        try:
            control_ready, data_ready = wait(((self.sock, READ), (data.sock, data.events)), seconds)
        except OSError as error:
            raise self.lost(explain(error)) from None
        if control_ready:
            self._take_in(0)
        return data_ready

    def _take_in(self, seconds: float) -> bool:
        """Waits for bytes and reads replies from them; False when nothing came."""
        self.check_alive()
        self._heard_at = time.monotonic()
        try:
            if not wait(((self.sock, READ),), seconds)[0]:
                return False
            data = self._receive()
        except OSError as error:
            raise self.lost(explain(error)) from None
        try:
            for reply in self._reader.feed(data):
                self._queue.append(self._mask(reply))
                self._trace("*resp*", self._queue[-1].text)
        except ProtocolError as error:
            self.kill()
            raise ProtocolError("%s: %s; that connection was closed" % (self.address, error)) from None
        return True

    def _receive(self) -> bytes:
        """Reads all that is there; a TLS layer must not keep bytes back, or waiting for the socket would hang."""
        try:
            data = self.sock.recv(_RECEIVE)
            acknowledge_at_once(self.sock)
            while self.secure is not None and self.secure.pending():
                data += self.sock.recv(_RECEIVE)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError) + WOULD_BLOCK:
            return b""
        except ssl.SSLZeroReturnError:
            data = b""
        except ssl.SSLError as error:
            if not is_cut(error):
                raise
            data = b""
        if not data:
            self.closed_by = "end"
            raise self.lost("the server closed it")
        return data

    def _trace(self, mark: str, text: str) -> None:
        if self.options.trace is not None:
            self.options.trace("%s %s" % (mark, text))

    def _mask(self, reply: Reply) -> Reply:
        if not self._secret or not any(self._secret in line for line in reply.lines):
            return reply
        return reply._replace(lines=tuple(line.replace(self._secret, "********") for line in reply.lines))

    # -- ends

    def check_alive(self) -> None:
        """Raises ConnectionLost when the connection was closed before."""
        if self.is_dead:
            raise ConnectionLost("the connection to %s is closed" % self.address)

    def lost(self, reason: str) -> ConnectionLost:
        """Closes the connection and gives the error to raise, which names the command under way."""
        last_words = [reply.text for reply in self._queue if reply.code == 421]
        under_way = " during %s" % self._waiting[0].label if self._waiting else ""
        self.kill()
        return ConnectionLost(
            "the connection to %s was lost%s: %s" % (self.address, under_way, "; ".join([reason] + last_words))
        )

    def kill(self) -> None:
        """Closes both connections at once."""
        self.is_dead = True
        if self.data is not None:
            self.data.close()
            self.data = None
        self.sock.close()

    def interrupt(self) -> None:
        """Makes whoever waits for this connection fail soon; may be called from another thread."""
        data = self.data
        for sock in (self.sock, data.sock if data is not None else None):
            if sock is None:
                continue
            try:
                # An SSLSocket's own method would change its state under the other thread's hands.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
            except (OSError, ValueError):
                pass  # closed already

    def say_goodbye(self) -> None:
        """Says QUIT, if nothing is under way; never fails."""
        if not self.is_dead and not self._waiting:
            try:
                self.send(Command("QUIT"))
            except FtpSyncError:
                pass  # closing is all we want

    def quit(self) -> None:
        """Says QUIT unless that was done, and closes; waits for nothing and never fails."""
        self.say_goodbye()
        self.kill()
