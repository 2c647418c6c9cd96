# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A program in a pseudo-terminal that can be read and typed into."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import typing as t
from pathlib import Path

WAIT = 60.0  # seconds that something may take to appear, on a machine that is busy with other tests
SEQUENCE = re.compile("\x1b\\[[0-9;?]*[A-Za-z]")


class Terminal:
    """The program has it as its controlling terminal, as from a shell."""

    def __init__(self, command: t.Sequence[str], folder: Path, environment: t.Mapping[str, str]) -> None:
        self.raw = ""
        self._read_to = 0
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self._ours = ours
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no threads here
        )
        os.close(theirs)

    @property
    def text(self) -> str:
        """All that was written, without colours and cursor movements."""
        return SEQUENCE.sub("", self.raw).replace("\r\n", "\n")

    def expect(self, wanted: str) -> str:
        """Wait until a text appears after what was expected before; gives all up to its end."""
        deadline = time.monotonic() + WAIT
        while True:
            place = self.text.find(wanted, self._read_to)
            if place >= 0:
                before, self._read_to = self._read_to, place + len(wanted)
                return self.text[before : self._read_to]
            if not self._read(deadline):
                raise AssertionError(f"{wanted!r} does not appear; there is: {self.text!r}")

    def type(self, keys: str) -> None:
        """Type; "\x03" is Ctrl+C."""
        os.write(self._ours, keys.encode())

    def stays_silent(self, seconds: float) -> bool:
        """Whether nothing is written for that long."""
        before = len(self.raw)
        deadline = time.monotonic() + seconds
        while self._read(deadline):
            pass
        return len(self.raw) == before

    def ends_within(self, seconds: float) -> bool:
        """Whether the program has ended by then."""
        deadline = time.monotonic() + seconds
        while self._read(deadline):
            pass
        try:
            self._process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self) -> int:
        """Wait for the program; gives its exit code."""
        deadline = time.monotonic() + WAIT
        while self._read(deadline):
            pass
        try:
            return self._process.wait(max(0.1, deadline - time.monotonic()))
        finally:
            self.close()

    def close(self) -> None:
        """Leave nothing behind."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        if self._ours >= 0:
            os.close(self._ours)
            self._ours = -1

    def _read(self, deadline: float) -> bool:
        """Read what is there; False at the end, or when it is too late."""
        ready, _none, _nothing = select.select([self._ours], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            block = os.read(self._ours, 65536)
        except OSError:  # Linux: the other end is closed
            return False
        self.raw += block.decode("utf-8", "replace")
        return bool(block)
