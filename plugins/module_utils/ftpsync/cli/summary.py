# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The last line of a run (behaviour 1.5), and the version line. Pure."""

from __future__ import annotations

import typing as t

from ..pairs.lines import DRY_RUN_PREFIX

STATISTICS_LEVEL = 5  # from here on all numbers, instead of the line
SUMMARY_LEVEL = 1


def summary(stats: t.Mapping[str, t.Any], verbose: int, dry_run: bool) -> str | None:
    """What to print at the end, or None.

    Parameters:
        stats: as ``get_stats()`` returns them (behaviour 10.7).
        verbose: level of output.
    """
    if verbose >= STATISTICS_LEVEL:
        import pprint

        return pprint.pformat(dict(stats))
    if verbose < SUMMARY_LEVEL:
        return None
    # 3.1 ends with the first error and has no number for them; so they are told only if there are any.
    errors = f", errors: {stats['errors']}" if stats.get("errors") else ""
    # How long the user has thought about the answers says nothing about the run.
    elapsed = "" if stats.get("interactive_ask") else f" Elap: {stats.get('elap_str')}."
    return (
        f"{DRY_RUN_PREFIX if dry_run else ''}Wrote {stats['files_written']}/{stats['local_files']} files in "
        f"{stats['local_dirs']} directories, skipped: {stats['conflict_files_skipped']}{errors}.{elapsed}"
    )
