# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The nouns of the data flow: what a scan yields and what a plan consists of.

All are immutable values without behaviour that touches a disk or a network. Paths are relative to
the synchronized root, joined with ``/``, without leading or trailing slash; bytes that are not
valid in the encoding are kept as lone surrogates (PEP 383), so that every name can be sent back
exactly as it came.
"""

from __future__ import annotations

import re
import typing as t

FILE = "file"
DIRECTORY = "directory"
LINK = "link"
OTHER = "other"

# Files up to this size are read and checked as a whole before the first byte leaves.
SMALL = 1024 * 1024  # bytes


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


class Record(t.NamedTuple):
    """What is known to have been equal on both sides, and how the server listed it then.

    Attributes:
        kind: FILE, or DIRECTORY for a folder that we created.
        size: bytes.
        sha256: hexadecimal digest of the content that was published; "" for folders.
        mtime: seconds UTC as the server listed the published file, or None when it lists none.
        mtime_span: see Entry.
        mode: permission bits that we set, or None when they are not managed.
        source_mtime: seconds UTC of the local file when it was published (for ``compare: mtime``).
    """

    kind: str
    size: int = 0
    sha256: str = ""
    mtime: float | None = None
    mtime_span: float = 1
    mode: int | None = None
    source_mtime: int | None = None


# The phases in which operations are applied, in this order (design 7). A folder that must make way
# for a file, or the reverse, is cleared between staging and publishing, so that the gap is short.
CREATE, CLEAR, CLEAR_FOLDER, CREATE_CLEARED, PUBLISH, MODES, DELETE, REMOVE = range(8)

CREATE_DIRECTORY = "create_directory"
UPLOAD = "upload"
DOWNLOAD = "download"
DELETE_PATH = "delete"
SET_MODE = "set_mode"


class Operation(t.NamedTuple):
    """One step of a plan.

    Attributes:
        phase: one of the phases above.
        path: relative path on both sides.
        action: CREATE_DIRECTORY, UPLOAD, DOWNLOAD, DELETE_PATH or SET_MODE.
        kind: FILE, DIRECTORY or LINK: what is created, replaced or removed.
        size: bytes to send; for a deletion the bytes that go.
        reason: why, for the user.
        rank: order of publication: 0 assets, 1 pages, 2 entry points (design 7, phase 4).
        replaces: something stands at that path now.
        mode: permission bits to set, or None.
        side: which side is changed, ``local`` or ``remote``.
    """

    phase: int
    path: str
    action: str
    kind: str
    size: int
    reason: str
    rank: int = 0
    replaces: bool = False
    mode: int | None = None
    side: str = "remote"


class Plan(t.NamedTuple):
    """What shall be done, and what was noticed on the way; decided before anything is changed.

    Attributes:
        operations: in order of phase, then path.
        drifted: files that changed or vanished on the server since we published them.
        unmanaged: paths on the server that we never published; a folder stands for all below it.
        adopted: files found on the server that are taken for what the source has, and recorded as ours.
        conflicts: paths left alone because both sides changed, or because something is in the way.
        records: what stays known whatever becomes of the operations.
        records_changed: whether ``records`` differs from what the server holds now.
    """

    operations: tuple[Operation, ...]
    drifted: tuple[str, ...]
    unmanaged: tuple[str, ...]
    adopted: tuple[str, ...]
    conflicts: tuple[Problem, ...]
    records: dict[str, Record]
    records_changed: bool


def parent(path: str) -> str:
    """The folder that holds a path; "" is the root."""
    return path.rpartition("/")[0]


def join(*parts: str) -> str:
    """Join wire paths with one slash, whatever the local platform's separator (field notes 7.7)."""
    return "/".join([parts[0].rstrip("/"), *[part.strip("/") for part in parts[1:] if part]]) or "/"


# C0, DEL and C1: what a terminal takes for commands.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


def shown(path: str) -> str:
    """A path as it can be displayed: stray bytes and control characters become ``\\xNN`` (field notes 11.2)."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return _CONTROL.sub(lambda match: f"\\x{ord(match.group()):02x}", text)
