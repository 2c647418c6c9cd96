# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Which key exchange a server chooses (RFC 8446 sections 4.1.3, 4.1.4 and 4.2.8).

In TLS 1.3 a client sends a key along with its first words, as a rule one for X25519. A server that has but one of
NIST's curves, as vsftpd and Pure-FTPd have, answers with a HelloRetryRequest, and each handshake takes a round trip
more: one for each file. Who knows what it chooses can offer that right away.
"""

from __future__ import annotations

import struct

_HANDSHAKE = b"\x16"  # type of a record
_SERVER_HELLO = b"\x02"  # type of a message, the first one in it; a HelloRetryRequest is one, too
_SESSION = 5 + 4 + 2 + 32  # where its length stands: after the heads of record and message, version and "random"
_KEY_SHARE = 51  # type of an extension, which begins with the group
# OpenSSL's names of groups (RFC 8446 section 4.2.7). Others are offered anyway, or cannot be set by Python.
_GROUPS = {23: "prime256v1", 24: "secp384r1", 25: "secp521r1"}

# Bytes that hold the message, certainly if it is a HelloRetryRequest.
ENOUGH = 512


def chosen(data: bytes) -> str | None:
    """Gives the group that a server has chosen.

    Parameters:
        data: the first bytes of what it says in a handshake.
    Returns:
        Its name for OpenSSL; "" if it is none of those that have to be offered; None if the server says nothing of it.
    """
    if data[:1] != _HANDSHAKE or data[5:6] != _SERVER_HELLO:
        return None
    at = _SESSION + 1 + int.from_bytes(data[_SESSION : _SESSION + 1], "big")
    at += 2 + 1 + 2  # cipher suite, compression, length of all extensions
    while at + 4 <= len(data):
        kind, length = struct.unpack_from(">HH", data, at)
        at += 4
        if kind == _KEY_SHARE:
            return _GROUPS.get(int.from_bytes(data[at : at + 2], "big"), "")
        at += length
    return ""  # TLS 1.2
