# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What to do with one pair of entries: the tables 6.2 to 6.6 of ``spec/ftpsync-behaviour.md`` as data. Pure.

Keys are the classes of the local and the remote entry against the record that both sides share.
"Local" and "remote" are roles: either may be a folder or a server.
"""

from __future__ import annotations

import typing as t

from ..decide import DELETED, EXISTING, MISSING, MODIFIED, NEW, UNMODIFIED

ENTRY_CLASSIFICATIONS = frozenset((EXISTING, UNMODIFIED, MODIFIED, NEW, DELETED, MISSING))

COPY_LOCAL = "copy_local"  # local to remote
COPY_REMOTE = "copy_remote"  # remote to local
DELETE_LOCAL = "delete_local"
DELETE_REMOTE = "delete_remote"
EQUAL = "equal"
CONFLICT = "conflict"
NEED_COMPARE = "need_compare"

PAIR_OPERATIONS = frozenset(
    (CONFLICT, COPY_LOCAL, COPY_REMOTE, DELETE_LOCAL, DELETE_REMOTE, EQUAL, NEED_COMPARE),
)

Classes = t.Tuple[str, str]

# Specification 6.3. None: there is nothing to do and nobody to ask.
operation_map: dict[Classes, str | None] = {
    (MISSING, MISSING): None,
    (MISSING, EXISTING): COPY_REMOTE,
    (MISSING, NEW): COPY_REMOTE,
    (MISSING, UNMODIFIED): COPY_REMOTE,
    (MISSING, MODIFIED): COPY_REMOTE,
    (MISSING, DELETED): None,
    (EXISTING, MISSING): COPY_LOCAL,
    (EXISTING, EXISTING): NEED_COMPARE,
    (NEW, MISSING): COPY_LOCAL,
    (NEW, NEW): NEED_COMPARE,
    (NEW, UNMODIFIED): NEED_COMPARE,
    (NEW, MODIFIED): NEED_COMPARE,
    (NEW, DELETED): CONFLICT,
    (UNMODIFIED, MISSING): COPY_LOCAL,
    (UNMODIFIED, NEW): NEED_COMPARE,
    (UNMODIFIED, UNMODIFIED): EQUAL,
    (UNMODIFIED, MODIFIED): COPY_REMOTE,
    (UNMODIFIED, DELETED): DELETE_LOCAL,
    (MODIFIED, MISSING): COPY_LOCAL,
    (MODIFIED, NEW): NEED_COMPARE,
    (MODIFIED, UNMODIFIED): COPY_LOCAL,
    (MODIFIED, MODIFIED): CONFLICT,
    (MODIFIED, DELETED): CONFLICT,
    (DELETED, MISSING): None,
    (DELETED, NEW): CONFLICT,
    (DELETED, UNMODIFIED): DELETE_REMOTE,
    (DELETED, MODIFIED): CONFLICT,
    (DELETED, DELETED): None,
}

# Specification 6.6: what an upload does instead. For a download both are mirrored.
_ALWAYS_FILES: dict[Classes, str] = {(MISSING, NEW): DELETE_REMOTE}
_FORCED_FILES: dict[Classes, str] = {
    (NEW, NEW): COPY_LOCAL,
    (EXISTING, EXISTING): COPY_LOCAL,
    (MODIFIED, MODIFIED): COPY_LOCAL,
    (UNMODIFIED, MODIFIED): COPY_LOCAL,
    (UNMODIFIED, DELETED): COPY_LOCAL,
}
_FORCED_FOLDERS: dict[Classes, str] = {(UNMODIFIED, DELETED): COPY_LOCAL}
# With ``delete`` the destination becomes a subset of the source, records or not (design 10.1, B16). A folder
# of a pair without records is unmodified.
_DELETING: dict[Classes, str] = {(MISSING, EXISTING): DELETE_REMOTE, (MISSING, UNMODIFIED): DELETE_REMOTE}

MIRRORED = {
    COPY_LOCAL: COPY_REMOTE,
    COPY_REMOTE: COPY_LOCAL,
    DELETE_LOCAL: DELETE_REMOTE,
    DELETE_REMOTE: DELETE_LOCAL,
    EQUAL: EQUAL,
    CONFLICT: CONFLICT,
    NEED_COMPARE: NEED_COMPARE,
}

# Which side an operation changes.
CHANGED_SIDE = {COPY_LOCAL: "remote", DELETE_REMOTE: "remote", COPY_REMOTE: "local", DELETE_LOCAL: "local"}

# Both are there, and no record tells which of them changed.
UNRECORDED = ((NEW, NEW), (EXISTING, EXISTING))


def upload_override(classes: Classes, is_dir: bool, force: bool, delete: bool) -> str | None:
    """What an upload does in place of the base operation; None where it does the same.

    Parameters:
        classes: of the local and the remote entry.
        is_dir: whether the pair is of folders.
        force, delete: the options of these names.
    """
    forced = (_FORCED_FOLDERS if is_dir else _FORCED_FILES).get(classes) if force else None
    deleting = _DELETING.get(classes) if delete else None
    return forced or deleting or _ALWAYS_FILES.get(classes)


def download_override(classes: Classes, is_dir: bool, force: bool, delete: bool) -> str | None:
    """As ``upload_override``, with the sides exchanged."""
    found = upload_override((classes[1], classes[0]), is_dir, force, delete)
    return None if found is None else MIRRORED[found]


LOCAL = "local"
REMOTE = "remote"
OLD = "old"
NEWEST = "new"
SKIP = "skip"
ASK = "ask"

# Specification 6.5: a conflict once somebody has said who wins, by whether both sides are there. The side
# that deleted its file gets it back, or the other side deletes its changed one.
_RESOLVED: dict[tuple[str, bool, bool], str] = {
    (LOCAL, True, True): COPY_LOCAL,
    (LOCAL, True, False): COPY_LOCAL,
    (LOCAL, False, True): DELETE_REMOTE,
    (REMOTE, True, True): COPY_REMOTE,
    (REMOTE, True, False): DELETE_LOCAL,
    (REMOTE, False, True): COPY_REMOTE,
}


def resolve(choice: str, local_time: float | None, remote_time: float | None, there: tuple[bool, bool]) -> str | None:
    """The operation that a conflict becomes; None where the choice decides nothing (B11).

    Parameters:
        choice: LOCAL, REMOTE, OLD, NEWEST or SKIP.
        local_time, remote_time: seconds UTC, None when unknown or not there.
        there: whether the local and the remote entry exist.
    """
    if choice in (OLD, NEWEST):
        order = compare_times(local_time, remote_time) if there == (True, True) else 0
        if not order:
            return None
        choice = LOCAL if (order < 0) == (choice == OLD) else REMOTE
    return _RESOLVED.get((choice, *there))


def compare_times(one: float | None, other: float | None, tolerance: float = 2.01) -> int:
    """-1, 0 or 1: earlier, the same within the tolerance or not known, later (specification 6.2)."""
    if one is None or other is None or abs(one - other) <= tolerance:
        return 0
    return -1 if one < other else 1


def compared(same_size: bool, order: int, recorded: bool) -> Classes:
    """The classes of two files without a record of them, once they are compared (specification 6.4).

    Parameters:
        same_size: whether their sizes are equal.
        order: of the local time to the remote one, see ``compare_times``.
        recorded: the folder has records, of other files: then the newer one does not win by itself.
    """
    if order == 0 and same_size:
        return UNMODIFIED, UNMODIFIED
    if recorded or order == 0:
        return MODIFIED, MODIFIED
    return (UNMODIFIED, MODIFIED) if order < 0 else (MODIFIED, UNMODIFIED)


# What the user of a module reads, by the classes that led to an operation.
REASON: dict[Classes, str] = {
    (MISSING, EXISTING): "only on the server",
    (MISSING, NEW): "new on the server",
    (MISSING, UNMODIFIED): "only on the server",
    (EXISTING, MISSING): "only here",
    (EXISTING, EXISTING): "differs",
    (NEW, MISSING): "new here",
    (NEW, NEW): "new on both sides",
    (UNMODIFIED, MISSING): "only here",
    (UNMODIFIED, MODIFIED): "changed on the server",
    (UNMODIFIED, DELETED): "deleted on the server",
    (MODIFIED, UNMODIFIED): "changed here",
    (MODIFIED, MODIFIED): "changed on both sides",
    (MODIFIED, DELETED): "changed here, deleted on the server",
    (DELETED, UNMODIFIED): "deleted here",
    (DELETED, MODIFIED): "deleted here, changed on the server",
}
