# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life of a synchronizer, between two folders."""

from __future__ import annotations

import json
import os
import shutil
import typing as t
from pathlib import Path

import pytest

from ftpsync.errors import PlanRefused
from ftpsync.pairs.base import IMPLAUSIBLE
from ftpsync.records.folder_file import META_FILE_NAME
from ftpsync.synchronizers import BaseSynchronizer, BiDirSynchronizer, UploadSynchronizer
from ftpsync.targets import FsTarget

EARLIER = 1_400_000_000


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("local", "remote"):
        (tmp_path / name).mkdir()
    return tmp_path / "local", tmp_path / "remote"


def put(folder: Path, path: str, content: str, mtime: int = EARLIER) -> None:
    there = folder / path
    there.parent.mkdir(parents=True, exist_ok=True)
    there.write_text(content)
    os.utime(there, (mtime, mtime))


def new_run(
    sides: tuple[Path, Path], kind: type[BaseSynchronizer] = BiDirSynchronizer, **options: t.Any
) -> BaseSynchronizer:
    local, remote = sides
    return kind(FsTarget(str(local)), FsTarget(str(remote)), {"verbose": 0, **options})


def test_one_synchronizer_runs_as_often_as_one_likes(sides: tuple[Path, Path]) -> None:
    local, remote = sides
    put(local, "d/a.txt", "a")
    run = new_run(sides)
    run.run()
    assert run.get_stats()["files_written"] == 1
    run.run()
    assert run.get_stats()["files_written"] == 0 and run.to_dict()["operations"] == []
    put(remote, "b.txt", "b")
    (local / "d/a.txt").unlink()
    run.run()
    assert {step["path"] for step in run.to_dict()["operations"]} == {"b.txt", "d/a.txt"}
    assert (local / "b.txt").read_text() == "b" and not (remote / "d/a.txt").exists()


def test_errors_of_one_run_are_not_those_of_the_next(sides: tuple[Path, Path]) -> None:
    local, remote = sides
    put(local, "x", "a file")
    put(remote, "x/y", "below a folder")
    run = new_run(sides)
    run.run()
    assert run.problem_count() == 1
    (local / "x").unlink()
    run.run()
    assert run.problem_count() == run.error_count() == 0 and run.to_dict()["conflicts"] == []


@pytest.mark.parametrize("emptied", ["remote", "local"])
@pytest.mark.parametrize("beside", [(), ("excluded.tmp",)], ids=["all", "all-but-one"])
def test_a_side_that_is_suddenly_empty(sides: tuple[Path, Path], emptied: str, beside: tuple[str, ...]) -> None:
    """Folders, and files that take no part, hide nothing of it. Nothing is written, not even records."""
    local, remote = sides
    for number in range(IMPLAUSIBLE):
        put(local, f"d{number % 3}/{number}.txt", "x")
    put(local, "gone.txt", "on neither side any more")
    new_run(sides).run()
    (local / "gone.txt").unlink()
    (remote / "gone.txt").unlink()
    full, empty = (local, remote) if emptied == "remote" else (remote, local)
    for name in beside:
        put(full, name, "x")
    shutil.rmtree(empty)
    empty.mkdir()
    meta = {path: path.read_bytes() for path in local.rglob(META_FILE_NAME)}
    kind, options = (UploadSynchronizer, {"delete": True}) if emptied == "local" else (BiDirSynchronizer, {})
    with pytest.raises(PlanRefused, match=f"the {emptied} folder is empty"):
        new_run(sides, kind, exclude=["*.tmp"], **options).run()
    assert len(list(full.rglob("[0-9]*.txt"))) == IMPLAUSIBLE
    assert {path: path.read_bytes() for path in local.rglob(META_FILE_NAME)} == meta


def test_fewer_files_may_all_be_deleted(sides: tuple[Path, Path]) -> None:
    local, remote = sides
    put(local, "d/a.txt", "a")
    new_run(sides).run()
    (remote / "d/a.txt").unlink()
    (remote / "d").rmdir()
    new_run(sides).run()
    assert list(local.iterdir()) == [local / META_FILE_NAME]
    assert "d" not in json.loads((local / META_FILE_NAME).read_text())["peer_sync"][str(remote)]


def test_small_files_of_ours_leave_their_neighbours_alone(tmp_path: Path) -> None:
    (tmp_path / "a.txt.new").write_text("somebody's")
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.write_text("somebody else's")
    (tmp_path / f"{META_FILE_NAME}.new").symlink_to(outside)
    target = FsTarget(str(tmp_path))
    target.open()
    target.write_text("a.txt", "ours")
    target.write_text(META_FILE_NAME, "{}")
    target.close()
    assert (tmp_path / "a.txt").read_text() == "ours" and (tmp_path / "a.txt.new").read_text() == "somebody's"
    assert outside.read_text() == "somebody else's"
