# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two kinds of servers inside the test process: pyftpdlib, and one that says what a test wants."""

from __future__ import annotations

import socket
import ssl
import threading
import typing as t
from pathlib import Path

import pytest

from ftpsync.ftp.options import ConnectOptions
from ftpsync.ftp.session import Session

if t.TYPE_CHECKING:
    import trustme

Answer = t.Union[bytes, t.Callable[["Talk", str], object]]


class Talk:
    """One control connection of the scripted server.

    ``answers`` maps a verb to what is sent, or to a function of (talk, argument) that sends it.
    """

    ANSWERS: t.ClassVar[dict[str, Answer]] = {
        "USER": b"331 password?",
        "PASS": b"230 welcome",
        "FEAT": b"211-Features:\r\n MDTM\r\n MFMT\r\n MLST type*;size*;modify*;\r\n SIZE\r\n UTF8\r\n211 End",
        "PWD": b'257 "/"',
        "SYST": b"215 UNIX",
        "TYPE": b"200 ok",
        "OPTS": b"200 ok",
        "NOOP": b"200 ok",
        "PBSZ": b"200 ok",
        "PROT": b"200 ok",
        "QUIT": b"221 bye",
        "CWD": b"250 ok",
        "MFMT": b"213 ok",
        "RNFR": b"350 ok",
        "RNTO": b"250 ok",
        "SITE": b"200 ok",
    }

    def __init__(self, sock: socket.socket, answers: dict[str, Answer]) -> None:
        self.sock = sock
        self.heard: list[str] = []
        self.answers = {
            **self.ANSWERS,
            "EPSV": Talk.listen,
            "STOR": Talk.store,
            "RETR": Talk.retrieve,
            "SIZE": Talk.size,
            **answers,
        }
        self.stored = b""
        self.listener: socket.socket | None = None

    def say(self, data: bytes) -> None:
        self.sock.sendall(data)

    def run(self) -> None:
        self.say(b"220 scripted\r\n") if "BANNER" not in self.answers else self.answer("BANNER", "")
        rest = b""
        while True:
            while b"\n" not in rest:
                data = self.sock.recv(65536)
                if not data:
                    return
                rest += data
            line, _newline, rest = rest.partition(b"\n")
            text = line.rstrip(b"\r").decode("utf-8", "surrogateescape")
            self.heard.append(text)
            verb, _space, argument = text.partition(" ")
            self.answer(verb, argument)

    def answer(self, verb: str, argument: str) -> None:
        answer = self.answers.get(verb, b"502 unknown")
        if callable(answer):
            answer(self, argument)
        else:
            self.say(answer + b"\r\n")

    def listen(self, _argument: str) -> None:
        if self.listener is not None:
            self.listener.close()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.say(b"229 ok (|||%d|)\r\n" % self.listener.getsockname()[1])

    def accept(self) -> socket.socket:
        if self.listener is None:
            raise RuntimeError("EPSV was not sent")
        self.listener.settimeout(5)
        data = self.listener.accept()[0]
        data.settimeout(5)
        return data

    def store(self, _argument: str) -> None:
        with self.accept() as data:
            self.say(b"150 go\r\n")
            self.stored = b"".join(iter(lambda: data.recv(65536), b""))
        self.say(b"226 done\r\n")

    def retrieve(self, _argument: str) -> None:
        with self.accept() as data:
            self.say(b"150 go\r\n")
            data.sendall(self.stored)
        self.say(b"226 done\r\n")

    def size(self, _argument: str) -> None:
        self.say(b"213 %d\r\n" % len(self.stored))


