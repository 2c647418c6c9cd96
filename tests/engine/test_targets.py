# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Folders on servers as targets of user scripts: opened, listed, written, locked, and what goes wrong."""

from __future__ import annotations

import ftplib
import getpass
import io
import json
import logging
import os
import sys
import time
import types
import typing as t
from pathlib import Path

import pytest

from ftpsync.console.messages import set_pyftpsync_logger
from ftpsync.ftp_target import FtpTarget
from ftpsync.targets import FsTarget, make_target
from tests.engine.conftest import target_at, url_of
from tests.servers import Server

META = ".pyftpsync-meta.json"
LOCK = ".pyftpsync-lock.json"
OLD = 1388577600  # 2014-01-01 12:00:00 UTC
ODD = [" two  each", "100% #1;x.txt", "'q' (x)", "größe", "-a"]  # that every server keeps


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[None]:
    """No credentials of this machine's user, and messages where capsys sees them."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setitem(sys.modules, "keyring", None)
    previous = set_pyftpsync_logger(None)
    yield
    set_pyftpsync_logger(previous)


@pytest.fixture
def opened(server: Server) -> t.Iterator[FtpTarget]:
    target = target_at(server)
    target.open()
    yield target
    target.close()


def names(target: FtpTarget) -> list[str]:
    return sorted(entry.name for entry in target.get_dir())


# ---------------------------------------------------------------------- life


def test_opening_writes_nothing(server: Server) -> None:
    server.put("x.txt", "xx")
    server.mark()
    target = target_at(server)
    assert target.cur_dir is None and not target.connected and not target.ftp_socket_connected
    for _round in range(2):
        target.open()
        assert target.connected and target.ftp_socket_connected and target.lock_data is None
        assert target.cur_dir == target.pwd() == target.root_dir == str(server.folder)
        assert target.get_id() == f"{server.host}{server.folder}"
        assert target.ftp is target.pool.main and target.syst_response is not None
        assert "SIZE" in (target.feat_response or "") and target.support_utf8 is not None
        assert str(target) == f"<{'ftps' if server.tls else 'ftp'}://{server.host}{server.folder} + .>"
        assert names(target) == ["x.txt"]
        with pytest.raises(RuntimeError, match="open already"):
            target.open()
        target.close()
        target.close()
        assert not target.connected
    assert server.writes() == []
    with pytest.raises(RuntimeError, match="not open"):
        target.get_dir()


def test_the_lock_tells_the_servers_time(server: Server) -> None:
    target = target_at(server)
    target.open()
    before = time.time()
    target._lock()
    target._lock()
    assert isinstance(target.lock_data, dict) and before <= target.lock_data["lock_time"] <= time.time()
    assert json.loads(server.files()[LOCK]) == {"lock_time": target.lock_write_time, "lock_holder": None}
    assert target.server_time_ofs is not None and abs(target.server_time_ofs) < 5
    assert server.commands().count(f"STOR {server.folder}/{LOCK}") <= 1
    assert names(target) == []
    target.close()
    assert server.files() == {} and target.lock_data is None


def test_a_lock_of_somebody_else_stays(plain_server: Server) -> None:
    plain_server.put(LOCK, "theirs")
    target = target_at(plain_server)
    target.open()
    assert names(target) == [] and target.server_time_ofs is None
    target.close()
    assert plain_server.files() == {LOCK: b"theirs"}


def test_a_lock_that_is_gone_does_no_harm(plain_server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    target = target_at(plain_server)
    target.open()
    target._lock()
    (plain_server.root / LOCK).unlink()
    target.close()
    assert capsys.readouterr().err == ""


@pytest.mark.real_server
def test_a_server_that_takes_no_files_takes_no_lock(ftp_server: t.Any, capsys: pytest.CaptureFixture[str]) -> None:
    target = target_at(ftp_server("vsftpd", extra=["write_enable=NO"]))
    target.open()
    target._lock()
    assert target.lock_data is False and "Could not write the lock" in capsys.readouterr().err
    target.close()


# ---------------------------------------------------------------------- looking and changing


def test_folders(opened: FtpTarget, server: Server) -> None:
    for name in ("x.txt", "a/y.txt", "a/b/z.txt", "a/b/.hidden"):
        server.put(name, "abc", OLD)
    found = {entry.name: entry for entry in opened.get_dir()}
    assert found["a"].is_dir() and found["a"].size == 0 and found["x.txt"].size == 3
    assert found["x.txt"].mtime == found["x.txt"].mtime_org and abs(found["x.txt"].mtime - OLD) < 86400
    assert opened.cwd("a") == f"{server.folder}/a" and names(opened) == ["b", "y.txt"]
    assert opened.cwd("b") and names(opened) == [".hidden", "z.txt"]
    assert str(opened).endswith(" + a/b>") and opened.cwd("..") == f"{server.folder}/a"
    with pytest.raises(ftplib.error_perm, match="missing"):
        opened.cwd("missing")
    opened.cwd("..")
    with pytest.raises(RuntimeError, match="outside"):
        opened.cwd("..")
    walked = [(entry.get_rel_path(), opened.cur_dir) for entry in opened.walk()]
    assert sorted(path for path, _folder in walked) == ["a", "a/b", "a/b/.hidden", "a/b/z.txt", "a/y.txt", "x.txt"]
    assert ("a/b/z.txt", f"{server.folder}/a/b") in walked and opened.cur_dir == str(server.folder)
    assert [entry.name for _lines, entry in opened.walk_tree(files=True)] == [
        "x.txt",
        "a",
        "y.txt",
        "b",
        ".hidden",
        "z.txt",
    ]
    assert (opened._ftp_pwd() or "").startswith("/") and sorted(opened._ftp_nlst("a")) == ["b", "y.txt"]


def test_files(opened: FtpTarget, server: Server) -> None:
    content = os.urandom(300_000)
    pieces: list[bytes] = []
    opened.write_file("x.bin", io.BytesIO(content), callback=pieces.append)
    assert b"".join(pieces) == content and max(map(len, pieces)) <= opened.DEFAULT_BLOCKSIZE
    opened.write_file("x.bin", io.BytesIO(content[:-1]))  # on top of the other one
    assert server.files() == {"x.bin": content[:-1]}
    received: list[bytes] = []
    copy = io.BytesIO()
    opened.copy_to_file("x.bin", copy, callback=received.append)
    assert copy.getvalue() == b"".join(received) == content[:-1]
    with opened.open_readable("x.bin") as file:
        assert file.read(3) == content[:3]
    opened.write_text("t.txt", "é")
    assert opened.read_text("t.txt") == "é" and server.files()["t.txt"] == b"\xc3\xa9"
    opened.remove_file("x.bin")
    assert names(opened) == ["t.txt"]
    with pytest.raises(NotImplementedError):
        opened.open_writable("x")


def test_names_of_all_sorts(opened: FtpTarget, server: Server) -> None:
    for name in ODD:
        opened.mkdir(name)
        opened.cwd(name)
        opened.write_file(name, io.BytesIO(b"x"))
        assert names(opened) == [name]
        opened.cwd("..")
    assert names(opened) == sorted(ODD)
    assert len(list(opened.walk())) == 2 * len(ODD)
    for name in ODD:
        opened.rmdir(name)
    assert server.files() == {} and os.listdir(server.root) == []


def test_folders_go_with_all_they_hold(opened: FtpTarget, server: Server, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    server.put("kept.txt", "x")
    server.put("outside/precious.txt", "x")
    for name in ("d/x", "d/.hidden", "d/e/f/y", f"d/e/{META}"):
        server.put(name, "x")
    (server.root / "d" / "link").symlink_to("../outside", target_is_directory=True)
    opened.rmdir("d")
    assert set(server.files()) == {"kept.txt", "outside/precious.txt"} and not (server.root / "d").exists()
    server.put("d/x", "x")
    server.put("d/keep/z", "x")
    opened._rmdir_impl("d", predicate=lambda name: name != "keep")
    assert set(server.files()) == {"kept.txt", "outside/precious.txt", "d/keep/z"}
    opened._rmdir_impl("d", keep_root_folder=True)
    assert os.listdir(server.root / "d") == []
    with pytest.raises(ftplib.error_perm):
        opened.rmdir("missing")


def test_what_is_refused(opened: FtpTarget, server: Server) -> None:
    server.put("x.txt", "x")
    for action in (
        lambda: opened.remove_file("missing"),
        lambda: opened.mkdir("x.txt"),
        lambda: opened.open_readable("missing"),
        lambda: opened.copy_to_file("missing", io.BytesIO()),
        lambda: opened.write_file("missing/x", io.BytesIO(b"x")),
        lambda: opened.write_text("missing/x", "x"),
    ):
        with pytest.raises(ftplib.error_perm) as caught:
            action()
        assert "\n" not in str(caught.value) and server.password not in str(caught.value)
    opened.readonly = True
    for action in (
        lambda: opened.remove_file("x.txt"),
        lambda: opened.mkdir("n"),
        lambda: opened.rmdir("n"),
        lambda: opened.write_file("n", io.BytesIO(b"x")),
        lambda: opened.write_text("n", "x"),
        lambda: opened.set_mtime("x.txt", OLD, 1),
    ):
        with pytest.raises(RuntimeError, match="read-only"):
            action()
    assert server.files() == {"x.txt": b"x"}


def test_true_times_are_recorded(opened: FtpTarget, server: Server) -> None:
    opened._lock()
    opened.mkdir("d")
    opened.cwd("d")
    opened.write_file("x.txt", io.BytesIO(b"abc"))
    opened.set_mtime("x.txt", OLD + 0.5, 3)
    opened.flush_meta()
    record = json.loads(server.files()[f"d/{META}"])["mtimes"]["x.txt"]
    assert (record["m"], record["s"]) == (OLD + 0.5, 3) and abs(record["u"] - time.time()) < 70
    (entry,) = opened.get_dir()
    assert entry.mtime == OLD + 0.5 and abs(t.cast(float, entry.mtime_org) - time.time()) < 100
    opened.flush_meta()
    server.put("d/x.txt", "abcd")  # somebody else
    (entry,) = opened.get_dir()
    assert entry.mtime == entry.mtime_org
    opened.flush_meta()
    assert set(server.files()) == {LOCK, "d/x.txt"}  # nothing is left to record
    opened.write_file("x.txt", io.BytesIO(b"abc"))
    opened.set_mtime("x.txt", OLD, 3)
    opened.remove_file("x.txt")
    opened.flush_meta()
    assert set(server.files()) == {LOCK}


def test_records_on_the_local_side_of_two_servers(plain_server: Server, tmp_path: Path) -> None:
    target, other = target_at(plain_server), FsTarget(str(tmp_path))
    run = types.SimpleNamespace(local=target, remote=other, options={})
    for one, peer in ((target, other), (other, target)):
        one.synchronizer, one.peer = run, peer
    target.open()
    target.get_dir()
    other.set_sync_info("f", OLD, 5)
    target.flush_meta()
    target.get_dir()
    assert target.get_sync_info("f", "m") == OLD
    assert list(json.loads(plain_server.files()[META])["peer_sync"]) == [str(tmp_path)]
    target.close()


# ---------------------------------------------------------------------- root folders


def test_paths_are_decoded_but_ids_are_as_written(plain_server: Server) -> None:
    plain_server.put("a b/é/x.txt", "x")
    target = target_at(plain_server, path="/a%20b/%C3%A9/")
    target.open()
    assert names(target) == ["x.txt"] and target.root_dir == f"{plain_server.folder}/a b/é"
    assert target.get_id() == f"{plain_server.host}{plain_server.folder}/a%20b/%C3%A9"
    target.close()


def test_a_root_that_is_a_link_will_do(plain_server: Server) -> None:
    plain_server.put("real/x.txt", "x")
    (plain_server.root / "link").symlink_to("real", target_is_directory=True)
    target = target_at(plain_server, path="/link")
    target.open()
    assert names(target) == ["x.txt"]
    target.close()


def test_a_missing_root(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    server.mark()
    target = target_at(server, path="/new/site")
    with pytest.raises(RuntimeError, match=r"/new/site on .*--create-folder") as caught:
        target.open()
    assert "\n" not in str(caught.value) and not target.connected and server.writes() == []
    target.extra_opts["create_folder"] = True
    target.dry_run = True
    target.open()
    assert target.side.exists is False and server.writes() == []
    target.close()
    target.dry_run = False
    target.open()
    assert target.side.exists and names(target) == [] and (server.root / "new" / "site").is_dir()
    target.close()
    assert "Created folder" in capsys.readouterr().out


def test_a_root_that_cannot_be_made(plain_server: Server) -> None:
    plain_server.put("file", "x")
    with pytest.raises(RuntimeError, match="cannot be made"):
        target_at(plain_server, path="/file/site", create_folder=True).open()


# ---------------------------------------------------------------------- credentials


@pytest.fixture
def any_server(ftp_server: t.Any) -> Server:
    """For who asks whom: what each server says of a wrong password is tested once, below. Some take seconds for it."""
    return t.cast(Server, ftp_server())


def asked(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Lets questions for passwords be answered; gives the questions."""
    questions: list[str] = []
    left = list(answers)

    def ask(prompt: str) -> str:
        questions.append(prompt)
        return left.pop(0)

    monkeypatch.setattr(getpass, "getpass", ask)
    return questions


