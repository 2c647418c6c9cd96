# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run is killed at any moment: nobody ever sees half a file, and the next run needs no help."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
import typing as t
from pathlib import Path

import pytest

from tests.engine import worker
from tests.engine.conftest import (
    EARLIER,
    Content,
    Tree,
    assert_settled,
    attempt,
    deploy,
    expected,
    server_tree,
    settings,
    write_tree,
)
from tests.servers import Server

StartServer = t.Callable[..., Server]
KILLS = 8  # for each server and way to publish


def begin(server: Server, tree: Path, **options: t.Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, worker.__file__, json.dumps(settings(server, tree, **options))],
        stdout=subprocess.PIPE,
        text=True,
    )


def version(number: int) -> dict[str, Content]:
    """A site of which every file differs from version to version, some come and go, and two change their kind."""
    filler = bytes([number % 256])
    tree: dict[str, Content] = {f"f{n}": filler * (n * 1000 + number % 2) for n in range(12)}
    tree.update({"index.html": filler * 50, "big.bin": filler * 2_500_000, f"only{number}": filler * 10})
    tree.update({"kind/in": filler * 77} if number % 2 else {"kind": filler * 78})
    return tree


class Watcher(threading.Thread):
    """Looks at the files of two versions again and again, for content that is of neither."""

    def __init__(self, root: Path, old: Tree, new: Tree) -> None:
        super().__init__(daemon=True)
        self.root = root
        self.allowed = {path: {old.get(path), new.get(path)} - {None} for path in {*old, *new}}
        self.bad: list[str] = []
        self.looks = 0
        self.end = threading.Event()
        self.start()

    def run(self) -> None:
        while not self.end.is_set():
            for path, allowed in self.allowed.items():
                try:
                    content = (self.root / path).read_bytes()
                except OSError:
                    continue
                if content not in allowed:
                    self.bad.append(f"{path}: {len(content)} bytes")
            self.looks += 1


@pytest.mark.parametrize("kind", ["pyftpdlib-process", pytest.param("vsftpd", marks=pytest.mark.real_server)])
@pytest.mark.parametrize("publish", ["staged", "direct"])
def test_killed_at_any_moment(ftp_server: StartServer, tmp_path: Path, kind: str, publish: str) -> None:
    server = ftp_server(kind)
    options = {"delete": True, "publish": publish}
    seed = random.randrange(10**9)
    chance = random.Random(seed)
    local = write_tree(tmp_path / "v0", version(0))
    deploy(server, local, **options)
    old = expected(version(0))
    patience = 0.2  # seconds from the lock to the kill, at most
    killed = 0
    for number in range(1, KILLS + 1):
        new = expected(version(number))
        local = write_tree(tmp_path / f"v{number}", version(number), mtime=EARLIER + number)
        backup = chance.choice([0, 1])
        watcher = Watcher(server.root, old, new)
        process = begin(server, local, backup=backup, **options)
        while process.poll() is None and not (server.root / ".ftpsync" / "lock").exists():
            time.sleep(0.001)
        time.sleep(chance.uniform(0, patience))
        process.kill()
        process.communicate()
        killed += process.returncode == -9
        patience *= 1.2 if process.returncode == -9 else 0.7
        watcher.end.set()
        watcher.join()
        assert watcher.bad == [], f"seed {seed}, run {number}"
        done = deploy(server, local, backup=backup, **options)
        assert done["conflicts"] == [], f"seed {seed}, run {number}"
        assert server_tree(server) == new, f"seed {seed}, run {number}"
        assert_settled(server, local, backup=backup, **options)
        old = new
    assert killed > KILLS // 3, "most runs had ended before they could be killed"


FIRST: dict[str, Content] = {"a": "1", "gone": "1", "kind": "1", "index.html": "1", "d/x": "1"}
SECOND: dict[str, Content] = {"a": "2", "kind/y": "2", "index.html": "2", "new/z": "2"}
THIRD: dict[str, Content] = {"a": "2", "index.html": "3", "d/x": "1"}


