# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Undo and redo publications: options in, result out, by way of scan ─► plan ─► apply ─► record.

As with a publication, check mode is this very code with apply and record left out, and a run that has
nothing to do sends no command that writes.
"""

from __future__ import annotations

import contextlib
import dataclasses
import time
import typing as t

from .. import options as option_rules
from .. import target
from ..apply.exclusive import LOOKS, MOMENT, absorb, locked, up_to_date
from ..apply.job import Job, Outcome
from ..apply.rollback import apply_rollback
from ..connect import connect_options
from ..errors import FtpSyncError, ListingDoubtful, ManifestError, PlanRefused, UsageError
from ..ftp.persistence import persistently
from ..ftp.pool import Pool
from ..model import Entry, Operation, Record, shown
from ..records.backup import Backup, age, to_redo, to_undo
from ..records.journal import head_of, recover
from ..records.manifest import UNSURE, Head, Manifest, is_id
from ..records.state import BACKUP, State, StateFolder
from ..run_id import new_run_id, timestamp
from .model import RollbackPlan
from .sets import Sets, SiteScan, read_sets, scan_sets, scan_site
from .undo import plan_rollback

if t.TYPE_CHECKING:
    from ..model import Plan
    from ..options import SyncOptions

UNDONE, REDONE, LISTED = STATES = ("undone", "redone", "listed")
NAMED = 20  # ids in a message

INEXACT = (
    "something was published without a backup set (backup: 0) since or between these publications: what it changed"
    " otherwise stays as it is"
)


class Survey(t.NamedTuple):
    """What was found on the server, and what follows from it.

    Attributes:
        chosen: the sets to undo, newest first, or to redo, oldest first.
        records: what is published, that of an interrupted run included.
        folders: absolute paths of the folders that these sets have.
    """

    state: State
    sets: Sets
    chosen: tuple[Backup, ...]
    site: SiteScan
    records: t.Mapping[str, Record]
    folders: frozenset[str]
    plan: RollbackPlan


class RollbackResult(t.NamedTuple):
    """What a run did, or in check mode would do.

    Attributes:
        ids: of the publications that were undone or redone, in that order.
        changed: whether anything on the server is not as it was.
        outcome: None in check mode and when there was nothing to do.
        sets: all there are, as they were found.
        remote: the site's tree, as far as it was looked at.
        server: facts about the server, for the user.
        warnings: one line each.
        error: why the run is not a success, one line, or None.
        seconds: duration.
    """

    ids: tuple[str, ...] = ()
    changed: bool = False
    plan: RollbackPlan = RollbackPlan()
    outcome: Outcome | None = None
    sets: Sets = Sets()
    remote: t.Mapping[str, Entry] = {}
    server: t.Mapping[str, t.Any] = {}
    warnings: tuple[str, ...] = ()
    error: str | None = None
    seconds: float = 0.0


def validate(given: t.Mapping[str, object]) -> SyncOptions:
    """Check the options that say where the site is, ``force`` and ``lock_timeout``; others are left alone.

    Raises:
        UsageError: one line that names the option.
    """
    mine = {
        name: option_rules.PARSERS[name](name, given[name])
        for name in ("force", "lock_timeout")
        if given.get(name) is not None
    }
    return dataclasses.replace(target.validate(given), **mine)


def roll_back(
    options: SyncOptions, *, backup_id: str | None = None, state: str = UNDONE, check: bool = False
) -> RollbackResult:
    """Undo publications, or redo what was undone.

    Parameters:
        options: as ``validate`` returns them.
        backup_id: the oldest publication to undo, or the newest to redo; None for the next one.
        state: UNDONE, REDONE, or LISTED to do nothing.
        check: find out what would be done, and change nothing.

    Raises:
        FtpSyncError: nothing was changed. Whatever fails later is in the result.
    """
    started = time.monotonic()
    if state not in STATES:
        raise UsageError(f"state: {state!r} is none of {', '.join(STATES)}")
    if backup_id is not None and not is_id(backup_id):
        raise UsageError(f"backup_id: {backup_id!r} is no id of a backup set; they look like 20260314T092650Z-7")
    pool = Pool(connect_options(options), options.connections)
    with contextlib.closing(pool):
        pool.open()
        run = _Run(options, pool, backup_id, state)
        survey = run.survey()
        outcome, error = None, None
        if survey.chosen and not check:
            survey, outcome, error = run.carry_out(survey)
        done = error is None and bool(survey.chosen)
        problems = (*survey.sets.problems, *survey.site.problems, *(outcome.warnings if outcome else ()))
        lines = [f"{problem.path}: {problem.message}" if problem.path else problem.message for problem in problems]
        if survey.chosen and not run.is_exact(survey):
            lines.append(INEXACT)
        return RollbackResult(
            ids=tuple(backup.id for backup in survey.chosen) if done else (),
            changed=done or (outcome is not None and bool(outcome.done)),
            plan=survey.plan,
            outcome=outcome,
            sets=survey.sets,
            remote=survey.site.entries,
            server=pool.facts.as_dict(),
            warnings=tuple(dict.fromkeys(shown(line) for line in lines)),
            error=error,
            seconds=time.monotonic() - started,
        )


class _Run:
    """The connected part of one run."""

    def __init__(self, options: SyncOptions, pool: Pool, wanted: str | None, state: str) -> None:
        self.options = options
        self.pool = pool
        self.wanted = wanted
        self.aim = state
        self.root = options.remote_path
        self.folder = StateFolder(t.cast(str, options.state_dir), self.root)
        self.run_id = new_run_id()

    def survey(self) -> Survey:
        """Read the sets, look at what they touched, and plan; sends no command that writes.

        Raises:
            ListingDoubtful: listings contradict each other, even after a killed run's last commands.
        """
        for _look in range(LOOKS):
            state = persistently(self.pool, self.folder.read)
            try:
                return self._survey(state)
            except ListingDoubtful:
                if state.journal is None:
                    raise
            time.sleep(MOMENT)
        return self._survey(persistently(self.pool, self.folder.read))

    def _survey(self, state: State) -> Survey:
        head = head_of(state.manifest, state.journal)
        sets = read_sets(self.pool, self.folder, state, head)
        chosen = () if self.aim == LISTED else self._choose(sets, head)
        if not chosen:
            return Survey(state, sets, (), SiteScan(), {}, frozenset(), RollbackPlan())
        site = scan_site(self.pool, self.root, self.options, chosen, state)
        there, folders = scan_sets(self.pool, self.folder, sets, chosen)
        records = state.manifest.records if state.manifest is not None else {}
        if state.journal is not None:
            records = recover(records, state.journal, site.entries, state.staged)
        plan = plan_rollback(
            there,
            site.entries,
            records,
            redo=self.aim == REDONE,
            force=self.options.force,
            unlisted=site.unlisted,
        )
        return Survey(state, sets, chosen, site, records, folders, plan)

    def _choose(self, sets: Sets, head: Head) -> tuple[Backup, ...]:
        """The sets that this run is about.

        Raises:
            PlanRefused: it cannot be done in this order.
            UsageError: there is no such set.
            ManifestError: it is there, but damaged.
        """
        wanted, redo = self.wanted, self.aim == REDONE
        if wanted in sets.damaged:
            raise ManifestError(sets.damaged[t.cast(str, wanted)])
        if wanted is not None and wanted not in sets.backups:
            newest = sorted(sets.backups, key=age, reverse=True)
            there = f"there are {', '.join(newest[:NAMED])}" if newest else "there are none"
            raise UsageError(f"backup_id: there is no backup set {wanted} in {self.folder.at(BACKUP)}; {there}")
        if not sets.backups and not sets.damaged:
            where = self.folder.at(BACKUP)
            raise PlanRefused(f"there are no backup sets in {where}: ftp_sync keeps three with backup: 3, for instance")
        try:
            return tuple((to_redo if redo else to_undo)(sets.backups, head, wanted))
        except LookupError as error:
            missing = error.args[0]
        if not redo:
            raise PlanRefused(
                f"{wanted} cannot be undone: {missing}, published later, is {_why_not(sets, missing)}"
            ) from None
        at = f"The site is at {head.id} now" if head.id is not None else "The site is at none of the backup sets now"
        raise PlanRefused(
            f"{wanted} cannot be redone: something else was published since it was undone, or what it follows is not"
            f" there. {at}"
        )

    def is_exact(self, survey: Survey) -> bool:
        """Whether the sets hold all that was published in between."""
        head = head_of(survey.state.manifest, survey.state.journal)
        if self.aim == REDONE:
            return all(backup.base.exact for backup in survey.chosen)
        return head.exact and all(backup.base.exact for backup in survey.chosen[:-1])

    # ------------------------------------------------------------------ writing

    def carry_out(self, survey: Survey) -> tuple[Survey, Outcome | None, str | None]:
        """Apply and record, under the lock; plan again if another run was faster."""
        timeout, now = self.options.lock_timeout, timestamp()
        with locked(self.pool, self.folder, survey.state, self.run_id, timeout, now) as lock:
            survey, fresh = up_to_date(
                self.pool,
                self.folder,
                survey,
                lock,
                state_of=lambda seen: seen.state,
                essence=lambda seen: (seen.state.manifest, seen.sets, seen.site, seen.plan),
                again=self.survey,
            )
            if not survey.chosen:
                return survey, None, None
            head = head_of(fresh.manifest, fresh.journal)
            fresh = absorb(self.pool, self.folder, fresh, survey.records, head, now)
            survey = survey._replace(state=fresh)
            return (survey, *self._apply(survey))

    def _apply(self, survey: Survey) -> tuple[Outcome, str | None]:
        manifest, plan = survey.state.manifest, survey.plan
        quirks = {**(manifest.server if manifest is not None else {}), UNSURE: True}  # the rest was not looked at
        outcome = Outcome(records=dict(plan.known), quirks=quirks)
        try:
            apply_rollback(self._job(survey), outcome, plan, survey.state, survey.folders)
            generation = (manifest.generation if manifest is not None else 0) + 1
            head = head_of(manifest, survey.state.journal) if outcome.failed else self._head(survey.chosen)
            after = Manifest(self.root, generation, timestamp(), outcome.records, outcome.quirks, head)
            persistently(self.pool, lambda session: self.folder.write_manifest(session, after))
        except FtpSyncError as failure:
            return outcome, str(failure)
        return outcome, _summary(outcome, plan.operations) if outcome.failed else None

    def _head(self, chosen: t.Sequence[Backup]) -> Head:
        return Head(chosen[-1].id) if self.aim == REDONE else chosen[-1].base

    def _job(self, survey: Survey) -> Job:
        return Job(
            pool=self.pool,
            plan=t.cast("Plan", survey.plan),  # only the operations count here
            root=self.root,
            local_root="",
            local={},
            remote=dict(survey.site.entries),
            state=self.folder,
            run=self.run_id,
            backup=None,
            leftovers=(),
            preserve_mtime=False,
            staged=True,
        )


def _why_not(sets: Sets, backup_id: str) -> str:
    return "damaged" if backup_id in sets.damaged else "not there any more"


def _summary(outcome: Outcome, operations: t.Sequence[Operation]) -> str:
    """The line of a run of which some operations failed."""
    first = outcome.failed[0][1]
    more = f" (and {len(outcome.failed) - 1} more, see errors)" if len(outcome.failed) > 1 else ""
    return shown(
        f"{len(outcome.failed)} of {len(operations)} operations failed, {len(outcome.done)} done: {first}{more};"
        " the next run goes on with it"
    )
