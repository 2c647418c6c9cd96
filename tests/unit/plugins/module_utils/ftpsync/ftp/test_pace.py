# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is sent along with a transfer, and what shows that a server does not take it."""

from __future__ import annotations

import select
import socket
import typing as t
from io import BytesIO

import pytest

from ftpsync.errors import ConnectionLost, ProtocolError, ServerRefused
from ftpsync.ftp.data import DataConnection
from ftpsync.ftp.facts import Wager
from ftpsync.ftp.session import Session

if t.TYPE_CHECKING:
    from .conftest import ScriptedServer, Talk

TalkTo = t.Callable[..., t.Tuple[Session, "ScriptedServer"]]


def store_after_the_noop(talk: Talk, _argument: str) -> None:
    """What an event-driven server does: it answers what came along before it has the data."""
    with talk.accept() as data:
        talk.say(b"150 go\r\n200 noop\r\n")
        talk.stored = b"".join(iter(lambda: data.recv(65536), b""))
    talk.say(b"226 done\r\n")


def store_before_150(talk: Talk, _argument: str) -> None:
    """One whose client must not wait for 150."""
    with talk.accept() as data:
        talk.stored = b"".join(iter(lambda: data.recv(65536), b""))
    talk.say(b"150 go\r\n226 done\r\n")


def silent(_talk: Talk, _argument: str) -> None:
    pass


def after(server: ScriptedServer, command: str) -> list[str]:
    return server.heard[server.heard.index(command) + 1 :]


def test_what_follows_goes_along_once_a_server_has_shown_that_it_waits(talk_to: TalkTo) -> None:
    session, server = talk_to()
    session.store("/a", BytesIO(b"abc"), 3, mtime=0, more=True)
    assert session.facts.one_at_a_time is True
    assert after(server, "STOR /a") == ["NOOP", "SIZE /a", "MFMT 19700101000000 /a", "EPSV"]
    server.talks[0].answers["STOR"] = store_before_150
    result = session.store("/b", BytesIO(b"bcde"), 4, mtime=0, more=True)
    assert (result.sent, result.size, result.mtime_set) == (4, 4, True)
    assert after(server, "STOR /b") == ["SIZE /b", "MFMT 19700101000000 /b", "EPSV"]
    session.store("/c", BytesIO(b""), 0)
    assert after(server, "STOR /c") == ["SIZE /c"]


def test_a_server_that_answers_meanwhile_gets_one_thing_after_the_other(talk_to: TalkTo) -> None:
    session, server = talk_to({"STOR": store_after_the_noop, "NOOP": silent})
    session.store("/a", BytesIO(b"abc"), 3)
    assert session.facts.one_at_a_time is False
    assert session.facts.reads_one_at_a_time is False
    server.talks[0].answers["STOR"] = lambda talk, _argument: talk.store(_argument)
    assert session.store("/b", BytesIO(b"bcde"), 4, more=True).size == 4
    assert after(server, "STOR /b") == ["SIZE /b", "EPSV"]


@pytest.mark.parametrize("answer", [b"213 3\r\n", b"500 busy\r\n"])
def test_a_server_that_turns_out_to_answer_meanwhile_is_left_at_once(talk_to: TalkTo, answer: bytes) -> None:
    def store(talk: Talk, _argument: str) -> None:
        with talk.accept() as data:
            talk.say(b"150 go\r\n" + answer)
            talk.stored = b"".join(iter(lambda: data.recv(65536), b""))
        talk.say(b"226 done\r\n")

    session, server = talk_to({"STOR": store, "SIZE": silent})
    session.facts.note_pace(True, True)
    with pytest.raises((ConnectionLost, ProtocolError)):
        session.store("/a", BytesIO(b"abc"), 3, more=True)
    assert session.facts.one_at_a_time is False
    server.talks[0].answers.clear()
    session.facts.note_pace(True, True)
    assert session.facts.one_at_a_time is False


def test_a_listing_tells_about_listings_only(talk_to: TalkTo) -> None:
    session, server = talk_to({"MLSD": lambda talk, argument: talk.retrieve(argument)})
    session.list_folder("/a")
    assert session.facts.reads_one_at_a_time is True
    assert session.facts.one_at_a_time is None
    session.more = True
    session.list_folder("/b")
    assert after(server, "MLSD /b/")[0] == "EPSV"
    session.list_folder("/c")
    assert server.heard.count("EPSV") == 4  # and none of them to wait for


