# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Targets under the names that user scripts import, and which one a URL means (``spec/ftpsync-behaviour.md`` 2.1)."""

from __future__ import annotations

import os
import typing as t
from urllib.parse import unquote

from .api_errors import InvalidTarget, promised
from .endpoints.base import _get_encoding_opt, _Target
from .endpoints.folder import FsTarget
from .errors import UsageError
from .ftp_target import FtpTarget
from .metadata import DirMetadata
from .resources import DirectoryEntry, EntryPair, FileEntry, _Resource
from .url import NONE, SCHEMES, RemoteUrl, clean_path, parse_remote

__all__ = [
    "DirMetadata",
    "DirectoryEntry",
    "EntryPair",
    "FileEntry",
    "FsTarget",
    "FtpTarget",
    "_Resource",
    "_Target",
    "_get_encoding_opt",
    "make_target",
]


def make_target(url: str, extra_opts: dict[str, t.Any] | None = None) -> _Target:
    """The target that a URL or a path means; no connection is made yet.

    Parameters:
        url: ``ftp://`` (no TLS), ``ftps://`` (AUTH TLS, at port 990 implicit), ``ftpes://`` (AUTH TLS), or the
            path of a folder.
        extra_opts: options of this target alone.

    Raises:
        ValueError: it is neither; one line without any password.
    """
    scheme, separator, _rest = url.partition("://")
    if not (separator and scheme.lower() in SCHEMES):
        if separator and not os.path.isdir(os.path.expanduser(url)):
            _parsed(url)  # tells what is wrong with it
        return FsTarget(url, extra_opts)
    remote, path, written = _parsed(url)
    target = FtpTarget(
        path,
        remote.host,
        remote.port,
        remote.username,
        remote.password,
        tls=remote.tls != NONE,
        extra_opts=extra_opts,
    )
    target.tls_mode = remote.tls
    target.id_path = written
    return target


def _parsed(url: str) -> tuple[RemoteUrl, str, str]:
    """The server, the path decoded, and the path as it is written.

    The path is taken off first: it may hold an ``@``. It is written in ids as the user wrote it, since
    records of earlier runs know it so (B32).
    """
    scheme, separator, rest = url.partition("://")
    authority, _slash, tail = rest.partition("/")
    try:
        remote = parse_remote(f"{scheme}{separator}{authority}/")
    except UsageError as error:
        prefix = "remote: "
        text = str(promised(error))
        raise InvalidTarget(text[len(prefix) :] if text.startswith(prefix) else text) from None
    parts = [part for part in unquote(tail, "utf-8", "surrogateescape").split("/") if part not in ("", ".")]
    path = clean_path("/".join(parts))
    if path is None:
        raise InvalidTarget(f"the path '/{tail}' has a '..' part, a line end or NUL; write it from the server's root")
    return remote, path, f"/{tail}".rstrip("/") or "/"
