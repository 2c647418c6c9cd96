# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers that lack what others have, or refuse it."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.engine.conftest import SITE, assert_settled, deploy, expected, server_tree, write_tree
from tests.servers import Server

StartServer = t.Callable[..., Server]


def deploy_and_update(server: Server, site: Path, **options: t.Any) -> None:
    """A first run, a second one, an update with a deletion and drift, and a last one."""
    options = {"delete": True, **options}
    deploy(server, site, **options)
    assert server_tree(server) == expected(SITE)
    assert_settled(server, site, **options)
    (site / "index.html").write_text("updated")
    (site / "zero.txt").unlink()
    write_tree(site, {"new/file": "new"})
    server.put("css/a.css", "drifted")
    done = deploy(server, site, **options)
    assert sorted(done["uploaded"]) == ["css/a.css", "index.html", "new/file"] and done["deleted"] == ["zero.txt"]
    wanted = {path: content for path, content in SITE.items() if path != "zero.txt"}
    assert server_tree(server) == expected({**wanted, "index.html": "updated", "new/file": "new"})
    assert_settled(server, site, **options)


@pytest.mark.parametrize("kind", ["vsftpd", "proftpd", "pure-ftpd", "pyftpdlib"])
@pytest.mark.parametrize("limit", ["max_clients_per_address", "max_clients"])
@pytest.mark.parametrize("most", [1, 2])
def test_few_connections(ftp_server: StartServer, site: Path, kind: str, limit: str, most: int) -> None:
    deploy_and_update(ftp_server(kind, **{limit: most}), site, connections=4)


@pytest.mark.parametrize("kind", ["vsftpd", "proftpd", "pyftpdlib"])
@pytest.mark.parametrize(
    "deny",
    [
        ["MLSD"],
        ["MLSD", "MLST"],
        ["MFMT"],
        ["MFMT", "MDTM", "SITE"],
        ["SIZE"],
        ["EPSV"],
        ["SITE"],
        ["FEAT"],
        ["OPTS"],
        ["MDTM"],
        ["MLSD", "MDTM", "MFMT", "SIZE", "SITE", "FEAT", "EPSV"],
    ],
    ids="-".join,
)
def test_commands_denied(ftp_server: StartServer, site: Path, kind: str, deny: list[str]) -> None:
    deploy_and_update(ftp_server(kind, deny=deny), site)


@pytest.mark.real_server
@pytest.mark.parametrize("publish", ["staged", "direct"])
def test_a_server_that_does_not_rename_onto_files(ftp_server: StartServer, site: Path, publish: str) -> None:
    deploy_and_update(ftp_server("proftpd", extra=["AllowOverwrite off"]), site, publish=publish)


@pytest.mark.parametrize("hidden", [True, False])
@pytest.mark.parametrize("kind", ["vsftpd", "proftpd", "pure-ftpd", "pyftpdlib"])
def test_hidden_files(ftp_server: StartServer, site: Path, kind: str, hidden: bool) -> None:
    deploy_and_update(ftp_server(kind, hidden=hidden), site)


def test_no_modes(ftp_server: StartServer, site: Path) -> None:
    server = ftp_server("pyftpdlib", deny=["SITE CHMOD", "SITE"])
    done = deploy(server, site, file_mode="0640", directory_mode="0750")
    assert server_tree(server) == expected(SITE)
    assert "file_mode" in "".join(done["warnings"])
    assert_settled(server, site, file_mode="0640", directory_mode="0750")
