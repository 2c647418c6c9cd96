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

from tests.engine import points
from tests.engine.drops import CASES, Case, Field
from tests.faulty import Drop, FaultyFtp, on_path
from tests.servers.certificates import server_context


@pytest.fixture
def field(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Field]:
    points.quick(monkeypatch)
    with FaultyFtp(root=tmp_path, tls=server_context() if case.tls else None) as server:
        yield Field(server, tmp_path, case)


@pytest.mark.parametrize("retries", [0, 2])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_control_connections_are_lost(field: Field, case: Case, retries: int) -> None:
    wanted = points.chosen(points.control_faults(field.replies), 43, CASES.index(case) + retries)
    assert field.lose(points.CONTROL, wanted, retries) == []


@pytest.mark.parametrize("retries", [0, 2])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_data_connections_are_lost(field: Field, case: Case, retries: int) -> None:
    wanted = points.chosen(points.data_faults(field.data), 17, CASES.index(case) + retries)
    assert field.lose(points.DATA, wanted, retries) == []


@pytest.mark.parametrize("number", points.SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_runs_are_killed(field: Field, case: Case, number: signal.Signals) -> None:
    assert field.kill(number, 29, CASES.index(case) + 2 * points.SIGNALS.index(number)) == []


@pytest.mark.parametrize("path", ["added.txt", "index.html"])
@pytest.mark.parametrize("case", [case for case in CASES if case.publish == "direct" and not case.backup], ids=str)
def test_an_unheard_rename_is_known_to_the_next_run(field: Field, path: str) -> None:
    """The file has its place, and its run does not know."""
    field.begin(Drop(on_path("RNTO", f"/{path}")))
    found = field.run(retries=0)
    assert found["error"] is not None and field.site[path] == field.new[path]
    field.check_after_failure(found)
    field.next_run()
