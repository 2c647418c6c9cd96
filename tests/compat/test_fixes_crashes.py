# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ends a run of pyftpsync 3.1, and does not end ours; the numbers are those of docs/compatibility.md."""

from __future__ import annotations

import os
import subprocess
import typing as t
import unicodedata

import pytest

from ftpsync.ftp.listing import parse_mlsd
from tests.compat.conftest import on
from tests.compat.places import META, Place
from tests.compat.programs import Ours, command_line
from tests.compat.scenario import NOON
from tests.servers import Server


def conflicts(ours: Ours, local: Place, folder: Place) -> None:
    """Three conflicts: changed on both sides, deleted in L, deleted in R."""
    for name in ("both.txt", "left.txt", "right.txt"):
        local.write(name, "first", NOON)
    assert ours.run("sync", local, folder).error is None
    local.write("both.txt", "changed in L", NOON + 200)
    folder.write("both.txt", "changed in R, too", NOON + 100)
    local.write("left.txt", "changed in L", NOON + 100)
    folder.delete("left.txt")
    folder.write("right.txt", "changed in R", NOON + 100)
    local.delete("right.txt")


# ----------------------------------------------------------------------- B11


@pytest.mark.parametrize(("resolve", "winner"), [("old", b"changed in R, too"), ("new", b"changed in L")])
def test_b11_old_and_new_decide_what_they_can(
    ours: Ours, local: Place, folder: Place, resolve: str, winner: bytes
) -> None:
    conflicts(ours, local, folder)
    outcome = ours.run("sync", local, folder, resolve=resolve)
    assert outcome.error is None, outcome
    assert local.state() == {"both.txt": winner, "left.txt": b"changed in L"}
    assert folder.state() == {"both.txt": winner, "right.txt": b"changed in R"}
    assert (outcome.stats["conflict_files"], outcome.stats["conflict_files_skipped"]) == (3, 2)


def test_b11_the_command_line_asks_about_the_others(ours: Ours, local: Place, folder: Place) -> None:
    conflicts(ours, local, folder)
    result = command_line("sync", local, folder, "--resolve", "new", answers="l\nl\n")
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("Use Local, Remote, Older, Newer, Skip, Binary compare, Help ? ") == 2
    assert local.state() == folder.state() == {"both.txt": b"changed in L", "left.txt": b"changed in L"}


@pytest.mark.parametrize(("key", "winner"), [("o", b"changed in R, too"), ("n", b"changed in L")])
def test_b11_keys_for_older_and_newer(ours: Ours, local: Place, folder: Place, key: str, winner: bytes) -> None:
    local.write("both.txt", "first", NOON)
    assert ours.run("sync", local, folder).error is None
    local.write("both.txt", "changed in L", NOON + 200)
    folder.write("both.txt", "changed in R, too", NOON + 100)
    result = command_line("sync", local, folder, "--resolve", "ask", answers=key + "\n")
    assert result.returncode == 0, result.stderr
    assert local.state()["both.txt"] == folder.state()["both.txt"] == winner


@pytest.mark.parametrize("key", ["o", "n", "b", "O", "N"])
def test_b11_keys_where_one_side_is_missing(ours: Ours, local: Place, folder: Place, key: str) -> None:
    conflicts(ours, local, folder)
    local.write("both.txt", "changed in R, too", NOON + 100)
    folder.delete("both.txt")
    local.delete("left.txt")
    before = local.state(), folder.state()
    result = command_line("sync", local, folder, "--resolve", "ask", answers=f"{key}\n{key}\nS\n")
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    assert (local.state(), folder.state()) == before
    assert result.stdout.count("Use Local,") >= 3


def test_b11_equal_times_are_told(ours: Ours, local: Place, folder: Place) -> None:
    for place, text in ((local, "local"), (folder, "remotely")):
        place.write("both.txt", text, NOON)
    result = command_line("sync", local, folder, "--resolve", "ask", answers="n\no\nb\nr\n")
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("Files have identical modification times.") == 2
    assert "    Files are different (size 5 != 8)." in result.stdout
    assert local.state() == folder.state() == {"both.txt": b"remotely"}


