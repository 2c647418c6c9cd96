# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The voice of a synchronizer: lines by verbosity, statistics, what failed."""

from __future__ import annotations

import typing as t

from ..model import Problem, shown
from ..progress.tally import Tally
from ..util import DRY_RUN_PREFIX, write, write_error
from . import lines
from .stats import new_stats
from .steps import Deed, Step

if t.TYPE_CHECKING:
    from ..resources import EntryPair, _Resource


class Narrator:
    """What a run tells, and how it counts.

    Parameters:
        local, remote: targets.
        options: of the run.

    Attributes:
        verbose: 0 to 6 (specification 1.5).
        tally: progress, for a display.
        is_script: True when somebody at a terminal may be asked.
        resolve_all: the answer to all conflicts to come, or None.
    """

    def __init__(self, local: t.Any, remote: t.Any, options: dict[str, t.Any]) -> None:
        self.local = local
        self.remote = remote
        self.options = options
        verbose = options.get("verbose")
        self.verbose = 3 if verbose is None else int(verbose)
        self.dry_run = bool(options.get("dry_run"))
        self.is_script: bool | None = None
        self.resolve_all: str | None = None
        self.tally = Tally()
        self._stats = new_stats()
        self._begin()

    def _begin(self) -> None:
        """Forget the run before; who holds the statistics or the tally keeps the same objects."""
        self.tally.begin()
        self._stats.clear()
        self._stats.update(new_stats())
        self._conflicts: dict[str, str] = {}
        self._problems: list[Problem] = []
        self._warnings: list[str] = []
        self._first_error: BaseException | None = None
        self._deed: Deed | None = None
        self._done: list[Step] = []

    def get_stats(self) -> dict[str, t.Any]:
        """The statistics of specification 10.7."""
        return self._stats

    def error_count(self) -> int:
        """How many entries failed."""
        return int(self._stats["errors"])

    def problem_count(self) -> int:
        """How many conflicts were left alone, and copies failed."""
        return int(self._stats["conflict_files_skipped"] + self._stats["copy_errors"])

    def _inc_stat(self, name: str, ofs: int = 1) -> None:
        self._stats[name] = self._stats.get(name, 0) + ofs

    # ------------------------------------------------------------------ lines

    def _write(self, text: str, **how: t.Any) -> None:
        write(text, **how)

    def _write_error(self, text: str) -> None:
        write_error(text)

    def _say(self, min_level: int, text: str) -> None:
        if self.verbose >= min_level:
            self._write(text)

    def _say_all(self, min_level: int, texts: t.Iterable[str]) -> None:
        for text in texts:
            self._say(min_level, text)

    def _dry_run_action(self, text: str) -> None:
        """Tell what a run would do."""
        self._say(3, f"{DRY_RUN_PREFIX}{text}" if self.dry_run else text)

    def _log_action(self, action: str, status: str, symbol: str, entry: _Resource, min_level: int = 3) -> None:
        """Tell about one entry; where something is to be done, once it is done, or in a dry run once it is sure.

        Parameters:
            action, status, symbol: see the table of specification 1.5.
            min_level: the verbosity from which on it is told.
        """
        if self.verbose < (min(min_level, 2) if status == "conflict" else min_level):
            return
        line = lines.action_line(action, status, symbol, entry.get_rel_path(), entry.is_dir(), self.dry_run)
        text = lines.coloured(line, action, status, symbol, bool(self.options.get("no_color")))
        if self._deed is not None:
            self._deed.lines.append(text)
        else:
            self._write(text)

    def _tick(self) -> None:
        """Called before every step; an exception raised here ends the run."""
        if self.options.get("progress") and self.verbose >= 0:
            stats = self._stats
            text = (
                f"Touched {stats['entries_touched']}/{stats['entries_seen']} entries in "
                f"{stats['local_dirs']} directories..."
            )
            write(f"{DRY_RUN_PREFIX}{text}" if self.dry_run else text, end="\r")

    def _warn(self, text: str) -> None:
        """Tell what is no failure but should be known."""
        self._warnings.append(shown(text))
        if self.verbose >= 2:
            self._write_error(shown(text))

    def _fail(self, error: BaseException, pair: EntryPair | None, path: str) -> None:
        """Tell that one entry failed; the run goes on with the others (B41)."""
        text = shown(str(error).splitlines()[0] if str(error) else type(error).__name__)
        self._stats["errors"] += 1
        self._problems.append(Problem(path, text))
        self._first_error = self._first_error or error
        self._write_error(f"ERROR: {text}")
        if pair is not None and self.verbose >= 3:
            self._write_error(f"    {shown(str(pair))}")
