# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What tells one run from all others: in its lock, and in the names of what it puts aside."""

from __future__ import annotations

import os


def new_run_id() -> str:
    """Twelve hexadecimal digits by chance."""
    return os.urandom(6).hex()
