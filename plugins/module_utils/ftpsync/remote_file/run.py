# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""One path on a server: look ─► decide ─► do (``remote_file_plan.py`` decides).

Nothing is recorded, and nobody's record is needed: files are compared by size, and then by reading them.
A file is written under another name in the same folder, checked, and renamed, so that there never is a
part of it under its own name. In check mode no command is sent that writes.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import time
import typing as t

from .. import target
from ..ask import mtime_of, size_of
from ..connect import connect_options
from ..errors import FtpSyncError, ListingDoubtful, LocalError, ManifestError, PlanRefused, ServerRefused
from ..ftp.persistence import persistently
from ..ftp.pool import Pool
from ..model import CREATE_DIRECTORY, DIRECTORY, FILE, LINK, OTHER, SMALL, Entry, join, parent, shown
from ..records.state import StateFolder
from ..run_id import new_run_id
from ..scan.links import links
from ..scan.remote import MAX_DEPTH, MAX_ENTRIES
from . import apply as applying
from .plan import FileOptions, Found, Step, Wanted, decide
from .report import MAX_DIFF, Result

if t.TYPE_CHECKING:
    from ..ftp.session import Session


def change(options: FileOptions, *, check: bool, diff: bool) -> Result:
    """Make one path what the options say.

    Parameters:
        check: find out what would be done, and change nothing.
        diff: read the old content even where the decision does not need it.

    Raises:
        FtpSyncError: nothing was changed. Whatever fails later is in the result.
    """
    content = read_local(options)
    pool = Pool(connect_options(options.site), options.site.connections)
    with contextlib.closing(pool):
        pool.open()
        found, before = _Look(options, pool, content).look(diff)
        wanted = None if content is None else Wanted(content.size, content.sha256)
        steps = decide(options, found, wanted, time.time())
        result = Result(found, before, steps=steps, done=steps, warnings=_warnings(options, pool, steps))
        if content is not None:
            result = result._replace(after=content.data, after_size=content.size, sha256=content.sha256)
        return result if check else _apply(pool, steps, content, result)


def _apply(pool: Pool, steps: t.Sequence[Step], content: applying.Content | None, result: Result) -> Result:
    done: list[Step] = []
    error = None
    try:
        for step in applying.apply(pool, steps, content or applying.EMPTY, new_run_id()):
            done.append(step)
    except FtpSyncError as failure:
        error = str(failure)
    return result._replace(done=tuple(done), error=error)


def read_local(options: FileOptions) -> applying.Content | None:
    """The content that the file shall have; None for other states.

    Raises:
        LocalError: ``src`` cannot be read.
    """
    if options.state != "file":
        return None
    if options.content is not None:
        return applying.Content.of(options.content)
    path = options.src or ""
    digest, size, small = hashlib.sha256(), 0, b""
    try:
        with open(path, "rb") as file:
            for piece in iter(lambda: file.read(SMALL), b""):
                digest.update(piece)
                size += len(piece)
                small = small + piece if size <= SMALL else b""
    except OSError as error:
        raise LocalError(f"src: {path} cannot be read: {error.strerror}") from None
    return applying.Content(size, digest.hexdigest(), small if size <= SMALL else None, path)


def _warnings(options: FileOptions, pool: Pool, steps: t.Sequence[Step]) -> tuple[str, ...]:
    """What ftp_sync will think of it."""
    site = options.site
    state_dir, root = t.cast(str, site.state_dir), site.remote_path
    if all(step.action == CREATE_DIRECTORY for step in steps):
        return ()
    tops = [path for path in (options.path, options.dest) if path is not None]
    try:
        state = persistently(pool, StateFolder(state_dir, root).read)
    except (ManifestError, ListingDoubtful) as error:
        return (f"it is not known whether ftp_sync has published this: {error}",)
    if state.exists and any(target.is_within(state_dir, top) for top in tops):
        return (f"{shown(options.path)} holds {state_dir}: the record of what ftp_sync has published goes with it",)
    records = state.manifest.records if state.manifest is not None else {}
    known = [path for path in records if any(target.is_within(join(root, path), top) for top in tops)]
    if not known:
        return ()
    names = f"{shown(known[0])} and {len(known) - 1} more were" if len(known) > 1 else f"{shown(known[0])} was"
    line = f"{names} published by ftp_sync, whose record is left as it is; its next run finds a change on the server"
    return (f"{line} (drifted) and, with force, undoes it",)


