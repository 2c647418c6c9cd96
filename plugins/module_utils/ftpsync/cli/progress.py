# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Which display shows a run's progress (behaviour 1.5).

On a terminal with the package rich it is the one in ``live.py``, which looks at the run's counters from a
thread of its own, several times a second; the run knows nothing of it. Else the run itself writes the
line of 3.1, "Touched 3/17 entries in 5 directories...".
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
import typing as t

from ..console.terminal import is_terminal

if t.TYPE_CHECKING:
    from ..progress.tally import Tally

LEVEL = 3  # of output, from which on progress is shown without being asked for


class Run(t.NamedTuple):
    """What a display sees of a run.

    Attributes:
        tally: how far it is.
        is_open: whether both targets are, so that nobody is going to be asked for a password past our streams.
        entries_seen: how many entries it has looked at, or None when nobody counts them.
    """

    tally: Tally
    is_open: t.Callable[[], bool]
    entries_seen: t.Callable[[], int | None]


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


def display(run: Run, options: dict[str, t.Any]) -> t.ContextManager[object]:
    """The display for a run, to be used around it.

    Parameters:
        options: the run's; ``progress`` is set if the run itself is to write the plain line.
    """
    wanted = is_wanted(options)
    live = wanted and _can_be_live()
    options["progress"] = wanted and not live
    if not live:
        return contextlib.nullcontext()
    from .live import Live

    return Live(run, options)


def _can_be_live() -> bool:
    return is_terminal(sys.stdout) and os.environ.get("TERM") != "dumb" and has_rich()
