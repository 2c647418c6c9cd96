# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run without changes costs by the size of the tree:  python -m benchmarks.trees"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import typing as t
from pathlib import Path

from . import svg
from .clients import Place
from .clients.ours import Ours
from .keeper import Keeper
from .link import KINDS, SERVER, Line, program

ROOT = Path(__file__).resolve().parent.parent
PER_FOLDER = 20
WORKS = {"fresh": "the record is fetched", "again": "a copy of it is there"}
_EARLIER = 1_600_000_000
_HEAD = """<!--
Copyright (c) 2026, webdeploy.ftp contributors
SPDX-License-Identifier: GPL-3.0-or-later
-->

# How big trees scale

Written by `make bench-trees`. Runs of `pyftpsync upload --record server --delete` that find nothing to do: the local
tree is read and hashed, all folders on the server are looked at, a plan is made. Whole processes, the median of three,
8 connections, on a line without limits to {server}, so that what is measured is work, and not waiting.

* Measured {date} on {cores} cores, Python {python}.
* Processes that ran or waited for these cores before it began: {load}.

![Seconds by number of files](trees.svg)

| files | folders | seconds, record fetched | with a copy of it | seconds per 1000 files | peak memory, MB |
| ---: | ---: | ---: | ---: | ---: | ---: |
"""


class Row(t.NamedTuple):
    """Seconds and peak memory of runs without changes."""

    files: int
    folders: int
    fresh: float
    again: float
    peak: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trees", description=__doc__)
    parser.add_argument("numbers", type=int, nargs="*", default=[1000, 10_000, 100_000], help="how many files")
    parser.add_argument("--server", default="vsftpd")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "performance")
    options = parser.parse_args()
    about = {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "cores": os.cpu_count(),
        "python": sys.version.split()[0],
        "load": f"{os.getloadavg()[0]:.0f}",
        "server": options.server,
    }
    rows = []
    for number in options.numbers:
        rows.append(measure(options.server, number))
        print(f"{number:7} files: {rows[-1].fresh:6.2f} s, {rows[-1].again:6.2f} s, {rows[-1].peak:.0f} MB", flush=True)
    write(options.output, about, rows)


def measure(server: str, number: int) -> Row:
    """Record a tree that lies on both sides, and look at it again."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="webdeploy-bench-")))
        line = stack.enter_context(Line(KINDS["loopback"]))
        keeper = stack.enter_context(Keeper(line, server, False))
        site, there = folder / "site", keeper.root / "site"
        folders = make(site, number)
        shutil.copytree(site, there)
        owner = keeper.root.stat()
        subprocess.run(["chown", "-R", f"{owner.st_uid}:{owner.st_gid}", str(there)], check=True)
        place = Place(server, SERVER, keeper.port, keeper.username, keeper.password, None, "/site", site)
        _run(line, place, _adopting(place))
        fresh = [_run(line, place, [*Ours().command("no-op", place), "--record-cache", ""]) for dummy in range(3)]
        again = [_run(line, place, Ours().command("no-op", place)) for dummy in range(4)][1:]
    peak = max(run["peak_kb"] for run in (*fresh, *again)) / 1024
    return Row(number, folders, _median(fresh), _median(again), peak)


def make(site: Path, number: int) -> int:
    """A tree of small files; how many folders it has."""
    folders = -(-number // PER_FOLDER)
    for folder in range(folders):
        path = site / f"section-{folder % 50:02}" / f"folder-{folder:05}"
        path.mkdir(parents=True)
        for count in range(min(PER_FOLDER, number - folder * PER_FOLDER)):
            file = path / f"page-{count:02}.html"
            file.write_text(f"{folder} {count}")
            os.utime(file, (_EARLIER + folder, _EARLIER + folder))
    return folders + min(50, folders)


def _adopting(place: Place) -> list[str]:
    """The engine's own way to record files that are there already, which the command line does not have."""
    options = {**Ours().engine_options(place), "adopt": "size", "use_netrc": False}
    code = (
        "import json, sys; from ftpsync import engine, options;"
        "found = engine.synchronize(options.validate(json.loads(sys.argv[1])), check=False);"
        "sys.exit(found.error or len(found.plan.operations))"
    )
    return [sys.executable, "-c", code, json.dumps(options)]


def _run(line: Line, place: Place, command: list[str]) -> dict[str, float]:
    result = place.local.parent / "result"
    ended = subprocess.run(
        [program("launch"), line.client_side, str(result), *command],
        env={**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(place.local.parent), **Ours().environment(place)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ended.returncode or ("Wrote" in ended.stdout and "Wrote 0/" not in ended.stdout):
        sys.exit(ended.stdout)
    numbers: dict[str, float] = json.loads(result.read_text())
    return numbers


def _median(runs: t.Sequence[t.Mapping[str, float]]) -> float:
    return sorted(run["seconds"] for run in runs)[len(runs) // 2]


def write(output: Path, about: t.Mapping[str, t.Any], rows: t.Sequence[Row]) -> None:
    """The page, its chart, and the raw numbers."""
    output.mkdir(parents=True, exist_ok=True)
    lines = [
        f"| {row.files:,} | {row.folders:,} | {row.fresh:.2f} | {row.again:.2f} | {row.again * 1000 / row.files:.2f}"
        f" | {row.peak:.0f} |\n"
        for row in rows
    ]
    (output / "trees.md").write_text(_HEAD.format(**about) + "".join(lines))
    groups = [
        (f"{row.files:,}", [svg.Bar(WORKS["fresh"], row.fresh), svg.Bar(WORKS["again"], row.again)]) for row in rows
    ]
    (output / "trees.svg").write_text(svg.chart("Seconds by number of files", "s", groups, {}))
    raw = {"about": dict(about), "rows": [row._asdict() for row in rows]}
    (output / "trees.json").write_text(json.dumps(raw, indent=1) + "\n")


if __name__ == "__main__":
    main()
