# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes docs/reliability.md: `python -m tests.reliability [matrix|sample|soak|race|coverage NOTES]` after a run."""

from __future__ import annotations

import collections
import datetime
import json
import os
import platform
import sys
import typing as t
from pathlib import Path
from xml.etree import ElementTree

from tests import conftest
from tests.reliability import page, results, uncovered

PAGE = conftest.ROOT / "docs" / "reliability.md"
_MEASURED = {"ftp/": "ftp/", "records/": "records/", "apply/": "apply/", "plan.py": "plan.py"}


def _matrix(notes: Path) -> dict[str, t.Any]:
    every = int(os.environ.get("FULL_MATRIX", "1"))
    return {"every": every, "python": platform.python_version(), "points": results.counted(notes, "matrix")}


def _sample(report: Path) -> dict[str, t.Any]:
    """From the report of `pytest --junitxml`."""
    (suite,) = ElementTree.parse(report).getroot()
    return {"tests": int(suite.get("tests", "0")), "seconds": round(float(suite.get("time", "0")))}


def _soak(notes: Path) -> dict[str, t.Any]:
    servers: dict[str, dict[str, int]] = collections.defaultdict(dict)
    for row in results.counted(notes, "soak"):
        servers[row["server"]][row["came_of_it"]] = row["number"] * row["count"]
    return {"servers": servers}


def _race(notes: Path) -> dict[str, t.Any]:
    return {"servers": {row["server"]: row["count"] for row in results.counted(notes, "race")}}


def _coverage(report: Path) -> dict[str, t.Any]:
    """From the report of `coverage json`."""
    counts = {part: [0, 0] for part in _MEASURED}
    left: list[dict[str, str | None]] = []
    for path, file in json.loads(report.read_text(encoding="utf-8"))["files"].items():
        inside = path.partition("ftpsync/")[2]
        left += uncovered.branches(inside, file)
        for part, beginning in _MEASURED.items():
            if inside.startswith(beginning):
                counts[part][0] += file["summary"]["num_branches"]
                counts[part][1] += file["summary"]["covered_branches"]
    parts = [[part, number, taken, f"{100 * taken / number:.1f}"] for part, (number, taken) in counts.items() if number]
    for branch in left:
        if branch["why"] is None:
            print("no test takes {file}, {function}: {line} -> {then}, and no reason is given".format(**branch))
    return {"parts": parts, "left": left}


PARTS = {"matrix": _matrix, "sample": _sample, "soak": _soak, "race": _race, "coverage": _coverage}


def main(words: list[str]) -> None:
    if words:
        part, where = words
        today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
        results.store(part, {"date": today, **PARTS[part](Path(where))})
    PAGE.write_text(page.page(results.stored()), encoding="utf-8")


main(sys.argv[1:])
