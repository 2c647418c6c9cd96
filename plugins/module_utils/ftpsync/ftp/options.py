# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""How to reach one server: values only, nothing happens here."""

from __future__ import annotations

import typing as t

TLS_NONE = "none"
TLS_EXPLICIT = "explicit"
TLS_IMPLICIT = "implicit"


class ConnectOptions(t.NamedTuple):
    """How to reach a server and how to behave there; its repr hides the password.

    Attributes:
        host: name or address.
        port: 21, or 990 with implicit TLS, by convention.
        username: sent with USER.
        password: sent with PASS when the server asks for it.
        tls: TLS_NONE, TLS_EXPLICIT (AUTH TLS, RFC 4217) or TLS_IMPLICIT.
        validate_certs: whether chain and host name of the certificate are verified.
        ca_path: PEM file, or folder of such files, of the authorities to trust instead of the system's.
        tls_fingerprint: SHA-256 of the certificate in hexadecimal; replaces the verification.
        tls_server_name: the name expected in the certificate instead of ``host``.
        passive: whether the client opens data connections (EPSV, PASV) or the server does (EPRT, PORT).
        timeout: seconds without progress after which a wait ends.
        encoding: of names on the server.
        retries: further attempts after a failure that may pass.
        bandwidth_limit: bytes per second over all connections together; 0 for none.
        trace: told of each command and reply, one line each, without passwords; called in several threads.
    """

    host: str
    port: int
    username: str
    password: str
    tls: str = TLS_NONE
    validate_certs: bool = True
    ca_path: str | None = None
    tls_fingerprint: str | None = None
    tls_server_name: str | None = None
    passive: bool = True
    timeout: float = 30.0
    encoding: str = "utf-8"
    retries: int = 4
    bandwidth_limit: int = 0
    trace: t.Callable[[str], object] | None = None

    def __repr__(self) -> str:
        return "ConnectOptions(host=%r, port=%r, username=%r, password='********', tls=%r)" % (
            self.host,
            self.port,
            self.username,
            self.tls,
        )

    @property
    def address(self) -> str:
        """``host:port`` for messages."""
        return ("[%s]:%d" if ":" in self.host else "%s:%d") % (self.host, self.port)
