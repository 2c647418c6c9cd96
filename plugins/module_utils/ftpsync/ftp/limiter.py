# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""One bandwidth limit for all connections together, and the clock of their progress.

In: bytes that are about to move. Out: a pause. Thread-safe; no sockets here.
"""

from __future__ import annotations

import threading
import time

_BURST = 0.25  # seconds of traffic that may pass at once after a pause
_SLICE = 0.1  # seconds of traffic in one piece, so that the flow is even


class Limiter:
    """A token bucket.

    Parameters:
        rate: bytes per second; 0 for no limit.
    """

    def __init__(self, rate: int = 0) -> None:
        self._rate = rate
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._free_at = time.monotonic()
        self.last_moved = time.monotonic()

    def chunk(self, most: int) -> int:
        """Gives the bytes to move in one piece, at most ``most``."""
        return most if not self._rate else max(1, min(most, int(self._rate * _SLICE)))

    def take(self, count: int) -> None:
        """Waits until ``count`` bytes may pass, and notes that something moves."""
        self.last_moved = now = time.monotonic()
        if not self._rate:
            return
        with self._lock:
            start = max(self._free_at, now - _BURST)
            self._free_at = start + count / self._rate
        if start > now:
            self._stopped.wait(start - now)

    def stop(self) -> None:
        """Ends all pauses, because the connections are about to be closed."""
        self._stopped.set()

    def resume(self) -> None:
        """Limits again after ``stop``."""
        self._stopped.clear()
