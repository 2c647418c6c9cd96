# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every input that ever broke a promise, and seeds; some seconds of new ones from them. `make fuzz` takes hours.

An input that takes for ever fails by the timeout of all tests; how long the others take decides nothing.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.mutations import mutated
from tests.fuzz.targets import TARGETS

HERE = Path(__file__).resolve().parent
CORPUS = {name: sorted((HERE / "corpus" / name).iterdir()) for name in TARGETS}
INPUTS = [(name, file) for name, files in CORPUS.items() for file in files]
LARGEST = 10_000  # bytes of a file in the corpus
INPUTS_BY_US = 1500
RUNS = 3000


@pytest.mark.parametrize(("name", "file"), INPUTS, ids=[f"{name}-{file.name}" for name, file in INPUTS])
def test_the_corpus_keeps_all_promises(name: str, file: Path) -> None:
    data = file.read_bytes()
    assert len(data) <= LARGEST
    TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_new_inputs_keep_all_promises(name: str) -> None:
    seeds = [file.read_bytes() for file in CORPUS[name]]
    bad: list[str] = []
    for data in mutated(seeds, INPUTS_BY_US, sorted(TARGETS).index(name)):
        try:
            TARGETS[name](data)
        except Exception as error:  # noqa: BLE001 - to be told with the input
            bad.append(f"{type(error).__name__}: {error!s:.100}: {data!r:.500}")
    assert bad[:5] == []


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed: make fuzz does that")
@pytest.mark.parametrize("name", TARGETS)
def test_a_short_run_of_atheris(name: str, tmp_path: Path) -> None:
    command = [sys.executable, str(HERE / "fuzz.py"), name, str(tmp_path / "new"), f"-runs={RUNS}", "-seed=1"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert not list(tmp_path.glob("crash-*"))
