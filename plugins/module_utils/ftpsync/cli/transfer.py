# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""``upload``, ``download`` and ``sync`` by synchronizers, with records in folders."""

from __future__ import annotations

import typing as t

from ..synchronizers import BiDirSynchronizer, DownloadSynchronizer, UploadSynchronizer
from ..targets import make_target
from ..util import write
from . import failure
from .job import Job, is_ftp
from .progress import Run, display
from .summary import summary

CLASSES = {
    "upload": UploadSynchronizer,
    "download": DownloadSynchronizer,
    "sync": BiDirSynchronizer,
}


def transfer(job: Job, document: dict[str, t.Any]) -> int:
    """Synchronize.

    Parameters:
        document: gets what the run did, also when it ends with an error.

    Returns:
        the exit code.
    """
    local, remote = (make_target(target, _own(job, target)) for target in (job.local, job.remote))
    sync = CLASSES[job.command](local, remote, job.options)
    sync.is_script = True  # entries that fail are counted, and questions allowed
    run = Run(
        sync.tally,
        lambda: sync.local.connected and sync.remote.connected,
        lambda: t.cast(int, sync.get_stats()["entries_seen"]),
    )
    try:
        with display(run, job.options):
            sync.run()
    finally:
        document.update(sync.to_dict())
    told = summary(sync.get_stats(), job.verbose, job.dry_run)
    if told is not None:
        write(told)
    errors, problems = sync.error_count(), sync.problem_count()
    if job.options.get("report_problems") and errors + problems:
        return failure.PROBLEMS
    return failure.FAILED if errors else failure.OK


def _own(job: Job, target: str) -> dict[str, t.Any]:
    """Options of one target alone: the encoding of names is the server's."""
    encoding = job.options.get("encoding")
    return {"encoding": encoding} if encoding and is_ftp(target) else {}
