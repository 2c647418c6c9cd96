# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""How far a run has come: numbers for a display that looks whenever it likes. No I/O."""

from __future__ import annotations

import threading


class Tally:
    """Counters of one run; written by its threads, read by a display.

    Attributes:
        phase: ``scan``, ``plan``, ``transfer``, ``delete``, ``record`` or ``done``.
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

    def moved(self, count: int) -> None:
        """Add bytes; negative ones when an attempt failed and its bytes will be sent again."""
        with self._mutex:
            self.bytes_done += count
