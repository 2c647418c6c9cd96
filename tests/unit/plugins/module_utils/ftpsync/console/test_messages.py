# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages reach a logger as plain records, or stdout and stderr as they are."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import typing as t

import pytest

import ftpsync
from ftpsync.console.messages import get_pyftpsync_logger, set_pyftpsync_logger, write, write_error


@pytest.fixture(autouse=True)
def _channel() -> t.Iterator[None]:
    previous = get_pyftpsync_logger()
    yield
    set_pyftpsync_logger(previous)


def test_the_default_is_the_logger_pyftpsync() -> None:
    own = logging.getLogger("own")
    set_pyftpsync_logger()
    default = get_pyftpsync_logger()
    assert default is not None and default.name == "pyftpsync"
    assert set_pyftpsync_logger(own) is default
    assert set_pyftpsync_logger(None) is own
    assert set_pyftpsync_logger(True) is None
    assert get_pyftpsync_logger() is default


def test_a_script_without_logging_gets_lines_on_stderr() -> None:
    folder = ftpsync.__path__[0].rpartition("/")[0]
    script = "from ftpsync.util import *; write('COPY NEW'); write_error('bad'); write('x', debug=True)"
    done = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert done.stderr == "INFO:pyftpsync:COPY NEW\nERROR:pyftpsync:bad\nDEBUG:pyftpsync:x\n"


def test_a_script_that_imports_late_keeps_its_own_logging() -> None:
    folder = ftpsync.__path__[0].rpartition("/")[0]
    script = (
        "from ftpsync.util import *; import logging, sys;"
        "logging.basicConfig(stream=sys.stdout, format='%(message)s');"
        "write('a'); write('b', debug=True)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("a\nb\n", "")


def test_log_records_are_plain(caplog: pytest.LogCaptureFixture) -> None:
    set_pyftpsync_logger(logging.getLogger("own"))
    with caplog.at_level(logging.DEBUG, "own"):
        write("\x1b[31mCOPY\x1b[0m 100%s", 2, "caf\udce9", end="", file=io.StringIO())
        write("careful", warning=True)
        write("detail", debug=True)
        write("Touched 3/17 entries", end="\r")  # only for a screen
        write_error("bad", 5)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "COPY 100%s 2 caf\\udce9"),
        ("WARNING", "careful"),
        ("DEBUG", "detail"),
        ("ERROR", "bad 5"),
    ]


def test_without_logger_it_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    set_pyftpsync_logger(None)
    write("a", 1, sep="-")
    write("b", end="\r", debug=True)
    write_error("bad")
    write()
    own = io.StringIO()
    write("mine", file=own)
    assert capsys.readouterr() == ("a-1\nb\r\n", "bad\n")
    assert own.getvalue() == "mine\n"
