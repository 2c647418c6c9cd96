# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""A report page as HTML: Page in, text of one file out that needs nothing else. Pure.

No script, no link, nothing to load: a policy in its head forbids the browser what an overlooked hole
could ask for. Every text passes through ``esc``, whoever wrote it.
"""

from __future__ import annotations

import html
import typing as t

from .style import STYLE
from .words import bytes_of, visible

if t.TYPE_CHECKING:
    from .model import Group, Number, Page, Row, Section

# A list is shown up to LONG rows; of a longer one the first FIRST, and the rest on demand. One screen
# then still shows that there is more than this list.
LONG = 15
FIRST = 10

ICONS = {"deployed": "✓", "nothing_to_do": "=", "failed": "!"}

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>
{style}</style>
</head>
<body class="{outcome}">
{body}
</body>
</html>
"""


def frame(title: str, outcome: str, body: str, style: str = "") -> str:
    """A whole page, which loads nothing from anywhere.

    Parameters:
        title, outcome, body: HTML already.
        style: CSS of this sort of page.
    """
    return _PAGE.format(title=title, style=STYLE + style, outcome=outcome, body=body)


def render(page: Page) -> str:
    """The whole file."""
    parts = [
        _header(page),
        "<main>",
        _numbers(page.numbers),
        _warnings(page.warnings),
        *(_group(group) for group in page.groups),
        _rollback(page),
        _server(page.server),
        "</main>",
        f"<footer>Written by {esc(page.generator)}</footer>",
    ]
    return frame(esc(f"{page.headline}: {page.site}"), page.outcome, "\n".join(part for part in parts if part))


def esc(text: str) -> str:
    """Text as text, wherever it stands."""
    return html.escape(visible(text), quote=True)


def _header(page: Page) -> str:
    message = f'<p class="message">{esc(page.message)}</p>\n' if page.message else ""
    about = "".join(f"<div><dt>{esc(label)}</dt><dd>{esc(value)}</dd></div>" for label, value in page.about)
    return (
        f'<header>\n<p class="outcome"><span class="icon" aria-hidden="true">{ICONS[page.outcome]}</span>'
        f"{esc(page.headline)}</p>\n<h1>{esc(page.site)}</h1>\n"
        f'{message}<p class="summary">{esc(page.summary)}</p>\n<dl class="about">{about}</dl>\n</header>'
    )


def _numbers(numbers: t.Sequence[Number]) -> str:
    cells = "".join(
        f'<div><dt>{esc(number.label)}</dt><dd class="value">{_value(number.value)}</dd>'
        f'<dd class="detail">{esc(number.detail)}</dd></div>'
        for number in numbers
    )
    return f'<dl class="numbers">{cells}</dl>' if cells else ""


def _value(value: str) -> str:
    """A figure, its unit smaller."""
    figure, _space, unit = value.partition(" ")
    return f"{esc(figure)} <small>{esc(unit)}</small>" if unit else esc(figure)


def _warnings(warnings: t.Sequence[str]) -> str:
    if not warnings:
        return ""
    items = "".join(f"<li>{esc(line)}</li>" for line in warnings)
    title = "Warnings" if len(warnings) > 1 else "Warning"
    return f'<section class="warnings">\n<h2>{title}</h2>\n<ul>{items}</ul>\n</section>'


def _group(group: Group) -> str:
    sections = "\n".join(_section(section) for section in group.sections)
    return f"<section>\n<h2>{esc(group.title)}</h2>\n{sections}\n</section>"


def _section(section: Section) -> str:
    rows = section.rows
    first = rows if len(rows) <= LONG and not section.more else rows[:FIRST]
    rest = rows[len(first) :]
    intro = f"\n<p>{esc(section.intro)}</p>" if section.intro else ""
    folded = ""
    if rest:
        cut = f'\n<p class="cut">and {section.more:,} more, which this page does not list</p>' if section.more else ""
        summary = f"{len(rest) + section.more:,} more"
        folded = f"\n<details>\n<summary>{summary}</summary>\n{_rows(rest)}{cut}\n</details>"
    return (
        f'<article class="{esc(section.title.split()[0].lower())}">\n'
        f"<h3>{esc(section.title)} <small>{esc(section.summary)}</small></h3>{intro}\n"
        f"{_rows(first)}{folded}\n</article>"
    )


def _rows(rows: t.Sequence[Row]) -> str:
    return f'<ul class="rows">\n{"".join(_row(row) for row in rows)}</ul>'


def _row(row: Row) -> str:
    note = f'<span class="note">{esc(row.note)}</span>' if row.note else ""
    size = f'<span class="size" title="{row.size:,} bytes">{bytes_of(row.size)}</span>' if row.size is not None else ""
    return f"<li>{_path(row.path)}{note}{size}</li>\n"


def _path(path: str) -> str:
    """A path whose name stands out from its folders."""
    if not path:
        return ""
    folder, slash, name = path.rstrip("/").rpartition("/")
    tail = "/" if path.endswith("/") else ""
    above = f"<span>{esc(folder + slash)}</span>" if slash else ""
    return f"<code>{above}{esc(name + tail)}</code>"


def _rollback(page: Page) -> str:
    if not page.rollback:
        return ""
    return (
        "<section>\n<h2>How to undo it</h2>\n<p>What was replaced and deleted is kept on the server as backup set "
        f"<code>{esc(page.backup_id)}</code>. This task puts it back:</p>\n"
        f'<pre tabindex="0"><code>{esc(page.rollback)}</code></pre>\n</section>'
    )


def _server(server: t.Sequence[tuple[str, str]]) -> str:
    if not server:
        return ""
    facts = "".join(f"<div><dt>{esc(label)}</dt><dd>{esc(value)}</dd></div>" for label, value in server)
    return f'<section>\n<h2>Server</h2>\n<dl class="facts">{facts}</dl>\n</section>'