# ------------------------------------------------------------------ B13, B14, B17, B18


@pytest.mark.parametrize("command", ["sync", "upload", "download"])
def test_b13_nothing_to_do_but_folders(ours: Ours, local: Place, folder: Place, command: str) -> None:
    for place in (local, folder):
        place.write("d/e/a.bak", "a", NOON)
        place.write("x.bak", "x", NOON)
    outcome = ours.run(command, local, folder, exclude="*.bak,d")
    assert outcome.error is None and outcome.changes == (0, 0, 0, 0), outcome
    assert ours.run(command, local, folder, match="*.txt").error is None


@pytest.mark.parametrize("command", ["upload", "download"])
def test_b14_excluded_folders_are_removed(ours: Ours, local: Place, ftp: Place, command: str) -> None:
    for place in (local, ftp):
        place.write("x/deep/a.txt", "a", NOON)
        place.write("kept.txt", "kept", NOON)
    source, destination = (local, ftp) if command == "upload" else (ftp, local)
    outcome = ours.run(command, local, ftp, exclude="x", delete=True, delete_unmatched=True)
    assert outcome.error is None, outcome
    assert destination.state() == {"kept.txt": b"kept"}
    assert "x/deep/a.txt" in source.state()


@pytest.mark.parametrize("command", ["sync", "upload", "download"])
def test_b17_a_file_and_a_folder_of_one_name(local: Place, folder: Place, command: str) -> None:
    local.write("x", "a file in L", NOON)
    folder.write("x/a.txt", "in a folder of R", NOON)
    local.write("y/b.txt", "in a folder of L", NOON)
    folder.write("y", "a file in R", NOON)
    local.write("left.txt", "l", NOON)
    folder.write("right.txt", "r", NOON)
    options = () if command == "sync" else ("--delete", "--force")
    result = command_line(command, local, folder, "--report-problems", *options)
    assert result.returncode in (1, 10)
    assert "Traceback" not in result.stderr
    said = result.stdout + result.stderr
    assert "x" in said and "y" in said
    assert local.state()["x"] == b"a file in L" and local.state()["y/b.txt"] == b"in a folder of L"
    assert folder.state()["y"] == b"a file in R" and folder.state()["x/a.txt"] == b"in a folder of R"
    if command != "download":
        assert "left.txt" in folder.state()
    if command != "upload":
        assert "right.txt" in local.state()


def test_b18_links_count_as_what_they_lead_to(ours: Ours, local: Place, ftp: Place) -> None:
    local.write("long/target file with a name of some length.txt", "short", NOON)
    (local.root / "link.txt").symlink_to("long/target file with a name of some length.txt")
    (local.root / "linked folder").symlink_to("long")
    (local.root / "broken").symlink_to("nowhere")
    assert ours.run("sync", local, ftp).error is None
    assert ftp.state()["link.txt"] == b"short"
    assert "broken" not in ftp.state()
    for dummy in range(2):
        outcome = ours.run("sync", local, ftp)
        assert outcome.error is None and outcome.changes == (0, 0, 0, 0), outcome.output
    assert (local.root / "link.txt").is_symlink()


@pytest.mark.parametrize("command", ["sync", "upload"])
def test_b18_links_that_lead_up(ours: Ours, local: Place, folder: Place, command: str) -> None:
    local.write("d/a.txt", "a", NOON)
    (local.root / "d" / "up").symlink_to("..")
    (local.root / "self").symlink_to("self")
    outcome = ours.run(command, local, folder)
    assert folder.state()["d/a.txt"] == b"a"
    assert max(path.count("/") for path in folder.state()) < 5
    assert ours.run(command, local, folder).changes == (0, 0, 0, 0), outcome.output


# ------------------------------------------------------------------ B29, B30: listings


