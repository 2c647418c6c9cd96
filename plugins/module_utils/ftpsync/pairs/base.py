# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The life of a synchronizer: bind, open, look, plan, carry out, record, close."""

from __future__ import annotations

import time
import typing as t

from ..api_errors import as_promised
from ..errors import PlanRefused, UsageError
from ..model import FILE
from ..util import verbose_meta
from . import tables
from .outcome import outcome
from .performing import Performer
from .recorder import Recorder
from .stats import finish
from .steps import DELETE
from .survey import look
from .tables import LOCAL, REMOTE

OTHER = {LOCAL: REMOTE, REMOTE: LOCAL}

# So many known files and nothing there: rather another folder or a disk that is not mounted than a wish.
IMPLAUSIBLE = 20


class SynchronizerBase(Performer):
    """One run of two targets; may be repeated, and the targets used again elsewhere."""

    # By class: what ``resolve`` may be, and which side is only read.
    _resolves: tuple[str, ...] = (tables.LOCAL, tables.REMOTE, tables.OLD, tables.NEWEST, tables.SKIP, tables.ASK)
    _reads_only: str | None = None
    # Turns errors of the engine into those that scripts expect.
    _errors: t.Callable[[], t.ContextManager[object]] = staticmethod(as_promised)

    if t.TYPE_CHECKING:

        def get_info_strings(self) -> tuple[str, str]:
            """What is done, and where to."""

    def run(self) -> bool:
        """Synchronize; True when it is done.

        Entries that fail do not end the run. Its first failure is raised at the end, unless ``is_script`` is set:
        then ``error_count`` tells.

        Raises:
            FtpSyncError: it could not begin, or something failed.
        """
        self._begin()
        with self._errors():
            first, second = self.get_info_strings()
            self._check_options()
            started = time.monotonic()
            self._bind()
            try:
                self._banner(first, second)
                self._decide_all()
                self._decided = True
                self._execute()
            finally:
                self._end(time.monotonic() - started)
            if self._first_error is not None and not self.is_script:
                raise self._first_error
        return True

    def _begin(self) -> None:
        super()._begin()
        self._decided = False

    def _decide_all(self) -> None:
        """Open, look and plan; changes nothing."""
        self._open()
        self._look()
        self._plan()
        self._check_plan()

    def _execute(self) -> None:
        """Carry the plan out, unless this is a dry run."""
        if self.dry_run:
            self._pretend()
        else:
            self._carry_out()

    def close(self) -> None:
        """Close both targets, where they are open."""
        for target in (self.local, self.remote):
            if target.connected:
                target.close()

    # ------------------------------------------------------------------ begin

    def _check_options(self) -> None:
        choice = self.options.get("resolve") or tables.SKIP
        if choice not in self._resolves:
            raise UsageError(f"resolve: {choice!r} is not for this command: use one of {', '.join(self._resolves)}")

    def _bind(self) -> None:
        for target, other in ((self.local, self.remote), (self.remote, self.local)):
            if target.synchronizer is not None and target.synchronizer is not self:
                raise RuntimeError(f"{target.get_base_name()} is in use by another synchronizer")
            target.synchronizer = self
            target.peer = other
            target.dry_run = self.dry_run
        self.local.readonly = self._reads_only == LOCAL
        self.remote.readonly = self._reads_only == REMOTE

    def _banner(self, first: str, second: str) -> None:
        self._say(3, f"{first} {self.local.get_base_name()}\n{second:>20} {self.remote.get_base_name()}")

    def _open(self) -> None:
        for target in (self.local, self.remote):
            if not target.connected:
                target.open()
        self._say(3, f"Encoding local: {self.local.encoding}, remote: {self.remote.encoding}")

    def _look(self) -> None:
        """Look at both sides."""
        self.tally.phase = "scan"
        sides = {LOCAL: self.local.side, REMOTE: self.remote.side}
        self._recorder = Recorder(sides, self.remote.get_id(), verbose_meta(), self._warn)
        if not self._records():
            self._recorder.frozen.update((LOCAL, REMOTE))
            self._recorder.ignores = True
        self._survey = look(
            sides,
            self._recorder,
            self._enters,
            self._time_matters,
            bool(self.options.get("migrate")),
            self.options.get("case"),
        )
        for problem in self._survey.problems():
            self._warn(f"{problem.path}: {problem.message}" if problem.path else problem.message)

    def _records(self) -> bool:
        """Whether records are kept."""
        return True

    def _time_matters(self, side: str, path: str) -> bool:  # noqa: ARG002 - for subclasses
        """Whether the time of a file is needed that only this side has."""
        return self._reads_only != OTHER[side]

    # ------------------------------------------------------------------ decide

    def _check_plan(self) -> None:
        super()._check_plan()
        for side in (LOCAL, REMOTE):
            tree, other = self._tree(side), OTHER[side]
            doomed = [s for s in self._steps if s.side == other and s.action == DELETE and s.entry.kind == FILE]
            if not tree.entries and not tree.blocked and len(doomed) >= IMPLAUSIBLE:
                raise PlanRefused(
                    f"the {side} folder is empty, so that {len(doomed)} files of the other side would be deleted:"
                    " nothing was changed. If this is meant, delete them there yourself"
                )

    # ------------------------------------------------------------------ end

    def _end(self, seconds: float) -> None:
        """Save the records and close, whatever happened (B2); a run that came to no plan has none to save."""
        self.tally.phase = "record"
        try:
            if self._decided:
                if not self.dry_run:
                    self._recorder.save()
                self._stats["meta_bytes_read"] = self._recorder.bytes_read
                self._stats["meta_bytes_written"] = self._recorder.bytes_written
        finally:
            try:
                self.close()
            finally:
                for target in (self.local, self.remote):
                    target.synchronizer = target.peer = None
                    target.readonly = False
                finish(self._stats, seconds, self._moving)
                self.tally.phase = "done"

    def to_dict(self) -> dict[str, t.Any]:
        """The lists and numbers of the run under the names that ``ftp_sync`` returns (design 8)."""
        return outcome(self.operations(), self._conflicts, self._problems, self._warnings, self._stats)
