# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each fault does what it says, and nothing before it is asked to."""

from __future__ import annotations

import contextlib
import ftplib
import io
import os
import socket
import typing as t
from pathlib import Path

import pytest

from tests import faulty
from tests.faulty import DataDrop, Drop, FaultyFtp, Which, at_reply, from_reply, on, on_path, times

LOST = (EOFError, OSError)


class Talk:
    """A client that sends what it is told and gives every line of what comes."""

    def __init__(self, server: FaultyFtp, login: bool = True) -> None:
        self.sock = socket.create_connection((server.host, server.port), timeout=3)
        self.file = self.sock.makefile("rb")
        if login:
            self.say("USER tester", "PASS k9-Sesame-open")
            assert [self.line()[:3] for _reply in range(3)] == [b"220", b"331", b"230"]

    def say(self, *commands: str) -> None:
        self.sock.sendall("".join(f"{command}\r\n" for command in commands).encode())

    def line(self) -> bytes:
        """The next line; b"" at the end, b"reset" for an RST."""
        try:
            return self.file.readline().rstrip(b"\r\n")
        except ConnectionResetError:
            return b"reset"
        except socket.timeout:
            return b"nothing"

    def ask(self, command: str) -> bytes:
        self.say(command)
        return self.line()

    def rest(self) -> list[bytes]:
        return [line for line in iter(self.line, b"") if line != b"reset"]


class Serve(t.Protocol):
    def __call__(self, *faults: faulty.Fault) -> FaultyFtp:
        """A running server with these faults."""


@pytest.fixture
def serve(tmp_path: Path) -> t.Iterator[Serve]:
    running: list[FaultyFtp] = []

    def start(*faults: faulty.Fault) -> FaultyFtp:
        root = tmp_path / f"root{len(running)}"
        root.mkdir()
        running.append(FaultyFtp(*faults, root=root))
        running[-1].start()
        return running[-1]

    yield start
    for server in running:
        server.stop()


def client(server: FaultyFtp) -> ftplib.FTP:
    ftp = ftplib.FTP(timeout=3)
    ftp.connect(server.host, server.port)
    ftp.login(server.username, server.password)
    return ftp


def put(ftp: ftplib.FTP, path: str, content: bytes) -> str:
    return ftp.storbinary(f"STOR {path}", io.BytesIO(content))


def get(ftp: ftplib.FTP, path: str) -> bytes:
    parts: list[bytes] = []
    ftp.retrbinary(f"RETR {path}", parts.append)
    return b"".join(parts)


# ---------------------------------------------------------------------- control connections


@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_ends_before_a_reply(serve: Serve, reset: bool) -> None:
    server = serve(Drop(on("MKD", 2), reset=reset))
    talk = Talk(server)
    talk.say("MKD a", "MKD b", "MKD c")
    assert [talk.line()[:3] for _reply in range(2)] == [b"257", b"res" if reset else b""]
    server.settle()
    assert sorted(os.listdir(server.root)) == ["a", "b"]
    assert Talk(server).ask("MKD d")[:3] == b"257"


def test_a_connection_ends_after_a_reply(serve: Serve) -> None:
    server = serve(Drop(at_reply(5), after=True))
    talk = Talk(server)
    talk.say("MKD a", "MKD b", "MKD c")
    assert [line[:5] for line in talk.rest()] == [b'257 "', b'257 "']
    server.settle()
    assert sorted(os.listdir(server.root)) == ["a", "b"]


def test_what_was_sent_ahead_is_carried_out_nevertheless(serve: Serve) -> None:
    server = serve(Drop(on("MKD", 1), goes_on=True))
    talk = Talk(server)
    talk.say("MKD a", "MKD b", "RNFR a", "RNTO c")
    assert talk.rest() == []
    server.settle()
    assert sorted(os.listdir(server.root)) == ["b", "c"]


def test_a_command_is_lost(serve: Serve) -> None:
    server = serve(faulty.DropBefore(on("MKD")))
    assert Talk(server).ask("MKD a") == b""
    assert os.listdir(server.root) == []


