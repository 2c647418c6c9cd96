# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What tells one run from all others, in its lock, and in the names of what it puts aside; and when it is."""

from __future__ import annotations

import os
import time


def new_run_id() -> str:
    """Twelve hexadecimal digits by chance."""
    return os.urandom(6).hex()


def timestamp() -> str:
    """The time by this system's clock, as locks and records tell it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
