# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Whether known folders are still as recorded, asked without any data connection: STAT and MDTM, all in one stream.

In: records. Out: the entries of those folders that are exactly as recorded: names, kinds, sizes, nothing beside them,
and times: to the second, but of files that were old when they were recorded as exactly as STAT tells, by which any edit
since is noticed. Whatever differs, is doubtful or has an unusual name is left to a proper listing (remote.py), so that
STAT can never be the reason to change anything. A reply for each command and a NOOP at the end keep forged replies, by
names with line breaks, from being taken for others.
"""

from __future__ import annotations

import time
import typing as t

from ..decide import as_listed
from ..errors import FtpSyncError
from ..ftp import stat
from ..ftp.list_unix import DAY
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
# A file that was this much older than its record need not be asked for its seconds: an edit since bears a time that, in
# any time zone, STAT tells from the recorded one. Asking costs a round trip for each few hundred files, and more of the
# server's processor than all the rest.
_SETTLED = 3 * DAY
_ZONE = 14 * 3600.0  # seconds by which local time may differ from UTC
_SUMMER = 3600.0  # seconds by which that changes twice a year
_QUARTER = 900.0  # all zones differ by multiples of it
_YEAR = 366.0 * DAY  # of older files nobody lists minutes

# By folder, then by name, the path in the records, so that it is held once.
Known = t.Dict[str, t.Dict[str, str]]
_FOLDER = Record(DIRECTORY)


def confirm(
    pool: Pool,
    root: str,
    records: t.Mapping[str, Record],
    skip: str | None,
    changed: t.Collection[str] | None = None,
    since: float | None = None,
) -> dict[str, dict[str, Entry]]:
    """Find folders that are as recorded.

    Parameters:
        root: absolute path on the server.
        records: what should be there; one without a time says nothing about it.
        skip: absolute path of our own folder, which no record is about.
        changed: files that matter; only their folders and their times are asked for. None for all.
        since: when the records were written, in seconds by the server's clock.

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
    if since is not None:
        coarse = _Stream(root, records, known, form, skip, changed, since - _SETTLED)
        found = _ask_all(pool, coarse)
        known = {folder: known[folder] for folder in known if folder in coarse.odd_times}
    return {**found, **_ask_all(pool, _Stream(root, records, known, form, skip, changed, None))}


def _ask_all(pool: Pool, stream: _Stream) -> dict[str, dict[str, Entry]]:
    """Ask on as many connections as the questions are worth."""
    found: dict[str, dict[str, Entry]] = {}

    def ask(session: Session, folders: list[str], _add: t.Callable[[list[str]], None]) -> dict[str, dict[str, Entry]]:
        try:
            return stream.run(session, folders)
        except FtpSyncError:
            session.drop()  # what was asked may still be answered; proper listings will tell what is wrong
            return {}

    for _folders, confirmed, error in pool.work(stream.pieces(pool.facts.window_bytes), ask):
        if error is None:
            found.update(confirmed or {})
    return found


def _by_folder(records: t.Mapping[str, Record]) -> Known:
    """What each known folder should hold; folders above files are known, too."""
    known: Known = {"": {}}
    for path in records:
        if records[path].kind == DIRECTORY:
            known.setdefault(path, {})
        while path:
            above = known.setdefault(parent(path), {})
            name = path.rpartition("/")[2]
            if name in above:
                break
            above[name] = path
            path = parent(path)
    return known


def _is_plain(root: str, folder: str, inside: t.Mapping[str, str]) -> bool:
    return all(stat.is_plain(name) for name in (join(root, folder), *inside))


class _Zone:
    """What a server's listings differ from UTC by, which may be two things an hour apart: in summer and in winter."""

    def __init__(self) -> None:
        self._shifts = {0.0}

    def learn(self, entry: Entry, mtime: float | None) -> None:
        """Take a file's time as it is listed, and as MDTM has it."""
        if entry.mtime is None or mtime is None or entry.mtime_span != 60:
            return
        shift = round((entry.mtime - mtime) / _QUARTER) * _QUARTER
        if 0 <= mtime - (entry.mtime - shift) < 60 and abs(shift) <= _ZONE:
            self._shifts = {shift}

    def agrees(self, record: Record, entry: Entry) -> bool:
        """Whether a listed file can be the recorded one; with a day alone, any zone could be meant."""
        if entry.mtime is None or record.mtime is None:
            return as_listed(record, entry)
        if entry.mtime_span == DAY:
            return as_listed(record, entry._replace(mtime=entry.mtime - _ZONE, mtime_span=DAY + 2 * _ZONE))
        shift = round((entry.mtime - record.mtime) / _QUARTER) * _QUARTER
        return as_listed(record, entry._replace(mtime=entry.mtime - shift)) and self._is_known(shift)

    def _is_known(self, shift: float) -> bool:
        others = self._shifts - {shift}
        if len(others) > 1 or any(abs(other - shift) != _SUMMER for other in others):
            return False
        self._shifts.add(shift)
        return True


