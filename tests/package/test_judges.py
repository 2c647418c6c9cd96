# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/judges.md claims no more than the logs say."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest

from tests.package.programs import load_script

judges = load_script("judges")

UNITS = """\
WARNING: Skipping unit tests on Python 3.14 because it could not be found.
Unit test modules with Python 3.8
============================= test session starts ==============================
================== 290 passed, 6 skipped, 3 warnings in 36.98s ==================
Unit test module_utils with Python 3.10
============================= test session starts ==============================
====================== 2377 passed in 70.70s (0:01:10) ======================
"""
SANITY = """\
Running sanity test "compile" on Python 3.8
Running sanity test "compile" on Python 3.10
Running sanity test "pylint"
"""
PASSED = "ansible-core 2.18.19, {}: passed, 3 runs, 120 s\n"
LOGS = {
    ("lint",): "== ruff\nAll checks passed!\n",
    ("sanity", "2.18"): SANITY + PASSED.format("sanity"),
    ("units", "2.18"): UNITS + PASSED.format("units"),
    ("integration", "2.18", "3.11", "3.8"): "PLAY RECAP ***\nPLAY RECAP ***\n" + PASSED.format("integration"),
    ("install", "2.18"): "1 passed in 20.01s\n",
}


def rendered(**changed: str) -> str:
    logs = {key: changed.get(key[0], log) for key, log in LOGS.items()}
    page: str = judges.render(logs, [datetime.date(2026, 3, 14)])
    return page


def test_what_passed_is_told_with_its_numbers() -> None:
    page = rendered()
    assert (
        "| 2.18.19 | 2 tests on Python 3.8 to 3.10: passed | 2,667 tests on Python 3.8 to 3.10: passed "
        "| 3.11 to 3.8: 2 targets passed | passed |"
    ) in page
    assert "ansible-core 2.18, modules, Python 3.8: 290 passed, 6 skipped, 3 warnings in 36.98s" in page
    assert "did not find: Python 3.14." in page
    assert "14 March 2026" in page


@pytest.mark.parametrize("command", ["sanity", "units", "integration", "install"])
def test_what_has_not_come_to_its_end_has_failed(command: str) -> None:
    log = next(log for key, log in LOGS.items() if key[0] == command)
    page = rendered(**{command: "\n".join(log.splitlines()[:-1])})
    assert page.count("**failed**") == 1


def test_what_was_not_run_is_told() -> None:
    page = judges.render({("sanity", "2.18"): LOGS["sanity", "2.18"]}, [datetime.date(2026, 3, 14)])
    assert "passed | not run | not run | not run |" in page


def test_the_days_are_those_of_the_logs(tmp_path: Path) -> None:
    for core, day in (("2.18", 14), ("2.21", 16), ("2.20", 15)):
        log = tmp_path / f"sanity-{core}.log"
        log.write_text(LOGS["sanity", "2.18"])
        noon = datetime.datetime(2026, 3, day, 12).timestamp()
        os.utime(log, (noon, noon))
    judges.main(tmp_path, tmp_path / "page.md")
    assert "This is what it said from 14 March 2026 to 16 March 2026." in (tmp_path / "page.md").read_text()
