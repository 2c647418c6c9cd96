# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""How far a run is, line by line in a file that other programs follow."""

from __future__ import annotations

import json
import os
import threading
import time
import types
import typing as t

from .figures import Pace, Snapshot, snapshot

if t.TYPE_CHECKING:
    from .tally import Tally

INTERVAL = 1.0  # seconds between two lines
TAIL = 4096  # bytes; more than any line has


class ProgressFile:
    """Appends a line each second in which something has changed, from a thread; to be used around a run.

    Nobody waits for it: a file that cannot be written at once, such as a pipe without a reader, is given up.

    Parameters:
        path: of the file; what was in it goes.
        tally: of the run.

    Attributes:
        problem: why it was given up, in one line, or None.
    """

    def __init__(self, path: str, tally: Tally) -> None:
        self._path = path
        self._tally = tally
        self._pace = Pace()
        self._last = ""
        self._file = -1
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="progress", daemon=True)
        self.problem: str | None = None

    def __enter__(self) -> ProgressFile:
        try:
            how = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK | os.O_NOCTTY
            self._file = os.open(self._path, how, 0o666)
        except (OSError, ValueError) as error:
            self._give_up(error)
        else:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        if self._file < 0:
            return
        self._over.set()
        self._thread.join()
        self._tally.phase = "done"
        self._write()
        os.close(self._file)

    def _follow(self) -> None:
        self._write()
        while not self._over.wait(INTERVAL) and self.problem is None:
            self._write()

    def _write(self) -> None:
        if self.problem is not None:
            return
        line = json.dumps(snapshot(self._tally, self._pace, time.monotonic())._asdict())
        if line == self._last:
            return
        try:
            os.write(self._file, f"{line}\n".encode())
        except OSError as error:
            self._give_up(error)
        self._last = line

    def _give_up(self, error: OSError | ValueError) -> None:
        why = error.strerror if isinstance(error, OSError) else error
        self.problem = f"progress_file: {self._path} cannot be written ({why}); the run is not affected"


def newest(path: str) -> Snapshot | None:
    """The last line of such a file, or None while there is none."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL))
            lines = file.read().split(b"\n")
    except OSError:
        return None
    return Snapshot(**json.loads(lines[-2])) if len(lines) > 1 else None
