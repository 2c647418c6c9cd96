# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs that are compared: this project, and real releases of pyftpsync (scripts/peers installs them)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import typing as t
from pathlib import Path

from tests.conftest import ROOT

from . import driver

ENGINE = ROOT / "plugins" / "module_utils"
PEERS = ROOT / ".venv" / "peers"


class Outcome(t.NamedTuple):
    error: str | None  # "Class: message"
    stats: dict[str, t.Any]
    output: str

    @property
    def counters(self) -> tuple[int, ...]:
        """W, up, dn, fd, dd, C, S: the numbers in the tables."""
        keys = (
            "files_written",
            "upload_files_written",
            "download_files_written",
            "files_deleted",
            "dirs_deleted",
            "conflict_files",
            "conflict_files_skipped",
        )
        return tuple(self.stats[key] for key in keys)

    @property
    def changes(self) -> tuple[int, ...]:
        """What was written, created and deleted."""
        return tuple(self.stats[key] for key in ("files_written", "dirs_created", "files_deleted", "dirs_deleted"))


class Program(t.Protocol):
    version: str

    def run(self, command: str, local: object, remote: object, **options: t.Any) -> Outcome:
        """Run a command between two places."""


class Ours:
    """This project, in this process."""

    version = "ours"

    def run(self, command: str, local: object, remote: object, **options: t.Any) -> Outcome:
        request = {"command": command, "local": str(local), "remote": str(remote), "options": options}
        return Outcome(**driver.run(request))


def interpreter(version: str) -> Path:
    """The Python that a release of pyftpsync is installed for."""
    python = PEERS / version / "bin" / "python"
    if not python.exists():
        raise FileNotFoundError(f"pyftpsync {version} is not installed; scripts/peers does that")
    return python


class Peer:
    """A release of pyftpsync in a process of its own, which serves any number of runs."""

    def __init__(self, version: str) -> None:
        self.version = version
        self._process = subprocess.Popen(
            [str(interpreter(version)), "-W", "ignore", str(Path(driver.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env={**os.environ, "PYTHONPATH": "", "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"},
        )

    def run(self, command: str, local: object, remote: object, **options: t.Any) -> Outcome:
        if self.version.startswith("4"):
            options.setdefault("case", "strict")  # without it, 4.1 never enters folders with a capital in their name
        request = {"command": command, "local": str(local), "remote": str(remote), "options": options}
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"pyftpsync {self.version} ended with {self._process.wait()}")
        return Outcome(**json.loads(answer))

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


def _invocation(arguments: t.Sequence[object], env: t.Mapping[str, str], version: str = "ours") -> dict[str, t.Any]:
    ours = version == "ours"
    python = sys.executable if ours else str(interpreter(version))
    return {
        "args": [python, "-W", "ignore", "-m", "ftpsync.pyftpsync", *(str(argument) for argument in arguments)],
        "env": {
            **os.environ,
            "PYTHONPATH": str(ENGINE) if ours else "",
            "HOME": "/nonexistent",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            **env,
        },
        "encoding": "utf-8",
        "errors": "surrogateescape",
    }


def command_line(
    *arguments: object,
    cwd: Path | None = None,
    env: t.Mapping[str, str] | None = None,
    answers: str | None = None,
    version: str = "ours",
) -> subprocess.CompletedProcess[str]:
    """`pyftpsync` as a process, ours or a release; the home folder is an empty one unless `env` says otherwise."""
    return subprocess.run(
        **_invocation(arguments, env or {}, version),
        cwd=cwd,
        check=False,
        timeout=120,
        capture_output=True,
        **({"stdin": subprocess.DEVNULL} if answers is None else {"input": answers}),
    )


class Running:
    """Our `pyftpsync` while it runs; killed when the block ends, if it still runs."""

    def __init__(self, *arguments: object) -> None:
        self._output = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - lives as long as the run
        self.process = subprocess.Popen(
            **_invocation(arguments, {"PYTHONUNBUFFERED": "1"}),
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *exc: object) -> None:
        self.process.kill()
        self.process.wait()

    def wait_until(self, happened: t.Callable[[], object], what: str) -> None:
        """Wait for something that the run will do before it ends."""
        deadline = time.monotonic() + 60
        while not happened():
            assert self.process.poll() is None, f"the run has ended without {what}: {self.output()}"
            assert time.monotonic() < deadline, f"no {what}: {self.output()}"
            time.sleep(0.01)

    def end(self, by: int) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(by)
        return self.process.wait(60)

    def output(self) -> str:
        self._output.seek(0)
        return self._output.read()