def test_a_refusal_keeps_the_connection(talk_to: TalkTo) -> None:
    session, server = talk_to({"STOR": b"550 no"})
    session.facts.note_pace(True, True)
    for _number in range(3):
        with pytest.raises(ServerRefused, match="550 no"):
            session.store("/a", BytesIO(b"abc"), 3, mtime=0, more=True)
    assert session.command("PWD").code == 257
    assert len(server.talks) == 1


def test_large_files_and_long_names_go_alone(talk_to: TalkTo) -> None:
    session, server = talk_to()
    session.facts.note_pace(True, True)
    session.store("/large", BytesIO(bytes(2**20 + 1)), 2**20 + 1)
    long = "/" + "n" * 600
    session.store(long, BytesIO(b"abc"), 3, mtime=0)
    assert session.facts.one_at_a_time is True
    assert after(server, "STOR " + long) == ["SIZE " + long, "MFMT 19700101000000 " + long]


def test_the_password_goes_along_with_the_user_once_it_was_asked_for(talk_to: TalkTo) -> None:
    session, server = talk_to()
    session.reopen()
    assert server.talks[0].heard[:3] == ["USER tester", "PASS s3cret!", "TYPE I"]
    assert server.talks[1].heard == ["USER tester", "PASS s3cret!", "TYPE I", "OPTS UTF8 ON", "EPSV"]


def test_a_user_who_needs_no_password_after_all(talk_to: TalkTo) -> None:
    session, _server = talk_to({}, {"USER": b"230 welcome", "PASS": b"503 not now"})
    session.reopen()
    assert session.command("PWD").code == 257


VSFTPD = {"BANNER": b"220 (vsFTPd 3.0.3)"}


def store_until_reset(talk: Talk, _argument: str) -> None:
    """What vsftpd does: it says 226 when its own end has been acknowledged, or when nobody is there any more."""
    with talk.accept() as data:
        talk.say(b"150 go\r\n")
        talk.stored = b"".join(iter(lambda: data.recv(65536), b""))
        talk.say(b"226 done\r\n" if was_reset(data) else b"426 the client has ended as any does\r\n")


def was_reset(data: socket.socket) -> bool:
    """Whether an RST came behind the end of the stream, or comes within a second."""
    poller = select.poll()
    poller.register(data, 0)
    return bool(poller.poll(1000))


def to_vsftpd(talk_to: TalkTo, *scripts: dict[str, t.Any]) -> tuple[Session, ScriptedServer]:
    session, server = talk_to(*[{**VSFTPD, **script} for script in scripts])
    session.facts.note_pace(True, True)
    return session, server


@pytest.mark.parametrize("size", [0, 3, 64 * 1024])
def test_vsftpd_is_not_left_waiting_for_an_acknowledgement(talk_to: TalkTo, size: int) -> None:
    session, server = to_vsftpd(talk_to, {"STOR": store_until_reset})
    assert session.store("/a", BytesIO(bytes(size)), size, more=True).size == size
    assert server.talks[0].stored == bytes(size)
    assert session.facts.resets.pays


@pytest.mark.parametrize(("size", "more", "banner"), [(3, False, VSFTPD), (65537, True, VSFTPD), (3, True, {})])
def test_other_uploads_end_as_any_do(talk_to: TalkTo, size: int, more: bool, banner: dict[str, t.Any]) -> None:
    resets: list[bool] = []

    def store(talk: Talk, _argument: str) -> None:
        with talk.accept() as data:
            talk.say(b"150 go\r\n")
            talk.stored = b"".join(iter(lambda: data.recv(65536), b""))
            resets.append(was_reset(data))
        talk.say(b"226 done\r\n")

    session, _server = talk_to({**banner, "STOR": store})
    session.facts.note_pace(True, True)
    session.store("/a", BytesIO(bytes(size)), size, more=more)
    assert resets == [False]


@pytest.mark.parametrize("answer", [b"426 broken\r\n", b"451 broken\r\n", b"226 done\r\n"])
def test_a_vsftpd_that_loses_data_by_the_reset_gets_no_other(talk_to: TalkTo, answer: bytes) -> None:
    def lose(talk: Talk, _argument: str) -> None:
        with talk.accept() as data:
            talk.say(b"150 go\r\n")
            talk.stored = b"".join(iter(lambda: data.recv(65536), b""))[:2]
        talk.say(answer)

    session, server = to_vsftpd(talk_to, {"STOR": lose}, {})
    with pytest.raises(ConnectionLost, match=r"broken|3 bytes were sent, the server has 2"):
        session.store("/a", BytesIO(b"abc"), 3, more=True)
    assert not session.facts.resets.pays
    assert session.facts.one_at_a_time is True
    session.reopen()
    assert session.store("/a", BytesIO(b"abc"), 3, more=True).size == 3
    assert server.talks[1].stored == b"abc"


