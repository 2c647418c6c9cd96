# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""One transfer: a command on the control connection and bytes on a data connection (RFC 959 section 5.4).

A transfer is complete when both the end of data and a final 2yz have been seen, in whichever order.
The command leaves while the data connection is being opened, with commands before and after it in the same
write where that is safe (pace.py). After any other end the control connection is closed, because a late reply
would be taken for the answer to the next command.
"""

from __future__ import annotations

import math
import time
import typing as t

from ..errors import ConnectionLost, FtpSyncError, LocalError, ProtocolError, ServerRefused, TooLarge
from .connection import Connection
from .data import LINGER, DataConnection
from .limiter import Limiter
from .sockets import explain
from .wire import Command, Reply, refusal

# What servers say at the end of a transfer (RFC 959 section 5.4); no other command is answered so.
_TRANSFERRED = (226, 250)
_REASON = 5.0  # seconds that the server has to say why it closed a data connection
# The transfer broke, on the way or within the server: this tells nothing about what was asked for.
_BROKEN = (425, 426, 451)
BLOCK = 256 * 1024  # bytes that are read and sent at once
_FAR_AWAY = 0.025  # seconds of a round trip from which on it may be worth it to guess the end of a transfer
_LOOK_AGAIN = 0.005  # seconds between looks at what has not left this system
_SILENT_START = 5.0  # seconds to wait for 150 before sending to a server that never says it


class Source(t.Protocol):
    """What is sent."""

    def read(self, count: int) -> bytes | memoryview:
        """Gives at most ``count`` bytes, none at the end; they need not outlast the next call."""


class Transfer:
    """A command with a data connection, under way.

    Parameters:
        connection: nothing else may be under way on it.
        command: RETR, STOR, MLSD or LIST.
        data: being opened.
        limiter: asked before bytes move.
        before: commands that leave ahead of it in the same write.
        after: commands that leave behind it in the same write.
        at_once: data may leave before the server has said 150.
        afterwards: commands that leave as soon as the server has said that the transfer is over, while data may still
            be on their way.
        patience: seconds after which ``afterwards`` leave even so, to a server far away: after the end of an upload has
            left this system, or after the data connection for a download stands.
        reset: for uploads: close by RST as soon as the end has left this system.
        half_closed: for downloads: close the sending direction of the data connection as soon as it stands.
        follow: is given the replies to ``after`` and ``afterwards`` as they come; data may still be on their way.

    Attributes:
        replies_before: to ``before``, in order.
        replies_after: to ``after`` and ``afterwards``, in order; complete once the transfer has ended well.
        guessed: whether ``afterwards`` left without knowing that the transfer was over.
        overtaken: whether the server answered one of ``after`` before the transfer was over.
    """

    def __init__(
        self,
        connection: Connection,
        command: Command,
        data: DataConnection,
        limiter: Limiter,
        *,
        before: t.Sequence[Command] = (),
        after: t.Sequence[Command] = (),
        at_once: bool = False,
        afterwards: t.Sequence[Command] = (),
        patience: float = math.inf,
        reset: bool = False,
        half_closed: bool = False,
        follow: t.Callable[[Reply], object] = lambda _reply: None,
    ) -> None:
        self._connection = connection
        self._command = command
        self._before = before
        self._after = after
        self._at_once = at_once
        self._afterwards = afterwards
        self._patience = patience
        self._reset = reset
        self._half_closed = half_closed
        self._follow = follow
        self.replies_before: list[Reply] = []
        self.replies_after: list[Reply] = []
        self.overtaken = False
        self.guessed = False
        self._data = data
        self._limiter = limiter
        self._timeout = connection.options.timeout
        self._preliminary: Reply | None = None
        self._final: Reply | None = None
        self._moved = False

    def download(self, sink: t.Callable[[bytes], object], limit: int | None = None) -> DownloadEnd:
        """Receives until the end of data and the final reply.

        Parameters:
            sink: is given the bytes as they come.
            limit: bytes after which the transfer is given up.
        Raises:
            ServerRefused: the server answered with 4yz or 5yz, and so said something about what was asked for.
            TooLarge: more than ``limit`` bytes came.
            ConnectionLost: anything else that prevents the end.
        """
        try:
            return t.cast(DownloadEnd, self._guarded(lambda: self._download(sink, limit)))
        except ServerRefused as error:
            if error.reply.code in _BROKEN:
                raise ConnectionLost(str(error)) from None
            raise

    def upload(self, source: Source, progress: t.Callable[[int], object] | None = None) -> int:
        """Sends all of ``source``; gives the number of bytes.

        Parameters:
            progress: is told the number of bytes after each piece.
        Raises:
            ServerRefused: the server answered with 4yz or 5yz, before, amid or after the data.
            LocalError: ``source`` cannot be read.
            ConnectionLost: anything else that prevents the end.
        """
        try:
            return t.cast(int, self._guarded(lambda: self._upload(source, progress)))
        except ServerRefused as error:
            if error.reply.code in _BROKEN and (self.guessed or self._reset):
                raise ConnectionLost(str(error)) from None  # our own doing
            raise

    def _guarded(self, action: t.Callable[[], object]) -> object:
        """Closes the data connection in any case, and the control connection unless the replies are in order."""
        connection = self._connection
        connection.data = self._data
        try:
            connection.send(*self._before, self._command, *self._after)
            result = action()
            while len(self.replies_after) < len(self._after):
                self._take_after(connection.final())
            return result
        except ServerRefused:
            self._data.close()
            connection.data = None
            if self._preliminary is not None or (self._moved and not self._at_once):
                connection.kill()
            else:
                self._confirm()
            raise
        except OSError as error:
            raise connection.lost("data connection: %s" % explain(error)) from None
        except BaseException:
            connection.kill()
            raise
        finally:
            self._data.close()
            connection.data = None

    def _confirm(self) -> None:
        try:
            for command in self._after[len(self.replies_after) :]:
                self._connection.expect(command)
            self._connection.confirm()
        except FtpSyncError:
            pass  # closed now; the refusal is what the caller has to know

    # -- both directions

    def _step(self, seconds: float, with_data: bool = True) -> bool:
        """Waits for either connection and takes replies in; True when the data connection can go on."""
        ready = self._connection.pump(seconds, self._data if with_data else None)
        while self._connection.has_reply:
            reply = self._connection.pop()
            if self._final is not None:
                self._take_late(reply)
            elif reply.is_preliminary:
                self._preliminary = reply
            elif len(self.replies_before) < len(self._before):
                self.replies_before.append(reply)
            elif self._is_to_another(reply):
                self.overtaken = True
                self._take_after(reply)
            elif reply.is_ok:
                self._final = reply
                self._send_afterwards()
            else:
                raise refusal(self._command, reply)
        return ready

    def _take_late(self, reply: Reply) -> None:
        """Takes a reply that came after the final one: only commands behind the transfer may be answered now."""
        if len(self.replies_after) == len(self._after):
            raise ProtocolError("%s was answered twice: %s" % (self._command.label, reply.text))
        if not reply.is_preliminary:
            self._take_after(reply)

    def _take_after(self, reply: Reply) -> None:
        self.replies_after.append(reply)
        self._follow(reply)

    def _send_afterwards(self) -> None:
        if self._afterwards:
            self._connection.send(*self._afterwards)
            self._after, self._afterwards = [*self._after, *self._afterwards], ()

    def _is_to_another(self, reply: Reply) -> bool:
        """Whether a reply that came before the end of the transfer belongs to a command behind it.

        With a single command behind, its answer may come first and harm nothing: this is how one finds out (pace.py).
        With more of them nothing is known any more.
        """
        if not self._after or reply.code in _TRANSFERRED or self.overtaken:
            return False
        doubtful = reply.is_ok or reply.is_unknown_command or reply.code == 503
        if doubtful and (self._preliminary is not None or reply.is_ok):
            if len(self._after) == 1 and not self.guessed:
                return True
            self.overtaken = True
            raise ProtocolError("%s: the server answered a later command first: %s" % (self._command.label, reply.text))
        return False

    def _advance(self) -> bool:
        try:
            return self._data.advance()
        except OSError as error:
            self._explain_break(error)

    def _explain_break(self, error: OSError) -> t.NoReturn:
        """Prefers the server's reason for a broken data connection to the system's."""
        deadline = time.monotonic() + min(_REASON, self._timeout)
        while self._final is None and time.monotonic() < deadline:
            self._step(deadline - time.monotonic(), with_data=False)
        raise error

    def _stalled(self, what: str) -> ConnectionLost:
        return self._connection.lost("%s within %g s" % (what, self._timeout))

    def _await_final(self) -> Reply:
        deadline = time.monotonic() + self._timeout
        while self._final is None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise self._stalled("no answer after the end of data")
            self._step(left, with_data=False)
        return self._final

    # -- down

    def _download(self, sink: t.Callable[[bytes], object], limit: int | None) -> DownloadEnd:
        """Reads until nothing is left before it waits again: TLS may hold bytes that no socket shows."""
        data = self._data
        received = 0
        deadline = time.monotonic() + self._timeout
        patient_until = math.inf
        block: bytes | None = None
        while block != b"":
            if block is None and not self._step(min(deadline, patient_until) - time.monotonic()):
                if time.monotonic() >= patient_until:
                    patient_until = math.inf
                    self._guess()
                if time.monotonic() >= deadline:
                    raise self._stalled("no data")
                continue
            if not data.is_ready:
                if not self._advance():
                    continue
                patient_until = time.monotonic() + self._until_guess()
                if self._half_closed:
                    data.end_sending()
            block = self._receive()
            if not block:
                continue
            self._moved = True
            received += len(block)
            if limit is not None and received > limit:
                raise TooLarge("%s gave more than %d bytes" % (self._command.label, limit))
            self._limiter.take(len(block))
            sink(block)
            deadline = time.monotonic() + self._timeout
        # ProFTPD says 226 only after our side is closed, too.
        data.end_download()
        return DownloadEnd(received, self._await_final(), data.ended_properly)

    def _receive(self) -> bytes | None:
        try:
            return self._data.receive()
        except OSError as error:
            self._explain_break(error)

    # -- up

    def _upload(self, source: Source, progress: t.Callable[[int], object] | None) -> int:
        self._await_start()
        size = self._limiter.chunk(BLOCK)
        sent = 0
        block = _read(source, size)
        while block:
            self._moved = True
            self._limiter.take(len(block))
            self._send(memoryview(block))
            sent += len(block)
            if progress is not None:
                progress(len(block))
            # A short block is no proof of the end; only an empty one is.
            block = _read(source, size)
            if block:
                self._step(0, with_data=False)
                self._refuse_early_end()
        self._end()
        return sent

    def _await_start(self) -> None:
        """Waits until the data connection stands and the server has said 150.

        Data that arrive before the server has read STOR are lost with event-driven servers (pyftpdlib).
        """
        deadline = time.monotonic() + self._timeout
        while not self._data.is_ready:
            if self._step(deadline - time.monotonic()):
                self._advance()
            elif time.monotonic() >= deadline:
                raise self._stalled("the data connection was not opened")
            self._refuse_early_end()
        if self._at_once:
            return
        patience = min(_SILENT_START, self._timeout / 2) if self._connection.says_150 else 0.0
        deadline = time.monotonic() + patience
        while not self._preliminary and time.monotonic() < deadline:
            self._step(deadline - time.monotonic(), with_data=False)
            self._refuse_early_end()
        self._connection.says_150 = self._preliminary is not None

    def _refuse_early_end(self) -> None:
        if self._final is not None:
            raise ProtocolError("%s was answered before the end of data: %s" % (self._command.label, self._final.text))

    def _send(self, view: memoryview) -> None:
        data = self._data
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                count = data.send(view)
            except OSError as error:
                self._explain_break(error)
            if count:
                view = view[count:]
                if not view:
                    return
                self._limiter.take(0)
                deadline = time.monotonic() + self._timeout
                continue
            if not self._step(deadline - time.monotonic()) and time.monotonic() >= deadline:
                raise self._stalled("the server took no data")
            self._refuse_early_end()

    def _end(self) -> None:
        """Ends the data and waits for the final reply, reading what the server still sends meanwhile."""
        data = self._data
        try:
            data.end_upload(self._timeout)
        except OSError as error:
            self._explain_break(error)
        patience = self._until_guess()
        if self._reset or patience < math.inf:
            self._hasten(patience)
        if not data.is_encrypted:
            data.close()  # nothing comes from the server here, so nothing can be lost
            self._await_final()
            return
        deadline = time.monotonic() + LINGER
        while self._final is None and time.monotonic() < deadline:
            if self._step(deadline - time.monotonic()) and data.drain():
                break
        self._await_final()

    def _until_guess(self) -> float:
        """Gives the seconds to wait before a guess; nobody guesses where the answer comes as soon."""
        if self._patience == math.inf or self._data.round_trip() < _FAR_AWAY:
            return math.inf
        return self._patience

    def _hasten(self, patience: float) -> None:
        """Does what may be done as soon as the last byte has left, without hearing of its arrival."""
        data = self._data
        deadline = time.monotonic() + self._timeout
        while data.unsent() and self._final is None:  # slow start, or a full line
            if time.monotonic() >= deadline:
                raise self._stalled("the server took no data")
            self._step(_LOOK_AGAIN, with_data=False)
        if self._reset:
            data.reset()
        deadline = time.monotonic() + min(patience, self._timeout)
        while self._afterwards and self._final is None and time.monotonic() < deadline:
            self._step(deadline - time.monotonic(), with_data=False)
        self._guess()

    def _guess(self) -> None:
        """Says what comes next although the server has not said that this is over."""
        self.guessed = self._final is None and bool(self._afterwards)
        if self.guessed:
            self._send_afterwards()


class DownloadEnd(t.NamedTuple):
    """How a download ended.

    Attributes:
        received: bytes.
        reply: the final one.
        ended_properly: False when the server closed TLS without close_notify, so that a cut is possible.
    """

    received: int
    reply: Reply
    ended_properly: bool


def _read(source: Source, size: int) -> bytes | memoryview:
    try:
        return source.read(size)
    except FtpSyncError:
        raise
    except OSError as error:
        raise LocalError("the local file cannot be read: %s" % explain(error)) from None
