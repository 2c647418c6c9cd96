# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a failure keeps from happening after it."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

from tests.servers import Server

from .conftest import attempt, deploy


def test_nothing_is_deleted_when_something_could_not_be_published(
    ftp_server: t.Callable[..., Server], tmp_path: Path
) -> None:
    """A file that was moved would otherwise be gone under its old name, and not there under the new one."""
    server, site = ftp_server(), tmp_path / "site"
    site.mkdir()
    (site / "old.txt").write_text("content")
    (site / "keep.txt").write_text("keep")
    deploy(server, site)
    os.rename(os.fsencode(site / "old.txt"), os.fsencode(site) + b"/n\xe9w.txt")  # pyftpdlib keeps no such name
    found = attempt(server, site, delete=True)
    assert found["error"] is not None
    assert found["deleted"] == []
    assert server.files()["old.txt"] == b"content"
    (tmp_path / "site" / os.fsdecode(b"n\xe9w.txt")).unlink()
    assert deploy(server, site, delete=True)["deleted"] == ["old.txt"]
