# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""One step that may be repeated, on whichever session of a pool works."""

from __future__ import annotations

import typing as t

from .pool import Pool
from .session import Session

R = t.TypeVar("R")


def persistently(pool: Pool, step: t.Callable[[Session], R]) -> R:
    """Do a step that may be repeated, on one session; a lost connection is made anew as the pool does.

    Raises:
        FtpSyncError: it failed for good.
    """

    def fn(session: Session, _item: None, _add: t.Callable[[None], None]) -> R:
        return step(session)

    # The list lets the pool end its work; abandoned in the middle, it would close its connections.
    [(_item, result, error)] = list(pool.work([None], fn))
    if error is not None:
        raise error
    return t.cast(R, result)
