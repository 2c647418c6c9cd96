# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""One line of LIST as ``ls -l`` writes it: line in, name and entry out.

Pure. Owner, group and number of links may be missing or consist of several words; the first size
followed by a date ends them. Exactly one space separates date and name, so that names may begin
with spaces.
"""

from __future__ import annotations

import datetime
import functools
import re

from ..model import DIRECTORY, FILE, LINK, OTHER, Entry
from .replies import seconds_utc

DAY = 86400  # seconds

_MONTHS = {
    name: number
    for number, name in enumerate(
        (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"), 1
    )
}
# The part between permissions and size is limited, so that a hostile line costs no time.
_LINE = re.compile(
    rb"(?P<type>[-dlbcpsD])(?P<permissions>[-rwxsStTlL]{9})[+.@*]?\s+"
    rb"(?:\S.{0,160}?\s)??"
    rb"(?P<size>[0-9]{1,19}|[0-9]+,\s*[0-9]+)\s+"
    rb"(?:(?P<month>[A-Za-z]{3})\s+(?P<day>[0-9]{1,2})|(?P<day2>[0-9]{1,2})\s+(?P<month2>[A-Za-z]{3})"
    rb"|(?P<iso>[0-9]{4}-[0-9]{2}-[0-9]{2}))\s+"
    rb"(?:(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})|(?P<year>[0-9]{4}))\s"
    rb"(?P<name>.+)",
    re.DOTALL,
)
_KINDS = {b"-": FILE, b"d": DIRECTORY, b"l": LINK}
# The three places of "rwx" with the bits of a letter that stands there.
_MODE_BITS = (
    {b"r": 0o400}, {b"w": 0o200}, {b"x": 0o100, b"s": 0o4100, b"S": 0o4000},
    {b"r": 0o040}, {b"w": 0o020}, {b"x": 0o010, b"s": 0o2010, b"S": 0o2000, b"l": 0o2000, b"L": 0o2000},
    {b"r": 0o004}, {b"w": 0o002}, {b"x": 0o001, b"t": 0o1001, b"T": 0o1000},
)  # fmt: skip
_ARROW = b" -> "


def parse_unix_line(line: bytes, now: float) -> tuple[bytes, Entry] | None:
    """Gives name and entry, or None when the line has another format.

    Parameters:
        line: without line end.
        now: seconds since 1970 UTC.
    """
    found = _LINE.match(line)
    if found is None:
        return None
    time = _time(found, now)
    if time is None:
        return None
    kind = _KINDS.get(found.group("type"), OTHER)
    size_text = found.group("size")
    size = int(size_text) if size_text.isdigit() else 0
    name = found.group("name")
    if kind == LINK:
        link_name = _without_target(name, size)
        if link_name is None:
            return None
        name = link_name
    mtime, span = time
    return name, Entry(
        kind=kind,
        size=size if kind == FILE else 0,
        mtime=mtime,
        mtime_span=span,
        mode=_mode(found.group("permissions")),
    )


@functools.lru_cache(maxsize=1024)
def _mode(permissions: bytes) -> int:
    return sum(bits.get(permissions[place : place + 1], 0) for place, bits in enumerate(_MODE_BITS))


def _without_target(text: bytes, size: int) -> bytes | None:
    """Cuts ``name -> target``. Where several arrows stand, the link's size, which is the target's length, tells."""
    parts = text.split(_ARROW)
    if len(parts) <= 2:
        return parts[0]
    cuts = [_ARROW.join(parts[:count]) for count in range(1, len(parts))]
    fitting = [cut for cut in cuts if len(text) - len(cut) - len(_ARROW) == size]
    return fitting[0] if fitting else None


def _time(found: re.Match[bytes], now: float) -> tuple[float | None, float] | None:
    """Gives the time and the seconds by which it may be later, or None when it is no date at all."""
    hour, minute = int(found.group("hour") or 0), int(found.group("minute") or 0)
    span = DAY if found.group("hour") is None else 60
    if found.group("iso"):
        year, month, day = map(int, found.group("iso").split(b"-"))
        return seconds_utc(year, month, day, hour, minute), span
    month = _MONTHS.get((found.group("month") or found.group("month2")).lower(), 0)
    day = int(found.group("day") or found.group("day2"))
    if not month or not 1 <= day <= 31:
        return None
    if found.group("year"):
        return seconds_utc(int(found.group("year")), month, day), span
    return _latest(month, day, hour, minute, now), span


def _latest(month: int, day: int, hour: int, minute: int, now: float) -> float | None:
    """Gives the latest such time that is at most a day after now: the server's clock and zone may be ahead."""
    this_year = datetime.datetime.fromtimestamp(now, datetime.timezone.utc).year
    for year in (this_year + 1, this_year, this_year - 1):
        time = seconds_utc(year, month, day, hour, minute)
        if time is not None and time <= now + DAY:
            return time
    return None
