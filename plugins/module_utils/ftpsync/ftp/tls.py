# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""TLS of control and data connections: contexts, verification, pins, session reuse (RFC 4217).

In: options and connected sockets. Out: encrypted sockets whose certificate was accepted, or a
CertificateError. Never here: a fallback to cleartext, or an unverified connection nobody asked for.
"""

from __future__ import annotations

import glob
import hashlib
import os
import re
import socket
import ssl
import typing as t

from ..errors import CertificateError, UsageError
from .facts import ServerFacts
from .key_share import ENOUGH, chosen
from .options import ConnectOptions
from .sockets import READ, WOULD_BLOCK, WRITE, explain, wait

_FINGERPRINT = re.compile("[0-9a-f]{64}")


class Tls:
    """What all TLS connections of one session have in common.

    Parameters:
        options: see ConnectOptions; the certificate is checked as they say.
        known: of the server; what it asks for in handshakes is added.
    Raises:
        UsageError: ca_path or tls_fingerprint cannot be used.

    Attributes:
        context: of all its connections.
        group: the only one that is offered for the key exchange (key_share.py); "" if OpenSSL's default ones are.
        session: to be resumed by the next connection; None if there is none yet.
    """

    def __init__(self, options: ConnectOptions, known: ServerFacts) -> None:
        self._server_name = options.tls_server_name or options.host
        self._pin = normal_fingerprint(options.tls_fingerprint) if options.tls_fingerprint else ""
        self._options = options
        self._known = known
        self.context = make_context(options)
        self.group = ""
        self.session: ssl.SSLSession | None = None

    def begin(self) -> None:
        """Gets ready for a control connection: forgets the session of an earlier one, and a group that did not do."""
        self.session = None
        if self.group and self.group != self._known.key_group:
            self.context = make_context(self._options)
            self.group = ""

    def wrap(self, sock: socket.socket) -> ssl.SSLSocket:
        """Starts TLS on a connected, non-blocking socket; the handshake is left to the caller.

        The last session is offered again, because many servers refuse data connections without.
        """
        group = self._known.key_group
        if group and not self.group:
            self.context.set_ecdh_curve(group)  # the only way to offer it first is to offer nothing else
            self.group = group
        return self.context.wrap_socket(
            sock,
            server_hostname=self._server_name,
            do_handshake_on_connect=False,
            suppress_ragged_eofs=False,
            session=self.session,
        )

    def handshake(self, sock: ssl.SSLSocket) -> int:
        """Goes on with a handshake as far as possible without waiting; gives READ or WRITE it has to wait for, or 0.

        Raises:
            CertificateError: it is over, and the certificate is not the one that was pinned.
            ssl.SSLError: it failed; the next control connection offers all groups.
        """
        if self._known.key_group is None:
            self._known.key_group = _chosen_group(sock)
        try:
            wanted = step(sock.do_handshake)
        except ssl.SSLError:
            self._known.key_group = ""
            raise
        if not wanted:
            self.check(sock)
        return wanted

    def check(self, sock: ssl.SSLSocket) -> None:
        """Compares the certificate with the pin, if there is one, after the handshake.

        Raises:
            CertificateError: it is another certificate.
        """
        if self._pin and fingerprint(sock) != self._pin:
            raise CertificateError(
                "the certificate of %s has the SHA-256 fingerprint %s, not the one in tls_fingerprint"
                % (self._options.host, fingerprint(sock))
            )

    def remember(self, sock: ssl.SSLSocket) -> None:
        """Keeps the newest session for the next connection (field notes 2.4).

        With TLS 1.3 there is none before the server's tickets were read.
        """
        session = sock.session
        if session is not None and (sock.version() != "TLSv1.3" or session.has_ticket):
            self.session = session


def _chosen_group(sock: ssl.SSLSocket) -> str | None:
    """Looks at what the server has answered, which is not encrypted yet, and leaves it in its place."""
    try:
        return chosen(socket.socket.recv(sock, ENOUGH, socket.MSG_PEEK))
    except OSError:
        return None  # there is nothing yet; or the handshake is told, too, what is wrong


def make_context(options: ConnectOptions) -> ssl.SSLContext:
    """Makes a context that verifies as the options say: TLS 1.2 or later, chain and host name by default.

    Raises:
        UsageError: ca_path cannot be read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Python 3.8 and 3.9 set this for OpenSSL 3, which then takes a connection that was cut for one that has ended.
    context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    if options.tls_fingerprint or not options.validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    try:
        if options.ca_path:
            _load_authorities(context, os.path.expanduser(options.ca_path))
        else:
            context.load_default_certs()
    except (OSError, ValueError) as error:
        raise UsageError("ca_path: %s cannot be used: %s" % (options.ca_path, explain(error))) from None
    return context


