# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The servers themselves: can the other tests rely on them? The client is the standard library's."""

from __future__ import annotations

import ftplib
import io
import ssl
import typing as t

import pytest

from tests.servers import Server
from tests.servers.base import is_write

StartServer = t.Callable[..., Server]


class ResumingFTPS(ftplib.FTP_TLS):
    """Resumes the TLS session on data connections, and shuts them down properly."""

    def ntransfercmd(self, cmd: str, rest: t.Any = None) -> t.Any:
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        if self._prot_p:
            connection = self.context.wrap_socket(
                connection, server_hostname=self.host, session=self.sock.session if self.resumes else None
            )
        return connection, size

    resumes = True


class ImplicitFTPS(ResumingFTPS):
    def connect(self, *args: t.Any, **kwargs: t.Any) -> str:
        self.wrap_next = True
        return super().connect(*args, **kwargs)

    @property
    def sock(self) -> t.Any:
        return self._sock

    @sock.setter
    def sock(self, value: t.Any) -> None:
        if value is not None and not isinstance(value, ssl.SSLSocket):
            value = self.context.wrap_socket(value, server_hostname=self.host)
        self._sock = value


def connect(server: Server, password: str | None = None, resumes: bool = True) -> ftplib.FTP:
    if not server.tls:
        client = ftplib.FTP(timeout=10, encoding="utf-8")
    else:
        context = ssl.create_default_context(cafile=str(server.certificate))
        context.maximum_version = ssl.TLSVersion.TLSv1_2  # in 1.3 the session comes later than ftplib looks
        client = (ImplicitFTPS if server.tls == "implicit" else ResumingFTPS)(context=context, timeout=10)
        client.encoding = "utf-8"
        client.resumes = resumes
    client.connect(server.host, server.port)
    client.login(server.username, password or server.password)
    if isinstance(client, ftplib.FTP_TLS):
        client.prot_p()
    return client


def upload(client: ftplib.FTP, name: str, content: bytes) -> None:
    client.storbinary(f"STOR {name}", io.BytesIO(content))


def test_an_upload_arrives_and_is_logged(server: Server) -> None:
    with connect(server) as client:
        client.cwd(str(server.folder))
        server.mark()
        client.mkd("a")
        upload(client, 'a/grüße %s "x".txt', b"hello")
    assert server.files() == {'a/grüße %s "x".txt': b"hello"}
    verbs = [command.split()[0] for command in server.commands()]
    assert verbs[0] == "MKD"
    assert "STOR" in verbs
    assert [w.split(" ", 1)[0] for w in server.writes()] == ["MKD", "STOR"]
    assert server.writes()[0] == "MKD a"


def test_a_password_is_not_logged(server: Server) -> None:
    server.mark()
    connect(server).quit()
    assert "PASS" in server.commands()
    assert not any(server.password in command for command in server.commands())


def test_what_others_put_there_can_be_changed(server: Server) -> None:
    server.put("deep/er/file", "old")
    with connect(server) as client:
        upload(client, f"{server.folder}/deep/er/file", b"new")
        client.delete(f"{server.folder}/deep/er/file")
        client.rmd(f"{server.folder}/deep/er")
    assert server.files() == {}
    assert server.writes()[-1].startswith("RMD ")


def test_a_wrong_password_is_refused(server: Server) -> None:
    with pytest.raises(ftplib.error_perm, match="530"):
        connect(server, password="wrong")


@pytest.mark.parametrize("kind", ["vsftpd", "proftpd", "pyftpdlib"])
def test_implicit_tls(ftp_server: StartServer, kind: str) -> None:
    server = ftp_server(kind, tls="implicit")
    with connect(server) as client:
        upload(client, "x", b"content")
    assert server.files() == {"x": b"content"}


@pytest.mark.real_server
@pytest.mark.parametrize("kind", ["vsftpd", "proftpd"])
@pytest.mark.parametrize("demanded", [True, False])
def test_session_reuse_is_demanded(ftp_server: StartServer, kind: str, demanded: bool) -> None:
    server = ftp_server(kind, tls="explicit", session_reuse=demanded)
    client = connect(server, resumes=False)
    if demanded:
        with pytest.raises((ftplib.Error, EOFError, OSError)):
            upload(client, "x", b"content")
    else:
        upload(client, "x", b"content")
    client.close()


@pytest.mark.parametrize("kind", ["vsftpd", "proftpd", "pure-ftpd", "pyftpdlib", "pyftpdlib-process"])
def test_tls_is_demanded(ftp_server: StartServer, kind: str) -> None:
    server = ftp_server(kind, tls="explicit")
    client = ftplib.FTP(timeout=10)
    client.connect(server.host, server.port)
    with pytest.raises(ftplib.Error):
        client.login(server.username, server.password)
    client.close()


@pytest.mark.parametrize(("flavour", "message"), [("expired", "expired"), ("other-host", "(mismatch|not valid for)")])
def test_bad_certificates(ftp_server: StartServer, flavour: str, message: str) -> None:
    server = ftp_server("pyftpdlib", tls="explicit", certificate=flavour)
    with pytest.raises(ssl.SSLCertVerificationError, match=message):
        connect(server)


@pytest.mark.parametrize("kind", ["vsftpd", "proftpd", "pyftpdlib", "pyftpdlib-process"])
def test_denied_commands(ftp_server: StartServer, kind: str) -> None:
    server = ftp_server(kind, deny=["SIZE"])
    server.put("x", "content")
    with connect(server) as client, pytest.raises(ftplib.error_perm):
        client.voidcmd("TYPE I")
        client.size("x")


@pytest.mark.parametrize("kind", ["vsftpd", "proftpd", "pure-ftpd", "pyftpdlib"])
def test_max_clients(ftp_server: StartServer, kind: str) -> None:
    server = ftp_server(kind, max_clients=2)
    clients = [connect(server), connect(server)]
    with pytest.raises((ftplib.Error, EOFError), match=r"^(421|530)"):
        connect(server)
    for client in clients:
        client.quit()


@pytest.mark.parametrize("kind", ["vsftpd", "proftpd", "pure-ftpd", "pyftpdlib"])
def test_hidden_files(ftp_server: StartServer, kind: str) -> None:
    server = ftp_server(kind, hidden=True)
    server.put(".htaccess", "")
    lines: list[str] = []
    with connect(server) as client:
        client.retrlines("LIST", lines.append)
    assert any(line.endswith(" .htaccess") for line in lines)


def test_a_process_ends_with_its_input(ftp_server: StartServer) -> None:
    server = ftp_server("pyftpdlib-process")
    with connect(server) as client:
        upload(client, "x", b"content")
    assert server.files() == {"x": b"content"}
    assert server.commands()[-1] == "QUIT"


@pytest.mark.parametrize(
    ("command", "writes"),
    [
        ("STOR a", True),
        ("RNTO a b", True),
        ("SITE CHMOD 644 a", True),
        ("SITE HELP", False),
        ("MDTM a", False),
        ("MDTM 20010909014640 a", True),
        ("MDTM 20010909014640", False),
        ("LIST -a", False),
        ("MLSD", False),
    ],
)
def test_commands_that_write(command: str, writes: bool) -> None:
    assert is_write(command) is writes
