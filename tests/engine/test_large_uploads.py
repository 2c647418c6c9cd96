# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Large files are read once, and hashed while they leave; where that would prove too little they are hashed ahead."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import typing as t
from pathlib import Path

import pytest

from ftpsync import engine, publication
from ftpsync.apply import large
from ftpsync.model import SMALL
from ftpsync.scan import cache
from tests.engine import points
from tests.engine.conftest import STATE, attempt, tree_of, write_tree
from tests.faulty import Cut, Fault, FaultyFtp

MIB = 1024 * 1024
CONTENT = os.urandom(3 * MIB + 777)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[FaultyFtp]:
    points.quick(monkeypatch)
    (tmp_path / "server").mkdir()
    with FaultyFtp(root=tmp_path / "server") as running:
        yield running


@pytest.fixture
def local(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "local", {"big.bin": CONTENT, "index.html": b"x"})


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The large files that were hashed ahead."""
    found: list[str] = []
    real = large.hash_missing

    def hash_missing(root: t.Any, entries: t.Any, paths: t.Any, known: t.Any) -> None:
        wanted = list(paths)
        found.extend(p for p in wanted if entries[p].sha256 is None and (entries[p].size or 0) > SMALL)
        real(root, entries, wanted, known)

    for module in (large, engine, publication):
        monkeypatch.setattr(module, "hash_missing", hash_missing)
    return found


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """All files count as old."""
    monkeypatch.setattr(cache, "RACY", -60_000_000_000)


def run(server: FaultyFtp, local: Path, *faults: Fault, **options: t.Any) -> dict[str, t.Any]:
    server.misbehave(*faults)
    found = attempt(t.cast(t.Any, server), local, **{"connections": 1, "timeout": 5, "retries": 2, **options})
    server.settle()
    return found


def uploads(server: FaultyFtp) -> list[str]:
    """Names under which the large file was sent by the last run."""
    return [x.command.argument for x in server.record.data if x.command.verb == "STOR" and x.count > 100_000]


class Meanwhile(Fault):
    """Something happens once, amid a large upload."""

    def __init__(self, action: t.Callable[[], object]) -> None:
        self._actions = [action]

    def block(self, transfer: t.Any, block: bytes) -> bytes:
        if transfer.incoming and transfer.command.argument.endswith(".part") and self._actions:
            self._actions.pop()()
        return block


def cut() -> None:
    raise Cut


@pytest.mark.usefixtures("settled")
def test_its_digest_is_recorded_without_hashing_ahead(server: FaultyFtp, local: Path, ahead: list[str]) -> None:
    found = run(server, local)
    assert found["error"] is None and ahead == []
    manifest = json.loads((server.root / STATE / "manifest.json").read_bytes())
    assert manifest["records"]["big.bin"]["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    again = run(server, local)
    assert again["error"] is None and not again["changed"]
    os.utime(local / "big.bin")
    assert not run(server, local)["changed"]
    (local / "big.bin").write_bytes(CONTENT[::-1])
    assert run(server, local)["uploaded"] == ["big.bin"]
    assert tree_of(server.root)["big.bin"] == CONTENT[::-1]


def test_one_that_changed_just_now_is_hashed_ahead(server: FaultyFtp, local: Path, ahead: list[str]) -> None:
    os.utime(local / "big.bin", (1, 1))  # which makes it no older
    assert run(server, local)["error"] is None
    assert ahead == ["big.bin"]


@pytest.mark.usefixtures("settled")
def test_one_that_changes_while_it_is_sent_is_not_published(server: FaultyFtp, local: Path) -> None:
    def change() -> None:
        status = (local / "big.bin").stat()
        with (local / "big.bin").open("r+b") as file:
            file.write(b"another beginning")
        os.utime(local / "big.bin", ns=(status.st_atime_ns, status.st_mtime_ns))

    found = run(server, local, Meanwhile(change))
    assert "big.bin: the local file changed while it was sent" in found["error"]
    assert "big.bin" not in tree_of(server.root)
    assert not list((server.root / STATE / "stage").glob("*.part"))
    assert run(server, local)["error"] is None
    assert tree_of(server.root)["big.bin"] == (local / "big.bin").read_bytes()


@pytest.mark.usefixtures("settled")
def test_what_a_dead_run_left_is_written_again_only_if_it_is_of_the_same_file(server: FaultyFtp, local: Path) -> None:
    names = []
    for faults in ([Meanwhile(cut)], [Meanwhile(cut)], []):
        if not faults:
            (local / "big.bin").write_bytes(CONTENT[::-1])
        found = run(server, local, *faults, retries=0)
        names += [x.argument for x in server.record.commands if x.verb == "STOR" and x.argument.endswith(".part")]
    assert found["error"] is None and len(names) == 3
    assert names[0] == names[1] != names[2]
    assert tree_of(server.root)["big.bin"] == CONTENT[::-1]
    assert os.listdir(server.root / STATE / "stage") == []


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("same", [True, False])
def test_one_that_waits_in_the_stage_is_sent_again_only_if_it_differs(
    server: FaultyFtp, local: Path, ahead: list[str], same: bool
) -> None:
    assert run(server, local, publish="prepare")["error"] is None
    if not same:
        (local / "big.bin").write_bytes(CONTENT[::-1])
    assert run(server, local)["error"] is None
    assert len(uploads(server)) == (0 if same else 1) and ahead == ["big.bin"]
    assert tree_of(server.root)["big.bin"] == (local / "big.bin").read_bytes()


def test_no_thread_outlives_a_failure(server: FaultyFtp, local: Path) -> None:
    assert run(server, local, Meanwhile(cut), retries=0)["error"]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("sha256")]