def _load_authorities(context: ssl.SSLContext, path: str) -> None:
    if not os.path.isdir(path):
        context.load_verify_locations(cafile=path)
        return
    context.load_verify_locations(capath=path)  # finds files named by hash (c_rehash)
    for name in sorted(glob.glob(os.path.join(glob.escape(path), "*"))):
        if name.endswith((".pem", ".crt")):
            context.load_verify_locations(cafile=name)


def normal_fingerprint(text: str) -> str:
    """Gives 64 small hexadecimal digits for a SHA-256 with or without colons; UsageError for anything else."""
    digits = re.sub(r"^sha256[:=]|[:\s]", "", text.strip().lower())
    if not _FINGERPRINT.fullmatch(digits):
        raise UsageError("tls_fingerprint: %s is no SHA-256 in hexadecimal (64 digits)" % text)
    return digits


def is_cut(error: ssl.SSLError) -> bool:
    """Whether the other side has ended the connection without close_notify (RFC 8446 section 6.1)."""
    # Pythons that are older than OpenSSL 3 have no class for what it says then.
    return isinstance(error, ssl.SSLEOFError) or error.reason == "UNEXPECTED_EOF_WHILE_READING"


def fingerprint(sock: ssl.SSLSocket) -> str:
    """Gives the SHA-256 of the server's certificate (DER), 64 hexadecimal digits; "" without certificate."""
    certificate = sock.getpeercert(True)
    return hashlib.sha256(certificate).hexdigest() if certificate else ""


def refused(error: ssl.SSLCertVerificationError, options: ConnectOptions, found: str) -> CertificateError:
    """Gives the error for a certificate that was not accepted, with the ways out.

    Parameters:
        found: SHA-256 fingerprint of the server's certificate, or "".
    """
    shown = "its SHA-256 fingerprint is %s" % found if found else "its fingerprint could not be read"
    return CertificateError(
        "the certificate of %s is not trusted: %s; %s. If this is right, set tls_fingerprint to it, ca_path to its "
        "authority or tls_server_name to the name in it; validate_certs: false accepts anything"
        % (options.host, explain(error).rstrip("."), shown)
    )


def step(action: t.Callable[[], object]) -> int:
    """Carries a TLS action on as far as it goes without waiting; gives READ or WRITE it has to wait for, or 0."""
    try:
        action()
    except ssl.SSLWantReadError:
        return READ
    except ssl.SSLWantWriteError:
        return WRITE
    except WOULD_BLOCK:
        return READ
    return 0


def say_goodbye(sock: ssl.SSLSocket, seconds: float) -> None:
    """Sends close_notify, waiting at most ``seconds`` for room, without waiting for the peer's.

    ``unwrap`` sends ours first and then wants to read the other one.
    """
    while True:
        try:
            wanted = step(sock.unwrap)
        except (ssl.SSLError, OSError, ValueError):
            return  # sent, and the peer answered with something else than close_notify
        if wanted != WRITE or not wait(((sock, WRITE),), seconds)[0]:
            return
