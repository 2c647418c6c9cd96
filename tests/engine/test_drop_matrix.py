# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run loses its connections, or is killed, at every point in turn.

It recovers by itself or says what it has done; no visitor ever gets a part of a file; no record claims what is not so;
and the next run ends in the wanted tree. Points are counted in replies, commands and bytes, never in seconds. `make
test` tries some of them, always the same ones; FULL_MATRIX=1 tries all.
"""

from __future__ import annotations

import signal
import typing as t
from pathlib import Path

import pytest

from tests.engine import drops
from tests.engine.drops import CASES, Case, Field
from tests.engine.nursery import Nursery
from tests.faulty import Fault, FaultyFtp, Gone

SIGNALS = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT]


@pytest.fixture
def field(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Field]:
    drops.quick(monkeypatch)
    with FaultyFtp(root=tmp_path) as server:
        yield Field(server, tmp_path, case)


def through(field: Field, points: t.Iterable[tuple[str, Fault]], run: t.Callable[[Fault], None]) -> list[str]:
    """Tries all points, each from the same beginning; gives those at which something did not hold, and what."""
    bad: list[str] = []
    for name, fault in points:
        field.begin(fault)
        try:
            run(fault)
            field.next_run()
        except Exception as error:  # noqa: BLE001 - a bug at one point must not hide the others
            bad.append(f"{name}: {type(error).__name__} {error}")
    return bad


def runs_by_itself(field: Field, retries: int) -> t.Callable[[Fault], None]:
    def run(fault: Fault) -> None:
        found = field.run(retries=retries)
        field.check_after_failure(found)
        if retries and not isinstance(fault, Gone):  # one lost connection is no failure
            assert found["error"] is None, found["error"]

    return run


@pytest.mark.parametrize("retries", [0, 2])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_control_connections_are_lost(field: Field, case: Case, retries: int) -> None:
    points = drops.chosen(drops.control_faults(field.replies), 29, CASES.index(case) + retries)
    assert through(field, points, runs_by_itself(field, retries)) == []


@pytest.mark.parametrize("retries", [0, 2])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_data_connections_are_lost(field: Field, case: Case, retries: int) -> None:
    points = drops.chosen(drops.data_faults(field.data), 11, CASES.index(case) + retries)
    assert through(field, points, runs_by_itself(field, retries)) == []


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_runs_are_killed(field: Field, case: Case, number: signal.Signals) -> None:
    with Nursery() as nursery:

        def run(_fault: Fault) -> None:
            nursery.start(**field.job())
            assert nursery.wait() == (2 if number == signal.SIGINT else -number)
            field.server.settle()
            field.check_after_failure({"raised": None, "error": "killed"})
            in_release = field.server.record.commands[-1].argument.startswith("/.ftpsync/lock")
            if number == signal.SIGINT and not in_release:  # it has the time to give its lock back
                assert not (field.server.root / ".ftpsync/lock").exists()

        points = drops.kill_faults(field.commands, field.data, lambda: nursery.kill(number))
        offset = CASES.index(case) + 2 * SIGNALS.index(number)
        assert through(field, drops.chosen(points, 19, offset), run) == []
