# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The filters of a run: patterns of the options, and of the files that they name."""

from __future__ import annotations

import os

from ..errors import LocalError, UsageError
from ..filters import Filters, parse_ignore_lines
from ..options import SyncOptions


def read_filters(options: SyncOptions) -> Filters:
    """What of the source takes part.

    Raises:
        LocalError: a file of ``exclude_from`` is unreadable.
        UsageError: a pattern is invalid.
    """
    patterns = [pattern for path in options.exclude_from for pattern in parse_ignore_lines(_read_text(path))]
    return Filters(options.match, [*patterns, *options.exclude], options.protect)


def refuse_published(option: str, path: str, source: str, filters: Filters) -> None:
    """Make sure that a file that we write is not published with the rest.

    Parameters:
        option: that names it.
        path: of the file.
        source: the folder that is uploaded.
        filters: what of that folder takes part.

    Raises:
        UsageError: it would be.
    """
    relative = os.path.relpath(os.path.realpath(path), os.path.realpath(source)).replace(os.sep, "/")
    parts = relative.split("/")
    folders = ("/".join(parts[:depth]) for depth in range(1, len(parts)))
    if parts[0] == ".." or not filters.includes(relative, False):
        return
    if all(filters.includes(folder, True) for folder in folders):
        raise UsageError(
            f"{option}: {path} lies in the folder that is uploaded, so that visitors could read it; put it elsewhere,"
            f" or add /{relative} to exclude"
        )


def _read_text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError as error:
        raise LocalError(f"exclude_from: {path} cannot be read: {error.strerror}") from None
