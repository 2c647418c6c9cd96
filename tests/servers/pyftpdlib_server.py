# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""pyftpdlib: event-driven, needs neither root nor Debian; in a thread, or as a process of its own."""

from __future__ import annotations

import dataclasses
import json
import logging
import subprocess
import sys
import threading
import typing as t
from pathlib import Path

from .base import CannotStart, Options, Server, certificate_of, passive_ports, tidy

if t.TYPE_CHECKING:
    from pyftpdlib.servers import FTPServer

_ROOT = Path(__file__).resolve().parent.parent.parent


@dataclasses.dataclass
class Settings:
    """All that a server has to know, as plain values: they may travel to another process."""

    host: str
    port: int
    root: str
    log: str
    options: dict[str, t.Any]
    pem: str = ""


class _PyFtpdlib(Server):
    needs_root = False
    settles = 0  # it logs a command before it carries it out

    def settings(self) -> Settings:
        return Settings(
            host=self.host,
            port=self.port,
            root=str(self.root),
            log=str(self.private / "commands.log"),
            options=dataclasses.asdict(self.options),
            pem=str(certificate_of(self).both) if self.tls else "",
        )

    def received(self) -> list[str]:
        log = self.private / "commands.log"
        return log.read_text(encoding="utf-8", errors="surrogateescape").split("\n")[:-1] if log.exists() else []


class PyFtpdlib(_PyFtpdlib):
    kind = "pyftpdlib"
    _thread: threading.Thread | None = None

    def launch(self) -> None:
        server = build(self.settings())
        self.port = server.address[1]
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(server,), daemon=True)
        self._thread.start()

    def _serve(self, server: FTPServer) -> None:
        while not self._end.is_set():
            server.ioloop.loop(timeout=0.1, blocking=False)
        server.close_all()

    def terminate(self) -> None:
        if self._thread is not None:
            self._end.set()
            self._thread.join(timeout=10)
            self._thread = None


class PyFtpdlibProcess(_PyFtpdlib):
    kind = "pyftpdlib-process"
    _process: subprocess.Popen[str] | None = None

    def launch(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.pyftpdlib_server"],
            cwd=_ROOT,
            stdin=subprocess.PIPE,  # its end is the server's end, ours included
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(dataclasses.asdict(self.settings())) + "\n")
        self._process.stdin.flush()
        port = self._process.stdout.readline()
        if not port:
            raise RuntimeError("pyftpdlib did not start: see its messages above")
        self.port = int(port)

    def terminate(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def build(settings: Settings) -> FTPServer:
    try:
        from pyftpdlib.authorizers import DummyAuthorizer
        from pyftpdlib.handlers import FTPHandler
        from pyftpdlib.ioloop import IOLoop
        from pyftpdlib.servers import FTPServer
    except ImportError as exc:
        raise CannotStart(f"pyftpdlib can't be imported: {exc}") from None

    options = Options(**settings.options)
    logging.getLogger("pyftpdlib").addHandler(logging.NullHandler())  # else it prints every command
    logging.getLogger("pyftpdlib").propagate = False
    authorizer = DummyAuthorizer()
    authorizer.add_user(options.username, options.password, settings.root, perm="elradfmwMT")
    base: t.Any = _tls_handler(options, settings.pem) if options.tls else FTPHandler
    low, high = passive_ports()
    log = open(settings.log, "a", encoding="utf-8", errors="surrogateescape", buffering=1)  # noqa: SIM115

    class Handler(base):
        proto_cmds = {name: how for name, how in base.proto_cmds.items() if name not in options.deny}  # noqa: RUF012
        passive_ports = range(low, high + 1)
        auth_failed_timeout = 0

        def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
            log.write(tidy(*line.split(" ", 1)) + "\n")
            super().pre_process_command(line, cmd, arg)

    Handler.authorizer = authorizer

    class LimitedServer(FTPServer):
        max_cons_per_ip = options.max_clients_per_address

        def _accept_new_cons(self) -> bool:  # the original counts listening sockets and data connections, too
            return not options.max_clients or len(self.ip_map) <= options.max_clients

    return LimitedServer((settings.host, settings.port), Handler, ioloop=IOLoop())


def _tls_handler(options: Options, pem: str) -> type:
    from pyftpdlib.handlers import TLS_FTPHandler

    class Explicit(TLS_FTPHandler):
        certfile = pem
        ssl_context = None
        tls_control_required = options.require_tls
        tls_data_required = options.require_tls

    class Implicit(Explicit):
        def handle(self) -> None:
            self.secure_connection(self.ssl_context)

        def handle_ssl_established(self) -> None:
            super().handle()  # says hello

    return Implicit if options.tls == "implicit" else Explicit


def main() -> None:
    server = build(Settings(**json.loads(sys.stdin.readline())))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    print(server.address[1], flush=True)
    server.serve_forever(handle_exit=False)


def _end_with_parent() -> None:
    import os

    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
