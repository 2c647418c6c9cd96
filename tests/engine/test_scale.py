# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A large site: twenty thousand small files, in little memory."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from tests.engine.conftest import write_tree
from tests.engine.test_interruption import begin
from tests.servers import Server

FILES = 20_000
MOST = 150 * 1024  # kilobytes


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_large_tree_takes_little_memory(ftp_server: t.Callable[..., Server], tmp_path: Path) -> None:
    server = ftp_server("pyftpdlib-process")
    tree = {f"d{n % 200:03}/s{n % 7}/file-{n:05}.txt": f"content {n}" for n in range(FILES)}
    local = write_tree(tmp_path / "site", tree)
    for uploads in (FILES, 0):
        server.mark()
        result = json.loads(begin(server, local, delete=True).communicate()[0])
        assert result["error"] is None
        assert len(result["uploaded"]) == uploads
        assert result["peak_kilobytes"] < MOST, f"{result['peak_kilobytes']} KB with {uploads} uploads"
        if not uploads:
            assert server.writes() == [] and not result["changed"]
