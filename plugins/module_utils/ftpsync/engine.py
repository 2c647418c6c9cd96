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
from .apply.exclusive import undisturbed
from .connect import connect_options
from .errors import PlanRefused, UsageError
from .ftp.persistence import persistently
from .ftp.pool import Pool
from .meanwhile import Meanwhile
from .model import FILE, UPLOAD, Entry, Plan, Problem, Record, parent
from .options import SyncOptions
from .plan import Rules, plan_upload
from .progress.tally import Tally
from .records.copies import Copies
from .records.journal import recover
from .records.lock import Lock
from .records.manifest import UNSURE, Manifest, publication_id
from .records.state import STAGE, State, StateFolder
from .result import Result
from .run_id import new_run_id, timestamp
from .scan.remote import RemoteScan, read_back, refine_times, scan_remote
from .scan.source import LocalSide, hash_missing, hash_source, is_soon_hashed, read_local
from .scan.trust import changed_paths

if t.TYPE_CHECKING:
    from .apply.job import Outcome
    from .ftp.dial import Dial
    from .ftp.options import ConnectOptions
    from .records.claims import Claim


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
        run = Run(options, local, pool, tally, _copies(options, server, check))
        # Who has a copy has logged in there, with or without TLS as now: the password need not wait for a question.
        pool.facts.wants_password = run.has_copy
        survey = run.first_survey(is_to_send=not check)
        published = None
        if not check and run.has_work(survey):
            from .publication import Publication  # no other run has a use for it

            published = Publication(run).carry_out(survey)
            survey = published.survey
        outcome = published.outcome if published else None
        tally.phase = "done"
        return Result(
            survey.plan,
            outcome,
            run.local.entries,
            survey.scan.entries,
            pool.facts.as_dict(),
            _warnings(run, survey, outcome),
            (published.error if published else None) or _unsendable(local),
            published.backup_id if published else None,
            time.monotonic() - started,
            publication_id=run.publication_id(published.manifest if published else survey.state.manifest),
        )


def _warnings(run: Run, survey: Survey, outcome: Outcome | None) -> tuple[str, ...]:
    """Each once, in the order of the run."""
    local = run.local
    problems = (
        *local.problems,
        *(local.cache.problems if local.cache else ()),
        *(run.copies.problems if run.copies else ()),
        *survey.scan.problems,
        *run.problems,
        *(outcome.warnings if outcome else ()),
    )
    return tuple(dict.fromkeys(f"{p.path}: {p.message}" if p.path else p.message for p in problems))


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


class Run:
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
        self.problems: list[Problem] = []

    def publication_id(self, manifest: Manifest | None) -> str | None:
        """What the record says the site is at."""
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
        lock = Lock(self.state, self.run_id, self.options.lock_timeout, timestamp())
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
        rules = self._rules(state)
        if claims:
            from .records.claims import confirmed

            rules = rules._replace(claimed=confirmed(claims, self.local.entries, scan.entries))
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
        from .apply.job import stage_name  # but for this, what publishes is not read before there is work for it

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
        from .scan.claims import read_claims  # once in a site's life

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


def _above(path: str) -> t.Iterator[str]:
    """The folders that hold a path, from the inside out."""
    while "/" in path:
        path = parent(path)
        yield path
