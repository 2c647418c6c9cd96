# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS of data connections: one round trip each, also where the server asks for another key exchange than is usual."""

from __future__ import annotations

import contextlib
import socket
import ssl
import typing as t
from pathlib import Path

import pytest

from ftpsync.ftp.key_share import ENOUGH
from ftpsync.ftp.tls import Tls
from tests.engine.conftest import deploy
from tests.servers import Server

# The "random" of a HelloRetryRequest (RFC 8446 section 4.1.3).
RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


@pytest.mark.parametrize("kind", ["vsftpd", "proftpd", "pure-ftpd", "pyftpdlib"])
def test_only_the_first_one_takes_longer(
    ftp_server: t.Callable[..., Server], site: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    retries = 0
    sockets: set[ssl.SSLSocket] = set()
    groups: set[str | None] = set()
    real = Tls.handshake

    def handshake(tls: Tls, sock: ssl.SSLSocket) -> int:
        nonlocal retries
        sockets.add(sock)
        groups.add(tls.group)
        with contextlib.suppress(OSError):
            retries += RETRY in socket.socket.recv(sock, ENOUGH, socket.MSG_PEEK)
        return real(tls, sock)

    monkeypatch.setattr(Tls, "handshake", handshake)
    server = ftp_server(kind, tls="explicit")
    done = deploy(server, site, connections=2)
    assert done["changed"]
    assert len(sockets) > 5  # two logins, and at least a file each
    # These have but one group, and not the one that OpenSSL offers first. (We may miss that in what comes at once.)
    asks = kind in ("vsftpd", "pure-ftpd")
    assert groups == ({"", "prime256v1"} if asks else {""})
    assert retries <= (1 if asks else 0)
