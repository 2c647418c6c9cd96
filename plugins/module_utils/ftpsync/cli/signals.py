# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Signals that end a run as cleanly as Ctrl-C does: locks are removed, records written."""

from __future__ import annotations

import contextlib
import math
import signal
import time
import types
import typing as t

# SIGHUP: the terminal was closed. Windows does not know it.
ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


# Seconds after Ctrl+C in which another one is taken for the same: cleaning up is under way. Later ones break it off.
GRACE = 1.0


class Terminated(KeyboardInterrupt):
    """A signal wants the program to end; what cleans up after Ctrl-C cleans up after this.

    Parameters:
        number: of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    @property
    def exit_code(self) -> int:
        """What a shell reports for a program that this signal has ended."""
        return 128 + self.number


@contextlib.contextmanager
def orderly() -> t.Iterator[None]:
    """Within, such a signal raises Terminated in the main thread; a second one does not disturb the cleaning up.

    The same goes for Ctrl+C, which raises KeyboardInterrupt as ever, and is pressed twice by the impatient.

    Signals that are ignored (nohup) stay so; where there is no main thread to ask, nothing changes.
    """
    ended = False

    def end(number: int, frame: types.FrameType | None) -> None:
        del frame
        nonlocal ended
        if not ended:
            ended = True
            raise Terminated(number)

    interrupted = -math.inf

    def interrupt(number: int, frame: types.FrameType | None) -> None:
        nonlocal interrupted
        if time.monotonic() - interrupted >= GRACE:
            interrupted = time.monotonic()
            signal.default_int_handler(number, frame)

    previous: dict[int, t.Any] = {}
    try:
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            previous[signal.SIGINT] = signal.signal(signal.SIGINT, interrupt)
        for number in ENDING:
            if signal.getsignal(number) == signal.SIG_DFL:
                previous[number] = signal.signal(number, end)
    except ValueError:  # not in the main thread
        pass
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
