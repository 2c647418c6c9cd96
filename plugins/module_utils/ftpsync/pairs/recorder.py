# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The records of a run: read with the trees, changed as operations are confirmed, saved on every way out.

Snapshots of both sides lie in the local side's folders, true times in those of a server that cannot keep
them (``spec/ftpsync-behaviour.md`` 4). A side where nothing can be written is warned about once.
"""

from __future__ import annotations

import time
import typing as t

from ..errors import FtpSyncError
from ..model import DIRECTORY, Entry, parent
from ..records.folder_file import META_FILE_NAME, FolderDocument, IncompatibleVersion, InvalidDocument
from ..sides.folder import LeadsOut
from ..sides.tree import Tree, child
from .case import Spelling
from .steps import Step
from .tables import LOCAL, REMOTE

if t.TYPE_CHECKING:
    from ..sides.copying import Side

SAVE_EVERY = 2.0  # seconds between two savings while a run goes on (B2)


class Recorder:
    """The records of both sides.

    Parameters:
        sides: by LOCAL and REMOTE.
        peer: the remote side's id.
        verbose: write them so that people can read them.
        warn: told of what could not be read or written, one line each.

    Attributes:
        bytes_read, bytes_written: of records.
        offset: seconds by which a server's clock is ahead, by side.
        frozen: sides on which no record is written.
        ignores: none is read either: what another run has recorded may be long past.
        spelling: how paths are written on each side.
    """

    def __init__(self, sides: t.Mapping[str, Side], peer: str, verbose: bool, warn: t.Callable[[str], object]) -> None:
        self._sides = sides
        self._peer = peer
        self._verbose = verbose
        self._warn = warn
        self._documents: dict[str, dict[str, FolderDocument]] = {LOCAL: {}, REMOTE: {}}
        self._touched: set[str] = set()
        self._saved_at = time.monotonic()
        self.bytes_read = 0
        self.bytes_written = 0
        self.offset: dict[str, float] = {LOCAL: 0.0, REMOTE: 0.0}
        self.frozen: set[str] = set()
        self.ignores = False
        self.spelling = Spelling()

    # ------------------------------------------------------------------ reading

    def load(self, side: str, tree: Tree, migrate: bool) -> dict[str, float]:
        """Take the records of one side in; gives the true times by path.

        Parameters:
            migrate: discard records of another format.

        Raises:
            IncompatibleVersion: there is one, and ``migrate`` is not set.
        """
        true_times: dict[str, float] = {}
        if self.ignores:
            return true_times
        for folder, content in sorted(tree.documents.items()):
            self.bytes_read += len(content)
            document = self._parse(side, child(folder, META_FILE_NAME), content, migrate)
            self._documents[side][folder] = document
            if self._sides[side].is_server:
                listing = {name: tree.entries[child(folder, name)] for name in tree.children.get(folder, ())}
                for name, mtime in document.adjust(listing).items():
                    true_times[child(folder, name)] = mtime
        return true_times

    def _parse(self, side: str, path: str, content: bytes, migrate: bool) -> FolderDocument:
        where = f"{side} {path}"
        try:
            return FolderDocument.parse(content)
        except InvalidDocument as error:
            self._warn(f"{where}: {error}: its records are ignored")
        except IncompatibleVersion as error:
            if not migrate:
                raise IncompatibleVersion(f"{where}: {error}") from None
            self._warn(f"{where}: records of another format are discarded (--migrate)")
        document = FolderDocument()
        document.was_read = document.modified = True
        return document

    def document(self, side: str, folder: str) -> FolderDocument:
        """The records of one folder."""
        return self._documents[side].setdefault(folder, FolderDocument())

    def snapshots(self, folder: str) -> dict[str, t.Any]:
        """What is known of a folder pair, by name; empty when nothing was ever recorded of it."""
        document = self._documents[LOCAL].get(folder)
        if document is None or not document.knows(self._peer):
            return {}
        known: dict[str, t.Any] = {":last_sync": document.last_sync(self._peer)}
        for name, snapshot in document.snapshots(self._peer).items():
            known[name] = {"m": snapshot.mtime, "s": snapshot.size, "u": snapshot.recorded}
        return known

    # ------------------------------------------------------------------ noting

    def copied(self, step: Step, keeps_time: bool) -> None:
        """Note that a file is equal on both sides now.

        Parameters:
            keeps_time: the side that was written shows the source's time by itself.
        """
        folder, _slash, name = step.path.rpartition("/")
        now = time.time()
        mtime = now if step.mtime is None else step.mtime
        size = step.entry.size or 0
        self.document(LOCAL, folder).set_snapshot(self._peer, name, mtime, size, now)
        self._touched.add(step.side)
        if self._sides[step.side].is_server:
            document = self.document(step.side, folder)
            if keeps_time:
                document.remove_mtime(name)
            else:
                document.set_mtime(name, mtime, size, now + self.offset[step.side])

    def equal(self, path: str, mtime: float, size: int) -> None:
        """Note that a file was found equal on both sides, other than recorded."""
        folder, _slash, name = path.rpartition("/")
        self.document(LOCAL, folder).set_snapshot(self._peer, name, mtime, size, time.time())
        self._touched.add(LOCAL)

    def created(self, step: Step) -> None:
        """Note that a folder is on both sides now."""
        folder, _slash, name = step.path.rpartition("/")
        self.document(LOCAL, folder).set_snapshot(self._peer, name, None, None, time.time())
        self._touched.add(step.side)

    def found_equal(self, path: str, mtime: float | None, size: int | None, is_dir: bool) -> None:
        """Note that both sides have an entry that nothing is known of yet.

        Parameters:
            mtime, size: of the local entry.
        """
        folder, _slash, name = path.rpartition("/")
        document = self.document(LOCAL, folder)
        if document.snapshot(self._peer, name) is None and (is_dir or mtime is not None):
            known = (None, None) if is_dir else (mtime, size)
            document.set_snapshot(self._peer, name, known[0], known[1], time.time())

    def deleted(self, step: Step) -> None:
        """Note that something is on neither side any more."""
        folder, _slash, name = step.path.rpartition("/")
        self.document(LOCAL, folder).remove_snapshot(self._peer, name)
        self._touched.add(step.side)
        if self._sides[step.side].is_server:
            self.document(step.side, folder).remove_mtime(name)
        if step.entry.kind == DIRECTORY:
            for documents in self._documents.values():
                for inner in [key for key in documents if key == step.path or key.startswith(f"{step.path}/")]:
                    del documents[inner]

    def forget(self, path: str) -> None:
        """Drop the record of what neither side has any more (B9)."""
        self.document(LOCAL, parent(path)).remove_snapshot(self._peer, path.rpartition("/")[2])

    # ------------------------------------------------------------------ writing

    def save_now_and_then(self) -> None:
        """Save, if the last time is a while ago."""
        if time.monotonic() - self._saved_at >= SAVE_EVERY:
            self.save()

    def save(self) -> None:
        """Write what has changed; on a server only if the run has changed anything."""
        for side in (LOCAL, REMOTE):
            is_server = self._sides[side].is_server
            idle = not self._touched if side == LOCAL else side not in self._touched
            if side in self.frozen or (is_server and idle) or (side == REMOTE and not is_server):
                continue
            for folder, document in sorted(self._documents[side].items()):
                if document.modified and side not in self.frozen:
                    self._save(side, folder, document)
        self._saved_at = time.monotonic()

    def _save(self, side: str, folder: str, document: FolderDocument) -> None:
        path = child(self.spelling.on(side, folder), META_FILE_NAME)
        try:
            if not document.is_empty:
                content = document.dump(time.time(), self._verbose)
                self._sides[side].write(path, content)
                self.bytes_written += len(content)
            elif document.was_read:
                self._sides[side].remove(path)
        except LeadsOut as error:  # there alone nothing is known, so that nothing is taken for deleted
            self._warn(f"nothing is recorded of {folder}: {error}")
        except FtpSyncError as error:
            self.frozen.add(side)
            self._warn(f"nothing is recorded on the {side} side: {error}")
            return
        document.was_read = not document.is_empty
        document.modified = False


def unproven(entries: t.Mapping[str, Entry], snapshots: t.Mapping[str, t.Any], folder: str) -> list[str]:
    """Names of files that a record knows and a listing lacks."""
    return [
        name
        for name, record in snapshots.items()
        if isinstance(record, dict) and record.get("s") is not None and child(folder, name) not in entries
    ]
