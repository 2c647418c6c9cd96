# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Carry the plan out and take note of what is confirmed: lines, statistics, records."""

from __future__ import annotations

import contextlib
import time

from ..errors import FtpSyncError, PlanRefused
from ..model import DIRECTORY, parent
from ..run_id import new_run_id
from ..sides.copying import Copied
from ..sides.tree import child
from ..temporary import is_aside
from .apply import Applied, Carrier, NotTried, wrong_times
from .planning import Planner
from .steps import COPY, CREATE_DIRECTORY, DELETE, Step, in_order
from .tables import LOCAL, REMOTE

# A temporary file that nobody has written to for this long belongs to a run that is dead.
LEFTOVER_AGE = 15 * 60.0  # seconds; longer than any run waits for a server

_DIRECTION = {REMOTE: "upload", LOCAL: "download"}


class Performer(Planner):
    """The part of a synchronizer that acts."""

    def _begin(self) -> None:
        super()._begin()
        self._skipped: list[Step] = []
        self._copies: dict[str, list[tuple[Step, Copied]]] = {LOCAL: [], REMOTE: []}
        self._moving = 0.0

    # ------------------------------------------------------------------ dry run

    def _pretend(self) -> None:
        """Count what a run would do; files in new folders are not counted (specification 1.5)."""
        for step in self._steps:
            self._say_lines(step.deed)
            self._done.append(step)
            if not step.nested:
                self._count(step, 0)

    # ------------------------------------------------------------------ run

    def _carry_out(self) -> None:
        """Do all steps of the plan."""
        if not self._steps:
            return
        self._prepare()
        carrier = Carrier(
            {side: self._target(side).side for side in (LOCAL, REMOTE)},
            self._survey.spelling,
            {
                side: {self._survey.spelling.on(side, path) for path in self._tree(side).documents}
                for side in (LOCAL, REMOTE)
            },
            new_run_id(),
            self.tally,
        )
        started = time.monotonic()
        try:
            for applied in carrier.carry_out(self._steps):
                self._tick()
                self._take(applied)
                self._recorder.save_now_and_then()
        finally:
            self._tidy_up()
        self._moving = time.monotonic() - started
        self._check_times()
        self._sweep()

    def _tidy_up(self) -> None:
        """What was on its way to a server when it failed or the run was interrupted goes, if that is possible."""
        for side in (LOCAL, REMOTE):
            there = self._target(side).side
            if there.is_server and there.arriving:
                with contextlib.suppress(FtpSyncError):
                    there.sweep(sorted(there.arriving))

    def _prepare(self) -> None:
        """Lock what will be written to, and learn how its clock goes."""
        for side in (LOCAL, REMOTE):
            target = self._target(side)
            if not target.side.exists:
                self._make_root(side)
            if target.side.is_server and any(step.side == side for step in self._steps):
                target._lock()
                self._recorder.offset[side] = target.server_time_ofs or 0.0
        copies = [step for step in self._steps if step.action == COPY]
        self.tally.expect([step.entry.size or 0 for step in copies])

    def _make_root(self, side: str) -> None:
        """Make a root folder that was missing; targets that scripts open make theirs then."""
        raise PlanRefused(f"the {side} folder {self._target(side).root_dir} does not exist")

    def _take(self, applied: Applied) -> None:
        """Take note of what came of one step."""
        step, deed = applied.step, applied.step.deed
        deed.waiting -= 1
        if applied.error is None:
            self._done.append(step)
            self._record(step, applied.copied)
            self._count(step, applied.copied.size if applied.copied else 0)
            if applied.copied is not None and applied.copied.warning:
                self._warn(applied.copied.warning)
        else:
            deed.failed = deed.failed or not step.nested
            self._take_failure(applied)
        if not deed.waiting:
            if not deed.failed:
                self._say_lines(deed)
            deed.lines = []

    def _take_failure(self, applied: Applied) -> None:
        step, error = applied.step, applied.error
        if isinstance(error, NotTried):
            self._skipped.append(step)
            self._say(3, str(error))
        elif error is not None and not self.on_error(error, step.deed.pair):
            if step.action == COPY:
                self._inc_stat("copy_errors")
            self._fail(error, step.deed.pair, step.path)

    def _record(self, step: Step, copied: Copied | None) -> None:
        recorder = self._recorder
        if step.action == CREATE_DIRECTORY:
            recorder.created(step)
        elif step.action == DELETE:
            recorder.deleted(step)
        elif copied is not None:
            keeps = copied.keeps_time and self._target(step.side).side.keeps_times
            recorder.copied(step, keeps)
            self._copies[step.side].append((step, copied))

    def _count(self, step: Step, size: int) -> None:
        """Count one step (specification 10.7)."""
        if step.action != DELETE or not step.nested:
            self._inc_stat("entries_touched")
        if step.action == CREATE_DIRECTORY:
            self._inc_stat("dirs_created")
        elif step.action == COPY:
            direction = _DIRECTION[step.side]
            for name in ("", f"{direction}_"):
                self._inc_stat(f"{name}files_written")
                self._inc_stat(f"{name}bytes_written", size)
        elif not step.nested:
            self._inc_stat("dirs_deleted" if step.entry.kind == DIRECTORY else "files_deleted")

    def _check_times(self) -> None:
        """A server that takes times and shows others: the true ones go into its folders' records."""
        for side, copies in self._copies.items():
            there = self._target(side).side
            if there.keeps_times and wrong_times(there, copies, self._survey.spelling, side):
                there.keeps_times = False
                for step, _copied in copies:
                    self._recorder.copied(step, keeps_time=False)

    def _sweep(self) -> None:
        """Remove temporary files of runs that were killed; what was put aside only when its place is taken again."""
        for side in (LOCAL, REMOTE):
            if not any(step.side == side for step in self._done):
                continue
            tree, spelling = self._tree(side), self._survey.spelling
            now = time.time() + self._recorder.offset[side]
            copied = [spelling.on(side, step.path) for step, _copied in self._copies[side]]
            old = []
            for path, entry in tree.leftovers.items():
                there = [child(parent(path), name) for name in tree.children.get(parent(path), ())]
                name = path.rpartition("/")[2]
                needed = name.endswith(".old") and not any(is_aside(name, taken) for taken in [*there, *copied])
                if not needed and entry.mtime is not None and now - entry.mtime - entry.mtime_span > LEFTOVER_AGE:
                    old.append(spelling.on(side, path))
            self._target(side).side.sweep(old)

    # ------------------------------------------------------------------ the result

    def operations(self) -> list[Step]:
        """What was done, in a dry run what would be; in the order of the plan (design 10.7)."""
        done = set(map(id, self._done))
        return [step for step in in_order(self._steps) if id(step) in done]
