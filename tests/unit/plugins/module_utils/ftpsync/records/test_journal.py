# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What an interrupted publication left is told from what others put there."""

from __future__ import annotations

import json

import pytest

from ftpsync.errors import ManifestError
from ftpsync.model import DIRECTORY, FILE, Entry, Record
from ftpsync.records.journal import Journal, dump, head_of, load, recover
from ftpsync.records.manifest import Head, Manifest

NEW = Record(FILE, 3, "cd" * 32, source_mtime=50)
OLD = Record(FILE, 3, "ab" * 32, mtime=100)
JOURNAL = Journal(4, {"a": NEW, "d": Record(DIRECTORY)}, {"a": "stage-a"}, deleted=("old",))


def test_round_trip() -> None:
    assert load(dump(JOURNAL), "j") == JOURNAL


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", dump(JOURNAL)[:-5], b'{"format":1,"generation":1,"records":{},"staged":[]}']
)
def test_an_unfinished_journal_is_an_error(data: bytes) -> None:
    with pytest.raises(ManifestError):
        load(data, "j")


@pytest.mark.parametrize(
    ("there", "staged", "before", "ours"),
    [
        (Entry(FILE, 3, 200), set(), {}, True),
        (Entry(FILE, 3, 200), set(), {"a": OLD}, True),
        (Entry(FILE, 3, 200), {"stage-a"}, {}, False),  # its content still waits
        (Entry(FILE, 3, 100), set(), {"a": OLD}, False),  # as the old one is listed
        (Entry(FILE, 2, 200), set(), {}, False),
        (Entry(DIRECTORY), set(), {}, False),
        (None, set(), {}, False),
    ],
)
def test_a_file_is_ours_if_it_left_the_stage(
    there: Entry | None, staged: set[str], before: dict[str, Record], ours: bool
) -> None:
    remote = {} if there is None else {"a": there}
    found = recover(before, JOURNAL, remote, staged)
    assert (found.get("a") == NEW._replace(mtime=200)) is ours
    if not ours:
        assert found == before


def test_what_a_dead_run_took_away_is_no_drift() -> None:
    """It waits in the stage, or was to go: missing through us, not through somebody else."""
    waits = recover({"a": OLD}, JOURNAL, {}, {"stage-a"})
    assert "a" not in waits
    beside = recover({"a": OLD}, JOURNAL, {}, set())
    assert beside == {}, "nor is it with publish: direct, where nothing waits in the stage"
    gone = recover({"x": OLD, "y": OLD}, JOURNAL._replace(deleted=("x", "y")), {"y": Entry(FILE, 3, 100)}, set())
    assert gone == {"y": OLD}


def test_a_folder_is_ours_if_it_is_there() -> None:
    assert recover({}, JOURNAL, {"d": Entry(DIRECTORY)}, set()) == {"d": Record(DIRECTORY)}


# ---------------------------------------------------------------------- rollbacks

BACK = "backup/20260314T092650Z-7/files/a"


def test_round_trip_of_a_rollback() -> None:
    journal = Journal(4, {"a": OLD}, {}, None, {"a": BACK, "b": "", "d": ""})
    assert load(dump(journal), "j") == journal
    published = Journal(4, {}, {}, "20260314T092650Z-7")
    assert load(dump(published), "j") == published


@pytest.mark.parametrize("moves", [{"a": "../x"}, {"../a": ""}, {"a": 5}, ["a"], {"a": "/etc/passwd"}])
def test_moves_that_cannot_be_ours_are_an_error(moves: object) -> None:
    whole = {"format": 1, "generation": 1, "records": {}, "staged": {}, "moves": moves}
    with pytest.raises(ManifestError):
        load(json.dumps(whole).encode(), "j")


@pytest.mark.parametrize(
    ("target", "source", "there", "waiting", "expected"),
    [
        (OLD, BACK, Entry(FILE, 3, 200), set(), OLD),  # put back, whatever it looks like
        (OLD, BACK, Entry(FILE, 3, 200), {BACK}, NEW),  # not yet begun
        (OLD, BACK, None, {BACK}, None),  # between the two renames
        (OLD, BACK, None, set(), None),
        (None, BACK, Entry(FILE, 3, 200), set(), None),  # an unmanaged file was put back
        (None, "", None, set(), None),  # withdrawn
        (None, "", Entry(FILE, 3, 200), set(), NEW),  # not yet
        (Record(DIRECTORY), "", Entry(DIRECTORY), set(), Record(DIRECTORY)),  # a folder took its place
        (Record(DIRECTORY), "", None, set(), None),
        (None, "", Entry(DIRECTORY), set(), None),
    ],
)
def test_how_far_a_rollback_has_come(
    target: Record | None, source: str, there: Entry | None, waiting: set[str], expected: Record | None
) -> None:
    journal = Journal(4, {} if target is None else {"a": target}, {}, None, {"a": source})
    remote = {} if there is None else {"a": there}
    assert recover({"a": NEW}, journal, remote, waiting).get("a") == expected


@pytest.mark.parametrize(
    ("journal", "expected"),
    [
        (None, Head("20260314T092650Z-7")),
        (Journal(4, {}, {}, "20260315T092650Z-8"), Head("20260315T092650Z-8")),
        (Journal(4, {}, {}), Head("20260314T092650Z-7", False)),
        (Journal(4, {}, {}, None, {"a": ""}), Head("20260314T092650Z-7")),
    ],
)
def test_what_a_site_is_at(journal: Journal | None, expected: Head) -> None:
    manifest = Manifest("/", 4, "", {}, {}, Head("20260314T092650Z-7"))
    assert head_of(manifest, journal) == expected
    followed = head_of(manifest, journal, exact=False)
    assert followed == (expected._replace(exact=False) if journal is not None and journal.moves else expected)
