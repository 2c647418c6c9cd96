# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file that tells how far a run is."""

from __future__ import annotations

import fcntl
import json
import os
import time
import typing as t
from pathlib import Path

import pytest

from ftpsync.progress import file as progress_file
from ftpsync.progress.file import ProgressFile, newest
from ftpsync.progress.tally import Tally

F_SETPIPE_SZ = 1031  # by its name from Python 3.10 on


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_file, "INTERVAL", 0.01)


def lines(path: Path) -> list[dict[str, t.Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def wait_for(path: Path, **wanted: t.Any) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        now = newest(str(path))
        if now is not None and wanted.items() <= now._asdict().items():
            return
        time.sleep(0.001)
    raise AssertionError(f"no {wanted} among {lines(path)}")


def test_a_line_for_each_change(tmp_path: Path) -> None:
    path, tally = tmp_path / "progress", Tally()
    path.write_text("of another run\n")
    with ProgressFile(str(path), tally) as progress:
        wait_for(path, phase="scan", files_total=0, rate=0, remaining=None)
        time.sleep(0.1)  # nothing changes
        tally.phase = "transfer"
        tally.expect([300, 700])
        wait_for(path, phase="transfer", files_total=2, bytes_total=1000, bytes_done=0)
        tally.moved(300)
        tally.files_done = 1
        wait_for(path, files_done=1, bytes_done=300)
        tally.moved(1400)  # more than was planned on: a file has grown
        wait_for(path, bytes_done=1000)
    assert progress.problem is None
    told = lines(path)
    assert [line["phase"] for line in told][-1] == "done"
    assert all(before != after for before, after in zip(told, told[1:]))
    assert set(told[0]) == {
        *("phase", "files_done", "files_total", "bytes_done", "bytes_total", "rate", "remaining"),
    }


def test_ends_with_a_line_when_the_run_fails(tmp_path: Path) -> None:
    path = tmp_path / "progress"
    with pytest.raises(KeyboardInterrupt), ProgressFile(str(path), Tally()):
        raise KeyboardInterrupt
    assert lines(path)[-1]["phase"] == "done"


def test_is_given_up_where_it_cannot_be_written(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "missing" / "progress", tmp_path, tmp_path / "pipe", "/dev/full", "a\0b"):
        tally = Tally()
        with ProgressFile(str(path), tally) as progress:
            tally.moved(1)
        assert progress.problem is not None
        assert progress.problem.startswith(f"progress_file: {path} cannot be written (")


def test_a_reader_that_does_not_read_holds_nobody_up(tmp_path: Path) -> None:
    pipe, tally = tmp_path / "pipe", Tally()
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(reader, F_SETPIPE_SZ, 4096)
    try:
        with ProgressFile(str(pipe), tally) as progress:
            deadline = time.monotonic() + 60
            while progress.problem is None and time.monotonic() < deadline:
                tally.files_done += 1
                time.sleep(0.001)
        assert progress.problem is not None
    finally:
        os.close(reader)


def test_the_newest_line_is_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "progress"
    assert newest(str(path)) is None
    path.touch()
    assert newest(str(path)) is None
    with ProgressFile(str(path), Tally()):
        pass
    complete = path.read_bytes()
    for end in range(len(complete) // 2, len(complete) + 1):
        path.write_bytes(complete[:end])
        now = newest(str(path))
        assert now is None or now.phase in ("scan", "done")
