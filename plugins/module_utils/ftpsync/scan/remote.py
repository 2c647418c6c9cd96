# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The server's tree: folders to look into in, entries out.

Folders known from the record are listed at once, others as they turn up, over all connections of the
pool. A listing is not believed where it would lead to a loss: what is recorded but not listed is asked
for by name (field notes 6.6, 6.7). Nothing is decided here, and no command is sent that could write.
"""

from __future__ import annotations

import hashlib
import threading
import typing as t

from ..errors import ListingDoubtful, ServerRefused
from ..ftp.digests import digests
from ..ftp.persistence import persistently
from ..model import DIRECTORY, FILE, LINK, Entry, Problem, Record, join, parent
from ..temporary import is_temporary
from .links import links
from .recheck import confirm
from .trust import as_recorded

if t.TYPE_CHECKING:
    from ..ftp.pool import Pool
    from ..ftp.session import Session

MAX_ENTRIES = 1_000_000  # of all folders together (design 10.11)
# Bytes of a file whose digest a server is asked for: it says nothing until it has read all, and a slow disk must not
# exceed the time-out.
MAX_ASKED = 128 * 1024 * 1024
MAX_DEPTH = 100  # a server that invents folders, or links in a circle, ends here

Descend = t.Callable[[str], bool]


class RemoteScan(t.NamedTuple):
    """What the server holds.

    Attributes:
        entries: by relative path.
        root_exists: the root could be listed.
        unlisted: folders that were seen but not looked into.
        leftovers: files of ours that an interrupted ``publish: direct`` left; no content.
        problems: lines of listings that could not be used.
        shows_hidden: whether listings show names that begin with a dot; None when no such was seen.
    """

    entries: dict[str, Entry]
    root_exists: bool
    unlisted: frozenset[str]
    leftovers: tuple[str, ...]
    problems: tuple[Problem, ...]
    shows_hidden: bool | None


def scan_remote(
    pool: Pool,
    root: str,
    *,
    records: t.Mapping[str, Record],
    local: t.Mapping[str, Entry],
    descend: Descend,
    skip: str | None,
    since: float | None = None,
    changed: t.Collection[str] | None = None,
) -> RemoteScan:
    """List the server's tree.

    Parameters:
        root: absolute path on the server.
        records: what was published; their folders are listed without waiting for their parents, unless they are
            known to be as recorded.
        local: the local tree, by which links to folders are told from other links.
        descend: whether to look into a folder that turned up, by relative path.
        skip: absolute path of our own folder, which is no content.
        since: when the records were written, in seconds by the server's clock.
        changed: with ``scan: trust`` the paths whose folders are looked at; the records are believed of the others.

    Raises:
        ListingDoubtful: listings contradict other answers, or exceed the bounds above.
        FtpSyncError: the server cannot be asked.
    """
    crawl = _Crawl(root, local, descend, skip)
    folders = _folders_of(records)
    if changed is not None:
        crawl.trust(as_recorded(records, folders, changed))
    crawl.take(confirm(pool, root, records, skip, changed, since) if records else {})
    crawl.run(pool, folders)
    if not crawl.root_exists:
        return RemoteScan({}, False, frozenset(), (), (), None)
    if skip is not None:
        crawl.spare_above(skip)
    _confirm_missing(pool, root, crawl, records)
    _find_hidden(pool, root, crawl, local)
    return RemoteScan(
        crawl.entries,
        True,
        frozenset(crawl.unlisted),
        tuple(sorted(crawl.leftovers)),
        tuple(crawl.problems),
        crawl.shows_hidden,
    )


def _folders_of(records: t.Mapping[str, Record]) -> set[str]:
    """Folders that were published, and all above anything that was: those may be others' and have no record."""
    folders = {""} | {path for path, record in records.items() if record.kind == DIRECTORY}
    for path in records:
        above = parent(path)
        while above not in folders:
            folders.add(above)
            above = parent(above)
    return folders


