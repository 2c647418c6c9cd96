# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Plan an upload: both trees, records and rules in, an ordered list of operations out.

A pure function: no disk, no network, no clock, no chance. What it returns is what check mode shows
and what a run carries out. Single files are decided by the tables of ``decide.py``; here are the
matters of whole trees: filters, ownership, folders, files in the way of folders, limits.
"""

from __future__ import annotations

import fnmatch
import typing as t
from types import MappingProxyType

from . import decide
from .errors import PlanRefused
from .filters import Filters
from .model import (
    CLEAR,
    CLEAR_FOLDER,
    CREATE,
    CREATE_CLEARED,
    CREATE_DIRECTORY,
    DELETE,
    DELETE_PATH,
    DIRECTORY,
    FILE,
    LINK,
    MODES,
    PUBLISH,
    REMOVE,
    SET_MODE,
    UPLOAD,
    Entry,
    Operation,
    Plan,
    Problem,
    Record,
    parent,
)
from .options import NO_LIMIT, MaxDelete

Tree = t.Dict[str, Entry]

# Pages are published after the assets they refer to (design 7, phase 4).
PAGES = (".html", ".htm", ".xhtml", ".php", ".phtml", ".asp", ".aspx", ".jsp", ".cgi", ".shtml", ".xml", ".json")

# Failing messages name this many paths.
NAMED = 3


class Rules(t.NamedTuple):
    """What the user wants, as far as it decides about paths. See the options of ``ftp_sync``.

    Attributes:
        recorded: the run keeps a record of what we published (``record: server``).
        any_records: such a record was found; without one nothing on the server is ours.
        adopt: ``size`` or ``hash`` take files over that are there already; the latter needs their digests.
        claimed: records that another program kept, confirmed by what is there, of files that we have none of.
        settable: whether the server stores the times we give; None when unknown.
        modes: whether the server lets us set modes; False only when it has refused.
    """

    filters: Filters
    recorded: bool = True
    any_records: bool = False
    force: bool = True
    delete: bool = False
    delete_unmanaged: bool = False
    delete_unmatched: bool = False
    max_delete: MaxDelete = NO_LIMIT
    resolve: str = "skip"
    compare: str = "auto"
    file_mode: int | None = None
    directory_mode: int | None = None
    entry_points: tuple[str, ...] = ()
    adopt: str = "none"
    claimed: t.Mapping[str, Record] = MappingProxyType({})
    settable: bool | None = None
    modes: bool | None = None


def plan_upload(
    local: Tree, remote: Tree, records: dict[str, Record], rules: Rules, unlisted: t.AbstractSet[str] = frozenset()
) -> Plan:
    """Plan how the server's tree becomes what the local tree and the rules say.

    Parameters:
        local: the filtered local tree, with digests where ``compare`` needs them.
        remote: everything listed on the server, filtered or not.
        records: what was published before.
        unlisted: folders on the server that were not looked into, and so count as full.

    Raises:
        PlanRefused: more deletions than ``max_delete``, or conflicts under ``resolve: fail``.
    """
    plan = _Planner(local, remote, records, rules, unlisted).plan()
    _guard(plan, remote, rules)
    return plan


def _guard(plan: Plan, remote: Tree, rules: Rules) -> None:
    """Refuse a plan that goes beyond what the user allowed (design 10.2, 10.8)."""
    if rules.resolve == "fail" and plan.conflicts:
        named = "; ".join(f"{path}: {message}" for path, message in plan.conflicts[:NAMED])
        raise PlanRefused(
            f"{len(plan.conflicts)} conflicts, nothing was changed: {named};"
            " set resolve to skip or local, or put them right"
        )
    deleted = [o.path for o in plan.operations if o.action == DELETE_PATH and o.kind != DIRECTORY]
    there = sum(1 for entry in remote.values() if entry.kind != DIRECTORY)
    if not rules.max_delete.allows(len(deleted), there):
        raise PlanRefused(
            f"{len(deleted)} of {there} files on the server would be deleted ({', '.join(deleted[:NAMED])}…), more than"
            f" max_delete allows ({rules.max_delete}); nothing was changed: look at them with"
            " max_delete: 100% in check mode"
        )


class _Planner:
    """Collects the decisions about all paths; lives for one call of ``plan_upload``."""

    def __init__(
        self, local: Tree, remote: Tree, records: dict[str, Record], rules: Rules, unlisted: t.AbstractSet[str]
    ) -> None:
        self.local = local
        self.remote = remote
        claimed = {path: record for path, record in rules.claimed.items() if path not in records}
        self.published = records
        self.records = {**records, **claimed} if claimed else records
        self.rules = rules._replace(any_records=rules.any_records or bool(claimed))
        self.unlisted = unlisted
        self.operations: list[Operation] = []
        self.drifted: list[str] = []
        self.unmanaged: list[str] = []
        self.adopted: list[str] = list(claimed)
        self.conflicts: list[Problem] = []
        self.problems: list[Problem] = []
        self.known = dict(self.records)
        self.blocked: set[str] = set()  # folders below which nothing can be done
        self.foreign: set[str] = set()  # unmanaged folders, which stand for all below them
        self.created: set[str] = set()  # folders that the plan creates
        self.cleared: set[str] = set()  # folders that the plan creates where a file stands now
        self.leaving: set[str] = set()  # paths on the server that will be gone
        self.children: dict[str, list[str]] = {}
        for path in remote:
            self.children.setdefault(parent(path), []).append(path)

    def plan(self) -> Plan:
        """Decide parents before children, then the removal of folders from the inside out."""
        # Of large trees nearly all paths are local, and in order.
        only_remote = [path for path in self.remote if path not in self.local]
        only_recorded = [path for path in self.records if path not in self.local and path not in self.remote]
        for path in sorted([*self.local, *only_remote, *only_recorded]):
            if parent(path) in self.blocked:
                self.blocked.add(path)
            elif path not in self.leaving:
                self._decide(path, self.local.get(path), self.remote.get(path))
        if self.rules.delete:
            self._remove_folders()
        removals = (CLEAR_FOLDER, REMOVE)
        forward = sorted((o for o in self.operations if o.phase not in removals), key=lambda o: o.path)
        inside_out = sorted((o for o in self.operations if o.phase in removals), key=lambda o: o.path, reverse=True)
        return Plan(
            operations=tuple(sorted([*forward, *inside_out], key=lambda o: o.phase)),
            drifted=tuple(sorted(set(self.drifted))),
            unmanaged=tuple(self.unmanaged),
            adopted=tuple(sorted(self.adopted)),
            conflicts=tuple(self.conflicts),
            records=self.known,
            records_changed=self.known != self.published,
        )

    def _decide(self, path: str, local: Entry | None, remote: Entry | None) -> None:
        record = self.records.get(path)
        if record is not None and remote is not None and (record.kind == DIRECTORY) != (remote.kind == DIRECTORY):
            del self.known[path]  # somebody put something of another kind there: that is not ours
        if local is None:
            self._only_remote(path, remote)
        elif local.kind == DIRECTORY:
            self._folder(path, remote)
        elif remote is not None and remote.kind == DIRECTORY:
            self._file_onto_folder(path, local)
        else:
            self._file(path, local, remote)

    # ------------------------------------------------------------------ files

    def _file(self, path: str, local: Entry, remote: Entry | None) -> None:
        rules, record = self.rules, self._file_record(path)
        if remote is not None and rules.filters.protects(path, False):
            return
        if record is None and remote is not None and self._adopts(local, remote):
            self.adopted.append(path)
            self.known[path] = record = _adopted_record(local, remote)
        decision, classes = self._verdict(path, local, remote, record)
        if decision == decide.CONFLICT:
            self.conflicts.append(Problem(path, decide.REASON[classes]))
        elif decision == decide.SEND:
            is_link = remote is not None and remote.kind == LINK
            self._upload(path, local, "replaces a link" if is_link else decide.REASON[classes], remote is not None)
        elif decision == decide.EQUAL and remote is not None:
            self._mode(path, FILE, remote, record, rules.file_mode)

    def _adopts(self, local: Entry, remote: Entry) -> bool:
        """Whether a file that we never published counts as published (field notes 8.8)."""
        rules = self.rules
        if rules.adopt not in ("size", "hash") or remote.kind != FILE or local.size != remote.size:
            return False
        return rules.adopt == "size" or local.sha256 == remote.sha256

    def _verdict(
        self, path: str, local: Entry | None, remote: Entry | None, record: Record | None
    ) -> tuple[str, tuple[str, str]]:
        """Ask the tables about one file, and note its drift."""
        rules = self.rules
        decision, classes = decide.decide(
            local,
            remote,
            record,
            any_records=rules.any_records,
            recorded=rules.recorded,
            force=rules.force,
            resolve=rules.resolve,
            compare=rules.compare,
            settable=rules.settable,
        )
        gone = classes == (decide.DELETED, decide.DELETED)
        if record is not None and not gone and classes[1] in (decide.MODIFIED, decide.DELETED):
            self.drifted.append(path)
        return decision, classes

    def _file_record(self, path: str) -> Record | None:
        record = self.records.get(path)
        return record if record is not None and record.kind == FILE else None

    def _upload(self, path: str, local: Entry, reason: str, replaces: bool) -> None:
        self._create_above(path)
        rules = self.rules
        name = path.rpartition("/")[2].lower()
        is_entry_point = any(fnmatch.fnmatchcase(name, pattern.lower()) for pattern in rules.entry_points)
        rank = 2 if is_entry_point else 1 if name.endswith(PAGES) else 0
        self.operations.append(
            Operation(PUBLISH, path, UPLOAD, FILE, local.size or 0, reason, rank, replaces, rules.file_mode)
        )

    # ------------------------------------------------------------------ folders

    def _folder(self, path: str, remote: Entry | None) -> None:
        record = self.records.get(path)
        if remote is None:
            owned = record is not None and record.kind == DIRECTORY
            if owned:
                self.drifted.append(path)
            if self.rules.force or not owned:
                self._create(path, "missing on the server" if owned else "new")
        elif remote.kind == DIRECTORY:
            self._mode(path, DIRECTORY, remote, record, self.rules.directory_mode)
        else:
            self._folder_onto_file(path, remote)

    def _create(self, path: str, reason: str) -> None:
        """Create a folder, and those above that somebody removed from the server."""
        if path in self.created:
            return
        self._create_above(path)
        self.created.add(path)
        if parent(path) in self.cleared:
            self.cleared.add(path)
        phase = CREATE_CLEARED if path in self.cleared else CREATE
        self.operations.append(
            Operation(phase, path, CREATE_DIRECTORY, DIRECTORY, 0, reason, mode=self.rules.directory_mode)
        )

    def _create_above(self, path: str) -> None:
        above = parent(path)
        if above and above not in self.remote:
            self._create(above, "missing on the server")

    def _mode(self, path: str, kind: str, remote: Entry, record: Record | None, wanted: int | None) -> None:
        """Plan a change of mode; where the server lists none, by what we recorded."""
        if wanted is None or self.rules.modes is False:
            return
        now = remote.mode if remote.mode is not None else record.mode if record is not None else wanted
        if now != wanted:
            reason = "mode is not managed yet" if now is None else f"mode is {now:04o}"
            self.operations.append(Operation(MODES, path, SET_MODE, kind, 0, reason, mode=wanted))

    # ------------------------------------------------------------------ changes of kind

    def _folder_onto_file(self, path: str, remote: Entry) -> None:
        """A folder shall be where the server has a file or a link."""
        blocker = self._why_stays(path, remote)
        if blocker is not None or not self.rules.force:
            self.blocked.add(path)
            self.conflicts.append(
                Problem(path, f"a {remote.kind} stands where the source has a folder" + _because(blocker))
            )
            return
        self._delete(CLEAR, path, remote, "makes way for a folder")
        self.cleared.add(path)
        self._create(path, "replaces a file")

    def _file_onto_folder(self, path: str, local: Entry) -> None:
        """A file shall be where the server has a folder: only if all in it is ours, or may go."""
        below = self._below(path)
        whys = [(f"{name} in it", self._why_stays(name, self.remote[name])) for name in below]
        blockers = [f"{name} {why}" for name, why in [("it", self._why_stays(path, self.remote[path])), *whys] if why]
        if blockers or not self.rules.force:
            self.conflicts.append(
                Problem(path, "a folder stands where the source has a file" + _because(*blockers[:1]))
            )
            return
        for name in [*below, path]:
            entry = self.remote[name]
            phase = CLEAR_FOLDER if entry.kind == DIRECTORY else CLEAR
            self._delete(phase, name, entry, "makes way for a file")
        self._upload(path, local, "replaces a folder", False)

    def _below(self, path: str) -> list[str]:
        """All that the server lists below a folder."""
        found: list[str] = []
        pending = [path]
        while pending:
            children = self.children.get(pending.pop(), [])
            found += children
            pending += children
        return found

    def _why_stays(self, path: str, remote: Entry) -> str | None:
        """Why something that is in the way of another kind may not be removed, or None.

        The path as such is part of the source or makes way for it, so that no option is needed for
        what is ours and unchanged. What others put there goes only by the options that say so.
        """
        rules, is_directory = self.rules, remote.kind == DIRECTORY
        if rules.filters.protects(path, is_directory):
            return "is protected"
        if not self._counts(path, is_directory):
            return "is excluded"
        if is_directory:
            return "was not looked into" if path in self.unlisted else None
        if path in self.local:  # replaced as a whole, just as a file by a file
            return None
        decision, _classes = self._verdict(path, None, remote, self._file_record(path))
        if decision != decide.DELETE_REMOTE:
            return "was changed on the server"
        owned = self._file_record(path) is not None
        return None if owned or (rules.delete and (rules.delete_unmanaged or not rules.recorded)) else "is not ours"

    # ------------------------------------------------------------------ deletions

    def _only_remote(self, path: str, remote: Entry | None) -> None:
        rules = self.rules
        if remote is None:
            self.known.pop(path, None)
            return
        is_directory = remote.kind == DIRECTORY
        if rules.filters.protects(path, is_directory):
            return
        if not self._counts(path, is_directory):
            return
        if is_directory:
            self._foreign_folder(path)
        elif self._file_record(path) is None:
            if rules.delete and (rules.delete_unmanaged or not rules.recorded):
                self._delete(DELETE, path, remote, decide.REASON[decide.MISSING, decide.NEW])
            else:
                self._report_unmanaged(path)
        else:
            decision, classes = self._verdict(path, None, remote, self._file_record(path))
            if rules.delete and decision == decide.CONFLICT:
                self.conflicts.append(Problem(path, decide.REASON[classes]))
            elif rules.delete:
                self._delete(DELETE, path, remote, decide.REASON[classes])

    def _counts(self, path: str, is_directory: bool) -> bool:
        """Whether a path on the server is any business of this run."""
        return self.rules.delete_unmatched or self.rules.filters.includes(path, is_directory)

    def _foreign_folder(self, path: str) -> None:
        deletable = self.rules.delete and (self.rules.delete_unmanaged or not self.rules.recorded)
        if not deletable and path not in self.records and not self._holds_ours(path):
            self._report_unmanaged(path)
            self.foreign.add(path)

    def _holds_ours(self, path: str) -> bool:
        return any(name in self.records for name in self._below(path))

    def _report_unmanaged(self, path: str) -> None:
        if parent(path) in self.foreign:
            self.foreign.add(path)
        else:
            self.unmanaged.append(path)

    def _delete(self, phase: int, path: str, remote: Entry, reason: str) -> None:
        self.leaving.add(path)
        self.operations.append(Operation(phase, path, DELETE_PATH, remote.kind, remote.size or 0, reason))

    def _remove_folders(self) -> None:
        """Remove folders that the source lacks, if they are ours and will be empty (field notes 9.3)."""
        rules = self.rules
        folders = [path for path, entry in self.remote.items() if entry.kind == DIRECTORY and path not in self.local]
        for path in sorted(folders, reverse=True):
            record = self.records.get(path)
            owned = record is not None and record.kind == DIRECTORY
            if path in self.leaving or path in self.unlisted or path in self.blocked:
                continue
            if not (owned or rules.delete_unmanaged or not rules.recorded):
                continue
            if rules.filters.protects(path, True) or not self._counts(path, True):
                continue
            if all(child in self.leaving for child in self.children.get(path, [])):
                self._delete(
                    REMOVE, path, self.remote[path], "removed from the source" if owned else "not in the source"
                )


def _adopted_record(local: Entry, remote: Entry) -> Record:
    source_mtime = None if local.mtime is None else int(local.mtime)
    span = int(remote.mtime_span)
    return Record(FILE, local.size or 0, local.sha256 or "", remote.mtime, span, source_mtime=source_mtime)


def _because(*reasons: str | None) -> str:
    named = [reason for reason in reasons if reason]
    return f" ({'; '.join(named)})" if named else " (force is off)"
