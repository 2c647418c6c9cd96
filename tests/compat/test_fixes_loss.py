# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What pyftpsync 3.1 loses, and this project does not; the numbers are those of docs/compatibility.md."""

from __future__ import annotations

import json
import os
import signal
import typing as t
from pathlib import Path

import pytest

from ftpsync.ftp.listing import LineSplitter, parse_mlsd
from tests.compat.conftest import on
from tests.compat.places import LOCK, META, Place
from tests.compat.programs import Ours, Peer, Running, command_line
from tests.compat.scenario import NOON
from tests.servers import Server

BIG = os.urandom(3_000_000)


def sync(ours: Ours, local: Place, remote: Place, **options: t.Any) -> None:
    outcome = ours.run("sync", local, remote, **options)
    assert outcome.error is None, outcome


def in_flight(place: Place, *names: str) -> bool:
    """Whether some content has arrived beside the files named."""
    return any(len(content) > 10_000 for path, (content, dummy) in place.raw().items() if path not in names)


# ---------------------------------------------------------------- B1: half a file


def settle(ours: Ours, local: Place, remote: Place, content: dict[str, bytes | None]) -> None:
    """The next run finds both good files; what the killed one left goes as soon as it is old enough to be nobody's."""
    sync(ours, local, remote)
    for place in (local, remote):
        left = {path for path in place.state() if ".ftpsync-" in path}
        assert {path: found for path, found in place.state().items() if path not in left} == content
        for path in left:
            os.utime(place.root / path, (NOON, NOON))
    local.write("later.txt", "something to do in R", NOON)
    remote.write("later too.txt", "something to do in L", NOON)
    sync(ours, local, remote)
    assert set(local.state()) == set(remote.state()) == {*content, "later.txt", "later too.txt"}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_b1_interrupted_upload(ours: Ours, local: Place, ftp: Place, how: int) -> None:
    local.write("big.bin", BIG, NOON + 1000)
    ftp.write("big.bin", "the old one", NOON)
    with Running("upload", local, ftp, "--bwlimit", "200k") as run:
        run.wait_until(lambda: in_flight(ftp, "big.bin"), "content on the server")
        run.end(how)
    assert ftp.state()["big.bin"] == b"the old one"
    assert ftp.mtime("big.bin") == NOON
    settle(ours, local, ftp, {"big.bin": BIG})


def test_b1_interrupted_upload_of_a_new_file(ours: Ours, local: Place, ftp: Place) -> None:
    local.write("d/big.bin", BIG, NOON)
    with Running("upload", local, ftp, "--bwlimit", "200k") as run:
        run.wait_until(lambda: in_flight(ftp), "content on the server")
        run.end(signal.SIGKILL)
    assert "d/big.bin" not in ftp.state()
    settle(ours, local, ftp, {"d": None, "d/big.bin": BIG})


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_b1_interrupted_download(ours: Ours, local: Place, ftp: Place, how: int) -> None:
    ftp.write("big.bin", BIG, NOON + 1000)
    local.write("big.bin", "the old one", NOON)
    with Running("download", local, ftp, "--bwlimit", "200k") as run:
        run.wait_until(lambda: in_flight(local, "big.bin"), "content in the folder")
        run.end(how)
    assert local.state()["big.bin"] == b"the old one"
    settle(ours, local, ftp, {"big.bin": BIG})


@pytest.mark.parametrize("command", ["upload", "download"])
def test_b1_ctrl_c_leaves_nothing_behind(local: Place, ftp: Place, command: str) -> None:
    source, destination = (local, ftp) if command == "upload" else (ftp, local)
    source.write("big.bin", BIG, NOON + 1000)
    with Running(command, local, ftp, "--bwlimit", "50k") as run:
        run.wait_until(lambda: in_flight(destination), "content")
        assert run.end(signal.SIGINT) == 3
    assert destination.state() == {}


# ------------------------------------------------------------- B2, B3: forgetting


def test_b2_what_was_done_is_recorded(ours: Ours, local: Place, ftp: Place) -> None:
    small = [f"{number}.txt" for number in range(5)]
    for name in small:
        local.write(name, f"the {name}", NOON)
    local.write("big.bin", BIG, NOON)
    with Running("upload", local, ftp, "--bwlimit", "200k") as run:
        run.wait_until(lambda: run.output().count(".txt\n") == 5 and in_flight(ftp), "confirmed small files")
        assert run.end(signal.SIGINT) == 3
        assert run.output().endswith("\nAborted by user.\n")
    assert LOCK not in ftp.raw()
    assert set(small) <= set(local.meta()["peer_sync"][ftp.peer_id])
    for name in small:
        ftp.delete(name)  # what has no record would come back
    settle(ours, local, ftp, {"big.bin": BIG})


