# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server chooses in a handshake, read from what real TLS servers say."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
import typing as t
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftpsync.errors import CertificateError, ConnectionLost
from ftpsync.ftp.facts import ServerFacts
from ftpsync.ftp.key_share import ENOUGH, chosen
from ftpsync.ftp.session import Session
from ftpsync.ftp.tls import Tls

from .conftest import ScriptedServer, Talk

Scripted = t.Callable[..., ScriptedServer]
Makes = t.Callable[..., ssl.SSLContext]
# The "random" by which a HelloRetryRequest is told from a ServerHello (RFC 8446 section 4.1.3).
RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
CURVES = ["prime256v1", "secp384r1", "secp521r1"]


@pytest.fixture
def makes_context(certificates: tuple[str, str]) -> Makes:
    """A function that gives a server's context with a single group, or with OpenSSL's default ones."""

    def make(group: str = "") -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates[1])
        if group:
            context.set_ecdh_curve(group)
        return context

    return make


def first_answer(server: ssl.SSLContext, group: str = "") -> bytes:
    """What a server says to a ClientHello with a key for a group, or for OpenSSL's favourite one."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    if group:
        client.set_ecdh_curve(group)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        client.wrap_bio(down, up).do_handshake()
    with pytest.raises(ssl.SSLWantReadError):
        server.wrap_bio(up, down, server_side=True).do_handshake()
    return down.read()[:ENOUGH]


@pytest.mark.parametrize("curve", CURVES)
def test_a_server_with_one_curve(makes_context: Makes, curve: str) -> None:
    assert chosen(first_answer(makes_context(curve))) == curve


@pytest.mark.parametrize("curve", CURVES)
def test_a_server_that_was_offered_its_curve(makes_context: Makes, curve: str) -> None:
    assert chosen(first_answer(makes_context(curve), curve)) == curve


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_a_server_that_takes_the_usual(makes_context: Makes, version: str) -> None:
    context = makes_context()
    context.maximum_version = ssl.TLSVersion[version]
    assert chosen(first_answer(context)) == ""


@pytest.mark.parametrize("group", [b"\x00\x1e", b"\x99\x99", b"", b"\x00", b"\x17\x00"])
def test_a_group_nobody_knows(makes_context: Makes, group: bytes) -> None:
    answer = first_answer(makes_context("secp384r1"))
    extension = b"\x00\x33\x00\x02\x00\x18"
    assert answer.count(extension) == 1
    assert chosen(answer.replace(extension, b"\x00\x33" + len(group).to_bytes(2, "big") + group)) == ""


@pytest.mark.parametrize("data", [b"", b"\x16", b"\x15\x03\x03\x00\x02\x02\x28", b"220 Welcome, in cleartext\r\n"])
def test_no_answer(data: bytes) -> None:
    assert chosen(data) is None


@given(st.data())
def test_nothing_that_a_server_says_is_an_error(data: st.DataObject) -> None:
    """Whatever is cut off, inserted or replaced; and what is no handshake tells nothing."""
    start = bytes.fromhex("160303005802000054" + "0303") + RETRY
    rest = b"\x20" + bytes(32) + bytes.fromhex("130200000c" + "002b00020304" + "003300020017")
    whole = start + rest
    assert chosen(whole) == "prime256v1"
    at = data.draw(st.integers(0, len(whole)))
    changed = whole[:at] + data.draw(st.binary(max_size=40)) + whole[at + data.draw(st.integers(0, 40)) :]
    assert chosen(changed) in [None, "", *CURVES]
    assert chosen(b"\x15" + changed[1:]) is None


# ------------------------------------------------------------------ in sessions


class Door:
    """TLS of a scripted server, whose group can be changed; handshakes in which it asks for another one are counted."""

    def __init__(self, makes_context: Makes, monkeypatch: pytest.MonkeyPatch) -> None:
        self._makes_context = makes_context
        self.retries = 0
        real = Tls.handshake

        def handshake(tls: Tls, sock: ssl.SSLSocket) -> int:
            with contextlib.suppress(OSError):
                self.retries += RETRY in socket.socket.recv(sock, ENOUGH, socket.MSG_PEEK)
            return real(tls, sock)

        monkeypatch.setattr(Tls, "handshake", handshake)
        self.takes("secp384r1")

    def takes(self, group: str) -> None:
        self.context = self._makes_context(group)

    def answers(self) -> dict[str, t.Any]:
        return {"AUTH": self._auth, "STOR": self._store}

    def _auth(self, talk: Talk, _argument: str) -> None:
        talk.say(b"234 go\r\n")
        time.sleep(0.02)  # so that the answer is not there before the client waits for it
        talk.sock = self.context.wrap_socket(talk.sock, server_side=True)

    def _store(self, talk: Talk, _argument: str) -> None:
        with talk.accept() as plain, self.context.wrap_socket(plain, server_side=True) as data:
            talk.say(b"150 go\r\n")
            talk.stored = b"".join(iter(lambda: data.recv(65536), b""))
        talk.say(b"226 done\r\n")


@pytest.fixture
def door(makes_context: Makes, monkeypatch: pytest.MonkeyPatch) -> Door:
    return Door(makes_context, monkeypatch)


def sessions(scripted: Scripted, door: Door, **changes: t.Any) -> t.Callable[[], Session]:
    """A function that gives sessions of one pool."""
    options = scripted(door.answers()).options(**{"tls": "explicit", "validate_certs": False, **changes})
    facts = ServerFacts()
    return lambda: Session(options, facts)


def test_only_the_first_handshake_takes_longer(scripted: Scripted, door: Door) -> None:
    new = sessions(scripted, door)
    first, second = new(), new()
    first.open()
    assert door.retries == 1
    second.open()
    for session in (first, second):
        assert session.store("/a", BytesIO(b"abc"), 3).sent == 3
    first.reopen()
    assert first.store("/a", BytesIO(b"abcd"), 4).sent == 4
    assert door.retries == 1
    first.close()
    second.close()


def test_verification_is_as_before(
    scripted: Scripted, door: Door, certificates: tuple[str, str], makes_context: Makes
) -> None:
    first = sessions(scripted, door, ca_path=certificates[0], validate_certs=True)()
    first.open()
    first.reopen()
    first.close()
    assert door.retries == 1
    wrong = sessions(scripted, door, ca_path=certificates[0], validate_certs=True, tls_server_name="example.org")()
    wrong.facts.key_group = "secp384r1"
    with pytest.raises(CertificateError, match=r"not valid for 'example.org'"):
        wrong.open()


def test_a_server_that_asks_for_something_else_later(scripted: Scripted, door: Door) -> None:
    """For a new connection; and on the old one, for data."""
    new = sessions(scripted, door)
    first, second, third = new(), new(), new()
    first.open()
    second.open()
    door.takes("prime256v1")
    with pytest.raises(ConnectionLost, match="no TLS with"):
        third.open()
    third.open()
    assert third.store("/a", BytesIO(b"abc"), 3).sent == 3
    with pytest.raises(ConnectionLost):
        second.store("/a", BytesIO(b"abc"), 3)
    assert second.store("/a", BytesIO(b"abc"), 3).sent == 3
    assert door.retries > 1  # as if nothing were known
    for session in (first, second, third):
        session.close()
