# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What cannot work fails with one line that names the value, and leaves the server as it was."""

from __future__ import annotations

import json
import os
import re
import socket
import typing as t
from pathlib import Path

import pytest

from tests.engine.conftest import (
    SITE,
    assert_settled,
    attempt,
    deploy,
    expected,
    server_tree,
    tree_of,
    write_tree,
)
from tests.servers import Server
from tests.servers.base import free_port

StartServer = t.Callable[..., Server]
PASSWORD = "wr0ng-%41-Sesame"


@pytest.fixture
def server(plain_server: Server) -> Server:
    """Here without TLS, which makes no difference to what is tested."""
    return plain_server


def refused(server: Server, tree: Path, *pattern: str, **options: t.Any) -> str:
    """Check and run fail with the same words, all of which are in the message; neither side is touched."""
    before = server_tree(server, state=True), tree_of(tree) if tree.is_dir() else None
    lines = []
    for check in (True, False):
        found = attempt(server, tree, check=check, **options)
        assert found["error"], "no failure"
        assert not found.get("changed"), found
        assert PASSWORD not in found["error"]
        lines.append(found["error"])
    assert (server_tree(server, state=True), tree_of(tree) if tree.is_dir() else None) == before
    for words in pattern:
        assert re.search(words, lines[1]), lines[1]
    assert lines[0] == lines[1]
    return lines[1]


# ---------------------------------------------------------------------- the connection


def test_a_wrong_password(server: Server, site: Path) -> None:
    server.mark()
    refused(server, site, "password|log in|login", server.username, password=PASSWORD)
    assert [c for c in server.commands() if c.startswith("PASS")] == ["PASS", "PASS"], "once a run, or it gets banned"


def test_a_wrong_user(server: Server, site: Path) -> None:
    refused(server, site, "nobody-such", username="nobody-such", password=PASSWORD)


def test_an_unknown_host(ftp_server: StartServer, site: Path) -> None:
    refused(ftp_server(), site, "no-such-host.invalid", remote="ftp://no-such-host.invalid/www", retries=0)


def test_a_closed_port(ftp_server: StartServer, site: Path) -> None:
    port = free_port()
    refused(ftp_server(), site, f"127.0.0.1:{port}", "refused", remote=f"ftp://127.0.0.1:{port}/", retries=0)


def test_a_port_where_nobody_speaks_ftp(ftp_server: StartServer, site: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        refused(ftp_server(), site, re.escape(address), remote=f"ftp://{address}/", timeout=1, retries=0)


@pytest.mark.parametrize("kind", ["vsftpd", "proftpd", "pure-ftpd", "pyftpdlib"])
def test_an_untrusted_certificate(ftp_server: StartServer, site: Path, kind: str) -> None:
    server = ftp_server(kind, tls="explicit")
    refused(server, site, "certificate", "ca_path", ca_path=None)
    assert not [c for c in server.commands() if c.startswith(("USER", "PASS"))], "no password for a stranger"


@pytest.mark.parametrize(("flavour", "words"), [("expired", "expired"), ("other-host", "127.0.0.1|tls_server_name")])
def test_an_unsuitable_certificate(ftp_server: StartServer, site: Path, flavour: str, words: str) -> None:
    refused(ftp_server("pyftpdlib", tls="explicit", certificate=flavour), site, "certificate", words)


def test_tls_that_the_server_has_not(ftp_server: StartServer, site: Path) -> None:
    server = ftp_server()
    refused(server, site, "TLS", tls="explicit")
    assert not [c for c in server.commands() if c.startswith(("USER", "PASS"))]


# ---------------------------------------------------------------------- the local side


def test_a_missing_folder(ftp_server: StartServer, tmp_path: Path) -> None:
    refused(ftp_server(), tmp_path / "missing", "local: ", "missing")


def test_a_file_as_folder(ftp_server: StartServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    refused(ftp_server(), tmp_path / "file", "local: ", "not a folder")


@pytest.mark.parametrize("tree", [{}, {"empty": None}, {"a.log": "excluded"}, {".git/config": "x"}])
def test_nothing_to_publish_with_delete(ftp_server: StartServer, site: Path, tmp_path: Path, tree: t.Any) -> None:
    server = ftp_server()
    deploy(server, site)
    local = write_tree(tmp_path / "nothing", tree)
    refused(server, local, "local: ", "delete", delete=True, exclude=["*.log"])
    assert server_tree(server) == expected(SITE)


@pytest.mark.parametrize("target", ["nowhere", "loop", "."])
def test_links_that_lead_nowhere(ftp_server: StartServer, site: Path, target: str) -> None:
    (site / "css" / "loop").symlink_to(target)
    refused(ftp_server(), site, "css/loop", "symlinks")


def test_special_files_are_left_out_with_a_warning(ftp_server: StartServer, site: Path) -> None:
    server = ftp_server()
    os.mkfifo(site / "pipe")
    done = deploy(server, site)
    assert server_tree(server) == expected(SITE) and "pipe" in "".join(done["warnings"])


def test_missing_exclude_file(ftp_server: StartServer, site: Path) -> None:
    refused(ftp_server(), site, "exclude_from", "no-such-ignore", exclude_from=["/no-such-ignore"])


# ---------------------------------------------------------------------- options


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"exclude": ["[a-"]}, [r"exclude", r"\[a-"]),
        ({"match": ["a//b"]}, ["match", "a//b"]),
        ({"protect": ["../x"]}, ["protect", r"\.\./x"]),
        ({"delete_unmanaged": True}, ["delete_unmanaged", "delete"]),
        ({"backup": 2, "record": "none"}, ["backup", "record"]),
        ({"resolve": "new"}, ["resolve", "new"]),
        ({"max_delete": "150%"}, ["max_delete", "150%"]),
        ({"max_delete": True}, ["max_delete"]),
        ({"file_mode": "999"}, ["file_mode", "999"]),
        ({"connections": 0}, ["connections", "0"]),
        ({"timeout": 0}, ["timeout", "0"]),
        ({"encoding": "utf-16"}, ["encoding", "utf-16"]),
        ({"encoding": "nonsense"}, ["encoding", "nonsense"]),
        ({"state_dir": ".."}, ["state_dir", r"\.\."]),
        ({"state_dir": "/"}, ["state_dir"]),
        ({"compare": "md5"}, ["compare", "md5"]),
        ({"remote": "http://127.0.0.1/"}, ["remote", "http"]),
        ({"remote": f"ftp://joe:{PASSWORD}@127.0.0.1:99999/"}, ["remote", "99999"]),
        ({"nonsense": 1}, ["nonsense"]),
    ],
)
def test_options_that_cannot_be_meant(
    ftp_server: StartServer, site: Path, options: dict[str, t.Any], words: list[str]
) -> None:
    server = ftp_server()
    server.mark()
    refused(server, site, *words, **options)
    assert server.commands() == [], "nothing was connected"


