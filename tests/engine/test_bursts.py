# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bursts of commands that are longer than any server's buffer, also over TLS."""

from __future__ import annotations

from ftpsync.ftp.session import ConnectOptions, Session
from tests.servers import Server


def test_a_long_burst_is_answered_completely(server: Server) -> None:
    """ProFTPD and Pure-FTPd stop in the middle of a TLS record that is longer than their buffer."""
    options = ConnectOptions(
        host=server.host,
        port=server.port,
        username=server.username,
        password=server.password,
        tls="explicit" if server.certificate else "none",
        ca_path=str(server.certificate) if server.certificate else None,
        timeout=10,
    )
    session = Session(options)
    session.open()
    paths = [f"{server.folder}/{'x' * 60}{number}" for number in range(400)]
    made = list(session.pipeline(("MKD", path) for path in paths))
    renamed = list(session.pipeline(step for path in paths for step in (("RNFR", path), ("RNTO", f"{path}.new"))))
    session.close()
    assert all(reply.is_ok for reply in made)
    assert all(reply.is_ok for reply in renamed[1::2])
