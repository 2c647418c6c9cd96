# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copies of records: a run fetches no record that it has, and believes none that the server no longer has."""

from __future__ import annotations

import itertools
import os
import shutil
import time
import typing as t
from pathlib import Path

import pytest

from tests.engine.conftest import (
    EARLIER,
    SITE,
    STATE,
    assert_settled,
    attempt,
    deploy,
    expected,
    server_tree,
    write_tree,
)
from tests.faulty import FaultyFtp, Refuse, on
from tests.servers import Server

FILES = sorted(path for path, content in SITE.items() if content is not None)


@pytest.fixture
def copies(tmp_path: Path) -> str:
    return str(tmp_path / "cache" / "records")


def fetched(server: Server) -> bool:
    """Whether the record was read since `mark`."""
    return any(command.startswith("RETR") and command.endswith("manifest.json") for command in server.commands())


def test_an_unchanged_record_is_not_fetched_again(server: Server, site: Path, copies: str) -> None:
    deploy(server, site, record_cache=copies)
    assert_settled(server, site, record_cache=copies)
    assert not fetched(server)  # the run that wrote it kept a copy
    server.mark()
    deploy(server, site, record_cache=copies)
    login = list(itertools.takewhile(lambda command: not command.startswith("STAT"), server.commands()))
    assert login and not [command for command in login if command.startswith(("EPSV", "PASV"))], "nothing is fetched"
    write_tree(site, {"index.html": "<html>2"}, mtime=EARLIER + 5)
    server.mark()
    assert deploy(server, site, record_cache=copies)["uploaded"] == ["index.html"]
    assert_settled(server, site, record_cache=copies)
    assert not fetched(server)
    assert server_tree(server) == expected({**SITE, "index.html": "<html>2"})
    (copy,) = Path(copies).iterdir()
    assert oct(copy.stat().st_mode) == "0o100600"


def test_what_changed_on_the_server_is_seen_as_without(server: Server, site: Path, copies: str) -> None:
    deploy(server, site, record_cache=copies, delete=True)
    (server.root / "index.html").write_text("edited")
    (server.root / "zero.txt").unlink()
    server.mark()
    found = deploy(server, site, record_cache=copies, check=True, delete=True)
    assert not fetched(server)
    without = deploy(server, site, check=True, delete=True)
    assert fetched(server)
    assert found["drifted"] == without["drifted"] == ["index.html", "zero.txt"]
    assert found["operations"] == without["operations"] != []


def test_another_ones_record_is_fetched(server: Server, site: Path, copies: str, tmp_path: Path) -> None:
    deploy(server, site, record_cache=copies)
    time.sleep(1)  # of two records within a second of the server's clock the generations tell; see the unit tests
    other = tmp_path / "other"
    shutil.copytree(site, other)
    write_tree(other, {"theirs.html": "theirs"})
    deploy(server, other)
    server.mark()
    found = deploy(server, other, record_cache=copies)
    assert fetched(server) and found["operations"] == []
    assert_settled(server, other, record_cache=copies)
    assert not fetched(server)  # a run that fetched it kept a copy, too


def test_a_record_that_was_taken_away_is_gone(server: Server, site: Path, copies: str) -> None:
    deploy(server, site, record_cache=copies)
    (server.root / STATE / "manifest.json").unlink()
    found = deploy(server, site, record_cache=copies)
    assert found["uploaded"] == FILES  # without a record nobody knows that they are ours


def test_check_mode_leaves_no_copy(server: Server, site: Path, copies: str) -> None:
    deploy(server, site)
    deploy(server, site, record_cache=copies, check=True)
    assert not Path(copies).exists()
    deploy(server, site, record_cache=copies)
    assert len(list(Path(copies).iterdir())) == 1


@pytest.mark.parametrize("what", ["cut", "forged", "open to others", "foreign", "a folder"])
def test_a_copy_of_no_use_is_not_used(ftp_server: t.Callable[..., Server], site: Path, copies: str, what: str) -> None:
    server = ftp_server()
    deploy(server, site, record_cache=copies)
    (copy,) = Path(copies).iterdir()
    content = copy.read_bytes()
    if what == "cut":
        copy.write_bytes(content[:-10])
    elif what == "forged":
        copy.write_bytes(content.replace(b"index.html", b"index.htm_"))
    elif what == "open to others":
        copy.chmod(0o622)
    elif what == "foreign":
        copy.write_bytes(b"\n")
    else:
        copy.unlink()
        copy.mkdir()
    server.mark()
    found = deploy(server, site, record_cache=copies)
    assert fetched(server) and found["operations"] == []
    warned = [line for line in found["warnings"] if line.startswith("record_cache: ") and "not affected" in line]
    assert len(warned) == (what in ("open to others", "a folder"))