def test_a_server_is_gone(serve: Serve) -> None:
    server = serve(faulty.Gone(on("MKD", 1), after=True))
    talk, other = Talk(server), Talk(server)
    assert talk.ask("MKD a")[:3] == b"257" and talk.line() == b""
    assert other.ask("NOOP") == b""
    with contextlib.suppress(ConnectionResetError):
        assert Talk(server, login=False).line() in (b"reset", b"")


def test_replies_stall_and_drip(serve: Serve) -> None:
    server = serve(faulty.Stall(on("NOOP")), faulty.Drip(on("SYST"), 0.001))
    talk = Talk(server)
    assert talk.ask("SYST") == b"215 UNIX Type: L8"
    talk.sock.settimeout(0.1)
    assert talk.ask("NOOP") == b"nothing"


@pytest.mark.parametrize("goes_on", [True, False])
def test_something_happens_when_a_command_was_carried_out(serve: Serve, goes_on: bool) -> None:
    happened: list[list[str]] = []
    server = serve()
    talk = Talk(server)

    def leave() -> None:
        happened.append(os.listdir(server.root))
        talk.sock.shutdown(socket.SHUT_WR)

    strike = faulty.Strike(on("MKD", 2), leave, goes_on=goes_on)
    server.faults = (strike,)
    talk.say("MKD a", "MKD b", "RMD a")
    assert len(talk.rest()) == 1
    server.settle()
    assert sorted(happened[0]) == ["a", "b"] and strike.has_struck is True
    assert sorted(os.listdir(server.root)) == (["b"] if goes_on else ["a", "b"])


# ---------------------------------------------------------------------- replies


