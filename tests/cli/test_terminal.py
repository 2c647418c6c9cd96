# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""In a terminal: colours, questions, the display, Ctrl+C."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import typing as t
from pathlib import Path

import pytest

from tests.cli.conftest import Caller, address, content, write
from tests.cli.terminal import Terminal
from tests.servers import Server

CYAN, RESET, ERASE = "\x1b[36m", "\x1b[0m", "\x1b[K"
LOCK = ".pyftpsync-lock.json"


@pytest.fixture
def no_rich(pyftpsync: Caller, tmp_path: Path) -> None:
    """As if the package were not installed."""
    folder = tmp_path / "hidden"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import importlib.util as u\nreal = u.find_spec\n"
        "u.find_spec = lambda name, package=None: None if name == 'rich' else real(name, package)\n"
    )
    pyftpsync.environment["PYTHONPATH"] += os.pathsep + str(folder)


@pytest.fixture
def slow(local: Path, ftp_server: t.Callable[..., Server]) -> Server:
    """A server, and something to upload that takes seconds with --bwlimit 300k."""
    for number in range(6):
        (local / f"large{number}").write_bytes(os.urandom(200_000))
    return ftp_server()


SLOWLY = ("--bwlimit", "300k", "--connections", "2")


def test_colours_without_rich(pyftpsync: Caller, local: Path, remote: Path, no_rich: None) -> None:
    terminal = pyftpsync.in_terminal("upload", local, remote)
    assert terminal.end() == 0
    assert f"{CYAN}COPY EXISTING     >  a.txt{RESET}{ERASE}\r\n" in terminal.raw
    assert "Touched " in terminal.raw


@pytest.mark.parametrize(("arguments", "environment"), [(["--no-color"], {}), ([], {"NO_COLOR": "1"})])
@pytest.mark.parametrize("rich", [True, False])
def test_no_colours(
    pyftpsync: Caller,
    local: Path,
    remote: Path,
    arguments: list[str],
    environment: dict[str, str],
    rich: bool,
    request: pytest.FixtureRequest,
) -> None:
    if not rich:
        request.getfixturevalue("no_rich")
    terminal = pyftpsync.in_terminal("upload", local, remote, *arguments, **environment)
    assert terminal.end() == 0
    assert "COPY EXISTING     >  a.txt" in terminal.text
    assert "\x1b[3" not in terminal.raw.replace(ERASE, "")


def test_the_live_display(pyftpsync: Caller, local: Path, slow: Server) -> None:
    pytest.importorskip("rich")
    terminal = pyftpsync.in_terminal("upload", local, address(slow), *SLOWLY)
    terminal.expect("Copying")
    terminal.expect("/9 files  ")
    terminal.expect(" of 1.2 MB  ")
    terminal.expect("kB/s  0:0")
    terminal.expect(" left")
    assert terminal.end() == 0
    assert "COPY EXISTING     >  large0\n" in terminal.text
    assert "Touched" not in terminal.text
    assert terminal.raw.rstrip().endswith("sec.")  # nothing of the display stays below the summary
    assert "\x1b[?25h" in terminal.raw  # the cursor is back
    assert slow.files().keys() >= {"large0", "large5", "d/c.txt"}


def test_the_live_display_with_a_record_on_the_server(pyftpsync: Caller, local: Path, slow: Server) -> None:
    pytest.importorskip("rich")
    terminal = pyftpsync.in_terminal("upload", local, address(slow), *SLOWLY, "--record", "server")
    terminal.expect("Copying")
    terminal.expect("/9 files  ")
    terminal.expect(" of 1.2 MB  ")
    terminal.expect("kB/s  0:0")
    assert terminal.end() == 0
    assert "COPY NEW          >  large0\n" in terminal.text
    assert terminal.raw.rstrip().endswith("sec.")


def test_a_document_while_somebody_watches(pyftpsync: Caller, local: Path, slow: Server, tmp_path: Path) -> None:
    pytest.importorskip("rich")
    answer = tmp_path / "answer.json"
    call = f"{sys.executable} -m ftpsync.pyftpsync upload {local} {address(slow)} {' '.join(SLOWLY)} --json > {answer}"
    terminal = Terminal(["sh", "-c", call], pyftpsync.folder, {**pyftpsync.environment, "TERM": "xterm"})
    terminal.expect("kB/s  0:0")
    assert terminal.end() == 0
    assert len(json.loads(answer.read_text())["uploaded"]) == 9


def test_quiet_and_dumb_terminals_have_no_display(pyftpsync: Caller, local: Path, remote: Path) -> None:
    terminal = pyftpsync.in_terminal("upload", local, remote, "-q")
    assert (terminal.end(), terminal.text.count("\n")) == (0, 1)
    terminal = pyftpsync.in_terminal("upload", local, remote, "--force", TERM="dumb")
    assert terminal.end() == 0
    assert "\x1b[?25" not in terminal.raw


