# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""A folder of this machine as one side of a run.

Nothing is ever written through a link: what a server names must not land outside the folder. A file
is written under a temporary name beside its destination, checked, and then takes its place at once.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import typing as t

from ..errors import FtpSyncError, LocalError
from ..model import DIRECTORY, FILE, LINK, OTHER, Entry, Problem, parent
from ..temporary import temporary_name
from .tree import MAX_DEPTH, MAX_ENTRIES, META_FILE, Enter, Tree, child

MAX_DOCUMENT = 64 * 1024 * 1024  # bytes of one folder's records; a million files fit


def reason(error: Exception) -> str:
    """What the system says, without the path, which the message names anyway."""
    return (isinstance(error, OSError) and error.strerror) or str(error)


class LeadsOut(LocalError):
    """What is to be written lies behind a link that leads out of the root."""


class FolderSide:
    """A folder of this machine.

    Parameters:
        root: absolute path.
        symlinks: ``follow`` (a link counts as what it leads to) or ``skip``.

    Attributes:
        exists: False while the root is still to be made.
    """

    is_server = False
    keeps_times = True

    def __init__(self, root: str, symlinks: str = "follow") -> None:
        self.root = root
        self.symlinks = symlinks
        self.exists = True
        self._proven: dict[str, str] = {}

    def at(self, path: str) -> str:
        """The absolute path."""
        return os.path.join(self.root, *path.split("/")) if path else self.root

    # ------------------------------------------------------------------ looking

    def scan(self, enter: Enter) -> Tree:
        """List the folder with everything below it.

        Parameters:
            enter: whether to look into a folder, by relative path.

        Raises:
            LocalError: the root cannot be listed, or a bound is exceeded.
        """
        if not self.exists:
            return Tree(exists=False, children={"": []})
        tree = Tree()
        try:
            status = os.stat(self.root)
        except (OSError, ValueError) as error:
            raise LocalError(f"the folder {self.root!r} cannot be read: {reason(error)}") from None
        self._list(tree, "", enter, ((status.st_dev, status.st_ino),))
        if "" in tree.failed:
            raise LocalError(f"the folder {self.root!r} cannot be listed: {tree.failed['']}")
        return tree

    def _list(self, tree: Tree, folder: str, enter: Enter, above: tuple[tuple[int, int], ...]) -> None:
        try:
            with os.scandir(self.at(folder)) as found:
                names = sorted(found, key=lambda item: item.name)
        except (OSError, ValueError) as error:
            tree.failed[folder] = reason(error)
            return
        tree.children[folder] = []
        if len(above) > MAX_DEPTH or len(tree.entries) + len(names) > MAX_ENTRIES:
            raise LocalError(f"{self.at(folder)}: more than {MAX_DEPTH} levels or {MAX_ENTRIES} entries; exclude it")
        for item in names:
            path = child(folder, item.name)
            entry, identity = self._entry(tree, path, item)
            if item.name == META_FILE and entry.kind == FILE:
                self._read_document(tree, folder)
            elif identity in above:
                tree.blocked[path] = "is a link to a folder that holds it"
            elif tree.add(folder, item.name, entry) and enter(path):
                self._list(tree, path, enter, (*above, identity))

    def _entry(self, tree: Tree, path: str, item: os.DirEntry[str]) -> tuple[Entry, tuple[int, int]]:
        """What a name stands for; what cannot be told is there all the same."""
        try:
            status = item.stat(follow_symlinks=False)
            if stat.S_ISLNK(status.st_mode):
                tree.linked.add(path)
                if self.symlinks != "follow":
                    return Entry(LINK, 0), (0, 0)
                status = item.stat()
        except OSError as error:
            tree.problems.append(Problem(path, f"cannot be read: {reason(error)}"))
            return Entry(OTHER, 0), (0, 0)
        identity = (status.st_dev, status.st_ino)
        if stat.S_ISDIR(status.st_mode):
            return Entry(DIRECTORY, 0, status.st_mtime), identity
        if stat.S_ISREG(status.st_mode):
            return Entry(FILE, status.st_size, status.st_mtime), identity
        return Entry(OTHER, 0), identity

    def _read_document(self, tree: Tree, folder: str) -> None:
        content = None
        with contextlib.suppress(FtpSyncError):
            content = self.read(child(folder, META_FILE))
        if content is None:
            tree.problems.append(Problem(child(folder, META_FILE), "cannot be read, and is taken for empty"))
        tree.documents[folder] = content or b""

    # ------------------------------------------------------------------ small files of ours

    def read(self, path: str) -> bytes | None:
        """The content of a small file; None if there is none.

        Raises:
            LocalError: it cannot be read, or is larger than any of ours can be.
        """
        try:
            with open(self.at(path), "rb") as file:
                content = file.read(MAX_DOCUMENT + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise LocalError(f"{self.at(path)} cannot be read: {reason(error)}") from None
        if len(content) > MAX_DOCUMENT:
            raise LocalError(f"{self.at(path)} is larger than {MAX_DOCUMENT} bytes")
        return content

    def write(self, path: str, content: bytes) -> None:
        """Write a small file, at once as a whole.

        Raises:
            LeadsOut: it would not be in the root.
            LocalError: it cannot be written.
        """
        there = os.path.join(self.within(parent(path)), path.rpartition("/")[2])
        way = os.path.join(os.path.dirname(there), temporary_name(secrets.token_hex(6), path))
        try:
            # Exclusively: what stands there already, a link for instance, is not ours.
            with open(way, "xb") as file:
                file.write(content)
            os.replace(way, there)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.unlink(way)
            raise LocalError(f"{there} cannot be written: {reason(error)}") from None

    def remove(self, path: str) -> None:
        """Remove a small file, if it is there.

        Raises:
            LeadsOut: it is not in the root.
            LocalError: it cannot be removed.
        """
        self.within(parent(path))
        try:
            os.unlink(self.at(path))
        except FileNotFoundError:
            pass
        except OSError as error:
            raise LocalError(f"{self.at(path)} cannot be removed: {reason(error)}") from None

    # ------------------------------------------------------------------ changing

    def within(self, folder: str) -> str:
        """The absolute path of a folder to write into.

        Raises:
            LeadsOut: a link leads out of the root.
        """
        if folder not in self._proven:
            real, root = os.path.realpath(self.at(folder)), os.path.realpath(self.root)
            if real != root and not real.startswith(root.rstrip(os.sep) + os.sep):
                raise LeadsOut(
                    f"{self.at(folder)} is a link to {real}, outside of {self.root}: nothing is written there"
                )
            self._proven[folder] = self.at(folder)
        return self._proven[folder]

    def make_folders(self, paths: t.Iterable[str]) -> t.Iterator[tuple[str, FtpSyncError | None]]:
        """Make folders, parents first; one that exists is as good."""
        for path in paths:
            try:
                there = os.path.join(self.within(parent(path)), path.rpartition("/")[2])
                with contextlib.suppress(FileExistsError):
                    os.mkdir(there)
                if not os.path.isdir(there):
                    raise LocalError(f"{path}: something that is no folder stands in the way")
                yield path, None
            except FtpSyncError as error:
                yield path, error
            except (OSError, ValueError) as error:
                yield path, LocalError(f"{path}: the folder cannot be made: {reason(error)}")

    def delete_files(self, files: t.Mapping[str, Entry]) -> t.Iterator[tuple[str, FtpSyncError | None]]:
        """Delete files that are still what they were.

        Parameters:
            files: by path, as they were planned on.
        """
        for path, entry in files.items():
            try:
                there = os.path.join(self.within(parent(path)), path.rpartition("/")[2])
                if not os.path.islink(there):
                    self.check_unchanged(path, there, entry)
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(there)
                yield path, None
            except FtpSyncError as error:
                yield path, error
            except (OSError, ValueError) as error:
                yield path, LocalError(f"{path}: cannot be deleted: {reason(error)}")

    def check_unchanged(self, path: str, there: str, entry: Entry | None) -> None:
        """See that what is about to go is still what was decided on.

        Raises:
            LocalError: somebody changed it meanwhile.
        """
        try:
            status = os.stat(there)
        except OSError:
            status = None
        seen = None if status is None else (status.st_size, status.st_mtime)
        if seen is not None and (entry is None or seen != (entry.size, entry.mtime)):
            raise LocalError(f"{path}: changed here while the run was under way, and was left alone; run again")

    def delete_folders(
        self, paths: t.Iterable[str], _documents: t.Container[str]
    ) -> t.Iterator[tuple[str, FtpSyncError | None]]:
        """Remove folders that are empty but for our records, the innermost first."""
        for path in paths:
            try:
                there = os.path.join(self.within(parent(path)), path.rpartition("/")[2])
                if os.path.islink(there):
                    os.unlink(there)
                else:
                    left = os.listdir(there)
                    if left == [META_FILE]:
                        os.unlink(os.path.join(there, META_FILE))
                    os.rmdir(there)
                yield path, None
            except FileNotFoundError:
                yield path, None
            except FtpSyncError as error:
                yield path, error
            except (OSError, ValueError) as error:
                yield path, LocalError(f"{path}: the folder cannot be removed: {reason(error)}")

    def sweep(self, paths: t.Iterable[str]) -> None:
        """Remove temporary files that a killed run left; what cannot be removed stays."""
        for path in paths:
            with contextlib.suppress(OSError, FtpSyncError):
                os.unlink(os.path.join(self.within(parent(path)), path.rpartition("/")[2]))
