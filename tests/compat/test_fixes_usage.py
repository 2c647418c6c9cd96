# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people stumble over in pyftpsync 3.1; the numbers are those of docs/compatibility.md."""

from __future__ import annotations

import io
import json
import logging
import re
import socket
import subprocess
import typing as t
from pathlib import Path

import pytest

from tests.compat.places import LOCK, META, Place
from tests.compat.programs import Ours, command_line
from tests.compat.scenario import NOON
from tests.conftest import ROOT

ACTION = re.compile(r"^(\(DRY-RUN\) )?[A-Z .]{16} [ *<>xX=?-]{3} ")


def actions(result: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in result.stdout.splitlines() if ACTION.match(line)]


# ------------------------------------------------------------------ B20: scan


def fill_with_leftovers(place: Place) -> None:
    records = json.dumps({"_file_version": 3, "_version": "3.1.0", "mtimes": {}, "peer_sync": {}})
    for path in ("a.txt", "d/b.txt", META, f"d/{META}", f"e/{META}", LOCK, f"d/{LOCK}"):
        place.write(path, records if path.endswith(META) else "{}", NOON)


@pytest.fixture(params=["folder", "ftp"])
def target(request: pytest.FixtureRequest) -> Place:
    return t.cast(Place, request.getfixturevalue(request.param))


@pytest.mark.parametrize(
    ("options", "removed"),
    [
        ("--remove-meta", [META]),
        ("--remove-meta -r", [META, f"d/{META}", f"e/{META}"]),
        ("--remove-locks -r", [LOCK, f"d/{LOCK}"]),
        ("--remove-meta --remove-locks -r", [META, f"d/{META}", f"e/{META}", LOCK, f"d/{LOCK}"]),
    ],
    ids=["meta", "meta-r", "locks-r", "both-r"],
)
def test_b20_scan_removes(target: Place, options: str, removed: list[str]) -> None:
    fill_with_leftovers(target)
    before = set(target.raw())
    dry = command_line("scan", target, *options.split(), "-n")
    assert dry.returncode == 0, dry.stderr
    assert set(target.raw()) == before
    result = command_line("scan", target, *options.split())
    assert result.returncode == 0, result.stderr
    assert before - set(target.raw()) == set(removed)
    for path in removed:
        assert path in result.stdout and path in dry.stdout


# ------------------------------------------------------------------ B38: logging


def test_b38_records_of_a_logger_are_plain(local: Place, ftp: Place, capsys: pytest.CaptureFixture[str]) -> None:
    from ftpsync.synchronizers import UploadSynchronizer
    from ftpsync.targets import make_target
    from ftpsync.util import set_pyftpsync_logger, write, write_error

    local.write("a.txt", "a", NOON)
    text = io.StringIO()
    logger = logging.Logger("mine", logging.DEBUG)
    logger.addHandler(logging.StreamHandler(text))
    former = set_pyftpsync_logger(logger)
    try:
        options = {"verbose": 5, "progress": True}
        UploadSynchronizer(make_target(str(local)), make_target(str(ftp)), options).run()
        write("several", "arguments", 1, end="")
        write("100% of it", "%s")
        write_error("an error:", ValueError("x"))
    finally:
        set_pyftpsync_logger(former)
    said = text.getvalue()
    assert "a.txt" in said and "several arguments 1\n" in said and "100% of it %s\n" in said and "an error: x\n" in said
    assert "\x1b" not in said and "\r" not in said
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == ""


# ------------------------------------------------------------------ B39: one line


def problem(name: str, local: Place, ftp: Place) -> list[object]:
    """Arguments that lead to an ordinary problem."""
    assert ftp.server is not None
    if name == "refused":
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        return ["upload", local, f"ftp://user:pass@127.0.0.1:{port}/", "--retries", "0"]
    if name == "wrong password":
        return ["upload", local, str(ftp).replace(ftp.server.password, "wrong"), "--no-prompt"]
    if name == "unknown host":
        return ["upload", local, "ftp://user:pass@host.invalid/", "--retries", "0"]
    if name == "missing folder":
        return ["upload", local, f"{ftp}/missing"]
    if name == "missing local folder":
        return ["upload", f"{local}/missing", ftp]
    raise ValueError(name)


PROBLEMS = ["refused", "wrong password", "unknown host", "missing folder", "missing local folder"]


@pytest.mark.parametrize("name", PROBLEMS)
def test_b39_ordinary_problems_take_a_line(name: str, local: Place, ftp: Place) -> None:
    result = command_line(*problem(name, local, ftp))
    assert result.returncode == 1, result
    assert len(result.stderr.splitlines()) == 1 and "Traceback" not in result.stdout, result
    assert "pass@" not in result.stdout + result.stderr


@pytest.mark.parametrize("name", PROBLEMS)
def test_b39_tracebacks_on_request(name: str, local: Place, ftp: Place) -> None:
    result = command_line(*problem(name, local, ftp), "-vv")
    assert result.returncode == 1
    assert "Traceback (most recent call last)" in result.stderr


# ------------------------------------------------------------------ B40, B50 to B53, B55: exit codes and levels


@pytest.fixture
def conflict(ours: Ours, local: Place, ftp: Place) -> tuple[Place, Place]:
    """A conflict, a new file and one that is equal."""
    for name in ("both.txt", "same.txt"):
        local.write(name, "first", NOON)
    assert ours.run("sync", local, ftp).error is None
    local.write("both.txt", "changed in L", NOON + 100)
    ftp.write("both.txt", "changed remotely", NOON + 200)
    local.write("new.txt", "new", NOON)
    return local, ftp