def test_b3_deletions_forget_nothing(ours: Ours, local: Place, ftp: Place) -> None:
    for number in range(6):
        local.write(f"{number}.txt", f"first {number}", NOON)
    sync(ours, local, ftp)
    for number in (0, 2, 4):
        local.delete(f"{number}.txt")
        local.write(f"{number + 1}.txt", f"second, longer {number + 1}", NOON + 100)
    for number in range(6, 9):
        local.write(f"{number}.txt", f"new {number}", NOON)
    sync(ours, local, ftp)
    records = local.meta()["peer_sync"][ftp.peer_id]
    assert set(records) == {":last_sync", *(f"{number}.txt" for number in (1, 3, 5, 6, 7, 8))}
    local.write("0.txt", "again in L", NOON + 200)  # no conflict: it is new
    local.delete("1.txt")  # and this is no new file of R
    ftp.delete("7.txt")
    outcome = ours.run("sync", local, ftp)
    assert outcome.error is None and outcome.stats["conflict_files"] == 0, outcome
    assert set(local.state()) == set(ftp.state()) == {f"{number}.txt" for number in (0, 3, 5, 6, 8)}


# ------------------------------------------------------------- B4, B5: exclusions


@pytest.mark.parametrize("command", ["upload", "download", "sync"])
def test_b4_exclusions_hold_in_new_folders(ours: Ours, local: Place, ftp: Place, command: str) -> None:
    source = ftp if command == "download" else local
    for path in ("new/a.txt", "new/b.bak", "new/.git/config", "new/deep/c.bak", "new/deep/d.txt"):
        source.write(path, path, NOON)
    source.write("new/.pyftpsync.yaml", "tasks: {}", NOON)
    source.write("new/.pyftpsync-lock.json", "{}", NOON)
    outcome = ours.run(command, local, ftp, exclude=".git,*.bak")
    assert outcome.error is None, outcome
    other = local if command == "download" else ftp
    assert set(other.state()) == {"new", "new/a.txt", "new/deep", "new/deep/d.txt"}
    assert "new/" + LOCK not in other.raw()
    assert outcome.stats["files_written"] == 2


@pytest.mark.parametrize("command", ["upload", "download", "sync"])
def test_b4_match_holds_in_new_folders(ours: Ours, local: Place, ftp: Place, command: str) -> None:
    source, other = (ftp, local) if command == "download" else (local, ftp)
    for path in ("new/a.txt", "new/b.bin", "new/deep/c.bin"):
        source.write(path, path, NOON)
    assert ours.run(command, local, ftp, match="*.txt").error is None
    assert {path for path, content in other.state().items() if content is not None} == {"new/a.txt"}


@pytest.mark.parametrize("command", ["upload", "download", "sync"])
def test_b5_excluded_folders_are_not_entered(ours: Ours, local: Place, ftp: Place, command: str) -> None:
    for place, what in ((local, "in L"), (ftp, "remotely")):
        place.write("cache/both.txt", what, NOON + len(what) * 100)
        place.write(f"cache/{what}.txt", what, NOON)
        place.write("d/cache/both.txt", what, NOON + len(what) * 100)
    before = local.state(), ftp.state()
    outcome = ours.run(command, local, ftp, exclude="cache", delete=True, force=True)
    assert outcome.error is None, outcome
    assert (local.state(), ftp.state()) == before
    assert outcome.changes == (0, 0, 0, 0)


def test_folders_with_something_excluded_are_not_deleted(ours: Ours, local: Place, ftp: Place) -> None:
    """The other half of B4: what takes no part is not deleted with the folder that holds it."""
    local.write("d/a.txt", "a", NOON)
    local.write("d/deep/b.txt", "b", NOON)
    sync(ours, local, ftp, exclude="*.keep")
    ftp.write("d/deep/c.keep", "only here", NOON)
    local.delete("d")
    sync(ours, local, ftp, exclude="*.keep")
    assert ftp.state() == {"d": None, "d/deep": None, "d/deep/c.keep": b"only here"}


# ---------------------------------------------------------------- B6, B7: listings


def test_b6_a_name_in_no_known_encoding_hides_nothing(
    ours: Ours, local: Place, ftp_server: t.Callable[..., Server]
) -> None:
    remote = on(ftp_server("proftpd"))
    for name in ("a.txt", "b.txt", "z.txt"):
        local.write(name, name, NOON)
    sync(ours, local, remote)
    for number in range(3):
        remote.write(os.fsdecode(b"m\x81\xff%d.txt" % number), "odd", NOON)
    outcome = ours.run("sync", local, remote)
    assert outcome.stats["files_deleted"] == 0
    assert {"a.txt", "b.txt", "z.txt"} <= set(local.state()) and {"a.txt", "b.txt", "z.txt"} <= set(remote.state())
    assert outcome.error is None and local.state() == remote.state()
    assert ours.run("sync", local, remote).changes == (0, 0, 0, 0)


