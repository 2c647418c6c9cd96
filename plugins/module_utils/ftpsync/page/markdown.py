# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""A report page as GitHub Flavored Markdown: Page in, text out. Pure.

Paths and messages are chosen by others: whatever could begin markup, link, mention or end a table cell
is escaped. What stays readable as it is, is left as it is.
"""

from __future__ import annotations

import re
import typing as t

from .words import bytes_of, visible

if t.TYPE_CHECKING:
    from .model import Page, Row, Section

MARKS = {"deployed": "✅", "nothing_to_do": "⚪", "failed": "❌"}

_PLAIN = re.compile(r"[\w ./+,=~%:()$'#{}*?!;^@-]+")  # what means nothing within backticks, even in a table cell


def render(page: Page) -> str:
    """The whole file."""
    parts = [
        f"# {MARKS[page.outcome]} {page.headline}: {text(page.site)}",
        text(page.summary),
        f"> **{text(page.message)}**" if page.message else "",
        "\n".join(f"- **{label}:** {code(value)}" for label, value in page.about),
        _numbers(page),
    ]
    if page.warnings:
        parts += ["## Warnings", "\n".join(f"- {text(line)}" for line in page.warnings)]
    for group in page.groups:
        parts += [f"## {group.title}", *(_section(section) for section in group.sections)]
    if page.rollback:
        fence = _fence(page.rollback)
        parts += [
            "## How to undo it",
            f"What was replaced and deleted is kept on the server as backup set {code(page.backup_id)}.",
            f"{fence}yaml\n{visible(page.rollback)}\n{fence}",
        ]
    if page.server:
        parts += ["## Server", "\n".join(f"- **{text(label)}:** {code(value)}" for label, value in page.server)]
    parts.append(f"---\n\nWritten by {text(page.generator)}.")
    return "\n\n".join(part for part in parts if part) + "\n"


def _numbers(page: Page) -> str:
    if not page.numbers:
        return ""
    rows = (
        [number.label for number in page.numbers],
        ["---:"] * len(page.numbers),
        [f"**{number.value}**" for number in page.numbers],
        [number.detail for number in page.numbers],
    )
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def _section(section: Section) -> str:
    noted = any(row.note for row in section.rows)
    sized = any(row.size is not None for row in section.rows)
    head = ["Path", *(["Note"] if noted else []), *(["Size"] if sized else [])]
    lines = [head, ["---", *(["---"] if noted else []), *(["---:"] if sized else [])]]
    lines += [_cells(row, noted, sized) for row in section.rows]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    more = f"\n\n… and {section.more:,} more, which this page does not list." if section.more else ""
    intro = f"{section.intro}\n\n" if section.intro else ""
    return f"### {section.title}: {section.summary}\n\n{intro}{table}{more}"


def _cells(row: Row, noted: bool, sized: bool) -> list[str]:
    size = "" if row.size is None else bytes_of(row.size)
    return [code(row.path), *([text(row.note)] if noted else []), *([size] if sized else [])]


def code(value: str) -> str:
    """A code span that shows exactly this, also in a table cell."""
    value = visible(value)
    if not value:
        return ""
    if _PLAIN.fullmatch(value) and value == value.strip() and "  " not in value:
        return f"`{value}`"
    # Backticks know no escape that holds in and outside of tables; entities do, and HTML keeps them as text.
    return f"<code>{re.sub(r'[^a-zA-Z0-9 ./]', _entity, value)}</code>"


def text(value: str) -> str:
    """Text in which nothing is markup, a link or a mention, wherever on a line it stands."""
    value = " ".join(visible(value).split())
    value = re.sub(r"[\\`*_\[\]#~!]", r"\\\g<0>", value)
    value = re.sub(r"[<>|@$]|&(?=[#\w])|:(?=//)|(?<=\bwww)\.", _entity, value, flags=re.IGNORECASE)
    return re.sub(r"^(?:[-+=]|\d+[.)])", _list_mark, value)


def _list_mark(match: t.Match[str]) -> str:
    return match.group()[:-1] + _character(match.group()[-1])


def _entity(match: t.Match[str]) -> str:
    return _character(match.group())


def _character(character: str) -> str:
    return f"&#{ord(character)};"


def _fence(content: str) -> str:
    longest = max((len(run) for run in re.findall("`+", content)), default=0)
    return "`" * max(3, longest + 1)
