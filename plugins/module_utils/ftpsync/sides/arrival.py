# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""A file on its way into a folder: under a temporary name beside its place, which it takes at once when complete."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
import typing as t

from ..errors import LocalError
from ..model import parent
from ..temporary import temporary_name
from .folder import FolderSide, reason

if t.TYPE_CHECKING:
    from .copying import Job

_BLOCK = 256 * 1024


class Arrival:
    """One file; unless settled it leaves nothing behind when it is closed.

    Attributes:
        count: bytes that it has.
    """

    def __init__(self, target: FolderSide, job: Job, run: str) -> None:
        self.count = 0
        self._side = target
        self._job = job
        folder = target.within(parent(job.target))
        self._final = os.path.join(folder, job.target.rpartition("/")[2])
        self._way = os.path.join(folder, temporary_name(run, job.target))
        self._settled = False
        with self._explained():
            flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
            self._file = os.fdopen(os.open(self._way, flags, 0o666), "w+b")

    @contextlib.contextmanager
    def _explained(self) -> t.Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:
            raise LocalError(f"{self._job.path}: cannot be written here: {reason(error)}") from None

    def close(self) -> None:
        """End it, one way or the other."""
        with contextlib.suppress(OSError):
            self._file.close()
        if not self._settled:
            with contextlib.suppress(OSError):
                os.unlink(self._way)

    def write(self, data: bytes) -> None:
        """Take bytes."""
        with self._explained():
            self._file.write(data)
        self.count += len(data)

    def cut(self, count: int) -> None:
        """Forget all but the first bytes."""
        if count == self.count:
            return
        with self._explained():
            self._file.truncate(count)
            self._file.seek(count)
        self.count = count

    def digest(self) -> str:
        """The SHA-256 of what has arrived, in hexadecimal."""
        content = hashlib.sha256()
        with self._explained():
            self._file.seek(0)
            for block in iter(lambda: self._file.read(_BLOCK), b""):
                content.update(block)
        return content.hexdigest()

    def settle(self) -> None:
        """Give the file its time, the permissions of the one it replaces, and its name.

        Raises:
            LocalError: somebody wrote at its place meanwhile, or it cannot be written.
        """
        with self._explained():
            self._file.close()
            if self._job.mtime is not None:
                os.utime(self._way, (time.time(), self._job.mtime))
            if not os.path.islink(self._final):
                self._side.check_unchanged(self._job.path, self._final, self._job.replaces)
                with contextlib.suppress(FileNotFoundError):
                    os.chmod(self._way, os.stat(self._final).st_mode & 0o7777)
            os.replace(self._way, self._final)
            self._settled = True
