# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server as a process in namespaces of its own.

In its own mount namespace a server sees another /etc/pam.d or /dev/log without the machine being changed. In its own
process namespace all of its sessions end with it, however they were forked, and nothing else can be hit; it ends as
well when the tests are killed.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
import typing as t
from pathlib import Path

from .base import CannotStart, Server, free_port
from .fetch import Tree, fetch

# As process 1 of its namespace the shell adopts and reaps what sessions leave behind.
_INIT = """
set -e
while [ "$1" != -- ]; do mount --rbind "$1" "$2"; shift 2; done
shift
"$@"
exit $?
"""


class Launch(t.NamedTuple):
    command: list[str]
    mounts: list[tuple[Path, Path]]  # (what, where), in this order


class ProcessServer(Server):
    """A server out of a Debian package."""

    _process: subprocess.Popen[bytes] | None = None
    tree: Tree

    def prepare(self) -> Launch:
        """Write the configuration; how to start the server in the foreground."""
        raise NotImplementedError

    def launch(self) -> None:
        self.tree = fetch(self.kind)
        for dummy in range(3):
            self.port = free_port(self.host)  # somebody else may be quicker
            if self._try():
                return
        raise RuntimeError(f"{self.kind} did not start:\n{self._output.read_text(errors='replace')}")

    def terminate(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _has_sessions(self) -> bool:
        """Each session is a process, beside the shell and the one that listens."""
        return self._process is None or len(_descendants(self._process.pid)) != 2

    @property
    def _output(self) -> Path:
        return self.private / "output.log"

    def _try(self) -> bool:
        command, mounts = self.prepare()
        with self._output.open("w+b") as output:
            self._process = subprocess.Popen(
                [
                    *("setpriv", "--pdeathsig", "KILL"),
                    *("unshare", "--mount", "--pid", "--fork", "--kill-child"),
                    *("sh", "-c", _INIT, "init"),
                    *(str(path) for mount in mounts for path in mount),
                    "--",
                    *command,
                ],
                env={**self.tree.environment(), "TZ": self.options.zone},
                cwd="/",
                stdin=output,  # where vsftpd writes its complaints
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self._process.poll() is None:
            if listens(self._process.pid, self.host, self.port):
                return True
            time.sleep(0.02)
        self.terminate()
        said = self._output.read_text(errors="replace")
        if "unshare" in said or "mount:" in said:
            raise CannotStart(f"{self.kind} needs the right to make namespaces: {said.strip()}")
        return False


def _descendants(pid: int) -> list[int]:
    """The processes that this one has started, and those that they have."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # gone meanwhile
        return []
    return [process for child in children for process in (int(child), *_descendants(int(child)))]


def listens(process: int, host: str, port: int) -> bool:
    """Whether this process, or one that it has started, listens there.

    It does so without connecting, which would count as a client, and is not satisfied with a stranger who took the
    port since it was found to be free.
    """
    address = "".join(f"{int(part):02X}" for part in reversed(host.split("."))) + f":{port:04X}"
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1] == address and row[3] == "0A"}
    return bool(sockets) and any(sockets & _open_files(pid) for pid in (process, *_descendants(process)))


def _open_files(pid: int) -> set[str]:
    found = set()
    with contextlib.suppress(OSError):  # the process is gone meanwhile
        for file in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):  # or closed this one
                found.add(os.readlink(file))
    return found
