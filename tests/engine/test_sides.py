# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at both sides, against real servers: what a server shows as a folder need not be one."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ftpsync.synchronizers import DownloadSynchronizer
from ftpsync.targets import FsTarget, make_target
from tests.servers import Server


def test_a_link_to_a_folder_above_is_noticed(tmp_path: Path, ftp_server: t.Callable[..., Server]) -> None:
    server = ftp_server("pyftpdlib")
    server.put("a/b/file.txt", b"content")
    (server.root / "a/b/up").symlink_to("..")
    (server.root / "a/circle").symlink_to("../a")
    host, port = server.url.split("//")[1].rstrip("/").rsplit(":", 1)
    remote = make_target(f"ftp://{server.username}:{server.password}@{host}:{port}/")
    run = DownloadSynchronizer(FsTarget(str(tmp_path)), remote, {"verbose": 0})
    run.run()
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.txt")) == ["a/b/file.txt"]
    assert run.get_stats()["files_written"] == 1
