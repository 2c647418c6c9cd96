# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""A folder of this machine as a target of user scripts (``spec/ftpsync-behaviour.md`` 10.2)."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
import sys
import typing as t

from ..api_errors import InvalidTarget
from ..metadata import DirMetadata
from ..model import DIRECTORY, FILE, Entry
from ..records.folder_file import META_FILE_NAME
from ..resources import _Resource, make_entry
from ..sides.folder import FolderSide
from ..temporary import temporary_name
from .base import Callback, _get_encoding_opt, _Target


class FsTarget(_Target):
    """A folder of this machine.

    Parameters:
        root_dir: its path; ``~`` is expanded.
        extra_opts: see ``_Target``.

    Raises:
        ValueError: there is no such folder.
    """

    DEFAULT_BLOCKSIZE = 16 * 1024
    support_set_time = True
    side: FolderSide

    def __init__(self, root_dir: str, extra_opts: dict[str, t.Any] | None = None) -> None:
        path = os.path.abspath(os.path.expanduser(root_dir))
        self._require(path)
        super().__init__(path, extra_opts)
        self.encoding = _get_encoding_opt(None, extra_opts, sys.getfilesystemencoding())

    def _require(self, path: str) -> None:
        """See that the root is there."""
        if not os.path.isdir(path):
            hint = "; write an FTP server as ftps://HOST/PATH" if "@" in path or ":" in path else ""
            raise InvalidTarget(f"{path!r} is not a directory{hint}")

    def _shown_root(self) -> str:
        return f"FS:{self.root_dir}"

    def _open(self) -> None:
        self.side = FolderSide(self.root_dir)

    def _close(self) -> None:
        """Nothing was opened."""

    def _check_folder(self, path: str) -> None:
        """Nothing is promised: the step after it fails."""

    def _joined(self, folder: str, name: str) -> str:
        return os.path.normpath(os.path.join(folder, name))

    def _at(self, name: str) -> str:
        return os.path.join(self.pwd(), name)

    def get_dir(self) -> list[_Resource]:
        """List the current folder; links count as what they lead to, and those that lead nowhere or back do not."""
        folder = self.pwd()
        above = self._above()
        document = DirMetadata(self)
        found: list[_Resource] = []
        with os.scandir(folder) as listed:
            items = sorted(listed, key=lambda item: item.name)
        for item in items:
            if item.name == META_FILE_NAME:
                document.read()
                continue
            try:
                status = item.stat()
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode):
                entry = Entry(FILE, status.st_size, status.st_mtime)
            elif stat.S_ISDIR(status.st_mode) and (status.st_dev, status.st_ino) not in above:
                entry = Entry(DIRECTORY, 0, status.st_mtime)
            else:
                continue
            found.append(make_entry(self, folder, item.name, entry))
            found[-1].unique = str(status.st_ino)
        self.cur_dir_meta = document
        return found

    def _above(self) -> set[tuple[int, int]]:
        """Which folders lead to the current one, that one included: a link to one of them is a circle."""
        parts = self.inside().split("/")
        statuses = [os.stat(os.path.join(self.root_dir, *parts[:count])) for count in range(len(parts) + 1)]
        return {(status.st_dev, status.st_ino) for status in statuses}

    def mkdir(self, dir_name: str) -> None:
        """Make a folder."""
        self.check_write(dir_name)
        os.mkdir(self._at(dir_name))

    def rmdir(self, dir_name: str) -> None:
        """Delete a folder with all it holds; of a link to one, the link."""
        self.check_write(dir_name)
        path = self._at(dir_name)
        if os.path.islink(path):
            os.unlink(path)
        else:
            shutil.rmtree(path)

    def remove_file(self, name: str) -> None:
        """Delete a file."""
        self.check_write(name)
        os.remove(self._at(name))

    def open_readable(self, name: str) -> t.IO[bytes]:
        """A file, opened for reading."""
        return open(self._at(name), "rb")

    def open_writable(self, name: str) -> t.IO[bytes]:
        """A file, opened for writing."""
        return open(self._at(name), "wb")

    def write_file(
        self,
        name: str,
        fp_src: t.IO[bytes],
        blocksize: int = DEFAULT_BLOCKSIZE,
        callback: Callback | None = None,
    ) -> None:
        """Write a file, which takes its name when it is complete."""
        self.check_write(name)
        there = self._at(name)
        on_its_way = self._at(temporary_name(secrets.token_hex(6), there))
        try:
            with open(on_its_way, "wb") as file:
                for piece in iter(lambda: fp_src.read(blocksize), b""):
                    file.write(piece)
                    if callback is not None:
                        callback(piece)
            with contextlib.suppress(FileNotFoundError):
                shutil.copymode(there, on_its_way)
            os.replace(on_its_way, there)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(on_its_way)
            raise

    def set_mtime(self, name: str, mtime: float, size: int) -> None:
        """Set a file's time; that of the last access stays (B46)."""
        del size  # of no use where times can be set
        self.check_write(name)
        path = self._at(name)
        os.utime(path, (os.stat(path).st_atime, mtime))
