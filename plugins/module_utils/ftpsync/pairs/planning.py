# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Decide pair by pair, level by level, in memory (``spec/ftpsync-behaviour.md`` 6.1). Nothing is changed here."""

from __future__ import annotations

import typing as t

from ..decide import KINDS_DIFFER, MODIFIED, UNMODIFIED
from ..errors import ListingDoubtful, UsageError
from ..model import DIRECTORY, FILE, LINK, Entry, parent
from ..resources import EntryPair, FileEntry, _Resource, make_entry
from ..sides.server import ServerSide
from ..sides.tree import Tree, child
from . import tables
from .case import clashes
from .narrating import Narrator
from .steps import COPY, CREATE_DIRECTORY, DELETE, Deed, Step, removable
from .tables import LOCAL, REMOTE

if t.TYPE_CHECKING:
    from .recorder import Recorder
    from .survey import Survey

OTHER = {LOCAL: REMOTE, REMOTE: LOCAL}


class Planner(Narrator):
    """The part of a synchronizer that decides."""

    _survey: Survey
    _recorder: Recorder
    _folder = ""

    def _begin(self) -> None:
        super()._begin()
        self._steps: list[Step] = []

    # What subclasses and the synchronizers define.
    if t.TYPE_CHECKING:

        def _match(self, entry: _Resource) -> bool:
            """Whether an entry takes part."""

        def _before_sync(self, entry: _Resource) -> bool | None:
            """False leaves an entry out."""

        def re_classify_pair(self, pair: EntryPair) -> bool | None:
            """May override the pair's operation; False suppresses it."""

        def on_error(self, exc: BaseException, pair: EntryPair | None) -> bool | None:
            """True ignores an error."""

        def on_mismatch(self, pair: EntryPair) -> t.Any:
            """A filter leaves this pair out."""

    # ------------------------------------------------------------------ sides

    def _target(self, side: str) -> t.Any:
        return self.local if side == LOCAL else self.remote

    def _side_of(self, target: t.Any) -> str:
        return LOCAL if target is self.local else REMOTE

    def _tree(self, side: str) -> Tree:
        return self._survey.trees[side]

    def _entry(self, side: str, path: str) -> _Resource | None:
        """An entry as hooks see it, or None."""
        found = self._tree(side).entries.get(path)
        if found is None:
            return None
        target = self._target(side)
        folder, _slash, name = path.rpartition("/")
        absolute = f"{target.root_dir.rstrip('/')}/{folder}" if folder else target.root_dir
        return make_entry(target, absolute, name, found, self._survey.true_times[side].get(path))

    def _enters(self, side: str, path: str, known: t.Mapping[str, Tree]) -> bool:  # noqa: ARG002 - for subclasses
        """Whether to look into a folder: not if a filter leaves it out (B5)."""
        folder, _slash, name = path.rpartition("/")
        target = self._target(side)
        absolute = f"{target.root_dir.rstrip('/')}/{folder}" if folder else target.root_dir
        return self._match(make_entry(target, absolute, name, Entry(DIRECTORY, 0)))

    def _may_go(self, side: str, path: str, entry: Entry) -> bool:  # noqa: ARG002 - for subclasses
        """Whether an entry of a folder may be deleted with it."""
        found = self._entry(side, path)
        return found is not None and self._match(found)

    def _override(self, pair: EntryPair) -> str | None:  # noqa: ARG002 - for subclasses
        """What is done instead of the operation in the table."""
        return None

    def _doubt(self, path: str, text: str) -> None:
        """Tell that something is left alone because it is not known well enough."""
        self._fail(ListingDoubtful(f"{path or '.'}: {text}"), None, path)

    # ------------------------------------------------------------------ levels

    def _plan(self) -> None:
        """Decide about both trees."""
        self.tally.phase = "plan"
        waiting = [""]
        while waiting:
            self._folder = waiting.pop()
            waiting += reversed(self._sync_dir())

    def _sync_dir(self) -> list[str]:
        """Decide about one folder pair; gives the folders to go on with."""
        folder = self._folder
        for side in (LOCAL, REMOTE):
            target = self._target(side)
            target.cur_dir = f"{target.root_dir.rstrip('/')}/{folder}" if folder else target.root_dir
            target.cur_dir_meta = self._recorder.document(side, folder)
        if not self._is_listed(folder):
            return []
        snapshots = self._spare_put_aside(folder, self._recorder.snapshots(folder))
        names = self._names(folder)
        self._report_clashes(folder)
        pairs = [pair for pair in (self._pair(child(folder, name)) for name in names) if pair is not None]
        for pair in pairs:
            pair.classify(snapshots)
            self._debug(pair)
        common = [pair for pair in pairs if self._sync_pair(pair)]
        self._forget(folder, snapshots)
        return [pair.rel_path for pair in common]

    def _spare_put_aside(self, folder: str, snapshots: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any]:
        """Take what a killed run had put aside, to replace it, for missing: nobody has deleted it."""
        if not any(self._tree(side).leftovers for side in (LOCAL, REMOTE)):
            return snapshots
        spelling = self._survey.spelling
        return {
            name: record
            for name, record in snapshots.items()
            if not any(self._tree(s).put_aside(spelling.on(s, child(folder, name))) for s in (LOCAL, REMOTE))
        }

    def _is_listed(self, folder: str) -> bool:
        """Whether both sides are known there; if not, nothing is decided about it (B6)."""
        for side in (LOCAL, REMOTE):
            reason = self._tree(side).failed.get(folder)
            if reason is not None:
                self._doubt(folder, f"left alone, since it cannot be listed: {reason}")
                return False
        return True

    def _names(self, folder: str) -> list[str]:
        """The names of a level in the order of processing, and the count of them."""
        both = {side: self._tree(side).children.get(folder, []) for side in (LOCAL, REMOTE)}
        for side, names in both.items():
            entries = self._tree(side).entries
            folders = sum(1 for name in names if entries[child(folder, name)].kind == DIRECTORY)
            # Local folders count once more, when it is decided whether to go into them (specification 10.7).
            self._inc_stat("entries_seen", len(names) + (folders if side == LOCAL else 0))
            self._inc_stat(f"{side}_dirs", folders)
            self._inc_stat(f"{side}_files", len(names) - folders)
        local = set(both[LOCAL])
        return [*both[LOCAL], *(name for name in both[REMOTE] if name not in local)]

    def _pair(self, path: str) -> EntryPair | None:
        """Both entries of a path; None where they cannot be compared."""
        local, remote = self._entry(LOCAL, path), self._entry(REMOTE, path)
        for side, there, entry in ((LOCAL, local, remote), (REMOTE, remote, local)):
            reason = self._tree(side).blocked.get(path)
            if there is None and reason is not None:
                if entry is not None and self._match(entry):
                    self._warn(f"{path}: left alone, since the {side} one {reason}")
                return None
            lacks = self._tree(side).incomplete.get(parent(path))
            if there is None and lacks is not None and entry is not None and entry.name in self._known(parent(path)):
                self._doubt(path, f"left alone, since the listing is not complete: {lacks}")
                return None
        if local is not None and remote is not None and local.is_dir() != remote.is_dir():
            kind = "folder" if local.is_dir() else "file"
            self._inc_stat("conflict_files")
            self._inc_stat("conflict_files_skipped")
            self._conflicts[path] = KINDS_DIFFER
            self._log_action("skip", "conflict", "*?*", local, min_level=2)
            self._warn(f"{path}: a {kind} here, and not on the other side; rename one of them")
            return None
        return EntryPair(local, remote)

    def _known(self, folder: str) -> t.Mapping[str, t.Any]:
        return self._recorder.snapshots(folder)

    def _report_clashes(self, folder: str) -> None:
        if self.options.get("case") in (LOCAL, REMOTE):
            return
        one, other = (self._tree(side).children.get(folder, []) for side in (LOCAL, REMOTE))
        for name, twin in clashes(one, other):
            self._warn(f"{child(folder, name)}: the other side has {twin}: different files here (--case pairs them)")

    def _forget(self, folder: str, snapshots: t.Mapping[str, t.Any]) -> None:
        """Records of what neither side has any more go (B9)."""
        for side in (LOCAL, REMOTE):
            if folder in self._tree(side).incomplete or folder not in self._tree(side).children:
                return
        for name in snapshots:
            path = child(folder, name)
            gone = all(path not in self._tree(s).entries and path not in self._tree(s).blocked for s in (LOCAL, REMOTE))
            if gone and name != ":last_sync":
                self._recorder.forget(path)

    def _debug(self, pair: EntryPair) -> None:
        if self.verbose >= 4 and "classify" in (self.options.get("debug") or ()):
            self._say(4, f"classify: {pair}")

    # ------------------------------------------------------------------ one pair

    def _sync_pair(self, pair: EntryPair) -> bool:
        """Decide about one pair; True if it is a folder on both sides to go on with."""
        self._tick()
        deed = self._deed = Deed(pair)
        try:
            goes_on = self._decide(pair)
        except Exception as error:  # whatever a hook, which is the user's code, may raise
            if not self.on_error(error, pair):
                raise
            goes_on = False
        finally:
            self._deed = None
        # A deletion is not sure before the plan is looked at as a whole.
        if not deed.waiting or (self.dry_run and not deed.removes):
            self._say_lines(deed)
        return goes_on and pair.is_dir and pair.local is not None and pair.remote is not None and not deed.removes

    def _say_lines(self, deed: Deed) -> None:
        for line in deed.lines:
            self._say(0, line)
        deed.lines = []

    def _decide(self, pair: EntryPair) -> bool:
        """Let hooks, filters and tables have their say; False if the pair takes no part."""
        if self._before_sync(pair.any_entry) is False:
            return False
        self._recognize(pair)
        operation = self._override(pair)
        if operation is not None:
            pair.operation = operation
        if self.re_classify_pair(pair) is False:
            return True
        if not self._is_sendable(pair.rel_path, pair):
            return False
        if pair.is_conflict():
            self._inc_stat("conflict_files")
        if not self._match(pair.any_entry):
            self.on_mismatch(pair)
            return False
        if self._is_doubtful(pair):
            return False
        if pair.operation is not None:
            self._act(pair)
        return True

    def _is_doubtful(self, pair: EntryPair) -> bool:
        """Whether something would go because it is missing in a listing that lacks something."""
        if pair.operation not in (tables.DELETE_LOCAL, tables.DELETE_REMOTE):
            return False
        lost = REMOTE if pair.remote is None else LOCAL
        lacks = self._tree(lost).incomplete.get(parent(pair.rel_path))
        if lacks is not None:
            self._doubt(pair.rel_path, f"left alone, since the listing is not complete: {lacks}")
        return lacks is not None

    def _recognize(self, pair: EntryPair) -> None:
        """Files that both differ from their record in the same way were copied by a run that could not record it."""
        local, remote = pair.local, pair.remote
        if (
            not isinstance(local, FileEntry)
            or not isinstance(remote, FileEntry)
            or pair.classes != (MODIFIED, MODIFIED)
        ):
            return
        if local != remote or local.size is None or local.mtime is None or remote.mtime is None:
            return
        if local.mtime_span + remote.mtime_span > 2:  # then equal may be what only was changed in the same minute
            return
        if self._match(local):
            pair.local_classification = pair.remote_classification = UNMODIFIED
            pair.operation = tables.EQUAL
            self._recorder.equal(pair.rel_path, local.mtime, local.size)

    def _is_sendable(self, path: str, pair: EntryPair | None) -> bool:
        """Whether both sides can have an entry of this name; it fails alone (B42)."""
        for side in (LOCAL, REMOTE):
            there = self._target(side).side
            reason = there.cannot_send(path) if isinstance(there, ServerSide) else ""
            if reason and (pair is None or self._match(pair.any_entry)):
                error = UsageError(f"{path!r} {reason}; rename it, or exclude it")
                if not self.on_error(error, pair):
                    self._fail(error, pair, path)
            if reason:
                return False
        return True

    def _act(self, pair: EntryPair) -> t.Any:
        """Call the handler of the pair's operation."""
        if pair.operation == tables.NEED_COMPARE and pair.re_class_reason is None and not pair.is_dir:
            before = self._stats["conflict_files"]
            result = self._handler(tables.NEED_COMPARE)(pair)
            if pair.is_conflict() and self._stats["conflict_files"] == before:
                self._inc_stat("conflict_files")
            return result
        return self._handler(pair.operation)(pair)

    def _handler(self, operation: str | None) -> t.Callable[[EntryPair], t.Any]:
        return t.cast(t.Callable[[EntryPair], t.Any], getattr(self, f"on_{operation}"))

    # ------------------------------------------------------------------ steps

    def _add(self, step: Step) -> None:
        self._steps.append(step)
        step.deed.waiting += 1
        step.deed.removes |= step.action == DELETE

    def _current(self) -> Deed:
        return self._deed or Deed(None)

    def _reason(self) -> str:
        pair = self._current().pair
        if pair is None:
            return ""
        return tables.REASON.get(pair.classes, "differs")

    def _copy_file(self, src: t.Any, dest: t.Any, file_entry: _Resource) -> None:  # noqa: ARG002
        """Add the copy of one file to the plan."""
        self._add_copy(self._side_of(dest), file_entry, nested=False)

    def _add_copy(self, side: str, entry: _Resource, *, nested: bool) -> None:
        path = entry.get_rel_path()
        source = self._tree(OTHER[side]).entries.get(path, Entry(FILE, entry.size, entry.mtime))
        replaces = self._tree(side).entries.get(path)
        deed, reason = self._current(), self._reason()
        self._add(Step(COPY, side, path, source, reason, deed, entry.mtime, replaces, nested))

    def _copy_recursive(self, src: t.Any, dest: t.Any, dir_entry: _Resource) -> None:  # noqa: ARG002
        """Add a new folder with what of its content takes part (B4)."""
        side = self._side_of(dest)
        self._add_folder(side, dir_entry.get_rel_path(), nested=False)

    def _add_folder(self, side: str, path: str, *, nested: bool) -> None:
        tree = self._tree(OTHER[side])
        deed, reason = self._current(), self._reason()
        self._add(Step(CREATE_DIRECTORY, side, path, Entry(DIRECTORY, 0), reason, deed, nested=nested))
        if path in tree.failed:
            self._doubt(path, f"not copied, since it cannot be listed: {tree.failed[path]}")
        for name in tree.children.get(path, ()):
            inner = child(path, name)
            if not self.dry_run:
                self._inc_stat("entries_seen")
            entry = self._entry(OTHER[side], inner)
            if entry is None or not self._match(entry) or not self._is_sendable(inner, EntryPair(entry, None)):
                continue
            if entry.is_dir():
                self._add_folder(side, inner, nested=True)
            else:
                self._add_copy(side, entry, nested=True)

    def _remove_file(self, file_entry: _Resource) -> None:
        """Add the deletion of a file to the plan."""
        side, path = self._side_of(file_entry.target), file_entry.get_rel_path()
        entry = self._tree(side).entries.get(path, Entry(FILE, file_entry.size, file_entry.mtime_org))
        self._add(Step(DELETE, side, path, entry, self._reason(), self._current()))

    def _goes(self, side: str, entry: _Resource) -> bool:
        """Whether anything of a folder can be deleted."""
        files, folders, _kept = removable(self._tree(side), entry.get_rel_path(), self._chooser(side))
        return bool(files or folders) or entry.get_rel_path() in self._tree(side).linked

    def _chooser(self, side: str) -> t.Callable[[str, Entry], bool]:
        return lambda path, entry: self._may_go(side, path, entry)

    def _remove_dir(self, dir_entry: _Resource, whole: bool = False) -> None:
        """Add the deletion of a folder to the plan; what takes no part in the run stays, and is told.

        Parameters:
            whole: nothing is told about what stays.
        """
        side, path = self._side_of(dir_entry.target), dir_entry.get_rel_path()
        deed, reason, tree = self._current(), self._reason(), self._tree(side)
        if path in tree.linked:  # the link goes, not what it leads to
            self._add(Step(DELETE, side, path, Entry(LINK, 0), reason, deed))
            return
        files, folders, kept = removable(tree, path, self._chooser(side))
        for name in folders:
            self._add(Step(DELETE, side, name, Entry(DIRECTORY, 0), reason, deed, nested=name != path))
        for name in files:
            entry = Entry(LINK, 0) if name in tree.linked else tree.entries[name]
            self._add(Step(DELETE, side, name, entry, reason, deed, nested=True))
        if kept and not whole:
            self._say(3, f"{path}: kept, since {kept[0]} takes no part in this run")

    # ------------------------------------------------------------------ the whole

    def _check_plan(self) -> None:
        """Look at the plan as a whole before anything is changed.

        Raises:
            FtpSyncError: it is not to be carried out.
        """
        self._spare_links()

    def _spare_links(self) -> None:
        """Folders that a server shows as such, but are links to elsewhere, are not emptied."""
        for side in (LOCAL, REMOTE):
            there = self._target(side).side
            doomed = {
                s.path for s in self._steps if s.side == side and s.action == DELETE and s.entry.kind == DIRECTORY
            }
            if not doomed or not isinstance(there, ServerSide):
                continue
            found = there.links_in(parent(path) for path in doomed)
            for link in sorted(doomed & found):
                self._doubt(link, "is a link on the server, and was left alone")
                for step in [s for s in self._steps if s.side == side and f"{s.path}/".startswith(f"{link}/")]:
                    self._steps.remove(step)
                    step.deed.waiting -= 1
