# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""A folder on a server as one side of a run.

Listing goes over all connections of the pool. Nothing is decided from a listing that is in doubt: what
a record knows and the listing lacks is asked for by name.
"""

from __future__ import annotations

import functools
import io
import re
import secrets
import threading
import typing as t

from ..errors import FtpSyncError, ListingDoubtful, ServerRefused, UsageError
from ..ftp.persistence import persistently
from ..ftp.wire import Reply, encode_name
from ..model import FILE, Entry, Problem, join, parent
from ..scan.links import links
from ..scan.remote import refine_times
from ..temporary import temporary_name
from .names import for_mkd, is_usual
from .tree import MAX_DEPTH, MAX_ENTRIES, META_FILE, Enter, Tree, child

if t.TYPE_CHECKING:
    from ..ftp.listing import ListedEntry
    from ..ftp.pool import Pool
    from ..ftp.session import Session

MAX_DOCUMENT = 64 * 1024 * 1024  # bytes of one folder's records
_ANY = range(100, 600)  # codes of replies
BURST = 200  # deletions that are repeated together after a loss

_LINE_END = re.compile("[\0\r\n]")

Results = t.Iterator[t.Tuple[str, t.Optional[FtpSyncError]]]


class ServerSide:
    """A folder on a server.

    Parameters:
        pool: logged in.
        root: absolute path on the server.

    Attributes:
        exists: False while the root is still to be made.
        keeps_times: False once the server was seen not to store the times it was given.
        arriving: temporary files that are being written; after an interruption they are of no use.
    """

    is_server = True

    def __init__(self, pool: Pool, root: str) -> None:
        self.pool = pool
        self.root = root
        self.exists = True
        self.keeps_times = True
        self.arriving: set[str] = set()

    def at(self, path: str) -> str:
        """The absolute path on the server."""
        return join(self.root, path)

    def cannot_send(self, path: str) -> str:
        """Why no command can carry a name (RFC 959 section 5.3.1), or ""."""
        if _LINE_END.search(path):
            return "has a line end in its name, which FTP cannot send"
        try:
            encode_name(path, self.pool.options.encoding)
        except UsageError:
            return f"has a name that cannot be written in {self.pool.options.encoding}"
        return ""

    # ------------------------------------------------------------------ looking

    def scan(self, enter: Enter) -> Tree:
        """List the folder with everything below it, over all connections.

        Parameters:
            enter: whether to look into a folder, by relative path.

        Raises:
            ServerRefused, ListingDoubtful: the root cannot be listed, or a bound is exceeded.
            FtpSyncError: the connection failed.
        """
        if not self.exists:
            return Tree(exists=False, children={"": []})
        crawl = _Crawl(self, enter)
        for folder, _result, error in self.pool.work([""], crawl.visit):
            if error is not None and (not folder or not isinstance(error, (ServerRefused, ListingDoubtful))):
                raise error
            if error is not None:
                crawl.fail(folder, error)
        return crawl.sorted()

    def confirm(self, tree: Tree, expected: t.Iterable[str]) -> None:
        """Ask by name for files that must be there, but were not listed (field notes 6.6, 6.8).

        Hidden files that answer are taken in. Any other answer proves the listing incomplete.

        Parameters:
            tree: changed in place.
            expected: paths of files that a record or the other side knows.
        """
        missing = [
            path
            for path in expected
            if parent(path) in tree.children
            and path not in tree.entries
            and path not in tree.blocked
            and not self.cannot_send(path)
        ]
        sizes = persistently(self.pool, lambda session: session.sizes([self.at(path) for path in missing]))
        for path, size in zip(missing, sizes):
            folder, _slash, name = path.rpartition("/")
            if size is not None and name.startswith(".") and tree.shows_hidden is not True:
                tree.entries[path] = Entry(FILE, size, None)
                tree.children[folder].append(name)
            elif size is not None:
                tree.incomplete[folder] = f"the listing lacks {name}, which is there: the server cuts or hides listings"
            elif not self.pool.facts.size_works and folder in tree.doubtful:
                tree.incomplete[folder] = f"{name} is not listed, but the server cuts listings, and knows no SIZE"

    def refine(self, tree: Tree, paths: t.Iterable[str]) -> None:
        """Replace LIST's minutes and days by MDTM's seconds, where the server can.

        Parameters:
            tree: changed in place.
        """
        try:
            refine_times(self.pool, self.root, tree.entries, paths)
        except ServerRefused:
            pass  # what is known to the minute is compared to the minute

    def links_in(self, folders: t.Iterable[str]) -> set[str]:
        """Paths in some folders that are links, which ordinary listings of some servers hide."""
        found: set[str] = set()
        for folder in sorted(set(folders)):
            names = persistently(self.pool, functools.partial(links, folder=self.at(folder)))
            found.update(child(folder, name) for name in names)
        return found

    # ------------------------------------------------------------------ small files of ours

    def read(self, path: str) -> bytes | None:
        """The content of a small file; None if the server refuses it.

        Raises:
            FtpSyncError: the connection failed, or it is larger than any of ours can be.
        """
        content = io.BytesIO()

        def step(session: Session) -> bytes | None:
            content.seek(0)
            content.truncate()
            try:
                session.retrieve(self.at(path), content.write, MAX_DOCUMENT)
            except ServerRefused:
                return None
            return content.getvalue()

        return persistently(self.pool, step)

    def write(self, path: str, content: bytes) -> None:
        """Write a small file, under another name first where the server can rename.

        Raises:
            ServerRefused: it cannot be written.
        """
        there = self.at(path)

        way = join(self.at(parent(path)), temporary_name(secrets.token_hex(6), path))

        def step(session: Session) -> None:
            stored = session.store(way, io.BytesIO(content), len(content), rename_to=there)
            if stored.renamed is not None and not stored.renamed.is_ok:
                session.store(there, io.BytesIO(content), len(content))
                list(session.pipeline([("DELE", way)]))

        persistently(self.pool, step)

    def remove(self, path: str) -> None:
        """Remove a small file, if it is there.

        Raises:
            ServerRefused: it cannot be removed.
        """
        for _path, error in self.delete_files({path: Entry(FILE, None)}):
            if error is not None:
                raise error

    # ------------------------------------------------------------------ changing

    def make_folders(self, paths: t.Sequence[str]) -> Results:
        """MKD in one burst, parents first; one that exists is as good."""

        def step(session: Session) -> list[tuple[str, FtpSyncError | None]]:
            replies = list(session.pipeline(("MKD", for_mkd(self.at(path))) for path in paths))
            return [(path, self._no_folder(session, path, reply)) for path, reply in zip(paths, replies)]

        if paths:
            yield from persistently(self.pool, step)

    def _no_folder(self, session: Session, path: str, reply: Reply) -> FtpSyncError | None:
        """Why a folder is not there after MKD."""
        if reply.is_ok and self._keeps_name(session, path):
            return None
        if not reply.is_ok:
            try:
                session.list_folder(self.at(path))
                return None
            except ServerRefused:
                return ServerRefused(f"{path}: the folder cannot be made: {reply.text}", reply)
        list(session.pipeline([("RMD", self.at(path))]))
        return ServerRefused(f"{path}: the server does not keep this name: rename it, or exclude it", reply)

    def _keeps_name(self, session: Session, path: str) -> bool:
        return is_usual(path) or self.lists(session, path)

    def lists(self, session: Session, path: str) -> bool:
        """Whether the server shows this very name, which some replace by another (field notes 7.4)."""
        name = path.rpartition("/")[2]
        return any(item.name == name for item in session.list_folder(self.at(parent(path))).entries)

    def delete_files(self, files: t.Mapping[str, Entry]) -> Results:
        """DELE in bursts, of what still is as planned on; what was refused but is gone all the same counts as deleted.

        Parameters:
            files: by path, as they were planned on; without a size whatever is there.
        """
        changed = self._changed(files)
        for path in changed:
            told = f"{path}: changed on the server while the run was under way, and was left alone; run again"
            yield path, ListingDoubtful(told)
        unchanged = [path for path in files if path not in changed]
        yield from self._burst(unchanged, lambda path: [("DELE", self.at(path))], "cannot be deleted")

    def _changed(self, files: t.Mapping[str, Entry]) -> list[str]:
        """Files that the server shows otherwise now, as far as SIZE and MDTM tell."""
        known = [path for path, entry in files.items() if entry.kind == FILE and entry.size is not None]
        there = [self.at(path) for path in known]
        asks_times = self.pool.facts.exact_times

        def step(session: Session) -> tuple[list[int | None], list[int | None]]:
            return session.sizes(there), session.mtimes(there) if asks_times else [None] * len(there)

        try:
            found = persistently(self.pool, step) if known else ([], [])
        except ServerRefused:
            return []
        return [path for path, size, mtime in zip(known, *found) if _differs(files[path], size, mtime)]

    def delete_folders(self, paths: t.Sequence[str], documents: t.Container[str]) -> Results:
        """RMD, the innermost first; our records in them go before.

        Parameters:
            documents: folders that hold a file with our records.
        """

        def commands(path: str) -> list[tuple[str, str]]:
            ours = [("DELE", self.at(child(path, META_FILE)))] if path in documents else []
            return [*ours, ("RMD", self.at(path))]

        yield from self._burst(list(paths), commands, "the folder cannot be removed")

    def _burst(self, paths: list[str], commands: t.Callable[[str], list[tuple[str, str]]], failure: str) -> Results:
        for start in range(0, len(paths), BURST):
            batch = paths[start : start + BURST]

            def step(session: Session, batch: list[str] = batch) -> list[tuple[str, FtpSyncError | None]]:
                groups = [commands(path) for path in batch]
                replies = iter(list(session.pipeline(command for group in groups for command in group)))
                last = [[next(replies) for _command in group][-1] for group in groups]
                return [(path, self._still_there(session, path, reply, failure)) for path, reply in zip(batch, last)]

            yield from persistently(self.pool, step)

    def _still_there(self, session: Session, path: str, reply: Reply, failure: str) -> FtpSyncError | None:
        if reply.is_ok or self._is_gone(session, path):
            return None
        return ServerRefused(f"{path}: {failure}: {reply.text}", reply)

    def _is_gone(self, session: Session, path: str) -> bool:
        """Whether the folder above no longer shows it, or is no more itself."""
        folder, _slash, name = path.rpartition("/")
        try:
            if self.lists(session, path):
                return False
            if not name.startswith("."):
                return True
            # Listings may hide it.
            return session.sizes([self.at(path)]) == [None] and not session.command("CWD", self.at(path), _ANY).is_ok
        except ServerRefused:
            return bool(folder) and self._is_gone(session, folder)

    def sweep(self, paths: t.Iterable[str]) -> None:
        """Remove temporary files that a killed run left; what cannot be removed stays."""
        commands = [("DELE", self.at(path)) for path in paths]
        if commands:
            persistently(self.pool, lambda session: list(session.pipeline(commands)))


def _differs(entry: Entry, size: int | None, mtime: int | None) -> bool:
    if size is not None and size != entry.size:
        return True
    told = mtime is not None and entry.mtime is not None and entry.mtime_span <= 1
    return told and abs(t.cast(int, mtime) - t.cast(float, entry.mtime)) > 2


def above(folder: str) -> t.Iterator[str]:
    """The folders that hold a folder, the root included."""
    while folder:
        folder = parent(folder)
        yield folder


class _Crawl:
    """One walk over the server's folders; the tree is guarded by one mutex."""

    def __init__(self, side: ServerSide, enter: Enter) -> None:
        self.side = side
        self.tree = Tree()
        self._enter = enter
        self._looks: dict[str, int] = {}  # hashes of listings
        self._mutex = threading.Lock()

    def visit(self, session: Session, folder: str, add: t.Callable[[str], None]) -> None:
        """List one folder and read its records, in a worker's thread."""
        listing = session.list_folder(self.side.at(folder))
        document = None
        if any(item.name == META_FILE and item.entry.kind == FILE for item in listing.entries):
            document = self._document(session, folder)
        if self._is_circle(session, folder, listing.entries):
            return
        with self._mutex:
            tree = self.tree
            tree.children[folder] = []
            if document is not None:
                tree.documents[folder] = document
            if listing.doubt:
                tree.doubtful.add(folder)
            if listing.shows_hidden is not None and tree.shows_hidden is not False:
                tree.shows_hidden = listing.shows_hidden
            tree.problems += [Problem(folder, line) for line in listing.problems]
            if listing.problems:  # a line that cannot be used may be any name: nothing counts as missing here
                tree.incomplete[folder] = listing.problems[0]
            added = [tree.add(folder, name, entry) for name, entry in listing.entries]
            folders = [path for path in added if path is not None]
            if folder.count("/") > MAX_DEPTH or len(tree.entries) > MAX_ENTRIES:
                raise _Unbounded(f"{self.side.at(folder)}: more than {MAX_DEPTH} levels or {MAX_ENTRIES} entries")
        for path in folders:
            if self._enter(path):
                add(path)

    def _is_circle(self, session: Session, folder: str, entries: list[ListedEntry]) -> bool:
        """Whether a folder is a link to one that holds it, which some servers show as a folder."""
        mine = self._looks[folder] = hash(tuple(entries))
        if not entries or all(self._looks.get(path) != mine for path in above(folder)):
            return False
        if folder.rpartition("/")[2] not in links(session, self.side.at(parent(folder))):
            return False
        with self._mutex:
            self.tree.entries.pop(folder, None)
            self.tree.children[parent(folder)].remove(folder.rpartition("/")[2])
            self.tree.blocked[folder] = "is a link to a folder that holds it"
        return True

    def _document(self, session: Session, folder: str) -> bytes:
        content = io.BytesIO()
        path = child(folder, META_FILE)
        try:
            session.retrieve(self.side.at(path), content.write, MAX_DOCUMENT)
        except ServerRefused as error:
            self.tree.problems.append(Problem(path, f"cannot be read, and is taken for empty: {error}"))
            return b""
        return content.getvalue()

    def fail(self, folder: str, error: FtpSyncError) -> None:
        """Note that nothing is known of a folder."""
        self.tree.failed[folder] = str(error)

    def sorted(self) -> Tree:
        """The tree, in an order that does not depend on which connection was faster."""
        tree = self.tree
        tree.entries = dict(sorted(tree.entries.items()))
        tree.problems.sort()
        return tree


class _Unbounded(FtpSyncError):
    """A bound of design 10.11 is exceeded."""
