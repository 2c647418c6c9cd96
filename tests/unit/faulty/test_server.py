# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Without faults the server does what an FTP server should, as the standard library's client sees it."""

from __future__ import annotations

import ftplib
import io
import os
import socket
import ssl
import typing as t

import pytest

from tests.faulty import Drop, FaultyFtp, NoGoodbye, always, on
from tests.servers.certificates import issue, server_context


@pytest.fixture
def server() -> t.Iterator[FaultyFtp]:
    with FaultyFtp() as running:
        yield running


def client(server: FaultyFtp) -> ftplib.FTP:
    ftp = ftplib.FTP(timeout=5)
    ftp.connect(server.host, server.port)
    ftp.login(server.username, server.password)
    return ftp


def put(ftp: ftplib.FTP, path: str, content: bytes, **options: t.Any) -> str:
    return ftp.storbinary(f"STOR {path}", io.BytesIO(content), **options)


def get(ftp: ftplib.FTP, path: str, **options: t.Any) -> bytes:
    parts: list[bytes] = []
    ftp.retrbinary(f"RETR {path}", parts.append, **options)
    return b"".join(parts)


@pytest.mark.parametrize("passive", [True, False])
def test_files_and_folders(server: FaultyFtp, passive: bool) -> None:
    with client(server) as ftp:
        ftp.set_pasv(passive)
        assert ftp.pwd() == "/"
        assert ftp.mkd('a"b') == '/a"b'
        ftp.cwd('a"b')
        assert put(ftp, "x ä.txt", b"12345").startswith("226")
        assert get(ftp, '/a"b/x ä.txt') == b"12345"
        assert ftp.size("x ä.txt") == 5
        assert ftp.nlst() == ["x ä.txt"]
        ftp.rename("x ä.txt", "../y")
        ftp.sendcmd("CDUP")
        assert ftp.pwd() == "/"
        ftp.rmd('a"b')
        assert sorted(os.listdir(server.root)) == ["y"]
        ftp.delete("y")
        assert os.listdir(server.root) == []


def test_parts_of_files(server: FaultyFtp) -> None:
    with client(server) as ftp:
        put(ftp, "x", b"0123456789")
        assert get(ftp, "x", rest=4) == b"456789"
        put(ftp, "x", b"xx", rest=4)
        assert (server.root / "x").read_bytes() == b"0123xx6789"
        ftp.storbinary("APPE x", io.BytesIO(b"!"))
        assert (server.root / "x").read_bytes() == b"0123xx6789!"


def test_a_rename_is_two_commands_in_a_row(server: FaultyFtp) -> None:
    with client(server) as ftp:
        put(ftp, "x", b"1")
        for between in ("NOOP", "RNFR nowhere"):
            assert ftp.sendcmd("RNFR x")[:3] == "350"
            try:
                ftp.sendcmd(between)
            except ftplib.error_perm:
                pass
            with pytest.raises(ftplib.error_perm, match="503"):
                ftp.sendcmd("RNTO y")
    assert os.listdir(server.root) == ["x"]


def test_listings(server: FaultyFtp) -> None:
    (server.root / ".dot").write_bytes(b"1")
    (server.root / "d").mkdir()
    (server.root / "link").symlink_to("d")
    os.utime(server.root / ".dot", (86400, 86400))
    with client(server) as ftp:
        found = dict(ftp.mlsd())
        assert found[".dot"]["type"] == "file" and found[".dot"]["size"] == "1"
        assert found[".dot"]["modify"] == "19700102000000"
        assert found["d"]["type"] == "dir" and found["link"]["type"] == "OS.unix=slink:d"
        assert sorted(found) == [".dot", "d", "link"]
        lines: list[str] = []
        ftp.retrlines("LIST", lines.append)
        assert [line.split()[-1] for line in lines] == ["d", "d"] and lines[0][0] == "d" and lines[1][0] == "l"
        ftp.retrlines("LIST -a", lines.append)
        assert "Jan 02  1970 .dot" in lines[2]
        for command in ("MLSD nowhere", "MLSD .dot", "LIST nowhere", "CWD nowhere", "RETR nowhere", "STOR no/where"):
            with pytest.raises(ftplib.error_perm):
                ftp.ntransfercmd(command) if command[:3] != "CWD" else ftp.sendcmd(command)


def test_settings(server: FaultyFtp) -> None:
    with client(server) as ftp:
        assert {"SIZE", "MFMT", "UTF8"} <= {line.strip() for line in ftp.sendcmd("FEAT").split("\n")}
        put(ftp, "x", b"")
        assert ftp.sendcmd("MFMT 20200102030405 x") == "213 Modify=20200102030405; x"
        assert ftp.sendcmd("MDTM x") == "213 20200102030405"
        ftp.sendcmd("SITE CHMOD 640 x")
        assert (server.root / "x").stat().st_mode & 0o777 == 0o640
        for command in ("NOOP", "SYST", "STAT", "OPTS UTF8 ON", "TYPE I", "ALLO 5"):
            assert ftp.sendcmd(command)[0] == "2"
        for command in ("XYZZY", "SITE WHOAMI", "MFMT soon x", "MKD", "RNTO y", "SIZE /", "DELE nowhere", "AUTH TLS"):
            with pytest.raises(ftplib.error_perm):
                ftp.sendcmd(command)


