# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection that is made before it is needed, and what becomes of it when it is of no use."""

from __future__ import annotations

import socket
import typing as t

import pytest

from ftpsync.errors import ConnectError
from ftpsync.ftp import dial
from ftpsync.ftp.options import ConnectOptions
from ftpsync.ftp.pool import Pool
from tests.faulty import Command, Drop, FaultyFtp, at_reply


@pytest.fixture
def server() -> t.Iterator[FaultyFtp]:
    with FaultyFtp() as running:
        yield running


@pytest.fixture
def pool(server: FaultyFtp) -> t.Iterator[Pool]:
    pool = Pool(ConnectOptions(server.host, server.port, server.username, server.password, timeout=5), 1)
    yield pool
    pool.close()


def connections(server: FaultyFtp) -> set[int]:
    commands: list[Command] = server.record.commands
    return {command.connection for command in commands}


def test_the_login_goes_on_with_it(server: FaultyFtp, pool: Pool) -> None:
    pool.main.dial()
    pool.open()
    assert not pool.main.list_folder("/").entries
    assert connections(server) == {1}


def test_one_that_has_waited_too_long_is_not_used(
    server: FaultyFtp, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dial, "_FRESH", -1.0)
    pool.main.dial()
    pool.open()
    assert connections(server) == {2}


def test_one_that_the_server_has_closed_is_made_anew(server: FaultyFtp, pool: Pool) -> None:
    server.faults = (Drop(at_reply(1)),)
    pool.main.dial()
    pool.open()
    assert connections(server) == {2}


def test_what_prevents_it_is_told_once(server: FaultyFtp) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        options = ConnectOptions("127.0.0.1", taken.getsockname()[1], "user", "password", timeout=5)
        pool = Pool(options, 1)
        pool.main.dial()
        with pytest.raises(ConnectError, match="check"):
            pool.open()
        pool.close()


def test_one_that_is_not_needed_is_closed(server: FaultyFtp, pool: Pool) -> None:
    pool.main.dial()
    pool.close()
    server.settle()
    assert connections(server) == set()
