# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of the record is not on the server, and the reverse."""

from __future__ import annotations

import pytest

from ftpsync.filters import Patterns
from ftpsync.info.browse import Wanted, describe
from ftpsync.info.drift import compare, unmanaged
from ftpsync.model import DIRECTORY, FILE, LINK, Entry, Record

RECORD = Record(FILE, 5, "0" * 64, mtime=1000)


@pytest.mark.parametrize(
    ("record", "entry", "reason"),
    [
        (RECORD, Entry(FILE, 5, 1000), None),
        (RECORD, Entry(FILE, 5, None), None),
        (RECORD, Entry(FILE, 5, 960, 60), None),
        (RECORD, None, "missing"),
        (RECORD, Entry(FILE, 6, 1000), "6 bytes instead of 5"),
        (RECORD, Entry(FILE, 5, 2000), "its time differs"),
        (RECORD, Entry(DIRECTORY), "is a directory now"),
        (RECORD, Entry(LINK, 5), "is a link now"),
        (Record(DIRECTORY), Entry(DIRECTORY, mtime=7), None),
        (Record(DIRECTORY), None, "missing"),
        (Record(DIRECTORY), Entry(FILE, 0), "is a file now"),
    ],
)
def test_reasons(record: Record, entry: Entry | None, reason: str | None) -> None:
    assert compare({"x": record}, {} if entry is None else {"x": entry}).get("x") == reason


def test_what_leads_to_a_published_file_is_not_unmanaged() -> None:
    records = {"a/b/c.html": RECORD, "d": Record(DIRECTORY)}
    entries = dict.fromkeys(("a", "a/b", "a/x", "d", "e"), Entry(DIRECTORY))
    entries.update({"a/b/c.html": Entry(FILE, 5), "a/b/new": Entry(FILE, 1), "a/x.log": Entry(FILE, 1)})
    assert unmanaged(records, entries, Patterns("exclude", ["*.log", "e/"])) == ["a/b/new", "a/x"]


def test_what_a_listing_shows() -> None:
    wanted = Wanted("/r", match=Patterns("match", ["*.html"]), exclude=Patterns("exclude", ["tmp/"]))
    assert wanted.shows("a/x.html", FILE)
    assert not wanted.shows("a/x.css", FILE)
    assert not wanted.shows("a.html", DIRECTORY)
    assert not wanted.shows("tmp/x.html", FILE)
    assert Wanted("/r").shows("a", DIRECTORY)


def test_a_line_of_a_listing() -> None:
    assert describe("a\udce4", Entry(FILE, 5, 1_700_000_000, 1, 0o4755)) == {
        "path": "a\\xe4",
        "type": "file",
        "size": 5,
        "mtime": "2023-11-14T22:13:20Z",
        "mode": "4755",
    }
    assert describe("d", Entry(DIRECTORY, 4096)) == {
        "path": "d",
        "type": "directory",
        "size": None,
        "mtime": None,
        "mode": None,
    }
