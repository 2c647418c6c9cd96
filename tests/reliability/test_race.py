# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Three runs at once publish three versions, and the lock never lets them mix. `make race` does it 100 times."""

from __future__ import annotations

import os
import random
import time
import typing as t
from pathlib import Path

import pytest

from tests.engine.conftest import EARLIER, Content, assert_settled, expected, server_tree, settings, write_tree
from tests.engine.nursery import Nursery
from tests.reliability import results
from tests.reliability.test_soak import KINDS
from tests.servers import Server
from tests.servers.fixtures import start_or_skip

ROUNDS = int(os.environ.get("RACE", "3"))
RUNNERS = 3


@pytest.fixture
def server(kind: str) -> t.Iterator[Server]:
    """One of the four."""
    with start_or_skip(kind) as running:
        yield running


def version(round_: int, runner: int) -> dict[str, Content]:
    """Files of which every one tells whose it is, and folders that the others have not."""
    mine = f"{round_}/{runner}"
    common: dict[str, Content] = {f"f{number}": mine * (number + 1) for number in range(12)}
    return {**common, "index.html": mine, f"of{runner}/only.txt": mine, f"of{runner}/{round_}.txt": mine}


@pytest.mark.parametrize("kind", KINDS)
def test_runs_never_mix(server: Server, kind: str, tmp_path: Path) -> None:
    chance = random.Random()
    nurseries = [Nursery() for dummy in range(RUNNERS)]
    for nursery in nurseries:
        nursery.__enter__()
    try:
        for round_ in range(ROUNDS):
            trees = [version(round_, runner) for runner in range(RUNNERS)]
            locals_ = [
                write_tree(tmp_path / f"{round_}-{runner}", tree, EARLIER - 10_000 + round_)
                for runner, tree in enumerate(trees)
            ]
            for nursery, local in zip(nurseries, locals_):
                options = settings(
                    server, local, delete=True, connections=2, publish=chance.choice(["staged", "direct"])
                )
                nursery.start(run="sync", options=options)
                time.sleep(chance.uniform(0, 0.05))
            ended = [nursery.wait() for nursery in nurseries]
            assert ended == [0] * RUNNERS, f"round {round_}"
            found = server_tree(server)
            winner = next((number for number, tree in enumerate(trees) if expected(tree) == found), None)
            assert winner is not None, f"round {round_}: a mixture: {found}"
            assert_settled(server, locals_[winner], delete=True)
            assert not list((server.root / ".ftpsync").glob("lock*"))
            results.note("race", server=kind)
    finally:
        for nursery in nurseries:
            nursery.__exit__()
