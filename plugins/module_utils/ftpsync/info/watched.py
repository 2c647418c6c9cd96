# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""A pool that also remembers what TLS showed: the certificate, and whether sessions are resumed.

In: what ``ftp.pool.Pool`` takes. Out: the same, with ``tls_facts``. Nothing is asked or sent for it.
"""

from __future__ import annotations

import ssl
import typing as t

from ..ftp.pool import Pool
from ..ftp.session import Session
from ..ftp.tls import Tls
from . import certificate


class TlsFacts:
    """What was seen of TLS; replaced piece by piece, and safe to read at any time.

    Attributes:
        certificate: DER, or None before there was any.
        resumed: whether a connection resumed the TLS session that was offered; None if none was.
    """

    def __init__(self) -> None:
        self.certificate: bytes | None = None
        self.resumed: bool | None = None

    def as_dict(self) -> dict[str, t.Any]:
        """The facts for a result; None where TLS is not used or says nothing."""
        read = certificate.read(self.certificate) if self.certificate else None
        shown = None if read is None else {**read._asdict(), "names": list(read.names)}
        return {"certificate": shown, "tls_session_resumed": self.resumed}


class _WatchedTls(Tls):
    """Looks at each socket when its handshake is done."""

    seen: TlsFacts

    def check(self, sock: ssl.SSLSocket) -> None:
        super().check(sock)
        if self.seen.certificate is None:
            self.seen.certificate = sock.getpeercert(True)
        if self.session is not None:  # it was offered
            self.seen.resumed = bool(sock.session_reused) or bool(self.seen.resumed)


class _WatchedSession(Session):
    """A session whose TLS is watched."""

    def watch(self, facts: TlsFacts) -> None:
        if self._tls is not None:
            watched = _WatchedTls(self.options, self.facts)
            watched.seen = facts
            self._tls = watched


class WatchedPool(Pool):
    """A pool whose sessions tell what they saw of TLS.

    Attributes:
        tls_facts: filled as connections are made.
    """

    tls_facts: TlsFacts

    def new_session(self) -> Session:
        if not hasattr(self, "tls_facts"):  # the first session is made by the constructor
            self.tls_facts = TlsFacts()
        session = _WatchedSession(self.options, self.facts, self.limiter)
        session.watch(self.tls_facts)
        return session
