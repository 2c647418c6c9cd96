# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Systems with less than Linux has, and connections that end at odd moments."""

from __future__ import annotations

import errno
import select
import socket
import typing as t
from io import BytesIO

import pytest

from ftpsync.errors import ConnectError, ConnectionLost
from ftpsync.ftp import sockets
from ftpsync.ftp.data import DataConnection
from ftpsync.ftp.session import Session

from .conftest import LocalServer


def store_and_retrieve(local: LocalServer) -> None:
    session = Session(local.options())
    session.open()
    content = bytes(range(256)) * 4000
    session.store("/a", BytesIO(content), len(content))
    parts: list[bytes] = []
    session.retrieve("/a", parts.append)
    session.close()
    assert b"".join(parts) == content


@pytest.mark.parametrize(
    ("module", "lacks"),
    [(select, "poll"), (socket, "TCP_KEEPIDLE"), (socket, "TCP_KEEPINTVL"), (socket, "TCP_QUICKACK")],
)
def test_systems_that_lack_something(
    local: LocalServer, monkeypatch: pytest.MonkeyPatch, module: t.Any, lacks: str
) -> None:
    monkeypatch.delattr(module, lacks)
    store_and_retrieve(local)


@pytest.mark.parametrize("poll", [True, False])
def test_waiting_ends_in_time_and_tells_who_can_go_on(monkeypatch: pytest.MonkeyPatch, poll: bool) -> None:
    if not poll:
        monkeypatch.delattr(select, "poll")
    one, other = socket.socketpair()
    with one, other:
        assert sockets.wait([(one, sockets.READ), (other, sockets.WRITE)], 0) == [False, True]
        other.send(b"x")
        assert sockets.wait([(one, sockets.READ)], 5) == [True]


def test_nobody_waits_for_a_closed_socket() -> None:
    sock = socket.socket()
    sock.close()
    with pytest.raises(OSError, match="closed"):
        sockets.wait([(sock, sockets.READ)], 5)


def test_the_next_address_is_tried_where_the_system_lacks_a_family(
    local: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = socket.getaddrinfo("127.0.0.1", local.port, type=socket.SOCK_STREAM)
    unknown = (socket.AddressFamily.AF_UNSPEC, socket.SOCK_STREAM, 9999, "", ("127.0.0.1", local.port))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_words, **_more: [unknown, *there])
    sockets.connect("twice.example", local.port, 2.0).close()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_words, **_more: [unknown])
    with pytest.raises(ConnectError, match=r"cannot connect to never.example"):
        sockets.connect("never.example", local.port, 2.0)


def test_a_server_that_resets_new_connections_may_take_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The moment between the two packets cannot be met from outside."""

    class Reset(socket.socket):
        def connect(self, _address: t.Any) -> None:
            raise ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")

    monkeypatch.setattr(socket, "socket", Reset)
    with pytest.raises(ConnectionLost, match=r"127.0.0.1:21 closed the connection at once: Connection reset"):
        sockets.connect("127.0.0.1", 21, 2.0)


def test_what_a_server_sends_after_an_upload_is_not_read_without_end() -> None:
    one, other = socket.socketpair()
    with one, other:
        one.setblocking(False)
        data = DataConnection(one, "", None, False)
        assert not data.drain()  # nothing is there yet
        other.sendall(b"x" * 100_000)
        assert data.drain()


def test_data_connections_without_a_route(local: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    class Unreachable(socket.socket):
        def connect_ex(self, _address: t.Any) -> int:
            return errno.ENETUNREACH

    monkeypatch.setattr(socket, "socket", Unreachable)
    session = Session(local.options())
    session.open()
    with pytest.raises(ConnectionLost, match=r"no data connection to .*: Network is unreachable"):
        session.store("/a", BytesIO(b"abc"), 3)
    session.drop()
