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
from ..model import DIRECTORY, FILE, Entry, Problem, join
from ..options import SyncOptions
from ..records.claims import (
    DEPLOYMENT,
    MAX_SYNC_STATE,
    SYNC_STATE,
    Claim,
    deployed_md5,
    from_deployment,
    from_folder,
    from_sync_state,
    meta_file,
    unread,
)

if t.TYPE_CHECKING:
    from ..ftp.pool import Pool
    from ..ftp.session import Session

_MAX_META = 16 * 1024 * 1024  # bytes
MAX_CLAIMED = 256 * 1024 * 1024  # bytes of a local file that is read to confirm a claim


def read_claims(
    pool: Pool, options: SyncOptions, local: t.Mapping[str, Entry]
) -> tuple[dict[str, Claim], list[Problem]]:
    """All claims, those of the server's side last: they know the content."""
    claims: dict[str, Claim] = {}
    for folder in ["", *(path for path, entry in local.items() if entry.kind == DIRECTORY)]:
        data = _read_local(os.path.join(options.local, *meta_file(folder).split("/")))
        if data:
            claims.update(from_folder(data, folder, options.host, options.remote_path))
    problems: list[Problem] = []
    data = _read_remote(pool, options, DEPLOYMENT, problems)
    if data:
        deployed, wrong = from_deployment(data)
        claims.update(_unchanged_since(options.local, local, deployed))
        problems += wrong
    data = _read_remote(pool, options, SYNC_STATE, problems)
    if data:
        found, wrong = from_sync_state(data)
        claims.update(found)
        problems += wrong
    return claims, problems


def _unchanged_since(root: str, local: t.Mapping[str, Entry], deployed: t.Mapping[str, str]) -> dict[str, Claim]:
    """Local files that still have the content that was deployed; of others nothing but an MD5 is known."""
    found: dict[str, Claim] = {}
    for path, digest in deployed.items():
        entry = local.get(path)
        if entry is None or entry.kind != FILE or entry.size is None or entry.size > MAX_CLAIMED:
            continue
        with contextlib.suppress(OSError), open(os.path.join(root, *path.split("/")), "rb") as file:
            if deployed_md5(file.read()) == digest:
                found[path] = Claim(entry.size, None, entry.mtime)
    return found


def _read_local(path: str) -> bytes:
    with contextlib.suppress(OSError), open(path, "rb") as file:
        data = file.read(_MAX_META + 1)
        return data if len(data) <= _MAX_META else b""
    return b""


def _read_remote(pool: Pool, options: SyncOptions, name: str, problems: list[Problem]) -> bytes:
    """A file in the root on the server; nothing where there is none."""

    def step(session: Session) -> bytes:
        content = io.BytesIO()
        try:
            session.retrieve(join(options.remote_path, name), content.write, limit=MAX_SYNC_STATE)
        except ServerRefused:
            return b""
        return content.getvalue()

    try:
        return persistently(pool, step)
    except TooLarge:
        problems.append(unread(name, "it is too large"))
        return b""