class ScriptedServer:
    """Listens at a free port; connection number n gets ``answers[n]``, later ones the last of them."""

    def __init__(self, *answers: dict[str, Answer], host: str = "127.0.0.1") -> None:
        self._answers = answers or ({},)
        self._host = host
        self._listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port: int = self._listener.getsockname()[1]
        self.talks: list[Talk] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                sock, _address = self._listener.accept()
            except OSError:
                return
            talk = Talk(sock, self._answers[min(len(self.talks), len(self._answers) - 1)])
            self.talks.append(talk)
            threading.Thread(target=self._talk, args=(talk,), daemon=True).start()

    def _talk(self, talk: Talk) -> None:
        try:
            talk.run()
        except (OSError, RuntimeError):
            pass  # the client has gone
        finally:
            talk.sock.close()

    @property
    def heard(self) -> list[str]:
        return [line for talk in self.talks for line in talk.heard]

    def close(self) -> None:
        self._listener.close()
        for talk in self.talks:
            try:
                talk.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def options(self, **changes: t.Any) -> ConnectOptions:
        return options(self.port, host=self._host, **changes)


def options(port: int, **changes: t.Any) -> ConnectOptions:
    values: dict[str, t.Any] = {
        "host": "127.0.0.1",
        "port": port,
        "username": "tester",
        "password": "s3cret!",
        "timeout": 2.0,
        **changes,
    }
    return ConnectOptions(**values)


@pytest.fixture
def scripted() -> t.Iterator[t.Callable[..., ScriptedServer]]:
    """A function that starts a scripted server: ``scripted({"STOR": b"550 no"})``."""
    servers: list[ScriptedServer] = []

    def start(*answers: dict[str, Answer]) -> ScriptedServer:
        servers.append(ScriptedServer(*answers))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def talk_to(scripted: t.Callable[..., ScriptedServer]) -> t.Iterator[t.Callable[..., tuple[Session, ScriptedServer]]]:
    """A function that gives an open session at a scripted server, and that server."""
    sessions: list[Session] = []

    def start(*answers: dict[str, Answer], **changes: t.Any) -> tuple[Session, ScriptedServer]:
        server = scripted(*answers)
        session = Session(server.options(**changes))
        sessions.append(session)
        session.open()
        return session, server

    yield start
    for session in sessions:
        session.drop()


class LocalServer(t.NamedTuple):
    """A pyftpdlib server inside this process."""

    port: int
    root: Path
    handler: t.Any

    def options(self, **changes: t.Any) -> ConnectOptions:
        return options(self.port, **changes)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return pytest.importorskip("trustme").CA()


@pytest.fixture(scope="session")
def certificates(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Paths of the authority's certificate, and of a key with certificate for 127.0.0.1 and ftp.example.org."""
    folder = tmp_path_factory.mktemp("certificates")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    authority.issue_cert("127.0.0.1", "ftp.example.org").private_key_and_cert_chain_pem.write_to_path(
        str(folder / "server.pem")
    )
    return str(folder / "ca.pem"), str(folder / "server.pem")


@pytest.fixture(scope="session")
def server_context(certificates: tuple[str, str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates[1])
    return context


def _local(root: Path, certificate: str | None) -> t.Iterator[LocalServer]:
    pytest.importorskip("pyftpdlib")
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import FTPServer

    handler: t.Any = type("Handler", (TLS_FTPHandler if certificate else FTPHandler,), {})
    handler.authorizer = DummyAuthorizer()
    handler.authorizer.add_user("tester", "s3cret!", str(root), perm="elradfmwMT")
    handler.auth_failed_timeout = 0
    handler.log_prefix = ""
    if certificate:
        handler.certfile = certificate
        handler.tls_control_required = handler.tls_data_required = True
    loop = IOLoop()
    server = FTPServer(("127.0.0.1", 0), handler, ioloop=loop)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            loop.loop(timeout=0.05, blocking=False)
        server.close_all()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield LocalServer(server.address[1], root, handler)
    stop.set()
    thread.join(5)


@pytest.fixture
def local(tmp_path: Path) -> t.Iterator[LocalServer]:
    """pyftpdlib, plain."""
    yield from _local(tmp_path, None)


@pytest.fixture
def local_tls(tmp_path: Path, certificates: tuple[str, str]) -> t.Iterator[LocalServer]:
    """pyftpdlib with explicit TLS demanded, for control and data."""
    pytest.importorskip("OpenSSL")
    yield from _local(tmp_path, certificates[1])
