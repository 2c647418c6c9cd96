# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Downloads, two-way runs and uploads with records in folders lose their connections, or are killed, at every point.

They recover by themselves or say what they have done; no file of either side is ever partial; no record claims what
is not so; the next run ends with both sides as wanted, and a further one has nothing to do. `make test` tries some
points, always the same ones; FULL_MATRIX=1 tries all.
"""

from __future__ import annotations

import signal
import typing as t
from pathlib import Path

import pytest

from tests.engine import points
from tests.engine.two_drops import CASES, Case, TwoSides
from tests.faulty import FaultyFtp

BY_OPTIONS = [case for case in CASES if not case.api]


@pytest.fixture
def sides(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[TwoSides]:
    points.quick(monkeypatch)
    with FaultyFtp(root=tmp_path) as server:
        yield TwoSides(server, tmp_path, case)


@pytest.mark.parametrize("retries", [0, 2])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_control_connections_are_lost(sides: TwoSides, case: Case, retries: int) -> None:
    wanted = points.chosen(points.control_faults(sides.replies), 67, CASES.index(case) + retries)
    assert sides.lose(points.CONTROL, wanted, retries) == []


@pytest.mark.parametrize("retries", [0, 2])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_data_connections_are_lost(sides: TwoSides, case: Case, retries: int) -> None:
    wanted = points.chosen(points.data_faults(sides.data), 19, CASES.index(case) + retries)
    assert sides.lose(points.DATA, wanted, retries) == []


@pytest.mark.parametrize("number", points.SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("case", BY_OPTIONS, ids=str)
def test_runs_are_killed(sides: TwoSides, case: Case, number: signal.Signals) -> None:
    assert sides.kill(number, 23, CASES.index(case) + 2 * points.SIGNALS.index(number)) == []