@pytest.mark.parametrize(
    ("fault", "lines"),
    [
        (faulty.Say(on("NOOP"), "no reply at all"), [b"no reply at all", b"215 UNIX Type: L8"]),
        (faulty.Twice(on("NOOP")), [b"200 So be it", b"200 So be it", b"215 UNIX Type: L8"]),
        (faulty.Extra(on("NOOP"), "550 And?"), [b"200 So be it", b"550 And?", b"215 UNIX Type: L8"]),
        (faulty.Late(on("NOOP")), [b"200 So be it", b"215 UNIX Type: L8"]),
        (faulty.Pieces(on("NOOP")), [b"200 So be it", b"215 UNIX Type: L8"]),
        (faulty.Oversized(on("NOOP"), 9000), [b"200 " + b"x" * 9000, b"215 UNIX Type: L8"]),
        (faulty.Undecodable(on("NOOP")), [b"200 " + faulty.Undecodable.TEXT, b"215 UNIX Type: L8"]),
        (faulty.Refuse(on("NOOP"), "421 Bye"), [b"421 Bye", b"215 UNIX Type: L8"]),
        (faulty.Without("NOOP"), [b"502 NOOP is not known here", b"215 UNIX Type: L8"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_wrong_replies(serve: Serve, fault: faulty.Fault, lines: list[bytes]) -> None:
    talk = Talk(serve(fault))
    talk.say("NOOP", "SYST")
    assert [talk.line() for _line in lines] == lines


def test_a_reply_without_end(serve: Serve) -> None:
    server = serve(faulty.Endless(on("NOOP")))
    talk = Talk(server)
    talk.say("NOOP")
    assert {talk.line() for _line in range(5000)} == {b"200-and so on"}
    talk.file.close()
    talk.sock.close()
    server.settle()


def test_refused_claimed_and_denied(serve: Serve) -> None:
    server = serve(
        faulty.Refuse(on_path("MKD", "no")), faulty.Claim(on_path("MKD", "yes")), faulty.Deny(on_path("MKD", "maybe"))
    )
    talk = Talk(server)
    assert [talk.ask(f"MKD {name}")[:3] for name in ("no", "yes", "maybe")] == [b"550", b"250", b"550"]
    assert os.listdir(server.root) == ["maybe"]


def test_when(serve: Serve) -> None:
    server = serve(faulty.Refuse(times(2, on("MKD"))), faulty.Say(from_reply(7), "200 7"))
    talk = Talk(server)
    assert [talk.ask(f"MKD {name}")[:5] for name in "abcd"] == [b"550 N", b"550 N", b'257 "', b"200 7"]


# ---------------------------------------------------------------------- data connections


@pytest.mark.parametrize("after", [0, 1, 600_000])
def test_uploads_are_cut(serve: Serve, after: int) -> None:
    server = serve(DataDrop(Which(1), after))
    ftp = client(server)
    with pytest.raises((ftplib.error_temp, OSError)):
        put(ftp, "x", b"1" * 1_000_000)
    ftp.close()
    server.settle()
    assert (server.root / "x").stat().st_size == after
    assert put(client(server), "x", b"1") == "226 Done"


@pytest.mark.parametrize("control", ["drop", "reset"])
def test_both_connections_are_cut(serve: Serve, control: str) -> None:
    server = serve(DataDrop(Which(1), 10, control=control))
    with pytest.raises(LOST):
        put(client(server), "x", b"1" * 100)
    server.settle()
    assert (server.root / "x").stat().st_size == 10


def test_downloads_are_cut_without_a_word(serve: Serve) -> None:
    server = serve(DataDrop(Which(2), 10, quietly=True, says=None))
    ftp = client(server)
    put(ftp, "x", b"1" * 100)
    assert get(ftp, "x") == b"1" * 10
    assert get(ftp, "x") == b"1" * 100
    assert [(seen.number, seen.command.verb, seen.count) for seen in server.record.data] == [
        (1, "STOR", 100),
        (2, "RETR", 10),
        (3, "RETR", 100),
    ]


def test_uploads_are_shortened_without_a_word(serve: Serve) -> None:
    server = serve(faulty.ShortUpload(Which(when=on_path("STOR", "x")), 70))
    ftp = client(server)
    assert put(ftp, "x", b"1" * 100) == put(ftp, "y", b"1" * 100) == "226 Done"
    assert [(server.root / name).stat().st_size for name in "xy"] == [70, 100]


def test_data_stall_and_drip(serve: Serve) -> None:
    server = serve(faulty.DataDrip(Which(2), 3, 0.001), faulty.DataStall(Which(3), 5))
    ftp = client(server)
    put(ftp, "x", b"0123456789")
    assert get(ftp, "x") == b"0123456789"
    assert ftp.sock is not None
    ftp.timeout = 0.1
    with pytest.raises(OSError):
        get(ftp, "x")


def test_a_port_where_nobody_is(serve: Serve) -> None:
    ftp = client(serve(faulty.NoData(on("EPSV")), faulty.NoData(on("PASV"))))
    with pytest.raises(OSError):
        ftp.nlst()


# ---------------------------------------------------------------------- lies


def test_sizes_and_features(serve: Serve) -> None:
    server = serve(
        faulty.LyingSize(lambda size: size + 1, on_path("SIZE", "x")), faulty.LyingFeatures("MLST size*;", "XYZZY")
    )
    ftp = client(server)
    put(ftp, "x", b"123")
    put(ftp, "y", b"123")
    assert [ftp.size("x"), ftp.size("y")] == [4, 3]
    assert ftp.sendcmd("FEAT").split("\n")[1:-1] == [" MLST size*;", " XYZZY"]


@pytest.mark.parametrize(
    ("fault", "shown"),
    [
        (faulty.CutListing(2, "d"), [".dot", "a"]),
        (faulty.EmptyListing(), []),
        (faulty.EmptyListing("other"), [".dot", "a", "b"]),
        (faulty.HiddenFiles(), ["a", "b"]),
        (faulty.HostileNames(["..", "x/y", ""]), [".dot", "a", "b", "..", "x/y", ""]),
        (faulty.Listing(lambda data: data[-20:]), ["b"]),
        (faulty.FoldersWithoutEnd(), [".dot", "a", "b", "deeper"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_listings(serve: Serve, fault: faulty.Fault, shown: list[str]) -> None:
    server = serve(fault)
    (server.root / "d").mkdir()
    for name in (".dot", "a", "b"):
        (server.root / "d" / name).touch()
    ftp = client(server)
    lines: list[str] = []
    ftp.retrlines("MLSD /d", lines.append)
    assert [line.partition(" ")[2] for line in lines] == shown
    if "deeper" in shown:
        ftp.retrlines("MLSD /d/deeper/deeper", lines.append)
        assert lines[:4] == lines[4:]


# ---------------------------------------------------------------------- limits


@pytest.mark.parametrize(
    ("fault", "said"),
    [(faulty.MostConnections(1), b"421 Too many connections"), (faulty.MostConnections(1, ""), b"")],
)
def test_connections(serve: Serve, fault: faulty.Fault, said: bytes) -> None:
    server = serve(fault)
    first = Talk(server)
    assert Talk(server, login=False).line() == said
    assert first.ask("QUIT")[:3] == b"221"
    server.settle()
    Talk(server)


def test_logins(serve: Serve) -> None:
    server = serve(faulty.MostLogins(1))
    first = Talk(server)
    second = Talk(server, login=False)
    second.say("USER tester", "PASS k9-Sesame-open")
    assert [second.line()[:3] for _reply in range(3)] == [b"220", b"331", b"530"]
    assert first.ask("NOOP")[:3] == b"200"


@pytest.mark.parametrize(
    ("fault", "code"),
    [(faulty.FullDisk(150), "452"), (faulty.Quota(150), "552"), (faulty.FullDisk(150, silent=True), "")],
)
def test_no_room(serve: Serve, fault: faulty.Fault, code: str) -> None:
    server = serve(fault)
    ftp = client(server)
    put(ftp, "x", b"1" * 100)
    if code:
        with pytest.raises(ftplib.Error, match=code):
            put(ftp, "y", b"1" * 100)
    else:
        put(ftp, "y", b"1" * 100)
    assert [(server.root / name).stat().st_size for name in "xy"] == [100, 50]


def test_rights(serve: Serve) -> None:
    server = serve(faulty.ReadOnly())
    (server.root / "x").write_bytes(b"1")
    ftp = client(server)
    assert get(ftp, "x") == b"1"
    for command in ("STOR y", "DELE x", "MKD d", "RNFR x", "SITE CHMOD 600 x", "MFMT 20200101000000 x"):
        with pytest.raises(ftplib.error_perm):
            ftp.ntransfercmd(command) if command[:4] == "STOR" else ftp.sendcmd(command)
    ftp.quit()
    server.misbehave(faulty.WriteOnly())
    ftp = client(server)
    put(ftp, "y", b"1")
    for command in ("RETR x", "MLSD /", "LIST", "NLST"):
        with pytest.raises(ftplib.error_perm):
            ftp.ntransfercmd(command)


def test_renames_onto_files(serve: Serve) -> None:
    server = serve(faulty.NoRenameOntoFiles())
    ftp = client(server)
    put(ftp, "x", b"1")
    put(ftp, "y", b"2")
    with pytest.raises(ftplib.error_perm):
        ftp.rename("x", "y")
    ftp.rename("x", "z")
    assert sorted(os.listdir(server.root)) == ["y", "z"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [(faulty.NoTls(), [b"502 No TLS here"]), (faulty.Injection(), [b"502 No TLS here", b"230 Welcome"])],
)
def test_tls(serve: Serve, fault: faulty.Fault, said: list[bytes]) -> None:
    talk = Talk(serve(fault))
    talk.say("AUTH TLS")
    assert [talk.line() for _line in said] == said


def test_protection(serve: Serve) -> None:
    assert Talk(serve(faulty.NoProtection())).ask("PROT P")[:3] == b"534"
    assert Talk(serve(faulty.PlainData())).ask("PROT P")[:3] == b"200"
