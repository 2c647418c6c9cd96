# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The tables for one file, row by row, and what counts as the same."""

from __future__ import annotations

import itertools

import pytest

from ftpsync import decide
from ftpsync.model import FILE, LINK, Entry, Record

SHA, OTHER = "a" * 64, "b" * 64
RECORD = Record(FILE, 5, SHA, mtime=1000, source_mtime=900)

LOCAL = {
    "same": Entry(FILE, 5, 900, sha256=SHA),
    "edited": Entry(FILE, 5, 900, sha256=OTHER),
    "gone": None,
}
REMOTE = {"same": Entry(FILE, 5, 1000), "edited": Entry(FILE, 6, 2000), "gone": None}

# what happens to a recorded file: local, remote, with force, without
RECORDED = [
    ("same", "same", "equal", "equal"),
    ("same", "edited", "send", "fetch"),
    ("same", "gone", "send", "delete_local"),
    ("edited", "same", "send", "send"),
    ("edited", "edited", "send", "conflict"),
    ("edited", "gone", "send", "conflict"),
    ("gone", "same", "delete_remote", "delete_remote"),
    ("gone", "edited", "conflict", "conflict"),
    ("gone", "gone", "forget", "forget"),
]


def decision(local: Entry | None, remote: Entry | None, record: Record | None, **options: object) -> str:
    wanted: dict[str, object] = {
        "any_records": True,
        "recorded": True,
        "force": True,
        "resolve": "skip",
        "compare": "auto",
        "settable": True,
        **options,
    }
    return decide.decide(local, remote, record, **wanted)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(("local", "remote", "forced", "unforced"), RECORDED)
def test_recorded_files(local: str, remote: str, forced: str, unforced: str) -> None:
    assert decision(LOCAL[local], REMOTE[remote], RECORD) == forced
    assert decision(LOCAL[local], REMOTE[remote], RECORD, force=False) == unforced


def test_every_pair_of_sides_has_a_row() -> None:
    assert {(local, remote) for local, remote, _f, _u in RECORDED} == set(itertools.product(LOCAL, REMOTE))


@pytest.mark.parametrize(
    ("local", "remote", "resolved"),
    [("edited", "edited", "send"), ("edited", "gone", "send"), ("gone", "edited", "delete_remote")],
)
def test_resolve_local_lets_the_source_win(local: str, remote: str, resolved: str) -> None:
    assert decision(LOCAL[local], REMOTE[remote], RECORD, force=False, resolve="local") == resolved


@pytest.mark.parametrize("any_records", [True, False])
def test_files_without_a_record(any_records: bool) -> None:
    there = Entry(FILE, 5, 900)
    assert decision(LOCAL["same"], None, None, any_records=any_records) == "send"
    assert decision(None, there, None, any_records=any_records) == "delete_remote"
    assert decision(LOCAL["same"], there, None, any_records=any_records) == "send"  # never verified by us
    assert decision(LOCAL["same"], there, None, any_records=any_records, force=False) == "equal"


# without any record, times decide first (specification 6.4): local mtime, remote mtime, remote size, outcome
COMPARED = [
    (1000, 1000, 5, "equal"),
    (1000, 1002, 5, "equal"),
    (1000, 998, 5, "equal"),
    (1000, 1000, 6, "conflict"),
    (1000, 997, 5, "send"),
    (1000, 1003, 6, "fetch"),
]


@pytest.mark.parametrize(("ours", "theirs", "size", "outcome"), COMPARED)
def test_the_newer_one_wins_without_records(ours: int, theirs: int, size: int, outcome: str) -> None:
    local, remote = Entry(FILE, 5, ours, sha256=SHA), Entry(FILE, size, theirs)
    assert decision(local, remote, None, recorded=False, any_records=False, force=False) == outcome
    forced = "equal" if outcome == "equal" else "send"
    assert decision(local, remote, None, recorded=False, any_records=False) == forced


@pytest.mark.parametrize(("compare", "outcome"), [("size", "equal"), ("mtime", "send"), ("checksum", "send")])
def test_how_files_are_compared_without_records(compare: str, outcome: str) -> None:
    local, remote = Entry(FILE, 5, 1000, sha256=SHA), Entry(FILE, 5, 5, sha256=OTHER)
    assert decision(local, remote, None, recorded=False, compare=compare) == outcome
    assert decision(local, remote._replace(sha256=SHA), None, recorded=False, compare="checksum") == "equal"


@pytest.mark.parametrize(
    ("compare", "entry", "same"),
    [
        ("auto", Entry(FILE, 5, 99999, sha256=SHA), True),
        ("auto", Entry(FILE, 5, 900, sha256=OTHER), False),
        ("mtime", Entry(FILE, 5, 901.5, sha256=None), True),
        ("mtime", Entry(FILE, 5, 950, sha256=SHA), True),  # a fresh checkout: read to be sure
        ("mtime", Entry(FILE, 5, 950, sha256=OTHER), False),
        ("mtime", Entry(FILE, 6, 900, sha256=None), False),
        ("size", Entry(FILE, 5, 1, sha256=None), True),
        ("size", Entry(FILE, 6, 900, sha256=None), False),
    ],
)
def test_what_still_is_as_published(compare: str, entry: Entry, same: bool) -> None:
    assert decide.as_published(RECORD, entry, compare) is same


@pytest.mark.parametrize(
    ("entry", "same"),
    [
        (Entry(FILE, 5, 1000), True),
        (Entry(FILE, 5, 1001), False),
        (Entry(FILE, 6, 1000), False),
        (Entry(FILE, 5, 960, 60), True),  # LIST: some second of 960 to 1019
        (Entry(FILE, 5, 1020, 60), False),
        (Entry(FILE, 5, 900, 60), False),
        (Entry(FILE, 5, 0, 86400), True),
        (Entry(FILE, 5, None), True),  # a server that tells no times
        (Entry(LINK, 5, 1000), False),
    ],
)
def test_what_is_listed_as_recorded(entry: Entry, same: bool) -> None:
    assert decide.as_listed(RECORD, entry) is same
