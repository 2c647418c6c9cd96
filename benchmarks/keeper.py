# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps an FTP server within the server's side of a line, and reads its log of commands.

As a program it is the process on that side: options as JSON in its argument, an address as JSON on its output, then a
line of JSON with the commands received since the last time for each line of input; it ends with its input.
"""

from __future__ import annotations

import collections
import json
import subprocess
import sys
import typing as t
from pathlib import Path

from tests.servers.fetch import PACKAGES, fetch

from .link import SERVER, Line, program

_ROOT = Path(__file__).resolve().parent.parent


class Keeper:
    """A server at the far end of a line."""

    def __init__(self, line: Line, kind: str, tls: bool) -> None:
        self.kind = kind
        self.tls = tls
        if kind in PACKAGES:
            fetch(kind)  # from the server's side of a line no mirror can be reached
        options = {"kind": kind, "tls": "explicit" if tls else None, "host": SERVER}
        command = [sys.executable, "-m", "benchmarks.keeper", json.dumps(options)]
        self._process = subprocess.Popen(
            [program("launch"), line.server_side, "-", *command],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        said = self._output.readline()
        if not said:
            raise RuntimeError(f"{kind} did not start: see above")
        about = json.loads(said)
        self.port: int = about["port"]
        self.root = Path(about["root"])
        self.certificate: str | None = about["certificate"]
        self.username: str = about["username"]
        self.password: str = about["password"]

    def __enter__(self) -> Keeper:
        return self

    def __exit__(self, *exc: object) -> None:
        self._input.close()
        self._process.wait()
        self._output.close()

    def commands(self) -> dict[str, int]:
        """How many commands of each kind have come since the last call."""
        self._input.write("\n")
        self._input.flush()
        return t.cast("dict[str, int]", json.loads(self._output.readline()))

    @property
    def _input(self) -> t.IO[str]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _output(self) -> t.IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout


def main() -> None:
    from tests.servers import start

    options = json.loads(sys.argv[1])
    with start(options.pop("kind"), **options) as server:
        about = {
            "port": server.port,
            "root": str(server.root),
            "certificate": str(server.certificate) if server.certificate else None,
            "username": server.username,
            "password": server.password,
        }
        print(json.dumps(about), flush=True)
        for dummy in sys.stdin:
            counts = collections.Counter(command.partition(" ")[0] for command in server.commands())
            server.mark()
            print(json.dumps(counts), flush=True)


if __name__ == "__main__":
    main()
