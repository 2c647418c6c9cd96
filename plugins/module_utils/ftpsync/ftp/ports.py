# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Where data connections come from: EPSV, PASV, EPRT, PORT (RFC 2428, RFC 959).

In: a control connection. Out: data connections that are being opened. What works is remembered in
ServerFacts. Never here: an address that the server chose; the other end is always the control
connection's peer.
"""

from __future__ import annotations

import contextlib
import time
import typing as t

from ..errors import ConnectionLost
from .connection import Connection
from .data import DataConnection
from .facts import EPSV, PASV, ServerFacts
from .options import ConnectOptions
from .replies import parse_epsv, parse_pasv
from .sockets import explain
from .wire import Command, Reply, refusal

_FIRST_CONNECT = 10.0  # seconds for the first data connection, after which PASV is tried
_KEPT_FOR = 20.0  # seconds that a data connection made in advance is taken to be usable
_PARSERS: dict[str, t.Callable[[Reply], int]] = {EPSV: parse_epsv, PASV: parse_pasv}


class Ports:
    """Opens the data connections of one session.

    Parameters:
        options: passive or active.
        facts: which method works.
    """

    def __init__(self, options: ConnectOptions, facts: ServerFacts) -> None:
        self._options = options
        self._facts = facts
        self._kept: tuple[DataConnection, float] | None = None

    def open(self, connection: Connection, *ahead: Command) -> tuple[DataConnection, list[Reply]]:
        """Starts a data connection; commands ``ahead`` travel with the question for its port.

        Returns:
            The data connection and the replies to ``ahead``.
        Raises:
            ServerRefused: the server gives no port.
            ConnectionLost: the port cannot be reached.
        """
        if not self._options.passive:
            return self._listen(connection, ahead)
        method, kept = self._facts.passive, self._take_kept()
        if kept is not None:
            replies = connection.exchange(*ahead) if ahead else []
            return kept if self._facts.passive_proven else self._first(connection, method, lambda: kept), replies
        *replies, answer = connection.exchange(*ahead, Command(method))
        if method == EPSV and not self._facts.passive_proven and not answer.is_ok:
            return self._second(connection), replies
        port = self._port(connection, method, answer)
        if self._facts.passive_proven:
            return self._dial(connection, port), replies
        return self._first(connection, method, lambda: self._dial(connection, port)), replies

    @property
    def has_kept(self) -> bool:
        """Whether the next data connection needs no question."""
        return self._kept is not None and time.monotonic() - self._kept[1] < _KEPT_FOR / 2

    def ask_ahead(self) -> list[Command]:
        """Gives the command that asks for the next port in advance, if there is one."""
        return [Command(self._facts.passive)] if self._options.passive else []

    def keep(self, connection: Connection, reply: Reply) -> None:
        """Begins the next data connection, to the port of the reply to ``ask_ahead``: it stands when it is needed."""
        self.forget()
        if reply.is_ok:
            port = self._port(connection, self._facts.passive, reply)
            with contextlib.suppress(ConnectionLost):  # asked for anew when it is needed, and told then
                self._kept = (self._dial(connection, port), time.monotonic())
        elif reply.is_unknown_command and not self._facts.passive_proven and not connection.peer_is_ipv6:
            self._facts.passive = PASV

    def forget(self) -> None:
        """Closes a kept data connection: it belonged to another session, or is not needed any more."""
        if self._kept is not None:
            self._kept[0].close()
        self._kept = None

    def _take_kept(self) -> DataConnection | None:
        kept, self._kept = self._kept, None
        if kept is None:
            return None
        data, since = kept
        # One that cannot be made is for ``_first`` to find out.
        if time.monotonic() - since < _KEPT_FOR and (data.is_untouched or not self._facts.passive_proven):
            return data
        data.close()
        return None

    def _port(self, connection: Connection, method: str, reply: Reply) -> int:
        if not reply.is_ok:
            raise refusal(Command(method), reply)
        return connection.checked(_PARSERS[method], reply)

    def _dial(self, connection: Connection, port: int) -> DataConnection:
        try:
            return DataConnection.dial(connection.sock, port, connection.data_tls())
        except OSError as error:
            raise self._unreachable(explain(error)) from None

    def _unreachable(self, reason: str) -> ConnectionLost:
        return ConnectionLost(
            "no data connection to %s: %s; check the firewall, or set passive: false" % (self._options.host, reason)
        )

    def _first(self, connection: Connection, method: str, dial: t.Callable[[], DataConnection]) -> DataConnection:
        """Awaits the first data connection here, so that a closed port leads to PASV and not to a lost connection.

        Later ones go along with their command (field notes 3.4).
        """
        data = None
        try:
            data = dial()
            data.open_tcp(min(_FIRST_CONNECT, self._options.timeout))
        except (OSError, ConnectionLost) as error:
            if data is not None:
                data.close()
            if method == EPSV:
                return self._second(connection)
            raise self._unreachable(explain(error)) from None
        self._facts.passive = method
        self._facts.passive_proven = True
        return data

    def _second(self, connection: Connection) -> DataConnection:
        if connection.peer_is_ipv6:
            raise self._unreachable("EPSV does not work, and there is no other way over IPv6")
        answer = connection.exchange(Command(PASV))[0]
        port = self._port(connection, PASV, answer)
        return self._first(connection, PASV, lambda: self._dial(connection, port))

    def _listen(self, connection: Connection, ahead: t.Sequence[Command]) -> tuple[DataConnection, list[Reply]]:
        try:
            data = DataConnection.listen(connection.sock, connection.data_tls())
        except OSError as error:
            raise ConnectionLost("cannot listen for data connections: %s" % explain(error)) from None
        try:
            address, port = data.sock.getsockname()[:2]
            command = _active_command(address, port)
            *replies, answer = connection.exchange(*ahead, command)
            if answer.is_unknown_command and command.verb == "EPRT" and ":" not in address:
                command = Command("PORT", ",".join(address.split(".") + [str(port // 256), str(port % 256)]))
                answer = connection.exchange(command)[0]
            if not answer.is_ok:
                raise refusal(command, answer)
        except BaseException:
            data.close()
            raise
        return data, replies


def _active_command(address: str, port: int) -> Command:
    return Command("EPRT", "|%d|%s|%d|" % (2 if ":" in address else 1, address.partition("%")[0], port))