# ---------------------------------------------------------------------- our folder on the server


def manifest(server: Server) -> Path:
    return server.root / ".ftpsync" / "manifest.json"


def edited(**changes: t.Any) -> t.Callable[[bytes], bytes]:
    return lambda data: json.dumps({**json.loads(data), **changes}).encode()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: b"", "damaged"),
        (lambda data: data[: len(data) // 2], "damaged"),
        (lambda data: data.rstrip()[:-3], "damaged"),
        (lambda data: b"\0" * len(data), "damaged"),
        (lambda data: b"\xff\xfe" + data, "damaged"),
        (lambda data: b"[" * 100_000, "damaged"),
        (lambda data: b'"text"', "damaged"),
        (edited(records=None), "damaged"),
        (edited(count=3), "damaged"),
        (edited(generation=-1), "damaged"),
        (edited(generation="x"), "damaged"),
        (edited(records={"../../etc/passwd": {"kind": "directory"}}, count=1), "damaged"),
        (edited(records={"a": {"size": 1, "sha256": None}}, count=1), "damaged"),
        (edited(records={"a": {"size": "1", "sha256": "0" * 64}}, count=1), "damaged"),
        (edited(format=2), "newer"),
        (edited(format="x"), "format"),
        (edited(site="/somebody/else"), "/somebody/else"),
    ],
)
def test_a_bad_manifest(ftp_server: StartServer, site: Path, damage: t.Callable[[bytes], bytes], words: str) -> None:
    server = ftp_server()
    deploy(server, site)
    good = manifest(server).read_bytes()
    manifest(server).write_bytes(damage(good))
    (site / "index.html").write_text("changed")
    refused(server, site, "manifest.json", words, delete=True)
    manifest(server).write_bytes(good)
    assert deploy(server, site, delete=True)["uploaded"] == ["index.html"]


def test_a_manifest_that_is_a_folder(server: Server, site: Path) -> None:
    deploy(server, site)
    manifest(server).unlink()
    manifest(server).mkdir(0o755)
    refused(server, site, "manifest.json", delete=True)


def test_a_manifest_that_may_not_be_read(server: Server, site: Path) -> None:
    if not server.needs_root:
        pytest.skip("this server runs as the tests do, as root perhaps, whom nothing keeps out")
    deploy(server, site)
    manifest(server).chmod(0)
    refused(server, site, "manifest.json", "permissions", delete=True)


