# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""List a path on the server, as users want to see it: one folder, a whole tree, or a single file.

In: an absolute path and filters. Out: lines for a result. No command is sent that writes.
"""

from __future__ import annotations

import time
import typing as t

from ..ask import sharpen_times, size_of
from ..errors import ServerRefused
from ..ftp.persistence import persistently
from ..model import DIRECTORY, FILE, Entry, Problem, join, parent, shown
from ..scan.remote import scan_remote

if t.TYPE_CHECKING:
    from ..filters import Patterns
    from ..ftp.pool import Pool
    from ..ftp.session import Session


class Wanted(t.NamedTuple):
    """What to list.

    Attributes:
        path: absolute.
        prefix: how ``path`` is called in the result; "" for the root itself.
        recursive: what is below, too.
        match: files to list, all of them if None; folders are then left out.
        exclude: what to leave out; counted, as ``match``, from ``path``.
    """

    path: str
    prefix: str = ""
    recursive: bool = False
    match: Patterns | None = None
    exclude: Patterns | None = None

    def excludes(self, path: str, kind: str) -> bool:
        """Whether a path, relative to ``self.path``, is left out with all that is below."""
        return self.exclude is not None and self.exclude.covers(path, kind == DIRECTORY)

    def shows(self, path: str, kind: str) -> bool:
        """Whether a path belongs into the result."""
        if self.excludes(path, kind):
            return False
        return self.match is None or (kind != DIRECTORY and self.match.matches(path, False))


class Listed(t.NamedTuple):
    """What there is.

    Attributes:
        exists: whether there is anything at that path.
        entries: lines for a result, by path.
        problems: lines of listings that could not be used.
    """

    exists: bool
    entries: list[dict[str, t.Any]]
    problems: tuple[Problem, ...] = ()


def browse(pool: Pool, wanted: Wanted, closed: str) -> Listed:
    """List a path.

    Parameters:
        closed: absolute path of our own folder, which is listed but not looked into.
    """

    def descend(path: str) -> bool:
        return wanted.recursive and join(wanted.path, path) != closed and not wanted.excludes(path, DIRECTORY)

    scan = scan_remote(pool, wanted.path, records={}, local={}, descend=descend, skip=None)
    if not scan.root_exists:
        return _alone(pool, wanted)
    entries = {path: entry for path, entry in scan.entries.items() if wanted.shows(path, entry.kind)}
    sharpen_times(pool, wanted.path, entries, list(entries))
    entries.update((path, Entry(FILE, None)) for path in scan.leftovers if wanted.shows(path, FILE))
    within = f"{wanted.prefix.rstrip('/')}/" if wanted.prefix else ""
    return Listed(True, [describe(within + path, entries[path]) for path in sorted(entries)], scan.problems)


def _alone(pool: Pool, wanted: Wanted) -> Listed:
    """What is no folder, by the listing of the folder above."""
    above, name = parent(wanted.path) or "/", wanted.path.rpartition("/")[2]

    def step(session: Session) -> dict[str, Entry]:
        try:
            listed = session.list_folder(above).entries
        except ServerRefused:
            return {}
        found = {item.name: item.entry for item in listed if item.name == name}
        if not found and name.startswith("."):  # many servers do not list those
            size = size_of(session, wanted.path)
            return {} if size is None else {name: Entry(FILE, size)}
        return found

    entries = persistently(pool, step) if name else {}
    sharpen_times(pool, above, entries, list(entries))
    return Listed(bool(entries), [describe(wanted.prefix, entry) for entry in entries.values()])


def describe(path: str, entry: Entry) -> dict[str, t.Any]:
    """One line of a listing, for a result. Pure."""
    return {
        "path": shown(path),
        "type": entry.kind,
        "size": entry.size if entry.kind == FILE else None,
        "mtime": None if entry.mtime is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(entry.mtime)),
        "mode": None if entry.mode is None else format(entry.mode, "04o"),
    }