@pytest.mark.parametrize(
    ("publish", "backup", "last"),
    [("staged", 0, SECOND), ("staged", 1, THIRD), ("direct", 0, THIRD)],
    ids=["staged", "backup", "direct"],
)
def test_killed_after_any_reply(
    ftp_server: StartServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    publish: str,
    backup: int,
    last: dict[str, Content],
) -> None:
    """As above, but at each single command that writes in turn: from then on all connections are dead.

    The next run has perhaps another tree; it knows what the dead one had published, and takes it away again.
    """
    from ftpsync.ftp import connection as connections

    server = ftp_server()
    send = connections.Connection.send
    left = 0

    class Killed(BaseException):
        """Not an error of the engine: nothing may handle it."""

    def send_until(self: t.Any, *commands: t.Any) -> None:
        nonlocal left
        for number, command in enumerate(commands):
            if command[0] in ("STOR", "MKD", "RMD", "DELE", "RNFR", "RNTO", "MFMT"):
                left -= 1
                if left < 0:
                    if number:
                        send(self, *commands[:number])
                        time.sleep(0.01)  # the server carries these out, and nobody reads what it says
                    self.kill()
                    raise Killed
        if left < 0:
            raise Killed
        send(self, *commands)

    # A lock without an owner tells nobody whether its holder lives; that takes time, which the test has not.
    monkeypatch.setattr("ftpsync.records.lock.STALE_AFTER", 0.3)
    monkeypatch.setattr("ftpsync.records.lock.LOOK_EVERY", 0.1)
    options = {"delete": True, "connections": 1, "retries": 0, "lock_timeout": 0, "publish": publish, "backup": backup}
    complete = False
    for count in range(200):
        site = server.at(f"t{count}")
        local = write_tree(tmp_path / str(count), FIRST)
        deploy(site, local, **options)
        for name in ("gone", "kind", "d/x"):
            (local / name).unlink()
        (local / "d").rmdir()
        write_tree(local, SECOND)
        left = count
        with monkeypatch.context() as patch:
            patch.setattr(connections.Connection, "send", send_until)
            patch.setattr("ftpsync.records.lock._boot_id", lambda: "a process that is dead")
            patch.setattr("ftpsync.records.lock.os.getpid", lambda: 2**22 + 7)
            try:
                complete = attempt(site, local, **options)["error"] is None
            except Killed:
                complete = False
        if complete:
            break
        for path, content in server_tree(site).items():
            if "/.ftpsync-" in f"/{path}":
                continue  # on its way, beside its destination
            assert content in (expected(FIRST).get(path), expected(SECOND).get(path)), f"{path} after {count} commands"
        lock = site.root / ".ftpsync" / "lock" / "owner.json"
        if lock.exists():  # its holder is dead: the same host, a process that is no more
            owner = json.loads(lock.read_bytes() or b"{}")
            from ftpsync.records.lock import _boot_id

            lock.write_text(json.dumps({**owner, "boot": _boot_id()}))
        shutil.rmtree(local)
        write_tree(local, last)
        done = deploy(site, local, **{**options, "lock_timeout": 100})
        assert done["conflicts"] == done["drifted"] == done["unmanaged"] == [], f"after {count} commands"
        assert server_tree(site) == expected(last), f"after {count} commands"
        found = assert_settled(site, local, **options)
        assert found["unmanaged"] == []
    assert complete and count > 20


def test_a_file_that_is_written_while_it_is_sent(ftp_server: StartServer, tmp_path: Path) -> None:
    server = ftp_server("pyftpdlib-process")
    size = 30_000_000
    local = write_tree(tmp_path / "site", {"index.html": "1", "video.bin": b"v" * size})
    end = threading.Event()

    def scribble() -> None:
        stage = server.root / ".ftpsync" / "stage"
        while not end.is_set():  # wait until the upload has begun, then change what is still to come
            if any(file.stat().st_size for file in stage.glob("*.part")) if stage.exists() else False:
                with (local / "video.bin").open("r+b") as file:
                    file.seek(size - 10)
                    file.write(b"!")
                return

    writer = threading.Thread(target=scribble)
    writer.start()
    found = attempt(server, local, bandwidth_limit="40M")
    end.set()
    writer.join()
    assert "video.bin" in found["error"] and "changed" in found["error"]
    assert server_tree(server) == {}
    deploy(server, local)
    assert server_tree(server)["video.bin"] == (local / "video.bin").read_bytes()
    assert os.listdir(server.root / ".ftpsync" / "stage") == []
    assert_settled(server, local)