def test_a_state_folder_that_may_not_be_listed(server: Server, site: Path) -> None:
    if not server.needs_root:
        pytest.skip("this server runs as the tests do, as root perhaps, whom nothing keeps out")
    deploy(server, site)
    (site / "index.html").write_text("changed")
    (server.root / ".ftpsync").chmod(0)
    refused(server, site, r"\.ftpsync", delete=True)
    (server.root / ".ftpsync").chmod(0o755)
    assert deploy(server, site, delete=True)["uploaded"] == ["index.html"]


def test_a_state_folder_that_is_a_file(server: Server, site: Path) -> None:
    server.put(".ftpsync", "not a folder")
    found = attempt(server, site)
    assert found["error"] and ".ftpsync" in found["error"]
    assert server_tree(server, state=True) == {".ftpsync": b"not a folder"}


def test_a_folder_of_the_site_that_may_not_be_listed(server: Server, site: Path) -> None:
    if not server.needs_root:
        pytest.skip("this server runs as the tests do, as root perhaps, whom nothing keeps out")
    deploy(server, site)
    (server.root / "css").chmod(0)
    refused(server, site, "css", delete=True)
    (server.root / "css").chmod(0o755)
    assert_settled(server, site, delete=True)


def test_a_root_that_may_not_be_written(server: Server, site: Path) -> None:
    if not server.needs_root:
        pytest.skip("this server runs as the tests do, as root perhaps, whom nothing keeps out")
    server.root.chmod(0o555)
    found = attempt(server, site)
    assert found["error"] and ".ftpsync" in found["error"] and "write" in found["error"]
    assert server_tree(server, state=True) == {}


def test_a_folder_that_may_not_be_written_keeps_the_rest_from_being_deleted(server: Server, site: Path) -> None:
    if not server.needs_root:
        pytest.skip("this server runs as the tests do, as root perhaps, whom nothing keeps out")
    deploy(server, site)
    (site / "css" / "a.css").write_text("changed")
    (site / "index.html").write_text("changed")
    (site / "zero.txt").unlink()
    (server.root / "css").chmod(0o555)
    found = attempt(server, site, delete=True)
    assert "css/a.css" in found["error"] and found["deleted"] == []
    assert server_tree(server)["css/a.css"] == b"a{}" and server_tree(server)["zero.txt"] == b""
    assert tree_of(server.root / ".ftpsync/stage") == {}
    (server.root / "css").chmod(0o755)
    done = deploy(server, site, delete=True)
    assert done["uploaded"][0] == "css/a.css" and done["deleted"] == ["zero.txt"]
    assert_settled(server, site, delete=True)


def test_the_root_is_a_file(server: Server, site: Path) -> None:
    server.put("file", "x")
    found = attempt(server, site, remote=f"{server.url}/file")
    assert found["error"] and "/file" in found["error"]
    assert server_tree(server, state=True) == {"file": b"x"}


# ---------------------------------------------------------------------- between scan and sending


@pytest.mark.parametrize("publish", ["staged", "direct"])
@pytest.mark.parametrize("size", [10, 3_000_000])
@pytest.mark.parametrize("how", ["changes", "vanishes", "grows", "shrinks"])
def test_a_file_that_changes_after_the_plan(
    ftp_server: StartServer, site: Path, monkeypatch: pytest.MonkeyPatch, how: str, size: int, publish: str
) -> None:
    """The file fails with its name; with a stage nothing at all is published, and never anything wrong."""
    from ftpsync.apply import phases

    server = ftp_server()
    victim = site / "victim.bin"
    victim.write_bytes(b"v" * size)
    original = phases.apply_plan

    def change_first(*args: t.Any) -> t.Any:
        if how == "vanishes":
            victim.unlink()
        else:
            victim.write_bytes({"changes": b"w" * size, "grows": b"v" * (size + 1), "shrinks": b"v" * (size - 1)}[how])
        return original(*args)

    monkeypatch.setattr(phases, "apply_plan", change_first)
    found = attempt(server, site, publish=publish)
    monkeypatch.undo()
    assert "victim.bin" in found["error"]
    assert "victim.bin" not in server_tree(server)
    if publish == "staged":
        assert {c for c in server_tree(server).values() if c is not None} == set(), "nothing is published"
    assert not [path for path in server_tree(server) if path.endswith(".part") or ".ftpsync-" in path]
    victim.write_bytes(b"at last")
    deploy(server, site, publish=publish)
    assert server_tree(server) == expected({**SITE, "victim.bin": "at last"})
    assert_settled(server, site, publish=publish)
