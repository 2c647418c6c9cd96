# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The lock file in a target's root: a sign for other programs, and a probe of the server's clock.

It excludes nobody (``spec/ftpsync-behaviour.md`` 5, B25). Its listed time tells by how much the server's
clock is ahead; records of uploads are written by that clock.
"""

from __future__ import annotations

import io
import json
import time
import typing as t

from ..console.messages import write, write_error
from ..errors import FtpSyncError, ServerRefused
from ..ftp.persistence import persistently
from ..model import join
from ..records.folder_file import LOCK_FILE_NAME

if t.TYPE_CHECKING:
    from ..ftp.session import Session
    from ..ftp_target import FtpTarget


def put_lock(target: FtpTarget) -> None:
    """Write the lock; where that is refused, the run goes on without.

    Raises:
        FtpSyncError: the connection failed.
    """
    lock: dict[str, t.Any] = {"lock_time": time.time(), "lock_holder": None}
    content = json.dumps(lock).encode("ascii")
    path = join(target.root_dir, LOCK_FILE_NAME)
    try:
        persistently(target.pool, lambda session: session.store(path, io.BytesIO(content), len(content)))
    except ServerRefused as error:
        target.lock_data = False
        write_error(f"Could not write the lock {path}: {error}; going on without it")
        return
    target.lock_data = lock
    target.lock_write_time = lock["lock_time"]
    listed = persistently(target.pool, lambda session: _listed(session, target.root_dir))
    if listed is not None:
        probe(target, *listed)


def probe(target: FtpTarget, listed: float, span: float) -> None:
    """Learn the server's clock from the lock's listed time.

    Parameters:
        listed: seconds UTC.
        span: seconds by which the true time may be later. A time cut off to the minute only tells something
            if it cannot be that of our clock; then it is taken for the latest it can be, since a record
            whose upload seems earlier than the file's listed time counts as outdated.
    """
    if target.lock_write_time is None:
        return
    offset = listed - target.lock_write_time
    if span > 1:
        offset = 0.0 if -span < offset <= 0 else offset + span
    target.server_time_ofs = offset
    if target.verbosity() >= 4:
        write(f"Server time offset: {offset:.2f} seconds.")


def take_lock_away(target: FtpTarget, quietly: bool) -> None:
    """Remove the lock, if it is ours; that it is gone already is as good.

    Parameters:
        quietly: what goes wrong is told, and no error: the target is being closed.

    Raises:
        FtpSyncError: it could not be removed.
    """
    if not target.lock_data:
        return
    target.lock_data = None
    path = join(target.root_dir, LOCK_FILE_NAME)
    try:
        # Without the pool's threads, which cannot be started while the interpreter ends.
        target.pool.main.command("DELE", path, ok=(*range(200, 300), 550))
    except FtpSyncError as error:
        write_error(f"Could not remove the lock {path}: {error}")
        if not quietly:
            raise


def _listed(session: Session, root: str) -> tuple[float, float] | None:
    """The lock's time as listings show it, and by how much the true one may be later."""
    if session.facts.exact_times:  # then MDTM tells the same, without the whole folder
        try:
            (mtime,) = session.mtimes([join(root, LOCK_FILE_NAME)])
        except ServerRefused:
            mtime = None
        if mtime is not None:
            return mtime, 1
    for name, entry in session.list_folder(root).entries:
        if name == LOCK_FILE_NAME and entry.mtime is not None:
            return entry.mtime, entry.mtime_span
    return None
