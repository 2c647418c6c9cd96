# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Walk one target, as ``scan`` and ``tree`` do (behaviour 1.8, 13.2)."""

from __future__ import annotations

import contextlib
import time
import typing as t

from ..model import shown
from ..records.folder_file import LOCK_FILE_NAME, META_FILE_NAME
from ..synchronizers import match_path
from ..targets import make_target
from .job import Job

if t.TYPE_CHECKING:
    from ..resources import _Resource
    from ..targets import _Target

MAX_DEPTH = 100  # levels; what is deeper is most likely a folder that shows itself


class Found(t.NamedTuple):
    """One entry of the walk.

    Attributes:
        entry: file or folder.
        level: 0 in the root.
        last: per level down to this one, whether it is the last of its folder.
    """

    entry: _Resource
    level: int
    last: tuple[bool, ...]


class Walk:
    """A walk through a target, with its counts.

    Parameters:
        target: an open one.
        options: ``match`` and ``exclude``, as lists.
        recursive: look into folders.
        sort: by name in any case, files before folders.
        files: False to leave files out, of the counts, too.
        visit: called with the absolute path of each folder that is looked into, once its entries are known.

    Attributes:
        file_count, folder_count: of what was found; the root counts.
    """

    def __init__(
        self,
        target: _Target,
        options: dict[str, t.Any],
        *,
        recursive: bool,
        sort: bool = False,
        files: bool = True,
        visit: t.Callable[[str], None] | None = None,
    ) -> None:
        self._target = target
        self._options = options
        self._recursive = recursive
        self._sort = sort
        self._files = files
        self._visit = visit
        self.file_count = 0
        self.folder_count = 1

    def __iter__(self) -> t.Iterator[Found]:
        return self._folder(())

    def _folder(self, last: tuple[bool, ...]) -> t.Iterator[Found]:
        entries = [entry for entry in self._target.get_dir() if match_path(entry, self._options)]
        if not self._files:
            entries = [entry for entry in entries if entry.is_dir()]
        if self._sort:
            entries.sort(key=lambda entry: (entry.is_dir(), entry.name.lower(), entry.name))
        if self._visit is not None:
            self._visit(str(self._target.cur_dir))
        for number, entry in enumerate(entries):
            path = (*last, number == len(entries) - 1)
            self.file_count += entry.is_file()
            self.folder_count += entry.is_dir()
            yield Found(entry, len(last), path)
            if self._recursive and entry.is_dir() and len(path) < MAX_DEPTH:
                self._target.cwd(entry.name)
                yield from self._folder(path)
                self._target.cwd("..")

    def counts(self, started: float) -> str:
        """The last line of a listing.

        Parameters:
            started: by ``time.monotonic()``.
        """
        taken = time.monotonic() - started
        return f"Scanning {self.file_count} files in {self.folder_count} directories took {taken:.2f} seconds."


@contextlib.contextmanager
def opened(job: Job, *, writing: bool) -> t.Iterator[_Target]:
    """The job's target, open within.

    Parameters:
        writing: whether something may be removed from it.
    """
    target = make_target(job.local, dict(job.options))
    target.readonly = not writing
    target.dry_run = job.dry_run
    target.open()
    try:
        yield target
    finally:
        target.close()


def entry_document(entry: _Resource) -> dict[str, t.Any]:
    """An entry for ``--json``."""
    return {
        "path": shown(entry.get_rel_path()),
        "kind": "directory" if entry.is_dir() else "file",
        "size": entry.size if entry.is_file() else None,
        "mtime": entry.mtime,
    }


LEFTOVERS = {"remove_meta": META_FILE_NAME, "remove_locks": LOCK_FILE_NAME}
