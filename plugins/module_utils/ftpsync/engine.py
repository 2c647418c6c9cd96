# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""One run from options to result: scan ─► plan ─► apply ─► record ─► report (design 3).

Check mode is this very code with apply and record left out. Nothing is locked or written before the
plan is known to hold work, so that a run without changes sends no command that writes (design 10.6).
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import time
import typing as t

from . import decide
from .apply import large, phases
from .apply.exclusive import absorb, locked, undisturbed, up_to_date
from .apply.job import Job, Outcome, stage_name
from .apply.recording import Recorder
from .connect import connect_options
from .errors import FtpSyncError, PlanRefused, ServerRefused, UsageError
from .ftp.persistence import persistently
from .ftp.pool import Pool
from .meanwhile import Meanwhile
from .model import FILE, SET_MODE, UPLOAD, Entry, Operation, Plan, Problem, Record, parent, shown
from .options import SyncOptions
from .plan import Rules, plan_upload
from .progress.tally import Tally
from .records.backup import new_id
from .records.claims import Claim, confirmed
from .records.copies import Copies
from .records.journal import head_of, recover
from .records.lock import Lock
from .records.manifest import UNSURE, Head, Manifest, publication_id
from .records.state import BACKUP, STAGE, State, StateFolder
from .result import Result
from .run_id import new_run_id
from .scan.claims import read_claims
from .scan.remote import RemoteScan, read_back, refine_times, scan_remote
from .scan.source import LocalSide, hash_missing, hash_source, is_hashed_late, is_soon_hashed, read_local
from .scan.trust import changed_paths

if t.TYPE_CHECKING:
    from .ftp.dial import Dial
    from .ftp.options import ConnectOptions
    from .ftp.session import Session


class Survey(t.NamedTuple):
    """What was found on the server, and what follows from it."""

    state: State
    scan: RemoteScan
    plan: Plan


def synchronize(options: SyncOptions, *, check: bool, tally: Tally | None = None, dial: Dial | None = None) -> Result:
    """Make the server's folder what the local one is, or the other way round, or both equal.

    Parameters:
        options: as ``options.validate`` returns them.
        check: find out what would be done, and change nothing anywhere.
        tally: told of progress.
        dial: a connection to the server that was begun already, for its caller to close in the end.

    Raises:
        FtpSyncError: nothing was changed. Whatever fails later is in the result.
    """
    tally = tally or Tally()
    if options.is_two_sided:
        from .pairs import by_options  # costs an ordinary upload nothing

        return by_options.synchronize(options, check=check, tally=tally)
    tally.begin()
    started = time.monotonic()
    local = read_local(options, check=check)
    server = connect_options(options)
    pool = Pool(server, options.connections)
    with contextlib.closing(pool):
        pool.main.dial(dial)
        run = _Run(options, local, pool, tally, _copies(options, server, check))
        # Who has a copy has logged in there, with or without TLS as now: the password need not wait for a question.
        pool.facts.wants_password = run.has_copy
        survey = run.first_survey(is_to_send=not check)
        outcome, error, backup_id = None, None, None
        if not check and run.has_work(survey):
            survey, outcome, error, backup_id = run.publish(survey)
        warnings = tuple(
            dict.fromkeys(
                f"{problem.path}: {problem.message}" if problem.path else problem.message
                for problem in (
                    *local.problems,
                    *(local.cache.problems if local.cache else ()),
                    *(run.copies.problems if run.copies else ()),
                    *survey.scan.problems,
                    *run.problems,
                    *(outcome.warnings if outcome else ()),
                )
            )
        )
        tally.phase = "done"
        return Result(
            survey.plan,
            outcome,
            run.local.entries,
            survey.scan.entries,
            pool.facts.as_dict(),
            warnings,
            error or _unsendable(local),
            backup_id,
            time.monotonic() - started,
            publication_id=run.publication_id(survey),
        )


