# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs at one target: the lock lets them publish one after the other."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest

from ftpsync.records.lock import _boot_id
from tests.engine.conftest import (
    SITE,
    assert_settled,
    attempt,
    deploy,
    expected,
    server_tree,
    write_commands,
    write_tree,
)
from tests.engine.test_interruption import begin
from tests.servers import Server

StartServer = t.Callable[..., Server]


@pytest.fixture
def server(plain_server: Server) -> Server:
    """Here without TLS, which makes no difference to what is tested."""
    return plain_server


@pytest.mark.parametrize("kind", ["pyftpdlib-process", pytest.param("vsftpd", marks=pytest.mark.real_server)])
@pytest.mark.parametrize("same", [True, False])
def test_two_at_once(ftp_server: StartServer, tmp_path: Path, kind: str, same: bool) -> None:
    server = ftp_server(kind)
    trees = [{f"f{n}": f"{number} {n}" * 50 for n in range(60)} for number in ((1, 1) if same else (1, 2))]
    folders = [write_tree(tmp_path / str(number), tree) for number, tree in enumerate(trees)]
    for folder in folders:
        (folder / folder.name).write_text("only here")
    processes = [begin(server, folder, delete=True) for folder in folders]
    results = [json.loads(process.communicate()[0]) for process in processes]
    assert [r["error"] for r in results] == [None, None]
    winners = [{**expected(t.cast(t.Any, tree)), str(n): b"only here"} for n, tree in enumerate(trees)]
    assert server_tree(server) in winners, "a mixture of both"
    last = winners.index(server_tree(server))
    assert_settled(server, folders[last], delete=True)
    assert not (server.root / ".ftpsync/lock").exists()
    assert os.listdir(server.root / ".ftpsync/stage") == []


def lock_by(server: Server, **owner: t.Any) -> None:
    server.put(
        ".ftpsync/lock/owner.json",
        json.dumps({"run": "0123456789ab", "host": socket.gethostname(), "boot": _boot_id(), "beat": 1, **owner}),
    )


def dead_process() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    return process.pid


def test_the_lock_of_a_dead_process_is_taken_over_at_once(server: Server, site: Path) -> None:
    deploy(server, site)
    lock_by(server, pid=dead_process())
    assert_settled(server, site)  # which needs no lock
    (site / "index.html").write_text("new")
    started = time.monotonic()
    assert deploy(server, site, lock_timeout=30)["uploaded"] == ["index.html"]
    assert time.monotonic() - started < 5
    assert not list((server.root / ".ftpsync").glob("lock*"))
    assert_settled(server, site)


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ({"host": "elsewhere.example", "pid": 4711, "started": "2026-01-01T00:00:00Z"}, "4711 on elsewhere.example"),
        ({"pid": os.getppid(), "started": "2026-01-01T00:00:00Z"}, str(os.getppid())),
        ({"host": "evil\x1b[31m\nname", "pid": 1}, "evil"),
    ],
)
def test_a_lock_held_by_the_living_ends_the_wait(
    server: Server, site: Path, owner: dict[str, t.Any], name: str
) -> None:
    deploy(server, site)
    lock_by(server, **owner)
    (site / "index.html").write_text("new")
    before = server_tree(server, state=True)
    server.mark()
    found = attempt(server, site, lock_timeout=0)
    assert found["raised"] == "LockHeld"
    assert name in found["error"] and "lock_timeout" in found["error"] and "\x1b" not in found["error"]
    assert server_tree(server, state=True) == before
    assert [c.split()[0] for c in write_commands(server)] in (["MKD"], ["MKD", "MKD"]), "but tried"
    deploy(server, site, check=True, lock_timeout=0)  # a check needs no lock


def test_a_damaged_lock_is_no_licence(ftp_server: StartServer, site: Path) -> None:
    server = ftp_server()
    deploy(server, site)
    (site / "index.html").write_text("new")
    for content in ("", "{", "[]", '{"pid": "x"}', '{"host": null, "pid": -1}'):
        server.put(".ftpsync/lock/owner.json", content)
        assert attempt(server, site, lock_timeout=0)["raised"] == "LockHeld"


def test_a_run_that_was_overtaken_plans_again(
    ftp_server: StartServer, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its plan and its lock another run publishes; nothing of that is undone by a stale plan."""
    from ftpsync.publication import Publication

    server = ftp_server()
    deploy(server, site)
    (site / "css/a.css").write_text("mine")
    other = write_tree(tmp_path / "other", {**SITE, "css/a.css": "theirs", "theirs.txt": "x"})
    original = Publication.carry_out

    def overtaken(self: t.Any, survey: t.Any) -> t.Any:
        monkeypatch.undo()
        deploy(server, other, delete=True)
        return original(self, survey)

    monkeypatch.setattr(Publication, "carry_out", overtaken)
    done = deploy(server, site, delete=True)
    assert done["deleted"] == ["theirs.txt"] and done["uploaded"] == ["css/a.css"]
    assert server_tree(server) == expected({**SITE, "css/a.css": "mine"})
    assert_settled(server, site, delete=True)
