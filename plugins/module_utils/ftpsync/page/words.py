# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""How a report page says numbers, and how it shows text that others chose. Pure."""

from __future__ import annotations

import re
import typing as t

# Marks that reverse or hide what stands around them, so that a name looks like another one. The
# joiners U+200C and U+200D stay: Persian and emoji need them.
_DECEPTIVE = re.compile("[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def visible(text: str) -> str:
    """Text with all marks that deceive the eye written out as ``\\uNNNN``."""
    return _DECEPTIVE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def count(number: int, noun: str) -> str:
    """A number with its noun, such as ``1 file`` or ``2,000 files``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def bytes_of(size: int) -> str:
    """A size for people, in powers of 1000 as hosters and browsers count: ``812 B``, ``4.2 MB``."""
    if size < 1000:
        return f"{size} B"
    value, units = size / 1000, ["kB", "MB", "GB", "TB"]
    while value >= 999.5 and len(units) > 1:
        value /= 1000
        units.pop(0)
    unit = units[0]
    return f"{value:.1f} {unit}" if value < 9.95 else f"{value:,.0f} {unit}"


def duration(seconds: float) -> str:
    """A time for people: ``0.42 s``, ``12.3 s``, ``3:05 min``, ``2:00 h``."""
    if seconds < 59.95:
        return f"{seconds:.2f} s" if seconds < 9.995 else f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02} h"


def sentence(parts: t.Iterable[object]) -> str:
    """The parts that are not empty, as one sentence."""
    text = ", ".join(str(part) for part in parts if part)
    return f"{text[:1].upper()}{text[1:]}."
