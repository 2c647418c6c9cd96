# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The statistics of a run, under the keys that scripts read (``spec/ftpsync-behaviour.md`` 10.7). Pure."""

from __future__ import annotations

import typing as t

COUNTERS = (
    "bytes_written",
    "conflict_files",
    "conflict_files_skipped",
    "copy_errors",
    "dirs_created",
    "dirs_deleted",
    "download_bytes_written",
    "download_files_written",
    "entries_seen",
    "entries_touched",
    "errors",
    "files_created",
    "files_deleted",
    "files_written",
    "interactive_ask",
    "local_dirs",
    "local_files",
    "meta_bytes_read",
    "meta_bytes_written",
    "remote_dirs",
    "remote_files",
    "upload_bytes_written",
    "upload_files_written",
)


def new_stats() -> dict[str, t.Any]:
    """Statistics of a run that has not begun."""
    return {**dict.fromkeys(COUNTERS, 0), "elap_secs": None, "elap_str": None, "result_code": None}


def finish(stats: dict[str, t.Any], seconds: float, moving: float) -> None:
    """Fill in what follows at the end.

    Parameters:
        stats: changed in place.
        seconds: the run took.
        moving: seconds of it in which content was copied.
    """
    stats["elap_secs"] = seconds
    stats["elap_str"] = f"{seconds:0.2f} sec"
    if stats["files_written"] and moving > 0:
        stats["write_time"] = moving
    for direction in ("upload", "download"):
        if stats[f"{direction}_files_written"] and moving > 0:
            stats[f"{direction}_write_time"] = moving
            stats[f"{direction}_rate_str"] = rate(stats[f"{direction}_bytes_written"], moving)


def rate(count: int, seconds: float) -> str:
    """Bytes a second, for people."""
    value, unit = count / seconds, "B"
    for larger in ("kB", "MB", "GB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:0.2f} {unit}/sec"
