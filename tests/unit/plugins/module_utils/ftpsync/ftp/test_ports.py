# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where data connections come from when the usual way is closed."""

from __future__ import annotations

import contextlib
import select
import socket
import typing as t
from io import BytesIO

import pytest

from ftpsync.errors import ConnectionLost, ServerRefused
from ftpsync.ftp.data import DataConnection
from ftpsync.ftp.session import Session

from .conftest import ScriptedServer, Talk

TalkTo = t.Callable[..., t.Tuple[Session, ScriptedServer]]

UNKNOWN = b"500 what?"


@contextlib.contextmanager
def closed_port() -> t.Iterator[int]:
    """Of an address at which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


@contextlib.contextmanager
def silent_port() -> t.Iterator[int]:
    """A port that answers no further client: its queue is full."""
    with socket.socket() as listener, contextlib.ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _number in range(3):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def passive(port: int) -> bytes:
    return b"227 ok (127,0,0,1,%d,%d)" % (port // 256, port % 256)


def extended(port: int) -> bytes:
    return b"229 ok (|||%d|)" % port


def store(session: Session) -> None:
    assert session.store("/a", BytesIO(b"abc"), 3).sent == 3


def test_a_server_without_any_passive_mode(talk_to: TalkTo) -> None:
    session, _server = talk_to({"EPSV": UNKNOWN, "PASV": b"502 no"})
    with pytest.raises(ServerRefused, match="PASV was refused: 502 no"):
        store(session)


def test_epsv_that_is_refused_for_the_moment_leads_to_pasv(talk_to: TalkTo) -> None:
    def listen(talk: Talk, _argument: str) -> None:
        talk.listener = socket.create_server(("127.0.0.1", 0))
        talk.say(passive(talk.listener.getsockname()[1]) + b"\r\n")

    session, server = talk_to({"EPSV": b"425 not now", "PASV": listen})
    store(session)
    assert "PASV" in server.heard
    store(session)
    assert server.heard.count("PASV") == 2


@pytest.mark.parametrize("port", [closed_port, silent_port])
def test_ports_that_cannot_be_reached(
    talk_to: TalkTo, port: t.Callable[[], t.ContextManager[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ftpsync.ftp.ports._FIRST_CONNECT", 0.1)
    with port() as number:
        session, server = talk_to({"EPSV": extended(number), "PASV": passive(number)})
        with pytest.raises(ConnectionLost, match=r"no data connection to 127.0.0.1: .*; check the firewall"):
            store(session)
    assert server.heard[-1] == "PASV"


def test_a_server_that_forgets_epsv_after_it_has_worked(talk_to: TalkTo) -> None:
    answers: list[t.Any] = [Talk.listen, Talk.listen, UNKNOWN]

    def listen(talk: Talk, argument: str) -> None:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        talk.say(answer + b"\r\n") if isinstance(answer, bytes) else answer(talk, argument)

    session, _server = talk_to({"EPSV": listen})
    store(session)
    assert session.facts.passive_proven
    session.store("/b", BytesIO(b"abc"), 3, more=True)
    assert not session.ports.has_kept
    assert session.facts.passive == "EPSV"
    with pytest.raises(ServerRefused, match="EPSV was refused: 500 what"):
        store(session)


class Listener:
    """Answers EPSV with a port each, and counts who connects to it before STOR."""

    def __init__(self) -> None:
        self.listeners: list[socket.socket] = []

    def epsv(self, talk: Talk, _argument: str) -> None:
        talk.listener = socket.create_server(("127.0.0.1", 0))
        self.listeners.append(talk.listener)
        talk.say(extended(talk.listener.getsockname()[1]) + b"\r\n")


def kept_by(session: Session) -> DataConnection:
    """The data connection that was made in advance."""
    assert session.ports._kept is not None
    return session.ports._kept[0]


def test_a_data_connection_is_made_as_soon_as_its_port_is_known(talk_to: TalkTo) -> None:
    session, server = talk_to({"EPSV": Listener().epsv})
    session.store("/a", BytesIO(b"abc"), 3, more=True)
    assert session.ports.has_kept
    kept = kept_by(session)
    kept.open_tcp(5)  # it stands without anything being sent
    asked = server.heard.count("EPSV")
    store(session)
    assert server.heard.count("EPSV") == asked and kept.sock.fileno() < 0


@pytest.mark.parametrize("what", ["closes it", "sends what nobody asked for"])
def test_one_that_the_server_has_touched_is_not_used(talk_to: TalkTo, what: str) -> None:
    listener = Listener()
    session, server = talk_to({"EPSV": listener.epsv})
    session.store("/a", BytesIO(b"abc"), 3, more=True)
    peer, _address = listener.listeners[-1].accept()
    with peer:
        if what != "closes it":
            peer.sendall(b"before a command")
    kept = kept_by(session)
    with contextlib.suppress(OSError):
        select.select([kept.sock], [], [], 5)
    asked = server.heard.count("EPSV")
    store(session)
    assert server.heard.count("EPSV") == asked + 1


@pytest.mark.parametrize("end", ["close", "drop"])
def test_one_that_is_not_needed_is_closed(talk_to: TalkTo, end: str) -> None:
    session, _server = talk_to({"EPSV": Listener().epsv})
    session.store("/a", BytesIO(b"abc"), 3, more=True)
    kept = kept_by(session)
    getattr(session, end)()
    assert kept.sock.fileno() < 0 and not session.ports.has_kept


def test_over_ipv6_there_is_no_other_way() -> None:
    """PASV tells an IPv4 address; EPSV that is refused, asked ahead or not, must not lead to it."""
    try:
        server = ScriptedServer({"EPSV": UNKNOWN}, host="::1")
    except OSError:
        pytest.skip("this machine has no IPv6")
    session = Session(server.options())
    with contextlib.closing(server), contextlib.closing(session):
        session.open()
        with pytest.raises(ConnectionLost, match="EPSV does not work, and there is no other way over IPv6"):
            store(session)
        assert "PASV" not in server.heard


@pytest.mark.parametrize("works", [True, False])
def test_active_mode_by_port(talk_to: TalkTo, works: bool) -> None:
    address: list[tuple[str, int]] = []

    def dial(talk: Talk, argument: str) -> None:
        *host, high, low = argument.split(",")
        address.append((".".join(host), int(high) * 256 + int(low)))
        talk.say(b"200 ok\r\n")

    def take(talk: Talk, _argument: str) -> None:
        with socket.create_connection(address[0]) as data:
            talk.say(b"150 go\r\n")
            talk.stored = b"".join(iter(lambda: data.recv(65536), b""))
        talk.say(b"226 done\r\n")

    session, server = talk_to({"EPRT": UNKNOWN, "PORT": dial if works else UNKNOWN, "STOR": take}, passive=False)
    if works:
        store(session)
        assert server.talks[0].stored == b"abc"
    else:
        with pytest.raises(ServerRefused, match=r"PORT .* was refused: 500 what"):
            store(session)