class _Crawl:
    """One walk over the server's folders; what the workers share is guarded by one mutex."""

    def __init__(self, root: str, local: t.Mapping[str, Entry], descend: Descend, skip: str | None) -> None:
        self.root = root
        self.root_exists = False
        self.entries: dict[str, Entry] = {}
        self.listed: set[str] = set()
        self.unlisted: set[str] = set()
        self.leftovers: list[str] = []
        self.problems: list[Problem] = []
        self.shows_hidden: bool | None = None
        self.doubtful: set[str] = set()  # folders whose listing may be cut
        self._local = local
        self._descend = descend
        self._skip = skip
        self._asked: set[str] = set()
        self._trusted: t.Mapping[str, t.Mapping[str, Entry]] = {}
        self._mutex = threading.Lock()

    def take(self, confirmed: t.Mapping[str, t.Mapping[str, Entry]]) -> None:
        """Take folders for listed that are as recorded, hidden files included."""
        for folder, entries in confirmed.items():
            self.listed.add(folder)
            self.entries.update(entries)
            self.shows_hidden = True

    def trust(self, recorded: t.Mapping[str, t.Mapping[str, Entry]]) -> None:
        """Take it for granted what folders hold, unless the one above is looked at and does not show them."""
        self._trusted = recorded

    def run(self, pool: Pool, folders: t.Iterable[str]) -> None:
        refused: list[str] = []
        seeds = sorted(folders)
        self._asked.update(seeds)
        unknown = [folder for folder in seeds if folder not in self.listed and folder not in self._trusted]
        for folder, _result, error in pool.work(unknown, self._list):
            if isinstance(error, ServerRefused):
                refused.append(folder)
            elif error is not None:
                raise error
        for folder in sorted(self._trusted):  # each after the one above it
            shown = self.entries.get(folder)
            if not folder or (shown is not None and shown.kind in (DIRECTORY, LINK)):
                self.listed.add(folder)
                self.entries.update(self._trusted[folder])
        self._judge_refusals(refused)

    def _list(self, session: Session, folder: str, add: t.Callable[[str], None]) -> None:
        """List one folder, in a worker's thread."""
        listing = session.list_folder(join(self.root, folder))
        found = {f"{folder}/{item.name}" if folder else item.name: item.entry for item in listing.entries}
        leftovers = [
            path for path, entry in found.items() if entry.kind == FILE and is_temporary(path.rpartition("/")[2])
        ]
        for path in leftovers:
            del found[path]
        if self._skip is not None:
            found = {path: entry for path, entry in found.items() if join(self.root, path) != self._skip}
        self._tell_links(session, folder, found)
        with self._mutex:
            self.leftovers += leftovers
            self.listed.add(folder)
            if listing.doubt:
                self.doubtful.add(folder)
            self.entries.update(found)
            self.problems += [Problem(folder, line) for line in listing.problems]
            if listing.shows_hidden is not None and self.shows_hidden is not False:
                self.shows_hidden = listing.shows_hidden
            if len(self.entries) > MAX_ENTRIES:
                raise ListingDoubtful(
                    f"{self.root}: more than {MAX_ENTRIES} entries: exclude folders that grow without limit"
                )
            further = [path for path, entry in found.items() if path not in self._asked and self._worth(path, entry)]
            self._asked.update(further)
        for path in further:
            add(path)

    def _tell_links(self, session: Session, folder: str, found: dict[str, Entry]) -> None:
        """Folders that are only looked into in order to delete what is in them must be no links to elsewhere."""
        foreign = [
            path
            for path, entry in found.items()
            if entry.kind == DIRECTORY and path not in self._local and path not in self._asked and self._descend(path)
        ]
        linked = links(session, join(self.root, folder)) if foreign else frozenset()
        for path in foreign:
            if path.rpartition("/")[2] in linked:
                found[path] = found[path]._replace(kind=LINK)

    def _worth(self, path: str, entry: Entry) -> bool:
        if path.count("/") > MAX_DEPTH:
            raise ListingDoubtful(f"{self.root}/{path[:200]}: folders nested more than {MAX_DEPTH} deep; exclude them")
        if entry.kind == LINK:  # a folder of ours may lie behind it; listing it will tell
            there = self._local.get(path)
            return there is not None and there.kind == DIRECTORY
        return entry.kind == DIRECTORY and self._descend(path)

    def spare_above(self, skip: str) -> None:
        """Folders that hold our own one are not empty; those that exist for it alone are no content."""
        holding = [path for path in self.entries if skip.startswith(join(self.root, path) + "/")]
        for path in sorted(holding, reverse=True):
            if path not in self._local and not any(parent(other) == path for other in self.entries):
                del self.entries[path]
            else:
                self.unlisted.add(path)

    def _judge_refusals(self, refused: list[str]) -> None:
        """A folder that cannot be listed is missing if its parent does not show it, else in doubt."""
        self.root_exists = "" in self.listed
        for folder in sorted(refused):
            entry = self.entries.get(folder)
            if entry is not None and entry.kind == DIRECTORY and self.root_exists:
                raise ListingDoubtful(
                    f"{join(self.root, folder)} is there but cannot be listed: check its permissions, or exclude it"
                )
        for folder in self.listed:
            entry = self.entries.get(folder)
            if entry is not None and entry.kind == LINK:
                self.entries[folder] = entry._replace(kind=DIRECTORY, size=0)
        folders = {path for path, entry in self.entries.items() if entry.kind == DIRECTORY}
        self.unlisted = folders - self.listed


