# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/messages.md has every message of the code, none that is gone, and says of each what to do."""

from __future__ import annotations

import re

from tests.docs.messages import PAGE, messages

ROW = re.compile(r"^\| (`+)(?P<what> ?.+?)\1 \| (?P<advice>.*) \|$", re.MULTILINE)
SEPARATORS = ("; ", ": ", ". ", "? ")  # between what happened and what to do


def rows() -> list[tuple[str, str]]:
    """What happened, and what to do, as the page has it."""
    text = PAGE.read_text(encoding="utf-8").replace("\\|", "|")
    return [(match["what"].strip(), match["advice"].strip("` ")) for match in ROW.finditer(text)]


def readings(what: str, advice: str) -> list[str]:
    """Whole messages that a row may be about: its second column may be how the message goes on."""
    return [what, *(f"{what}{separator}{advice}" for separator in SEPARATORS)]


def test_the_code_is_understood() -> None:
    """Messages that are made in each of the ways that there are."""
    found = messages()
    for text in (
        "…: the file may not be read: check its permissions; or exclude it",  # a constant within
        "no TLS with …: …; check port and tls (explicit or implicit)",  # per cent
        "backup: … contradicts record: …; what is undone must be known: use record: server, or backup: 0",  # a table
        "probe: skipped, since it would write to the server, which check mode never does",  # appended to a list
        "a … stands where the source has a folder (force is off)",  # by a function
        "the connection to … was lost…: …",
        "ftp_deploy_local is empty; it is the folder to publish",  # a branch of a template
        "…. Nothing was published. The maintenance page is still up: …",  # of two that follow each other
        "Changed or removed on the server: …",  # of a task
    ):
        assert text in found


def test_every_message_is_on_the_page() -> None:
    missing = sorted(set(messages()) - {text for row in rows() for text in readings(*row)})
    assert not missing, "add a row for each to docs/messages.md:\n" + "\n".join(
        f"{text}   ({messages()[text].name})" for text in missing
    )


def test_nothing_else_is_on_the_page() -> None:
    stale = [row for row in rows() if not set(readings(*row)) & set(messages())]
    assert not stale, f"no message of the code, or cut differently: {stale}"


def test_each_row_tells_what_to_do() -> None:
    assert len(rows()) > 300
    assert [what for what, advice in rows() if len(advice.split()) < 2] == []