class _Look:
    """Finds out what the decision needs; sends no command that writes."""

    def __init__(self, options: FileOptions, pool: Pool, content: applying.Content | None) -> None:
        self._options = options
        self._pool = pool
        self._content = content

    def look(self, diff: bool) -> tuple[Found, bytes | None]:
        """What is there, and the file's content where it was read and is small."""
        options = self._options
        found = persistently(self._pool, self._surroundings)
        entry, before = found.entry, None
        if self._content is not None and options.force and entry is not None and entry.kind in (FILE, LINK):
            same_size = entry.size in (self._content.size, None) or entry.kind == LINK
            if same_size or (diff and (entry.size or 0) <= MAX_DIFF):
                entry, before = persistently(self._pool, lambda session: self._read(session, t.cast(Entry, entry)))
                found = found._replace(entry=entry)
        if options.state == "absent" and entry is not None and entry.kind == DIRECTORY:
            found = found._replace(below=self._below())
        return found, before

    def _surroundings(self, session: Session) -> Found:
        options = self._options
        entry = self._entry(session, options.path, follow=options.state not in ("absent", "moved"))
        dest = None if options.dest is None else self._entry(session, options.dest, follow=True)
        if (entry if options.dest is None else dest) is not None or options.state == "absent":
            return Found(entry, dest)
        return self._above(session, Found(entry, dest))

    def _entry(self, session: Session, path: str, follow: bool) -> Entry | None:
        """What is at a path; a link that leads to a folder counts as one if it is followed."""
        folder, name = parent(path) or "/", path.rpartition("/")[2]
        listed = _list(session, folder)
        if not name:
            return Entry(DIRECTORY)
        if listed is None:
            return None
        entry = listed.get(name)
        if entry is None:
            size = size_of(session, path)  # not all that is there is listed
            entry = None if size is None else Entry(FILE, size)
        if entry is None and name.startswith(".") and _list(session, path) is not None:
            return Entry(DIRECTORY)
        if entry is None:
            return None
        if entry.kind in (LINK, OTHER) and follow and _list(session, path) is not None:
            return entry._replace(kind=DIRECTORY, mode=None)
        if entry.kind == DIRECTORY and not follow and name in links(session, folder):
            return entry._replace(kind=LINK)
        if entry.kind == FILE and entry.mtime_span > 1 and self._options.state == "touch":
            mtime = mtime_of(session, path)
            return entry if mtime is None else entry._replace(mtime=mtime, mtime_span=1)
        return entry

    def _above(self, session: Session, found: Found) -> Found:
        """Which folders above the goal are missing, or what stands there instead."""
        missing: list[str] = []
        folder = parent(self._options.goal)
        listed = _list(session, folder or "/")
        while listed is None and folder:
            missing.insert(0, folder)
            folder = parent(folder)
            listed = _list(session, folder or "/")
        first = (listed or {}).get(missing[0].rpartition("/")[2]) if missing else None
        if first is not None and first.kind == DIRECTORY:
            raise PlanRefused(
                f"path: the folder {shown(missing[0])} is there but cannot be listed: check its permissions"
            )
        return found._replace(missing=tuple(missing), barrier=missing[0] if first is not None else None)

    def _read(self, session: Session, entry: Entry) -> tuple[Entry, bytes | None]:
        """Read the file: its true size and digest, and its content if it is small."""
        digest, size, small = hashlib.sha256(), 0, io.BytesIO()

        def take(data: bytes) -> None:
            nonlocal size
            digest.update(data)
            size += len(data)
            if size <= MAX_DIFF:
                small.write(data)

        try:
            session.retrieve(self._options.path, take)
        except ServerRefused:
            return entry, None  # what cannot be read cannot be known to be right
        return entry._replace(size=size, sha256=digest.hexdigest()), small.getvalue() if size <= MAX_DIFF else None

    def _below(self) -> dict[str, Entry]:
        """All that lies in a folder that is to go; without ``recurse`` the first level is enough to refuse."""
        found: dict[str, Entry] = {}
        deep = self._options.recurse

        def step(session: Session, folder: str, add: t.Callable[[str], None]) -> dict[str, Entry]:
            listing = session.list_folder(folder)
            if listing.problems:
                raise ListingDoubtful(f"{shown(folder)} holds something that cannot be deleted: {listing.problems[0]}")
            if folder.count("/") > MAX_DEPTH:
                raise ListingDoubtful(f"{shown(folder)[:200]}: folders nested more than {MAX_DEPTH} deep")
            linked = links(session, folder) if deep else frozenset()
            inner = {
                f"{folder}/{name}": entry._replace(kind=LINK) if name in linked else entry
                for name, entry in listing.entries
            }
            for path, entry in inner.items():
                if deep and entry.kind == DIRECTORY:
                    add(path)
            return inner

        for _folder, inner, error in self._pool.work([self._options.path], step):
            if error is not None:
                raise error
            found.update(inner or {})
            if len(found) > MAX_ENTRIES:
                raise ListingDoubtful(f"{shown(self._options.path)}: more than {MAX_ENTRIES} entries below")
        return found


def _list(session: Session, folder: str) -> dict[str, Entry] | None:
    """A folder's entries by name; None for what is no folder, or is none for us."""
    try:
        return {listed.name: listed.entry for listed in session.list_folder(folder).entries}
    except ServerRefused:
        return None