def test_a_short_cut_is_left_when_it_costs_more_than_it_saves() -> None:
    wager = Wager()
    assert wager.pays
    wager.note(False)
    assert not wager.pays
    wager = Wager()
    for _number in range(13):
        wager.note(True)
    wager.note(False)
    wager.note(False)
    assert wager.pays
    wager.note(False)
    assert not wager.pays


def store_when_told_to_go_on(talk: Talk, _argument: str) -> None:
    """A server far away: what follows is here before its 226 has left."""
    with talk.accept() as data:
        talk.say(b"150 go\r\n")
        talk.stored = b"".join(iter(lambda: data.recv(65536), b""))
    wait_for_commands(talk)
    talk.say(b"226 done\r\n")


def wait_for_commands(talk: Talk) -> None:
    assert select.select([talk.sock], [], [], 5)[0], "nothing came before the end was told"


@pytest.fixture
def far_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DataConnection, "round_trip", lambda _data: 0.06)


def test_an_event_driven_server_far_away_is_told_what_follows_when_an_upload_should_be_over(
    talk_to: TalkTo, far_away: None
) -> None:
    session, server = talk_to({"STOR": store_when_told_to_go_on})
    session.facts.note_pace(False, True)
    assert session.store("/a", BytesIO(b"abc"), 3, mtime=0, more=True).mtime_set
    assert after(server, "STOR /a") == ["SIZE /a", "MFMT 19700101000000 /a", "EPSV"]
    assert session.store("/b", BytesIO(b"bcde"), 4, more=True).size == 4
    assert len(server.talks) == 1


def test_and_so_it_is_asked_for_the_next_port_of_a_download(talk_to: TalkTo, far_away: None) -> None:
    def retrieve(talk: Talk, _argument: str) -> None:
        with talk.accept() as data:
            talk.say(b"150 go\r\n")
            wait_for_commands(talk)
            data.sendall(talk.stored)
        talk.say(b"226 done\r\n")

    session, server = talk_to({"RETR": retrieve})
    session.facts.note_pace(False, True)
    server.talks[0].stored = b"abc"
    session.more = True
    assert session.retrieve("/a", bytes, 3) == 3
    assert session.retrieve("/b", bytes, 3) == 3
    assert len(server.talks) == 1


def test_one_nearby_is_waited_for(talk_to: TalkTo) -> None:
    def store(talk: Talk, _argument: str) -> None:
        with talk.accept() as data:
            talk.say(b"150 go\r\n")
            talk.stored = b"".join(iter(lambda: data.recv(65536), b""))
        assert not select.select([talk.sock], [], [], 0.2)[0]
        talk.say(b"226 done\r\n")

    session, server = talk_to({"STOR": store})
    session.facts.note_pace(False, True)
    session.store("/a", BytesIO(b"abc"), 3, more=True)
    assert after(server, "STOR /a") == ["SIZE /a", "EPSV"]


def drop_for_the_next_port(talk: Talk, _argument: str) -> None:
    """What pyftpdlib does when it is asked before it was through: there is no 226 any more."""
    with talk.accept():
        talk.say(b"150 go\r\n")
        wait_for_commands(talk)


def refuse_for_the_next_port(talk: Talk, argument: str) -> None:
    drop_for_the_next_port(talk, argument)
    talk.say(b"426 aborted\r\n")


@pytest.mark.parametrize("drop", [drop_for_the_next_port, refuse_for_the_next_port])
@pytest.mark.parametrize("verb", ["STOR", "RETR"])
def test_a_server_that_was_asked_too_early_is_not_hurried_again(
    talk_to: TalkTo, far_away: None, verb: str, drop: t.Callable[[Talk, str], None]
) -> None:
    def carry(path: str) -> object:
        session.more = True
        return (
            session.store(path, BytesIO(b"abc"), 3, more=True) if verb == "STOR" else session.retrieve(path, bytes, 3)
        )

    session, server = talk_to({verb: drop, "SIZE": b"213 3"}, {})
    session.facts.note_pace(False, True)
    server.talks[0].stored = b"abc"
    with pytest.raises((ConnectionLost, ProtocolError)):
        carry("/a")
    assert not session.facts.guesses.pays
    session.reopen()
    server.talks[1].stored = b"abc"
    carry("/a")
    assert after(server, verb + " /a")[-1:] == ["EPSV"]


PROFTPD = {"BANNER": b"220 ProFTPD Server"}


