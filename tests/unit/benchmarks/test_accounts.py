# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path

from benchmarks import accounts

ABOUT = {"date": "2026-11-22", "cores": 2, "python": "3.11.7", "ansible": "2.19.0", "load": "1", "forks": 20}


def test_page_chart_and_numbers(tmp_path: Path) -> None:
    accounts.write(tmp_path, ABOUT, [accounts.Row(1, 4.04, 3.0), accounts.Row(100, 120.0, 90.0)])
    page = (tmp_path / "accounts.md").read_text()
    assert page.endswith("| ---: |\n| 1 | 4.0 | 3.0 | 4.04, 3.00 |\n| 100 | 120.0 | 90.0 | 1.20, 0.90 |\n")
    assert "--forks 20" in page and "2 cores" in page
    assert "first deployment" in (tmp_path / "accounts.svg").read_text()
    assert json.loads((tmp_path / "accounts.json").read_text())["rows"][1]["accounts"] == 100