LINES = (
    b"type=file;size=1;modify=20140101120000; a.txt\r\ntype=file;size=2;modify=20140101120000; \x81\xff.txt\r\n"
    b"type=dir;modify=20140101120000; d\r\ntype=file;size=3;modify=20140101120000; last.txt"
)


def test_b6_the_last_line_counts() -> None:
    splitter = LineSplitter()
    splitter.feed(LINES)
    listing = parse_mlsd(splitter.finish(), "utf-8")
    names = [os.fsencode(found.name) for found in listing.entries]
    assert names == [b"a.txt", b"\x81\xff.txt", b"d", b"last.txt"]


@pytest.mark.parametrize("at", range(len(LINES)))
def test_b7_a_line_may_be_cut_anywhere(at: int) -> None:
    splitter = LineSplitter()
    splitter.feed(LINES[:at])
    splitter.feed(LINES[at:])
    listing = parse_mlsd(splitter.finish(), "utf-8")
    assert len(listing.entries) == 4 and not listing.problems


def test_b7_long_listings(ours: Ours, local: Place, ftp: Place) -> None:
    for number in range(1500):
        ftp.write(f"{'x' * (number % 50)}{number}.txt", str(number), NOON)
    sync(ours, local, ftp)
    assert local.state() == ftp.state() and len(local.state()) == 1500
    assert ours.run("sync", local, ftp).changes == (0, 0, 0, 0)


# ----------------------------------------------------------- B8 to B10, B12: records


def test_b8_what_is_found_equal_is_not_recorded(ours: Ours, v3: Peer, local: Place, folder: Place) -> None:
    """A choice: as in 3.1, so that both decide alike; see the generator of random trees, too."""
    for place in (local, folder):
        place.write("a.txt", "a", NOON)
        place.write("b.txt", "b", NOON)
    local.write("c.txt", "c", NOON)
    sync(ours, local, folder)
    assert set(local.meta()["peer_sync"][str(folder)]) == {":last_sync", "c.txt"}
    for program, name in ((ours, "a.txt"), (v3, "b.txt")):
        local.delete(name)
        outcome = program.run("sync", local, folder)
        assert outcome.error is None and outcome.counters[:3] == (1, 0, 1), outcome
        assert name in local.state()


def test_b9_records_without_any_file_are_dropped(ours: Ours, local: Place, folder: Place) -> None:
    for name in ("a.txt", "b.txt", "kept.txt"):
        local.write(name, name, NOON)
    sync(ours, local, folder)
    for place in (local, folder):
        place.delete("a.txt")
        place.delete("b.txt")
    sync(ours, local, folder)
    assert set(local.meta()["peer_sync"][str(folder)]) == {":last_sync", "kept.txt"}
    local.write("a.txt", "a.txt", NOON)  # a backup is restored, exactly as recorded once
    folder.write("b.txt", "something else", NOON + 100)
    outcome = ours.run("sync", local, folder)
    assert outcome.error is None and outcome.stats["conflict_files"] == 0, outcome
    assert local.state() == folder.state()
    assert set(local.state()) == {"a.txt", "b.txt", "kept.txt"}


def test_b10_a_deleted_folder_takes_changes_with_it(ours: Ours, local: Place, folder: Place) -> None:
    """Kept as it is: documented, and relied on."""
    local.write("d/a.txt", "a", NOON)
    sync(ours, local, folder)
    folder.write("d/a.txt", "changed", NOON + 100)
    folder.write("d/new.txt", "new", NOON + 100)
    local.delete("d")
    sync(ours, local, folder)
    assert folder.state() == local.state() == {}


# ------------------------------------------------------- B15, B16, B19: what is deleted or published


@pytest.mark.parametrize("command", ["upload", "download"])
def test_b15_what_is_always_ignored_is_never_deleted(ours: Ours, local: Place, folder: Place, command: str) -> None:
    destination = folder if command == "upload" else local
    ignored = {".pyftpsync.yaml", "pyftpsync.yaml", LOCK, "d/.pyftpsync.yaml", "d/" + LOCK}
    for path in (*ignored, "x.bin", "d/y.bin"):
        destination.write(path, path, NOON)
    outcome = ours.run(command, local, folder, delete=True, delete_unmatched=True, match="*.txt")
    assert outcome.error is None, outcome
    assert ignored <= set(destination.raw())
    assert not {"x.bin", "d/y.bin"} & set(destination.raw())