class _Stream:
    """The questions about some folders, and what their answers say.

    Attributes:
        odd_times: folders in which nothing but times is not as recorded; asked for, they may turn out to be.
    """

    def __init__(
        self,
        root: str,
        records: t.Mapping[str, Record],
        known: Known,
        form: str,
        skip: str | None,
        changed: t.Collection[str] | None,
        settled: float | None,
    ) -> None:
        self._root = root
        self._records = records
        self._known = known
        self._form = form
        self._skip = skip
        self._changed = changed
        self._settled = settled
        self.odd_times: set[str] = set()

    def pieces(self, window: int) -> list[list[str]]:
        """Cut the folders into pieces that are worth a connection each."""
        limit = min(_STREAM, window * _WINDOWS)
        pieces: list[list[str]] = []
        room = 0
        for folder in sorted(self._known):
            length = len(join(self._root, folder)) + 10
            cost = length + sum(length + len(name) for name in self._timed(folder))
            if not pieces or cost > room:
                pieces.append([])
                room = limit
            pieces[-1].append(folder)
            room -= cost
        return pieces

    def run(self, session: Session, folders: t.Sequence[str]) -> dict[str, dict[str, Entry]]:
        """Ask for all at once."""
        witness = self._witness(folders)
        if witness is not None:  # what it tells counts for the others
            folders = sorted(folders, key=lambda folder: folder != parent(witness))
        replies = session.pipeline(self._commands(folders, witness), eager=True)
        found: dict[str, dict[str, Entry]] = {}
        zone = _Zone()
        for folder in folders:
            listing = stat.listing(next(replies), session.options.encoding)
            times = {name: self._time(next(replies)) for name in self._timed(folder, witness)}
            if witness is not None and folder == parent(witness) and listing is not None:
                name = witness.rpartition("/")[2]
                for item in listing.entries:
                    if item.name == name:
                        zone.learn(item.entry, times[name])
            entries = self._compare(folder, listing, times, zone) if listing is not None else None
            if entries is not None:
                found[folder] = entries
        noop = next(replies)
        next(replies, None)
        if not stat.is_in_step(noop):
            session.drop()
            return {}
        return found

    def _witness(self, folders: t.Iterable[str]) -> str | None:
        """An old file that is asked for its seconds all the same, which tells the zone of listed minutes; the youngest,
        and none where all are so old that days are listed."""
        if self._settled is None:
            return None
        old = [path for f in folders for path in self._known[f].values() if self._is_old(self._record(path))]
        youngest = max(old, key=lambda path: self._record(path).mtime or 0, default=None)
        is_minute = youngest is not None and (self._record(youngest).mtime or 0) > time.time() - _YEAR
        return youngest if is_minute else None

    def _commands(self, folders: t.Sequence[str], witness: str | None) -> t.Iterator[tuple[str, str | None]]:
        for folder in folders:
            path = join(self._root, folder)
            yield stat.ask(self._form, path)
            for name in self._timed(folder, witness):
                yield "MDTM", join(path, name)
        yield stat.IN_STEP

    def _timed(self, folder: str, witness: str | None = None) -> list[str]:
        """The names of files whose time is asked for to the second."""

        def matters(path: str) -> bool:
            record = self._record(path)
            is_asked = self._changed is None or path in self._changed
            return path == witness or (is_asked and record.kind == FILE and not self._is_old(record))

        return [name for name, path in self._known[folder].items() if matters(path)]

    def _record(self, path: str) -> Record:
        """Of folders above files there may be none."""
        return self._records.get(path, _FOLDER)

    def _is_old(self, record: Record) -> bool:
        is_file = record.kind == FILE and record.mtime is not None
        return self._settled is not None and is_file and t.cast(float, record.mtime) < self._settled

    @staticmethod
    def _time(reply: Reply) -> float | None:
        return parse_mdtm(reply) if reply.code == 213 else None

    def _compare(
        self, folder: str, listing: Listing, times: t.Mapping[str, float | None], zone: _Zone
    ) -> dict[str, Entry] | None:
        """The folder's entries by path, if they are those of the record."""
        path = join(self._root, folder)
        there = {item.name: item.entry for item in listing.entries if join(path, item.name) != self._skip}
        inside = self._known[folder]
        if there.keys() != inside.keys() or not (there or listing.shows_hidden):
            return None
        entries: dict[str, Entry] = {}
        for name, entry in there.items():
            record = self._record(inside[name])
            if entry.kind != record.kind or (record.kind == FILE and entry.size != record.size):
                return None
            if name in times:
                mtime = record.mtime if times[name] == record.mtime else times[name]  # held once if equal
                entry = entry._replace(mtime=mtime, mtime_span=1)
                if mtime is None or not as_listed(record, entry):
                    return None
            elif self._settled is not None and entry.kind == FILE:
                if not zone.agrees(record, entry):
                    self.odd_times.add(folder)
                    return None
                entry = entry._replace(mtime=record.mtime, mtime_span=record.mtime_span)
            entries[inside[name]] = entry
        return entries
