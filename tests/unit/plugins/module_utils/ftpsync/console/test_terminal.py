# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Colours only where somebody sees them; text that no terminal can show does no harm."""

from __future__ import annotations

import fcntl
import io
import os
import struct
import sys
import termios

import pytest

from ftpsync.console import terminal


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("told", "width"), [("100", 100), ("0", 80), ("-1", 80), ("wide", 80), (None, 80)])
def test_the_width_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch, told: str | None, width: int) -> None:
    monkeypatch.setattr(sys, "__stdout__", io.StringIO())
    monkeypatch.delenv("COLUMNS", raising=False)
    if told is not None:
        monkeypatch.setenv("COLUMNS", told)
    assert terminal.columns() == width


def test_the_width_is_that_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, keyboard = os.openpty()
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 66, 0, 0))
    monkeypatch.delenv("COLUMNS", raising=False)
    with os.fdopen(keyboard, "w") as stdout:
        monkeypatch.setattr(sys, "__stdout__", stdout)
        assert terminal.columns() == 66
    os.close(screen)
    assert terminal.columns() == 80, "it is closed"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Fore.RED", "31"),
        ("Fore.LIGHTRED_EX", "91"),
        ("fore.lightblack_ex", "90"),
        ("Fore.CYAN", "36"),
        ("Back.GREEN", "42"),
        ("Style.BRIGHT", "1"),
        ("Style.RESET_ALL", "0"),
    ],
)
def test_colours_on_a_terminal(monkeypatch: pytest.MonkeyPatch, name: str, code: str) -> None:
    monkeypatch.setattr(sys, "stdout", Screen())
    assert terminal.ansi_code(name) == f"\x1b[{code}m"


def test_unknown_colours_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Screen())
    assert terminal.ansi_code("Fore.TARTAN") == ""


@pytest.mark.parametrize("stream", [io.StringIO(), None])
def test_no_colours_elsewhere(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None) -> None:
    monkeypatch.setattr(sys, "stdout", stream)
    assert terminal.ansi_code("Fore.RED") == ""
    terminal.put("nobody sees this")


def test_a_closed_stream_is_no_terminal() -> None:
    stream = io.StringIO()
    stream.close()
    assert not terminal.is_terminal(stream)


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("utf-8", "é\\udcff"), ("ascii", "\\xe9\\udcff"), ("latin-1", "é\\udcff"), (None, "é\\udcff")],
)
def test_what_cannot_be_encoded_is_escaped(encoding: str | None, shown: str) -> None:
    assert terminal.encodable("é\udcff", encoding) == shown


def test_stray_bytes_in_names_can_be_written() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="utf-8")
    terminal.put("caf\udce9\n", stream)
    assert raw.getvalue() == b"caf\\udce9\n"


def test_questions_work_on_pipes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(" l \n"))
    assert terminal.console_input("Use Local, Skip ? ") == " l "
    assert capsys.readouterr().out == "Use Local, Skip ? "
    with pytest.raises(EOFError):
        terminal.console_input("? ")
