# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Look at backup sets, and at those parts of the site that they are about; sends no command that writes."""

from __future__ import annotations

import io
import typing as t
from types import MappingProxyType

from ..apply.backup import listed
from ..errors import ManifestError, PlanRefused
from ..ftp.persistence import persistently
from ..model import DIRECTORY, FILE, Entry, Problem, Record, join, parent
from ..records import backup as backups
from ..records.backup import Aftermath, Backup
from ..records.manifest import MAX_BYTES, Head, damaged
from ..records.state import BACKUP, State, StateFolder
from ..scan.remote import refine_times, scan_remote
from .undo import SetThere

if t.TYPE_CHECKING:
    from ..ftp.pool import Pool
    from ..ftp.session import Session
    from ..options import SyncOptions

EMPTY: t.Mapping[str, t.Any] = MappingProxyType({})


class Sets(t.NamedTuple):
    """The backup sets on a server.

    Attributes:
        backups: by id; without those whose publication never began.
        aftermaths: of those that are undone or looked into; None for an interrupted publication.
        in_effect: ids of those that are not undone.
        damaged: what is wrong with the others.
        problems: what is wrong with those that would be in effect.
    """

    backups: t.Mapping[str, Backup] = EMPTY
    aftermaths: t.Mapping[str, Aftermath | None] = EMPTY
    in_effect: frozenset[str] = frozenset()
    damaged: t.Mapping[str, str] = EMPTY
    problems: tuple[Problem, ...] = ()


class SiteScan(t.NamedTuple):
    """The site, as far as publications touched it; see ``scan.remote.RemoteScan``."""

    entries: t.Mapping[str, Entry] = EMPTY
    unlisted: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()


class _Read(t.NamedTuple):
    backup: Backup
    aftermath: Aftermath | None


def read_sets(pool: Pool, folder: StateFolder, state: State, head: Head) -> Sets:
    """Read what all backup sets say.

    Parameters:
        head: what the site is at.
    """
    ids = persistently(pool, lambda session: listed(session, state, folder.at(BACKUP)))

    def read(session: Session, name: str, _add: t.Callable[[str], None]) -> _Read:
        where = folder.at(BACKUP, name, backups.SET)
        names = {item.name for item in session.list_folder(folder.at(BACKUP, name)).entries}
        if backups.SET not in names:
            raise damaged(where, "it is not there")
        backup = backups.load(_get(session, where), name, where)
        if backups.AFTER not in names:
            return _Read(backup, None)
        where = folder.at(BACKUP, name, backups.AFTER)
        try:
            return _Read(backup, backups.load_aftermath(_get(session, where), backup, where))
        except ManifestError:
            return _Read(backup, None)  # its writing was interrupted

    found: dict[str, _Read] = {}
    wrong: dict[str, str] = {}
    for name, one, error in pool.work(ids, read):
        if isinstance(error, ManifestError):
            wrong[name] = str(error)
        elif error is not None:
            raise error
        elif one is not None:
            found[name] = one
    in_effect = backups.line({name: one.backup for name, one in found.items()}, head)
    # Without aftermath and not in effect: killed before it began, or so long ago that it counts for nothing.
    kept = {name: found[name] for name in ids if name in found and (found[name].aftermath or name in in_effect)}
    # A run that was killed while it wrote a set has moved nothing; only what others build upon is missed.
    before = found[in_effect[-1]].backup.base.id if in_effect else head.id
    return Sets(
        {name: one.backup for name, one in kept.items()},
        {name: one.aftermath for name, one in kept.items()},
        frozenset(in_effect),
        wrong,
        tuple(Problem("", message) for name, message in wrong.items() if name == before),
    )


def _get(session: Session, path: str) -> bytes:
    content = io.BytesIO()
    session.retrieve(path, content.write, limit=MAX_BYTES)
    return content.getvalue()


def scan_sets(
    pool: Pool, folder: StateFolder, sets: Sets, chosen: t.Sequence[Backup]
) -> tuple[list[SetThere], frozenset[str]]:
    """What lies in some sets, and the absolute paths of their folders."""
    there: list[SetThere] = []
    folders: set[str] = set()
    for backup in chosen:
        root = folder.at(BACKUP, backup.id)
        paths = {step.path for step in backup.steps}
        hidden = {f"{area}/{path}": Entry(FILE) for area in (backups.FILES, backups.UNDONE) for path in paths}
        scan = scan_remote(pool, root, records={}, local=hidden, descend=lambda _path: True, skip=None)
        files = [path for path, entry in scan.entries.items() if entry.kind != DIRECTORY]
        refine_times(pool, root, scan.entries, files)
        folders.update(join(root, path) for path, entry in scan.entries.items() if entry.kind == DIRECTORY)
        there.append(SetThere(backup, sets.aftermaths[backup.id], scan.entries))
    return there, frozenset(folders)


def scan_site(pool: Pool, root: str, options: SyncOptions, chosen: t.Sequence[Backup], state: State) -> SiteScan:
    """List the folders that publications touched, and those that an interrupted run did.

    Raises:
        ManifestError: a set names paths in our own folder.
        PlanRefused: there is no site.
    """
    files, folders = _touched(chosen)
    records = state.manifest.records if state.manifest is not None else {}
    if state.journal is not None:
        files.update(state.journal.records, state.journal.moves)
    ours = options.state_path
    if ours is not None and any(path == ours or path.startswith(f"{ours}/") for path in (*files, *folders)):
        raise damaged(join(root, ours, BACKUP, chosen[-1].id), "it names our own folder")
    for path in list(files | folders):
        above = parent(path)
        while above and above not in folders:
            folders.add(above)
            above = parent(above)
    seeds: dict[str, Record] = {path: records[path] for path in files if path in records}
    seeds.update((path, Record(DIRECTORY)) for path in folders)
    likely = {path: Entry(DIRECTORY if path in folders else FILE) for path in files | folders}
    scan = scan_remote(pool, root, records=seeds, local=likely, descend=lambda _path: False, skip=options.state_dir)
    if not scan.root_exists:
        raise PlanRefused(f"remote: the folder {root} does not exist on the server")
    refine_times(pool, root, scan.entries, sorted(files))
    # Dead runs' files, and lines that make no sense: such folders are not empty.
    full = {parent(path) for path in scan.leftovers} | {problem.path for problem in scan.problems}
    return SiteScan(scan.entries, scan.unlisted | full, scan.problems)


def _touched(chosen: t.Iterable[Backup]) -> tuple[set[str], set[str]]:
    """Paths of files and of folders; a path may be both."""
    files: set[str] = set()
    folders: set[str] = set()
    for backup in chosen:
        for step in backup.steps:
            (folders if step.kind == DIRECTORY else files).add(step.path)
    return files, folders
