# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Record a publication: send the manifest while the files take their places, and make it the record if it came true."""

from __future__ import annotations

import typing as t

from ..ftp import stat
from ..ftp.persistence import persistently
from ..records.backup import following
from ..records.manifest import Head, Manifest
from ..records.state import STAGE, Ahead
from ..run_id import timestamp
from .foresight import foresee

if t.TYPE_CHECKING:
    from ..ftp.aside import Aside
    from ..ftp.session import Session
    from ..model import Operation, Record
    from ..records.lock import Lock
    from ..records.state import StateFolder
    from .job import Job, Outcome


class Recorder:
    """Writes the manifest of one publication.

    Parameters:
        site: the folder on the server that the record is about.
        before: the manifest that it takes the place of, or None.
        backup_id: the backup set that the publication is to make, or None.
    """

    def __init__(self, folder: StateFolder, site: str, before: Manifest | None, backup_id: str | None) -> None:
        self._folder = folder
        self._site = site
        self._generation = (before.generation if before is not None else 0) + 1
        self._head = before.head if before is not None else Head()
        self._backup_id = backup_id
        self._written = timestamp()
        self._aside: Aside[Ahead] | None = None

    def send_ahead(self, job: Job, outcome: Outcome) -> None:
        """Begin to send what will be the record if nothing goes wrong; all content is on the server."""
        records = foresee(job, outcome)
        if records is None:
            return

        def send(session: Session) -> Ahead:
            stat.find_form(session, job.root)  # which the record tells, too
            expected = self._manifest(job, outcome, records, job.plan.operations, self._backup_id)
            return self._folder.write_ahead(session, expected, _ahead_name(job))

        self._aside = job.pool.aside(send)

    def write(self, job: Job, outcome: Outcome, lock: Lock | None) -> Manifest:
        """Write the record; also after failures, since it says only what was verified.

        Parameters:
            lock: drops the journal with its release; without one that is done here.
        """
        kept = self._backup_id if outcome.kept else None
        manifest = self._manifest(job, outcome, outcome.records, outcome.done, kept)
        waste = Ahead(_ahead_name(job)) if self._aside is not None else None
        ready = [self._aside.result()] if self._aside is not None else []

        def write(session: Session) -> None:
            # Once only: after a lost connection nobody knows where it lies.
            ahead = (ready.pop() if ready else None) or waste
            self._folder.write_manifest(session, manifest, keep_journal=lock is not None, ahead=ahead)

        persistently(job.pool, write)
        if lock is not None:
            lock.last_words = self._folder.journal_removal()
        return manifest

    def _manifest(
        self, job: Job, outcome: Outcome, records: dict[str, Record], done: t.Iterable[Operation], kept: str | None
    ) -> Manifest:
        server = {**outcome.quirks, "learned": job.pool.facts.learned()}
        head = following(self._head, done, kept)
        return Manifest(self._site, self._generation, self._written, records, server, head)


def _ahead_name(job: Job) -> str:
    """In the stage, which the next run clears if this one dies."""
    return f"{STAGE}/{job.run}.manifest"