def _confirm_missing(pool: Pool, root: str, crawl: _Crawl, records: t.Mapping[str, Record]) -> None:
    """Ask by name for files that were published but not listed; an answer means the listing is cut."""
    missing = [path for path, record in records.items() if record.kind == FILE and path not in crawl.entries]
    sizes = persistently(pool, lambda session: session.sizes([join(root, path) for path in missing]))
    unproven = [] if pool.facts.size_works else [path for path in missing if parent(path) in crawl.doubtful]
    if unproven:
        raise ListingDoubtful(
            f"{join(root, unproven[0])} is not listed, but that listing may be cut, and the server knows no SIZE to ask"
            " for it: keep fewer files in that folder"
        )
    for path, size in zip(missing, sizes):
        if size is not None and crawl.shows_hidden is not True and path.rpartition("/")[2].startswith("."):
            crawl.entries[path] = Entry(FILE, size, None)  # the server lists no such names
        elif size is not None:
            folder = join(root, parent(path))
            raise ListingDoubtful(
                f"the listing of {folder} lacks {path}, which is there ({size} bytes): the server cuts or hides"
                " listings; nothing was changed"
            )


def _find_hidden(pool: Pool, root: str, crawl: _Crawl, local: t.Mapping[str, Entry]) -> None:
    """Ask by name for files that a listing may hide: dot files on some servers, the rest of a cut one (6.6, 6.8)."""

    def may_be_hidden(path: str) -> bool:
        folder, _slash, name = path.rpartition("/")
        is_dot_file = name.startswith(".") and crawl.shows_hidden is not True
        return folder in crawl.doubtful or (is_dot_file and folder in crawl.listed)

    hidden = [
        path
        for path, entry in local.items()
        if entry.kind == FILE and path not in crawl.entries and may_be_hidden(path)
    ]
    sizes = persistently(pool, lambda session: session.sizes([join(root, path) for path in hidden]))
    for path, size in zip(hidden, sizes):
        if size is not None:
            crawl.entries[path] = Entry(FILE, size, None)


def refine_times(pool: Pool, root: str, entries: dict[str, Entry], paths: t.Iterable[str]) -> None:
    """Replace LIST's minutes and days by MDTM's seconds for the paths whose time will decide.

    Parameters:
        entries: changed in place.
    """
    coarse = sorted(
        {path for path in paths if path in entries and entries[path].kind == FILE and entries[path].mtime_span > 1}
    )
    mtimes = persistently(pool, lambda session: session.mtimes([join(root, path) for path in coarse]))
    for path, mtime in zip(coarse, mtimes):
        if mtime is not None:
            entries[path] = entries[path]._replace(mtime=mtime, mtime_span=1)


def read_back(pool: Pool, root: str, entries: dict[str, Entry], paths: t.Iterable[str]) -> None:
    """Note the digests of files on the server, for ``adopt: hash`` and for ``compare: checksum`` without a record.

    A server that computes them is asked; what it does not tell is read.

    Parameters:
        entries: changed in place.
    """

    def digest(session: Session, path: str, _add: t.Callable[[str], None]) -> str:
        content = hashlib.sha256()
        session.retrieve(join(root, path), content.update)
        return content.hexdigest()

    wanted = sorted(paths)
    short = [path for path in wanted if (entries[path].size or 0) <= MAX_ASKED]
    told = persistently(pool, lambda session: digests(session, [join(root, path) for path in short]))
    for path, answer in zip(short, told):
        entries[path] = entries[path]._replace(sha256=answer)
    for path, sha256, error in pool.work([path for path in wanted if entries[path].sha256 is None], digest):
        if error is not None:
            raise error
        entries[path] = entries[path]._replace(sha256=sha256)
