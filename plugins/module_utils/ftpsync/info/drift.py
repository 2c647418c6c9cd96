# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What of the published files is not on the server as it was published, and what else is there.

In: the record and the server. Out: differences with their reasons. No command is sent that writes.
"""

from __future__ import annotations

import hashlib
import typing as t

from ..ask import sharpen_times
from ..decide import as_listed
from ..errors import ServerRefused
from ..model import DIRECTORY, FILE, Entry, Problem, Record, join, parent
from ..records.journal import recover
from ..scan.remote import scan_remote

if t.TYPE_CHECKING:
    from ..filters import Patterns
    from ..ftp.pool import Pool
    from ..ftp.session import Session
    from ..records.state import State


class Drift(t.NamedTuple):
    """What is not as it was published.

    Attributes:
        drifted, missing: recorded paths, of which something else or nothing is there.
        reasons: why, by path, for both of them.
        unmanaged: paths that were never published; a folder stands for all in it.
        problems: lines of listings that could not be used.
    """

    drifted: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    reasons: t.Mapping[str, str] = {}
    unmanaged: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def find_drift(pool: Pool, root: str, state_dir: str, state: State, exclude: Patterns, *, deep: bool) -> Drift:
    """Compare the server's tree with the record.

    Parameters:
        root, state_dir: absolute paths.
        exclude: what is not reported as unmanaged.
        deep: read every recorded file and compare its content, too.
    """
    records = state.manifest.records if state.manifest is not None else {}
    # Folders without any recorded file are unmanaged as a whole, whatever is in them.
    scan = scan_remote(pool, root, records=records, local={}, descend=lambda _path: False, skip=state_dir)
    if state.journal is not None:
        records = recover(records, state.journal, scan.entries, state.staged)
    sharpen_times(pool, root, scan.entries, sorted(records))
    found = compare(records, scan.entries)
    if deep:
        found = _compare_content(pool, root, records, scan.entries, found)
    return Drift(
        tuple(path for path in sorted(found) if path in scan.entries),
        tuple(path for path in sorted(found) if path not in scan.entries),
        found,
        tuple(unmanaged(records, scan.entries, exclude)),
        scan.problems,
    )


def _compare_content(
    pool: Pool, root: str, records: t.Mapping[str, Record], entries: t.Mapping[str, Entry], found: dict[str, str]
) -> dict[str, str]:
    """Read every recorded file that is there, and compare its digest."""

    def digest(session: Session, path: str, _add: t.Callable[[str], None]) -> str:
        content = hashlib.sha256()
        session.retrieve(join(root, path), content.update)
        return content.hexdigest()

    files = [p for p, r in records.items() if r.kind == FILE and p in entries and entries[p].kind != DIRECTORY]
    differing = dict(found)
    for path, sha256, error in pool.work(sorted(files), digest):
        if isinstance(error, ServerRefused):
            differing[path] = f"cannot be read: {error.reply.text}"
        elif error is not None:
            raise error
        elif sha256 != records[path].sha256:
            differing[path] = ", ".join(["content differs", *([found[path]] if path in found else [])])
        elif path in found:
            differing[path] = f"{found[path]}, content is as published"
    return differing


def compare(records: t.Mapping[str, Record], entries: t.Mapping[str, Entry]) -> dict[str, str]:
    """Recorded paths that the server does not list as it did after their publication, with the reason. Pure."""
    found = {}
    for path, record in records.items():
        entry = entries.get(path)
        if entry is None:
            found[path] = "missing"
        elif entry.kind != record.kind:
            found[path] = f"is a {entry.kind} now"
        elif record.kind == FILE and entry.size != record.size:
            found[path] = f"{entry.size} bytes instead of {record.size}"
        elif record.kind == FILE and not as_listed(record, entry):
            found[path] = "its time differs"
    return found


def unmanaged(records: t.Mapping[str, Record], entries: t.Mapping[str, Entry], exclude: Patterns) -> list[str]:
    """Listed paths that are neither recorded nor lead to what is recorded. Pure."""
    known = set(records)
    for path in records:
        above = parent(path)
        while above and above not in known:
            known.add(above)
            above = parent(above)
    strangers = (path for path in entries if path not in known)
    return sorted(path for path in strangers if not exclude.covers(path, entries[path].kind == DIRECTORY))