def test_b29_links_on_the_server(ours: Ours, local: Place, running_mlsd_server: Server) -> None:
    remote = on(running_mlsd_server)
    remote.write("d/a.txt", "a", NOON)
    (remote.root / "broken").symlink_to("nowhere")
    (remote.root / "link.txt").symlink_to("d/a.txt")
    (remote.root / "linked").symlink_to("d")
    local.write("left.txt", "l", NOON)
    outcome = ours.run("sync", local, remote)
    assert outcome.error is None, outcome
    assert local.state()["d/a.txt"] == b"a"
    assert "left.txt" in remote.state()
    assert "broken" not in local.state()
    assert ours.run("sync", local, remote).changes == (0, 0, 0, 0)


@pytest.mark.parametrize("kind", ["FILE", "File", "OS.unix=slink:/x", "OS.unix=symlink", "OS.unix=chr-1/3", "x", ""])
def test_b29_types_in_any_form(kind: str) -> None:
    lines = [
        f"type={kind};size=1;modify=20140101120000; odd".encode(),
        b"TYPE=file;SIZE=2;Modify=20140101120000; a.txt",
    ]
    listing = parse_mlsd(lines, "utf-8")
    assert "a.txt" in [found.name for found in listing.entries]
    kinds = {found.name: found.entry.kind for found in listing.entries}
    assert (kinds.get("odd") == "file") == (kind.lower() == "file")


@pytest.mark.parametrize("kind", ["dir", "cdir", "pdir", "file"])
@pytest.mark.parametrize("name", [".", ".."])
def test_b30_the_folder_itself_and_its_parent(name: str, kind: str) -> None:
    lines = [f"type={kind};modify=20140101120000; {name}".encode(), b"type=dir;modify=20140101120000; d"]
    assert [found.name for found in parse_mlsd(lines, "utf-8").entries] == ["d"]


# ------------------------------------------------------------ B35, B37: incomplete credentials


@pytest.fixture
def anonymous(ftp_server: t.Callable[..., Server]) -> Place:
    return on(ftp_server("pyftpdlib", username="anonymous", password=""))


def test_b35_storing_no_password(anonymous: Place, local: Place) -> None:
    local.write("a.txt", "a", NOON)
    assert anonymous.server is not None
    url = str(anonymous.server.url)
    result = command_line("upload", local, url, "--no-prompt", "--store-password")
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    assert anonymous.state() == {"a.txt": b"a"}


def test_b37_no_verbosity_is_needed(anonymous: Place, local: Place, tmp_path: t.Any) -> None:
    from ftpsync.ftp_target import FtpTarget
    from ftpsync.synchronizers import UploadSynchronizer
    from ftpsync.targets import FsTarget

    local.write("a.txt", "a", NOON)
    assert anonymous.server is not None
    remote = FtpTarget(str(anonymous.server.folder), anonymous.server.host, anonymous.server.port)
    synchronizer = UploadSynchronizer(FsTarget(str(local)), remote, {"no_netrc": True, "no_keyring": True})
    synchronizer.run()
    assert synchronizer.get_stats()["files_written"] == 1
    assert anonymous.state() == {"a.txt": b"a"}


# ------------------------------------------------------------------ B41, B42: one bad file


def assert_one_error(result: subprocess.CompletedProcess[str], name: str) -> None:
    """One message, and the pair that it is about in a line below, as in pyftpsync."""
    lines = result.stderr.splitlines()
    assert len(lines) == 2 and lines[0].startswith("ERROR: "), result.stderr
    assert lines[1].startswith("    <EntryPair(") and name in lines[1], result.stderr


@pytest.fixture
def guarded(ftp_server: t.Callable[..., Server]) -> Place:
    """A server with a folder in which nothing can be written, and a file that cannot be read."""
    place = on(ftp_server("proftpd"))
    (place.root / "closed").mkdir(mode=0o755)  # root's, while the server's files are another user's
    place.write("secret.txt", "secret", NOON)
    os.chown(place.root / "secret.txt", 0, 0)
    (place.root / "secret.txt").chmod(0o600)
    return place