def _unsendable(local: LocalSide) -> str | None:
    if not local.unsendable:
        return None
    first = local.unsendable[0]
    return f"{len(local.unsendable)} names cannot be sent, the rest was: {first.path!r}: {first.message}"


def _copies(options: SyncOptions, server: ConnectOptions, check: bool) -> Copies | None:
    if options.record_cache is None or options.record != "server":
        return None
    target = f"{server.tls} {server.username}@{server.host}:{server.port}{options.state_dir}"
    return Copies(options.record_cache, target, read_only=check)


# ---------------------------------------------------------------------- connected


class _Run:
    """The connected part of one run."""

    def __init__(self, options: SyncOptions, local: LocalSide, pool: Pool, tally: Tally, copies: Copies | None) -> None:
        self.options = options
        self.local = local
        self.pool = pool
        self.tally = tally
        self.root = options.remote_path
        self.recorded = options.record == "server"
        # Without a record and without a stage nothing of ours needs a place on the server.
        self.uses_state = self.recorded or options.publish != "direct"
        self.copies = copies
        self.state = StateFolder(t.cast(str, options.state_dir), self.root, local.entries, copies)
        self.has_copy = self.state.read_copy()
        self.prepares = options.publish == "prepare"
        self.run_id = new_run_id()
        self._written: Manifest | None = None
        self.problems: list[Problem] = []

    def publication_id(self, survey: Survey) -> str | None:
        """What the record says the site is at."""
        manifest = self._written or survey.state.manifest
        return publication_id(manifest) if manifest is not None and self.recorded else None

    def first_survey(self, is_to_send: bool) -> Survey:
        """Log in, with the first questions, and survey.

        Parameters:
            is_to_send: log in on more connections meanwhile, if files seem to have changed.
        """
        reading = Meanwhile(self._read) if is_soon_hashed(self.options, self.local) else None
        if reading is None:
            self._read()
        # With a copy of the record there is nothing to fetch at first.
        replies = self.pool.open(self.state.questions() if self.uses_state else (), port=not self.has_copy)
        if reading is not None:
            reading.wait()
        if not self.uses_state:
            return self.survey(State(exists=False))
        glance = self.state.glance(replies)
        lock = Lock(self.state, self.run_id, self.options.lock_timeout, _now())
        read = functools.partial(self.state.read, glance=glance)

        def survey(state: State) -> Survey:
            if is_to_send:
                self.pool.warm(self._likely(state))
            return self.survey(state)

        return undisturbed(self.pool, self.state, read, survey, lock)

    def _read(self) -> None:
        """Take in what lies here."""
        hash_source(self.options, self.local)
        self.state.parse_copy()

    def _likely(self, state: State) -> int:
        """How many files will have to be sent, by the record alone, counted up to the number of connections."""
        records = state.manifest.records if self.recorded and state.manifest is not None else {}
        compare = self.options.compare

        def seems_changed(path: str, entry: Entry) -> bool:
            record = records.get(path)
            is_open = record is not None and decide.needs_digest(record, entry, compare)
            return not is_open and (record is None or not decide.as_published(record, entry, compare))

        changed = (p for p, entry in self.local.entries.items() if entry.kind == FILE and seems_changed(p, entry))
        return sum(1 for _path in itertools.islice(changed, self.pool.limit))

    def survey(self, state: State) -> Survey:
        """Scan the server and plan; sends no command that writes.

        Parameters:
            state: our folder as it is now.
        """
        options = self.options
        self.tally.phase = "scan"
        if state.manifest is not None:
            self.pool.facts.recall(state.manifest.server.get("learned"))
        records: dict[str, Record] = state.manifest.records if self.recorded and state.manifest is not None else {}
        for path, _message in self.local.unsendable:
            if path in records:  # not gone from the source: it must not be deleted for its name
                raise UsageError(f"encoding: {path!r} was published under another encoding than {options.encoding!r}")
        self._hash_recorded(records)  # before the server is looked at, since it may take its time
        interrupted = state.journal.records if state.journal is not None and self.recorded else {}
        claims = self._claims(state)
        folders = {above for path in claims for above in _above(path)}
        scan = scan_remote(
            self.pool,
            self.root,
            records={**interrupted, **records} if interrupted else records,
            local=self.local.entries,
            descend=lambda path: path in folders or self._descend(path),
            skip=options.state_dir,
            since=self._since(state),
            changed=self._looked_at(state, records),
        )
        if not scan.root_exists and not options.create_root:
            raise PlanRefused(
                f"remote: the folder {self.root} does not exist on the server: create it, or set create_root: true"
            )
        if state.journal is not None and self.recorded:
            records = recover(records, state.journal, scan.entries, state.staged)
        self._complete(scan, records, claims)
        self.tally.phase = "plan"
        rules = self._rules(state)._replace(claimed=confirmed(claims, self.local.entries, scan.entries))
        plan = plan_upload(self.local.entries, scan.entries, records, rules, scan.unlisted)
        return Survey(state, scan, self._to_stage(state, plan) if self.prepares else plan)

    @staticmethod
    def _since(state: State) -> float | None:
        """The time, by the server's clock, at which all was as recorded; None where nobody was sure of that."""
        if state.glance is None or state.manifest is None or state.manifest.server.get(UNSURE):
            return None
        return state.glance.mtime

    def _looked_at(self, state: State, records: t.Mapping[str, Record]) -> set[str] | None:
        """The paths that matter if the record is trusted; None where all of the server is to be looked at."""
        if self.options.scan != "trust" or state.manifest is None or state.journal is not None:
            return None
        return changed_paths(self.local.entries, records, self.options.compare)

    def _to_stage(self, state: State, plan: Plan) -> Plan:
        """What of a plan can be done without anybody seeing it: sending what is not in the stage yet."""
        local = self.local.entries
        sent = [operation for operation in plan.operations if operation.action == UPLOAD]
        hash_missing(self.options.local, local, [operation.path for operation in sent], self.local.cache)
        lying = persistently(self.pool, self.state.staged) if sent and state.holds(STAGE) else {}
        missing = [o for o in sent if lying.get(stage_name(o.path, local[o.path])) != o.size]
        touched = {operation.path for operation in plan.operations}
        drifted = tuple(path for path in plan.drifted if path not in touched)
        return plan._replace(operations=tuple(missing), drifted=drifted, adopted=(), records_changed=False)

    def has_work(self, survey: Survey) -> bool:
        """Whether anything has to be written: operations, or a record that is not true any more."""
        unfinished = not self.prepares and (survey.state.journal is not None or survey.plan.records_changed)
        return bool(survey.plan.operations) or (self.recorded and unfinished)

    def _descend(self, path: str) -> bool:
        """Whether to look into a folder that turned up in a listing."""
        if path in self.local.entries:
            return True
        options, filters = self.options, self.local.filters
        everything = options.delete and (options.delete_unmanaged or not self.recorded)
        counts = filters.includes(path, True) or options.delete_unmatched
        return everything and counts and not filters.protects(path, True)

    def _claims(self, state: State) -> dict[str, Claim]:
        """What other programs say that they have published. As soon as there is a record of ours, that one counts."""
        if self.options.adopt != "records" or state.manifest is not None or state.journal is not None:
            return {}
        found, problems = read_claims(self.pool, self.options, self.local.entries)
        self.problems += problems
        return found

    def _complete(self, scan: RemoteScan, records: t.Mapping[str, Record], claims: t.Collection[str]) -> None:
        """Find out what the listings did not say but the decisions need."""
        compare, local = self.options.compare, self.local.entries
        both = [path for path, entry in local.items() if entry.kind == FILE and path in scan.entries]
        if records or compare in ("auto", "mtime"):
            refine_times(self.pool, self.root, scan.entries, [*both, *records, *claims])
        self._hash_recorded(records)  # those that a killed run has published
        if self.options.adopt != "none":
            self._compare_unknown([path for path in both if path not in records], scan)
        if compare == "checksum" and not records:
            same = [path for path in both if scan.entries[path].size == local[path].size]
            read_back(self.pool, self.root, scan.entries, same)

    def _hash_recorded(self, records: t.Mapping[str, Record]) -> None:
        """Hash what only its content tells from what was published."""
        local, compare = self.local.entries, self.options.compare
        undecided = [p for p in local if p in records and decide.needs_digest(records[p], local[p], compare)]
        hash_missing(self.options.local, local, undecided, self.local.cache)

    def _compare_unknown(self, paths: t.Iterable[str], scan: RemoteScan) -> None:
        """Find out what ``adopt`` needs to know of files that we never published."""
        local = self.local.entries
        same = [p for p in paths if scan.entries[p].kind == FILE and scan.entries[p].size == local[p].size]
        hash_missing(self.options.local, local, same, self.local.cache)
        if self.options.adopt == "hash":
            read_back(self.pool, self.root, scan.entries, same)

    def _rules(self, state: State) -> Rules:
        options = self.options
        quirks = state.manifest.server if state.manifest is not None else {}
        return Rules(
            filters=self.local.filters,
            recorded=self.recorded,
            any_records=state.manifest is not None,
            force=options.force,
            delete=options.delete,
            delete_unmanaged=options.delete_unmanaged,
            delete_unmatched=options.delete_unmatched,
            max_delete=options.max_delete,
            resolve=options.resolve,
            compare=options.compare,
            file_mode=options.file_mode,
            directory_mode=options.directory_mode,
            entry_points=options.entry_points,
            adopt=options.adopt,
            settable=self.pool.facts.mtime_settable if options.preserve_mtime else False,
            modes=quirks.get("modes") if isinstance(quirks.get("modes"), bool) else None,
        )

    # ------------------------------------------------------------------ writing

    def publish(self, survey: Survey) -> tuple[Survey, Outcome, str | None, str | None]:
        """Apply and record, under the lock; plan again if another run was faster."""
        self._create_root(survey.scan)
        if not self.uses_state:
            return (survey, *self._apply(survey, None))
        timeout = self.options.lock_timeout
        self.pool.warm(sum(operation.action == UPLOAD for operation in survey.plan.operations))
        self._hash(survey)  # before the lock is held, since it may take its time
        with locked(self.pool, self.state, survey.state, self.run_id, timeout, _now(), sign=False) as lock:
            survey, fresh = up_to_date(
                self.pool,
                self.state,
                survey,
                lock,
                state_of=lambda seen: seen.state,
                essence=lambda seen: (seen.state.manifest, seen.state.staged, seen.scan.entries),
                again=lambda: self.survey(persistently(self.pool, self.state.read)),
            )
            if self.recorded:
                now_at = head_of(fresh.manifest, fresh.journal, exact=False)
                fresh = absorb(self.pool, self.state, fresh, survey.plan.records, now_at, _now())
            survey = survey._replace(state=fresh)
            outcome, error, backup_id = self._apply(survey, lock)
        if not self.recorded and fresh.manifest is None:
            # Content is published by now: what remains of our folder is no reason to say that nothing was changed.
            with contextlib.suppress(FtpSyncError):
                persistently(self.pool, self.state.remove)
        if self.recorded and not self.prepares:
            _outlast(outcome, survey.plan)
        return survey, outcome, error, backup_id

    def _create_root(self, scan: RemoteScan) -> None:
        if scan.root_exists:
            return
        folders: list[str] = []
        folder = self.root
        while folder != "/":
            folders.insert(0, folder)
            folder = parent(folder) or "/"

        def step(session: Session) -> None:
            replies = list(session.pipeline(("MKD", folder) for folder in folders))
            try:
                session.list_folder(self.root)
            except ServerRefused:
                raise ServerRefused(
                    f"remote: the folder {self.root} cannot be created ({replies[-1].text}): "
                    "may this account write there?",
                    replies[-1],
                ) from None

        persistently(self.pool, step)

    def _apply(self, survey: Survey, lock: Lock | None) -> tuple[Outcome, str | None, str | None]:
        manifest = survey.state.manifest
        quirks = {**(manifest.server if manifest is not None else {}), UNSURE: self._is_unsure(survey)}
        outcome = Outcome(records=dict(survey.plan.records), quirks=quirks)
        backup_id = None
        if self.options.backup and not self.prepares and any(o.action != SET_MODE for o in survey.plan.operations):
            generation, head = (manifest.generation, manifest.head) if manifest is not None else (0, Head())
            backup_id = new_id(generation + 1, head.id, time.time())
        error: str | None = None
        try:
            self._carry_out(survey, outcome, lock, self._job(survey, backup_id))
        except FtpSyncError as failure:
            error = str(failure)
        if error is None and outcome.failed:
            error = _summary(outcome, survey.plan.operations)
        return outcome, error, backup_id if outcome.kept else None

    def _is_unsure(self, survey: Survey) -> bool:
        """Whether the server is not known to be all as the next record will say."""
        touched = {operation.path for operation in survey.plan.operations}
        is_left = any(path not in touched for path in (*survey.plan.drifted, *(c.path for c in survey.plan.conflicts)))
        return is_left or self.options.scan == "trust"

    def _carry_out(self, survey: Survey, outcome: Outcome, lock: Lock | None, job: Job) -> None:
        state = survey.state
        if self.prepares and lock is not None:
            phases.prepare(job, outcome, state, lock)
            return
        recorder = Recorder(self.state, self.root, state.manifest, job.backup_id or None) if self.recorded else None
        has_begun = phases.apply_plan(job, outcome, state, lock, _now(), recorder)
        if recorder is not None and has_begun:  # else there is no journal, by which a record that is cut could be told
            self.tally.phase = "record"
            outcome.quirks[UNSURE] = bool(outcome.quirks[UNSURE] or outcome.failed)
            self._written = recorder.write(job, outcome, lock)
        if lock is not None and not outcome.failed:
            phases.clean_up(job, state, self.options.backup)

    def _hash(self, survey: Survey) -> None:
        """Make sure that what is to be sent has its digest, unless it gets that on its way."""
        options, local = self.options, self.local.entries
        sent = [o.path for o in survey.plan.operations if o.action == UPLOAD]
        late = {path for path in sent if is_hashed_late(options, local[path]) and large.can_wait(options.local, path)}
        early = [path for path in sent if path not in late]
        hash_missing(options.local, local, early, self.local.cache)

    def _job(self, survey: Survey, backup_id: str | None) -> Job:
        self._hash(survey)
        return Job(
            pool=self.pool,
            plan=survey.plan,
            root=self.root,
            local_root=self.options.local,
            local=self.local.entries,
            remote=survey.scan.entries,
            state=self.state,
            run=self.run_id,
            backup=self.state.at(BACKUP, backup_id) if backup_id else None,
            leftovers=survey.scan.leftovers,
            preserve_mtime=self.options.preserve_mtime,
            staged=self.options.publish != "direct",
            tally=self.tally,
            cache=self.local.cache,
        )


def _above(path: str) -> t.Iterator[str]:
    """The folders that hold a path, from the inside out."""
    while "/" in path:
        path = parent(path)
        yield path


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


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _summary(outcome: Outcome, operations: t.Sequence[Operation]) -> str:
    """The line of a run of which some operations failed."""
    first = outcome.failed[0][1]
    more = f" (and {len(outcome.failed) - 1} more, see errors)" if len(outcome.failed) > 1 else ""
    done = f"{len(outcome.done)} done" if outcome.done else "none done"
    return shown(f"{len(outcome.failed)} of {len(operations)} operations failed, {done}: {first}{more}")
