# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What the phases of a publication share: the job, and what has come of it so far."""

from __future__ import annotations

import dataclasses
import hashlib
import typing as t

from ..errors import ConnectionLost, ProtocolError
from ..ftp.persistence import persistently
from ..model import Entry, Operation, Plan, Problem, Record, join
from ..progress.tally import Tally
from ..records.state import STAGE, StateFolder
from ..temporary import temporary_name

if t.TYPE_CHECKING:
    from ..ftp.pool import Pool
    from ..scan.cache import HashCache

R = t.TypeVar("R")


@dataclasses.dataclass(frozen=True)
class Job:
    """One publication.

    Attributes:
        root: absolute path of the synchronized folder on the server.
        local_root: folder whose files are sent.
        local: the local tree; files to be sent have their digest, or get it while they are sent (large.py).
        remote: the server's tree as it was planned on.
        run: an id that no other run has.
        backup: path of the backup set, or None when nothing is kept.
        leftovers: files that dead runs left beside their destinations.
        preserve_mtime: give files on the server the time of the local ones.
        staged: publish from the stage; else beside the destination (``publish: direct``).
        tally: told of progress.
        cache: digests that outlast the run, or None.
    """

    pool: Pool
    plan: Plan
    root: str
    local_root: str
    local: dict[str, Entry]
    remote: dict[str, Entry]
    state: StateFolder
    run: str
    backup: str | None
    leftovers: tuple[str, ...]
    preserve_mtime: bool
    staged: bool
    tally: Tally = dataclasses.field(default_factory=Tally)
    cache: HashCache | None = None

    @property
    def backup_id(self) -> str:
        """The name of the backup set; "" when nothing is kept."""
        return (self.backup or "").rpartition("/")[2]

    def at(self, path: str) -> str:
        """The absolute path on the server."""
        return join(self.root, path)

    def operations(self, *phases: int) -> list[Operation]:
        """The plan's operations of some phases, in its order."""
        return [operation for operation in self.plan.operations if operation.phase in phases]

    def stage_name(self, path: str) -> str:
        """The name in the stage."""
        return stage_name(path, self.local[path])

    def stage_path(self, path: str) -> str:
        """The absolute path in the stage."""
        return self.state.at(STAGE, self.stage_name(path))

    def temporary_path(self, path: str) -> str:
        """The absolute path beside the destination; short, whatever the name's own length."""
        return join(self.at(path).rpartition("/")[0] or "/", temporary_name(self.run, self.stage_name(path)))

    def planned_record(self, path: str, mode_set: bool, operation: Operation) -> Record:
        """What is known of a file once it is published, but for how the server lists it."""
        entry = self.local[path]
        source_mtime = None if entry.mtime is None else int(entry.mtime)
        mode = operation.mode if mode_set else None
        return Record(entry.kind, entry.size or 0, entry.sha256 or "", mode=mode, source_mtime=source_mtime)


def stage_name(path: str, entry: Entry) -> str:
    """A file's name in the stage: the same in the next run as long as path and content are."""
    return f"{(entry.sha256 or '')[:40]}{of_path(path)}"


def of_path(path: str) -> str:
    """What tells files of the same content in the stage apart."""
    return f"-{hashlib.sha256(path.encode('utf-8', 'surrogateescape')).hexdigest()[:12]}"


@dataclasses.dataclass
class Outcome:
    """What has come of a job so far; filled as things are confirmed, and true at every moment.

    Attributes:
        done: operations the server has confirmed, in that order; the values mean nothing.
        failed: operations that failed, each with its line for the user.
        skipped: operations that were not tried because of a failure before them.
        records: what is known to be equal now.
        modes_set: paths whose mode the server accepted.
        bytes_sent: content bytes that left.
        reused: files found complete in the stage of an interrupted run.
        warnings: for the user.
        quirks: learned about this server, kept in the manifest.
        kept: the backup set was made.
    """

    records: dict[str, Record]
    quirks: dict[str, t.Any]
    done: dict[Operation, None] = dataclasses.field(default_factory=dict)
    failed: list[tuple[Operation, str]] = dataclasses.field(default_factory=list)
    skipped: list[Operation] = dataclasses.field(default_factory=list)
    modes_set: set[str] = dataclasses.field(default_factory=set)
    bytes_sent: int = 0
    reused: int = 0
    warnings: list[Problem] = dataclasses.field(default_factory=list)
    kept: bool = False

    def fail(self, operation: Operation, error: Exception | str) -> None:
        self.failed.append((operation, str(error)))

    def warn_once(self, message: str) -> None:
        if not any(problem.message == message for problem in self.warnings):
            self.warnings.append(Problem("", message))


def lost(error: BaseException) -> bool:
    """Whether an error leaves the outcome of the last commands unknown (field notes 1.8)."""
    return isinstance(error, (ConnectionLost, ProtocolError))


def set_modes(job: Job, outcome: Outcome, operations: t.Sequence[Operation], *, confirm: bool) -> None:
    """SITE CHMOD in one burst. A server that refuses is remembered, and only warned about (field notes 4.8).

    Parameters:
        confirm: the operations are about modes alone, and are done by this.
    """
    if not operations or outcome.quirks.get("modes") is False:
        return
    wanted = [(job.at(operation.path), operation.mode or 0) for operation in operations]
    replies = persistently(job.pool, lambda session: session.set_modes(wanted))
    for operation, reply in zip(operations, replies):
        if reply.is_ok:
            outcome.modes_set.add(operation.path)
            record = outcome.records.get(operation.path)
            if record is not None:
                outcome.records[operation.path] = record._replace(mode=operation.mode)
            if confirm:
                outcome.done[operation] = None
        elif reply.code in (500, 501, 502, 504):
            modes_refused(outcome)
            return
        elif confirm:
            outcome.fail(operation, f"{operation.path}: mode {operation.mode:04o} refused: {reply.text}")


def modes_refused(outcome: Outcome) -> None:
    """Note that this server sets no modes."""
    outcome.quirks["modes"] = False
    outcome.warn_once("the server knows no SITE CHMOD: file_mode and directory_mode have no effect there")