def test_credentials_come_from_netrc(any_server: Server, tmp_path: Path) -> None:
    netrc = tmp_path / "home" / ".netrc"
    netrc.write_text(f"machine {any_server.host} login {any_server.username} password {any_server.password}\n")
    netrc.chmod(0o600)
    for url in (any_server.url, url_of(any_server)):
        target = make_target(url)
        target.open()
        assert isinstance(target, FtpTarget) and target.username == any_server.username
        target.close()
    with pytest.raises(ftplib.error_perm):
        make_target(any_server.url, {"no_netrc": True}).open()


def test_a_wrong_password_is_asked_for_anew(
    any_server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = asked(monkeypatch, "wrong-too", any_server.password)
    target = make_target(url_of(any_server, password="wrong-one"), {"no_prompt": False})
    target.open()
    user, host = any_server.username, any_server.host
    assert questions == [f"Enter password for {user}@{host} (Ctrl+C to abort): "] * 2
    shown = capsys.readouterr()
    assert shown.err.count(f"Could not login to {user}@{host}: ") == 2 and len(shown.err.splitlines()) == 2
    assert not any(word in shown.err + shown.out for word in ("wrong-one", "wrong-too", any_server.password))
    target.close()


def test_questions_come_to_an_end(ftp_server: t.Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = ftp_server()
    questions = asked(monkeypatch, "a", "b", "c", "d", "e")
    target = make_target(url_of(server), {"no_prompt": False})
    with pytest.raises(ftplib.error_perm):
        target.open()
    assert len(questions) == 4
    asked(monkeypatch, server.password)
    target.open()  # none of the wrong ones was kept
    target.close()


def test_a_refused_login_without_questions(server: Server) -> None:
    options = {"ca_file": str(server.certificate)} if server.certificate else {}
    target = make_target(url_of(server, password="s3cr3t-wrong"), options)
    with pytest.raises(ftplib.error_perm, match=f"^Could not login to {server.username}@{server.host}: ") as caught:
        target.open()
    assert "s3cr3t" not in str(caught.value) and "\n" not in str(caught.value) and not target.connected


def test_what_worked_is_stored(
    any_server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    entries: dict[tuple[str, str], str] = {}
    keyring = types.ModuleType("keyring")
    keyring.errors = types.SimpleNamespace(KeyringError=OSError)  # type: ignore[attr-defined]
    keyring.get_password = lambda service, name: entries.get((service, name))  # type: ignore[attr-defined]
    keyring.set_password = lambda *entry: entries.update({entry[:2]: entry[2]})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    asked(monkeypatch, any_server.password)
    wrong = make_target(url_of(any_server, password="wrong"), {"store_password": True})
    with pytest.raises(ftplib.error_perm):
        wrong.open()
    with pytest.raises(RuntimeError, match="create-folder"):
        target_at(any_server, path="/missing", store_password=True).open()
    assert entries == {}
    target = make_target(url_of(any_server), {"store_password": True, "no_prompt": False})
    target.open()
    target.close()
    secret = f"{any_server.username}:{any_server.password}"
    assert entries == {("pyftpsync", any_server.host): secret}
    again = make_target(any_server.url)
    again.open()
    again.close()
    shown = capsys.readouterr()
    assert f"({any_server.host}, {any_server.username}:***)" in shown.out
    assert any_server.password not in shown.out + shown.err


@pytest.mark.filterwarnings("ignore:write permissions assigned to anonymous user")
def test_anonymous_logins_have_nothing_to_store(ftp_server: t.Any, capsys: pytest.CaptureFixture[str]) -> None:
    server = ftp_server(username="anonymous", password="anonymous@")
    target = make_target(server.url, {"store_password": True})
    target.open()
    assert isinstance(target, FtpTarget) and target.username is None
    target.close()
    assert "no credentials to store" in capsys.readouterr().err


# ---------------------------------------------------------------------- TLS and other ways to fail


@pytest.mark.parametrize("certificate", ["valid", "expired", "other-host"])
def test_certificates(ftp_server: t.Any, certificate: str) -> None:
    server = ftp_server(tls="explicit", certificate=certificate)
    with pytest.raises(ConnectionError) as caught:
        target_at(server, ca_file=None).open()
    text = str(caught.value)
    for word in ("--tls-fingerprint", "--ca-file", "--no-verify", server.fingerprint):
        assert word in text
    assert "\n" not in text and server.password not in text
    assert not any(command.startswith(("USER", "PASS")) for command in server.commands())
    for options in ({"verify": False}, {"tls_fingerprint": server.fingerprint}):
        target = target_at(server, ca_file=None, **options)
        target.open()
        target.close()
    with pytest.raises(ConnectionError, match="--tls-fingerprint"):
        target_at(server, tls_fingerprint="00" * 32).open()


def test_implicit_tls(ftp_server: t.Any) -> None:
    server = ftp_server("proftpd", tls="implicit")
    target = target_at(server)
    target.tls_mode = "implicit"  # what port 990 means
    target.open()
    assert names(target) == []
    target.close()


def test_tls_that_is_not_offered(ftp_server: t.Any) -> None:
    server = ftp_server()
    with pytest.raises(ConnectionError, match="does not offer TLS"):
        make_target(url_of(server, password=server.password).replace("ftp://", "ftps://")).open()


def test_nobody_there(ftp_server: t.Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = ftp_server()
    server.terminate()
    questions = asked(monkeypatch)
    for url in (url_of(server, password="s3cr3t"), url_of(server), "ftp://joe:s3cr3t@no-such-host.invalid/"):
        with pytest.raises(OSError) as caught:
            make_target(url, {"timeout": 5, "no_prompt": False}).open()
        assert questions == []
        assert "\n" not in str(caught.value) and "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("option", [{"timeout": "soon"}, {"timeout": 0}, {"connections": 0}, {"retries": -1}])
def test_options_that_cannot_be_used(plain_server: Server, option: dict[str, t.Any]) -> None:
    with pytest.raises(ValueError, match=f"option {next(iter(option))}: "):
        target_at(plain_server, **option).open()


@pytest.mark.real_server
def test_other_encodings(ftp_server: t.Any) -> None:
    server = ftp_server("vsftpd")
    (Path(os.fsdecode(os.fsencode(str(server.root)) + b"/caf\xe9"))).write_text("x")
    target = target_at(server)
    target.open()
    assert names(target) == ["caf\udce9"] and target.read_text("caf\udce9") == "x"
    target.close()
    target = target_at(server, encoding="latin-1")
    target.open()
    assert names(target) == ["café"] and target.encoding == "iso8859-1"
    assert target.read_text("café") == "x"
    target.close()


def test_levels_of_detail(plain_server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    shown = {}
    for level in (0, 3, 4, 5):
        target = target_at(plain_server, verbose=level)
        target.open()
        target._lock()
        target.close()
        shown[level] = capsys.readouterr()
    assert shown[0] == shown[3] == ("", "")
    assert "Logged in" in shown[4].out and "Server time offset: " in shown[4].out and "FEAT" not in shown[4].out
    assert "FEAT: " in shown[5].out and plain_server.password not in shown[5].out


def test_a_forgotten_target_removes_its_lock(plain_server: Server) -> None:
    target = target_at(plain_server)
    target.open()
    target._lock()
    del target
    assert plain_server.files() == {}


def test_the_dialogue_is_told_on_request(ftp_server: t.Callable[..., Server]) -> None:
    server = ftp_server("pyftpdlib")
    records: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: records.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.Logger("dialogue")
    logger.addHandler(handler)
    former = set_pyftpsync_logger(logger)
    try:
        target = FtpTarget("/", "127.0.0.1", server.port, server.username, server.password, extra_opts={"ftp_debug": 1})
        target.open()
        target.close()
    finally:
        set_pyftpsync_logger(former)
    assert f"*cmd* USER {server.username}" in records
    assert "*cmd* PASS ********" in records
    assert any(line.startswith("*resp* 230") for line in records)
    assert not any(server.password in line for line in records)
