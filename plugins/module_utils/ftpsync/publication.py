# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What a run does whose plan holds work: lock ─► apply ─► record. Nothing else in a run writes to the server.

Runs in check mode, and those that find nothing to do, never read this module.
"""

from __future__ import annotations

import contextlib
import time
import typing as t

from .apply import large, phases
from .apply.exclusive import absorb, locked, up_to_date
from .apply.job import Job, Outcome
from .apply.recording import Recorder
from .errors import FtpSyncError, ServerRefused
from .ftp.persistence import persistently
from .model import SET_MODE, UPLOAD, Operation, Plan, parent, shown
from .records.backup import new_id
from .records.journal import head_of
from .records.lock import Lock
from .records.manifest import UNSURE, Head, Manifest
from .records.state import BACKUP
from .run_id import timestamp
from .scan.remote import RemoteScan
from .scan.source import hash_missing, is_hashed_late

if t.TYPE_CHECKING:
    from .engine import Run, Survey
    from .ftp.session import Session


class Published(t.NamedTuple):
    """What has come of a publication.

    Attributes:
        survey: what it was planned on in the end.
        outcome: operation by operation.
        error: the line for the user if something failed.
        backup_id: the backup set, or None if none was made.
        manifest: the record as it is now.
    """

    survey: Survey
    outcome: Outcome
    error: str | None
    backup_id: str | None
    manifest: Manifest | None


class Publication:
    """The writing part of one run.

    Parameters:
        run: it has surveyed the server.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._options = run.options
        self._pool = run.pool
        self._state = run.state
        self._recorded = run.recorded
        self._prepares = run.prepares
        self._written: Manifest | None = None

    def carry_out(self, survey: Survey) -> Published:
        """Apply and record, under the lock; plan again if another run was faster.

        Parameters:
            survey: what the plan was made of.
        Raises:
            FtpSyncError: nothing was changed. Whatever fails later is in what is returned.
        """
        self._create_root(survey.scan)
        if not self._run.uses_state:
            return self._apply(survey, None)
        timeout = self._options.lock_timeout
        self._pool.warm(sum(operation.action == UPLOAD for operation in survey.plan.operations))
        self._hash(survey)  # before the lock is held, since it may take its time
        with locked(self._pool, self._state, survey.state, self._run.run_id, timeout, timestamp(), sign=False) as lock:
            survey, fresh = up_to_date(
                self._pool,
                self._state,
                survey,
                lock,
                state_of=lambda seen: seen.state,
                essence=lambda seen: (seen.state.manifest, seen.state.staged, seen.scan.entries),
                again=lambda: self._run.survey(persistently(self._pool, self._state.read)),
            )
            if self._recorded:
                now_at = head_of(fresh.manifest, fresh.journal, exact=False)
                fresh = absorb(self._pool, self._state, fresh, survey.plan.records, now_at, timestamp())
            survey = survey._replace(state=fresh)
            published = self._apply(survey, lock)
        if not self._recorded and fresh.manifest is None:
            # Content is published by now: what remains of our folder is no reason to say that nothing was changed.
            with contextlib.suppress(FtpSyncError):
                persistently(self._pool, self._state.remove)
        if self._recorded and not self._prepares:
            _outlast(published.outcome, survey.plan)
        return published

    def _create_root(self, scan: RemoteScan) -> None:
        if scan.root_exists:
            return
        folders: list[str] = []
        folder = self._run.root
        while folder != "/":
            folders.insert(0, folder)
            folder = parent(folder) or "/"

        def step(session: Session) -> None:
            replies = list(session.pipeline(("MKD", folder) for folder in folders))
            try:
                session.list_folder(self._run.root)
            except ServerRefused:
                raise ServerRefused(
                    f"remote: the folder {self._run.root} cannot be created ({replies[-1].text}): "
                    "may this account write there?",
                    replies[-1],
                ) from None

        persistently(self._pool, step)

    def _apply(self, survey: Survey, lock: Lock | None) -> Published:
        manifest = survey.state.manifest
        quirks = {**(manifest.server if manifest is not None else {}), UNSURE: self._is_unsure(survey)}
        outcome = Outcome(records=dict(survey.plan.records), quirks=quirks)
        backup_id = None
        if self._options.backup and not self._prepares and any(o.action != SET_MODE for o in survey.plan.operations):
            generation, head = (manifest.generation, manifest.head) if manifest is not None else (0, Head())
            backup_id = new_id(generation + 1, head.id, time.time())
        error: str | None = None
        try:
            self._go_through(survey, outcome, lock, self._job(survey, backup_id))
        except FtpSyncError as failure:
            error = str(failure)
        if error is None and outcome.failed:
            error = _summary(outcome, survey.plan.operations)
        written = self._written or manifest
        return Published(survey, outcome, error, backup_id if outcome.kept else None, written)

    def _is_unsure(self, survey: Survey) -> bool:
        """Whether the server is not known to be all as the next record will say."""
        touched = {operation.path for operation in survey.plan.operations}
        is_left = any(path not in touched for path in (*survey.plan.drifted, *(c.path for c in survey.plan.conflicts)))
        return is_left or self._options.scan == "trust"

    def _go_through(self, survey: Survey, outcome: Outcome, lock: Lock | None, job: Job) -> None:
        state = survey.state
        if self._prepares and lock is not None:
            phases.prepare(job, outcome, state, lock)
            return
        root, backup_id = self._run.root, job.backup_id or None
        recorder = Recorder(self._state, root, state.manifest, backup_id) if self._recorded else None
        has_begun = phases.apply_plan(job, outcome, state, lock, timestamp(), recorder)
        if recorder is not None and has_begun:  # else there is no journal, by which a record that is cut could be told
            self._run.tally.phase = "record"
            outcome.quirks[UNSURE] = bool(outcome.quirks[UNSURE] or outcome.failed)
            self._written = recorder.write(job, outcome, lock)
        if lock is not None and not outcome.failed:
            phases.clean_up(job, state, self._options.backup)

    def _hash(self, survey: Survey) -> None:
        """Make sure that what is to be sent has its digest, unless it gets that on its way."""
        options, local = self._options, self._run.local.entries
        sent = [o.path for o in survey.plan.operations if o.action == UPLOAD]
        late = {path for path in sent if is_hashed_late(options, local[path]) and large.can_wait(options.local, path)}
        early = [path for path in sent if path not in late]
        hash_missing(options.local, local, early, self._run.local.cache)

    def _job(self, survey: Survey, backup_id: str | None) -> Job:
        self._hash(survey)
        return Job(
            pool=self._pool,
            plan=survey.plan,
            root=self._run.root,
            local_root=self._options.local,
            local=self._run.local.entries,
            remote=survey.scan.entries,
            state=self._state,
            run=self._run.run_id,
            backup=self._state.at(BACKUP, backup_id) if backup_id else None,
            leftovers=survey.scan.leftovers,
            preserve_mtime=self._options.preserve_mtime,
            staged=self._options.publish != "direct",
            tally=self._run.tally,
            cache=self._run.local.cache,
        )


def _outlast(outcome: Outcome, plan: Plan) -> None:
    """Do not end within the second that the newest published file bears as its time.

    Servers tell times in whole seconds. Somebody's edit of equal size within that same second could not
    be told from what we published; after it, any edit shows. Ordinary sites are older than this already.
    """
    times = [outcome.records[o.path].mtime for o in plan.operations if o.action == UPLOAD and o.path in outcome.records]
    newest = max((mtime for mtime in times if mtime is not None), default=0.0)
    left = newest + 1 - time.time()
    if 0 < left <= 1:
        time.sleep(left)


def _summary(outcome: Outcome, operations: t.Sequence[Operation]) -> str:
    """The line of a run of which some operations failed."""
    first = outcome.failed[0][1]
    more = f" (and {len(outcome.failed) - 1} more, see errors)" if len(outcome.failed) > 1 else ""
    done = f"{len(outcome.done)} done" if outcome.done else "none done"
    return shown(f"{len(outcome.failed)} of {len(operations)} operations failed, {done}: {first}{more}")
