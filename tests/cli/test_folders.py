# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Banner, lines, summary, levels and exit codes, between two folders (behaviour 1.5 to 1.7)."""

from __future__ import annotations

import json
import os
import re
import time
import typing as t
from pathlib import Path

import pytest

from tests.cli.conftest import Caller, address, content, write
from tests.servers import Server

ELAPSED = re.compile(r"Elap: \d+\.\d\d sec\.")


def told(text: str) -> str:
    """Output with fixed durations."""
    return ELAPSED.sub("Elap: 0.00 sec.", text)


def test_an_upload(pyftpsync: Caller, local: Path, remote: Path) -> None:
    expected = f"""\
Upload {local}
                  to {remote}
Encoding local: utf-8, remote: utf-8
COPY UNMODIFIED   >  [d]
COPY EXISTING     >  a.txt
COPY EXISTING     >  b.txt
Wrote 3/2 files in 1 directories, skipped: 0. Elap: 0.00 sec.
"""
    dry = pyftpsync("upload", local, remote, "--dry-run")
    assert (dry.code, dry.err, content(remote)) == (0, "", {})
    assert "(DRY-RUN) COPY EXISTING     >  a.txt" in dry.lines
    assert dry.lines[-1].startswith("(DRY-RUN) Wrote 2/2 files in 1 directories, skipped: 0. Elap: ")
    done = pyftpsync("upload", local, remote)
    assert (done.code, told(done.out), done.err) == (0, expected, "")
    assert content(remote) == content(local)
    again = pyftpsync("upload", "local", "remote", "-v")
    assert "EQUAL             =  d/c.txt" in again.lines
    assert again.lines[-1].startswith("Wrote 0/3 files in 1 directories, skipped: 0. Elap: ")


def test_a_download_has_the_destination_first(pyftpsync: Caller, local: Path, remote: Path) -> None:
    done = pyftpsync("download", remote, local)
    assert done.lines[:2] == [f"Download to {remote}", f"{'from':>20} {local}"]
    assert "COPY EXISTING     <  a.txt" in done.lines
    assert content(remote) == content(local)


def test_both_ways(pyftpsync: Caller, local: Path, remote: Path) -> None:
    write(remote / "r.txt", "r")
    done = pyftpsync("sync", local, remote)
    assert done.lines[:2] == [f"Synchronize {local}", f"{'with':>20} {remote}"]
    assert {"COPY EXISTING     >  a.txt", "COPY EXISTING     <  r.txt"} <= set(done.lines)
    (local / "a.txt").unlink()
    done = pyftpsync("sync", local, remote)
    assert "DELETE MISSING    >X a.txt" in done.lines
    assert content(remote) == content(local)


def conflict(pyftpsync: Caller, local: Path, remote: Path) -> None:
    """a.txt changed on both sides."""
    assert pyftpsync("upload", local, remote).code == 0
    write(local / "a.txt", "here", time.time() - 50)
    write(remote / "a.txt", "there", time.time() - 10)


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        ("-qqq", []),
        ("-qq", ["Wrote"]),
        ("-q", ["SKIP CONFLICT", "Wrote"]),  # B53
        ("", ["Upload", "to", "Encoding", "SKIP CONFLICT", "Wrote"]),
        ("-v", ["Upload", "to", "Encoding", "SKIP CONFLICT", "EQUAL", "EQUAL", "EQUAL", "Wrote"]),
    ],
)
def test_levels(pyftpsync: Caller, local: Path, remote: Path, level: str, shown: list[str]) -> None:
    conflict(pyftpsync, local, remote)
    done = pyftpsync(*filter(None, [level]), "upload", local, remote, "--resolve", "skip")
    words = [" ".join(line.split()[:2]) if line.startswith("SKIP") else line.split()[0] for line in done.lines]
    assert (done.code, sorted(words), done.err) == (0, sorted(shown), "")


def test_level_5_shows_the_numbers(pyftpsync: Caller, local: Path, remote: Path) -> None:
    done = pyftpsync("upload", local, remote, "-vv")
    assert " 'files_written': 3," in done.lines
    assert not any(line.startswith("Wrote") for line in done.lines)


def test_conflicts_are_no_failure_unless_asked_for(pyftpsync: Caller, local: Path, remote: Path) -> None:
    conflict(pyftpsync, local, remote)
    assert pyftpsync("sync", local, remote, "--resolve", "skip").code == 0
    assert pyftpsync("sync", local, remote, "--resolve", "skip", "--report-problems").code == 10
    done = pyftpsync("sync", local, remote, "--resolve", "new", "--report-problems")
    assert (done.code, content(local)["a.txt"]) == (0, "there")


def test_answers_from_a_pipe(pyftpsync: Caller, local: Path, remote: Path) -> None:
    conflict(pyftpsync, local, remote)
    done = pyftpsync("sync", local, remote, answers="x\nb\n l \n")
    assert done.code == 0
    assert done.out.count("Use Local, Remote, Older, Newer, Skip, Binary compare, Help ? ") == 3
    assert "Files are different (size 4 != 5)." in done.out
    assert done.lines[-1].endswith("skipped: 0.")  # no time after questions
    assert content(remote)["a.txt"] == "here"


