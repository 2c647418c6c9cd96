# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The source of an upload: scanned before anything is connected, hashed before the server is looked at."""

from __future__ import annotations

import os
import typing as t

from ..errors import LocalError, UsageError
from ..filters import Filters
from ..ftp.wire import encode_name
from ..model import FILE, SMALL, Entry, Problem, parent
from ..options import SyncOptions
from .digests import hash_files
from .local import scan_local
from .patterns import read_filters, refuse_published

if t.TYPE_CHECKING:
    from .cache import HashCache

# What is hashed during a login: about a second's work, even if it has to be fetched from a disk.
AT_LOGIN_FILES = 5_000
AT_LOGIN_BYTES = 256 * 1024 * 1024


class LocalSide(t.NamedTuple):
    """The source, as it was before connecting.

    Attributes:
        entries: the filtered tree.
        problems: what could not take part; ``unsendable`` names fail the run, each alone.
        cache: digests that outlast the run, or None.
    """

    filters: Filters
    entries: dict[str, Entry]
    problems: tuple[Problem, ...]
    unsendable: tuple[Problem, ...]
    cache: HashCache | None = None


def read_local(options: SyncOptions, *, check: bool) -> LocalSide:
    """Scan the source.

    Parameters:
        check: write nothing, not even what will be hashed.

    Raises:
        LocalError: it is missing, unreadable, or empty where that would delete everything.
        UsageError: a pattern is invalid, or a cache would be published.
    """
    filters = read_filters(options)
    cache = None
    if options.hash_cache:
        from .cache import HashCache  # an option that few use

        cache = HashCache(options.hash_cache, options.local, read_only=check)
        cache.check_place(filters)
    if options.record_cache is not None:
        refuse_published("record_cache", os.path.join(options.record_cache, "*"), options.local, filters)
    found = scan_local(options.local, filters, options.symlinks, options.state_path)
    if options.delete and not any(entry.kind == FILE for entry in found.entries.values()):
        raise LocalError(
            f"local: {options.local} holds no files (or all are excluded), and delete is on, so that all files on the"
            " server would go: check the path and the filters, or set delete: false"
        )
    entries, unsendable = _sendable(found.entries, options.encoding)
    return LocalSide(filters, entries, tuple(found.problems), (*found.unsendable, *unsendable), cache)


def hash_source(options: SyncOptions, local: LocalSide) -> None:
    """Hash what will surely be compared by content.

    Raises:
        LocalError: a file cannot be read.
    """
    entries, cache = local.entries, local.cache
    if _is_compared(options):
        late = {path: entry for path, entry in entries.items() if is_hashed_late(options, entry)}
        entries.update(cache.find(late) if cache is not None else {})
        hash_missing(options.local, entries, [path for path in entries if path not in late], cache)


def _is_compared(options: SyncOptions) -> bool:
    return options.compare == "checksum" or (options.compare == "auto" and options.record == "server")


def is_soon_hashed(options: SyncOptions, local: LocalSide) -> bool:
    """Whether the source can be hashed during a login; else that has to wait, since no connection should be idle."""
    early = [entry.size or 0 for entry in local.entries.values() if not is_hashed_late(options, entry)]
    return not _is_compared(options) or (len(early) <= AT_LOGIN_FILES and sum(early) <= AT_LOGIN_BYTES)


def is_hashed_late(options: SyncOptions, entry: Entry) -> bool:
    """Whether a file need not be hashed before it is sent, or found to be recorded (apply/large.py).

    Without a stage its digest is in the journal before its content leaves; with ``checksum`` it is compared with
    what lies on the server.
    """
    is_large = entry.kind == FILE and (entry.size or 0) > SMALL
    return is_large and options.publish == "staged" and options.compare != "checksum"


def _sendable(entries: t.Mapping[str, Entry], encoding: str) -> tuple[dict[str, Entry], list[Problem]]:
    """Set aside what the encoding of names cannot hold, with all below it; each fails alone."""
    kept: dict[str, Entry] = {}
    problems: list[Problem] = []
    dropped: set[str] = set()
    for path, entry in entries.items():
        try:
            encode_name(path, encoding)
        except UsageError:
            if parent(path) not in dropped:
                problems.append(Problem(path, f"cannot be written in {encoding}; set encoding: utf-8"))
            dropped.add(path)
        else:
            kept[path] = entry
    return kept, problems


def hash_missing(root: str, entries: dict[str, Entry], paths: t.Iterable[str], cache: HashCache | None) -> None:
    """Fill in missing digests."""
    missing = {path: entries[path] for path in paths if entries[path].kind == FILE and entries[path].sha256 is None}
    entries.update(hash_files(root, missing, cache=cache))
