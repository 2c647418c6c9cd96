# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[3]
_COMPILE = """
import sys
from pathlib import Path
from benchmarks import link
link._CACHE = Path(sys.argv[1])
print(link.program("launch"))
"""


@pytest.mark.skipif(not shutil.which("cc"), reason="this machine has no C compiler")
def test_benchmarks_that_begin_together_compile_the_same_program(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _COMPILE, str(tmp_path / "cache")]
    begun = [subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) for dummy in range(4)]
    said = [process.communicate()[0].strip() for process in begun]
    assert [process.returncode for process in begun] == [0, 0, 0, 0]
    assert set(said) == {said[0]} and Path(said[0]).exists()
