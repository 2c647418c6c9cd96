# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole runs with remembered digests: the same results, fewer reads, no trace in check mode."""

from __future__ import annotations

import os
import time
import typing as t
from pathlib import Path

import pytest

from ftpsync import private_file
from ftpsync.scan import cache, digests
from tests.engine.conftest import SITE, assert_settled, attempt, deploy, expected, server_tree
from tests.servers import Server

FILES = sorted(path for path, content in SITE.items() if content is not None)


@pytest.fixture
def hashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that remembers even files of this very moment."""
    monkeypatch.setattr(cache, "RACY", -60_000_000_000)
    (tmp_path / "cache").mkdir()
    return tmp_path / "cache" / "hashes"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that runs have hashed."""
    found: list[str] = []
    real = digests._read

    def read(root: str, path: str, *arguments: t.Any) -> t.Any:
        found.append(path)
        return real(root, path, *arguments)

    monkeypatch.setattr(digests, "_read", read)
    return found


def trace(folder: Path) -> dict[str, tuple[int, ...]]:
    """What any write shows in; a file that came and went shows in its folder."""
    found = [path.lstat() for path in (folder, *sorted(folder.rglob("*")))]
    return {str(s.st_ino): (s.st_mode, s.st_size, s.st_mtime_ns, s.st_ctime_ns) for s in found}


def test_a_folder_goes_to_many_accounts_and_is_read_once(
    ftp_server: t.Callable[..., Server], site: Path, hashes: Path, reads: list[str]
) -> None:
    first, second = ftp_server(), ftp_server()
    assert deploy(first, site, hash_cache=str(hashes))["uploaded"] == FILES
    assert sorted(reads) == FILES
    assert deploy(second, site, hash_cache=str(hashes))["uploaded"] == FILES
    assert_settled(first, site, hash_cache=str(hashes))
    assert sorted(reads) == FILES
    assert server_tree(first) == server_tree(second) == expected(SITE)
    assert oct(hashes.stat().st_mode) == "0o100600"


@pytest.mark.parametrize("compare", ["auto", "checksum", "mtime", "size"])
@pytest.mark.parametrize("record", ["server", "none"])
def test_an_edit_that_keeps_size_and_time_is_as_visible_as_without(
    ftp_server: t.Callable[..., Server], site: Path, hashes: Path, compare: str, record: str
) -> None:
    server = ftp_server()
    options = {"compare": compare, "record": record}
    deploy(server, site, hash_cache=str(hashes), **options)
    time.sleep(0.02)  # more than one tick of the kernel's clock
    before = (site / "css/a.css").stat()
    (site / "css/a.css").write_text("b{}")
    os.utime(site / "css/a.css", ns=(before.st_atime_ns, before.st_mtime_ns))
    without = deploy(server, site, check=True, **options)
    assert deploy(server, site, hash_cache=str(hashes), **options)["uploaded"] == without["uploaded"]
    assert without["uploaded"] == (
        ["css/a.css"] if compare == "checksum" or (compare, record) == ("auto", "server") else []
    )


def test_check_mode_writes_nothing(
    ftp_server: t.Callable[..., Server], site: Path, hashes: Path, reads: list[str]
) -> None:
    server = ftp_server()
    before = trace(hashes.parent)
    deploy(server, site, check=True, hash_cache=str(hashes))
    assert trace(hashes.parent) == before
    deploy(server, site, hash_cache=str(hashes))
    (site / "new.html").write_text("new")
    before = trace(hashes.parent)
    del reads[:]
    assert deploy(server, site, check=True, hash_cache=str(hashes))["uploaded"] == ["new.html"]
    assert reads == ["new.html"]
    assert trace(hashes.parent) == before


@pytest.mark.parametrize("what", ["damaged", "foreign", "folder", "nowhere"])
def test_a_cache_of_no_use_is_a_warning(
    ftp_server: t.Callable[..., Server], site: Path, hashes: Path, what: str
) -> None:
    server = ftp_server()
    if what == "damaged":
        deploy(ftp_server(), site, hash_cache=str(hashes))
        hashes.write_bytes(hashes.read_bytes()[:-20])
    elif what == "foreign":
        hashes.write_bytes(b"<html>")
    elif what == "folder":
        hashes.mkdir()
    else:
        hashes = hashes / "deeper"
    found = deploy(server, site, hash_cache=str(hashes))
    assert found["uploaded"] == FILES
    assert [line for line in found["warnings"] if str(hashes) in line and "the result is not affected" in line]
    assert len(found["warnings"]) == 1
    assert server_tree(server) == expected(SITE)


def test_a_forged_digest_publishes_nothing_wrong(ftp_server: t.Callable[..., Server], site: Path, hashes: Path) -> None:
    """What is sent is checked against what was planned, wherever that came from."""
    server = ftp_server()
    deploy(server, site, hash_cache=str(hashes))
    forged = cache.HashCache(str(hashes), str(site))
    forged.find({})
    (line,) = forged._lines().values()
    files = cache._files(line)
    files["index.html"] = files["index.html"]._replace(sha256="0" * 64)
    content = cache.HEAD + cache._new_line(os.path.realpath(site), line.day, files) + b"\n"
    private_file.replace(str(hashes), content, str(hashes) + cache.NEW)
    found = attempt(server, site, hash_cache=str(hashes))
    assert "index.html" in found["error"]
    assert server_tree(server) == expected(SITE)


def test_a_cache_is_never_published(ftp_server: t.Callable[..., Server], site: Path) -> None:
    server = ftp_server()
    for check in (True, False):
        found = attempt(server, site, check=check, hash_cache=str(site / "css/hashes"))
        assert "add /css/hashes* to exclude" in found["error"]
    assert server.commands() == []
    deploy(server, site, hash_cache=str(site / "css/hashes"), exclude=["/css/hashes*"])
    assert server_tree(server) == expected(SITE)