def test_nothing_without_password_and_nothing_outside(server: FaultyFtp) -> None:
    ftp = ftplib.FTP(timeout=5)
    ftp.connect(server.host, server.port)
    for command in ("PWD", "LIST", "MKD x"):
        with pytest.raises(ftplib.error_perm, match="530"):
            ftp.sendcmd(command)
    with pytest.raises(ftplib.error_perm, match="530"):
        ftp.login(server.username, "wrong")
    ftp.login(server.username, server.password)
    ftp.cwd("../../..")
    assert ftp.pwd() == "/"
    with pytest.raises(ftplib.error_perm):
        ftp.sendcmd("DELE ../../../../../../../etc/passwd-of-nobody")
    ftp.quit()


def test_commands_sent_ahead_and_their_record(server: FaultyFtp) -> None:
    with client(server) as ftp, client(server) as other:
        assert ftp.sock is not None
        ftp.sock.sendall(b"MKD a\r\nMKD b\r\nRNFR a\r\nRNTO c\r\n")
        assert [ftp.getresp()[:3] for _reply in range(4)] == ["257", "257", "350", "250"]
        other.sendcmd("NOOP")
    server.settle()
    mine = [command for command in server.record.commands if command.connection == 1]
    assert [str(command) for command in mine][-5:] == ["MKD a", "MKD b", "RNFR a", "RNTO c", "QUIT"]
    assert server.record.writes() == ["MKD a", "MKD b", "RNFR a", "RNTO c"]
    assert [command.nth for command in mine if command.verb == "MKD"] == [1, 2]
    assert "k9" not in str(server.record.commands)
    assert len(server.record.replies) == 2 + len(server.record.commands)  # with the two banners


def test_watchers_see_each_command_and_each_piece(server: FaultyFtp) -> None:
    seen: list[tuple[str, int]] = []

    def watch(command: t.Any) -> None:
        file = server.root / "x"
        if command.verb == "STOR":
            seen.append((command.verb, file.stat().st_size))
        assert command.verb != "NOOP", "I hate these"

    server.watchers.append(watch)
    with client(server) as ftp:
        put(ftp, "x", b"1" * 200_000)
        ftp.sendcmd("NOOP")
    server.settle()
    assert seen[0] == ("STOR", 0) and seen[-1] == ("STOR", 200_000) and len(seen) > 3
    assert len(server.troubles) == 1 and "NOOP: I hate these" in server.troubles[0]


@pytest.mark.parametrize("implicit", [True, False])
def test_tls(implicit: bool) -> None:
    with FaultyFtp(tls=server_context(), implicit_tls=implicit) as server:
        trusting = ssl.create_default_context(cafile=str(issue("valid").authority))
        if implicit:
            plain = socket.create_connection((server.host, server.port))
            with trusting.wrap_socket(plain, server_hostname="localhost") as sock:
                assert sock.recv(100) == b"220 faulty\r\n"
            return
        ftp = ftplib.FTP_TLS(context=trusting, timeout=5)
        ftp.connect("localhost", server.port)
        ftp.login(server.username, server.password)
        ftp.prot_p()
        put(ftp, "x", b"secret")
        assert get(ftp, "x") == b"secret"
        server.faults = (NoGoodbye(),)
        with pytest.raises(ssl.SSLError):
            get(ftp, "x")
        ftp.close()


def test_site_commands(server: FaultyFtp) -> None:
    (server.root / "a file").write_bytes(b"x")
    stamp = "20200102030405"
    with client(server) as ftp:
        assert ftp.sendcmd("SITE CHMOD 640 a file").startswith("200")
        assert ftp.sendcmd(f"SITE UTIME a file {stamp} {stamp} {stamp} UTC").startswith("200")
        assert ftp.sendcmd("MDTM a file") == f"213 {stamp}"
        with pytest.raises(ftplib.error_perm, match="501"):
            ftp.sendcmd(f"SITE UTIME {stamp} a file")
    assert (server.root / "a file").stat().st_mode & 0o777 == 0o640


def test_sessions_end_with_the_server() -> None:
    server = FaultyFtp()
    server.start()
    ftp = client(server)
    assert server.sessions == 1
    server.stop()
    with pytest.raises((EOFError, OSError)):
        ftp.sendcmd("NOOP")
    assert server.sessions == 0 and not server.root.exists()


def test_misbehaving_starts_a_new_record(server: FaultyFtp) -> None:
    with client(server):
        pass
    record = server.misbehave(Drop(on("NOOP")))
    with pytest.raises((EOFError, OSError)), client(server) as ftp:
        ftp.sendcmd("NOOP")
    server.settle()
    assert record.verbs() == ["USER", "PASS", "NOOP"]
    assert always(None, None)
