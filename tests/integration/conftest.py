# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.integration.playbook import Playbooks
from tests.integration.website import Site
from tests.servers import Server


@pytest.fixture
def playbooks(tmp_path: Path) -> Playbooks:
    """Runs tasks by ansible-playbook: `playbooks.sync(local=..., **server.connection())["uploaded"]`."""
    return Playbooks(tmp_path / "playbooks")


@pytest.fixture(params=["vsftpd", "pyftpdlib"])
def site(request: pytest.FixtureRequest, ftp_server: t.Callable[..., Server], playbooks: Playbooks) -> Site:
    """vsftpd with TLS, whose certificate has to be named in ftp_deploy_options; and pyftpdlib without."""
    kind = request.param
    made = Site(ftp_server(kind, tls="explicit" if kind == "vsftpd" else None), playbooks)
    made.write("one")
    return made


@pytest.fixture
def plain(ftp_server: t.Callable[..., Server], playbooks: Playbooks) -> Site:
    """On the simplest server, for what does not depend on servers."""
    made = Site(ftp_server("pyftpdlib"), playbooks)
    made.write("one")
    return made


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "playbooks" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.integration)
