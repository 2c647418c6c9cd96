# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""How far a run has come: numbers for a display that looks whenever it likes. No I/O."""

from __future__ import annotations

import threading
import typing as t


class Tally:
    """Counters of one run; written by its threads, read by a display.

    Attributes:
        phase: ``scan``, ``plan``, ``transfer``, ``publish``, ``delete``, ``record`` or ``done``.
        files_total, files_done: copies.
        bytes_total, bytes_done: of content.
        current: a path that is being copied.
    """

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self.begin()

    def begin(self) -> None:
        """Count from nothing, also for another run: a display keeps this object."""
        self.phase = "scan"
        self.files_total = 0
        self.files_done = 0
        self.bytes_total = 0
        self.bytes_done = 0
        self.current = ""

    def expect(self, sizes: t.Collection[int]) -> None:
        """Tell how many files are going to be copied, by their sizes."""
        self.files_total = len(sizes)
        self.bytes_total = sum(sizes)

    def moved(self, count: int) -> None:
        """Add bytes; negative ones when an attempt failed and its bytes will be sent again."""
        with self._mutex:
            self.bytes_done += count


class Counted:
    """One file on its way: tells the tally of each piece, and takes back what a failed attempt has told.

    Parameters:
        path: of the file.
    """

    def __init__(self, tally: Tally, path: str) -> None:
        self._tally = tally
        self.count = 0
        tally.current = path

    def add(self, count: int) -> None:
        """Add the bytes of a piece."""
        self.count += count
        self._tally.moved(count)

    def __enter__(self) -> Counted:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_exc: object) -> None:
        if kind is not None:
            self._tally.moved(-self.count)
