# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path

from benchmarks import trees

ABOUT = {"date": "2026-11-22", "cores": 2, "python": "3.11.7", "load": "1", "server": "vsftpd"}


def test_page_chart_and_numbers(tmp_path: Path) -> None:
    rows = [trees.Row(1000, 100, 0.6, 0.5, 29.4), trees.Row(100_000, 5050, 40.0, 30.0, 140.0)]
    trees.write(tmp_path, ABOUT, rows)
    page = (tmp_path / "trees.md").read_text()
    assert page.endswith(
        "| 1,000 | 100 | 0.60 | 0.50 | 0.50 | 29 |\n| 100,000 | 5,050 | 40.00 | 30.00 | 0.30 | 140 |\n"
    )
    assert "to vsftpd" in page and "2 cores" in page
    assert "the record is fetched" in (tmp_path / "trees.svg").read_text()
    assert json.loads((tmp_path / "trees.json").read_text())["rows"][1]["peak"] == 140.0


def test_the_tree_is_of_the_size_that_was_asked_for(tmp_path: Path) -> None:
    folders = trees.make(tmp_path / "site", 45)
    found = list((tmp_path / "site").rglob("*"))
    assert sum(path.is_file() for path in found) == 45
    assert sum(path.is_dir() for path in found) == folders == 6
