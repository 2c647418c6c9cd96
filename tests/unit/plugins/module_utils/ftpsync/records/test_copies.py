# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copies of manifests: whose they are, and what they are copies of."""

from __future__ import annotations

import contextlib
import os
import typing as t
from pathlib import Path

import pytest

from ftpsync.records import manifest as manifests
from ftpsync.records.copies import Copies, Glance
from ftpsync.records.manifest import Manifest


def dumped(generation: int) -> bytes:
    return manifests.dump(Manifest("/site", generation, "2026-11-22T00:00:00Z", {}, {}))


def test_a_copy_is_of_one_manifest_of_one_target(tmp_path: Path) -> None:
    copies, data = Copies(str(tmp_path), "joe@example.com:21/.ftpsync"), dumped(1)
    seen = Glance(len(data), 1_700_000_000)
    assert copies.find(seen) is None
    copies.keep(seen, data)
    assert copies.find(seen) == data
    assert copies.find(seen._replace(size=seen.size + 1)) is None
    assert copies.find(seen._replace(mtime=1_700_000_001)) is None
    assert copies.find(seen._replace(mtime=None)) is None
    assert Copies(str(tmp_path), "jim@example.com:21/.ftpsync").find(seen) is None
    assert copies.problems == []


@pytest.mark.parametrize("generation", [2, 3, 64])
def test_records_of_the_same_second_are_told_from_each_other(tmp_path: Path, generation: int) -> None:
    copies, older, newer = Copies(str(tmp_path), "target"), dumped(1), dumped(generation)
    copies.keep(Glance(len(older), 1_700_000_000), older)
    assert copies.find(Glance(len(newer), 1_700_000_000)) is None


@pytest.mark.parametrize("keep", [{"read_only": True}, {}])
def test_what_cannot_be_told_again_is_not_kept(tmp_path: Path, keep: dict[str, t.Any]) -> None:
    copies = Copies(str(tmp_path / "cache"), "target", **keep)
    copies.keep(Glance(3, None if not keep else 1_700_000_000), b"abc")
    assert not (tmp_path / "cache").exists()


def test_what_other_runs_finish_or_sweep_meanwhile_is_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many runs share a folder: what was there when it was listed may be renamed or gone a moment later."""
    (tmp_path / "other.manifest.123.new").write_bytes(b"half")
    (tmp_path / "old.manifest").write_bytes(b"old")
    os.utime(tmp_path / "old.manifest", (0, 0))
    scandir = os.scandir

    @contextlib.contextmanager
    def late(folder: str) -> t.Iterator[list[os.DirEntry[str]]]:
        with scandir(folder) as found:
            items = list(found)
        for item in items:
            os.unlink(item.path)
        yield items

    monkeypatch.setattr("ftpsync.records.copies.os.scandir", late)
    copies, data = Copies(str(tmp_path), "target"), dumped(1)
    copies.keep(Glance(len(data), 1_700_000_000), data)
    assert copies.problems == []
    assert copies.find(Glance(len(data), 1_700_000_000)) == data
