# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What is noted in a slot when it becomes the live one. Pure: bytes in, a value out, and back.

The manifest tells what is in a slot, this when it was live. A note of another publication than the manifest's
is of a version that was replaced in the slot since.
"""

from __future__ import annotations

import json

NOTE = "slot.json"
MAX_NOTE = 4096  # bytes

_FORMAT = 1


def dump(publication: str, turn: int) -> bytes:
    """The note as JSON."""
    note = {"format": _FORMAT, "publication": publication, "turn": turn}
    return (json.dumps(note) + "\n").encode("ascii")


def turn_of(data: bytes, publication: str | None) -> int:
    """When a publication was live; 0 for one that never was, as far as is known."""
    try:
        note = json.loads(data.decode("utf-8"))
        found, turn, version = note["publication"], note["turn"], note["format"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return 0
    sure = isinstance(turn, int) and not isinstance(turn, bool) and turn > 0
    return turn if sure and version == _FORMAT and publication is not None and found == publication else 0
