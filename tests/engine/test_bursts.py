# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bursts of commands that are longer than any server's buffer, and of downloads, also over TLS."""

from __future__ import annotations

import io

from ftpsync.ftp.session import ConnectOptions, ServerFacts, Session
from tests.servers import Server


def session_at(server: Server, facts: ServerFacts | None = None) -> Session:
    options = ConnectOptions(
        host=server.host,
        port=server.port,
        username=server.username,
        password=server.password,
        tls="explicit" if server.certificate else "none",
        ca_path=str(server.certificate) if server.certificate else None,
        timeout=10,
    )
    session = Session(options, facts)
    session.open()
    return session


def test_a_long_burst_is_answered_completely(server: Server) -> None:
    """ProFTPD and Pure-FTPd stop in the middle of a TLS record that is longer than their buffer."""
    session = session_at(server)
    paths = [f"{server.folder}/{'x' * 60}{number}" for number in range(400)]
    made = list(session.pipeline(("MKD", path) for path in paths))
    renamed = list(session.pipeline(step for path in paths for step in (("RNFR", path), ("RNTO", f"{path}.new"))))
    session.close()
    assert all(reply.is_ok for reply in made)
    assert all(reply.is_ok for reply in renamed[1::2])


def test_downloads_one_after_the_other_arrive_completely(server: Server) -> None:
    """Also where our side of the data connection is closed first, and where the next one is begun before the end."""
    sizes = [0, 1, 1460, 65536, 2**20, 2**20 + 1, 5 * 2**20, 7, 8, 9]
    for size in sizes:
        (server.root / f"file{size}").write_bytes(bytes(range(251)) * (size // 251) + bytes(size % 251))
    session = session_at(server)
    session.more = True
    assert len(session.list_folder(str(server.folder)).entries) == len(sizes)
    for size in sizes:
        content = io.BytesIO()
        assert session.retrieve(f"{server.folder}/file{size}", content.write, size) == size
        assert content.getvalue() == (server.root / f"file{size}").read_bytes()
    assert session.facts.half_closes is (True if server.kind == "proftpd" and not server.certificate else None)
    assert session.facts.asks_early
    session.close()


def test_uploads_one_after_the_other_arrive_completely(server: Server) -> None:
    """Also where the data connection is reset at the end, and where what follows leaves early."""
    sizes = [0, 1, 1460, 14_600, 65_535, 65_536, 65_537, 2**20, *range(300)]
    session = session_at(server)
    for number, size in enumerate(sizes):
        content = bytes((number + place) % 251 for place in range(size))
        result = session.store(f"{server.folder}/{number}", io.BytesIO(content), size, mtime=0, more=True)
        assert (result.sent, result.size, result.mtime_set) == (size, size, True)
        assert (server.root / str(number)).read_bytes() == content
    assert session.facts.resets.pays
    session.close()


def test_listings_tell_modes_from_the_first_one_on(server: Server) -> None:
    """pyftpdlib has to be asked to, once for each connection."""
    server.put("file", "x")
    (server.root / "file").chmod(0o640)
    facts = ServerFacts()
    for _number in range(2):
        session = session_at(server, facts)
        for _listing in range(2):
            listing = session.list_folder(str(server.folder))
            assert [item.entry.mode for item in listing.entries] == [0o640]
        session.close()
