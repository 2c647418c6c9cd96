# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The line at the end of a run."""

from __future__ import annotations

import pytest

from ftpsync.cli.summary import summary

STATS = {
    "files_written": 6,
    "local_files": 15,
    "local_dirs": 5,
    "conflict_files_skipped": 7,
    "elap_str": "0.06 sec",
    "interactive_ask": 0,
    "errors": 0,
}


@pytest.mark.parametrize(
    ("level", "dry_run", "changes", "line"),
    [
        (3, False, {}, "Wrote 6/15 files in 5 directories, skipped: 7. Elap: 0.06 sec."),
        (1, True, {}, "(DRY-RUN) Wrote 6/15 files in 5 directories, skipped: 7. Elap: 0.06 sec."),
        (4, False, {"interactive_ask": 1}, "Wrote 6/15 files in 5 directories, skipped: 7."),
        (4, False, {"errors": 2}, "Wrote 6/15 files in 5 directories, skipped: 7, errors: 2. Elap: 0.06 sec."),
        (0, False, {}, None),
        (-2, False, {}, None),
    ],
)
def test_summary(level: int, dry_run: bool, changes: dict[str, int], line: str | None) -> None:
    assert summary({**STATS, **changes}, level, dry_run) == line


def test_from_level_5_on_the_numbers_take_its_place() -> None:
    told = summary(STATS, 5, False)
    assert told is not None
    assert told.startswith("{'conflict_files_skipped': 7,\n 'elap_str': '0.06 sec',\n")
