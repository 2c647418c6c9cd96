# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""``upload``, ``download`` and ``sync`` by synchronizers, with records in folders."""

from __future__ import annotations

import typing as t

from ..util import write
from . import failure
from .job import Job
from .progress import display
from .summary import summary

CLASSES = {
    "upload": "UploadSynchronizer",
    "download": "DownloadSynchronizer",
    "sync": "BiDirSynchronizer",
}


def transfer(job: Job, document: dict[str, t.Any]) -> int:
    """Synchronize.

    Parameters:
        document: gets what the run did, also when it ends with an error.

    Returns:
        the exit code.
    """
    from .. import synchronizers
    from ..targets import make_target

    make = getattr(synchronizers, CLASSES[job.command])
    sync = make(make_target(job.local, {}), make_target(job.remote, {}), job.options)
    sync.is_script = True  # entries that fail are counted, and questions allowed
    try:
        with display(sync, job.options):
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
