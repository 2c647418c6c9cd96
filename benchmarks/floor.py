# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What no client can be faster than that keeps to FTP: round trips and bytes, counted on paper."""

from __future__ import annotations

import math
import typing as t

from .link import Kind

# Round trips for a small file on a connection of its own: one for the port, which comes with what follows the last
# file; one for the data connection, with which STOR leaves; one for data and 226. vsftpd says 226 one later.
_SAFE = {"vsftpd": 4}
# Where a server takes one command at a time, what follows a file leaves with its STOR.
_ONE_AT_A_TIME = ("vsftpd", "proftpd", "pure-ftpd")
_FIRST_FLIGHT = 10 * 1448  # bytes that TCP sends before it has heard anything (RFC 6928)
_LOGIN = 5  # TCP, banner, USER, PASS, settings
_LOGIN_TLS = 3  # AUTH, handshake, PROT
_RECORD = 12  # lock, journal, renames, listings, manifest


def upload(kind: Kind, sizes: t.Sequence[int], server: str, connections: int, tls: bool, safe: bool) -> float:
    """Seconds to bring files of these sizes to a server."""
    trips = _SAFE.get(server, 3)
    if not safe and server in _ONE_AT_A_TIME:
        trips -= 1
    if tls:
        trips += 1
    waits = sum(trips + _slow_start(size) for size in sizes) / connections
    waits += _LOGIN + _RECORD + (_LOGIN_TLS if tls else 0)
    return waits * kind.rtt + _wire(kind, sizes)


def _slow_start(size: int) -> int:
    """Round trips that TCP needs beyond the first flight: it doubles with each."""
    return max(0, math.ceil(math.log2(size / _FIRST_FLIGHT + 1)) - 1)


def _wire(kind: Kind, sizes: t.Sequence[int]) -> float:
    return sum(sizes) * 8 / kind.rate if kind.rate else 0.0
