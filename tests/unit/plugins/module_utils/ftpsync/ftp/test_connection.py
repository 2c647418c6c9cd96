# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
import sys
import threading
import time
import typing as t
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftpsync.errors import (
    AuthenticationError,
    ConnectError,
    ConnectionLost,
    FtpSyncError,
    ProtocolError,
    ServerRefused,
    TooManyConnections,
)
from ftpsync.ftp import transfer
from ftpsync.ftp.connection import ONE_WRITE, writes
from ftpsync.ftp.session import Session
from ftpsync.ftp.wire import Command

from .conftest import ScriptedServer, Talk, options

Scripted = t.Callable[..., ScriptedServer]
TalkTo = t.Callable[..., t.Tuple[Session, ScriptedServer]]


def test_closed_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectError, match="cannot connect to 127.0.0.1:%d: Connection refused; check" % port):
        Session(options(port)).open()


def test_unknown_host() -> None:
    with pytest.raises(ConnectError, match=r"unknown host no\.such\.host\.invalid"):
        Session(options(21, host="no.such.host.invalid")).open()


def test_wrong_password_is_not_shown(scripted: Scripted) -> None:
    server = scripted({"PASS": b"530 tester may not use s3cret!"})
    with pytest.raises(AuthenticationError) as caught:
        Session(server.options()).open()
    text = str(caught.value)
    assert "127.0.0.1" in text
    assert "tester" in text
    assert "options username and password" in text
    assert "s3cret!" not in text
    assert "s3cret!" not in repr(server.options())


def test_password_that_cannot_be_sent(scripted: Scripted) -> None:
    with pytest.raises(FtpSyncError) as caught:
        Session(scripted().options(password="gehe\nim")).open()
    assert "gehe" not in str(caught.value)


