# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests have found, counted: from many processes, into the file that the page of reliability is made of.

With RELIABILITY_NOTES=<folder> in the environment each process adds a line to a file of its own there for each thing
tried; else nothing is kept.
"""

from __future__ import annotations

import collections
import json
import os
import typing as t
from pathlib import Path

Note = t.Dict[str, t.Any]

STORED = Path(__file__).parent / "results.json"


def note(part: str, **facts: t.Any) -> None:
    """Keeps what came of one thing that was tried."""
    folder = os.environ.get("RELIABILITY_NOTES")
    if folder:
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, f"{os.getpid()}.jsonl"), "a", encoding="utf-8") as file:
            file.write(json.dumps({"part": part, **facts}) + "\n")


def counted(folder: Path, part: str) -> list[Note]:
    """Equal notes of one part, each once, with their number as ``count``."""
    numbers: collections.Counter[str] = collections.Counter()
    for path in folder.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            facts = json.loads(line)
            if facts.pop("part") == part:
                numbers[json.dumps(facts, sort_keys=True)] += 1
    return [{**json.loads(facts), "count": number} for facts, number in sorted(numbers.items())]


def stored() -> dict[str, t.Any]:
    """What the last complete runs have found, by part."""
    return t.cast("dict[str, t.Any]", json.loads(STORED.read_text(encoding="utf-8"))) if STORED.exists() else {}


def store(part: str, found: t.Mapping[str, t.Any]) -> None:
    """Keeps what a complete run of one part has found, in place of the one before."""
    STORED.write_text(json.dumps({**stored(), part: found}, indent=1, sort_keys=True) + "\n", encoding="utf-8")
