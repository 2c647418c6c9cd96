# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What no client can be faster than that keeps to FTP: round trips and bytes, counted on paper."""

from __future__ import annotations

import math
import typing as t

from .link import Kind

# Round trips for a small file on a data connection of its own: one to make it, with which STOR leaves; one for data and
# 226. The question for the next port goes along. Over TLS it is one more for the handshake; there vsftpd says 226 one
# later still.
_TRIPS = 2
_TRIPS_TLS = {"vsftpd": 4}
_FIRST_FLIGHT = 10 * 1448  # bytes that TCP sends before it has heard anything (RFC 6928)
_LOGIN = 5  # TCP, banner, USER, PASS, settings
_LOGIN_TLS = 3  # AUTH, handshake, PROT
_RECORD = 12  # lock, journal, renames, listings, manifest


def upload(kind: Kind, sizes: t.Sequence[int], server: str, connections: int, tls: bool) -> float:
    """Seconds to bring files of these sizes to a server."""
    trips = _TRIPS_TLS.get(server, _TRIPS + 1) if tls else _TRIPS
    waits = sum(trips + _slow_start(size) for size in sizes) / connections
    waits += _LOGIN + _RECORD + (_LOGIN_TLS if tls else 0)
    return waits * kind.rtt + _wire(kind, sizes)


def _slow_start(size: int) -> int:
    """Round trips that TCP needs beyond the first flight: it doubles with each."""
    return max(0, math.ceil(math.log2(size / _FIRST_FLIGHT + 1)) - 1)


def _wire(kind: Kind, sizes: t.Sequence[int]) -> float:
    return sum(sizes) * 8 / kind.rate if kind.rate else 0.0
