# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Ask about single paths, where an answer helps and its lack is no failure: old servers know no SIZE or MDTM."""

from __future__ import annotations

import contextlib
import typing as t

from .errors import ServerRefused
from .scan.remote import refine_times

if t.TYPE_CHECKING:
    from .ftp.pool import Pool
    from .ftp.session import Session
    from .model import Entry


def size_of(session: Session, path: str) -> int | None:
    """The bytes of a file; None if there is none, or the server does not say."""
    try:
        return session.sizes([path])[0]
    except ServerRefused:
        return None


def mtime_of(session: Session, path: str) -> int | None:
    """The time of a file's last change, seconds UTC; None if there is none, or the server does not say."""
    try:
        return session.mtimes([path])[0]
    except ServerRefused:
        return None


def sharpen_times(pool: Pool, root: str, entries: dict[str, Entry], paths: t.Iterable[str]) -> None:
    """As ``refine_times``, on servers that can."""
    with contextlib.suppress(ServerRefused):
        refine_times(pool, root, entries, paths)
