# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Names of files on their way, beside their destination (``publish: direct``). Pure.

They must be unique per run and content, short whatever the final name, and recognizable by a later
run, which sweeps them when the run that made them is dead (field notes 4.3, 10.6).
"""

from __future__ import annotations

import hashlib
import re

_PATTERN = re.compile(r"\.ftpsync-[0-9a-f]{12}-[0-9a-f]{16}(\.part|\.old)?\Z")


def temporary_name(run: str, key: str) -> str:
    """A name for one file of one run.

    Parameters:
        run: the run's id, 12 hexadecimal digits.
        key: what tells the file from all others of the run.
    """
    return f".ftpsync-{run}-{_digest(key)}"


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def is_aside(name: str, key: str) -> bool:
    """Whether a name is the one that the file of a key got to make room, of whatever run."""
    return name.endswith(f"-{_digest(key)}.old") and is_temporary(name)


def is_temporary(name: str) -> bool:
    """Whether a name is one of these, of whatever run."""
    return _PATTERN.match(name) is not None
