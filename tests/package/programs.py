# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run programs to their end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

GALAXY = str(Path(sys.executable).parent / "ansible-galaxy")
PLAYBOOK = str(Path(sys.executable).parent / "ansible-playbook")


def run(*command: str, cwd: Path, **environment: str) -> str:
    """What a program says, which has to succeed; with more environment variables."""
    result = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        text=True,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert result.returncode == 0, result.stdout
    return result.stdout
