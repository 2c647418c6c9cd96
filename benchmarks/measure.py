# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One command, measured as a whole process: time, CPU, memory; commands and turns by the server and the line."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import tempfile
import typing as t
from pathlib import Path

from .clients import Client, Place
from .keeper import Keeper
from .link import Line, program

LIMIT = 1800.0  # seconds that one command may take


@dataclasses.dataclass
class Measurement:
    """What one run of one client came to."""

    server: str
    tls: bool
    line: str
    work: str
    client: str
    round: int
    files: int
    bytes: int
    seconds: float | None = None
    cpu: float | None = None
    peak_kb: int | None = None
    commands: dict[str, int] | None = None
    turns: int | None = None
    connections: int | None = None
    error: str = ""


def measure(client: Client, work: str, place: Place, line: Line, side: str, keeper: Keeper, about: Measurement) -> None:
    """Run a client at one side of the line, and note what it cost."""
    keeper.commands()
    line.watch(keeper.port)
    with tempfile.TemporaryDirectory(prefix="webdeploy-bench-") as folder:
        result = Path(folder) / "result"
        output, code = _run(
            [program("launch"), side, str(result), *client.command(work, place)],
            {**os.environ, "LC_ALL": "C.UTF-8", "HOME": folder, **client.environment(place)},
        )
        numbers: dict[str, t.Any] = json.loads(result.read_text()) if result.exists() else {}
    if code is None:
        about.error = f"not done after {LIMIT:g} s"
        return
    about.error = client.after(work, output) if code == 0 else f"exit status {code}: {output.strip()[-300:]}"
    about.seconds = numbers.get("seconds")
    about.cpu = numbers["user"] + numbers["system"] if numbers else None
    about.peak_kb = numbers.get("peak_kb")
    stats = line.stats()
    if stats is not None:
        about.turns = stats["turns"]
        about.connections = stats["up"]["connections"] + stats["down"]["connections"]
    about.commands = keeper.commands()


def _run(command: list[str], environment: dict[str, str]) -> tuple[str, int | None]:
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        output, _none = process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return "", None
    return output, process.returncode
