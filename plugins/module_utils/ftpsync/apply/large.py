# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Large files on their way: each is read once, and hashed while it leaves.

So its digest, and with it its name in the stage, is known at the end only. Until then it bears a name that says the
same by device, inode, size and times. Where they prove too little it is hashed ahead.
"""

from __future__ import annotations

import hashlib
import os
import time
import typing as t

from ..errors import LocalError
from ..ftp.persistence import persistently
from ..ftp.resume import Upload
from ..model import SMALL, Operation
from ..records.state import STAGE
from ..scan.cache import identity, is_settled
from ..scan.source import hash_missing
from .job import Job, of_path

if t.TYPE_CHECKING:
    from ..records.lock import Lock

PART = ".part"  # ends the name of a large file that is not yet complete


class Look(t.NamedTuple):
    """A file when it was first looked at.

    Attributes:
        began: nanoseconds since 1970, ahead of it.
    """

    began: int
    status: os.stat_result


class Large:
    """One large file, over all attempts.

    Parameters:
        look: at the file, where its digest is not known yet.

    Attributes:
        target: absolute path where it arrives.
        upload: how far it has come.
    """

    def __init__(self, job: Job, path: str, target: str, upload: Upload, look: Look | None = None) -> None:
        self.target = target
        self.upload = upload
        self._job = job
        self._path = path
        self._look = look

    def settle(self, file: t.BinaryIO, sha256: str) -> None:
        """Check that what was sent is one state of the file, and what was planned; then its digest is known.

        Parameters:
            file: that was sent, still open.
            sha256: of what was sent.

        Raises:
            LocalError: it is not.
        """
        job, entry = self._job, self._job.local[self._path]
        if entry.sha256 is None and self._look is not None:
            began, before = self._look
            after = os.fstat(file.fileno())
            if identity(after) == identity(before):
                entry = job.local[self._path] = entry._replace(sha256=sha256)
                if job.cache is not None:
                    job.cache.note(self._path, began, before, after, sha256)
        if entry.sha256 != sha256:
            raise changed(self._path)


def to_stage(
    job: Job, operations: t.Iterable[Operation], lying: t.Container[str], looks: t.Mapping[str, Look]
) -> dict[Operation, Large]:
    """How the large ones among some files come into the stage.

    Parameters:
        lying: names of what an interrupted run left there.
        looks: what ``hash_ahead`` gave.
    """
    found = {}
    for operation in operations:
        path = operation.path
        if operation.size > SMALL:
            look = looks.get(path)
            key = repr(identity(look.status)) if look is not None else str(job.local[path].sha256)
            name = f"{hashlib.sha256(key.encode()).hexdigest()[:40]}{of_path(path)}{PART}"
            found[operation] = Large(job, path, job.state.at(STAGE, name), Upload(name not in lying), look)
    return found


def beside(job: Job, operations: t.Iterable[Operation]) -> dict[Operation, Large]:
    """The same for files that arrive beside their destination; their digests are known."""
    return {
        o: Large(job, o.path, f"{job.temporary_path(o.path)}{PART}", Upload()) for o in operations if o.size > SMALL
    }


def can_wait(root: str, path: str) -> bool:
    """Whether a file may be hashed while it is sent, as far as can be told before anything is."""
    try:
        return is_settled(os.stat(os.path.join(root, path)), time.time_ns())
    except OSError:  # whoever sends it will tell
        return True


def hash_ahead(
    job: Job, operations: t.Iterable[Operation], lying: t.Mapping[str, int | None], lock: Lock
) -> dict[str, Look]:
    """Hash those files for which it cannot wait until they are sent; gives what the others are like, by path.

    It cannot wait for those that may lie in the stage already, and those that changed so shortly ago that one more
    change would not show.

    Raises:
        LocalError: a file cannot be read, or is not what was planned any more.
    """
    ends = {(name.rpartition("-")[2], size) for name, size in lying.items()}
    looks = {}
    unknown = [operation for operation in operations if job.local[operation.path].sha256 is None]
    for operation in unknown:
        path = operation.path
        look = _look(os.path.join(job.local_root, path))
        if (look.status.st_size, look.status.st_mtime) != (operation.size, job.local[path].mtime):
            raise changed(path)
        may_lie = (of_path(path)[1:], operation.size) in ends
        if not may_lie and is_settled(look.status, look.began):
            looks[path] = look
    for operation in unknown:
        if operation.path not in looks:
            persistently(job.pool, lock.beat)  # it may take its time
            hash_missing(job.local_root, job.local, [operation.path], job.cache)
    return looks


def _look(path: str) -> Look:
    began = time.time_ns()
    try:
        return Look(began, os.stat(path))
    except OSError as error:
        raise LocalError(f"{path} cannot be read: {error.strerror}") from None


def changed(path: str) -> LocalError:
    """The error for a file that is not what was planned."""
    return LocalError(f"{path}: the local file changed while it was sent: run again when nothing writes to it")
