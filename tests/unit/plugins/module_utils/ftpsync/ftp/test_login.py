# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What servers say to a login, other than the usual."""

from __future__ import annotations

import typing as t

import pytest

from ftpsync.errors import AuthenticationError, ConnectionLost, ServerRefused, TooManyConnections
from ftpsync.ftp.session import Session

from .conftest import ScriptedServer, Talk

TalkTo = t.Callable[..., t.Tuple[Session, ScriptedServer]]
Scripted = t.Callable[..., ScriptedServer]


def test_a_server_that_wants_no_password_gets_none(talk_to: TalkTo) -> None:
    session, server = talk_to({"USER": b"230 come in"})
    assert session.command("NOOP").code == 200
    assert not any(line.startswith("PASS") for line in server.heard)


def test_a_password_that_left_with_the_user_may_not_be_wanted(talk_to: TalkTo) -> None:
    session, server = talk_to({}, {"USER": b"230 come in", "PASS": b"202 not needed"})
    session.reopen()
    assert session.command("NOOP").code == 200
    assert server.heard[-1] == "NOOP"


def test_an_account_is_not_offered(scripted: Scripted) -> None:
    with pytest.raises(AuthenticationError, match="account besides user and password"):
        Session(scripted({"PASS": b"332 which account?"}).options()).open()


def test_a_user_who_was_in_before_is_refused_for_want_of_room(talk_to: TalkTo) -> None:
    session, _server = talk_to({}, {"USER": b"530 too many of you"})
    with pytest.raises(TooManyConnections, match="530 too many of you"):
        session.reopen()


def test_binary_transfers_are_a_must(scripted: Scripted) -> None:
    with pytest.raises(ServerRefused, match="refuses binary transfers: 504"):
        Session(scripted({"TYPE": b"504 text only"}).options()).open()


def test_silence_amid_the_login_is_no_sign_of_a_wrong_port(scripted: Scripted) -> None:
    def fall_silent(_talk: Talk, _argument: str) -> None:
        pass

    with pytest.raises(ConnectionLost, match="no answer within") as caught:
        Session(scripted({"USER": fall_silent}).options(timeout=0.1)).open()
    assert "check host" not in str(caught.value)


def test_an_open_session_is_not_opened_again(talk_to: TalkTo) -> None:
    session, server = talk_to({})
    assert session.open() == []
    assert len(server.talks) == 1


def test_a_server_that_cannot_take_user_and_password_at_once_is_asked_slowly(scripted: Scripted) -> None:
    server = scripted({"PASS": lambda talk, _argument: talk.sock.close()}, {"USER": b"230 come in"})
    session = Session(server.options())
    session.facts.wants_password = True  # as an earlier run knows
    with pytest.raises(ConnectionLost):
        session.open()
    session.open()
    session.drop()
    first, second = (talk.heard for talk in server.talks)
    assert any(line.startswith("PASS") for line in first)
    assert not any(line.startswith("PASS") for line in second)  # it waited for the answer
