# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Numbers of a run for people: sizes, rate, remaining time, one line of progress. Pure."""

from __future__ import annotations

import collections

WINDOW = 10.0  # seconds that the rate is an average of: long enough for small files, short enough to follow
UNITS = ("bytes", "kB", "MB", "GB", "TB")


class Pace:
    """How fast it goes, from the byte counts that it is shown now and then."""

    def __init__(self) -> None:
        self._samples: collections.deque[tuple[float, int]] = collections.deque()

    def seen(self, now: float, done: int) -> None:
        """Take a count in.

        Parameters:
            now: seconds by a clock that never goes back.
            done: bytes so far; less than before after a failed attempt.
        """
        self._samples.append((now, done))
        while len(self._samples) > 2 and now - self._samples[1][0] >= WINDOW:
            self._samples.popleft()

    @property
    def rate(self) -> float:
        """Bytes a second over the last seconds; 0 until there is something to tell."""
        if len(self._samples) < 2:
            return 0.0
        (start, before), (end, after) = self._samples[0], self._samples[-1]
        return max(0.0, (after - before) / (end - start)) if end > start else 0.0

    def remaining(self, missing: int) -> float | None:
        """Seconds for so many bytes, or None when nobody knows."""
        return missing / self.rate if self.rate > 0 else None


def size(count: float) -> str:
    """A number of bytes: ``512 bytes``, ``1.4 MB``; decimal, as rates of lines are."""
    unit = 0
    while count >= 999.5 and unit < len(UNITS) - 1:
        count /= 1000
        unit += 1
    digits = 1 if unit and count < 99.95 else 0
    return f"{count:.{digits}f} {UNITS[unit]}"


def duration(seconds: float) -> str:
    """``0:07``, ``12:34``, ``1:02:03``."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
