# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The journal: what a publication is about to do, written before it begins.

A run that dies between its renames and the manifest leaves files on the server that the manifest
does not know. The next run finds the journal and tells by it which of them are ours. Pure.
"""

from __future__ import annotations

import json
import typing as t

from ..decide import as_listed
from ..model import DIRECTORY, Entry, Record
from .manifest import FORMAT, checked_path, damaged, parse_object, record_to_json, records_from_json


class Journal(t.NamedTuple):
    """The intent of one publication.

    Attributes:
        generation: that of the manifest on which it was planned.
        records: what each path is to be.
        staged: the name under which its content waits in the stage, by path.
    """

    generation: int
    records: dict[str, Record]
    staged: dict[str, str]


def dump(journal: Journal) -> bytes:
    """The journal as JSON."""
    content = {
        "format": FORMAT,
        "generation": journal.generation,
        "records": {path: record_to_json(record) for path, record in journal.records.items()},
        "staged": journal.staged,
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
        return Journal(int(content["generation"]), records, staged)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged(where, str(error)) from None


def recover(
    records: t.Mapping[str, Record], journal: Journal, remote: t.Mapping[str, Entry], staged: t.Collection[str]
) -> dict[str, Record]:
    """What is ours after an interrupted publication.

    A file counts as published when it has the size that was verified in the stage, is no longer in
    the stage, and is not the one that was there before. A folder counts as ours when it is there.

    Parameters:
        records: the manifest's.
        remote: the tree as the server lists it now.
        staged: names that still lie in the stage.

    Returns:
        the records, with those of the publication that took place.
    """
    recovered = dict(records)
    for path, record in journal.records.items():
        there = remote.get(path)
        if there is None or there.kind != record.kind:
            continue
        if record.kind == DIRECTORY:
            recovered[path] = record
        elif there.size == record.size and journal.staged.get(path) not in staged:
            before = records.get(path)
            if before is None or not as_listed(before, there):
                recovered[path] = record._replace(mtime=there.mtime, mtime_span=int(there.mtime_span))
    return recovered
