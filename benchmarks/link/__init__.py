# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines between a client and a server on one machine: how long, how wide; two small C programs do the work."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import subprocess
import typing as t
from pathlib import Path

CLIENT = "10.77.0.1"
SERVER = "10.77.0.2"

_HERE = Path(__file__).resolve().parent
_CACHE = _HERE.parent.parent / ".cache" / "benchmarks"


@dataclasses.dataclass(frozen=True)
class Kind:
    """A line; without a round trip, client and server talk over the loopback device."""

    name: str
    rtt: float  # seconds
    rate: int  # bits a second each way; 0: as fast as the machine

    @property
    def queue(self) -> float:
        """Seconds a packet may wait for the wire, as in the buffer of an ordinary router."""
        return max(self.rtt, 0.05)


KINDS = {
    kind.name: kind
    for kind in (Kind("loopback", 0, 0), Kind("20ms", 0.020, 100_000_000), Kind("60ms", 0.060, 100_000_000))
}


def program(name: str) -> str:
    """The path of a compiled program; compiled once for each state of its source."""
    source = _HERE / f"{name}.c"
    binary = _CACHE / f"{name}-{hashlib.sha256(source.read_bytes()).hexdigest()[:12]}"
    if not binary.exists():
        _CACHE.mkdir(parents=True, exist_ok=True)
        fresh = binary.with_suffix(f".{os.getpid()}")  # two benchmarks may begin at the same time
        subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-pthread", "-o", str(fresh), str(source)], check=True)
        fresh.rename(binary)
    return str(binary)


class Line:
    """A line that exists as long as the context."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        numbers = (kind.rtt * 1e6, kind.rate, kind.queue * 1e6)
        self._relay = subprocess.Popen(
            [program("relay"), *(str(int(number)) for number in numbers), CLIENT, SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        words = self._output.readline().split()
        if words[:1] != ["ready"]:
            raise RuntimeError("the line could not be set up, see above: this needs root and /dev/net/tun")
        spaces = [f"/proc/{self._relay.pid}/fd/{number}" for number in words[1:]]
        self.server_side = spaces[1]
        self.client_side = spaces[0] if kind.rtt else spaces[1]

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *exc: object) -> None:
        self._input.close()
        self._relay.wait()
        self._output.close()

    def watch(self, port: int) -> None:
        """Start to count anew; turns are those of connections to this port."""
        self._input.write(f"port {port}\nreset\n")
        self._input.flush()

    def stats(self) -> dict[str, t.Any] | None:
        """What went over the line since ``watch``; None where nothing goes through our hands."""
        if not self.kind.rtt:
            return None
        self._input.write("stats\n")
        self._input.flush()
        return t.cast("dict[str, t.Any]", json.loads(self._output.readline()))

    @property
    def _input(self) -> t.IO[str]:
        assert self._relay.stdin is not None
        return self._relay.stdin

    @property
    def _output(self) -> t.IO[str]:
        assert self._relay.stdout is not None
        return self._relay.stdout