def test_b41_what_can_be_uploaded_is(local: Place, guarded: Place) -> None:
    for path in ("a.txt", "closed/b.txt", "d/c.txt", "z.txt"):
        local.write(path, path, NOON)
    result = command_line("upload", local, guarded)
    assert result.returncode == 1
    assert_one_error(result, "closed/b.txt")
    assert {"a.txt", "d/c.txt", "z.txt"} <= set(guarded.state()) and "closed/b.txt" not in guarded.state()
    assert set(local.meta()["peer_sync"][guarded.peer_id]) == {":last_sync", "a.txt", "d", "z.txt"}
    assert "errors: 1" in result.stdout.splitlines()[-1]


@pytest.mark.parametrize("command", ["download", "sync"])
def test_b41_what_can_be_downloaded_is(local: Place, guarded: Place, command: str) -> None:
    for path in ("a.txt", "d/c.txt", "z.txt"):
        guarded.write(path, path, NOON)
    result = command_line(command, local, guarded)
    assert result.returncode == 1
    assert_one_error(result, "secret.txt")
    assert set(local.state()) == {"a.txt", "closed", "d", "d/c.txt", "z.txt"}


def test_b41_nothing_is_deleted_after_a_failure_that_could_explain_it(ours: Ours, local: Place, guarded: Place) -> None:
    """A folder that cannot be listed is not an empty one."""
    guarded.write("d/a.txt", "a", NOON)
    guarded.write("e/b.txt", "b", NOON)
    (guarded.root / "secret.txt").unlink()
    assert ours.run("sync", local, guarded).error is None
    os.chown(guarded.root / "d", 0, 0)
    (guarded.root / "d").chmod(0o700)
    guarded.delete("e/b.txt")
    outcome = ours.run("sync", local, guarded)
    assert outcome.error is not None
    assert local.state()["d/a.txt"] == b"a"
    assert outcome.stats["files_deleted"] <= 1


def test_b42_names_that_cannot_be_sent(local: Place, ftp: Place) -> None:
    for name in ("a.txt", "with\nbreak.txt", "z.txt"):
        local.write(name, "x", NOON)
    result = command_line("upload", local, ftp)
    assert result.returncode == 1
    assert_one_error(result, "break.txt")
    assert set(ftp.state()) == {"a.txt", "z.txt"}


def test_b42_names_that_are_no_text(ours: Ours, local: Place, ftp: Place) -> None:
    odd = os.fsdecode(b"latin-\xfc.txt")
    for name in ("a.txt", odd, "z.txt"):
        local.write(name, "x", NOON)
    outcome = ours.run("upload", local, ftp)
    assert {"a.txt", "z.txt"} <= set(ftp.state())
    assert (outcome.error is None) == (odd in ftp.state())
    assert (outcome.stats["errors"] == 0) == (odd in ftp.state())


def test_b42_names_that_are_no_text_between_folders(ours: Ours, local: Place, folder: Place) -> None:
    for name in (os.fsdecode(b"latin-\xfc.txt"), os.fsdecode(b"d-\xff/a.txt"), "with\nbreak.txt"):
        local.write(name, "x", NOON)
    assert ours.run("sync", local, folder).error is None
    assert folder.state() == local.state()
    assert ours.run("sync", local, folder).changes == (0, 0, 0, 0)
    document = (local.root / META).read_bytes().decode("utf-8")  # valid UTF-8, whatever the names
    assert document.startswith("{")


def test_b43_spellings_are_names_of_their_own(ours: Ours, local: Place, folder: Place) -> None:
    """A choice: names are compared exactly."""
    composed, decomposed = (unicodedata.normalize(form, "Größe.txt") for form in ("NFC", "NFD"))
    local.write(composed, "composed", NOON)
    folder.write(decomposed, "decomposed", NOON)
    assert ours.run("sync", local, folder).error is None
    assert local.state() == folder.state() == {composed: b"composed", decomposed: b"decomposed"}
