# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure-FTPd: by command line alone; it tells what it does to the system's log only."""

from __future__ import annotations

import os
import pwd
import re
import socket
import subprocess
import threading
from pathlib import Path

from .base import OWNER, certificate_of, passive_ports, tidy
from .passwords import hashed
from .process import Launch, ProcessServer

_COMMAND = re.compile(r"\[DEBUG\] Command \[(?P<verb>\w+)\] \[(?P<argument>.*)\]$", re.DOTALL)
_DEVICES = ("null", "zero", "random", "urandom")


class PureFtpd(ProcessServer):
    kind = "pure-ftpd"
    settles = 0
    _syslog: _Syslog | None = None

    def prepare(self) -> Launch:
        if self.options.deny or self.tls == "implicit":
            raise ValueError("Pure-FTPd can neither deny single commands nor do implicit TLS")
        low, high = passive_ports()
        command = [
            str(self.tree.binary),
            *("-S", f"{self.host},{self.port}"),
            *("-p", f"{low}:{high}"),
            *("-l", f"puredb:{self._users()}"),
            *("-u", "1"),  # the smallest user id that may log in
            *("-U", "133:022"),
            *("-c", str(self.options.max_clients or 1000)),
            *("-C", str(self.options.max_clients_per_address or 1000)),
            *("-L", "2000000:100"),  # files and levels in one listing
            *("-g", str(self.private / "pid")),
            "-E",  # nobody anonymous
            "-H",  # no look-up of names
            "-d",  # log commands
            *(["-D"] if self.options.hidden else []),
            *self.options.extra,
        ]
        if self.tls:
            command += ["-Y", "3" if self.options.require_tls else "1", "-2", str(certificate_of(self).both)]
        return Launch(command, self._devices())

    def _users(self) -> Path:
        user = pwd.getpwnam(OWNER)
        users, database = self.private / "users", self.private / "users.pdb"
        fields = [self.username, hashed(self.password), user.pw_uid, user.pw_gid, "", f"{self.root}/./", *[""] * 12]
        users.write_text(":".join(map(str, fields)) + "\n")
        users.chmod(0o600)
        subprocess.run(
            [str(self.tree.path / "usr/bin/pure-pw"), "mkdb", str(database), "-f", str(users)],
            env=self.tree.environment(),
            check=True,
        )
        return database

    def _devices(self) -> list[tuple[Path, Path]]:
        """A folder for /dev in which our own socket stands for the system's log."""
        folder = self.private / "dev"
        folder.mkdir(exist_ok=True)
        for name in _DEVICES:
            (folder / name).touch()
        if self._syslog is None:
            self._syslog = _Syslog(folder / "log")
        return [*((Path("/dev") / name, folder / name) for name in _DEVICES), (folder, Path("/dev"))]

    def terminate(self) -> None:
        super().terminate()
        if self._syslog is not None:
            self._syslog.close()
            self._syslog = None

    def received(self) -> list[str]:
        return parse(self._syslog.messages()) if self._syslog is not None else []


class _Syslog:
    """Collects what is sent to a socket like /dev/log."""

    def __init__(self, path: Path) -> None:
        self._messages: list[str] = []
        self._changed = threading.Condition()
        self._marks = 0
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._path = path
        path.chmod(0o666)  # as /dev/log is
        self._thread = threading.Thread(target=self._collect, daemon=True)
        self._thread.start()

    def messages(self) -> list[str]:
        """All that was sent before this call: our own message comes after it, and is waited for."""
        with self._changed:
            mark = self._marks + 1
        self._send(b"mark")  # without the lock: where the socket is full, it waits for the thread that reads
        with self._changed:
            self._changed.wait_for(lambda: self._marks >= mark, timeout=10)
            return list(self._messages)

    def close(self) -> None:
        self._send(b"end")
        self._thread.join(timeout=10)
        self._socket.close()
        self._path.unlink()  # else no other socket can take its place, when the server is started again

    def _send(self, message: bytes) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.connect(str(self._path))
            sender.send(b"webdeploy-ftp " + message)

    def _collect(self) -> None:
        while True:
            data = self._socket.recv(65536)
            if data == b"webdeploy-ftp end":
                return
            with self._changed:
                if data == b"webdeploy-ftp mark":
                    self._marks += 1
                    self._changed.notify_all()
                else:
                    self._messages.append(os.fsdecode(data).rstrip("\n\0"))


def parse(messages: list[str]) -> list[str]:
    found = (_COMMAND.search(message) for message in messages)
    return [tidy(match["verb"], match["argument"]) for match in found if match]
