# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bounds of the engine, for people: read from its constants, so that the page cannot say another number."""

from __future__ import annotations

import importlib
import typing as t

# What is bounded; module and constant; the unit.
TABLE: list[tuple[str, str, str, str]] = [
    ("a line of a reply", "ftp.wire", "MAX_LINE", "bytes"),
    ("a reply", "ftp.wire", "MAX_REPLY", "bytes"),
    ("a reply that lists a folder (STAT)", "ftp.wire", "MAX_LISTING", "bytes"),
    ("a command that is sent", "ftp.wire", "MAX_COMMAND", "bytes"),
    ("a name", "ftp.listing", "MAX_NAME", "bytes"),
    ("entries of one listing", "ftp.listing", "MAX_ENTRIES", ""),
    ("entries of a server's tree", "scan.remote", "MAX_ENTRIES", ""),
    ("entries of a local tree", "scan.local", "MAX_ENTRIES", ""),
    ("levels of folders on a server", "scan.remote", "MAX_DEPTH", ""),
    ("levels of folders here", "scan.local", "MAX_DEPTH", ""),
    ("a manifest, unpacked", "records.manifest", "MAX_BYTES", "bytes"),
    ("the owner file of a lock", "records.lock", "MAX_OWNER", "bytes"),
    ("records of one folder", "sides.server", "MAX_DOCUMENT", "bytes"),
    ("text of a server in a message", "ftp.wire", "MAX_TEXT", "characters"),
    ("commands under way", "ftp.session", "WINDOW_COMMANDS", ""),
    ("connections", "options", "MAX_CONNECTIONS", ""),
    ("first pause before another attempt, doubled each time", "ftp.work", "FIRST_PAUSE", "seconds"),
    ("longest pause before another attempt", "ftp.work", "_LONGEST_PAUSE", "seconds"),
    ("a run in which nothing moves", "ftp.work", "STALL", "seconds"),
    ("reconnections within one burst of renames", "apply.publish", "ATTEMPTS", ""),
    ("plans made anew because another run published", "apply.exclusive", "REPLANS", ""),
    ("heartbeats of a lock, one each", "records.lock", "BEAT_EVERY", "seconds"),
    ("a lock without a sign of life is taken over after", "records.lock", "STALE_AFTER", "seconds"),
    ("temporary files of dead two-sided runs are removed after", "pairs.performing", "LEFTOVER_AGE", "seconds"),
    ("least that is worth going on from in a cut transfer", "ftp.resume", "MARK", "bytes"),
]
_UNITS = (("MiB", 1 << 20), ("KiB", 1 << 10))


def rows() -> t.Iterator[tuple[str, str]]:
    """What is bounded, and by how much; then what options bound."""
    for what, module, constant, unit in TABLE:
        yield what, _shown(getattr(importlib.import_module(f"ftpsync.{module}"), constant), unit)
    from ftpsync.options import SyncOptions

    defaults = SyncOptions.__dataclass_fields__  # a dataclass with a default for each option
    yield "a reply, or progress of a transfer: `timeout`", f"{defaults['timeout'].default:g} seconds"
    yield "attempts for one file: `retries` and one more", f"{defaults['retries'].default + 1}"
    yield "the wait for a living lock: `lock_timeout`", f"{defaults['lock_timeout'].default:g} seconds"


def _shown(value: float, unit: str) -> str:
    if unit == "bytes":
        for name, size in _UNITS:
            if value % size == 0:
                return f"{value // size:,} {name}"
    return f"{value:,g} {unit}".strip() if value < 100_000 else f"{value:,} {unit}".strip()
