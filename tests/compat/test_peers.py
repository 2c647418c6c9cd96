# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""With real releases of pyftpsync on the same folders: records are shared, and decisions are the same."""

from __future__ import annotations

import itertools
import json
import shutil
import typing as t
from pathlib import Path

import pytest

from tests.compat.conftest import on
from tests.compat.places import META, Place, State
from tests.compat.programs import Ours, Peer, Program
from tests.compat.random_trees import Story
from tests.compat.scenario import NOON
from tests.servers import Server

ORDERS = [*itertools.permutations(("ours", "v3", "v4")), ("ours", "v3", "ours"), ("v3", "ours", "v3")]


SOME_ORDERS = [("ours", "v3", "v4"), ("v3", "v4", "ours"), ("v4", "ours", "v3")]


@pytest.fixture
def programs(ours: Ours, v3: Peer, v4: Peer) -> dict[str, Program]:
    return {"ours": ours, "v3": v3, "v4": v4}


@pytest.fixture(params=ORDERS, ids="-".join)
def order(request: pytest.FixtureRequest, programs: dict[str, Program]) -> list[Program]:
    """Who runs first, second and third."""
    return [programs[name] for name in request.param]


@pytest.fixture(params=SOME_ORDERS, ids="-".join)
def some_order(request: pytest.FixtureRequest, programs: dict[str, Program]) -> list[Program]:
    """Fewer of them: each is first once."""
    return [programs[name] for name in request.param]


def fill(local: Place, remote: Place) -> None:
    """Two trees that have something in common, something apart, and names that are not plain."""
    for number, path in enumerate(["a.txt", "Größe & Maß.txt", "d/b.txt", "d/Deep/c.bin", "e f/x;y.txt", "zero"]):
        local.write(path, f"local {number}" if path != "zero" else "", NOON + 100 * number + 0.25)
    for number, path in enumerate(["r.txt", "g/s.txt", "g/H/t.txt"]):
        remote.write(path, f"remote {number}", NOON + 1000 * number)
    for place in (local, remote):
        place.write("same.txt", "the same", NOON)
        place.write("d/same too.txt", "the same, too", NOON)


def change(local: Place, remote: Place) -> None:
    """New and changed files on each side, and deletions in R: those in L are for us to carry out, see B3 and B54."""
    local.write("a.txt", "changed in L", NOON + 5000)
    local.write("d/new in L.txt", "new", NOON + 5000)
    local.write("new/n.txt", "in a new folder", NOON + 5000)
    remote.delete("Größe & Maß.txt")
    remote.write("d/b.txt", "changed in R, longer", NOON + 6000)
    remote.write("g/new in R.txt", "new", NOON + 6000)
    remote.delete("d/Deep/c.bin")


def assert_nothing_to_do(program: Program, command: str, local: Place, remote: Place) -> None:
    before = local.state(), remote.state()
    outcome = program.run(command, local, remote)
    assert outcome.error is None, (program.version, outcome)
    assert outcome.changes == (0, 0, 0, 0), (program.version, outcome.output)
    assert outcome.stats["conflict_files"] == 0, (program.version, outcome.output)
    assert (local.state(), remote.state()) == before


def take_turns(order: list[Program], local: Place, remote: Place) -> None:
    fill(local, remote)
    for edit in (None, change):
        if edit is not None:
            edit(local, remote)
        first, *others = order
        outcome = first.run("sync", local, remote)
        assert outcome.error is None and outcome.stats["conflict_files"] == 0, outcome
        assert local.state() == remote.state()
        for program in [*others, first]:
            for command in ("sync", "upload", "download"):
                assert_nothing_to_do(program, command, local, remote)
        order = [*others, first]
    assert set(local.state()) >= {"a.txt", "d/new in L.txt", "g/new in R.txt", "new/n.txt", "g/H/t.txt"}
    assert not set(local.state()) & {"Größe & Maß.txt", "d/Deep/c.bin"}


def test_taking_turns_on_folders(order: list[Program], local: Place, folder: Place) -> None:
    take_turns(order, local, folder)


def test_taking_turns_on_servers(some_order: list[Program], local: Place, mlsd: Place) -> None:
    take_turns(some_order, local, mlsd)


def test_taking_turns_where_times_cannot_be_set(
    some_order: list[Program], local: Place, ftp_server: t.Callable[..., Server]
) -> None:
    take_turns(some_order, local, on(ftp_server("pyftpdlib", deny=("MFMT",))))


