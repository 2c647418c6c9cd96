# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the benchmark makes without a server: trees, floors, tables, charts."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import content, floor, report, svg
from benchmarks.link import KINDS
from benchmarks.measure import Measurement

SMALL = content.Tree("a few", 40, 7, 600, 1500)


def test_a_tree_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        content.make(SMALL, tmp_path / name)
    assert content.difference(tmp_path / "one", tmp_path / "two", lambda path: False) == ""
    assert len(content.digests(tmp_path / "one", lambda path: False)) == 40
    assert sum(path.is_dir() for path in (tmp_path / "one").rglob("*")) == 6


def test_the_website_is_as_it_is_described() -> None:
    sizes = content.SITE.sizes()
    assert len(sizes) == 2000
    assert sum(sizes) == pytest.approx(47_000_000, rel=0.01)
    assert statistics.median(sizes) == pytest.approx(6_000, rel=0.1)


def test_a_change_leaves_what_is_shared_alone(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    content.make(SMALL, tmp_path / "source")
    before = content.digests(tmp_path / "source", lambda path: False)
    content.copy(tmp_path / "source", tmp_path / "copy")
    content.change(tmp_path / "copy", "seed")
    assert content.digests(tmp_path / "source", lambda path: False) == before
    assert content.difference(tmp_path / "source", tmp_path / "copy", lambda path: False).startswith("15 files with")


@pytest.mark.parametrize(("name", "content_of_it", "what"), [("lost", None, "missing"), ("more", b"x", "too many")])
def test_a_wrong_result_is_noticed(tmp_path: Path, name: str, content_of_it: bytes | None, what: str) -> None:
    for side in ("left", "right"):
        (tmp_path / side).mkdir()
    (tmp_path / ("left" if content_of_it is None else "right") / name).write_bytes(b"")
    assert what in content.difference(tmp_path / "left", tmp_path / "right", lambda path: False)
    assert content.difference(tmp_path / "left", tmp_path / "right", lambda path: path == name) == ""


def test_floors() -> None:
    line, sizes = KINDS["60ms"], [1000] * 800
    small = floor.upload(line, sizes, "proftpd", 8, tls=False)
    assert small == pytest.approx(100 * 2 * 0.06 + 17 * 0.06 + 0.064)
    assert floor.upload(line, sizes, "proftpd", 8, tls=True) > small
    assert floor.upload(line, sizes, "vsftpd", 8, tls=False) == small
    assert floor.upload(line, sizes, "vsftpd", 8, tls=True) > floor.upload(line, sizes, "proftpd", 8, tls=True)
    assert floor.upload(line, [100_000], "proftpd", 8, tls=False) > floor.upload(
        line, [10_000], "proftpd", 8, tls=False
    )


def rows() -> list[Measurement]:
    made = []
    for client, seconds in (("ours", 10.0), ("lftp", 25.0), ("lftp", 35.0), ("lftp", 30.0)):
        row = Measurement("vsftpd", False, "60ms", "upload", client, len(made), 2000, 47_000_000)
        row.seconds, row.cpu, row.peak_kb, row.commands = seconds, 1.0, 2048, {"STOR": 2000}
        made.append(row)
    made.append(Measurement("vsftpd", False, "60ms", "upload", "pyftpsync", 0, 2000, 1, error="the server has no MLSD"))
    made.append(Measurement("vsftpd", False, "60ms", "upload", "rclone", 0, 2000, 1, 1.0, error="wrong result: x"))
    return made


def test_the_page(tmp_path: Path) -> None:
    about = {"date": "2026-01-01", "quick": False, "python": "3", "kernel": "6", "cores": 2, "versions": {"lftp": "4"}}
    report.write(tmp_path, about, rows())
    page = (tmp_path / "results.md").read_text()
    assert "| **this project** | 10.0 |" in page
    assert "| lftp, defaults | 30.0 (3.00) |" in page
    assert "| pyftpsync 4.1 | cannot: no MLSD |" in page
    assert "| rclone | wrong result |" in page
    assert "](upload-60ms.svg)" in page
    ElementTree.parse(tmp_path / "upload-60ms.svg")
    assert len(json.loads((tmp_path / "results.json").read_text())["measurements"]) == 6


def test_a_chart_shows_words_where_there_is_no_number() -> None:
    picture = svg.chart("A & B", "s", [("one", [svg.Bar("x", 3.0), svg.Bar("y", None, "fails <here>")])], {"one": 2.0})
    root = ElementTree.fromstring(picture)
    texts = [element.text for element in root.iter() if element.text]
    assert "A & B" in texts and "y: fails <here>" in texts and "floor" in texts
