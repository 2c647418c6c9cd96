# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""README's terminal shows what is really printed; `make pictures` draws it anew."""

from __future__ import annotations

import html
import re
import typing as t
from pathlib import Path

from tests.docs.blocks import figures_out
from tests.docs.pictures import PICTURES, draw, record
from tests.docs.reader import USER, Reader
from tests.servers import Server


def words(svg: str) -> list[str]:
    """What can be read in a picture, but for figures."""
    return figures_out("\n".join(html.unescape(text) for text in re.findall(r">([^<>]+)</text>", svg)))


def test_the_terminal(tmp_path: Path, ftp_server: t.Callable[..., Server]) -> None:
    server = ftp_server(tls="explicit", username=USER)
    reader = Reader(tmp_path, server)
    try:
        text, page = record(reader, server)
    finally:
        reader.close()
    assert words(draw(text)) == words((PICTURES / "terminal.svg").read_text(encoding="utf-8"))
    assert "www.example.com/htdocs" in page
    assert str(tmp_path) not in text + page
