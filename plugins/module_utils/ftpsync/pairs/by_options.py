# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Two sides by the options of ``ftp_sync``: SyncOptions in, Result out.

The synchronizers of the command line do the work. What differs is what a module must differ in: patterns
are those of gitignore, files are protected, nobody is asked, nothing is printed, and a forced run that
finds files equal leaves them alone, so that the next one is unchanged.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
import typing as t

from ..apply.job import Outcome
from ..connect import connect_options
from ..console.messages import set_pyftpsync_logger
from ..decide import DELETED, MODIFIED, UNMODIFIED
from ..endpoints.folder import FsTarget
from ..errors import FtpSyncError, LocalError, PlanRefused, ServerRefused
from ..filters import Filters
from ..ftp.persistence import persistently
from ..ftp.pool import Pool
from ..ftp_target import FtpTarget
from ..model import (
    CREATE,
    CREATE_DIRECTORY,
    DELETE,
    DELETE_PATH,
    DIRECTORY,
    DOWNLOAD,
    FILE,
    PUBLISH,
    REMOVE,
    UPLOAD,
    Entry,
    Operation,
    Plan,
    Problem,
    shown,
)
from ..options import STATE_DIR, SyncOptions
from ..progress.tally import Tally
from ..records.folder_file import IncompatibleVersion
from ..resources import EntryPair, FileEntry, _Resource
from ..result import Result
from ..scan.patterns import read_filters
from ..sides.folder import FolderSide
from ..sides.server import ServerSide
from ..synchronizers import ALWAYS_OMIT, BiDirSynchronizer, DownloadSynchronizer, UploadSynchronizer
from . import steps, tables
from .apply import Applied, NotTried
from .steps import Step, in_order
from .tables import LOCAL, REMOTE

_SILENT = logging.getLogger(f"{__name__}.silent")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False

NAMED = 3  # failing messages name this many paths


class _Folder(FsTarget):
    """The local side; it may be missing, where it is to be made."""

    def __init__(self, options: SyncOptions) -> None:
        super().__init__(options.local)
        self._options = options

    def _require(self, path: str) -> None:
        """Looks for nothing: the run says what is missing, and by which option."""

    def _open(self) -> None:
        options = self._options
        self.side = FolderSide(self.root_dir, options.symlinks)
        self.side.exists = os.path.isdir(self.root_dir)
        if os.path.lexists(self.root_dir) and not self.side.exists:
            raise LocalError(f"local: {self.root_dir!r} is not a folder")
        if not self.side.exists and (options.direction == "upload" or not options.create_root):
            hint = "check the path" if options.direction == "upload" else "create it, or set create_root: true"
            raise LocalError(f"local: the folder {self.root_dir!r} does not exist: {hint}")


class _Server(FtpTarget):
    """The server's side, connected as the module's options say."""

    def __init__(self, options: SyncOptions) -> None:
        super().__init__(options.remote_path, options.host, t.cast(int, options.port), tls=options.tls != "none")
        self._options = options

    def _open(self) -> None:
        options = self._options
        self.pool = Pool(connect_options(options), options.connections)
        try:
            self.pool.open()
            self.side = ServerSide(self.pool, self.root_dir)
            (reply,) = persistently(self.pool, lambda session: list(session.pipeline([("CWD", self.root_dir)])))
        except BaseException:
            self.pool.close()
            raise
        self.lock_data = self.lock_write_time = self.server_time_ofs = None
        self.side.exists = reply.is_ok
        if not reply.is_ok and (options.direction == "download" or not options.create_root):
            self.pool.close()
            hint = "check the path" if options.direction == "download" else "create it, or set create_root: true"
            raise PlanRefused(f"remote: the folder {self.root_dir} cannot be entered ({reply.text}): {hint}")