@pytest.mark.parametrize("command", ["upload", "download"])
def test_b16_delete_needs_no_records(ours: Ours, local: Place, ftp: Place, command: str) -> None:
    source, destination = (local, ftp) if command == "upload" else (ftp, local)
    source.write("d/a.txt", "a", NOON)
    for path in ("old.txt", "d/old.txt", "d/deep/old.txt", "old/x/y.txt"):
        destination.write(path, path, NOON)
    assert ours.run(command, local, ftp, delete=True).error is None
    assert local.state() == ftp.state() == {"d": None, "d/a.txt": b"a"}


def test_b16_without_delete_nothing_is_deleted(ours: Ours, local: Place, ftp: Place) -> None:
    local.write("a.txt", "a", NOON)
    ftp.write("d/old.txt", "old", NOON)
    assert ours.run("upload", local, ftp, force=True).error is None
    assert set(ftp.state()) == {"a.txt", "d", "d/old.txt"}


@pytest.mark.parametrize("name", [".pyftpsync.yaml", "pyftpsync.yaml"])
def test_b19_run_has_the_default_exclusions(local: Place, folder: Place, name: str) -> None:
    local.write(name, f"tasks:\n  default:\n    command: upload\n    remote: {folder}\n", NOON)
    for path in ("a.txt", ".git/config", "d/.git/config", ".DS_Store"):
        local.write(path, path, NOON)
    result = command_line("run", cwd=local.root)
    assert result.returncode == 0, result.stderr
    assert set(folder.state()) == {"a.txt", "d"}


# ---------------------------------------------------------- B21, B22: records of others


def old_records(place: Place, folder: str = "") -> None:
    document = {"_file_version": 2, "_version": "1.0", "mtimes": {"a.txt": [1, 2, 3]}, "peer_sync": {}}
    place.write(os.path.join(folder, META), json.dumps(document), NOON)


def test_b21_old_records_need_migrate(local: Place, ftp: Place) -> None:
    local.write("a.txt", "a", NOON)
    old_records(local)
    before = local.raw(), ftp.raw()
    result = command_line("upload", local, ftp)
    assert result.returncode == 1
    assert "--migrate" in result.stderr and len(result.stderr.splitlines()) == 1
    assert (local.raw(), ftp.raw()) == before


@pytest.mark.parametrize("denied", [(), ("MFMT",)], ids=["MFMT", "no MFMT"])
def test_b21_migrate_loses_no_new_records(
    ours: Ours, local: Place, ftp_server: t.Callable[..., Server], denied: tuple[str, ...]
) -> None:
    remote = on(ftp_server("pyftpdlib", deny=denied))
    for path in ("a.txt", "d/b.txt"):
        local.write(path, path, NOON)
        remote.write(path, "an older " + path, NOON - 1000)
    for place in (local, remote):
        old_records(place)
        old_records(place, "d")
    result = command_line("upload", local, remote, "--migrate")
    assert result.returncode == 0, result.stderr
    assert remote.state() == local.state()
    for folder, name in (("", "a.txt"), ("d", "b.txt")):
        assert local.meta(folder)["_file_version"] == 3
        assert name in local.meta(folder)["peer_sync"][remote.peer_id]
        if denied:
            assert remote.meta(folder)["_file_version"] == 3
            assert remote.meta(folder)["mtimes"][name]["m"] == NOON
    local.delete("a.txt")
    sync(ours, local, remote)
    assert set(remote.state()) == {"d", "d/b.txt"}


@pytest.mark.parametrize("content", ["{broken", "[]", '"text"', '{"_file_version": 3, "peer_sync": 7}', "\x00"])
def test_b22_broken_records_are_none_and_are_warned_about(local: Place, folder: Place, content: str) -> None:
    local.write("a.txt", "a", NOON)
    folder.write("r.txt", "r", NOON)
    local.write(META, content, NOON)
    result = command_line("sync", local, folder)
    assert result.returncode == 0, result.stderr
    assert local.state() == folder.state()
    assert set(local.meta()["peer_sync"][str(folder)]) == {":last_sync", "a.txt", "r.txt"}
    assert META in result.stderr or content.startswith('{"')


def test_nothing_of_ours_is_ever_content(ours: Ours, local: Place, ftp: Place, tmp_path: Path) -> None:
    """A second copy of L: it has no records, and gets none of R's."""
    local.write("d/a.txt", "a", NOON)
    sync(ours, local, ftp)
    second = Place(tmp_path / "second")
    sync(ours, second, ftp)
    assert second.state() == local.state() == ftp.state()
    assert ours.run("sync", local, ftp).changes == (0, 0, 0, 0)
    assert ours.run("sync", second, ftp).changes == (0, 0, 0, 0)
