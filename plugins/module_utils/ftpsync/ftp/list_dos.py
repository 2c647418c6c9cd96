# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""One line of LIST as DOS and IIS write it: line in, name and entry out.

Pure. The date is month-day-year with two or four digits, the time has 12 or 24 hours. IIS writes ten
spaces after ``<DIR>`` and one after a size; what follows belongs to the name.
"""

from __future__ import annotations

import re

from ..model import DIRECTORY, FILE, LINK, Entry
from .replies import seconds_utc

_LINE = re.compile(
    rb"(?P<month>[0-9]{1,2})[-/](?P<day>[0-9]{1,2})[-/](?P<year>[0-9]{4}|[0-9]{2})\s+"
    rb"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})\s?(?P<half>[AaPp])?[Mm]?\s+"
    rb"(?:(?P<type><[A-Za-z]{3,9}>)\s{1,10}|(?P<size>[0-9][0-9.,]{0,24})\s)"
    rb"(?P<name>.+)",
    re.DOTALL,
)
_KINDS = {b"<DIR>": DIRECTORY, b"<JUNCTION>": LINK, b"<SYMLINKD>": LINK, b"<SYMLINK>": LINK}
_TARGET = re.compile(rb" \[[^\]]*\]$")


def parse_dos_line(line: bytes, _now: float) -> tuple[bytes, Entry] | None:
    """Gives name and entry, or None when the line has another format; dates have their year, so no clock is needed."""
    found = _LINE.match(line)
    if found is None:
        return None
    kind = _KINDS.get(found.group("type").upper()) if found.group("type") else FILE
    if kind is None:
        return None
    name = found.group("name")
    if kind == LINK:
        name = _TARGET.sub(b"", name)
    size = int(re.sub(rb"[.,]", b"", found.group("size"))) if kind == FILE else 0
    return name, Entry(kind=kind, size=size, mtime=_time(found), mtime_span=60)


def _time(found: re.Match[bytes]) -> float | None:
    year = int(found.group("year"))
    if year < 100:
        year += 1900 if year >= 70 else 2000
    hour = int(found.group("hour"))
    half = (found.group("half") or b"").upper()
    if half:
        hour = hour % 12 + (12 if half == b"P" else 0)
    return seconds_utc(year, int(found.group("month")), int(found.group("day")), hour, int(found.group("minute")))
