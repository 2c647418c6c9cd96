# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""``scan: trust``: what of the server has to be looked at, if the record is believed of all the rest. Pure.

Only folders in which something changed here are looked at, and those above them: so what is replaced or deleted is
still what was published, nobody else's file stands where a new one goes, and the way to it is there.
"""

from __future__ import annotations

import typing as t

from .. import decide
from ..model import DIRECTORY, Entry, Record, parent


def changed_paths(local: t.Mapping[str, Entry], records: t.Mapping[str, Record], compare: str) -> set[str]:
    """The paths at which the source is not what was published, and the folders above them.

    Parameters:
        local: with the digests that ``decide.needs_digest`` asks for.
        compare: see ``decide.as_published``.
    """

    def differs(path: str, entry: Entry) -> bool:
        record = records.get(path)
        if record is None or record.kind != entry.kind:
            return True
        return entry.kind != DIRECTORY and not decide.as_published(record, entry, compare)

    changed = {path for path in records if path not in local}
    changed.update(path for path, entry in local.items() if differs(path, entry))
    for path in list(changed):
        while parent(path) and parent(path) not in changed:
            path = parent(path)
            changed.add(path)
    return changed


def as_recorded(
    records: t.Mapping[str, Record], folders: t.Iterable[str], changed: t.Iterable[str]
) -> dict[str, dict[str, Entry]]:
    """What folders hold, by folder and path, in which nothing has changed here.

    Parameters:
        folders: all that the records know, with those above them; "" is the root.
        changed: see ``changed_paths``.
    """
    concerned = {parent(path) for path in changed}
    trusted: dict[str, dict[str, Entry]] = {folder: {} for folder in folders if folder not in concerned}
    for folder in folders:  # those above what was published may have no record
        if folder and parent(folder) in trusted:
            trusted[parent(folder)][folder] = Entry(DIRECTORY, 0, None)
    for path, record in records.items():
        if parent(path) in trusted:
            trusted[parent(path)][path] = Entry(record.kind, record.size, record.mtime, mtime_span=record.mtime_span)
    return trusted
