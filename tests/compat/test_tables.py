# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every row of the documented scenario, with our synchronizers: between folders, and with each of the four servers."""

from __future__ import annotations

import typing as t

import pytest

from tests.compat import scenario, tables
from tests.compat.conftest import on
from tests.compat.places import LOCK, Place
from tests.compat.programs import Ours, Outcome, command_line
from tests.servers import Server

ROWS = pytest.mark.parametrize("row", tables.OURS, ids=str)
# One of each sort: two ways, one way with everything, the other way without records.
SOME = [
    row
    for row in tables.OURS
    if (row.records, row.command, row.how)
    in {(True, "sync", "`skip`"), (True, "upload", "`local` +force +delete"), (False, "download", "`skip`")}
]


def check(ours: Ours, row: tables.Row, local: Place, remote: Place) -> None:
    scenario.prepare(ours, local, remote, records=row.records)
    options = {**row.options, **local.options, **remote.options}
    outcome = ours.run(row.command, local, remote, **options)
    assert_result(outcome, row, local, remote)
    assert_second_run(ours, row, local, remote, options)


def assert_result(outcome: Outcome, row: tables.Row, local: Place, remote: Place) -> None:
    assert outcome.error is None, outcome
    assert local.state() == scenario.expected(row.cells, "L")
    assert remote.state() == scenario.expected(row.cells, "R")
    assert outcome.counters == row.counters, outcome.output
    assert (outcome.stats["local_files"], outcome.stats["local_dirs"]) == scenario.FOUND
    assert not (remote.root / LOCK).exists()
    for place, side in ((local, "L"), (remote, "R")):
        if place.server is None:
            for path, mtime in scenario.expected_times(row.cells, side).items():
                assert place.mtime(path) == pytest.approx(mtime, abs=0.01), (side, path)


def assert_second_run(ours: Ours, row: tables.Row, local: Place, remote: Place, options: dict[str, t.Any]) -> None:
    before = local.raw(), remote.raw()
    if remote.server is not None:
        remote.server.mark()
    outcome = ours.run(row.command, local, remote, **options)
    assert outcome.error is None, outcome
    again = tables.writes_again(row)
    if again is not None:
        assert outcome.counters == again, outcome.output
        return
    assert outcome.changes == (0, 0, 0, 0), outcome.output
    assert (local.raw(), remote.raw()) == before
    if remote.server is not None:
        assert remote.server.writes() == []


@ROWS
def test_folders(ours: Ours, row: tables.Row, local: Place, folder: Place) -> None:
    check(ours, row, local, folder)


@ROWS
def test_servers(ours: Ours, row: tables.Row, local: Place, running_plain_server: Server) -> None:
    check(ours, row, local, on(running_plain_server))


@pytest.mark.parametrize("row", SOME, ids=str)
def test_servers_over_tls(ours: Ours, row: tables.Row, local: Place, running_tls_server: Server) -> None:
    check(ours, row, local, on(running_tls_server))


@pytest.mark.parametrize("row", SOME, ids=str)
def test_between_servers(ours: Ours, row: tables.Row, running_pyftpdlib: Server) -> None:
    left, right = on(running_pyftpdlib), on(running_pyftpdlib)
    scenario.prepare(ours, left, right, records=row.records)
    outcome = ours.run(row.command, left, right, **row.options)
    assert_result(outcome, row, left, right)
    assert_second_run(ours, row, left, right, row.options)


@pytest.mark.parametrize("row", SOME, ids=str)
def test_without_resolve_the_library_skips(ours: Ours, row: tables.Row, local: Place, folder: Place) -> None:
    options = {key: value for key, value in row.options.items() if key != "resolve"}
    like = (row.records, row.command, row.how.replace("`local`", "`skip`"))
    expected = next(other for other in tables.OURS if (other.records, other.command, other.how) == like)
    scenario.prepare(ours, local, folder, records=row.records)
    assert_result(ours.run(row.command, local, folder, **options), expected, local, folder)


@ROWS
def test_a_dry_run_touches_nothing(ours: Ours, row: tables.Row, local: Place, ftp: Place) -> None:
    scenario.prepare(ours, local, ftp, records=row.records)
    before = local.raw(), ftp.raw()
    assert ftp.server is not None
    ftp.server.mark()
    outcome = ours.run(row.command, local, ftp, dry_run=True, **row.options)
    assert outcome.error is None, outcome
    assert (local.raw(), ftp.raw()) == before
    assert ftp.server.writes() == []
    assert outcome.counters[5:] == row.counters[5:]


@pytest.mark.parametrize(("answer", "how"), [("S", "`skip`"), ("L", "`local`"), ("R", "`remote`")])
def test_answers_for_all_conflicts(ours: Ours, answer: str, how: str, local: Place, folder: Place) -> None:
    scenario.prepare(ours, local, folder, records=True)
    result = command_line("sync", local, folder, "--resolve", "ask", answers=answer + "\n")
    assert result.returncode == 0, result.stderr
    row = next(row for row in tables.OURS if row.records and (row.command, row.how) == ("sync", how))
    assert local.state() == scenario.expected(row.cells, "L")
    assert folder.state() == scenario.expected(row.cells, "R")
    assert result.stdout.count("Use Local, Remote, Older, Newer, Skip, Binary compare, Help ? ") == 1


@pytest.mark.parametrize(
    ("arguments", "summary"),
    [
        ("sync --resolve skip", "Wrote 6/15 files in 5 directories, skipped: 7."),
        ("sync --resolve local -n", "(DRY-RUN) Wrote 12/15 files in 5 directories, skipped: 0."),
        ("upload --resolve local --delete --force -n", "(DRY-RUN) Wrote 13/15 files in 5 directories, skipped: 0."),
    ],
)
def test_summary_lines(ours: Ours, arguments: str, summary: str, local: Place, folder: Place) -> None:
    scenario.prepare(ours, local, folder, records=True)
    command, *options = arguments.split()
    result = command_line(command, local, folder, *options)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1].startswith(summary), result.stdout