def to_who_has_ended(talk: Talk, _argument: str) -> None:
    """What ProFTPD could do: it gives its data to somebody who has nothing to say any more."""
    with talk.accept() as data:
        assert data.recv(1) == b""
        talk.say(b"150 go\r\n")
        data.sendall(talk.stored)
    talk.say(b"226 done\r\n")


def abort_at_the_end(talk: Talk, _argument: str) -> None:
    """What an event-driven server does: it takes the end of our side for that of the transfer."""
    with talk.accept() as data:
        assert data.recv(1) == b""
    talk.say(b"150 go\r\n426 aborted\r\n")


def test_our_side_of_a_download_is_closed_at_once_for_proftpd(talk_to: TalkTo) -> None:
    session, server = talk_to({**PROFTPD, "MLSD": to_who_has_ended, "RETR": to_who_has_ended})
    server.talks[0].stored = b"type=file;size=3;modify=20260101000000; a\r\n"
    assert [name for name, _entry in session.list_folder("/").entries] == ["a"]
    assert session.facts.half_closes is True
    received: list[bytes] = []
    session.retrieve("/a", received.append, len(server.talks[0].stored))
    assert b"".join(received) == server.talks[0].stored


def test_a_listing_that_breaks_because_our_side_was_closed_is_read_again(talk_to: TalkTo) -> None:
    again = {**PROFTPD, "MLSD": lambda talk, argument: talk.retrieve(argument), "CWD": b"250 ok"}
    session, server = talk_to({**PROFTPD, "MLSD": abort_at_the_end}, again)
    assert session.list_folder("/").entries == []
    assert session.facts.half_closes is False
    assert len(server.talks) == 2


@pytest.mark.parametrize("fail", [abort_at_the_end, to_who_has_ended])
def test_a_download_that_breaks_because_our_side_was_closed_is_the_last_of_its_kind(
    talk_to: TalkTo, fail: t.Callable[[Talk, str], None]
) -> None:
    session, server = talk_to({**PROFTPD, "RETR": fail, "SIZE": b"213 3"}, PROFTPD)
    session.facts.half_closes = True
    with pytest.raises(ConnectionLost):
        session.retrieve("/a", bytes, 3)
    assert session.facts.half_closes is False
    session.drop()
    session.open()
    server.talks[1].stored = b"abc"
    assert session.retrieve("/a", bytes, 3) == 3


@pytest.mark.parametrize(("size", "closed"), [(2**20, True), (2**20 + 1, False), (None, False)])
def test_our_side_stays_open_for_large_files(talk_to: TalkTo, size: int | None, closed: bool) -> None:
    ends: list[bool] = []

    def retrieve(talk: Talk, argument: str) -> None:
        with talk.accept() as data:
            talk.say(b"150 go\r\n")
            data.settimeout(5 if closed else 0.3)
            try:
                ends.append(data.recv(1) == b"")
            except OSError:
                ends.append(False)
        talk.say(b"226 done\r\n")

    session, _server = talk_to({**PROFTPD, "RETR": retrieve})
    session.facts.half_closes = True
    session.retrieve("/a", bytes, size)
    assert ends == [closed]


def test_an_event_driven_server_is_asked_for_the_next_port_once_it_has_said_226(talk_to: TalkTo) -> None:
    def retrieve(talk: Talk, _argument: str) -> None:
        with talk.accept() as data:
            talk.say(b"150 go\r\n226 done\r\n")
            assert talk.sock.recv(100) == b"EPSV\r\n"
            talk.listen("")
            with talk.accept():  # the next data connection is made already
                data.sendall(talk.stored)

    session, server = talk_to({"RETR": retrieve})
    session.facts.note_pace(False, True)
    server.talks[0].stored = b"abc"
    session.more = True
    assert session.retrieve("/a", bytes, 3) == 3


def test_one_that_loses_data_by_that_is_asked_later(talk_to: TalkTo) -> None:
    def retrieve(talk: Talk, _argument: str) -> None:
        with talk.accept() as data:
            talk.say(b"150 go\r\n226 done\r\n")
            assert talk.sock.recv(100) == b"EPSV\r\n"
            talk.listen("")
            data.sendall(b"ab")

    session, server = talk_to({"RETR": retrieve, "SIZE": b"213 3"}, {})
    session.facts.note_pace(False, True)
    session.more = True
    with pytest.raises(ConnectionLost, match="has 3 bytes, but 2 arrived"):
        session.retrieve("/a", bytes, 3)
    assert session.facts.asks_early is False
    session.reopen()
    server.talks[1].stored = b"abc"
    assert session.retrieve("/a", bytes, 3) == 3
    assert server.talks[1].heard[-1] == "RETR /a"
