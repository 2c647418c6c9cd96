# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is printed and counted, beside pyftpsync 3.1.0 on equal trees: the same lines, in whatever order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.compat import scenario, tables
from tests.compat.places import Place
from tests.compat.programs import Ours, Outcome, Peer

OTHER = {(row.command, row.how, row.records) for row in tables.OURS if row.why}
ROWS = [row for row in tables.V3 if (row.command, row.how, row.records) not in OTHER]
# Of the clock, of the size of records, and what 3.1 has in no run or only by accident.
LEFT_OUT = re.compile(r"elap_|_time$|_rate_str$|meta_bytes|result_code|^errors$|^copy_errors$")
NOTES = re.compile(r"override_operation\(")  # what 3.1, unlike 4.x, says at level 4 about pairs that it decides anew


def lines(outcome: Outcome, place: Path) -> list[str]:
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", outcome.output).replace("\r", "\n").replace(str(place), "TOP")
    plain = re.sub(r"Elap: .*", "Elap:", plain)
    plain = plain.replace(", errors: 0.", ".")  # as in 4.1
    return sorted(line.rstrip() for line in plain.splitlines() if line.strip() and not NOTES.search(line))


def counted(outcome: Outcome) -> dict[str, object]:
    return {key: value for key, value in outcome.stats.items() if not LEFT_OUT.search(key)}


def compare(ours: Ours, v3: Peer, row: tables.Row, tmp_path: Path, **options: object) -> None:
    said, numbers = [], []
    for program in (v3, ours):
        top = tmp_path / program.version
        local, remote = Place(top / "L"), Place(top / "R")
        scenario.prepare(program, local, remote, records=row.records)
        outcome = program.run(row.command, local, remote, **row.options, **options)
        assert outcome.error is None
        said.append(lines(outcome, top))
        numbers.append(counted(outcome))
    assert said[1] == said[0]
    assert numbers[1] == numbers[0]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_lines_and_statistics(ours: Ours, v3: Peer, row: tables.Row, tmp_path: Path) -> None:
    compare(ours, v3, row, tmp_path)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_of_dry_runs(ours: Ours, v3: Peer, row: tables.Row, tmp_path: Path) -> None:
    compare(ours, v3, row, tmp_path, dry_run=True)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_of_talkative_runs(ours: Ours, v3: Peer, row: tables.Row, tmp_path: Path) -> None:
    compare(ours, v3, row, tmp_path, verbose=4)
