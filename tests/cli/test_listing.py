# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`scan` and `tree` (behaviour 1.8, 13.2)."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import pytest

from tests.cli.conftest import Caller, address, write
from tests.servers import Server

META, LOCK = ".pyftpsync-meta.json", ".pyftpsync-lock.json"


def listing(pyftpsync: Caller, *arguments: object) -> str:
    done = pyftpsync(*arguments)
    assert (done.code, done.err) == (0, "")
    return re.sub(r"took \d+\.\d\d seconds", "took 0.01 seconds", done.out)


def test_scan_counts(pyftpsync: Caller, local: Path) -> None:
    assert listing(pyftpsync, "scan", local) == "Scanning 2 files in 2 directories took 0.01 seconds.\n"
    assert listing(pyftpsync, "scan", local, "-r") == "Scanning 3 files in 2 directories took 0.01 seconds.\n"
    assert listing(pyftpsync, "scan", local, "-r", "-x", "d,b*").startswith("Scanning 1 files in 1 directories")


def test_scan_lists(pyftpsync: Caller, local: Path) -> None:
    stamp = "2020-01-01 00:00:00"
    (local / "empty").mkdir()
    lines = listing(pyftpsync, "scan", local, "--list", "-r").splitlines()
    assert sorted(lines[:-1]) == sorted(
        [f" {'a.txt':40} {stamp}", f" {'b.txt':40} {stamp}", " [d]", f"     {'c.txt':40} {stamp}", " [empty]"]
    )
    assert lines[lines.index(" [d]") + 1].startswith("     c.txt")


def test_scan_tells_both_times_of_a_server(pyftpsync: Caller, ftp_server: t.Callable[..., Server]) -> None:
    server = ftp_server()
    server.put("a.txt", "one", mtime=1577836800 + 90061)
    record = '"mtimes":{"a.txt":{"m":1577836800.0,"s":3,"u":1577926861.0}}'
    server.put(META, '{"_file_version":3,%s,"peer_sync":{}}' % record)
    line = listing(pyftpsync, "scan", address(server), "--list").splitlines()[0]
    assert line == f" {'a.txt':40} 2020-01-01 00:00:00 (system: +1 day, 1:01:01)"


@pytest.mark.parametrize("kind", ["folder", "server"])
def test_scan_removes(
    pyftpsync: Caller, local: Path, remote: Path, ftp_server: t.Callable[..., Server], kind: str
) -> None:
    server = ftp_server() if kind == "server" else None
    target = address(server) if server else str(remote)
    root = server.root if server else remote
    for path in ("a.txt", META, LOCK, f"d/{META}", f"d/e/{LOCK}", f".git/{META}"):
        if server:
            server.put(path, "{}")
        else:
            write(root / path, "{}")
    shown = "" if server else str(root)
    dry = listing(pyftpsync, "scan", target, "-r", "--remove-meta", "-n")
    assert {f"(DRY-RUN) DELETE {shown}/{META}", f"(DRY-RUN) DELETE {shown}/d/{META}"} <= set(dry.splitlines())
    assert (root / META).exists()
    assert f"DELETE {shown}/{META}" in listing(pyftpsync, "scan", target, "--remove-meta").splitlines()
    assert not (root / META).exists()
    assert (root / LOCK).exists()
    listing(pyftpsync, "scan", target, "-r", "--remove-meta", "--remove-locks")
    left = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert left == {"a.txt", f".git/{META}"}


def test_scan_writes_nothing_to_a_server(pyftpsync: Caller, ftp_server: t.Callable[..., Server]) -> None:
    server = ftp_server()
    server.put("d/a.txt", "one")
    listing(pyftpsync, "scan", address(server), "-r", "--remove-meta", "-n")
    listing(pyftpsync, "tree", address(server))
    assert server.writes() == []


def test_a_document(pyftpsync: Caller, local: Path) -> None:
    done = pyftpsync("scan", local, "-r", "--json")
    answer = json.loads(done.out)
    assert (answer["files"], answer["directories"], answer["exit_code"]) == (3, 2, 0)
    assert {"path": "d/c.txt", "kind": "file", "size": 5, "mtime": 1577836800.0} in answer["entries"]
    assert done.err.startswith("Scanning 3 files")


def test_tree(pyftpsync: Caller, local: Path) -> None:
    write(local / "B" / "z.txt", "z" * 1234)
    (local / "B" / "e").mkdir()
    expected = f"""\
[{local}]
 +- a.txt                2020-01-01 00:00:00,        3 bytes
 +- b.txt                2020-01-01 00:00:00,        3 bytes
 +- [B]
 |   +- z.txt                2020-01-01 00:00:00,    1,234 bytes
 |   `- [e]
 `- [d]
     `- c.txt                2020-01-01 00:00:00,        5 bytes
Scanning 4 files in 4 directories took 0.01 seconds.
"""
    assert listing(pyftpsync, "tree", local, "--files", "--sort") == expected
    folders = listing(pyftpsync, "tree", local, "--sort")
    assert folders.splitlines() == [
        *(f"[{local}]", " +- [B]", " |   `- [e]", " `- [d]"),
        "Scanning 0 files in 4 directories took 0.01 seconds.",
    ]
