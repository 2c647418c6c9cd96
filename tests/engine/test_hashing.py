# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the source is hashed: a little during the login, more before it; and what cannot be read changes nothing."""

from __future__ import annotations

import time
import typing as t
from pathlib import Path

import pytest

from ftpsync.scan import digests, source
from tests.engine.conftest import attempt, deploy, server_tree
from tests.servers import Server

LIMITS = ("AT_LOGIN_FILES", "AT_LOGIN_BYTES")


def instead_of_reading(monkeypatch: pytest.MonkeyPatch, act: t.Callable[[str], object]) -> None:
    """Do something before each file is read."""
    real = digests._read

    def read(root: str, path: str, *rest: t.Any) -> t.Any:
        act(path)
        return real(root, path, *rest)

    monkeypatch.setattr(digests, "_read", read)


def has_logged_in(server: Server) -> bool:
    return any(command.startswith("PASS") for command in server.commands())


def test_a_little_is_hashed_during_the_login(plain_server: Server, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(plain_server, site)
    plain_server.mark()
    missed: list[str] = []

    def wait(path: str) -> None:
        end = time.monotonic() + 5
        while not has_logged_in(plain_server):
            if time.monotonic() > end:
                missed.append(path)
                return
            time.sleep(0.01)

    instead_of_reading(monkeypatch, wait)
    assert not deploy(plain_server, site)["changed"]
    assert missed == []


@pytest.mark.parametrize("limit", LIMITS)
def test_more_is_hashed_before_it(
    plain_server: Server, site: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    early: list[bool] = []
    monkeypatch.setattr(source, limit, 0)
    instead_of_reading(monkeypatch, lambda _path: early.append(not has_logged_in(plain_server)))
    plain_server.mark()
    deploy(plain_server, site)
    assert early and all(early)


@pytest.mark.parametrize("limit", [None, *LIMITS])
def test_what_cannot_be_read_changes_nothing(
    plain_server: Server, site: Path, monkeypatch: pytest.MonkeyPatch, limit: str | None
) -> None:
    if limit is not None:
        monkeypatch.setattr(source, limit, 0)
    instead_of_reading(monkeypatch, lambda _path: (site / "index.html").unlink(missing_ok=True))
    plain_server.mark()
    done = attempt(plain_server, site)
    assert (done["raised"], server_tree(plain_server, state=True)) == ("LocalError", {})
    assert "'index.html': the file cannot be read" in done["error"]
    assert plain_server.writes() == []