def test_peers_accept_our_deletions(programs: dict[str, Program], local: Place, mlsd: Place) -> None:
    """Files and whole folders, on both sides; nothing comes back, and nothing is a conflict."""
    fill(local, mlsd)
    assert programs["v3"].run("sync", local, mlsd).error is None
    for place, path in ((local, "d/Deep"), (local, "zero"), (mlsd, "g/H"), (mlsd, "a.txt")):
        place.delete(path)
    outcome = programs["ours"].run("sync", local, mlsd)
    assert outcome.error is None and outcome.changes == (0, 0, 2, 2), outcome
    for program in programs.values():
        assert_nothing_to_do(program, "sync", local, mlsd)
    assert set(local.state()) == {
        *(
            "Größe & Maß.txt",
            "d",
            "d/b.txt",
            "d/same too.txt",
            "e f",
            "e f/x;y.txt",
            "g",
            "g/s.txt",
            "r.txt",
            "same.txt",
        ),
    }


def test_we_write_nothing_where_peers_left_nothing_to_do(ours: Ours, v3: Peer, local: Place, mlsd: Place) -> None:
    for number in range(3):
        local.write(f"d/{number}.txt", "x" * number, NOON + 100 * number)
    assert v3.run("sync", local, mlsd).error is None
    before = local.raw(), mlsd.raw()
    assert mlsd.server is not None
    mlsd.server.mark()
    for command in ("sync", "upload", "download"):
        assert_nothing_to_do(ours, command, local, mlsd)
    assert (local.raw(), mlsd.raw()) == before
    assert mlsd.server.writes() == []


def as_recorded(place: Place, peer: Place) -> dict[str, t.Any]:
    """The records of all folders without what depends on the clock and the place."""
    found = {}
    for folder, document in place.metas().items():
        assert document.pop("_version") and isinstance(document.pop("_time"), float) and document.pop("_time_str")
        peers = document["peer_sync"]
        assert set(peers) <= {peer.peer_id}
        if peers:
            document["peer_sync"] = {"PEER": peers[peer.peer_id]}
            assert isinstance(document["peer_sync"]["PEER"].pop(":last_sync"), float)
        for records in (document["mtimes"], *document["peer_sync"].values()):
            for record in records.values():
                assert isinstance(record.pop("u"), float)
        found[folder] = document
    return found


def copies(local: Place, folder: Path, server: Server | None = None) -> tuple[Place, Place]:
    """A copy of L and a new, empty R."""
    copy = Place(folder / "L")
    local.copy_to(copy)
    return copy, on(server) if server else Place(folder / "R")


def test_same_records_on_folders(ours: Ours, v3: Peer, local: Place, tmp_path: Path) -> None:
    fill(local, Place(tmp_path / "unused"))
    found = []
    for program in (ours, v3):
        left, right = copies(local, tmp_path / program.version)
        assert program.run("upload", left, right).error is None
        found.append(as_recorded(left, right))
        assert right.metas() == {}
    assert found[0] == found[1]
    assert {"", "d", "d/Deep", "e f"} == set(found[0])


def test_same_records_on_a_server(
    ours: Ours, v3: Peer, local: Place, tmp_path: Path, ftp_server: t.Callable[..., Server]
) -> None:
    fill(local, Place(tmp_path / "unused"))
    server = ftp_server("pyftpdlib", deny=("MFMT",))
    found = []
    for program in (ours, v3):
        left, right = copies(local, tmp_path / program.version, server)
        assert program.run("upload", left, right).error is None
        found.append((as_recorded(left, right), as_recorded(right, left)))
    assert found[0] == found[1]
    assert found[0][1]["d"]["mtimes"]["b.txt"] == {"m": NOON + 200.25, "s": 7}


