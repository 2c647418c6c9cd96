# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers for people."""

from __future__ import annotations

import pytest

from ftpsync.progress.figures import Pace, Snapshot, duration, size


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
    ("done", "rate", "remaining", "told"),
    [
        (0, 0, None, ["3/17 files", "0 bytes of 5.0 MB"]),
        (2_000_000, 500_000, 6, ["3/17 files", "2.0 MB of 5.0 MB", "500 kB/s", "0:06 left"]),
        (4_999_999, 500_000, 0, ["3/17 files", "5.0 MB of 5.0 MB", "500 kB/s", "0:00 left"]),
        (5_000_000, 500_000, 0, ["3/17 files", "5.0 MB of 5.0 MB", "500 kB/s"]),
    ],
)
def test_only_what_is_known_is_told(done: int, rate: int, remaining: int | None, told: list[str]) -> None:
    assert Snapshot("transfer", 3, 17, done, 5_000_000, rate, remaining).amounts() == told
