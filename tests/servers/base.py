# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every server has in common: options, addresses, its folder, the commands it received."""

from __future__ import annotations

import copy
import dataclasses
import os
import pwd
import shutil
import socket
import tempfile
import time
import typing as t
from pathlib import Path, PurePosixPath

from .certificates import Certificate, issue

HOST = "127.0.0.1"
OWNER = "daemon"  # whose the files of servers are that need root; every Debian has this user

# Commands that change something on the server. MDTM with two arguments is another one: see `writes`.
_WRITING = {
    "ALLO", "APPE", "DELE", "MFCT", "MFF", "MFMT", "MKD", "RMD", "RNFR", "RNTO",
    "SITE", "STOR", "STOU", "XMKD", "XRMD",
}  # fmt: skip


class CannotStart(Exception):
    """This machine can't run the server; the message says why."""


@dataclasses.dataclass(frozen=True)
class Options:
    """How a server shall be."""

    host: str = HOST  # the address to listen at
    tls: str | bool | None = None  # "explicit" (or True) or "implicit"
    require_tls: bool = True  # refuse logins and data connections without TLS
    session_reuse: bool = True  # refuse data connections that don't resume the TLS session (vsftpd, ProFTPD)
    certificate: str = "valid"  # or "expired", "other-host"
    username: str = "tester"
    password: str = "k9-Sesame-open"
    deny: t.Sequence[str] = ()  # commands to refuse, to act as a lesser server
    max_clients: int = 0  # 0: as many as like
    max_clients_per_address: int = 0
    zone: str = "UTC"  # the server's time zone, as TZ has it
    hidden: bool = False  # listings show dot files without being asked
    extra: t.Sequence[str] = ()  # more lines of configuration, or arguments, as the server takes them

    def __post_init__(self) -> None:
        tls = "explicit" if self.tls is True else self.tls or None
        if tls not in (None, "explicit", "implicit"):
            raise ValueError(f"tls: {tls}")
        object.__setattr__(self, "tls", tls)


class Server:
    """A server with one user; the user's "/" is `root`."""

    kind = ""
    needs_root = True
    settles = 0.1  # seconds without news after which the log of commands is taken to be complete

    def __init__(self, options: Options) -> None:
        self.options = options
        self.host = options.host
        self.port = 0
        self.username = options.username
        self.password = options.password
        self.tls: str | None = options.tls  # type: ignore[assignment]
        self.folder = PurePosixPath("/")
        self._from = 0  # commands before this one are not of interest any more

    # ------------------------------------------------------------------ life

    def start(self) -> None:
        if self.needs_root and os.geteuid():
            raise CannotStart(f"{self.kind} needs root")
        self._base = Path(tempfile.mkdtemp(prefix="webdeploy-ftp-"))
        try:
            self._base.chmod(0o755)  # the user of the server, or of a test, has to get in
            self.private = self._base / "private"
            self.private.mkdir(mode=0o700)
            self.root = self._base / "root"
            self.root.mkdir()
            self._give_away(self.root)
            self._certificate = issue(self.options.certificate) if self.tls else None
            self.launch()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        self.terminate()
        shutil.rmtree(self._base, ignore_errors=True)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def launch(self) -> None:
        raise NotImplementedError

    def terminate(self) -> None:
        raise NotImplementedError

    # --------------------------------------------------------------- address

    @property
    def url(self) -> str:
        scheme = "ftps" if self.tls else "ftp"
        return f"{scheme}://{self.host}:{self.port}{self.folder}"

    @property
    def certificate(self) -> Path | None:
        """The file to trust: the authority's certificate, in PEM."""
        return self._certificate.authority if self._certificate else None

    @property
    def fingerprint(self) -> str | None:
        """SHA-256 of the server's own certificate."""
        return self._certificate.fingerprint if self._certificate else None

    def connection(self) -> dict[str, str]:
        """Options of the collection's modules that lead here."""
        options = {"remote": self.url, "username": self.username, "password": self.password}
        if self.tls:
            options.update(tls=self.tls, ca_path=str(self.certificate))
        return options

    # ----------------------------------------------------------------- files

    def at(self, folder: str) -> Server:
        """The same server, seen from a folder of its, made where missing."""
        view = copy.copy(self)
        view.folder = self.folder / folder
        view.root = self.root / folder
        view.root.mkdir(parents=True, exist_ok=True)
        view._give_away(view.root)
        view.mark()
        return view

    def put(self, path: str, content: bytes | str = b"", mtime: float | None = None) -> Path:
        """Write a file as if somebody else had uploaded it."""
        file = self.root / path
        for parent in reversed(file.relative_to(self.root).parents):
            if not (self.root / parent).is_dir():
                (self.root / parent).mkdir()
                self._give_away(self.root / parent)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        self._give_away(file)
        if mtime is not None:
            os.utime(file, (mtime, mtime))
        return file

    def files(self) -> dict[str, bytes]:
        """Every file below the root, by its path."""
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file()
        }

    def _give_away(self, path: Path) -> None:
        if self.needs_root:
            owner = pwd.getpwnam(OWNER)
            os.chown(path, owner.pw_uid, owner.pw_gid)

    # -------------------------------------------------------------- commands

    def mark(self) -> None:
        """Forget the commands received so far."""
        self._from = len(self._settled())

    def commands(self) -> list[str]:
        """The commands received since `mark`, in order, as "VERB argument"; a password is left out.

        Logs are no exact record of names: vsftpd's has question marks for what is not ASCII, and ProFTPD's drops
        quotes and repeated spaces. `files` tells what arrived.
        """
        return self._settled()[self._from :]

    def writes(self) -> list[str]:
        """Those of `commands` that were to change something."""
        return [command for command in self.commands() if is_write(command)]

    def received(self) -> list[str]:
        """All commands that the log has so far."""
        raise NotImplementedError

    def _settled(self) -> list[str]:
        """The log when nobody writes to it any more: servers do when, or just after, they reply.

        That is when no session is left, or else when it has stopped growing.
        """
        count = len(self.received())
        start = grown = time.monotonic()
        while self._has_sessions() and time.monotonic() - grown < self.settles and time.monotonic() - start < 5:
            time.sleep(0.002)
            now = len(self.received())
            if now != count:
                count, grown = now, time.monotonic()
        return self.received()

    def _has_sessions(self) -> bool:
        """Whether somebody may still be served; True as well where nobody knows."""
        return True


def tidy(verb: str, argument: str = "") -> str:
    """A command as `Server.commands` shows it."""
    verb = verb.upper()
    return verb if verb == "PASS" or not argument else f"{verb} {argument}"


def is_write(command: str) -> bool:
    verb, dummy, argument = command.partition(" ")
    sets_time = verb == "MDTM" and argument[:14].isdigit() and argument[14:15] == " "
    return sets_time or (verb in _WRITING and argument.upper() != "HELP")


def free_port(host: str = HOST) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def passive_ports() -> tuple[int, int]:
    """A wide range apart from the ports that clients on this machine get.

    Their closed connections linger on those ports, and vsftpd, which picks passive ports at random, gives up
    the session when ten in a row are taken.
    """
    try:
        words = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
        low, high = int(words[0]), int(words[1])
    except OSError:
        low, high = 32768, 60999
    below, above = (max(1024, low - 10000), low - 1), (high + 1, min(65535, high + 10000))
    return below if below[1] - below[0] >= above[1] - above[0] else above


def certificate_of(server: Server) -> Certificate:
    assert server._certificate is not None
    return server._certificate