def test_an_end_of_answers_is_one_line(pyftpsync: Caller, local: Path, remote: Path) -> None:
    conflict(pyftpsync, local, remote)
    done = pyftpsync("sync", local, remote)
    assert done.code == 1
    assert done.err == (
        "pyftpsync: error: there is nobody to answer: the input has ended. "
        "Use --resolve and --no-prompt where nobody is\n"
    )
    assert content(remote)["a.txt"] == "there"


def test_entries_that_fail_do_not_end_the_run(
    pyftpsync: Caller, local: Path, ftp_server: t.Callable[..., Server]
) -> None:
    server = ftp_server()
    write(local / "no\nname", "x")
    done = pyftpsync("upload", local, address(server))
    assert done.code == 1
    assert "no\\x0aname" in done.err
    assert "Traceback" not in done.err
    assert set(content(server.root)) == {"a.txt", "b.txt", "d/c.txt"}
    assert ", errors: 1." in done.lines[-1]
    assert pyftpsync("upload", local, address(server), "--report-problems").code == 10


def test_a_file_and_a_folder_of_one_name(pyftpsync: Caller, local: Path, remote: Path) -> None:
    (remote / "a.txt").mkdir()
    done = pyftpsync("upload", local, remote)
    assert "a.txt" in done.err
    assert done.lines[-1].startswith("Wrote 2/")
    assert "skipped: 1." in done.lines[-1]
    assert pyftpsync("upload", local, remote, "--report-problems").code == 10  # B17


def test_progress_on_a_pipe(pyftpsync: Caller, local: Path, remote: Path) -> None:
    done = pyftpsync("upload", local, remote, "-n", "--progress")
    assert "(DRY-RUN) Touched 0/" in done.out
    assert " entries in 1 directories...\n" in done.out  # a carriage return, read as text
    assert "Touched" not in pyftpsync("upload", local, remote).out


def test_a_document_for_programs(pyftpsync: Caller, local: Path, remote: Path) -> None:
    done = pyftpsync("upload", local, remote, "--json", "--progress")
    answer = json.loads(done.out)
    assert answer["uploaded"] == ["a.txt", "b.txt", "d/c.txt"]
    assert (answer["exit_code"], answer["error"], answer["dry_run"]) == (0, None, False)
    assert answer["stats"]["files_written"] == 3
    assert "COPY EXISTING     >  a.txt" in done.err
    conflict(pyftpsync, local, remote)
    failed = pyftpsync("sync", local, remote, "--json")
    answer = json.loads(failed.out)
    assert (failed.code, answer["exit_code"]) == (1, 1)
    assert answer["error"].startswith("there is nobody to answer")


def test_the_defaults_of_filters(pyftpsync: Caller, local: Path, remote: Path) -> None:
    write(local / ".git" / "config", "secret")
    write(local / "d" / ".git" / "config", "secret")
    write(local / "t.tmp", "t")
    pyftpsync("upload", local, remote, "-x", "*.tmp,.git")
    assert set(content(remote)) == {"a.txt", "b.txt", "d/c.txt"}
    pyftpsync("upload", local, remote)
    assert set(content(remote)) == {"a.txt", "b.txt", "d/c.txt", "t.tmp"}
    pyftpsync("upload", local, remote, "-m", "c*", "-x", "")
    assert {".git/config", "d/.git/config"} <= set(content(remote))


def test_delete_unmatched_implies_delete(pyftpsync: Caller, local: Path, remote: Path) -> None:
    write(remote / "x.tmp", "")
    write(remote / "gone.txt", "")
    pyftpsync("upload", local, remote, "--delete-unmatched", "-x", "*.tmp")
    assert content(remote) == content(local)


def test_names_that_are_no_text(pyftpsync: Caller, local: Path, remote: Path) -> None:
    os.rename(local / "a.txt", os.fsencode(local) + b"/caf\xe9.txt")
    done = pyftpsync("upload", local, remote, PYTHONIOENCODING="ascii")
    assert "Traceback" not in done.err
    assert "caf\\xe9.txt" in done.out + done.err


def test_nobody_is_asked_with_no_prompt(pyftpsync: Caller, local: Path, remote: Path) -> None:
    """Under cron a conflict that --resolve cannot decide is left alone, and all else is done."""
    for folder, text in ((local, "one"), (remote, "other")):
        (folder / "both.txt").write_text(text)
        os.utime(folder / "both.txt", (1400000000, 1400000000))
    (local / "new.txt").write_text("new")
    called = pyftpsync("sync", local, remote, "--resolve", "new", "--no-prompt", "--report-problems")
    assert called.code == 10
    assert (remote / "new.txt").read_text() == "new"
    assert (remote / "both.txt").read_text() == "other"
    assert "SKIP CONFLICT    *?* both.txt" in called.lines
