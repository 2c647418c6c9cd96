# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Files of this machine in which runs remember something: nobody else reads them, or decides what they say."""

from __future__ import annotations

import contextlib
import errno
import os
import stat

NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)


def read(path: str, limit: int) -> bytes:
    """The content of such a file; b"" if there is none.

    Parameters:
        limit: bytes that it may have at most.

    Raises:
        OSError: it cannot be read, or is none of ours.
    """
    try:
        handle = os.open(path, os.O_RDONLY | NO_FOLLOW | _NONBLOCK)
    except FileNotFoundError:
        return b""
    with open(handle, "rb", buffering=0) as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            raise OSError(errno.EINVAL, "it is no file, or too large")
        # Who can write into it decides what is believed.
        if status.st_uid != os.geteuid() or status.st_mode & 0o022:
            raise OSError(errno.EPERM, "it belongs to another user, or others may write to it")
        return file.read()


def replace(path: str, content: bytes, through: str) -> None:
    """Write such a file as a whole.

    Nothing waits for the disk: what a crash of the machine leaves has to be told by checksums.

    Parameters:
        through: the name that it bears until it is complete.

    Raises:
        OSError: it cannot be written; the old one is as it was.
    """
    with contextlib.suppress(FileNotFoundError):
        os.unlink(through)
    handle = os.open(through, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_FOLLOW, 0o600)
    try:
        with open(handle, "wb") as file:
            file.write(content)
        os.replace(through, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(through)
        raise
