# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers for people."""

from __future__ import annotations

import pytest

from ftpsync.cli.figures import Pace, duration, size
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
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (999.6, "1.0 kB"),
        (1000, "1.0 kB"),
        (1_450, "1.4 kB"),
        (123_456, "123 kB"),
        (999_999, "1.0 MB"),
        (5_300_000_000, "5.3 GB"),
        (7e15, "7000 TB"),
    ],
)
def test_sizes(count: float, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (59.6, "1:00"), (754, "12:34"), (3723, "1:02:03")])
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_pace_is_that_of_the_last_seconds() -> None:
    pace = Pace()
    assert (pace.rate, pace.remaining(5)) == (0.0, None)
    for second in range(100):
        pace.seen(second, 1000 * second)
    assert pace.rate == 1000
    for second in range(100, 121):
        pace.seen(second, 99_000)
    assert pace.rate == 0
    assert pace.remaining(5) is None


def test_pace_never_goes_backwards() -> None:
    pace = Pace()
    pace.seen(0, 500)
    pace.seen(0, 500)
    assert pace.rate == 0
    pace.seen(1, 100)  # an attempt failed
    assert pace.rate == 0


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
