# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Whether known folders are still as recorded, asked without any data connection: STAT and MDTM, all in one stream.

In: records. Out: the entries of those folders that are exactly as recorded: names, kinds, sizes, times to the second,
nothing beside them. Whatever differs, is doubtful or has an unusual name is left to a proper listing (remote.py), so
that STAT can never be the reason to change anything. A reply for each command and a NOOP at the end keep forged
replies, by names with line breaks, from being taken for others.
"""

from __future__ import annotations

import re
import time
import typing as t

from ..decide import as_listed
from ..errors import FtpSyncError, ListingDoubtful
from ..ftp.listing import Listing, parse_list
from ..ftp.replies import parse_mdtm
from ..model import DIRECTORY, FILE, Entry, Record, join, parent

if t.TYPE_CHECKING:
    from ..ftp.pool import Pool
    from ..ftp.session import Session
    from ..ftp.wire import Reply

# Names that no server takes for options or patterns, or splits, and that are the same in every encoding.
_PLAIN = re.compile(r"[A-Za-z0-9._+@=/-]*")
_FORMS = ("%s", "-a %s")  # of STAT's argument: some servers show hidden files only if asked to
_STREAM = 256 * 1024  # bytes of commands that one connection takes; more of them are shared out
# Servers with a narrow window (ServerFacts.window_bytes) get so many windows before another connection helps.
_WINDOWS = 4
_IDLE = (200, 202, 250)  # what NOOP is answered with

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
    form = _form(pool, root) if known else None
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
    path = join(root, folder)
    return "/-" not in path and all(_PLAIN.fullmatch(name) is not None for name in (path, *inside))


def _form(pool: Pool, root: str) -> str | None:
    """How STAT lists a folder completely, hidden files included; None where it does not."""
    if pool.facts.stat_form is None:
        pool.facts.stat_form = _find_form(pool, root) or ""
    return pool.facts.stat_form or None


def _find_form(pool: Pool, root: str) -> str | None:
    commands = [("STAT", form % root) for form in _FORMS]
    try:
        replies = list(pool.main.pipeline([*commands, ("NOOP", None)]))
    except FtpSyncError:
        return None
    if replies[-1].code not in _IDLE:
        pool.main.drop()
        return None
    for form, reply in zip(_FORMS, replies):
        listing = _listing(reply, pool.options.encoding)
        if listing is not None and listing.shows_hidden:
            return form
    return None


def _listing(reply: Reply, encoding: str) -> Listing | None:
    """The listing in a reply to STAT; None when there is none, or any doubt about it."""
    lines = reply.raw.split(b"\n")
    if reply.code not in (211, 212, 213) or len(lines) < 2:
        return None
    try:
        # ProFTPD sets the lines off by a space, as RFC 959 allows.
        listing = parse_list([line[line[:1] == b" " :] for line in lines[1:-1]], encoding, time.time())
    except ListingDoubtful:
        return None
    return None if listing.problems or listing.doubt else listing


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
            listing = _listing(next(replies), session.options.encoding)
            times = {name: self._time(next(replies)) for name in self._files(folder)}
            entries = self._compare(folder, listing, times) if listing is not None else None
            if entries is not None:
                found[folder] = entries
        noop = next(replies)
        next(replies, None)
        if noop.code not in _IDLE:
            session.drop()
            return {}
        return found

    def _commands(self, folders: t.Sequence[str]) -> t.Iterator[tuple[str, str | None]]:
        for folder in folders:
            path = join(self._root, folder)
            yield "STAT", self._form % path
            for name in self._files(folder):
                yield "MDTM", join(path, name)
        yield "NOOP", None

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
