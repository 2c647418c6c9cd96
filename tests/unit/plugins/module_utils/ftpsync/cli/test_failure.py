# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said of an error."""

from __future__ import annotations

import ftplib
import os
import signal

import pytest

from ftpsync.cli import failure, signals
from ftpsync.cli.signals import Terminated, orderly
from ftpsync.errors import ConnectError, LocalError


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (LocalError("/x: is gone"), "/x: is gone"),
        (ConnectError("set validate_certs: false"), "set --no-verify"),
        (ftplib.error_perm("550 no"), "550 no"),
        (FileNotFoundError(2, "No such file", "/x\n\udce4"), "/x\\x0a\\xe4: No such file"),
        (ValueError("two\nlines"), "two lines"),
        (RuntimeError(), "RuntimeError"),
        (KeyError("k"), "internal error: KeyError: 'k' (-vv shows where)"),
        (AssertionError(), "internal error: AssertionError: AssertionError (-vv shows where)"),
    ],
)
def test_errors_are_one_line(error: Exception, line: str) -> None:
    assert failure.line(error) == line


def test_nobody_to_ask() -> None:
    assert "--resolve" in failure.line(EOFError())


def test_a_signal_ends_like_ctrl_c() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Terminated) as found, orderly():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)  # does not disturb the cleaning up
    assert found.value.exit_code == 143
    assert isinstance(found.value, KeyboardInterrupt)
    assert signal.getsignal(signal.SIGTERM) is before


def test_ctrl_c_twice_is_ctrl_c_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with orderly():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        monkeypatch.setattr(signals, "GRACE", 0.0)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with orderly():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
