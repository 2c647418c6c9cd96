# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Read what other programs have recorded about a site, on either side (``adopt: records``)."""

from __future__ import annotations

import contextlib
import io
import os
import typing as t

from ..errors import ServerRefused, TooLarge
from ..ftp.persistence import persistently
from ..model import DIRECTORY, Entry, Problem, join
from ..options import SyncOptions
from ..records.claims import MAX_SYNC_STATE, SYNC_STATE, Claim, from_folder, from_sync_state, meta_file

if t.TYPE_CHECKING:
    from ..ftp.pool import Pool
    from ..ftp.session import Session

_MAX_META = 16 * 1024 * 1024  # bytes


def read_claims(
    pool: Pool, options: SyncOptions, local: t.Mapping[str, Entry]
) -> tuple[dict[str, Claim], list[Problem]]:
    """All claims, those of the server's side last: they know the content."""
    claims: dict[str, Claim] = {}
    for folder in ["", *(path for path, entry in local.items() if entry.kind == DIRECTORY)]:
        data = _read_local(os.path.join(options.local, *meta_file(folder).split("/")))
        if data:
            claims.update(from_folder(data, folder, options.host, options.remote_path))
    data, problems = _read_remote(pool, join(options.remote_path, SYNC_STATE))
    if data:
        found, problems = from_sync_state(data)
        claims.update(found)
    return claims, problems


def _read_local(path: str) -> bytes:
    with contextlib.suppress(OSError), open(path, "rb") as file:
        data = file.read(_MAX_META + 1)
        return data if len(data) <= _MAX_META else b""
    return b""


def _read_remote(pool: Pool, path: str) -> tuple[bytes, list[Problem]]:
    def step(session: Session) -> bytes:
        content = io.BytesIO()
        try:
            session.retrieve(path, content.write, limit=MAX_SYNC_STATE)
        except ServerRefused:
            return b""
        return content.getvalue()

    try:
        return persistently(pool, step), []
    except TooLarge:
        return b"", [Problem(SYNC_STATE, "nothing is taken over from it: it is too large")]
