# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rollbacks that are killed or lose their connections: the next run ends right, and no record claims what is not so."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import signal
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest

from ftpsync.errors import ConnectionLost
from ftpsync.ftp.session import Session
from tests.conftest import ROOT
from tests.engine.conftest import (
    EARLIER,
    STATE,
    Content,
    assert_settled,
    attempt,
    deploy,
    expected,
    server_tree,
    write_tree,
)
from tests.engine.test_rollback import (
    FIRST,
    KEEP,
    SECOND,
    all_content,
    assert_nothing_to_do,
    options_of,
    publish,
    try_roll,
    without_empty,
)
from tests.servers import Server

RUN = """
import json, sys
sys.path.insert(0, sys.argv[1])
from ftpsync.rollback import run as rollback
wanted = rollback.validate(json.loads(sys.argv[2]))
print("ready", flush=True)
result = rollback.roll_back(wanted, backup_id=sys.argv[3], state=sys.argv[4])
print(result.error)
"""


def run_and_kill(server: Server, backup_id: str, state: str, after: float) -> None:
    """Kill a run some time after it began, at work or just done: a fast machine must not decide the test.

    That every single step can be the last is tested without a clock, in the unit tests of rollback/undo.py.
    """
    settings = json.dumps(options_of(server))
    command = [sys.executable, "-c", RUN, str(ROOT / "plugins" / "module_utils"), settings, backup_id, state]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def many(version: str, count: int = 60) -> dict[str, Content]:
    tree: dict[str, Content] = {f"d{n % 7}/f{n}.txt": f"{version} {n}" for n in range(count)}
    tree.update({f"{version}-only/{n}.txt": f"only {version} {n}" for n in range(count // 4)})
    tree["shape" if version == "v1" else "shape/inside.txt"] = f"shape of {version}"
    tree["index.html"] = version
    return tree


def records_are_true(server: Server) -> None:
    """Whatever is recorded and there is what was published under this digest.

    Where a killed run's last renames were cut off, the manifest bears one of its two other names, as readers know.
    """
    names = ("manifest.json", "manifest.new.json", "manifest.previous.json")
    lying = [server.root / STATE / name for name in names if (server.root / STATE / name).exists()]
    manifest = json.loads(lying[0].read_text())
    for path, record in manifest["records"].items():
        there = server.root / path
        assert there.exists(), path
        if "sha256" in record:
            assert hashlib.sha256(there.read_bytes()).hexdigest() == record["sha256"], path


@pytest.mark.parametrize(
    ("kind", "then", "rounds"),
    [
        ("pyftpdlib", "rollback", 4),
        ("pyftpdlib", "sync", 2),
        ("vsftpd", "rollback", 2),
        ("proftpd", "rollback", 2),
        ("pure-ftpd", "rollback", 2),
    ],
)
def test_killed_at_any_moment(
    ftp_server: t.Callable[..., Server], tmp_path: Path, kind: str, then: str, rounds: int
) -> None:
    """A few of many moments, at real servers; test_rollback_matrix.py counts them, and needs no clock."""
    server, site = ftp_server(kind), tmp_path / "site"
    trees = [many("v1"), many("v2"), many("v3")]
    ids = [publish(server, site, tree) for tree in trees]
    durations = [
        try_roll(server, aim, state=state)["stats"]["seconds"]
        for state, aim in (("undone", ids[1]), ("redone", ids[2])) * 2
    ]
    assert server_tree(server) == expected(trees[2])
    content, chance = all_content(server), random.Random(5)
    for round_number in range(rounds):
        state, aim, wanted = ("undone", ids[1], trees[0]) if round_number % 2 == 0 else ("redone", ids[2], trees[2])
        # The second run first waits whether the server still goes on with what the first one had sent.
        for waits in (0, chance.choice([0, 1, 2])):
            run_and_kill(server, aim, state, waits + chance.uniform(0, 1.3) * min(durations))
        if then == "sync" and round_number == rounds - 1:
            break
        done = try_roll(server, aim, state=state)
        assert done["error"] is None and done["conflicts"] == [], done
        assert server_tree(server) == expected(wanted)
        assert all_content(server) == content
        records_are_true(server)
        assert_nothing_to_do(server, aim, state=state)
    if then == "sync":
        deploy(server, site, **KEEP)
        assert without_empty(server_tree(server)) == without_empty(expected(trees[2]))
        records_are_true(server)
        assert_settled(server, site, **KEEP)


def test_an_interrupted_publication_is_undone(ftp_server: t.Callable[..., Server], tmp_path: Path) -> None:
    """Its set has no aftermath, and it may have been completed by a further run or not."""
    server, site = ftp_server(), tmp_path / "site"
    publish(server, site, many("v1"))
    for completed in (False, True):
        known = {b["id"] for b in try_roll(server, state="listed")["backups"]}
        shutil.rmtree(site)
        write_tree(site, many("v2"), mtime=EARLIER + 5)
        kill_publication(server, site)
        assert any(b["id"] not in known for b in try_roll(server, state="listed")["backups"])
        if completed:
            deploy(server, site, **KEEP)
        news = [b["id"] for b in try_roll(server, state="listed")["backups"] if b["id"] not in known]
        done = try_roll(server, min(news))
        assert done["error"] is None and done["conflicts"] == []
        assert without_empty(server_tree(server)) == without_empty(expected(many("v1")))
        records_are_true(server) if (server.root / STATE / "manifest.json").exists() else None


PUBLISH = """
import json, sys
sys.path.insert(0, sys.argv[1])
from ftpsync import engine, options
wanted = options.validate(json.loads(sys.argv[2]))
print("ready", flush=True)
engine.synchronize(wanted, check=False)
"""


def kill_publication(server: Server, site: Path) -> None:
    """Kill one that has a backup set and a whole journal, and begins to rename."""
    journal = server.root / STATE / "journal.json"
    settings = json.dumps({"local": str(site), **options_of(server), **KEEP})
    command = [sys.executable, "-c", PUBLISH, str(ROOT / "plugins" / "module_utils"), settings]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    while process.poll() is None and not is_whole(journal):
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def is_whole(journal: Path) -> bool:
    """Whether it is there and its last byte has arrived: while it has not, a publication has not begun."""
    try:
        return isinstance(json.loads(journal.read_bytes()), dict)
    except (OSError, ValueError):
        return False


def test_connections_lost_in_the_middle(ftp_server: t.Callable[..., Server], tmp_path: Path) -> None:
    """The run itself goes on where the connection was lost."""
    server, site = ftp_server(), tmp_path / "site"
    first, second = publish(server, site, many("v1")), publish(server, site, many("v2"))
    assert first and attempt(server, site, **KEEP)["error"] is None
    pipeline, lost = Session.pipeline, []

    def breaking(self: Session, commands: t.Any, **how: t.Any) -> t.Any:
        wanted = list(commands)
        renames = [n for n, (verb, _arg) in enumerate(wanted) if verb == "RNTO"]
        if len(renames) > 20 and len(lost) < 2:
            lost.append(1)
            list(pipeline(self, wanted[: renames[10] + len(lost)]))
            self.drop()
            raise ConnectionLost("on purpose")
        return pipeline(self, wanted, **how)

    content = all_content(server)
    try:
        Session.pipeline = breaking  # type: ignore[method-assign]
        done = try_roll(server, second)
    finally:
        Session.pipeline = pipeline  # type: ignore[method-assign]
    assert done["error"] is None and done["conflicts"] == [], done
    assert server_tree(server) == expected(many("v1")) and all_content(server) == content
    records_are_true(server)


def test_a_server_without_size_and_times(ftp_server: t.Callable[..., Server], tmp_path: Path) -> None:
    server, site = ftp_server(deny=["SIZE", "MDTM", "MFMT"]), tmp_path / "site"
    backups = [publish(server, site, tree) for tree in (FIRST, SECOND)]
    assert try_roll(server, backups[1])["error"] is None
    assert server_tree(server) == expected(FIRST)
    run_and_kill(server, backups[1], "redone", 0.2)
    assert try_roll(server, backups[1], state="redone")["conflicts"] == []
    assert server_tree(server) == expected(SECOND)
    records_are_true(server)