class _ByOptions(BiDirSynchronizer):
    """What a module's run does in another way than a script's."""

    _wanted: SyncOptions
    _filters: Filters
    _errors = contextlib.nullcontext
    _ended: str | None = None

    def adopt(self, options: SyncOptions, filters: Filters) -> None:
        """Take the module's options over; before ``run``."""
        self._wanted = options
        self._filters = filters
        self._failures: list[tuple[Step, str]] = []
        self._unmatched = False  # the pair that is decided about is left out by a filter
        self._drifted: list[str] = []
        self._undecided: tuple[Problem, ...] = ()  # what failed before anything was tried
        self.is_script = True  # failures are part of the result

    def _write(self, text: str, **how: t.Any) -> None:
        """A module prints nothing."""

    def _write_error(self, text: str) -> None:
        """A module prints nothing."""

    def _may_ask(self) -> bool:
        return False

    def _execute(self) -> None:
        """What fails from here on is part of the result, beside what was done."""
        self._undecided = tuple(self._problems)
        try:
            super()._execute()
        except FtpSyncError as error:
            self._ended = str(error)

    def _records(self) -> bool:
        return self._wanted.record == "folder"

    def _look(self) -> None:
        try:
            super()._look()
        except IncompatibleVersion as error:
            what = str(error).partition(": use --")[0]
            raise PlanRefused(
                f"{what}: remove this file, so that nothing is known of its folder, or set record: none"
            ) from None

    # ------------------------------------------------------------------ filters

    def _match(self, entry: _Resource) -> bool:
        return self._takes_part(entry.get_rel_path(), entry.is_dir())

    def _takes_part(self, path: str, is_dir: bool) -> bool:
        return not self._is_ours(path) and self._filters.includes(path, is_dir)

    def _is_ours(self, path: str) -> bool:
        return path.rpartition("/")[2] in ALWAYS_OMIT or path == (self._wanted.state_path or STATE_DIR)

    def _may_go(self, side: str, path: str, entry: Entry) -> bool:
        return super()._may_go(side, path, entry) and not self._filters.protects(path, entry.kind == DIRECTORY)

    def on_mismatch(self, pair: EntryPair) -> t.Any:
        """As for scripts, but for what is protected."""
        if not self._filters.protects(pair.rel_path, pair.is_dir):
            self._unmatched = True
            super().on_mismatch(pair)
            self._unmatched = False

    def _reason(self) -> str:
        return "left out by match or exclude" if self._unmatched else super()._reason()

    def re_classify_pair(self, pair: EntryPair) -> bool | None:
        """Leave protected entries alone where there are any; spare equal ones from force."""
        local, remote = pair.local, pair.remote
        self._force_conflict(pair)
        changed = tables.CHANGED_SIDE.get(pair.operation or "")
        there = {LOCAL: local, REMOTE: remote}.get(changed or "", None if pair.is_dir else pair.any_entry)
        if there is not None and self._filters.protects(pair.rel_path, pair.is_dir):
            return False
        if pair.classes in tables.UNRECORDED and isinstance(local, FileEntry) and local == remote:
            pair.operation = tables.EQUAL
        self._note_drift(pair)
        return True

    # ------------------------------------------------------------------ records

    def on_equal(self, pair: EntryPair) -> t.Any:
        """As for scripts; what is equal without our doing is recorded, too."""
        super().on_equal(pair)
        self._remember(pair)

    def on_need_compare(self, pair: EntryPair) -> t.Any:
        """As for scripts; likewise for folders."""
        super().on_need_compare(pair)
        if pair.is_dir:
            self._remember(pair)

    def _remember(self, pair: EntryPair) -> None:
        """Record what both sides have, so that a later edit or deletion of one of them is known for what it is.

        Scripts and the command line do not, as pyftpsync does not (B8). In one direction no record is needed.
        """
        if self._wanted.direction == "sync" and pair.local is not None:
            self._recorder.found_equal(pair.rel_path, pair.local.mtime, pair.local.size, pair.is_dir)

    def _source(self) -> str | None:
        """The side that is the truth; None where both are."""
        return self._reads_only

    def _force_conflict(self, pair: EntryPair) -> None:
        """With force the source's changed file wins; what it has lost does not, that needs ``resolve``."""
        source = {LOCAL: pair.local, REMOTE: pair.remote}.get(self._source() or "")
        if pair.is_conflict() and source is not None and self._wanted.force:
            pair.operation = tables.COPY_LOCAL if self._source() == LOCAL else tables.COPY_REMOTE

    def _note_drift(self, pair: EntryPair) -> None:
        """Take note of what somebody changed at the destination since the last run."""
        if self._source() is None or not self._match(pair.any_entry):
            return
        source, there = pair.classes if self._source() == LOCAL else pair.classes[::-1]
        if there in (MODIFIED, DELETED) and source in (UNMODIFIED, MODIFIED, DELETED):
            self._drifted.append(pair.rel_path)

    # ------------------------------------------------------------------ the plan as a whole

    def _check_plan(self) -> None:
        super()._check_plan()
        options = self._wanted
        folder = t.cast(FolderSide, self.local.side)
        linked = [path for path in self._tree(LOCAL).linked if self._takes_part(path, os.path.isdir(folder.at(path)))]
        if options.symlinks == "fail" and linked:
            raise LocalError(f"symlinks: fail: {shown(min(linked))} is a link; exclude it, or set symlinks: skip")
        if options.resolve == "fail" and self._conflicts:
            named = "; ".join(f"{shown(path)}: {reason}" for path, reason in sorted(self._conflicts.items())[:NAMED])
            number = f"{len(self._conflicts)} conflict{'s' if len(self._conflicts) > 1 else ''}"
            raise PlanRefused(f"{number}, nothing was changed: {named}; set resolve: skip")
        self._check_source()
        for side in (LOCAL, REMOTE):
            doomed = [step for step in self._steps if step.side == side and step.action == steps.DELETE]
            files = [step.path for step in doomed if step.entry.kind != DIRECTORY]
            there = sum(1 for entry in self._tree(side).entries.values() if entry.kind != DIRECTORY)
            if not options.max_delete.allows(len(files), there):
                raise PlanRefused(
                    f"{len(files)} of {there} files on the {side} side would be deleted ({', '.join(files[:NAMED])}…),"
                    f" more than max_delete allows ({options.max_delete}); nothing was changed: look at them with"
                    " max_delete: 100% in check mode"
                )

    def _check_source(self) -> None:
        """A source without any file is rather a wrong path than a wish to delete everything."""
        options, side = self._wanted, self._source()
        if side is None or not options.delete:
            return
        entries = self._tree(side).entries.items()
        if any(entry.kind != DIRECTORY and self._takes_part(path, False) for path, entry in entries):
            return
        where = {LOCAL: (options.local, "on the server"), REMOTE: (options.remote, f"in {options.local}")}
        source, destination = where[side]
        raise PlanRefused(
            f"{side}: {source} holds no files (or all are excluded), and delete is on, so that all files {destination}"
            " would go: check the path and the filters, or set delete: false"
        )

    def _make_root(self, side: str) -> None:
        there = self._target(side).side
        if isinstance(there, FolderSide):
            try:
                os.makedirs(there.root, exist_ok=True)
            except OSError as error:
                raise LocalError(f"local: the folder {there.root!r} cannot be made: {error.strerror}") from None
        elif isinstance(there, ServerSide):
            parts = there.root.strip("/").split("/")
            folders = ["/" + "/".join(parts[: count + 1]) for count in range(len(parts))]
            commands = [*(("MKD", folder) for folder in folders), ("CWD", there.root)]
            replies = persistently(there.pool, lambda session: list(session.pipeline(commands)))
            if not replies[-1].is_ok:
                raise ServerRefused(
                    f"remote: the folder {there.root} cannot be created ({replies[-2].text}): "
                    "may this account write there?",
                    replies[-2],
                )
        there.exists = True

    # ------------------------------------------------------------------ the result

    def _take_failure(self, applied: Applied) -> None:
        super()._take_failure(applied)
        if applied.error is not None and not isinstance(applied.error, NotTried):
            self._failures.append((applied.step, shown(_named(applied.step.path, str(applied.error)))))

    def result(self, seconds: float) -> Result:
        """What came of the run, as modules and reports read it."""
        operations = {id(step): _operation(step) for step in in_order(self._steps)}
        done = {operations[id(step)]: None for step in self._done}
        outcome = Outcome(records={}, quirks={}, done=done, bytes_sent=self._stats["upload_bytes_written"])
        outcome.failed = [(operations[id(step)], text) for step, text in self._failures]
        outcome.skipped = [operations[id(step)] for step in self._skipped]
        conflicts = tuple(Problem(path, reason) for path, reason in sorted(self._conflicts.items()))
        plan = Plan(tuple(operations.values()), tuple(sorted(self._drifted)), (), (), conflicts, {}, False)
        touched = {step.path for step in self._steps}
        local = {
            path: entry
            for path, entry in self._tree(LOCAL).entries.items()
            if path in touched or self._takes_part(path, entry.kind == DIRECTORY)
        }
        return Result(
            plan,
            None if self.dry_run else outcome,
            local,
            self._tree(REMOTE).entries,
            self.remote.pool.facts.as_dict(),
            tuple(dict.fromkeys(self._warnings)),
            self._error(len(operations)),
            None,
            seconds,
            self._undecided,
        )

    def _error(self, planned: int) -> str | None:
        if self._ended is not None or not self._problems:
            return self._ended
        first = shown(_named(*self._problems[0]))
        more = f" (and {len(self._problems) - 1} more, see errors)" if len(self._problems) > 1 else ""
        failures = f"{len(self._problems)} failure{'s' if more else ''}"
        return f"{failures}, {len(self._done)} of {planned} operations done: {first}{more}"


