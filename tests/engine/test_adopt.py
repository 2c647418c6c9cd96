# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A site that is on the server already is taken over without being sent again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers import Server

from .conftest import assert_settled, deploy


@pytest.mark.parametrize("adopt", ["size", "hash"])
def test_what_is_there_is_taken_over(server: Server, tmp_path: Path, adopt: str) -> None:
    site = tmp_path / "site"
    site.mkdir()
    for name, content in {"same.txt": "same", "other.txt": "ours", "new.txt": "new"}.items():
        (site / name).write_text(content)
    server.put("same.txt", "same")
    server.put("other.txt", "them")  # of equal size
    server.put("foreign.txt", "not ours")
    found = deploy(server, site, adopt=adopt)
    if adopt == "size":
        assert (found["adopted"], found["uploaded"]) == (["other.txt", "same.txt"], ["new.txt"])
    else:
        assert (found["adopted"], found["uploaded"]) == (["same.txt"], ["new.txt", "other.txt"])
    assert found["unmanaged"] == ["foreign.txt"]
    assert_settled(server, site, adopt=adopt)
    (site / "same.txt").unlink()
    assert deploy(server, site, delete=True)["deleted"] == ["same.txt"]
