# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs in processes of their own that can be killed, each forked in milliseconds from one that has loaded the engine.

As a program: one line of JSON in, `{"run": "sync" or "rollback", …}`; a line with the process's number out, and a line
with its exit status when it has ended. A program with one thread only, so that a fork is safe.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import traceback
import typing as t
from pathlib import Path

FAILED = 4  # exit status of a run that has not done all, and says why


class Nursery:
    """Starts runs; use as a context manager."""

    def __enter__(self) -> Nursery:
        # A signal may find what measures coverage with its lock taken, which nobody would give back.
        unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env=unmeasured,
        )
        self._pid: int | None = None
        self._has_begun = threading.Event()
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.communicate()

    def _line(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def start(self, **job: t.Any) -> int:
        """Starts a run, and gives its process."""
        assert self._process.stdin is not None
        self._has_begun.clear()
        self._process.stdin.write(json.dumps(job) + "\n")
        self._pid = self._line()
        self._has_begun.set()
        return self._pid

    def kill(self, number: int) -> None:
        """Sends a signal to the run, or to nobody if it has ended.

        Servers do that in their threads, as soon as the run talks to them: its number may not be known here yet.
        """
        assert self._has_begun.wait(60)
        if self._pid is not None:  # else the number may be another process's by now
            os.kill(self._pid, number)

    def kill_hard(self) -> None:
        """The run is no more."""
        self.kill(signal.SIGKILL)

    def wait(self) -> int:
        """Waits until the run has ended: its exit status, or the negative number of the signal that ended it."""
        status = self._line()
        self._pid = None
        return status


def _run(job: dict[str, t.Any]) -> None:
    from ftpsync import engine, options
    from ftpsync.errors import FtpSyncError
    from ftpsync.rollback import run as rollback

    result: t.Any
    if job["run"] == "sync":
        result = engine.synchronize(options.validate(job["options"]), check=False)
    else:
        result = rollback.roll_back(rollback.validate(job["options"]), backup_id=job["backup_id"], state=job["state"])
    if result.error is not None:
        raise FtpSyncError(result.error)


def main() -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "plugins" / "module_utils"))
    import ftpsync.engine
    import ftpsync.rollback.run  # noqa: F401 - loaded once, for all forks
    from ftpsync.errors import FtpSyncError

    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGINT, signal.default_int_handler)  # shells have jobs in the background ignore it
            status = 3
            try:
                _run(json.loads(line))
                status = 0
            except KeyboardInterrupt:
                status = 2
            except FtpSyncError as error:
                status = FAILED
                print(f"{type(error).__name__}: {error}", file=sys.stderr)
            except BaseException:  # noqa: BLE001 - whatever it is, this process must not go on with the loop
                traceback.print_exc()
            os._exit(status)
        print(pid, flush=True)
        status = os.waitpid(pid, 0)[1]
        print(-os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status), flush=True)


if __name__ == "__main__":
    main()