def _named(path: str, message: str) -> str:
    """A message that says what it is about; those of servers name temporary files."""
    return message if path in message else f"{path}: {message}"


class _Upload(_ByOptions, UploadSynchronizer):
    """``direction: upload`` with records in folders, or none."""


class _Download(_ByOptions, DownloadSynchronizer):
    """``direction: download``."""


class _Sync(_ByOptions):
    """``direction: sync``."""


_KINDS: dict[str, type[_ByOptions]] = {"upload": _Upload, "download": _Download, "sync": _Sync}

_ACTIONS = {
    (steps.CREATE_DIRECTORY, LOCAL): (CREATE, CREATE_DIRECTORY),
    (steps.CREATE_DIRECTORY, REMOTE): (CREATE, CREATE_DIRECTORY),
    (steps.COPY, LOCAL): (PUBLISH, DOWNLOAD),
    (steps.COPY, REMOTE): (PUBLISH, UPLOAD),
}


# Why something goes that the source lacks: by what is told of it when it stays.
_LACKING = {
    **dict.fromkeys(("new here", "only here"), "missing on the server"),
    **dict.fromkeys(("new on the server", "only on the server"), "missing here"),
}


def _operation(step: Step) -> Operation:
    removal = (REMOVE if step.entry.kind == DIRECTORY else DELETE, DELETE_PATH)
    phase, action = _ACTIONS.get((step.action, step.side), removal)
    kind = step.entry.kind if step.entry.kind in (FILE, DIRECTORY) else "link"
    replaces = step.replaces is not None
    size = step.entry.size or 0
    reason = _LACKING.get(step.reason, step.reason) if action == DELETE_PATH else step.reason
    return Operation(phase, step.path, action, kind, size, reason, replaces=replaces, side=step.side)


def synchronize(options: SyncOptions, *, check: bool, tally: Tally) -> Result:
    """Synchronize two sides; as ``engine.synchronize``.

    Raises:
        FtpSyncError: nothing was changed. Whatever fails later is in the result.
    """
    started = time.monotonic()
    choices = {
        "verbose": 0,
        "dry_run": check,
        "force": options.force,
        "delete": options.delete,
        "delete_unmatched": options.delete_unmatched,
        "resolve": "skip" if options.resolve == "fail" else options.resolve,
    }
    run = _KINDS[options.direction](_Folder(options), _Server(options), choices)
    run.adopt(options, read_filters(options))
    run.tally = tally
    former = set_pyftpsync_logger(_SILENT)
    try:
        run.run()
    finally:
        set_pyftpsync_logger(former)
    return run.result(time.monotonic() - started)
