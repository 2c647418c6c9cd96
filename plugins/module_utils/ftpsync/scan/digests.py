# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Digests of local files: entries in, the same with the digest, size and time of what was read out.

Two threads read large files, one reads small ones: of these Python's part is so large that two threads, which hand
its lock to and fro, need up to three times as long as one. Only where the disk is waited for do both take part.
"""

from __future__ import annotations

import collections
import functools
import hashlib
import os
import stat
import time
import typing as t

from ..errors import LocalError
from ..meanwhile import Meanwhile
from ..model import Entry
from .local import EXCLUDE, permissions, reason

if t.TYPE_CHECKING:
    from .cache import HashCache

BLOCK = 1024 * 1024  # bytes read at once
QUICK = 256 * 1024  # bytes up to which a file is small
# What a thread takes at once: many small files, but few large ones, so that both threads have work to the end.
BATCH_FILES = 64
BATCH_BYTES = 4 * BLOCK
WAITING = 1.3  # times as long as it computes; files in memory are read at 1.0, those on a disk at 1.5 to 2.5

_Batches = t.Deque[t.List[str]]  # of paths


def hash_files(root: str, entries: t.Mapping[str, Entry], cache: HashCache | None = None) -> dict[str, Entry]:
    """Read files and give their entries with the digest, and with size and time as they were when read.

    Parameters:
        root: the local folder.
        entries: files by relative path.
        cache: what is known of this very folder is not read again.

    Raises:
        LocalError: a file cannot be read, or changed again and again while it was read.
    """
    if cache is None:
        return _hash_all(root, entries, None)
    found = cache.find(entries)
    unknown = _without(entries, found)
    if unknown:
        with cache.turn(sum(entry.size or 0 for entry in unknown.values())):
            found.update(cache.find(unknown))
            found.update(_hash_all(root, _without(unknown, found), cache))
            cache.save()
    else:
        cache.save()
    return {path: found[path] for path in entries}


def _without(entries: t.Mapping[str, Entry], others: t.Container[str]) -> dict[str, Entry]:
    return {path: entry for path, entry in entries.items() if path not in others}


def _hash_all(root: str, entries: t.Mapping[str, Entry], cache: HashCache | None) -> dict[str, Entry]:
    small = _batches({path: entry for path, entry in entries.items() if (entry.size or 0) <= QUICK})
    large = _batches({path: entry for path, entry in entries.items() if (entry.size or 0) > QUICK})
    reading = _Reading(root, entries, cache)
    first = collections.deque([small.popleft()] if small else [])
    waits = _waits(lambda: reading.drain(first))
    shared = (large, small) if waits else (large,)
    helper = Meanwhile(lambda: reading.drain(*shared)) if large or waits else None
    try:
        reading.drain(small, large)
        if helper is not None:
            helper.wait()
    finally:
        reading.is_over = True
    return {path: reading.found[path] for path in entries}


def _batches(entries: t.Mapping[str, Entry]) -> _Batches:
    batches: _Batches = collections.deque()
    size = 0
    for path, entry in entries.items():
        if not batches or len(batches[-1]) == BATCH_FILES or size >= BATCH_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(path)
        size += entry.size or 0
    return batches


def _waits(step: t.Callable[[], None]) -> bool:
    """Whether a step has waited, for the disk, for a good part of its time."""
    began, computed = time.perf_counter(), time.thread_time()
    step()
    return time.perf_counter() - began > WAITING * (time.thread_time() - computed)


class _Reading:
    """Files that threads read side by side; the first error ends all of them.

    Attributes:
        found: the entries with their digests.
        is_over: nothing more is to be read.
    """

    def __init__(self, root: str, entries: t.Mapping[str, Entry], cache: HashCache | None) -> None:
        self._root = root
        self._entries = entries
        self._cache = cache
        self.found: dict[str, Entry] = {}
        self.is_over = False

    def drain(self, *queues: _Batches) -> None:
        """Read what is in the queues, which other threads may share."""
        block = memoryview(bytearray(BLOCK))
        try:
            for queue in queues:
                for batch in iter(functools.partial(_take, queue), []):
                    for path in batch:
                        if self.is_over:
                            return
                        self.found[path] = _hash_file(self._root, path, self._entries[path], block, self._cache)
        except BaseException:
            self.is_over = True
            raise


def _take(queue: _Batches) -> list[str]:
    try:
        return queue.popleft()
    except IndexError:
        return []


def _hash_file(root: str, path: str, entry: Entry, block: memoryview, cache: HashCache | None) -> Entry:
    for _attempt in range(2):
        found = _read(root, path, entry, block, cache)
        if found is not None:
            return found
    raise LocalError(f"{path!r}: changed while it was read; run again when nothing writes to it, or exclude it")


def _read(root: str, path: str, entry: Entry, block: memoryview, cache: HashCache | None) -> Entry | None:
    """One attempt; None if the file changed meanwhile."""
    began = time.time_ns()
    digest = hashlib.sha256()
    size = 0
    full = os.path.join(root, path)
    try:
        # O_NONBLOCK: a pipe that has taken the file's place must not hold us up.
        with open(os.open(full, os.O_RDONLY | _BINARY | _NONBLOCK), "rb", buffering=0) as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                return None
            while True:
                count = file.readinto(block)
                if not count:
                    break
                digest.update(block[:count])
                size += count
            after = os.fstat(file.fileno())
        named = os.stat(full)
    except OSError as error:
        raise LocalError(f"{path!r}: the file cannot be read: {reason(error)}{EXCLUDE}") from None
    if not _identity(before) == _identity(after) == _identity(named) or size != after.st_size:
        return None
    if cache is not None:
        cache.note(path, began, before, named, digest.hexdigest())
    return entry._replace(size=size, mtime=after.st_mtime, mode=permissions(after.st_mode), sha256=digest.hexdigest())


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


_BINARY = getattr(os, "O_BINARY", 0)  # Windows
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)  # all but Windows
