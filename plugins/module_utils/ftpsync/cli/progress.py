# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The display of a run's progress: which one, and the plain one (behaviour 1.5).

A display looks at the run's counters from a thread of its own, several times a second; the run knows
nothing of it. On a terminal with the package rich it is the one in ``live.py``.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
import threading
import typing as t

from ..terminal import is_terminal
from ..util import write
from .figures import touched

INTERVAL = 0.25  # seconds between two looks
LEVEL = 3  # of output, from which on progress is shown without being asked for


class Run(t.Protocol):
    """What a display sees of a run: a synchronizer."""

    tally: t.Any
    local: t.Any
    remote: t.Any

    def get_stats(self) -> t.Mapping[str, t.Any]:
        """The statistics (behaviour 10.7)."""


def is_wanted(options: t.Mapping[str, t.Any]) -> bool:
    """Whether progress is shown: if asked for, or to somebody who sits at the terminal."""
    return bool(options.get("progress")) or (options["verbose"] >= LEVEL and _same_terminal())


def _same_terminal() -> bool:
    """Whether input and output are one terminal."""
    if not (is_terminal(sys.stdin) and is_terminal(sys.stdout)):
        return False
    try:
        return os.fstat(sys.stdin.fileno()).st_rdev == os.fstat(sys.stdout.fileno()).st_rdev
    except (OSError, ValueError):
        return False


def has_rich() -> bool:
    """Whether the package for the live display is there."""
    return importlib.util.find_spec("rich") is not None


def display(run: Run, options: t.Mapping[str, t.Any]) -> t.ContextManager[object]:
    """The display for a run, to be used around it."""
    if not is_wanted(options):
        return contextlib.nullcontext()
    if is_terminal(sys.stdout) and os.environ.get("TERM") != "dumb" and has_rich():
        from .live import Live

        return Live(run, options)
    return Plain(run, bool(options.get("dry_run")))


class Plain:
    """One line that overwrites itself, as 3.1 has it.

    Parameters:
        run: whose statistics are shown.
        dry_run: say that nothing is changed.
    """

    def __init__(self, run: Run, dry_run: bool) -> None:
        self._run = run
        self._dry_run = dry_run
        self._last = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="progress", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()
        self._show()

    def _watch(self) -> None:
        while not self._over.wait(INTERVAL):
            self._show()

    def _show(self) -> None:
        line = touched(self._run.get_stats(), self._dry_run)
        if line != self._last:
            self._last = line
            # A display that cannot be written must not end the run.
            with contextlib.suppress(OSError, ValueError):
                write(line, end="\r")
