# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import concurrent.futures
import contextlib
import socket
import ssl
import time
import typing as t
from io import BytesIO
from pathlib import Path

import pytest

from ftpsync.errors import CertificateError, ConnectionLost, UsageError
from ftpsync.ftp.data import DataConnection
from ftpsync.ftp.options import ConnectOptions
from ftpsync.ftp.session import Session
from ftpsync.ftp.tls import normal_fingerprint, say_goodbye
from tests.faulty import FaultyFtp, NoGoodbye, Without

from .conftest import LocalServer, ScriptedServer, Talk, options

Scripted = t.Callable[..., ScriptedServer]


def open_session(server: t.Any, **changes: t.Any) -> Session:
    session = Session(server.options(**{"tls": "explicit", **changes}))
    session.open()
    return session


def fingerprint_of(server: LocalServer) -> str:
    session = open_session(server, validate_certs=False)
    session.close()
    return session.facts.certificate_sha256


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_transfers_resume_the_session(
    local_tls: LocalServer, certificates: tuple[str, str], version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reused: list[bool] = []
    original = DataConnection.advance

    def advance(self: DataConnection) -> bool:
        ready = original(self)
        if ready and isinstance(self.sock, ssl.SSLSocket):
            reused.append(bool(self.sock.session_reused))
        return ready

    monkeypatch.setattr(DataConnection, "advance", advance)
    session = Session(local_tls.options(tls="explicit", ca_path=certificates[0]))
    assert session._tls is not None
    session._tls.context.maximum_version = ssl.TLSVersion[version]
    session.open()
    for number in range(4):
        content = b"x" * (number * 100000)
        assert session.store("/a", BytesIO(content), len(content), more=number < 2).size == len(content)
        parts: list[bytes] = []
        session.retrieve("/a", parts.append)
        assert b"".join(parts) == content
    assert [entry.name for entry in session.list_folder("/").entries] == ["a"]
    assert session.facts.tls_version == version.replace("_", ".")
    assert len(reused) == 9
    assert all(reused)
    session.close()


def test_untrusted_certificates_are_refused_with_their_fingerprint(local_tls: LocalServer) -> None:
    with pytest.raises(CertificateError) as caught:
        open_session(local_tls)
    for hint in (fingerprint_of(local_tls), "127.0.0.1", "ca_path", "tls_fingerprint", "validate_certs"):
        assert hint in str(caught.value)


def test_wrong_name(local_tls: LocalServer, certificates: tuple[str, str]) -> None:
    with pytest.raises(CertificateError, match=r"not valid for 'www.example.org'.*tls_server_name"):
        open_session(local_tls, ca_path=certificates[0], tls_server_name="www.example.org")
    open_session(local_tls, ca_path=certificates[0], tls_server_name="ftp.example.org").close()


def test_pin_replaces_verification(local_tls: LocalServer) -> None:
    digits = fingerprint_of(local_tls)
    colons = ":".join(digits[at : at + 2] for at in range(0, 64, 2)).upper()
    session = open_session(local_tls, tls_fingerprint=colons)
    assert session.list_folder("/").entries == []
    session.close()
    with pytest.raises(CertificateError, match=digits):
        open_session(local_tls, tls_fingerprint="0" * 64)


def test_folder_of_authorities(local_tls: LocalServer, certificates: tuple[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "authorities"
    folder.mkdir()
    (folder / "ca.pem").write_bytes(Path(certificates[0]).read_bytes())
    open_session(local_tls, ca_path=str(folder)).close()


def test_unusable_options() -> None:
    assert normal_fingerprint("SHA256:" + "AB:" * 31 + "AB") == "ab" * 32
    with pytest.raises(UsageError, match="tls_fingerprint"):
        normal_fingerprint("abc")
    with pytest.raises(UsageError, match="ca_path"):
        Session(options(21, tls="explicit", ca_path="/does/not/exist"))


@pytest.mark.parametrize("answer", [b"502 no", b"530 login first", b"200 ok", b"431 later"])
def test_no_password_without_tls(scripted: Scripted, answer: bytes) -> None:
    server = scripted({"AUTH": answer})
    with pytest.raises(CertificateError, match="AUTH TLS was answered %s" % answer.decode()):
        open_session(server)
    assert server.heard == ["AUTH TLS"]


def test_cleartext_after_234_is_an_attack(scripted: Scripted) -> None:
    server = scripted({"AUTH": b"234 go\r\n230 logged in"})
    with pytest.raises(CertificateError, match="cleartext"):
        open_session(server)
    assert server.heard == ["AUTH TLS"]


def _encrypted(server_context: ssl.SSLContext) -> t.Callable[[Talk, str], None]:
    def auth(talk: Talk, _argument: str) -> None:
        talk.say(b"234 go\r\n")
        talk.sock = server_context.wrap_socket(talk.sock, server_side=True)

    return auth


def test_refused_protection_ends_before_the_password(scripted: Scripted, server_context: ssl.SSLContext) -> None:
    server = scripted({"AUTH": _encrypted(server_context), "PROT": b"534 no"})
    with pytest.raises(CertificateError, match="PROT P was answered 534 no"):
        open_session(server, validate_certs=False)
    # USER left together with PROT, and the server may hear of it or not before we hang up.
    assert server.heard[:3] == ["AUTH TLS", "PBSZ 0", "PROT P"]
    assert server.heard[3:] in ([], ["USER tester"])


def test_protection_after_login_where_the_server_insists(scripted: Scripted, server_context: ssl.SSLContext) -> None:
    def prot(talk: Talk, _argument: str) -> None:
        talk.say(b"200 ok\r\n" if any(line.startswith("PASS") for line in talk.heard) else b"503 login first\r\n")

    server = scripted({"AUTH": _encrypted(server_context), "PROT": prot})
    open_session(server, validate_certs=False).close()
    assert server.heard[:5] == ["AUTH TLS", "PBSZ 0", "PROT P", "USER tester", "PASS s3cret!"]
    asked_anew = [line for line in server.heard[5:] if line.startswith("P")]  # nobody waits for what QUIT meets
    assert asked_anew[-2:] == ["PBSZ 0", "PROT P"]


def test_implicit_tls(scripted: Scripted, server_context: ssl.SSLContext) -> None:
    def banner(talk: Talk, _argument: str) -> None:
        talk.sock = server_context.wrap_socket(talk.sock, server_side=True)
        talk.say(b"220 encrypted\r\n")

    server = scripted({"BANNER": banner})
    session = open_session(server, tls="implicit", validate_certs=False)
    assert server.heard[:3] == ["PBSZ 0", "PROT P", "USER tester"]
    session.close()


def test_implicit_tls_at_a_plain_port(scripted: Scripted) -> None:
    with pytest.raises(CertificateError, match="check port and tls"):
        open_session(scripted(), tls="implicit")


def test_a_server_that_never_ends_the_handshake(scripted: Scripted) -> None:
    def auth(talk: Talk, _argument: str) -> None:
        talk.say(b"234 go\r\n")
        time.sleep(1)

    with pytest.raises(ConnectionLost, match=r"did not finish the TLS handshake within 0\.3 s"):
        open_session(scripted({"AUTH": auth}), timeout=0.3)


def test_folders_of_authorities_may_hold_other_files(
    local_tls: LocalServer, certificates: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "README").write_text("no certificate")
    (tmp_path / "us.crt").write_bytes(Path(certificates[0]).read_bytes())
    open_session(local_tls, ca_path=str(tmp_path)).close()


def test_untrusted_implicit_tls_tells_the_fingerprint(scripted: Scripted, server_context: ssl.SSLContext) -> None:
    def banner(talk: Talk, _argument: str) -> None:
        talk.sock = server_context.wrap_socket(talk.sock, server_side=True)
        talk.say(b"220 encrypted\r\n")

    with pytest.raises(CertificateError, match=r"its SHA-256 fingerprint is [0-9a-f]{64}"):
        open_session(scripted({"BANNER": banner}), tls="implicit")


def test_a_layer_that_holds_bytes_back(local_tls: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """No socket shows that there are more bytes; with a small buffer there always are."""
    monkeypatch.setattr("ftpsync.ftp.connection._RECEIVE", 7)
    session = open_session(local_tls, validate_certs=False)
    assert session.facts.features is not None and session.facts.features.has("MLST")
    assert session.list_folder("/").entries == []
    session.close()


def test_goodbye_waits_for_room(server_context: ssl.SSLContext) -> None:
    ours, theirs = socket.socketpair()
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    with concurrent.futures.ThreadPoolExecutor(1) as other:
        accepted = other.submit(server_context.wrap_socket, theirs, server_side=True)
        with client.wrap_socket(ours) as sock, accepted.result() as peer:
            sock.setblocking(False)
            count = 0
            with contextlib.suppress(BlockingIOError):
                while True:
                    count += socket.socket.send(sock, b"x" * 65536)
            say_goodbye(sock, 0)  # no room
            read = other.submit(lambda: sum(map(len, iter(lambda: socket.socket.recv(peer, 65536), b""))))
            say_goodbye(sock, 10)
            socket.socket.shutdown(sock, socket.SHUT_WR)
            assert read.result() > count


def test_a_download_of_unknown_size_needs_a_proper_end(server_context: ssl.SSLContext, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"all of it?")
    with FaultyFtp(NoGoodbye(), Without("SIZE"), root=tmp_path, tls=server_context) as server:
        session = Session(
            ConnectOptions(
                server.host,
                server.port,
                server.username,
                server.password,
                timeout=5,
                tls="explicit",
                validate_certs=False,
            )
        )
        session.open()
        with pytest.raises(ConnectionLost, match="without a word and does not tell the size"):
            session.retrieve("/a", lambda _data: None)
        session.close()


def test_a_server_that_keeps_an_upload_open(
    scripted: Scripted, server_context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ftpsync.ftp.transfer.LINGER", 0.05)

    def store(talk: Talk, _argument: str) -> None:
        with talk.accept() as plain, server_context.wrap_socket(plain, server_side=True) as data:
            talk.say(b"150 go\r\n")
            talk.stored = b"".join(iter(lambda: data.recv(65536), b""))
            time.sleep(0.2)
            talk.say(b"226 done\r\n")

    server = scripted({"AUTH": _encrypted(server_context), "STOR": store})
    session = open_session(server, validate_certs=False)
    assert session.store("/a", BytesIO(b"abc"), 3).sent == 3
    session.close()
