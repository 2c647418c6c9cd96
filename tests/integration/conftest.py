# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.playbook import Playbooks


@pytest.fixture
def playbooks(tmp_path: Path) -> Playbooks:
    """Runs tasks by ansible-playbook: `playbooks.sync(local=..., **server.connection())["uploaded"]`."""
    return Playbooks(tmp_path / "playbooks")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "playbooks" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.integration)
