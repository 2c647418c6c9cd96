# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The nouns of the data flow: what a scan yields and what a plan consists of.

All are immutable values without behaviour that touches a disk or a network. Paths are relative to
the synchronized root, joined with ``/``, without leading or trailing slash; bytes that are not
valid in the encoding are kept as lone surrogates (PEP 383), so that every name can be sent back
exactly as it came.
"""

from __future__ import annotations

import typing as t

FILE = "file"
DIRECTORY = "directory"
LINK = "link"
OTHER = "other"


class Entry(t.NamedTuple):
    """What one side holds at one path.

    Attributes:
        kind: FILE, DIRECTORY, LINK or OTHER (device, socket, pipe).
        size: bytes; 0 for everything that is not a file; None when the server does not say.
        mtime: seconds since 1970 UTC, or None when unknown.
        mtime_span: seconds by which the true time may be later: 1 for MLSD, MDTM and local files,
            60 or 86400 for LIST (spec/ftp-field-notes.md 6.5).
        mode: permission bits, or None when unknown.
        sha256: hexadecimal digest of the content, or None when it was not read.
    """

    kind: str
    size: int | None = 0
    mtime: float | None = None
    mtime_span: float = 1
    mode: int | None = None
    sha256: str | None = None


class Problem(t.NamedTuple):
    """Something about one path that the user should know.

    Attributes:
        path: relative path, "" for the whole run.
        message: one line.
    """

    path: str
    message: str
