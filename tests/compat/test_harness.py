# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables are what pyftpsync really does: else the other tests would compare with a fable."""

from __future__ import annotations

import pytest

from tests.compat import scenario, tables
from tests.compat.places import Place
from tests.compat.programs import Peer


def check(program: Peer, row: tables.Row, local: Place, remote: Place) -> None:
    scenario.prepare(program, local, remote, records=row.records)
    outcome = program.run(row.command, local, remote, **row.options)
    assert outcome.error is None, outcome
    assert local.state() == scenario.expected(row.cells, "L")
    assert remote.state() == scenario.expected(row.cells, "R")
    assert outcome.counters == row.counters, outcome.output
    assert (outcome.stats["local_files"], outcome.stats["local_dirs"]) == scenario.FOUND


@pytest.mark.parametrize("row", tables.V3, ids=str)
def test_3_1(v3: Peer, row: tables.Row, local: Place, folder: Place) -> None:
    check(v3, row, local, folder)


@pytest.mark.parametrize("row", tables.V4, ids=str)
def test_4_1(v4: Peer, row: tables.Row, local: Place, folder: Place) -> None:
    check(v4, row, local, folder)


@pytest.mark.parametrize("row", [row for row in tables.V3 if row.command == "sync"], ids=str)
def test_3_1_on_a_server(v3: Peer, row: tables.Row, local: Place, ftp: Place) -> None:
    check(v3, row, local, ftp)


# Without records, `--delete` and `--force` complete in a second run what they did not do in the first: B3, B16.
SETTLED = [row for row in tables.V3 if row.records or not ("+delete" in row.how or "+force" in row.how)]


@pytest.mark.parametrize("row", SETTLED, ids=str)
def test_a_second_run_of_3_1(v3: Peer, row: tables.Row, local: Place, folder: Place) -> None:
    scenario.prepare(v3, local, folder, records=row.records)
    v3.run(row.command, local, folder, **row.options)
    before = local.state(), folder.state()
    outcome = v3.run(row.command, local, folder, **row.options)
    again = tables.writes_again(row)
    assert outcome.error is None
    if again is None:
        assert outcome.changes == (0, 0, 0, 0)
        assert (local.state(), folder.state()) == before
    else:
        assert outcome.counters == again
