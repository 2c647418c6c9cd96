# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Carry a plan for two sides out: folders, then copies, then deletions. Decides nothing.

Each step is reported as it is confirmed or has failed. On a side where a copy failed nothing is deleted:
what goes may be the old name of what did not arrive.
"""

from __future__ import annotations

import typing as t

from ..errors import FtpSyncError, LocalError
from ..ftp.persistence import persistently
from ..model import DIRECTORY, parent
from ..sides.copying import Copied, Job, copy_files
from .steps import COPY, CREATE_DIRECTORY, DELETE, Step, above, in_order
from .tables import LOCAL, REMOTE

if t.TYPE_CHECKING:
    from ..progress.tally import Tally
    from ..sides.copying import Side
    from .case import Spelling

OTHER = {LOCAL: REMOTE, REMOTE: LOCAL}


class NotTried(FtpSyncError):
    """A step that was left out because another one had failed."""


class Applied(t.NamedTuple):
    """What came of one step."""

    step: Step
    copied: Copied | None
    error: FtpSyncError | None


class Carrier:
    """Carries steps out.

    Parameters:
        sides: by LOCAL and REMOTE.
        spelling: how paths are written on each side.
        documents: folders that hold a record file, by side.
        run: the run's id, 12 hexadecimal digits.
        tally: told of progress.
    """

    def __init__(
        self,
        sides: t.Mapping[str, Side],
        spelling: Spelling,
        documents: t.Mapping[str, t.Container[str]],
        run: str,
        tally: Tally,
    ) -> None:
        self._sides = sides
        self._spelling = spelling
        self._documents = documents
        self._run = run
        self._tally = tally
        self._broken: dict[str, set[str]] = {LOCAL: set(), REMOTE: set()}  # folders that could not be made
        self._incomplete: set[str] = set()

    def carry_out(self, steps: t.Sequence[Step]) -> t.Iterator[Applied]:
        """Do all steps; yields each with what came of it."""
        ordered = in_order(steps)
        self._tally.phase = "transfer"
        for side in (REMOTE, LOCAL):
            mine = [step for step in ordered if step.side == side]
            yield from self._noting(self._create([step for step in mine if step.action == CREATE_DIRECTORY], side))
        for side in (REMOTE, LOCAL):
            mine = [step for step in ordered if step.side == side]
            yield from self._noting(self._copy([step for step in mine if step.action == COPY], side))
        self._tally.phase = "delete"
        for side in (REMOTE, LOCAL):
            yield from self._delete([step for step in ordered if step.side == side and step.action == DELETE], side)

    def _noting(self, results: t.Iterator[Applied]) -> t.Iterator[Applied]:
        for applied in results:
            if applied.error is not None:
                self._incomplete.add(applied.step.side)
            yield applied

    def _create(self, steps: list[Step], side: str) -> t.Iterator[Applied]:
        there = {self._spelling.on(side, step.path): step for step in steps}
        for path, error in self._sides[side].make_folders(list(there)):
            if error is not None:
                self._broken[side].add(there[path].path)
            yield Applied(there[path], None, error)

    def _copy(self, steps: list[Step], side: str) -> t.Iterator[Applied]:
        broken = self._broken[side]
        jobs: dict[Job, Step] = {}
        for step in steps:
            if any(folder in broken for folder in above(step.path)):
                yield Applied(step, None, NotTried(f"{step.path}: not copied, since its folder could not be made"))
            else:
                jobs[self._job(step)] = step
        # Large files first, so that no connection is left alone with one at the end.
        ordered = sorted(jobs, key=lambda job: -(job.entry.size or 0))
        source, target = self._sides[OTHER[side]], self._sides[side]
        for job, copied, error in copy_files(source, target, ordered, self._run, self._tally):
            if error is None:
                self._tally.files_done += 1
            yield Applied(jobs[job], copied, error)

    def _job(self, step: Step) -> Job:
        source = self._spelling.on(OTHER[step.side], step.path)
        target = self._spelling.on(step.side, step.path)
        return Job(step.path, source, target, step.entry, step.mtime, step.replaces)

    def _delete(self, steps: list[Step], side: str) -> t.Iterator[Applied]:
        if side in self._incomplete:
            for step in steps:
                yield Applied(step, None, NotTried(f"{step.path}: not deleted, since something could not be copied"))
            return
        files = {self._spelling.on(side, s.path): s for s in steps if s.entry.kind != DIRECTORY}
        folders = {self._spelling.on(side, s.path): s for s in steps if s.entry.kind == DIRECTORY}
        full: set[str] = set()
        for path, error in self._sides[side].delete_files({path: step.entry for path, step in files.items()}):
            if error is not None:
                full.update(above(path))
            yield Applied(files[path], None, error)
        empty = [path for path in folders if path not in full]
        for path, step in folders.items():
            if path in full:
                yield Applied(step, None, NotTried(f"{path}: not removed, since something in it remains"))
        for path, error in self._sides[side].delete_folders(empty, self._documents[side]):
            yield Applied(folders[path], None, error)


def wrong_times(side: Side, copies: t.Sequence[tuple[Step, Copied]], spelling: Spelling, which: str) -> bool:
    """Whether a server takes times and does not keep them, as one file shows.

    Parameters:
        copies: what was written there in this run.
        which: LOCAL or REMOTE: what ``side`` is.
    """
    trial = next((step for step, copied in copies if copied.keeps_time and step.mtime is not None), None)
    if trial is None or not side.is_server:
        return False
    from ..sides.server import ServerSide

    if not isinstance(side, ServerSide):
        raise LocalError("only a server can be asked")
    path = spelling.on(which, trial.path)
    folder, name = parent(path), path.rpartition("/")[2]
    listing = persistently(side.pool, lambda session: session.list_folder(side.at(folder)))
    for item in listing.entries:
        if item.name == name and item.entry.mtime is not None:
            late = item.entry.mtime - t.cast(float, trial.mtime)
            return not -2.01 - item.entry.mtime_span <= late <= 2.01
    return False
