# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""``pyftpsync tree``: draw a target (behaviour 13.2)."""

from __future__ import annotations

import time
import typing as t

from ..model import shown
from ..util import write
from . import failure
from .job import Job
from .listing import Found, Walk, entry_document, opened

NAME_WIDTH = 20  # columns


def tree(job: Job, document: dict[str, t.Any]) -> int:
    """Draw the job's target.

    Parameters:
        document: gets ``entries``, ``files`` and ``directories``.

    Returns:
        the exit code.
    """
    started = time.monotonic()
    with opened(job, writing=False) as target:
        walk = Walk(
            target,
            job.options,
            recursive=True,
            sort=bool(job.settings.get("sort")),
            files=bool(job.settings.get("files")),
        )
        document["entries"] = []
        write(f"[{shown(target.get_base_name())}]")
        for found in walk:
            document["entries"].append(entry_document(found.entry))
            write(entry_line(found))
        document.update(files=walk.file_count, directories=walk.folder_count)
        write(walk.counts(started))
    return failure.OK


def entry_line(found: Found) -> str:
    """One line of the drawing."""
    outer = "".join("    " if last else " |  " for last in found.last[:-1])
    connector = " `- " if found.last[-1] else " +- "
    name = shown(found.entry.name)
    if found.entry.is_dir():
        return f"{outer}{connector}[{name}]"
    return f"{outer}{connector}{name:{NAME_WIDTH}} {found.entry.as_string()}"
