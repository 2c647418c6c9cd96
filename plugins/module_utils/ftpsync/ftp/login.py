# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""From a TCP connection to a session ready for work: banner, TLS, login, settings.

In: options. Out: a Connection with TYPE I, PROT P and UTF-8 as asked for. Never here: a password
before TLS is as the options demand, or a second attempt with a refused password.
"""

from __future__ import annotations

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


def log_in(options: ConnectOptions, facts: ServerFacts, tls: Tls | None) -> Connection:
    """Connects and logs in.

    Parameters:
        facts: filled with what the server tells.
        tls: for this session's connections; None without TLS.
    Raises:
        ConnectError, CertificateError, AuthenticationError: see errors.py.
        TooManyConnections: 421, or 530 after an earlier login succeeded.
        ConnectionLost, ProtocolError: the connection broke on the way.
    """
    connection = Connection(options, tls)
    try:
        _greet(connection, facts)
        deferred = _secure(connection, facts)
        _authenticate(connection, facts)
        _set_up(connection, facts, deferred)
    except BaseException:
        connection.kill()
        raise
    facts.authenticated = True
    return connection


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
        if connection.closed_by:
            raise ConnectionLost("%s; check host, port and tls" % error) from None
        raise


def _secure(connection: Connection, facts: ServerFacts) -> bool:
    """Starts TLS if the options say so; tells whether the protection of data connections has to wait for the login."""
    options = connection.options
    if options.tls == TLS_NONE:
        return False
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
    return not _protect(connection, may_wait=True)


def _protect(connection: Connection, may_wait: bool) -> bool:
    """Asks for encrypted data connections (RFC 4217 section 9); False when the server wants the login first."""
    prot = connection.exchange(*_PROTECT)[1]
    if prot.is_ok:
        connection.protects_data = True
        return True
    if may_wait and prot.code in _LOGIN_FIRST:
        return False
    raise CertificateError(
        "%s refuses to encrypt data connections: PROT P was answered %s" % (connection.address, prot.text)
    )


def _authenticate(connection: Connection, facts: ServerFacts) -> None:
    options = connection.options
    reply = _answer(connection, facts, Command("USER", options.username))
    if reply.code == 331:
        reply = _answer(connection, facts, Command("PASS", options.password))
    if reply.is_ok:
        return
    if facts.authenticated:
        raise TooManyConnections("%s takes no further connection: %s" % (connection.address, reply.text))
    if reply.code == 332:
        raise AuthenticationError("%s asks for an account besides user and password: not supported" % options.host)
    raise AuthenticationError(
        "%s refused user %s: %s (options username and password%s)"
        % (connection.address, options.username, reply.text, "" if connection.secure else ", or tls: explicit")
    )


def _set_up(connection: Connection, facts: ServerFacts, deferred: bool) -> None:
    """Sends the settings that belong to a connection, and the questions nobody has asked yet, in one write."""
    commands = [Command("TYPE", "I")]
    if deferred:
        _protect(connection, may_wait=False)
    if connection.options.encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        commands.append(Command("OPTS", "UTF8 ON"))
    commands += _listing_choice(facts)
    if facts.features is None:
        commands += [Command("FEAT"), Command("PWD"), Command("SYST")]
    replies = dict(zip(commands, connection.exchange(*commands)))
    type_reply = replies[commands[0]]
    if not type_reply.is_ok:
        raise ServerRefused("%s refuses binary transfers: %s" % (connection.address, type_reply.text), type_reply)
    if facts.features is None:
        facts.home = parse_pwd(replies[Command("PWD")], connection.options.encoding)
        facts.system = " ".join(replies[Command("SYST")].lines).strip() if replies[Command("SYST")].is_ok else ""
        features = parse_feat(replies[Command("FEAT")])
        opts = replies.get(Command("OPTS", "UTF8 ON"))
        facts.utf8 = features.has("UTF8") or (opts.is_ok if opts else None)
        facts.learn_features(features)
        choice = _listing_choice(facts)
        if choice:
            connection.exchange(*choice)


def _listing_choice(facts: ServerFacts) -> list[Command]:
    """Gives the command that makes MLSD tell modes where it does not by default (pyftpdlib); a refusal is harmless."""
    offered = facts.features.parameters.get("MLST", "").lower() if facts.features else ""
    return [Command("OPTS", "MLST type;size;modify;unix.mode;")] if "unix.mode;" in offered else []