@pytest.mark.parametrize("rich", [True, False])
def test_the_dialogue(pyftpsync: Caller, local: Path, remote: Path, rich: bool, request: pytest.FixtureRequest) -> None:
    if not rich:
        request.getfixturevalue("no_rich")
    assert pyftpsync("sync", local, remote).code == 0
    for name in ("a.txt", "b.txt", "d/c.txt"):
        write(local / name, "here", time.time() - 100)
        write(remote / name, "there", time.time() - 10)
    terminal = pyftpsync.in_terminal("sync", local, remote)
    terminal.expect("CONFLICT: 'a.txt' was modified on both targets since last sync (20")
    terminal.expect("bytes (newer, larger)")
    terminal.expect("Binary compare, Help ? ")
    terminal.type("h\n")
    terminal.expect("The following keys are supported:")
    terminal.expect("Help ? ")
    terminal.type("l\n")
    terminal.expect("CONFLICT: 'b.txt'")
    terminal.expect("Help ? ")
    terminal.type("R\n")
    terminal.expect("COPY CONFLICT    *>* a.txt")
    assert terminal.end() == 0
    assert "CONFLICT: 'd/c.txt'" not in terminal.text
    assert terminal.text.rstrip().endswith("skipped: 0.")
    assert content(local) == content(remote) == {"a.txt": "here", "b.txt": "there", "d/c.txt": "there"}


def test_passwords_are_asked_for_and_not_shown(pyftpsync: Caller, local: Path, slow: Server) -> None:
    terminal = pyftpsync.in_terminal("upload", local, f"ftp://{slow.host}:{slow.port}/")
    terminal.expect(f"Enter username for {slow.host} [")
    terminal.type(f"{slow.username}\n")
    terminal.expect(f"Enter password for {slow.username}@{slow.host} (Ctrl+C to abort): ")
    assert terminal.stays_silent(0.6)  # no display that would erase the question
    terminal.type("wrong\n")
    terminal.expect(f"Could not login to {slow.username}@{slow.host}")
    terminal.expect("(Ctrl+C to abort): ")
    terminal.type(f"{slow.password}\n")
    assert terminal.end() == 0
    assert slow.password not in terminal.raw
    assert "large0" in slow.files()


def test_ctrl_c_at_a_question(pyftpsync: Caller, local: Path, remote: Path) -> None:
    pyftpsync("sync", local, remote)
    write(local / "a.txt", "here", time.time() - 100)
    write(remote / "a.txt", "there", time.time() - 10)
    terminal = pyftpsync.in_terminal("sync", local, remote)
    terminal.expect("Help ? ")
    terminal.type("\x03")
    assert terminal.end() == 3
    assert terminal.text.endswith("\nAborted by user.\n")


def test_ctrl_c_while_copying(pyftpsync: Caller, local: Path, slow: Server) -> None:
    terminal = pyftpsync.in_terminal("upload", local, address(slow), *SLOWLY)
    terminal.expect("COPY EXISTING     >  large")
    terminal.type("\x03")
    assert terminal.end() == 3
    assert "Aborted by user." in terminal.text
    assert "Traceback" not in terminal.text
    assert "\x1b[?25h" in terminal.raw
    clean_and_remembered(pyftpsync, local, slow)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 3)])
def test_signals(pyftpsync: Caller, local: Path, slow: Server, number: int, code: int) -> None:
    call = pyftpsync.start("upload", local, address(slow), *SLOWLY)
    assert call.stdout is not None
    for line in call.stdout:
        if "COPY EXISTING     >  large" in line:
            break
    call.send_signal(number)
    out, err = call.communicate(timeout=20)
    assert (call.returncode, "Wrote" in out) == (code, False)
    assert err.strip() == ("Aborted by user." if number == signal.SIGINT else "Terminated.")
    clean_and_remembered(pyftpsync, local, slow)


def clean_and_remembered(pyftpsync: Caller, local: Path, server: Server) -> None:
    """No lock, no half files; what was copied is in the records."""
    there = server.files()
    assert LOCK not in there
    complete = {path: text for path, text in there.items() if (local / path).is_file() and path[0] != "."}
    assert complete
    assert all((local / path).read_bytes() == text for path, text in complete.items())
    assert len(complete) < 9
    again = pyftpsync("upload", local, address(server), "-v")
    assert again.code == 0
    for path in complete:
        assert f"EQUAL             =  {path}" in again.lines
    assert {path for path in server.files() if not path.startswith(".pyftpsync")} == {
        path.relative_to(local).as_posix()
        for path in local.rglob("*")
        if path.is_file() and not path.name.startswith(".pyftpsync")
    }


def test_a_terminal_that_is_no_input(pyftpsync: Caller, local: Path, remote: Path) -> None:
    """Output to a terminal alone, as from cron with a console: no display unless asked for."""
    script = f"{sys.executable} -m ftpsync.pyftpsync upload {local} {remote} < /dev/null"
    terminal = Terminal(["sh", "-c", script], pyftpsync.folder, {**pyftpsync.environment, "TERM": "xterm"})
    assert terminal.end() == 0
    assert "\x1b[?25" not in terminal.raw
