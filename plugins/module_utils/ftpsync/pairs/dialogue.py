# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What a user reads and answers when both sides changed (``spec/ftpsync-behaviour.md`` 7). Pure text."""

from __future__ import annotations

import typing as t

from ..util import pretty_stamp
from .tables import LOCAL, NEWEST, OLD, REMOTE, SKIP

if t.TYPE_CHECKING:
    from ..resources import EntryPair

CHOICES = {"l": LOCAL, "r": REMOTE, "o": OLD, "n": NEWEST, "s": SKIP}

# By command: the keys that it knows, and its question.
SYNC_KEYS, UPLOAD_KEYS, DOWNLOAD_KEYS = "lrons", "ls", "rs"
_WORDS = {"l": "Local", "r": "Remote", "o": "Older", "n": "Newer", "s": "Skip"}

HELP = {
    "l": "use the local file",
    "r": "use the remote file",
    "o": "use the older file",
    "n": "use the newer file",
    "s": "skip: leave both files as they are",
}


def question(keys: str) -> str:
    """The prompt for a set of keys."""
    words = [_WORDS[key] for key in keys]
    return f"Use {', '.join(words)}, Binary compare, Help ? "


def help_lines(keys: str) -> list[str]:
    """What the keys mean."""
    lines = [f"    {key}: {HELP[key]}" for key in keys]
    capitals = ", ".join(key.upper() for key in keys)
    return [
        "The following keys are supported:",
        *lines,
        "    b: compare both files byte by byte",
        "    h: this help",
        f"Capitals ({capitals}) answer for all conflicts to come; Ctrl+C ends the run.",
    ]


def describe(pair: EntryPair, record: t.Mapping[str, t.Any] | None) -> list[str]:
    """Say what is known of both sides of a conflict; the first line is the header.

    Parameters:
        record: of the entry, with ``m``, ``s`` and ``u``, or None.
    """
    since = "n.a." if record is None else pretty_stamp(record.get("u"))
    known = "    (No meta data available.)"
    if record is not None:
        size = record.get("s")
        known = f"    Original modification time: {pretty_stamp(record.get('m'))}, size: {size or 0:,} bytes."
    local = pair.local.as_string() if pair.local else "n.a."
    remote = pair.remote.as_string(pair.local) if pair.remote else "n.a."
    return [
        f"CONFLICT: {pair.rel_path!r} was modified on both targets since last sync ({since}).",
        known,
        f"    Local:  {local}",
        f"    Remote: {remote}",
    ]
