# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rollback loses its connections, or is killed, at every point in turn: as in test_drop_matrix.py."""

from __future__ import annotations

import signal
import typing as t
from pathlib import Path

import pytest

from tests.engine import points
from tests.engine.undoing import CASES, Case, Undoing
from tests.faulty import FaultyFtp


@pytest.fixture
def undoing(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Undoing]:
    points.quick(monkeypatch)
    with FaultyFtp(root=tmp_path) as server:
        yield Undoing(server, tmp_path, case)


@pytest.mark.parametrize("retries", [0, 2])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_control_connections_are_lost(undoing: Undoing, case: Case, retries: int) -> None:
    wanted = points.chosen(points.control_faults(undoing.replies), 89, CASES.index(case) + retries)
    assert undoing.lose(points.CONTROL, wanted, retries) == []


@pytest.mark.parametrize("retries", [0, 2])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_data_connections_are_lost(undoing: Undoing, case: Case, retries: int) -> None:
    wanted = points.chosen(points.data_faults(undoing.data), 31, CASES.index(case) + retries)
    assert undoing.lose(points.DATA, wanted, retries) == []


@pytest.mark.parametrize("number", points.SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_runs_are_killed(undoing: Undoing, case: Case, number: signal.Signals) -> None:
    assert undoing.kill(number, 31, CASES.index(case) + 2 * points.SIGNALS.index(number)) == []
