# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run tells of its progress while it runs."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest

from ftpsync import engine, options
from ftpsync.progress.tally import Tally
from tests.engine.conftest import settings, write_tree
from tests.faulty import DataDrop, FaultyFtp, Which, on
from tests.servers import Server

SIZES = {"large": 3_000_000, "medium": 300_000, "d/small": 5, "d/empty": 0}
TOTAL = sum(SIZES.values())


class Watched(Tally):
    """Remembers what could be seen at any time."""

    def begin(self) -> None:
        self.phases: list[str] = []
        self.bytes: list[int] = []
        super().begin()

    def __setattr__(self, name: str, value: t.Any) -> None:
        super().__setattr__(name, value)
        if name == "phase" and self.phases[-1:] != [value]:
            self.phases.append(value)
        if name == "bytes_done":
            self.bytes.append(value)


@pytest.fixture
def server(ftp_server: t.Callable[..., Server]) -> Server:
    return ftp_server("pyftpdlib")


def write_files(folder: Path) -> Path:
    return write_tree(folder, {path: os.urandom(size) for path, size in SIZES.items()})


def run(server: Server, local: Path, **changed: t.Any) -> Watched:
    tally = Watched()
    wanted = options.validate(settings(server, local, **changed))
    result = engine.synchronize(wanted, check=False, tally=tally)
    assert result.error is None
    return tally


ONE_SIDED = ["scan", "plan", "transfer", "publish", "delete", "record", "done"]
TWO_SIDED = ["scan", "plan", "transfer", "delete", "record", "done"]


@pytest.mark.parametrize(
    ("phases", "changed"),
    [
        (ONE_SIDED, {}),
        (["scan", "plan", "publish", "transfer", "delete", "record", "done"], {"publish": "direct"}),
        (["scan", "plan", "transfer", "done"], {"publish": "prepare"}),
        (["scan", "plan", "transfer", "publish", "delete", "done"], {"record": "none"}),
        (TWO_SIDED, {"record": "folder"}),
        (TWO_SIDED, {"direction": "sync"}),
    ],
)
def test_counts_up_to_the_total(server: Server, tmp_path: Path, phases: list[str], changed: dict[str, t.Any]) -> None:
    tally = run(server, write_files(tmp_path / "site"), **changed)
    assert tally.phases == phases
    assert tally.bytes == sorted(tally.bytes)
    assert len(set(tally.bytes)) > len(SIZES)  # within the large file, too
    assert (tally.bytes_done, tally.bytes_total) == (TOTAL, TOTAL)
    assert (tally.files_done, tally.files_total) == (len(SIZES), len(SIZES))


def test_downloads_count_as_well(server: Server, tmp_path: Path) -> None:
    run(server, write_files(tmp_path / "site"), record="none")
    tally = run(server, tmp_path / "copy", direction="download")
    assert tally.phases == TWO_SIDED
    assert tally.bytes == sorted(tally.bytes)
    assert (tally.bytes_done, tally.files_done) == (TOTAL, len(SIZES))


def test_only_what_is_sent_counts(server: Server, tmp_path: Path) -> None:
    site = write_files(tmp_path / "site")
    run(server, site)
    (site / "new").write_bytes(b"12345")
    tally = run(server, site)
    assert (tally.bytes_done, tally.bytes_total, tally.files_done, tally.files_total) == (5, 5, 1, 1)
    tally = run(server, site)
    assert tally.phases == ["scan", "plan", "done"]
    assert (tally.bytes_total, tally.files_total) == (0, 0)


@pytest.mark.parametrize("record", ["server", "folder"])
def test_a_failed_attempt_is_taken_back(tmp_path: Path, record: str) -> None:
    site = write_files(tmp_path / "site")
    with FaultyFtp() as server:

        def recover() -> None:
            server.faults = ()

        server.misbehave(DataDrop(Which(when=on("STOR")), after=500_000, action=recover))
        tally = Watched()
        login = {"remote": server.url, "username": server.username, "password": server.password, "use_netrc": False}
        wanted = options.validate({"local": str(site), "connections": 1, "record": record, **login})
        assert engine.synchronize(wanted, check=False, tally=tally).error is None
    assert tally.bytes != sorted(tally.bytes)
    assert max(tally.bytes) == tally.bytes_done == TOTAL
    assert tally.files_done == len(SIZES)
