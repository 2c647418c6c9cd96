# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bars in groups, as SVG: legible on light and dark pages, without a library."""

from __future__ import annotations

import math
import typing as t
from xml.sax.saxutils import escape

_COLOURS = ("#0b7a75", "#d1495b", "#edae49", "#66717e", "#8f5db7", "#30638e")
_WIDTH, _BAR, _GAP, _GROUP_GAP = 760, 15, 3, 18
_LEFT, _RIGHT, _TOP = 100, 80, 64


class Bar(t.NamedTuple):
    """One bar; without a value only the note is shown."""

    series: str
    value: float | None
    note: str = ""


def chart(title: str, unit: str, groups: t.Sequence[tuple[str, t.Sequence[Bar]]], mark: t.Mapping[str, float]) -> str:
    """Horizontal bars, one group below the other.

    Parameters:
        mark: a line across the bars of a group, at this value.
    """
    series = list(dict.fromkeys(one.series for _name, bars in groups for one in bars))
    colour = {name: _COLOURS[number % len(_COLOURS)] for number, name in enumerate(series)}
    values = [one.value for _name, bars in groups for one in bars if one.value is not None]
    top = _nice(max([*values, *mark.values()], default=1))
    scale = (_WIDTH - _LEFT - _RIGHT) / top
    body: list[str] = []
    y = _TOP + 10.0
    for name, bars in groups:
        start = y
        for one in bars:
            body += _bar(one, y, scale, colour[one.series])
            y += _BAR + _GAP
        middle = (start + y - _GAP) / 2
        body.append(f'<text x="{_LEFT - 10}" y="{middle + 4:.1f}" text-anchor="end" class="n">{escape(name)}</text>')
        if name in mark:
            x = _LEFT + mark[name] * scale
            body.append(f'<path d="M{x:.1f} {start - 3:.1f}V{y:.1f}" class="m"/>')
        y += _GROUP_GAP
    bottom = y - _GROUP_GAP + 6
    axis = _axis(top, unit, scale, bottom)
    return "\n".join([*_head(title, series, colour, bottom + 30, bool(mark)), *axis, *body, "</svg>", ""])


def _bar(one: Bar, y: float, scale: float, colour: str) -> list[str]:
    if one.value is None:
        return [f'<text x="{_LEFT + 4}" y="{y + 12:.1f}" class="v">{escape(f"{one.series}: {one.note}")}</text>']
    width = max(1.0, one.value * scale)
    text = f"{one.value:.1f}" if one.value >= 10 else f"{one.value:.2f}"
    return [
        f'<rect x="{_LEFT}" y="{y:.1f}" width="{width:.1f}" height="{_BAR}" rx="2" fill="{colour}"/>',
        f'<text x="{_LEFT + width + 5:.1f}" y="{y + 12:.1f}" class="v">{text}</text>',
    ]


def _head(
    title: str, series: t.Sequence[str], colour: t.Mapping[str, str], height: float, marked: bool
) -> t.Iterator[str]:
    yield "<!-- Copyright (c) 2026, webdeploy.ftp contributors"
    # REUSE-IgnoreStart
    yield "     SPDX-License-Identifier: GPL-3.0-or-later -->"
    # REUSE-IgnoreEnd
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" width="{_WIDTH}" '
        f'height="{height:.0f}" role="img" font-family="system-ui, sans-serif">'
    )
    yield f"<title>{escape(title)}</title>"
    yield (
        "<style>.b{fill:#fff}.h{font-size:16px;font-weight:600;fill:#1d2730}.n{font-size:13px;fill:#1d2730}"
        ".v{font-size:11px;fill:#4a5560}.g{stroke:#d9dee3;fill:none}.m{stroke:#1d2730;stroke-width:1.5;"
        "stroke-dasharray:4 2;fill:none}</style>"
    )
    yield f'<rect class="b" width="{_WIDTH}" height="{height:.0f}" rx="6"/>'
    yield f'<text x="16" y="26" class="h">{escape(title)}</text>'
    x = 16.0
    for name in series:
        yield f'<rect x="{x:.0f}" y="40" width="11" height="11" rx="2" fill="{colour[name]}"/>'
        yield f'<text x="{x + 16:.0f}" y="50" class="v">{escape(name)}</text>'
        x += 34 + 6.3 * len(name)
    if marked:
        yield f'<path d="M{x:.0f} 45h16" class="m"/>'
        yield f'<text x="{x + 21:.0f}" y="50" class="v">floor</text>'


def _axis(top: float, unit: str, scale: float, bottom: float) -> t.Iterator[str]:
    for part in range(5):
        value = top * part / 4
        x = _LEFT + value * scale
        yield f'<path d="M{x:.1f} {_TOP}V{bottom:.1f}" class="g"/>'
        text = f"{value:g} {unit}" if part == 4 else f"{value:g}"
        yield f'<text x="{x:.1f}" y="{bottom + 16:.1f}" text-anchor="middle" class="v">{text}</text>'


def _nice(value: float) -> float:
    """A round number not below the value, divisible by four."""
    step = 10 ** math.floor(math.log10(value)) if value > 0 else 1
    return next(factor * step for factor in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10) if factor * step >= value)
