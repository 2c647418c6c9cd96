# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is made sure of under the lock, by a run that had only glanced at our folder before."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ftpsync.apply import exclusive
from ftpsync.ftp.options import ConnectOptions
from ftpsync.ftp.pool import Pool
from ftpsync.model import Record
from ftpsync.records import journal as journals
from ftpsync.records import manifest as manifests
from ftpsync.records.lock import Lock
from ftpsync.records.state import State, StateFolder
from tests.faulty import Fault, FaultyFtp

FOLDER = StateFolder("/.ftpsync", "/")


@pytest.fixture
def server(tmp_path: Path) -> t.Iterator[FaultyFtp]:
    (tmp_path / ".ftpsync").mkdir()
    with FaultyFtp(root=tmp_path) as running:
        yield running


@pytest.fixture
def pool(server: FaultyFtp) -> t.Iterator[Pool]:
    pool = Pool(ConnectOptions(server.host, server.port, server.username, server.password, timeout=5), 1)
    yield pool
    pool.close()


def manifest(generation: int) -> manifests.Manifest:
    return manifests.Manifest("/", generation, "", {"file": Record("file", 1, "0" * 64)}, {})


def glanced(pool: Pool) -> State:
    seen = FOLDER.glance(pool.open(FOLDER.questions()))
    assert seen is not None
    return FOLDER.read(pool.main, seen)


def signed(pool: Pool) -> Lock:
    """The lock, as a run holds it whose folder was known."""
    lock = Lock(FOLDER, "0123456789ab", 0, "now")
    lock.acquire(pool.main)
    lock.sign(pool.main)
    return lock


def up_to_date(pool: Pool, state: State) -> State:
    return exclusive.up_to_date(
        pool,
        FOLDER,
        state,
        signed(pool),
        state_of=lambda seen: seen,
        essence=lambda seen: seen.manifest,
        again=lambda: FOLDER.read(pool.main),
    )[1]


def test_the_folder_is_made_whole(server: FaultyFtp, pool: Pool) -> None:
    ours = server.root / ".ftpsync"
    (ours / "manifest.json").write_bytes(manifests.dump(manifest(1)))
    state = glanced(pool)
    assert up_to_date(pool, state).manifest == manifest(1)
    assert {path.name for path in ours.iterdir()} == {"manifest.json", "lock", "stage", "backup", ".htaccess"}


def test_the_folder_is_made_whole_after_a_run_that_was_killed(
    server: FaultyFtp, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exclusive, "MOMENT", 0.0)
    ours = server.root / ".ftpsync"
    (ours / "manifest.json").write_bytes(manifests.dump(manifest(1)))
    state = glanced(pool)
    (ours / "manifest.json").rename(ours / "manifest.previous.json")
    (ours / "journal.json").write_bytes(journals.dump(journals.Journal(1, {}, {})))
    fresh = up_to_date(pool, state)
    assert fresh.manifest == manifest(1) and fresh.journal is not None
    names = {path.name for path in ours.iterdir()}
    assert names == {"manifest.json", "journal.json", "lock", "stage", "backup", ".htaccess"}


def test_nothing_is_made_twice(server: FaultyFtp, pool: Pool) -> None:
    """A run that had listed the folder has made it whole before it took the lock."""
    (server.root / ".ftpsync/manifest.json").write_bytes(manifests.dump(manifest(1)))
    pool.open()
    up_to_date(pool, FOLDER.read(pool.main))
    assert [command.split()[0] for command in server.record.writes()] == ["MKD", "STOR"], "but the lock"


def test_records_that_change_all_the_time_are_not_read_without_end(server: FaultyFtp, pool: Pool) -> None:
    generations = iter(range(1, 100))

    def read_and_publish() -> State:
        seen = FOLDER.read(pool.main)
        (server.root / ".ftpsync/manifest.json").write_bytes(manifests.dump(manifest(next(generations))))
        return seen

    pool.open()
    read_and_publish()
    exclusive.up_to_date(
        pool,
        FOLDER,
        read_and_publish(),
        signed(pool),
        state_of=lambda seen: seen,
        essence=lambda seen: seen.manifest,
        again=read_and_publish,
    )
    assert next(generations) == 3 + exclusive.REPLANS


def test_a_plan_that_never_comes_to_rest_is_not_waited_for_without_end(
    server: FaultyFtp, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A killed run's commands come to an end; what goes on after that is somebody else's."""
    monkeypatch.setattr(exclusive, "MOMENT", 0.0)
    (server.root / ".ftpsync/journal.json").write_bytes(journals.dump(journals.Journal(0, {}, {})))
    numbers = iter(range(1000))
    pool.open()
    exclusive.up_to_date(
        pool,
        FOLDER,
        FOLDER.read(pool.main),
        signed(pool),
        state_of=lambda seen: seen,
        essence=lambda _seen: next(numbers),
        again=lambda: FOLDER.read(pool.main),
    )
    assert next(numbers) == 2 * exclusive.LOOKS


def test_files_that_never_come_to_rest_are_not_waited_for_without_end(
    server: FaultyFtp, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exclusive, "MOMENT", 0.0)
    paths = {f"/{number}" for number in range(1000)}
    left = iter(sorted(paths))

    class GoOn(Fault):
        def listed(self, session: t.Any, path: str, entries: list[t.Any]) -> list[t.Any]:
            (server.root / next(left)[1:]).touch()
            return entries

    server.faults = (GoOn(),)
    pool.open()
    there = exclusive.at_rest(pool.main, paths)
    assert there < paths
    assert sum(command.verb == "MLSD" for command in server.record.commands) == 1 + exclusive.LOOKS
