# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The filters of a run: patterns of the options, and of the files that they name."""

from __future__ import annotations

from ..errors import LocalError
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


def _read_text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError as error:
        raise LocalError(f"exclude_from: {path} cannot be read: {error.strerror}") from None