def test_our_documents_are_written_as_theirs(ours: Ours, v3: Peer, local: Place, tmp_path: Path) -> None:
    """To the byte, apart from the clock: keys in order, no blanks, no escapes, no line break at the end."""
    local.write("Größe.txt", "x", NOON + 0.25)
    for program in (ours, v3):
        left, right = copies(local, tmp_path / program.version)
        program.run("upload", left, right)
        content = (left.root / META).read_bytes()
        assert content == json.dumps(
            json.loads(content), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode("utf-8")
        assert "Größe.txt".encode() in content


@pytest.mark.parametrize("writer", ["ours", "v3", "v4"])
def test_other_data_in_records_is_kept(
    writer: str, programs: dict[str, Program], local: Place, ftp_server: t.Callable[..., Server]
) -> None:
    remote = on(ftp_server("pyftpdlib", deny=("MFMT",)))
    local.write("a.txt", "a", NOON)
    local.write("b.txt", "b", NOON)
    assert programs["v3"].run("sync", local, remote).error is None
    elsewhere = {":last_sync": 1.5, "a.txt": {"m": 1, "s": 2, "u": 3.5}, "gone.txt": {"m": 1, "s": 2, "u": 3.5}}
    for place in (local, remote):
        document = place.meta()
        document["note"] = {"kept": ["ä", 1]}
        document["peer_sync"]["elsewhere.example/x"] = elsewhere
        place.write(META, json.dumps(document, ensure_ascii=False), NOON)
    local.write("a.txt", "changed", NOON + 100)
    local.write("c.txt", "new", NOON + 100)
    outcome = programs[writer].run("sync", local, remote)
    assert outcome.error is None and outcome.counters[:2] == (2, 2), outcome
    for place in (local, remote):
        assert place.meta()["note"] == {"kept": ["ä", 1]}
        assert place.meta()["peer_sync"]["elsewhere.example/x"] == elsewhere
    for program in programs.values():
        assert_nothing_to_do(program, "sync", local, remote)


def test_documents_with_readable_times(programs: dict[str, Program], local: Place, ftp: Place) -> None:
    """PYFTPSYNC_VERBOSE_META: indented, and each time as a string besides."""
    local.write("d/a.txt", "a", NOON)
    assert programs["ours"].run("sync", local, ftp).error is None
    for place in (local, ftp):
        for folder, document in place.metas().items():
            for records in (document["mtimes"], *document["peer_sync"].values()):
                if ":last_sync" in records:
                    records[":last_sync_str"] = "2026-11-22 09:42:06"
                for record in records.values():
                    if isinstance(record, dict):
                        record.update(mtime_str="2014-01-01 12:00:00", uploaded_str="2026-11-22 09:42:06")
            place.write(f"{folder}/{META}" if folder else META, json.dumps(document, indent=4), NOON)
    for program in programs.values():
        assert_nothing_to_do(program, "sync", local, ftp)


# ------------------------------------------------------------------ random trees


class Act(t.NamedTuple):
    """What a program has left behind after a round."""

    local: State
    remote: State
    counters: tuple[int, ...]
    times: list[dict[str, int] | None]  # of L and R; None on a server, which cannot always set them


def times(place: Place) -> dict[str, int] | None:
    if place.server is not None:
        return None
    return {path: round(place.mtime(path)) for path, content in place.state().items() if content is not None}


def tell(story: Story, casts: list[list[Program]], stages: list[tuple[Place, Place]]) -> None:
    """The same story on each stage, by other programs; the trees are the same after every round."""
    history: list[object] = []
    for round_ in range(story.rounds):
        edits = story.edits(round_, stages[0])
        command, options = story.command(round_)
        history += [*edits, (command, options)]
        acts = []
        for cast, (local, remote) in zip(casts, stages):
            for edit in edits:
                edit.apply((local, remote))
            outcome = cast[round_].run(command, local, remote, **options)
            assert outcome.error is None, (cast[round_].version, outcome, history)
            acts.append(Act(local.state(), remote.state(), outcome.counters, [times(local), times(remote)]))
        first = acts[0]
        for cast, act in zip(casts[1:], acts[1:]):
            who = [program.version for program in cast], history
            assert act[:3] == first[:3], who
            for mine, other in zip(first.times, act.times):
                assert mine is None or other is None or mine == other, who


def stages_in(folder: Path, count: int) -> list[tuple[Place, Place]]:
    return [(Place(folder / f"L{number}"), Place(folder / f"R{number}")) for number in range(count)]


@pytest.mark.parametrize("seed", range(60))
def test_random_trees_on_folders(ours: Ours, v3: Peer, v4: Peer, seed: int, tmp_path: Path) -> None:
    casts: list[list[Program]] = [[ours] * 3, [v3] * 3, [ours, v3, ours], [v3, ours, v3], [v4, ours, v3]]
    tell(Story(seed), casts, stages_in(tmp_path, len(casts)))
    shutil.rmtree(tmp_path)


@pytest.mark.parametrize("seed", range(1000, 1012))
def test_random_trees_on_a_server(ours: Ours, v3: Peer, seed: int, tmp_path: Path, running_pyftpdlib: Server) -> None:
    casts: list[list[Program]] = [[ours] * 3, [v3] * 3, [ours, v3, ours], [v3, ours, v3]]
    stages = [(Place(tmp_path / f"L{number}"), on(running_pyftpdlib)) for number in range(len(casts))]
    tell(Story(seed, server=True), casts, stages)
    shutil.rmtree(tmp_path)


@pytest.mark.parametrize("seed", range(2000, 2010))
def test_our_runs_on_servers_are_like_theirs_on_folders(
    ours: Ours, v3: Peer, seed: int, tmp_path: Path, running_plain_server: Server
) -> None:
    """So servers are tried with deletions, too, after which 3.1.0 itself would lose its records (B3)."""
    casts: list[list[Program]] = [[v3] * 3, [ours] * 3]
    stages = [*stages_in(tmp_path, 1), (Place(tmp_path / "L"), on(running_plain_server))]
    tell(Story(seed), casts, stages)
    shutil.rmtree(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10_000, 10_400))
def test_many_random_trees(ours: Ours, v3: Peer, seed: int, tmp_path: Path) -> None:
    casts: list[list[Program]] = [[ours] * 3, [v3] * 3, [ours, v3, ours], [v3, ours, v3]]
    tell(Story(seed), casts, stages_in(tmp_path, len(casts)))
    shutil.rmtree(tmp_path)
