# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What to do with one file: both sides and the record in, a decision out.

Pure tables of ``spec/ftpsync-behaviour.md`` 6.2 to 6.6, and of design 5 for one-way runs whose
record lies on the server. Folders, filters and whole trees are the business of ``plan.py``.
"""

from __future__ import annotations

import typing as t

from .model import FILE, Entry, Record

# Times further apart than this differ; FAT and ZIP keep two seconds (specification 6.2).
MTIME_TOLERANCE = 2.01

# Classes of one side against the record.
EXISTING = "existing"  # there, and no records exist at all
NEW = "new"  # there, records exist but not of this path
UNMODIFIED = "unmodified"  # there, as recorded
MODIFIED = "modified"  # there, not as recorded
DELETED = "deleted"  # recorded, not there
MISSING = "missing"  # neither recorded nor there

# Decisions.
SEND = "send"  # local to remote
FETCH = "fetch"  # remote to local: an upload leaves such a file alone
DELETE_REMOTE = "delete_remote"
DELETE_LOCAL = "delete_local"  # an upload leaves such a file alone
EQUAL = "equal"
COMPARE = "compare"
CONFLICT = "conflict"
FORGET = "forget"  # gone on both sides: only the record goes

# Why a pair is left alone that no option can decide about.
KINDS_DIFFER = "a file on one side, a folder on the other"

Table = t.Dict[t.Tuple[str, str], str]

# Specification 6.3, by local and remote class. What only the server has is for an upload a candidate
# for deletion, whose owner and filters decide (design 10.1).
UPLOAD: Table = {
    (MISSING, EXISTING): DELETE_REMOTE,
    (MISSING, NEW): DELETE_REMOTE,
    (EXISTING, MISSING): SEND,
    (EXISTING, EXISTING): COMPARE,
    (NEW, MISSING): SEND,
    (NEW, NEW): COMPARE,
    (UNMODIFIED, UNMODIFIED): EQUAL,
    (UNMODIFIED, MODIFIED): FETCH,
    (UNMODIFIED, DELETED): DELETE_LOCAL,
    (MODIFIED, UNMODIFIED): SEND,
    (MODIFIED, MODIFIED): CONFLICT,
    (MODIFIED, DELETED): CONFLICT,
    (DELETED, UNMODIFIED): DELETE_REMOTE,
    (DELETED, MODIFIED): CONFLICT,
    (DELETED, DELETED): FORGET,
}

# With force the source is the truth (design 5). Not for deletions: what somebody changed on the server
# since we published it is not deleted without a further word, ``resolve: local`` (field notes 9.1).
FORCED_UPLOAD: Table = {
    **UPLOAD,
    (EXISTING, EXISTING): SEND,
    (NEW, NEW): SEND,
    (UNMODIFIED, MODIFIED): SEND,
    (UNMODIFIED, DELETED): SEND,
    (MODIFIED, MODIFIED): SEND,
    (MODIFIED, DELETED): SEND,
}

# ``resolve: local``, by whether the local and the remote side are there (specification 6.5).
RESOLVED_LOCAL: dict[tuple[bool, bool], str] = {
    (True, True): SEND,
    (True, False): SEND,
    (False, True): DELETE_REMOTE,
}

# What the user reads, by class of both sides.
REASON: dict[tuple[str, str], str] = {
    (MISSING, EXISTING): "not in the source",
    (MISSING, NEW): "not in the source",
    (EXISTING, MISSING): "new",
    (EXISTING, EXISTING): "differs from the source",
    (NEW, MISSING): "new",
    (NEW, NEW): "replaces an unmanaged file",
    (UNMODIFIED, MODIFIED): "changed on the server",
    (UNMODIFIED, DELETED): "missing on the server",
    (MODIFIED, UNMODIFIED): "content changed",
    (MODIFIED, MODIFIED): "changed on both sides",
    (MODIFIED, DELETED): "changed, and missing on the server",
    (DELETED, UNMODIFIED): "removed from the source",
    (DELETED, MODIFIED): "removed from the source, but changed on the server",
}


def as_listed(record: Record, remote: Entry) -> bool:
    """Whether the server lists a file as it did after we published it.

    Sizes must be equal, and the spans in which both times may lie must meet: LIST knows minutes or
    days only (field notes 6.5). A time that either side lacks decides nothing.
    """
    if remote.kind != record.kind or remote.size != record.size:
        return False
    if record.mtime is None or remote.mtime is None:
        return True
    return record.mtime < remote.mtime + remote.mtime_span and remote.mtime < record.mtime + record.mtime_span


def as_published(record: Record, local: Entry, compare: str) -> bool:
    """Whether a local file still is what the record says was published.

    Parameters:
        compare: ``checksum`` or ``auto`` by content; ``mtime`` by size and time; ``size`` by size alone.
    """
    if local.kind != record.kind or local.size != record.size:
        return False
    if compare == "size":
        return True
    if compare == "mtime" and record.source_mtime is not None and local.mtime is not None:
        same_time = abs(local.mtime - record.source_mtime) <= MTIME_TOLERANCE
    else:
        same_time = False
    return same_time or local.sha256 == record.sha256


def needs_digest(record: Record, local: Entry, compare: str) -> bool:
    """Whether only its content tells if a local file still is what was published."""
    same_size = (local.kind, local.size) == (record.kind, record.size)
    return same_size and local.sha256 is None and not as_published(record, local, compare)


def classify(
    local: Entry | None, remote: Entry | None, record: Record | None, any_records: bool, compare: str
) -> tuple[str, str]:
    """The classes of both sides of a file (specification 6.2).

    Parameters:
        local, remote: what stands there, or None.
        record: what was published, or None.
        any_records: whether the target has records at all.
        compare: see ``as_published``.
    """
    if record is None:
        there = NEW if any_records else EXISTING
        return (there if local else MISSING), (there if remote else MISSING)
    local_class = DELETED if local is None else UNMODIFIED if as_published(record, local, compare) else MODIFIED
    remote_class = DELETED if remote is None else UNMODIFIED if as_listed(record, remote) else MODIFIED
    return local_class, remote_class


def compare_entries(local: Entry, remote: Entry, compare: str, settable: bool | None) -> str:
    """Compare two files without a record (specification 6.4).

    Parameters:
        compare: ``checksum`` when ``remote.sha256`` was read back; ``mtime``, ``size`` or ``auto``.
        settable: whether this server stores the times we give. If not, a listed time is that of the
            upload, and a file uploaded after its last change is equal (field notes 4.9).

    Returns:
        EQUAL, SEND, FETCH or CONFLICT.
    """
    same_size = remote.kind == FILE and local.size == remote.size
    if compare == "size":
        return EQUAL if same_size else CONFLICT
    if compare == "checksum":
        return EQUAL if same_size and local.sha256 == remote.sha256 else CONFLICT
    if local.mtime is None or remote.mtime is None:
        return EQUAL if same_size and compare == "auto" else CONFLICT
    newer = local.mtime - (remote.mtime + remote.mtime_span - 1) > MTIME_TOLERANCE
    older = remote.mtime - local.mtime > MTIME_TOLERANCE
    if newer:
        return SEND
    if older:
        return EQUAL if same_size and compare == "auto" and not settable else FETCH
    return EQUAL if same_size else CONFLICT


def decide(
    local: Entry | None,
    remote: Entry | None,
    record: Record | None,
    *,
    any_records: bool,
    recorded: bool,
    force: bool,
    resolve: str,
    compare: str,
    settable: bool | None,
) -> tuple[str, tuple[str, str]]:
    """The decision for one file of an upload, and the classes that led to it.

    Parameters:
        recorded: the run keeps records (``record: server``). Without, force still compares first:
            there is nothing else that would make a second run unchanged.
        force: the source is the truth.
        resolve: ``local`` decides conflicts; ``skip`` and ``fail`` leave them.

    Returns:
        a decision other than COMPARE, and (local class, remote class).
    """
    classes = classify(local, remote, record, any_records, compare)
    table = FORCED_UPLOAD if force and recorded else UPLOAD
    decision = table[classes]
    if decision == COMPARE and local is not None and remote is not None:
        decision = compare_entries(local, remote, compare, settable)
        if force and decision != EQUAL:
            decision = SEND
    if decision == CONFLICT and resolve == "local":
        decision = RESOLVED_LOCAL[local is not None, remote is not None]
    return decision, classes
