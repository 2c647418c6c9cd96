# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What an interrupted publication left is told from what others put there."""

from __future__ import annotations

import pytest

from ftpsync.errors import ManifestError
from ftpsync.model import DIRECTORY, FILE, Entry, Record
from ftpsync.records.journal import Journal, dump, load, recover

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
    gone = recover({"x": OLD, "y": OLD}, JOURNAL._replace(deleted=("x", "y")), {"y": Entry(FILE, 3, 100)}, set())
    assert gone == {"y": OLD}


def test_a_folder_is_ours_if_it_is_there() -> None:
    assert recover({}, JOURNAL, {"d": Entry(DIRECTORY)}, set()) == {"d": Record(DIRECTORY)}
