# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""From a TCP connection to a session ready for work: banner, TLS, login, settings.

In: options. Out: a Connection with TYPE I, PROT P and UTF-8 as asked for. Never here: a password
before TLS is as the options demand, or a second attempt with a refused password.
"""

from __future__ import annotations

import socket
import typing as t

from ..errors import (
    AuthenticationError,
    CertificateError,
    ConnectError,
    ConnectionLost,
    ServerRefused,
    TooManyConnections,
)
from .connection import Connection
from .facts import ServerFacts
from .options import TLS_EXPLICIT, TLS_NONE, ConnectOptions
from .replies import parse_feat, parse_pwd
from .tls import Tls, fingerprint
from .wire import Command, Reply

# Servers that protect data connections only after login say so with these.
_LOGIN_FIRST = (503, 530)
_PROTECT = (Command("PBSZ", "0"), Command("PROT", "P"))


def log_in(
    options: ConnectOptions,
    facts: ServerFacts,
    tls: Tls | None,
    ahead: t.Sequence[Command] = (),
    sock: socket.socket | None = None,
) -> tuple[Connection, list[Reply]]:
    """Connects and logs in, with as few round trips as do not give the password away.

    Parameters:
        facts: filled with what the server tells.
        tls: for this session's connections; None without TLS.
        ahead: commands that leave with the settings.
        sock: connected, if that was done before.
    Returns:
        The connection, and the replies to ``ahead``.
    Raises:
        ConnectError, CertificateError, AuthenticationError: see errors.py.
        TooManyConnections: 421, or 530 after an earlier login succeeded.
        ConnectionLost, ProtocolError: the connection broke on the way.
    """
    connection = Connection(options, tls, sock)
    try:
        _greet(connection, facts)
        protects = _secure(connection, facts)
        settings = [*_settings(connection, facts), *ahead]
        deferred = _authenticate(connection, facts, protects, settings)
        is_first = facts.features is None
        _read_settings(connection, facts, settings[: len(settings) - len(ahead)])
        replies = [connection.final() for _command in ahead]
        if is_first:  # others send it with their settings
            connection.before_listing = _listing_choice(facts)
        if deferred:
            _check_protected(connection, connection.exchange(*_PROTECT)[1])
    except BaseException:
        connection.kill()
        facts.wants_password = facts.wants_password and facts.authenticated  # it may not take two commands at once
        raise
    facts.authenticated = True
    return connection, replies


def _greet(connection: Connection, facts: ServerFacts) -> None:
    reply = _answer(connection, facts)
    if not reply.is_ok:
        raise ConnectError("%s does not take connections now: %s" % (connection.address, reply.text))
    facts.banner = reply.text[4:]


def _answer(connection: Connection, facts: ServerFacts, *commands: Command) -> Reply:
    """Sends a command and gives its reply; tells a server that is full from one that broke."""
    try:
        if commands:
            connection.send(*commands)
        return connection.final()
    except ConnectionLost as error:
        if connection.closed_by == "421" or (connection.closed_by and facts.authenticated):
            raise TooManyConnections("%s; use fewer connections or try again later" % error) from None
        if connection.closed_by or not (commands or facts.authenticated):  # it does not even greet
            raise ConnectionLost("%s; check host, port and tls" % error) from None
        raise


def _secure(connection: Connection, facts: ServerFacts) -> list[Command]:
    """Starts TLS if the options say so; gives what asks for the protection of data connections."""
    options = connection.options
    if options.tls == TLS_NONE:
        return []
    if options.tls == TLS_EXPLICIT:
        reply = connection.exchange(Command("AUTH", "TLS"))[0]
        if reply.code != 234:
            raise CertificateError(
                "%s does not offer TLS: AUTH TLS was answered %s; nothing was sent to it. Check port and tls"
                % (connection.address, reply.text)
            )
        connection.start_tls()
    if connection.secure is not None:
        facts.tls_version = connection.secure.version() or ""
        facts.certificate_sha256 = fingerprint(connection.secure)
    return list(_PROTECT)


def _check_protected(connection: Connection, prot: Reply) -> None:
    """Takes the answer to PROT P (RFC 4217 section 9)."""
    if not prot.is_ok:
        raise CertificateError(
            "%s refuses to encrypt data connections: PROT P was answered %s" % (connection.address, prot.text)
        )
    connection.protects_data = True


def _authenticate(connection: Connection, facts: ServerFacts, protects: list[Command], settings: list[Command]) -> bool:
    """Logs in and sends the settings; their replies are still to be taken.

    The first time ever the password waits for what the server says to the user; it may demand TLS.

    Returns:
        whether the protection of data connections had to wait for the login, and is still to be asked for.
    """
    options = connection.options
    password = Command("PASS", options.password)
    user = Command("USER", options.username)
    at_once = [password, *settings] if facts.wants_password else []
    reply = _answer(connection, facts, *protects, user, *at_once)
    deferred = False
    if protects:
        prot = _answer(connection, facts)
        deferred = prot.code in _LOGIN_FIRST
        if not deferred:
            _check_protected(connection, prot)
        reply = _answer(connection, facts)
    if reply.code == 331 and not at_once:
        facts.wants_password = True
        reply = _answer(connection, facts, password, *settings)
    elif reply.code == 331:
        reply = _answer(connection, facts)
    elif reply.is_ok and not at_once:
        connection.send(*settings)
    elif reply.is_ok:
        _answer(connection, facts)  # to a password that was not wanted
    if reply.is_ok:
        return deferred
    if facts.authenticated:
        raise TooManyConnections("%s takes no further connection: %s" % (connection.address, reply.text))
    if reply.code == 332:
        raise AuthenticationError("%s asks for an account besides user and password: not supported" % options.host)
    raise AuthenticationError(
        "%s refused user %s: %s (options username and password%s)"
        % (connection.address, options.username, reply.text, "" if connection.secure else ", or tls: explicit")
    )


def _settings(connection: Connection, facts: ServerFacts) -> list[Command]:
    """Gives the settings that belong to a connection, and the questions nobody has asked yet."""
    commands = [Command("TYPE", "I")]
    if connection.options.encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        commands.append(Command("OPTS", "UTF8 ON"))
    commands += _listing_choice(facts)
    if facts.features is None:
        commands += [Command("FEAT"), Command("PWD"), Command("SYST")]
    return commands


def _read_settings(connection: Connection, facts: ServerFacts, commands: list[Command]) -> None:
    replies = {command: connection.final() for command in commands}
    type_reply = replies[commands[0]]
    if not type_reply.is_ok:
        raise ServerRefused("%s refuses binary transfers: %s" % (connection.address, type_reply.text), type_reply)
    if facts.features is None and Command("FEAT") in replies:
        facts.home = parse_pwd(replies[Command("PWD")], connection.options.encoding)
        facts.system = " ".join(replies[Command("SYST")].lines).strip() if replies[Command("SYST")].is_ok else ""
        features = parse_feat(replies[Command("FEAT")])
        opts = replies.get(Command("OPTS", "UTF8 ON"))
        facts.utf8 = features.has("UTF8") or (opts.is_ok if opts else None)
        facts.learn_features(features)


def _listing_choice(facts: ServerFacts) -> list[Command]:
    """Gives the command that makes MLSD tell modes where it does not by default (pyftpdlib); a refusal is harmless."""
    offered = facts.features.parameters.get("MLST", "").lower() if facts.features else ""
    return [Command("OPTS", "MLST type;size;modify;unix.mode;")] if "unix.mode;" in offered else []
