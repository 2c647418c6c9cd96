# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What particular replies say: Reply in, number, path or feature list out.

Pure. A positive reply that does not say what its command promises is a ProtocolError: it may
belong to another command, so the connection must not be used any more.
"""

from __future__ import annotations

import calendar
import re
import time
import typing as t

from ..errors import ProtocolError
from .wire import Reply, decode_name

_EPSV = re.compile(rb"([^\w\s])([0-9]{1,5})(?=\1)")
_PASV = re.compile(rb"(?<![0-9])" + rb"\s*,\s*".join([rb"([0-9]{1,3})"] * 6) + rb"(?![0-9])")
_STAMP = re.compile(rb"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})(?:\.[0-9]*)?(?![0-9])")
_SIZE = re.compile(rb"213[ -]\s*([0-9]{1,19})\s*$")
_MDTM = re.compile(rb"213[ -]\s*([0-9.]{14,40})\s*$")
_PWD = re.compile(rb'257[ -][^"]*"((?:[^"]|"")*)"')


class Features(t.NamedTuple):
    """What FEAT lists (RFC 2389).

    Attributes:
        known: whether the server answered FEAT at all.
        parameters: feature in capitals → its parameters, lines of the same feature joined by ``;``.
    """

    known: bool = False
    parameters: t.Mapping[str, str] = {}

    def has(self, name: str) -> bool:
        """Whether FEAT lists ``name``, written in capitals."""
        return name in self.parameters


def parse_feat(reply: Reply) -> Features:
    """Reads a reply to FEAT; a refusal gives ``Features(known=False)``."""
    if not reply.is_ok:
        return Features()
    parameters: dict[str, str] = {}
    for line in reply.lines[1:-1]:
        name, _space, rest = line.strip().partition(" ")
        name = name.upper()
        if name:
            parameters[name] = parameters[name] + ";" + rest if name in parameters else rest
    return Features(True, parameters)


def parse_epsv(reply: Reply) -> int:
    """Reads the port of a 229 (RFC 2428); some servers write ``!`` for ``|``. An address is ignored."""
    if reply.code == 229:
        for found in _EPSV.finditer(reply.raw):
            # Protocol and address come before, mostly empty. To have the expression look for them takes minutes.
            word = reply.raw[: found.end(1)].rsplit(None, 1)[-1]
            if word.count(found.group(1)) >= 3:
                return _port(int(found.group(2)), reply)
    raise ProtocolError("EPSV was answered without a port: %s" % reply.text)


def parse_pasv(reply: Reply) -> int:
    """Reads the port of a 227 (RFC 959).

    The address is checked but not returned: behind NAT it is wrong, from a hostile server it is a
    victim's, so data connections always go to the control connection's peer.
    """
    found = _PASV.search(reply.raw, 3)
    if reply.code != 227 or found is None:
        raise ProtocolError("PASV was answered without a port: %s" % reply.text)
    numbers = [int(number) for number in found.groups()]
    if max(numbers) > 255:
        raise ProtocolError("PASV was answered with a number above 255: %s" % reply.text)
    return _port(numbers[4] * 256 + numbers[5], reply)


def _port(port: int, reply: Reply) -> int:
    if not 0 < port < 65536:
        raise ProtocolError("the server named a port that does not exist: %s" % reply.text)
    return port


def parse_size(reply: Reply) -> int:
    """Reads the bytes of a 213 to SIZE (RFC 3659 section 4)."""
    found = _SIZE.match(reply.raw)
    if found is None:
        raise ProtocolError("SIZE was answered without a size: %s" % reply.text)
    return int(found.group(1))


def parse_mdtm(reply: Reply) -> int | None:
    """Reads the seconds since 1970 UTC of a 213 to MDTM (RFC 3659 section 3); None for an impossible date."""
    found = _MDTM.match(reply.raw)
    if found is None:
        raise ProtocolError("MDTM was answered without a time: %s" % reply.text)
    return parse_stamp(found.group(1))


def parse_stamp(raw: bytes) -> int | None:
    """Gives seconds since 1970 for ``YYYYMMDDhhmmss`` in UTC, its fraction dropped; None if it is no time."""
    found = _STAMP.match(raw)
    return None if found is None else seconds_utc(*map(int, found.groups()))


def seconds_utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> int | None:
    """Gives seconds since 1970 for a date in UTC, or None when there is no such date."""
    if not (1 <= month <= 12 and 0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 60 and 1 <= year <= 9999):
        return None
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return calendar.timegm((year, month, day, hour, minute, second))


def format_stamp(mtime: float) -> str:
    """Gives ``YYYYMMDDhhmmss`` in UTC for seconds since 1970; times before 1970 become 1970."""
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(max(0, int(mtime))))


def parse_pwd(reply: Reply, encoding: str) -> str | None:
    """Reads the path of a 257, inner quotes doubled (RFC 959 section 5.4); None where a server quotes nothing."""
    found = _PWD.match(reply.raw)
    return None if found is None else decode_name(found.group(1).replace(b'""', b'"'), encoding)
