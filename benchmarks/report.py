# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run leaves: a page with tables, a chart for each of them, and the raw numbers."""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t
from pathlib import Path

from . import floor, svg, table
from .clients import CLIENTS
from .clients.base import CONNECTIONS
from .content import CHANGES, FEW_TINY, SITE, SMALL_SITE, TINY
from .link import KINDS
from .measure import Measurement
from .table import OURS, Results

_WORKS = {
    "upload": "Upload of a website",
    "no-op": "Again, with nothing changed",
    "change": f"Again, with {CHANGES} files changed",
    "download": "Download of the website",
    "big upload": "Upload of one large file",
    "big download": "Download of one large file",
    "tiny upload": "Upload of many tiny files",
    "tiny no-op": "Many tiny files, nothing changed",
}
_HEAD = """<!--
Copyright (c) 2026, webdeploy.ftp contributors
SPDX-License-Identifier: GPL-3.0-or-later
-->

# How fast

Written by `make bench`; anybody can run it, as root on Linux. Seconds of whole processes, medians of the rounds, which
take the clients in turn; in brackets how many times as long as ours. After each run the contents are compared, and one
that is fast and wrong counts as failed. Every client has {connections} connections, but pyftpsync, which has one. Ours
works as it always does: content staged, checked, renamed into place, listed again, recorded.
"""


def write(output: Path, about: dict[str, t.Any], rows: list[Measurement]) -> None:
    output.mkdir(parents=True, exist_ok=True)
    raw = {"about": about, "measurements": [dataclasses.asdict(row) for row in rows]}
    (output / "results.json").write_text(json.dumps(raw, indent=1) + "\n")
    results = Results(rows)
    lines = [_HEAD.format(connections=CONNECTIONS), *_setting(about)]
    for group in results.groups():
        if not any(results.cell(group, server, OURS).rows for server in results.servers(group)):
            continue
        lines += _section(output, results, group, rows)
    (output / "results.md").write_text("\n".join(lines).rstrip() + "\n")


def _setting(about: dict[str, t.Any]) -> t.Iterator[str]:
    told = {
        CLIENTS[name].label.replace(",", " ").split()[0]: version
        for name, version in about["versions"].items()
        if name != OURS
    }
    numbers = {label: re.search(r"[0-9]+(\.[0-9]+)+", version) for label, version in told.items()}
    versions = ", ".join(
        label if number is None or number[0] in label else f"{label} {number[0]}" for label, number in numbers.items()
    )
    yield f"* Measured {about['date']} on {about['cores']} cores, Linux {about['kernel']}, Python {about['python']}."
    yield f"* {versions}."
    tree = SMALL_SITE if about["quick"] else SITE
    total = sum(tree.sizes())
    yield f"* The website: {tree.files} files in {tree.folders} folders, {total / 1e6:.0f} MB, half of them below 6 KB."
    tiny = FEW_TINY if about["quick"] else TINY
    yield f"* Tiny files: {tiny.files}, of 500 bytes. One large file: {'128 MiB' if about['quick'] else '1 GiB'}."
    yield "* Lines: 100 Mbit/s with the round trip given; loopback without limit."
    yield "* The floor is counted: round trips that FTP and TCP cannot do without, and the bytes."
    if about.get("note"):
        yield f"* {about['note']}"
    yield ""


def _section(output: Path, results: Results, group: tuple[str, str, bool], rows: list[Measurement]) -> t.Iterator[str]:
    line, work, tls = group
    title = f"{_WORKS[work]}, {line}{', FTPS' if tls else ''}"
    floors = _floors(results, group, rows)
    name = f"{work}-{line}{'-tls' if tls else ''}.svg".replace(" ", "-")
    bars = []
    for server in results.servers(group):
        cells = [(client, results.cell(group, server, client)) for client in results.clients(group)]
        shown = [svg.Bar(CLIENTS[client].label, cell.seconds) for client, cell in cells if cell.seconds is not None]
        if shown:
            bars.append((server, shown))
    yield f"## {title}"
    yield ""
    if bars:
        (output / name).write_text(svg.chart(title, "s", bars, floors))
        yield f"![{title}: seconds by client and server]({name})"
        yield ""
    yield from table.speed(results, group, floors)
    yield ""
    yield "<details><summary>Processor, memory, commands</summary>"
    yield ""
    yield from table.cost(results, group)
    yield ""
    yield "</details>"
    yield ""


def _floors(results: Results, group: tuple[str, str, bool], rows: list[Measurement]) -> dict[str, float]:
    line, work, tls = group
    kind = KINDS[line]
    if work != "upload" or not kind.rtt:
        return {}
    files = next(row.files for row in rows if (row.line, row.work, row.tls) == group)
    tree = next(tree for tree in (SITE, SMALL_SITE) if tree.files == files)
    return {server: floor.upload(kind, tree.sizes(), server, CONNECTIONS, tls) for server in results.servers(group)}
