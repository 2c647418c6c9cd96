# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The journal: what a publication is about to do, written before it begins.

A run that dies between its renames and the manifest leaves files on the server that the manifest
does not know. The next run finds the journal and tells by it which of them are ours. A rollback
renames, too, and what it takes from backup sets is known by having left them. Pure.
"""

from __future__ import annotations

import json
import typing as t
from types import MappingProxyType

from ..decide import as_listed
from ..model import DIRECTORY, FILE, Entry, Record
from .manifest import (
    FORMAT,
    Head,
    Manifest,
    checked_path,
    damaged,
    head_from_json,
    parse_object,
    record_to_json,
    records_from_json,
)


class Journal(t.NamedTuple):
    """The intent of one publication.

    Attributes:
        generation: that of the manifest on which it was planned.
        records: what each path is to be.
        staged: the name under which its content waits in the stage, by path.
        backup: the backup set that the publication makes, or None.
        deleted: paths that are to go.
        moves: of a rollback, by path, where in our folder the file lies that is to be there; "" if
            none is.
    """

    generation: int
    records: dict[str, Record]
    staged: dict[str, str]
    backup: str | None = None
    moves: t.Mapping[str, str] = MappingProxyType({})
    deleted: tuple[str, ...] = ()


def dump(journal: Journal) -> bytes:
    """The journal as JSON."""
    content = {
        "format": FORMAT,
        "generation": journal.generation,
        "records": {path: record_to_json(record) for path, record in journal.records.items()},
        "staged": journal.staged,
        "backup": journal.backup,
        "moves": dict(journal.moves),
        "deleted": journal.deleted,
    }
    return json.dumps(content).encode("ascii")


def load(data: bytes, where: str) -> Journal:
    """Read a journal.

    Raises:
        ManifestError: it is damaged. The caller may go on without: an unfinished journal means that
            its publication had not begun.
    """
    content = parse_object(data, where)
    try:
        if content["format"] != FORMAT:
            raise ValueError("format")
        records = records_from_json(content["records"])
        staged = {checked_path(path): str(name) for path, name in content["staged"].items()}
        backup = head_from_json(content.get("backup"), True).id
        moves = {checked_path(path): _source(name) for path, name in content.get("moves", {}).items()}
        deleted = tuple(checked_path(path) for path in content.get("deleted", ()))
        return Journal(int(content["generation"]), records, staged, backup, moves, deleted)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:  # the last one by Infinity
        raise damaged(where, str(error)) from None


def _source(name: t.Any) -> str:
    """Where in our folder a file lies, or "" for none."""
    if not isinstance(name, str):
        raise TypeError("moves")
    return checked_path(name) if name else ""


def recover(
    records: t.Mapping[str, Record], journal: Journal, remote: t.Mapping[str, Entry], staged: t.Collection[str]
) -> dict[str, Record]:
    """What is ours after an interrupted publication or rollback.

    A file counts as published when it has the size that was verified in the stage, is no longer in
    the stage, and is not the one that was there before. A folder counts as ours when it is there.
    What was taken away for it, and is not replaced yet, is no drift: it was us.
    What a rollback puts in place is there as soon as it has left its backup set, since nobody else
    takes anything from there.

    Parameters:
        records: the manifest's.
        remote: the tree as the server lists it now.
        staged: names that still lie in the stage, and sources of moves that still lie where they lay.

    Returns:
        the records, with those of the publication that took place.
    """
    recovered = dict(records)
    for path, source in journal.moves.items():
        there, known = remote.get(path), records.get(path)
        arrived = bool(source) and source not in staged and there is not None and there.kind != DIRECTORY
        other = there is None or (known is not None and (known.kind == DIRECTORY) != (there.kind == DIRECTORY))
        if arrived or other:
            recovered.pop(path, None)
        if arrived and path in journal.records:
            recovered[path] = journal.records[path]
    for path in journal.deleted:
        if path not in remote:
            recovered.pop(path, None)
    for path, record in journal.records.items():
        there = remote.get(path)
        if there is None and record.kind == FILE:
            recovered.pop(path, None)
        if there is None or there.kind != record.kind or (record.kind == FILE and path in journal.moves):
            continue
        if record.kind == DIRECTORY:
            recovered[path] = record
        elif there.size == record.size and journal.staged.get(path) not in staged:
            before = records.get(path)
            if before is None or not as_listed(before, there):
                recovered[path] = record._replace(mtime=there.mtime, mtime_span=int(there.mtime_span))
    return recovered


def head_of(manifest: Manifest | None, journal: Journal | None, *, exact: bool = True) -> Head:
    """What a site is at, an interrupted publication included; an interrupted rollback has not moved it.

    Parameters:
        exact: an interrupted rollback is going to be gone on with; on half of one nothing follows exactly.
    """
    head = manifest.head if manifest is not None else Head()
    if journal is None:
        return head
    if journal.moves:
        return head._replace(exact=head.exact and exact)
    return Head(journal.backup) if journal.backup is not None else head._replace(exact=False)
