# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands in a server's log, which grows as long as all the tests that share the server."""

from __future__ import annotations

import typing as t
from pathlib import Path


class CommandLog:
    """Reads each line once.

    Parameters:
        path: of the log, which need not be there yet.
        parse: takes lines, gives the commands in them.
    """

    def __init__(self, path: Path, parse: t.Callable[[str], list[str]]) -> None:
        self._path = path
        self._parse = parse
        self._read_to = 0
        self._commands: list[str] = []

    def commands(self) -> list[str]:
        """All that there are so far."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._read_to)
            lines, newline, _unfinished = file.read().rpartition(b"\n")
        self._read_to += len(lines) + len(newline)
        self._commands += self._parse(lines.decode(errors="surrogateescape"))
        return self._commands
