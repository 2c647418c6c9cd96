# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ordinary problems: one line on stderr and an exit code; where it happened only with -vv (B39)."""

from __future__ import annotations

import platform
import re
import subprocess
import typing as t
from pathlib import Path

import pytest

import ftpsync
from tests.cli.conftest import PROGRAM, Caller, address
from tests.servers import Server

Starter = t.Callable[..., Server]


def test_version(pyftpsync: Caller) -> None:
    assert pyftpsync("--version") == (0, f"{ftpsync.__version__}\n", "")
    known = f"pyftpsync/{ftpsync.__version__} Python/{platform.python_version()} {platform.system()}-"
    for arguments in (("-V", "-v"), ("-v", "--version")):
        assert pyftpsync(*arguments).out.startswith(known)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "pyftpsync: error: missing command"),
        ("upload .", "pyftpsync upload: error: the following arguments are required: REMOTE"),
        ("upload local .", "pyftpsync upload: error: '.' is expected to be the local target (not remote)"),
        ("sync ftp://h/ local", "pyftpsync sync: error: a file system target is expected to be local"),
        ("upload local sftp://h/", "sftp:// is not supported"),
        ("upload local remote --publish staged", "--publish staged needs --record server"),
        ("run", "pyftpsync run: error: could not find .pyftpsync.yaml or pyftpsync.yaml in "),
    ],
)
def test_usage(pyftpsync: Caller, local: Path, remote: Path, line: str, message: str) -> None:
    done = pyftpsync(*line.split())
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert done.err.count("\n") == 2


def problem(pyftpsync: Caller, *arguments: object) -> str:
    """The one line of a call that fails."""
    done = pyftpsync(*arguments)
    assert done.code == 1
    *more, line = done.err.splitlines()
    assert not any("Traceback" in text for text in more)
    loud = pyftpsync(*arguments, "-vv")
    assert loud.code == 1
    assert "Traceback (most recent call last)" in loud.err
    assert loud.err.splitlines()[-1] == line
    assert line.startswith("pyftpsync: error: ")
    return line


def test_missing_folders(pyftpsync: Caller, local: Path, remote: Path) -> None:
    assert "nowhere" in problem(pyftpsync, "upload", "nowhere", remote)
    assert "nowhere" in problem(pyftpsync, "upload", local, "nowhere")
    assert "nowhere" in problem(pyftpsync, "scan", "nowhere")


def test_nobody_listens(pyftpsync: Caller, local: Path) -> None:
    line = problem(pyftpsync, "upload", local, "ftp://u:secret@127.0.0.1:9/", "--retries", "0", "--timeout", "3")
    assert "127.0.0.1" in line
    assert "secret" not in line


def test_a_wrong_password(pyftpsync: Caller, local: Path, ftp_server: Starter) -> None:
    server = ftp_server()
    line = problem(pyftpsync, "upload", local, address(server, password="wrong"), "--no-prompt")
    assert server.username in line
    assert "wrong" not in line


def test_a_missing_folder_on_the_server(pyftpsync: Caller, local: Path, ftp_server: Starter) -> None:
    server = ftp_server()
    assert "--create-folder" in problem(pyftpsync, "upload", local, address(server, "/a/b"))
    assert pyftpsync("upload", local, address(server, "/a/b"), "--create-folder", "-n").code == 0
    assert not (server.root / "a").exists()
    assert pyftpsync("upload", local, address(server, "/a/b"), "--create-folder").code == 0
    assert (server.root / "a/b/d/c.txt").is_file()


def test_certificates(pyftpsync: Caller, local: Path, ftp_server: Starter) -> None:
    server = ftp_server(tls="explicit")
    line = problem(pyftpsync, "upload", local, address(server))
    assert all(option in line for option in ("--ca-file", "--tls-fingerprint", "--no-verify"))
    for trusting in (
        ["--ca-file", server.certificate],
        ["--tls-fingerprint", server.fingerprint],
        ["--no-verify"],
    ):
        assert pyftpsync("scan", address(server), *trusting).code == 0


def test_old_records(pyftpsync: Caller, local: Path, remote: Path) -> None:
    (local / ".pyftpsync-meta.json").write_text('{"_file_version": 2}')
    assert "--migrate" in problem(pyftpsync, "upload", local, remote)
    assert pyftpsync("upload", local, remote, "--migrate").code == 0
    assert pyftpsync("upload", local, remote).code == 0


def test_nobody_reads_any_more(pyftpsync: Caller, local: Path, remote: Path) -> None:
    for number in range(3000):
        (local / f"file{number:04}").touch()
    command = [*PROGRAM, "scan", str(local), "--list"]
    call = subprocess.Popen(command, env=pyftpsync.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert call.stdout is not None
    assert call.stderr is not None
    call.stdout.readline()
    call.stdout.close()
    assert (call.wait(30), call.stderr.read()) == (141, b"")
    call.stderr.close()


def test_both_ways_to_call_it(pyftpsync: Caller) -> None:
    script = "import sys; sys.argv = ['pyftpsync', *{!r}]; from ftpsync.pyftpsync import run; print(run())"
    fine = subprocess.run(
        [PROGRAM[0], "-c", script.format(["-V"])],
        env=pyftpsync.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (fine.returncode, fine.stdout) == (0, f"{ftpsync.__version__}\nNone\n")
    wrong = subprocess.run(
        [PROGRAM[0], "-c", script.format(["frob"])], env=pyftpsync.environment, capture_output=True, check=False
    )
    assert wrong.returncode == 2
    assert re.search(rb"invalid choice: '?frob", wrong.stderr)