@pytest.mark.parametrize(
    ("banner", "error"),
    [(b"421 too many", TooManyConnections), (b"554 go away", ConnectError), (b"garbage", ProtocolError)],
)
def test_unwelcome(scripted: Scripted, banner: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        Session(scripted({"BANNER": banner}).options()).open()


def test_silence_ends(scripted: Scripted) -> None:
    with pytest.raises(ConnectionLost, match=r"no answer within 0\.2 s"):
        Session(scripted({"BANNER": lambda _talk, _argument: None}).options(timeout=0.2)).open()


def test_dripping_ends(scripted: Scripted) -> None:
    def drip(talk: Talk, _argument: str) -> None:
        for _number in range(100):
            talk.say(b"2")
            time.sleep(0.05)

    start = time.monotonic()
    with pytest.raises(ConnectionLost, match="no answer"):
        Session(scripted({"BANNER": drip}).options(timeout=0.2)).open()
    assert time.monotonic() - start < 2


def test_endless_reply(talk_to: TalkTo) -> None:
    session, _server = talk_to({"NOOP": b"200-" + b"x" * 10000})
    with pytest.raises(ProtocolError, match="longer than"):
        session.command("NOOP")


def test_a_second_reply_closes_the_connection(talk_to: TalkTo) -> None:
    session, server = talk_to({"MKD": b"257 made\r\n250 really"})
    session.command("MKD", "/a")
    with pytest.raises(ProtocolError, match="nothing had asked for: 250 really"):
        # Within the same call the stray reply must not become the answer to the next command.
        session._connection.exchange(("NOOP", None))  # type: ignore[union-attr,arg-type]
    assert session.command("NOOP").code == 200
    assert len(server.talks) == 2


def test_a_refused_transfer_answered_twice(talk_to: TalkTo) -> None:
    session, server = talk_to({"STOR": b"425 no\r\n550 no"})
    with pytest.raises(ServerRefused, match="425 no"):
        session.store("/a", BytesIO(b"x"), 1)
    assert session.command("PWD").code == 257
    assert len(server.talks) == 2


def test_a_refused_transfer_leaves_the_connection_usable(talk_to: TalkTo) -> None:
    session, server = talk_to({"STOR": b"553 no"})
    for _number in range(3):
        with pytest.raises(ServerRefused, match="STOR /a was refused: 553 no"):
            session.store("/a", BytesIO(b"x"), 1)
    assert len(server.talks) == 1


def test_421_is_told(talk_to: TalkTo) -> None:
    session, _server = talk_to({"MKD": b"421 going down"})
    with pytest.raises(ConnectionLost, match="during MKD /a: 421 going down"):
        session.command("MKD", "/a")


def test_idle_connections_that_were_closed_are_replaced(talk_to: TalkTo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ftpsync.ftp.connection._FRESH", 0.0)
    session, server = talk_to()
    server.talks[0].say(b"421 idle\r\n")
    server.talks[0].sock.shutdown(socket.SHUT_RDWR)
    time.sleep(0.05)
    assert session.command("NOOP").code == 200
    assert len(server.talks) == 2


def test_missing_150(talk_to: TalkTo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "_SILENT_START", 0.1)

    def store(talk: Talk, _argument: str) -> None:
        with talk.accept() as data:
            talk.stored = b"".join(iter(lambda: data.recv(65536), b""))
        talk.say(b"226 done\r\n")

    def retrieve(talk: Talk, _argument: str) -> None:
        with talk.accept() as data:
            data.sendall(b"content")
        talk.say(b"226 done\r\n")

    session, server = talk_to({"STOR": store, "RETR": retrieve, "SIZE": b"213 7"})
    assert session.store("/a", BytesIO(b"content"), 7).sent == 7
    assert server.talks[0].stored == b"content"
    parts: list[bytes] = []
    assert session.retrieve("/a", parts.append) == 7


def test_final_reply_before_the_end_of_data(talk_to: TalkTo) -> None:
    def retrieve(talk: Talk, _argument: str) -> None:
        with talk.accept() as data:
            talk.say(b"150 go\r\n226 done\r\n")
            time.sleep(0.1)
            data.sendall(b"content")

    session, _server = talk_to({"RETR": retrieve, "SIZE": b"213 7"})
    parts: list[bytes] = []
    assert session.retrieve("/a", parts.append) == 7


def test_end_of_data_without_final_reply(talk_to: TalkTo) -> None:
    def retrieve(talk: Talk, _argument: str) -> None:
        with talk.accept():
            talk.say(b"150 go\r\n")

    session, _server = talk_to({"RETR": retrieve, "SIZE": b"550 no"}, timeout=0.3)
    with pytest.raises(ConnectionLost, match="no answer after the end of data"):
        session.retrieve("/a", lambda _data: None)


def test_stalled_data(talk_to: TalkTo) -> None:
    def retrieve(talk: Talk, _argument: str) -> None:
        with talk.accept() as data:
            talk.say(b"150 go\r\n")
            data.sendall(b"x")
            time.sleep(1)

    session, _server = talk_to({"RETR": retrieve}, timeout=0.2)
    with pytest.raises(ConnectionLost, match=r"no data within 0\.2 s"):
        session.retrieve("/a", lambda _data: None)


@pytest.mark.parametrize("reply", [b"552 quota", b"452 disk full", b"426 aborted"])
@pytest.mark.parametrize("keeps_reading", [True, False])
def test_the_reason_of_a_broken_upload_is_the_servers(talk_to: TalkTo, reply: bytes, keeps_reading: bool) -> None:
    def store(talk: Talk, _argument: str) -> None:
        with talk.accept() as data:
            talk.say(b"150 go\r\n")
            data.recv(10)
            if keeps_reading:
                talk.say(reply + b"\r\n")
                while data.recv(65536):
                    pass
        if not keeps_reading:
            time.sleep(0.05)
            talk.say(reply + b"\r\n")

    session, server = talk_to({"STOR": store})
    with pytest.raises(ServerRefused, match=reply.decode()):
        session.store("/a", BytesIO(b"x" * 20000000), None)
    session.command("NOOP")
    assert len(server.talks) == 2, "a late reply must not meet the next command"


def test_a_success_before_the_end_of_an_upload_is_none(talk_to: TalkTo) -> None:
    def store(talk: Talk, _argument: str) -> None:
        with talk.accept() as data:
            talk.say(b"150 go\r\n")
            data.recv(10)
            talk.say(b"226 thanks\r\n")
            time.sleep(0.5)

    session, _server = talk_to({"STOR": store})
    with pytest.raises(ProtocolError, match="before the end of data"):
        session.store("/a", BytesIO(b"x" * 20000000), None)


def test_epsv_refused_leads_to_pasv_whose_address_is_ignored(talk_to: TalkTo) -> None:
    def pasv(talk: Talk, _argument: str) -> None:
        talk.listener = socket.create_server(("127.0.0.1", 0))
        port = talk.listener.getsockname()[1]
        talk.say(b"227 ok (10,1,2,3,%d,%d)\r\n" % (port // 256, port % 256))

    session, server = talk_to({"EPSV": b"502 no", "PASV": pasv})
    for _number in range(2):
        session.store("/a", BytesIO(b"abc"), 3)
    assert server.heard.count("EPSV") == 1
    assert session.facts.as_dict()["data_connections"] == "PASV"


def test_unreachable_epsv_port_leads_to_pasv_once(talk_to: TalkTo) -> None:
    def epsv(talk: Talk, _argument: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        talk.say(b"229 ok (|||%d|)\r\n" % port)

    def pasv(talk: Talk, _argument: str) -> None:
        talk.listener = socket.create_server(("127.0.0.1", 0))
        port = talk.listener.getsockname()[1]
        talk.say(b"227 ok (0,0,0,0,%d,%d)\r\n" % (port // 256, port % 256))

    session, server = talk_to({"EPSV": epsv, "PASV": pasv})
    for _number in range(2):
        session.store("/a", BytesIO(b"abc"), 3)
    assert server.heard.count("EPSV") == 1


def test_active_mode(talk_to: TalkTo) -> None:
    def eprt(talk: Talk, argument: str) -> None:
        _empty, _family, host, port, _end = argument.split("|")
        talk.listener = None
        talk.answers["STOR"] = lambda talk, _path: connect_back(talk, host, int(port))
        talk.say(b"200 ok\r\n")

    def connect_back(talk: Talk, host: str, port: int) -> None:
        with socket.create_connection((host, port)) as data:
            talk.say(b"150 go\r\n")
            talk.stored = b"".join(iter(lambda: data.recv(65536), b""))
        talk.say(b"226 done\r\n")

    session, server = talk_to({"EPRT": eprt}, passive=False)
    assert session.store("/a", BytesIO(b"abc"), 3).size == 3
    assert server.talks[0].stored == b"abc"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere 127.0.0.2 is no address of the machine")
def test_active_mode_takes_data_from_nobody_else(talk_to: TalkTo) -> None:
    """Who is faster than the server gets nothing of a file, and an upload goes on with the server itself."""
    stolen: list[bytes] = []

    def eprt(talk: Talk, argument: str) -> None:
        _empty, _family, host, port, _end = argument.split("|")
        talk.listener = None
        talk.answers["STOR"] = lambda talk, _path: connect_back(talk, (host, int(port)))
        with socket.create_connection((host, int(port)), source_address=("127.0.0.2", 0)) as thief:
            talk.say(b"200 ok\r\n")
            thief.settimeout(5)
            stolen.append(thief.recv(65536))

    def connect_back(talk: Talk, where: tuple[str, int]) -> None:
        with socket.create_connection(where) as data:
            talk.say(b"150 go\r\n")
            talk.stored = b"".join(iter(lambda: data.recv(65536), b""))
        talk.say(b"226 done\r\n")

    session, server = talk_to({"EPRT": eprt}, passive=False, timeout=5)
    assert session.store("/a", BytesIO(b"abc"), 3).size == 3
    assert server.talks[0].stored == b"abc" and stolen == [b""]


def test_active_mode_ends_when_nobody_calls(talk_to: TalkTo) -> None:
    session, _server = talk_to({"EPRT": b"200 ok", "STOR": b"150 go"}, passive=False, timeout=0.2)
    with pytest.raises(ConnectionLost, match=r"the data connection was not opened within 0\.2 s"):
        session.store("/a", BytesIO(b"abc"), 3)


def test_closing_says_so_and_waits_for_no_answer(talk_to: TalkTo) -> None:
    heard = threading.Event()
    session, _server = talk_to({"QUIT": lambda _talk, _argument: heard.set()})
    session.close()
    assert heard.wait(5)


@given(st.lists(st.integers(1, 2 * ONE_WRITE), max_size=40))
def test_writes_hold_whole_commands(lengths):
    """ProFTPD takes two commands for one if a write ends between CR and LF."""
    lines = [b"x" * length + b"\r\n" for length in lengths]
    pieces = list(writes(lines))
    assert b"".join(pieces) == b"".join(lines)
    for piece in pieces:
        assert piece.endswith(b"\r\n")
        assert len(piece) <= ONE_WRITE or piece.count(b"\r\n") == 1


def test_preliminary_replies_are_passed_over(talk_to: TalkTo) -> None:
    session, _server = talk_to({"MKD": b"150 in a moment\r\n250 done"})
    assert session.command("MKD", "/a").text == "250 done"
    assert session.command("NOOP").code == 200


def test_a_question_answered_twice_after_a_refused_transfer(talk_to: TalkTo) -> None:
    session, server = talk_to({"STOR": b"553 no", "NOOP": b"200 ok\r\n553 no"}, {})
    session.facts.note_pace(False, True)  # so that nothing goes along
    with pytest.raises(ServerRefused, match="553 no"):
        session.store("/a", BytesIO(b"x"), 1)
    assert session.command("NOOP").code == 200
    assert len(server.talks) == 2


def test_a_transfer_answered_twice(talk_to: TalkTo) -> None:
    def retrieve(talk: Talk, _argument: str) -> None:
        with talk.accept() as data:
            data.sendall(b"x")
        talk.say(b"150 go\r\n226 done\r\n226 really\r\n")

    session, _server = talk_to({"RETR": retrieve, "SIZE": b"500 no"})
    session.facts.note_pace(False, False)  # so that nothing goes along
    with pytest.raises(ProtocolError, match="RETR /a was answered twice: 226 really"):
        session.retrieve("/a", lambda _data: None)
    assert not session.is_open


def test_a_broken_upload_without_a_word(talk_to: TalkTo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "_REASON", 0.1)

    def store(talk: Talk, _argument: str) -> None:
        with talk.accept() as data:
            talk.say(b"150 go\r\n")
            data.recv(10)

    session, _server = talk_to({"STOR": store})
    with pytest.raises(ConnectionLost, match="data connection: "):
        session.store("/a", BytesIO(b"x" * 20000000), None)


@pytest.mark.parametrize("reads", [True, False])
def test_a_server_that_is_slow_to_take_data(talk_to: TalkTo, reads: bool) -> None:
    content = bytes(range(256)) * 80_000

    def store(talk: Talk, _argument: str) -> None:
        with talk.accept() as data:
            talk.say(b"150 go\r\n")
            if not reads:
                talk.sock.recv(1)  # until the client has gone
                return
            time.sleep(0.1)  # the client fills all buffers meanwhile
            talk.stored = b"".join(iter(lambda: data.recv(65536), b""))
        talk.say(b"226 done\r\n")

    session, server = talk_to({"STOR": store}, timeout=10.0 if reads else 0.3)
    if reads:
        session.store("/a", BytesIO(content), len(content))
        assert server.talks[0].stored == content
    else:
        with pytest.raises(ConnectionLost, match=r"the server took no data within 0\.3 s"):
            session.store("/a", BytesIO(content), len(content))


MANY = [Command("NOOP", "x" * 4000)] * 5000  # more than all buffers hold


def test_commands_and_replies_that_fill_all_buffers(talk_to: TalkTo) -> None:
    session, _server = talk_to({"NOOP": b"200 " + b"y" * 4000})
    connection = session.ready()
    assert {reply.code for reply in connection.exchange(*MANY)} == {200}


def test_a_server_that_takes_no_more_commands(talk_to: TalkTo) -> None:
    left = threading.Event()
    session, _server = talk_to({"NOOP": lambda _talk, _argument: left.wait(10)}, timeout=0.3)
    with pytest.raises(ConnectionLost, match="it takes no more commands"):
        session.ready().send(*MANY)
    left.set()


def test_a_closed_connection_is_not_used(talk_to: TalkTo) -> None:
    session, server = talk_to()
    connection = session.ready()
    connection.kill()
    with pytest.raises(ConnectionLost, match="is closed"):
        connection.exchange(Command("NOOP"))
    assert session.command("NOOP").code == 200
    assert len(server.talks) == 2


def test_what_is_said_can_be_watched_without_the_password(scripted: Scripted) -> None:
    told: list[str] = []
    session = Session(scripted({"PASS": b"230 s3cret! is right"}).options(trace=told.append))
    session.open()
    session.close()
    assert "*cmd* USER tester" in told
    assert "*resp* 230 ******** is right" in told
    assert not any("s3cret!" in line for line in told)
