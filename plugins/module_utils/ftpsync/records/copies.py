# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Copies of manifests on this machine, so that one which has not changed is not fetched again.

A copy counts only while the server says size and time of the manifest that it was made of. The size tells the
generation, too (``manifest.TURN``), so that of two manifests that were written within one second of the server's
clock no two are taken for each other. What a copy says of the site is compared with the site's listings, as what the
manifest says would be. Whatever is wrong with a copy, the manifest is fetched; nothing is ever raised.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
import typing as t

from .. import private_file
from ..model import Problem
from . import manifest as manifests

HEAD = b"webdeploy.ftp copy of a manifest, version 1"
MAX_AGE = 30 * 86400  # seconds since a copy was written; older ones go
_SUFFIX = ".manifest"


class Glance(t.NamedTuple):
    """What a server tells of our manifest without sending it.

    Attributes:
        size: the manifest's bytes.
        mtime: when it was written, in seconds by the server's clock; None where the server does not say.
    """

    size: int
    mtime: int | None


class Copies:
    """The copy of one target's manifest. What went wrong is in ``problems``.

    Parameters:
        folder: where copies lie; made where it is missing.
        target: tells the target from all others.
        read_only: leave no trace (check mode).
    """

    def __init__(self, folder: str, target: str, *, read_only: bool = False) -> None:
        self._folder = folder
        name = hashlib.sha256(target.encode("utf-8", "surrogateescape")).hexdigest()
        self._path = os.path.join(folder, name + _SUFFIX)
        self._read_only = read_only or os.name != "posix"  # elsewhere nothing tells whose files they are
        self._content = b""
        self.problems: list[Problem] = []

    def newest(self) -> bytes | None:
        """The manifest that was copied last, be it the server's or an earlier one."""
        self._content = self._read()
        head, _end, data = self._content.partition(b"\n")
        return data if head.startswith(HEAD) and head.endswith(_digest(data)) else None

    def find(self, glance: Glance) -> bytes | None:
        """The manifest that the server tells of, if there is a copy of it."""
        if glance.mtime is None:
            return None
        content, self._content = self._content or self._read(), b""
        head, _end, data = content.partition(b"\n")
        return data if head == _head(glance, data) else None

    def _read(self) -> bytes:
        """The whole file; b"" where there is none to be believed."""
        if os.name != "posix":
            return b""
        try:
            return private_file.read(self._path, manifests.MAX_BYTES)
        except OSError as error:
            self._tell("cannot be read", error)
            return b""

    def keep(self, glance: Glance, data: bytes) -> None:
        """Remember the manifest that the server tells of."""
        if glance.mtime is None or self._read_only:
            return
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            self._sweep()
            # Of two runs that write at once, one may take away the other's file; that is no harm.
            private_file.replace(self._path, _head(glance, data) + b"\n" + data, f"{self._path}.{os.getpid()}.new")
        except OSError as error:
            self._tell("cannot be written", error)

    def _sweep(self) -> None:
        oldest = time.time() - MAX_AGE
        with os.scandir(self._folder) as found:
            for item in found:
                ours = item.name.endswith(_SUFFIX) or (_SUFFIX + "." in item.name and item.name.endswith(".new"))
                with contextlib.suppress(FileNotFoundError):  # other runs finish theirs, and sweep as well
                    if ours and item.stat(follow_symlinks=False).st_mtime < oldest:
                        os.unlink(item.path)

    def _tell(self, what: str, error: OSError) -> None:
        message = f"record_cache: {self._path} {what}: {error.strerror} (the result is not affected)"
        if not self.problems:
            self.problems.append(Problem("", message))


def _head(glance: Glance, data: bytes) -> bytes:
    return b"%s %d %d %s" % (HEAD, glance.size, glance.mtime or 0, _digest(data))


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode("ascii")