def test_b40_conflicts_are_no_failure(conflict: tuple[Place, Place]) -> None:
    """Kept; a script that wants to know asks."""
    assert command_line("sync", *conflict, "--resolve", "skip").returncode == 0
    assert command_line("sync", *conflict, "--resolve", "skip", "--report-problems").returncode == 10
    assert command_line("sync", *conflict, "--resolve", "local", "--report-problems").returncode == 0


def test_b50_what_was_deleted_at_the_destination_stays_so(ours: Ours, local: Place, ftp: Place) -> None:
    """Kept."""
    local.write("a.txt", "a", NOON)
    assert ours.run("upload", local, ftp).error is None
    ftp.delete("a.txt")
    assert ours.run("upload", local, ftp, delete=True).counters[0] == 0
    assert ftp.state() == {}
    assert ours.run("upload", local, ftp, force=True).counters[0] == 1
    assert ftp.state() == local.state() == {"a.txt": b"a"}


def test_b51_force_overwrites_conflicts(ours: Ours, conflict: tuple[Place, Place]) -> None:
    """Kept."""
    local, ftp = conflict
    outcome = ours.run("upload", local, ftp, force=True, resolve="ask")
    assert outcome.error is None and outcome.stats["interactive_ask"] == 0, outcome
    assert ftp.state() == local.state()


@pytest.mark.parametrize("place", ["before", "after"])
def test_b52_verbosity_before_the_command(conflict: tuple[Place, Place], place: str) -> None:
    words: list[object] = ["sync", *conflict, "--resolve", "skip", "-n"]
    result = command_line(*(["-v", *words] if place == "before" else [*words, "-v"]))
    assert result.returncode == 0, result.stderr
    assert "(DRY-RUN) EQUAL             =  same.txt" in result.stdout.splitlines()


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        ("-v", ["COPY NEW          >  new.txt", "EQUAL             =  same.txt", "SKIP CONFLICT    *?* both.txt"]),
        ("--no-color", ["COPY NEW          >  new.txt", "SKIP CONFLICT    *?* both.txt"]),
        ("-q", ["SKIP CONFLICT    *?* both.txt"]),
        ("-qq", []),
    ],
)
def test_b53_levels_show_what_they_say(conflict: tuple[Place, Place], level: str, shown: list[str]) -> None:
    result = command_line("sync", *conflict, "--resolve", "skip", level)
    assert result.returncode == 0, result.stderr
    assert sorted(actions(result)) == shown
    assert result.stdout.splitlines()[-1].startswith("Wrote 1/3 files in 0 directories, skipped: 1")
    assert result.stderr == ""


def test_b55_quiet_is_quiet(conflict: tuple[Place, Place]) -> None:
    for command in ("upload", "download", "sync"):
        result = command_line(command, *conflict, "--resolve", "skip", "-qqq")
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


# ------------------------------------------------------------------ B56, B59, B61, B62


@pytest.mark.parametrize("record", ["none", "server"])
def test_b56_records_elsewhere(local: Place, ftp: Place, record: str) -> None:
    local.write("d/a.txt", "a", NOON)
    result = command_line("upload", local, ftp, "--record", record)
    assert result.returncode == 0, result.stderr
    assert ftp.state()["d/a.txt"] == b"a"
    assert local.metas() == {} and ftp.metas() == {}
    again = command_line("upload", local, ftp, "--record", record)
    assert again.returncode == 0 and actions(again) == [], again


def test_b59_size_and_time_decide(ours: Ours, local: Place, ftp: Place) -> None:
    """Kept: contents are not compared."""
    local.write("a.txt", "one", NOON)
    assert ours.run("sync", local, ftp).error is None
    local.write("a.txt", "two", NOON + 2)
    assert ours.run("sync", local, ftp).counters[0] == 0
    local.write("a.txt", "two", NOON + 3)
    assert ours.run("sync", local, ftp).counters[0] == 1
    assert ftp.state() == {"a.txt": b"two"}


def test_b62_sftp_is_not_offered(local: Place) -> None:
    result = command_line("upload", local, "sftp://user:pass@host.invalid/")
    assert result.returncode in (1, 2)
    assert "sftp" in result.stderr.lower() and "Traceback" not in result.stderr


# ------------------------------------------------------------------ the list

# Section 12 of the behaviour specification: what is to be better, and what is ours to choose.
FIX = [1, 2, 3, 4, 5, 6, 7, 9, 11, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 27, 28, 29, 30, 31, 32, 33, 35, 37, 38]
FIX += [39, 41, 42, 46, 52, 53, 54, 55]
CHOICE = [8, 26, 43]
OPTIONAL = [10, 25, 36, 44, 45, 56, 58, 61, 62, 63, 65]  # an improvement is offered, or why not


@pytest.fixture(scope="module")
def listed() -> dict[int, str]:
    """By number, the lines of docs/compatibility.md."""
    found: dict[int, str] = {}
    for line in (ROOT / "docs" / "compatibility.md").read_text(encoding="utf-8").splitlines():
        match = re.match(r"\| B(\d+) \|", line)
        if match:
            assert int(match[1]) not in found, f"B{match[1]} is there twice"
            found[int(match[1])] = line
    return found


@pytest.mark.parametrize("number", [*FIX, *CHOICE, *OPTIONAL], ids="B{}".format)
def test_each_difference_is_documented(number: int, listed: dict[int, str]) -> None:
    assert number in listed
    assert len(listed[number].split("|")) == 5, listed[number]


@pytest.mark.parametrize("number", FIX, ids="B{}".format)
def test_each_fix_has_a_test(number: int) -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_fixes_*.py"))
    assert f"\ndef test_b{number}_" in sources
