# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fuzz one target with atheris, guided by what it covers: `fuzz.py TARGET [options of libFuzzer]`.

What is new goes to the first folder among the options, which is made; the corpus of the project is read besides. An
input that breaks a promise, takes longer than -timeout or more memory than -rss_limit_mb ends the program, and is kept
in a file `crash-…`, to be put into the corpus with its fix.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "plugins" / "module_utils")]
CORPUS = Path(__file__).resolve().parent / "corpus"

with atheris.instrument_imports(include=["ftpsync"]):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    name, *options = sys.argv[1:]
    new = next((option for option in options if not option.startswith("-")), None)
    if new is not None:
        Path(new).mkdir(parents=True, exist_ok=True)
    words = [sys.argv[0], "-timeout=20", "-rss_limit_mb=2048", "-max_len=4096", *options, str(CORPUS / name)]
    atheris.Setup(words, TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
