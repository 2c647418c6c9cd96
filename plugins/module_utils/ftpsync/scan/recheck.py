# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Whether known folders are still as recorded, asked without any data connection: STAT and MDTM, all in one stream.

In: records. Out: the entries of those folders that are exactly as recorded: names, kinds, sizes, times to the second,
nothing beside them. Whatever differs, is doubtful or has an unusual name is left to a proper listing (remote.py), so
that STAT can never be the reason to change anything. A reply for each command and a NOOP at the end keep forged
replies, by names with line breaks, from being taken for others.
"""

from __future__ import annotations

import typing as t

from ..decide import as_listed
from ..errors import FtpSyncError
from ..ftp import stat
from ..ftp.replies import parse_mdtm
from ..model import DIRECTORY, FILE, Entry, Record, join, parent

if t.TYPE_CHECKING:
    from ..ftp.listing import Listing
    from ..ftp.pool import Pool
    from ..ftp.session import Session
    from ..ftp.wire import Reply

_STREAM = 256 * 1024  # bytes of commands that one connection takes; more of them are shared out
# Servers with a narrow window (ServerFacts.window_bytes) get so many windows before another connection helps.
_WINDOWS = 4

Known = t.Dict[str, t.Dict[str, Record]]


def confirm(
    pool: Pool,
    root: str,
    records: t.Mapping[str, Record],
    skip: str | None,
    changed: t.Collection[str] | None = None,
) -> dict[str, dict[str, Entry]]:
    """Find folders that are as recorded.

    Parameters:
        root: absolute path on the server.
        records: what should be there; one without a time says nothing about it.
        skip: absolute path of our own folder, which no record is about.
        changed: files that matter; only their folders and their times are asked for. None for all.

    Returns:
        by folder the entries by path, all below the root; what is not among them has to be listed.
    """
    known = _by_folder(records)
    if changed is not None:
        concerned = {parent(path) for path in changed}
        known = {folder: inside for folder, inside in known.items() if folder in concerned}
    known = {folder: inside for folder, inside in known.items() if _is_plain(root, folder, inside)}
    form = stat.find_form(pool.main, root) if known else None
    if form is None:
        return {}
    found: dict[str, dict[str, Entry]] = {}

    def ask(session: Session, folders: list[str], _add: t.Callable[[list[str]], None]) -> dict[str, dict[str, Entry]]:
        try:
            return _Stream(root, known, form, skip, changed).run(session, folders)
        except FtpSyncError:
            session.drop()  # what was asked may still be answered; proper listings will tell what is wrong
            return {}

    for _folders, confirmed, error in pool.work(_share(known, root, pool.facts.window_bytes), ask):
        if error is None:
            found.update(confirmed or {})
    return found


def _by_folder(records: t.Mapping[str, Record]) -> Known:
    """What each known folder should hold; folders above files are known, too."""
    known: Known = {"": {}}
    for path, record in records.items():
        if record.kind == DIRECTORY:
            known.setdefault(path, {})
        while path:
            above = known.setdefault(parent(path), {})
            name = path.rpartition("/")[2]
            if name in above:
                break
            above[name] = record
            path, record = parent(path), Record(DIRECTORY)
    return known


def _is_plain(root: str, folder: str, inside: t.Mapping[str, Record]) -> bool:
    return all(stat.is_plain(name) for name in (join(root, folder), *inside))


def _share(known: Known, root: str, window: int) -> list[list[str]]:
    """Cut the folders into pieces that are worth a connection each."""
    limit = min(_STREAM, window * _WINDOWS)
    pieces: list[list[str]] = []
    room = 0
    for folder in sorted(known):
        length = len(join(root, folder)) + 10
        cost = length + sum(length + len(name) for name in known[folder])
        if not pieces or cost > room:
            pieces.append([])
            room = limit
        pieces[-1].append(folder)
        room -= cost
    return pieces


class _Stream:
    """The questions about some folders, and what their answers say."""

    def __init__(self, root: str, known: Known, form: str, skip: str | None, changed: t.Collection[str] | None) -> None:
        self._root = root
        self._known = known
        self._form = form
        self._skip = skip
        self._changed = changed

    def run(self, session: Session, folders: t.Sequence[str]) -> dict[str, dict[str, Entry]]:
        """Ask for all at once."""
        replies = session.pipeline(self._commands(folders), eager=True)
        found: dict[str, dict[str, Entry]] = {}
        for folder in folders:
            listing = stat.listing(next(replies), session.options.encoding)
            times = {name: self._time(next(replies)) for name in self._files(folder)}
            entries = self._compare(folder, listing, times) if listing is not None else None
            if entries is not None:
                found[folder] = entries
        noop = next(replies)
        next(replies, None)
        if not stat.is_in_step(noop):
            session.drop()
            return {}
        return found

    def _commands(self, folders: t.Sequence[str]) -> t.Iterator[tuple[str, str | None]]:
        for folder in folders:
            path = join(self._root, folder)
            yield stat.ask(self._form, path)
            for name in self._files(folder):
                yield "MDTM", join(path, name)
        yield stat.IN_STEP

    def _files(self, folder: str) -> list[str]:
        files = [name for name, record in self._known[folder].items() if record.kind == FILE]
        if self._changed is None:
            return files
        return [name for name in files if (f"{folder}/{name}" if folder else name) in self._changed]

    @staticmethod
    def _time(reply: Reply) -> float | None:
        return parse_mdtm(reply) if reply.code == 213 else None

    def _compare(self, folder: str, listing: Listing, times: t.Mapping[str, float | None]) -> dict[str, Entry] | None:
        """The folder's entries by path, if they are those of the record."""
        path = join(self._root, folder)
        there = {item.name: item.entry for item in listing.entries if join(path, item.name) != self._skip}
        inside = self._known[folder]
        if there.keys() != inside.keys() or not (there or listing.shows_hidden):
            return None
        entries: dict[str, Entry] = {}
        for name, entry in there.items():
            if name in times:
                entry = entry._replace(mtime=times[name], mtime_span=1)
                if times[name] is None or not as_listed(inside[name], entry):
                    return None
            elif entry.kind != inside[name].kind:
                return None
            entries[f"{folder}/{name}" if folder else name] = entry
        return entries
