# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What readers copy from a page: its fenced blocks, with what the page says of them to the tests.

A comment right above a block, which readers do not see, may say

    <!-- not run: REASON -->     it is only parsed
    <!-- fails: TEXT -->         it fails, and says this
    <!-- output -->              this is what the block before it prints, but for figures and `...`
"""

from __future__ import annotations

import dataclasses
import re
import typing as t
from pathlib import Path

_BLOCK = re.compile(
    r"(?:^(?P<indent0>[ ]*)<!-- (?P<note>(?:not run|fails|output)[^>]*?) -->\n)?"
    r"^(?P<indent>[ ]*)```(?P<language>[\w-]*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
_FILE = re.compile(r"# (?P<path>[\w./-]+\.\w+)\n")


@dataclasses.dataclass(frozen=True)
class Block:
    """One fenced block.

    Attributes:
        note, detail: what the comment above says: `("not run", "it is GitHub's")`.
        file: the path in its first line, if that is a comment of nothing else.
    """

    line: int
    language: str
    text: str
    note: str
    detail: str

    @property
    def file(self) -> str:
        match = _FILE.match(self.text)
        return match["path"] if match else ""


def blocks_of(page: Path) -> list[Block]:
    """All blocks, in the page's order."""
    content = page.read_text(encoding="utf-8")
    return [_block(content, match) for match in _BLOCK.finditer(content)]


def _block(content: str, match: re.Match[str]) -> Block:
    note, _colon, detail = (match["note"] or "").partition(":")
    text = re.sub(f"^{match['indent']}", "", match["text"], flags=re.MULTILINE)
    line = content.count("\n", 0, match.start("language")) + 1
    return Block(line, match["language"], text, note.strip(), detail.strip())


def figures_out(text: str) -> list[str]:
    """Lines in which figures, dates, digests and widths do not count."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [re.sub(r"(?:\b[0-9a-f]{12}\b|[\d*]+)(?:[.,T:-]\d+)*Z?", "0", line) for line in lines if line]


def missing_lines(shown: str, printed: str) -> t.Iterator[str]:
    """Lines of a block of output that the program does not print."""
    there = "\n".join(figures_out(printed))
    yield from (line for line in figures_out(shown) if line != "..." and line not in there)
