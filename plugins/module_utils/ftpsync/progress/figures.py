# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Numbers of a run for people: sizes, rate, remaining time. Pure."""

from __future__ import annotations

import collections
import typing as t

if t.TYPE_CHECKING:
    from .tally import Tally

WINDOW = 10.0  # seconds that the rate is an average of: long enough for small files, short enough to follow
UNITS = ("bytes", "kB", "MB", "GB", "TB")
# The names that the user knows for the phases of a run.
PHASES = {
    "scan": "Looking",
    "plan": "Comparing",
    "transfer": "Copying",
    "publish": "Publishing",
    "delete": "Deleting",
    "record": "Recording",
    "done": "Done",
}


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


class Snapshot(t.NamedTuple):
    """How far a run is at one moment.

    Attributes:
        phase: as in the tally.
        rate: bytes a second.
        remaining: seconds until all is copied, or None when nobody knows.
    """

    phase: str
    files_done: int
    files_total: int
    bytes_done: int
    bytes_total: int
    rate: int
    remaining: int | None

    @property
    def name(self) -> str:
        """The phase as the user knows it."""
        return PHASES.get(self.phase, self.phase)

    def amounts(self) -> list[str]:
        """Files, bytes, rate, remaining time; what is not known is left out."""
        parts = [f"{self.files_done}/{self.files_total} files", f"{size(self.bytes_done)} of {size(self.bytes_total)}"]
        if self.rate:
            parts.append(f"{size(self.rate)}/s")
            if self.remaining is not None and self.bytes_done < self.bytes_total:
                parts.append(f"{duration(self.remaining)} left")
        return parts


def snapshot(tally: Tally, pace: Pace, now: float) -> Snapshot:
    """Look at a run.

    Parameters:
        pace: of this run; it takes this moment in.
        now: seconds by a clock that never goes back.
    """
    total, done = tally.bytes_total, min(tally.bytes_done, tally.bytes_total)
    pace.seen(now, tally.bytes_done)
    remaining = pace.remaining(total - done)
    return Snapshot(
        tally.phase,
        tally.files_done,
        tally.files_total,
        done,
        total,
        round(pace.rate),
        None if remaining is None else round(remaining),
    )


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
