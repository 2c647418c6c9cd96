# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run programs to their end, and scripts part by part."""

from __future__ import annotations

import os
import subprocess
import sys
import types
from importlib import util
from pathlib import Path

from tests.conftest import ROOT

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


def load_script(name: str) -> types.ModuleType:
    """A Python script out of scripts/, with its functions."""
    spec = util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
