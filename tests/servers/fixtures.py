# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""pytest fixtures that hand out servers; what this machine can't run is skipped, and the reason told."""

from __future__ import annotations

import contextlib
import itertools
import os
import typing as t

import pytest

from . import CannotStart, Server, start
from .base import HOST
from .nginx import nginx

COMBINATIONS = [
    pytest.param(
        (kind, tls), id=f"{kind}-tls" if tls else kind, marks=[] if kind == "pyftpdlib" else [pytest.mark.real_server]
    )
    for kind, tls in itertools.product(("vsftpd", "proftpd", "pure-ftpd", "pyftpdlib"), (None, "explicit"))
]
_numbers = itertools.count(1)


def start_or_skip(kind: str, **options: t.Any) -> Server:
    """A running server; where it cannot run, tests are skipped with the reason, or fail if REQUIRE_SERVERS is set."""
    try:
        return start(kind, **options)
    except CannotStart as exc:
        skip_or_fail(exc)


def skip_or_fail(reason: CannotStart) -> t.NoReturn:
    """End a test for want of a server: skipped with the reason, or failed if REQUIRE_SERVERS is set."""
    if os.environ.get("REQUIRE_SERVERS"):
        pytest.fail(f"REQUIRE_SERVERS is set, and {reason}", pytrace=False)
    pytest.skip(str(reason))


@pytest.fixture
def ftp_server() -> t.Iterator[t.Callable[..., Server]]:
    """A function that starts a server: `ftp_server("vsftpd", tls="explicit", deny=["SIZE"])`."""
    running = []

    def starter(kind: str = "pyftpdlib", **options: t.Any) -> Server:
        running.append(start_or_skip(kind, **options))
        return running[-1]

    yield starter
    for server in running:
        server.stop()


@pytest.fixture(scope="session", params=COMBINATIONS)
def running_server(request: pytest.FixtureRequest) -> t.Iterator[Server]:
    """Each of the four servers, plain and with TLS; vsftpd and ProFTPD then demand session reuse."""
    kind, tls = request.param
    with start_or_skip(kind, tls=tls) as server:
        yield server


@pytest.fixture
def server(running_server: Server) -> Server:
    """Each of the servers, seen from a new, empty folder."""
    return running_server.at(f"t{next(_numbers)}")


@pytest.fixture
def website() -> t.Iterator[t.Callable[..., str]]:
    """A function that starts nginx over a server, or a folder of its: `website(server, "htdocs")` gives the address."""
    with contextlib.ExitStack() as running:

        def starter(server: Server, folder: str = "") -> str:
            try:
                port = running.enter_context(nginx(server.root / folder, server.private))
            except CannotStart as exc:
                skip_or_fail(exc)
            return f"http://{HOST}:{port}"

        yield starter
