# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random deployments with random faults at random places, one after the other, on one site of a real server."""

from __future__ import annotations

import random
import shutil
import signal
import typing as t
from pathlib import Path

from tests.engine.conftest import EARLIER, Content, attempt, expected, server_tree, settings, write_tree
from tests.engine.nursery import Nursery
from tests.reliability.proxy import Break, Line
from tests.servers import Server

_FOLDERS = ("", "css/", "a/b/", "a/b/c/", "Möwe & Wal/", "with space/")
_NAMES = ("index.html", "x", "photo.jpg", "ß.txt", "data.bin", "e.html", "long" * 20, "#1.txt")
_WHERE = ("replies", "commands", "data")


class Soak:
    """A server, a site that changes at random, and runs that publish it.

    Attributes:
        outcomes: of deployments so far, by what came of the run that met a fault.
    """

    def __init__(self, server: Server, line: Line, folder: Path, seed: int) -> None:
        self._server = server
        self._line = line
        self._local = folder / "site"
        self._chance = random.Random(seed)
        self._tree: dict[str, Content] = {"index.html": "<html>"}
        self._number = 0
        self.outcomes = {"recovered": 0, "failed": 0, "killed": 0, "unharmed": 0}

    def deploy(self, nursery: Nursery) -> None:
        """One deployment, with at most one fault; the run after it has to finish the work."""
        self._number += 1
        self._change()
        options = self._options()
        fault = self._fault(nursery)
        self._line.begin(fault)
        if fault is not None and fault.action == nursery.kill_hard:
            nursery.start(run="sync", options=settings(self._server, self._local, **options))
            status = nursery.wait()
            word = "killed" if status == -signal.SIGKILL else "unharmed"
        else:
            found = attempt(self._server, self._local, **options)
            word = "failed" if found["error"] else "recovered" if fault and fault.happened else "unharmed"
        self.outcomes[word] += 1
        if word in ("killed", "failed"):
            self._line.begin()
            found = attempt(self._server, self._local, **{**options, "retries": 3})
            assert found["error"] is None, f"deployment {self._number}, {fault}: {found['error']}"
            assert found["conflicts"] == [], f"deployment {self._number}, {fault}: {found['conflicts']}"
        found_there, wanted = server_tree(self._server), expected(self._tree)
        wrong = [path for path in {*found_there, *wanted} if found_there.get(path, b"?") != wanted.get(path, b"?")]
        assert wrong == [], f"deployment {self._number}, {word}, {fault}: {wrong}"

    def _options(self) -> dict[str, t.Any]:
        chance = self._chance
        scheme = self._server.connection()["remote"].partition("//")[0]
        path = self._server.connection()["remote"].split("/", 3)[3]
        return {
            "remote": f"{scheme}//127.0.0.1:{self._line.port}/{path}",
            "publish": chance.choice(["staged", "direct"]),
            "backup": chance.choice([0, 0, 1]),
            "connections": chance.choice([1, 2, 4]),
            "retries": chance.choice([0, 2]),
            "delete": True,
            "timeout": 10,
        }

    def _fault(self, nursery: Nursery) -> Break | None:
        """Somewhere in what passed in the deployment before, or, since each differs, never."""
        chance = self._chance
        passed = {where: self._line.passed[where] for where in _WHERE if self._line.passed[where]}
        if not passed or chance.random() < 0.1:
            return None
        where = chance.choice(sorted(passed))
        action: t.Callable[[], object] = nursery.kill_hard if chance.random() < 0.3 else bool
        return Break(where, chance.randrange(passed[where]), chance.random() < 0.5, action)

    def _change(self) -> None:
        chance = self._chance
        for _change in range(chance.randint(1, 12)):
            path = chance.choice(_FOLDERS) + chance.choice(_NAMES)
            if chance.random() < 0.3 and len(self._tree) > 3:
                del self._tree[chance.choice(sorted(self._tree))]
            else:
                size = chance.choice([0, 1, 100, 5_000, 70_000, 1_500_000])
                self._tree[path] = bytes([chance.randrange(256)]) * size
        shutil.rmtree(self._local, ignore_errors=True)
        write_tree(self._local, self._tree, EARLIER - 10_000 + self._number)
