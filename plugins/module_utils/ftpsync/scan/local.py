# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The local side: a folder and filters in, entries out; their digests are made by ``digests.py``.

Nothing is written, and nothing is decided about what is to be done. What cannot be read ends the
scan instead of being left out, because a file that seems missing would be deleted on the server.
"""

from __future__ import annotations

import functools
import os
import stat
import typing as t

from ..errors import LocalError
from ..filters import Filters
from ..model import DIRECTORY, FILE, Entry, Problem

MAX_DEPTH = 100  # levels (design 10.11)
MAX_ENTRIES = 1_000_000  # of one tree; links to folders can multiply a small one without end

EXCLUDE = "; or exclude it"  # what else helps where something cannot be read


class LocalScan(t.NamedTuple):
    """What a local folder holds.

    Attributes:
        entries: files and folders that take part, by relative path, in the order of paths.
        problems: what is left out because FTP knows nothing like it (sockets, pipes, devices).
        excluded: how many files and folders the filters left out, not counting what lies below.
        unsendable: content whose name no FTP command can carry (RFC 959 section 5.3.1).
    """

    entries: dict[str, Entry]
    problems: list[Problem]
    excluded: int
    unsendable: list[Problem]


def scan_local(root: str, filters: Filters, symlinks: str, state_dir_name: str | None) -> LocalScan:
    """List a local folder with everything below it.

    Parameters:
        root: the folder; may itself be a link.
        filters: decide what takes part; what is excluded is not looked into.
        symlinks: ``follow`` (a link counts as what it leads to), ``skip`` or ``fail``.
        state_dir_name: path, relative to the root, that holds our state on the server and so is
            never content; None when it lies elsewhere.

    Raises:
        LocalError: something is missing or unreadable, a link leads nowhere or back, or a bound is exceeded.
    """
    try:
        status = os.stat(root)
    except FileNotFoundError:
        raise LocalError(
            f"local: the folder {root!r} does not exist on this host; delegate_to: localhost looks on the controller"
        ) from None
    except (OSError, ValueError) as error:
        raise LocalError(f"local: the folder {root!r} cannot be read: {reason(error)}") from None
    if not stat.S_ISDIR(status.st_mode):
        raise LocalError(f"local: {root!r} is not a folder; to send a single file, give its folder and match")
    scan = _Scan(root, filters, symlinks, state_dir_name)
    scan.folder("", ((status.st_dev, status.st_ino),))
    entries = {path: scan.entries[path] for path in sorted(scan.entries)}
    return LocalScan(entries, sorted(scan.problems), scan.excluded, sorted(scan.unsendable))


@functools.lru_cache(maxsize=None)
def permissions(st_mode: int) -> int:
    """The permission bits of a mode: one number for all files that have the same ones."""
    return stat.S_IMODE(st_mode)


def reason(error: Exception) -> str:
    """What the system says about a file, without its path."""
    return (isinstance(error, OSError) and error.strerror) or str(error)


class _Scan:
    """One walk; what it found so far is its only state."""

    def __init__(self, root: str, filters: Filters, symlinks: str, state_dir_name: str | None) -> None:
        self.root = root
        self.filters = filters
        self.symlinks = symlinks
        self.state_dir_name = state_dir_name
        self.entries: dict[str, Entry] = {}
        self.problems: list[Problem] = []
        self.unsendable: list[Problem] = []
        self.excluded = 0

    def folder(self, path: str, above: tuple[tuple[int, int], ...]) -> None:
        """Look into one folder; ``above`` identifies it and all folders it lies in."""
        if len(above) > MAX_DEPTH + 1:
            raise LocalError(f"{path!r}: lies more than {MAX_DEPTH} folders deep; exclude it")
        try:
            with os.scandir(os.path.join(self.root, path)) as found:
                items = list(found)
        except OSError as error:
            raise LocalError(f"{path or self.root!r}: the folder cannot be read: {reason(error)}{EXCLUDE}") from None
        for item in items:
            self._item(f"{path}/{item.name}" if path else item.name, item, above)

    def _item(self, path: str, item: os.DirEntry[str], above: tuple[tuple[int, int], ...]) -> None:
        is_directory = _is_directory(item)
        if path == self.state_dir_name:
            return
        if not self.filters.includes(path, is_directory):
            self.excluded += 1
            return
        if item.is_symlink() and self.symlinks != "follow":
            if self.symlinks == "fail":
                raise LocalError(f"{path!r}: is a symbolic link; exclude it, or set symlinks: follow or skip")
            return
        if "\r" in item.name or "\n" in item.name:
            self.unsendable.append(Problem(path, "the name has a line end in it, which FTP cannot send; rename it"))
            return
        status = self._status(path, item)
        if stat.S_ISDIR(status.st_mode):
            self._directory(path, status, above)
        elif stat.S_ISREG(status.st_mode):
            self._add(path, FILE, status.st_size, status)
        else:
            self.problems.append(
                Problem(path, "is neither a file nor a folder (socket, pipe or device) and is left out")
            )

    def _status(self, path: str, item: os.DirEntry[str]) -> os.stat_result:
        try:
            status = item.stat()
        except OSError as error:
            if item.is_symlink():
                raise LocalError(
                    f"{path!r}: is a symbolic link that leads nowhere ({reason(error)}); "
                    "mend or exclude it, or set symlinks: skip"
                ) from None
            raise LocalError(f"{path!r}: cannot be read: {reason(error)}{EXCLUDE}") from None
        if stat.S_ISREG(status.st_mode) and not os.access(item.path, os.R_OK):
            raise LocalError(f"{path!r}: the file may not be read: check its permissions{EXCLUDE}")
        return status

    def _directory(self, path: str, status: os.stat_result, above: tuple[tuple[int, int], ...]) -> None:
        identity = (status.st_dev, status.st_ino)
        if identity in above:
            raise LocalError(f"{path!r}: is a symbolic link to a folder it lies in; exclude it, or set symlinks: skip")
        self._add(path, DIRECTORY, 0, status)
        self.folder(path, (*above, identity))

    def _add(self, path: str, kind: str, size: int, status: os.stat_result) -> None:
        if len(self.entries) == MAX_ENTRIES:
            raise LocalError(f"local: {self.root!r} holds more than {MAX_ENTRIES} files and folders; exclude some")
        self.entries[path] = Entry(kind, size, status.st_mtime, mode=permissions(status.st_mode))


def _is_directory(item: os.DirEntry[str]) -> bool:
    """Whether filters see a folder: of a link, they see what it leads to."""
    try:
        return item.is_dir()
    except OSError:  # a link to itself, or into a folder that is closed to us
        return False
