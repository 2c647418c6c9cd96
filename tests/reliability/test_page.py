# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/reliability.md says what was found and what the code's constants are, and nothing else."""

from __future__ import annotations

from tests.conftest import ROOT
from tests.reliability import page, results, uncovered


def test_the_page_is_as_made() -> None:
    written = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    assert written == page.page(results.stored()), "run make reliability"


def test_nothing_was_violated() -> None:
    found = results.stored()
    assert [row for row in found.get("matrix", {}).get("points", []) if row["came_of_it"] == "violated"] == []


def test_each_branch_that_no_test_takes_has_a_reason() -> None:
    left = results.stored().get("coverage", {}).get("left", [])
    assert [branch for branch in left if not branch["why"]] == []


def test_reasons_are_about_lines_that_are_there() -> None:
    about = [(reason.file, line) for reason in uncovered.REASONS for line in reason.lines]
    assert [(file, line) for file, line in about if line not in uncovered.lines_of(file)] == []
