# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of results: what pyftpsync 3.1.0 did, and where this project deliberately does something else.

They are Markdown, in `tables/`. The files `ours-*.md` have the rows that differ, with one more column, the number
of the difference in docs/compatibility.md; the files `v4-*.md` those of pyftpsync 4.1.0.
"""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

FOLDER = Path(__file__).parent / "tables"
ENTRIES = (
    *(f"f{number}" for number in range(1, 10)),
    *(f"d{number}" for number in range(1, 8)),
    *(f"n{number}" for number in range(1, 7)),
)
NUMBERS = ("W", "up", "dn", "fd", "dd", "C", "S")


class Row(t.NamedTuple):
    command: str
    how: str  # resolve and options, as the table has them
    records: bool
    cells: dict[str, str]
    counters: tuple[int, ...]
    why: str = ""  # the number of the deliberate difference

    def __str__(self) -> str:
        how = re.sub(r"[^\w*.+=-]+", "_", self.how.replace("`", "")).strip("_")
        return f"{'with' if self.records else 'without'}-{self.command}-{how}"

    @property
    def options(self) -> dict[str, t.Any]:
        return options(self.how)


def options(how: str) -> dict[str, t.Any]:
    """`skip` +force +delete-unmatched, match `*1.txt` as the options of a synchronizer."""
    found: dict[str, t.Any] = {"resolve": how.split("`")[1]}
    for flag in re.findall(r"\+([a-z-]+)", how):
        found[flag.replace("-", "_")] = True
    if "delete_unmatched" in found:
        found["delete"] = True
    match = re.search(r"match `([^`]+)`", how)
    if match:
        found["match"] = match[1]
    return found


def read(name: str, *, records: bool) -> list[Row]:
    lines = [line for line in (FOLDER / name).read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    head, dummy, *body = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rows = []
    for line in body:
        cells = dict(zip(head, line))
        rows.append(
            Row(
                command=cells["command"],
                how=cells["resolve / options"],
                records=records,
                cells={entry: cells[entry] for entry in ENTRIES},
                counters=tuple(int(cells[number]) for number in NUMBERS),
                why=cells.get("why", ""),
            )
        )
    return rows


def with_differences(rows: t.Sequence[Row], differences: t.Sequence[Row]) -> list[Row]:
    """The rows, where one of the differences has the same command and options that one; then those that are new."""
    other = {(row.command, row.how): row for row in differences}
    found = [other.pop((row.command, row.how), row) for row in rows]
    return found + list(other.values())


V3 = read("with-records.md", records=True) + read("without-records.md", records=False)
V4 = read("with-records.md", records=True) + with_differences(
    read("without-records.md", records=False), read("v4-without-records.md", records=False)
)
OURS = with_differences(
    read("with-records.md", records=True), read("ours-with-records.md", records=True)
) + with_differences(read("without-records.md", records=False), read("ours-without-records.md", records=False))

# A second run finds nothing to do, but here: what was left alone because R (or L) was newer, without records, is a
# conflict as soon as the folder has records, and then the command says who wins.
SECOND = {
    ("upload", "`local`"): (3, 3, 0, 0, 0, 3, 0),
    ("upload", "`local` +delete"): (3, 3, 0, 0, 0, 3, 0),
    ("download", "`remote`"): (3, 0, 3, 0, 0, 3, 0),
    ("download", "`remote` +delete"): (3, 0, 3, 0, 0, 3, 0),
}


def writes_again(row: Row) -> tuple[int, ...] | None:
    """The counters of a second run that has something to do."""
    return None if row.records else SECOND.get((row.command, row.how))
