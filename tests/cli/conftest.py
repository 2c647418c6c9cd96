# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Call `pyftpsync` as users do: in a process of its own, with a home of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal
from tests.conftest import ROOT
from tests.servers import Server

PROGRAM = [sys.executable, "-m", "ftpsync.pyftpsync"]


class Called(t.NamedTuple):
    """What became of a call."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """Lines of stdout."""
        return self.out.splitlines()


class Caller:
    """Calls the program.

    Attributes:
        folder: the current folder of calls.
        environment: of calls.
    """

    def __init__(self, home: Path, folder: Path) -> None:
        self.folder = folder
        unwanted = ("NO_COLOR", "PYFTPSYNC_VERBOSE_META", "TERM", "COLUMNS")
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in unwanted},
            "HOME": str(home),
            "PYTHONPATH": str(ROOT / "plugins" / "module_utils"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "TZ": "UTC",
        }

    def __call__(self, *arguments: object, answers: str = "", **environment: str) -> Called:
        """Call and wait; all goes through pipes.

        Parameters:
            answers: what is typed.
            environment: more of it.
        """
        done = subprocess.run(
            [*PROGRAM, *map(str, arguments)],
            cwd=self.folder,
            env={**self.environment, **environment},
            input=answers,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Called(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        """Call and do not wait."""
        return subprocess.Popen(
            [*PROGRAM, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def in_terminal(self, *arguments: object, **environment: str) -> Terminal:
        """Call in a terminal of 100 columns."""
        variables = {**self.environment, "TERM": "xterm-256color", **environment}
        return Terminal([*PROGRAM, *map(str, arguments)], self.folder, variables)


@pytest.fixture
def pyftpsync(tmp_path: Path) -> Caller:
    home, folder = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    folder.mkdir()
    return Caller(home, folder)


@pytest.fixture
def local(pyftpsync: Caller) -> Path:
    """A folder with two files and a folder, all of 2020."""
    folder = pyftpsync.folder / "local"
    write(folder / "a.txt", "one")
    write(folder / "b.txt", "two")
    write(folder / "d" / "c.txt", "three")
    return folder


@pytest.fixture
def remote(pyftpsync: Caller) -> Path:
    """An empty folder."""
    folder = pyftpsync.folder / "remote"
    folder.mkdir()
    return folder


def write(path: Path, content: str, mtime: float = 1577836800.0) -> Path:
    """Write a file with a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    os.utime(path, (mtime, mtime))
    return path


def address(server: Server, path: str = "/", password: str | None = None) -> str:
    """A URL with user and password."""
    scheme = "ftps" if server.tls else "ftp"
    return f"{scheme}://{server.username}:{password or server.password}@{server.host}:{server.port}{path}"


def content(folder: Path) -> dict[str, str]:
    """Every file, without records."""
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".pyftpsync")
    }