def test_where_none_can_be_kept_it_is_a_warning(ftp_server: t.Callable[..., Server], site: Path, copies: str) -> None:
    Path(copies).parent.mkdir()
    Path(copies).write_text("a file")
    found = deploy(ftp_server(), site, record_cache=copies)
    assert found["uploaded"] == FILES
    assert [line for line in found["warnings"] if line.startswith(f"record_cache: {copies}")]


def test_old_copies_go(ftp_server: t.Callable[..., Server], site: Path, copies: str) -> None:
    one, other = ftp_server(), ftp_server()
    deploy(one, site, record_cache=copies)
    (old,) = Path(copies).iterdir()
    os.utime(old, (time.time() - 31 * 86400,) * 2)
    (Path(copies) / "notes.txt").write_text("not ours")
    os.utime(Path(copies) / "notes.txt", (0, 0))
    deploy(other, site, record_cache=copies)
    assert not old.exists() and (Path(copies) / "notes.txt").exists()


def test_it_is_never_published(ftp_server: t.Callable[..., Server], site: Path) -> None:
    server = ftp_server()
    found = attempt(server, site, record_cache=str(site / "css"))
    assert found["error"].startswith("record_cache: ") and "add /css/* to exclude" in found["error"]
    found = deploy(server, site, record_cache=str(site / "css"), exclude=["/css/*"])
    assert "css/a.css" not in found["uploaded"] and not (server.root / "css" / "a.css").exists()


def test_servers_that_tell_no_time(ftp_server: t.Callable[..., Server], site: Path, copies: str) -> None:
    server = ftp_server(deny=["MDTM"])
    deploy(server, site, record_cache=copies)
    assert_settled(server, site, record_cache=copies)
    assert fetched(server)


def test_an_outdated_copy_is_not_believed(server: Server, site: Path, copies: str, tmp_path: Path) -> None:
    deploy(server, site, record_cache=copies)
    other = tmp_path / "other"
    shutil.copytree(site, other)
    write_tree(other, {"index.html": "<html>theirs"}, mtime=EARLIER + 5)
    deploy(server, other)
    with_copy, without = (deploy(server, site, check=True, record_cache=folder) for folder in (copies, None))
    assert with_copy["operations"] == without["operations"] != []
    assert with_copy["drifted"] == without["drifted"] == []  # as the copy has it, somebody changed it by hand


def test_a_copy_made_with_tls_tells_nothing_of_logins_without(
    ftp_server: t.Callable[..., Server], site: Path, copies: str
) -> None:
    server = ftp_server(tls="explicit", require_tls=False)
    deploy(server, site, record_cache=copies)
    assert len(list(Path(copies).iterdir())) == 1
    deploy(server, site, record_cache=copies, remote=f"ftp://{server.host}:{server.port}/", tls="none", ca_path=None)
    assert len(list(Path(copies).iterdir())) == 2


def test_whoever_has_a_copy_sends_the_password_at_once(site: Path, copies: str, tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    with FaultyFtp(root=tmp_path / "server") as faulty_one:
        server = t.cast(Server, faulty_one)

        def sent_to_a_server_that_refuses_the_user() -> bool:
            record = faulty_one.misbehave(Refuse(on("USER"), "530 TLS first"))
            assert "530 TLS first" in attempt(server, site, record_cache=copies)["error"]
            faulty_one.misbehave()
            return any(command.verb == "PASS" for command in record.commands)

        assert not sent_to_a_server_that_refuses_the_user()
        deploy(server, site, record_cache=copies)
        assert sent_to_a_server_that_refuses_the_user()
        (copy,) = Path(copies).iterdir()
        copy.write_bytes(copy.read_bytes()[:-1])
        assert not sent_to_a_server_that_refuses_the_user()
