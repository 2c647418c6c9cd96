# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever breaks at random, the server ends with what was wanted, each time. `make soak` does it 200 times."""

from __future__ import annotations

import os
import random
import typing as t
from pathlib import Path

import pytest

from tests.engine.nursery import Nursery
from tests.reliability import results
from tests.reliability.proxy import Line
from tests.reliability.soak import Soak
from tests.servers import Server
from tests.servers.fixtures import start_or_skip

DEPLOYMENTS = int(os.environ.get("SOAK", "6"))
KINDS = [
    pytest.param(kind, marks=[] if kind == "pyftpdlib" else [pytest.mark.real_server])
    for kind in ("vsftpd", "proftpd", "pure-ftpd", "pyftpdlib")
]


@pytest.fixture
def server(kind: str) -> t.Iterator[Server]:
    """One of the four."""
    with start_or_skip(kind) as running:
        yield running


@pytest.mark.parametrize("kind", KINDS)
def test_random_deployments(server: Server, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A lock without an owner, of a run that was killed just then, tells nobody that its holder is dead.
    monkeypatch.setattr("ftpsync.records.lock.STALE_AFTER", 5.0)
    seed = random.randrange(10**9)
    with Line(server.port) as line, Nursery() as nursery:
        soak = Soak(server, line, tmp_path, seed)
        try:
            for _number in range(DEPLOYMENTS):
                soak.deploy(nursery)
        except BaseException as error:
            raise AssertionError(f"seed {seed}: {error}") from error
    for word, count in soak.outcomes.items():
        results.note("soak", server=kind, came_of_it=word, number=count)
