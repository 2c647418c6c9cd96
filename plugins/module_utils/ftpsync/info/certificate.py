# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What a certificate says: DER in, a few facts out (X.690, RFC 5280 section 4.1). Pure.

Python's ``ssl`` tells the content only of certificates that it has verified. A pinned one, or one that
``validate_certs: false`` let pass, has to be read here. Nothing is verified.
"""

from __future__ import annotations

import re
import typing as t

_SEQUENCE, _SET, _VERSION, _EXTENSIONS, _OCTETS, _OID = 0x30, 0x31, 0xA0, 0xA3, 0x04, 0x06
_UTC_TIME = 0x17
_TEXTS = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be"}
_DNS, _ADDRESS = 0x82, 0x87

# Attributes of a name, by their encoded OID (RFC 4519).
_ATTRIBUTES = {
    b"\x55\x04\x03": "CN",
    b"\x55\x04\x06": "C",
    b"\x55\x04\x07": "L",
    b"\x55\x04\x08": "ST",
    b"\x55\x04\x0a": "O",
    b"\x55\x04\x0b": "OU",
}
_ALTERNATIVE_NAMES = b"\x55\x1d\x11"
_STAMP = re.compile(rb"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})Z")

Node = t.Tuple[int, bytes]


class Certificate(t.NamedTuple):
    """What users want to know of a certificate.

    Attributes:
        subject, issuer: such as ``CN=www.example.com,O=Example``.
        names: for which it was issued.
        not_before, not_after: ISO 8601 in UTC.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: str
    not_after: str


def read(der: bytes) -> Certificate | None:
    """Read a certificate; None if it cannot be read, for whatever reason."""
    try:
        return _read(der)
    except (ValueError, IndexError, UnicodeError):
        return None


def _read(der: bytes) -> Certificate:
    ((_tag, outer),) = _nodes(der)
    fields = _nodes(_nodes(outer)[0][1])
    if fields[0][0] == _VERSION:
        del fields[0]
    _serial, _algorithm, issuer, validity, subject = fields[:5]
    begin, end = (_time(node) for node in _nodes(validity[1]))
    extensions = [node for node in fields[5:] if node[0] == _EXTENSIONS]
    names = _alternative_names(extensions[0][1]) if extensions else ()
    return Certificate(_name(subject[1]), _name(issuer[1]), names, begin, end)


def _nodes(data: bytes) -> list[Node]:
    """The tags and contents that follow each other; ValueError if a length does not fit."""
    found: list[Node] = []
    at = 0
    while at < len(data):
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4:
                raise ValueError("length")
            length = int.from_bytes(data[at : at + count], "big")
            at += count
        if at + length > len(data):
            raise ValueError("length")
        found.append((tag, data[at : at + length]))
        at += length
    return found


def _name(data: bytes) -> str:
    """A distinguished name; attributes that nobody looks for are left out."""
    parts = []
    for _set, inside in _nodes(data):
        for _sequence, pair in _nodes(inside):
            (_oid, oid), (tag, value) = _nodes(pair)
            if oid in _ATTRIBUTES and tag in _TEXTS:
                parts.append(f"{_ATTRIBUTES[oid]}={value.decode(_TEXTS[tag], 'replace')}")
    return ",".join(parts)


def _time(node: Node) -> str:
    tag, value = node
    if tag == _UTC_TIME:  # two digits of the year; from 50 on the last century (RFC 5280 section 4.1.2.5.1)
        value = (b"19" if value[:2] >= b"50" else b"20") + value
    found = _STAMP.fullmatch(value)
    if found is None:
        raise ValueError("time")
    return "{}-{}-{}T{}:{}:{}Z".format(*(group.decode("ascii") for group in found.groups()))


def _alternative_names(data: bytes) -> tuple[str, ...]:
    for _sequence, extension in _nodes(_nodes(data)[0][1]):
        parts = _nodes(extension)
        if parts[0] == (_OID, _ALTERNATIVE_NAMES) and parts[-1][0] == _OCTETS:
            names = _nodes(_nodes(parts[-1][1])[0][1])
            return tuple(_alternative(tag, value) for tag, value in names if tag in (_DNS, _ADDRESS))
    return ()


def _alternative(tag: int, value: bytes) -> str:
    if tag == _DNS:
        return value.decode("ascii", "replace")
    if len(value) == 4:
        return ".".join(map(str, value))
    return ":".join(value[at : at + 2].hex() for at in range(0, len(value), 2))
