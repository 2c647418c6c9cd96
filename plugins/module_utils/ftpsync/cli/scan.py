# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""``pyftpsync scan``: count and list a target; remove metadata files and locks (behaviour 1.8, B20)."""

from __future__ import annotations

import time
import typing as t
from datetime import timedelta

from ..errors import FtpSyncError
from ..model import shown
from ..util import DRY_RUN_PREFIX, pretty_stamp, write, write_error
from . import failure
from .job import Job
from .listing import LEFTOVERS, Found, Walk, entry_document, opened

if t.TYPE_CHECKING:
    from ..targets import _Target

NAME_WIDTH = 40  # columns
INDENT = 4


def scan(job: Job, document: dict[str, t.Any]) -> int:
    """List or clean the job's target.

    Parameters:
        document: gets ``entries``, ``files``, ``directories``, ``removed`` and ``errors``.

    Returns:
        the exit code.
    """
    started = time.monotonic()
    names = [name for setting, name in LEFTOVERS.items() if job.settings.get(setting)]
    with opened(job, writing=bool(names)) as target:
        cleaner = Cleaner(target, names, job.dry_run)
        walk = Walk(target, job.options, recursive=bool(job.settings.get("recursive")), visit=cleaner.clean)
        document.update(entries=[], removed=cleaner.removed, errors=cleaner.errors)
        for found in walk:
            document["entries"].append(entry_document(found.entry))
            if job.settings.get("list"):
                write(entry_line(found))
        document.update(files=walk.file_count, directories=walk.folder_count)
        write(walk.counts(started))
    return failure.FAILED if cleaner.errors else failure.OK


def entry_line(found: Found) -> str:
    """One line of the list."""
    entry = found.entry
    indent = " " * (1 + INDENT * found.level)
    if entry.is_dir():
        return f"{indent}[{shown(entry.name)}]"
    line = f"{indent}{shown(entry.name):{NAME_WIDTH}} {pretty_stamp(entry.mtime)}"
    if entry.mtime is not None and entry.mtime_org is not None and int(entry.mtime_org) != int(entry.mtime):
        ahead = timedelta(seconds=int(entry.mtime_org) - int(entry.mtime))
        line += f" (system: {'+' if ahead > timedelta(0) else ''}{ahead})"
    return line


class Cleaner:
    """Removes files that earlier runs have left, in each folder that it is shown.

    Parameters:
        names: of the files to remove.
        dry_run: only tell.

    Attributes:
        removed: their paths.
        errors: what could not be removed, and why.
    """

    def __init__(self, target: _Target, names: t.Sequence[str], dry_run: bool) -> None:
        self._target = target
        self._names = names
        self._dry_run = dry_run
        self.removed: list[str] = []
        self.errors: list[dict[str, str]] = []

    def clean(self, folder: str) -> None:
        """Remove what lies in a folder.

        Parameters:
            folder: absolute path on the target.
        """
        side, root = self._target.side, self._target.root_dir.rstrip("/")
        inside = folder[len(root) :].strip("/")
        for name in self._names:
            path = f"{inside}/{name}" if inside else name
            if side.read(path) is None:
                continue
            told = shown(f"{folder.rstrip('/')}/{name}")
            try:
                if not self._dry_run:
                    side.remove(path)
            except FtpSyncError as error:
                self.errors.append({"path": told, "message": str(error)})
                write_error(f"Could not delete {told}: {error}")
                continue
            self.removed.append(told)
            write(f"{DRY_RUN_PREFIX if self._dry_run else ''}DELETE {told}")
