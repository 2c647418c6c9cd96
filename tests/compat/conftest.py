# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs to compare, and pairs of places to run them on."""

from __future__ import annotations

import itertools
import os
import typing as t
from pathlib import Path

import pytest

from tests.compat.places import Place
from tests.compat.programs import Ours, Peer, interpreter
from tests.servers import Server
from tests.servers.fixtures import COMBINATIONS, start_or_skip

PLAIN = [parameter for parameter in COMBINATIONS if parameter.values[0][1] is None]
_numbers = itertools.count(1)


def interpreter_or_skip(version: str) -> Path:
    """The Python of a release of pyftpsync; where it is not installed, tests are skipped, or fail (REQUIRE_SERVERS)."""
    try:
        return interpreter(version)
    except FileNotFoundError as exc:
        if os.environ.get("REQUIRE_SERVERS"):
            pytest.fail(f"REQUIRE_SERVERS is set, and {exc}", pytrace=False)
        pytest.skip(str(exc))


@pytest.fixture(scope="session")
def ours() -> Ours:
    return Ours()


@pytest.fixture(scope="session")
def v3() -> t.Iterator[Peer]:
    """pyftpsync 3.1.0."""
    interpreter_or_skip("3.1.0")
    peer = Peer("3.1.0")
    yield peer
    peer.close()


@pytest.fixture(scope="session")
def v4() -> t.Iterator[Peer]:
    """pyftpsync 4.1.0."""
    interpreter_or_skip("4.1.0")
    peer = Peer("4.1.0")
    yield peer
    peer.close()


@pytest.fixture(scope="session", params=PLAIN)
def running_plain_server(request: pytest.FixtureRequest) -> t.Iterator[Server]:
    """Each of the four servers, without TLS."""
    with start_or_skip(request.param[0]) as running:
        yield running


@pytest.fixture(scope="session", params=[parameter for parameter in COMBINATIONS if parameter not in PLAIN])
def running_tls_server(request: pytest.FixtureRequest) -> t.Iterator[Server]:
    """Each of the four servers, with TLS."""
    with start_or_skip(request.param[0], tls=request.param[1]) as running:
        yield running


@pytest.fixture(scope="session")
def running_pyftpdlib() -> t.Iterator[Server]:
    with start_or_skip("pyftpdlib") as running:
        yield running


@pytest.fixture(scope="session", params=[p for p in PLAIN if p.values[0][0] in ("pyftpdlib", "proftpd")])
def running_mlsd_server(request: pytest.FixtureRequest) -> t.Iterator[Server]:
    """Two servers that real releases of pyftpsync can be used with: they demand MLSD."""
    with start_or_skip(request.param[0]) as running:
        yield running


@pytest.fixture
def local(tmp_path: Path) -> Place:
    return Place(tmp_path / "L")


@pytest.fixture
def folder(tmp_path: Path) -> Place:
    """A folder for the part of R."""
    return Place(tmp_path / "R")


@pytest.fixture
def ftp(running_pyftpdlib: Server) -> Place:
    """A new, empty folder on a server for the part of R, where it does not matter which server."""
    return on(running_pyftpdlib)


@pytest.fixture
def mlsd(running_mlsd_server: Server) -> Place:
    return on(running_mlsd_server)


def on(server: Server) -> Place:
    """A new, empty folder on a server."""
    view = server.at(f"c{next(_numbers)}")
    return Place(view.root, view)
