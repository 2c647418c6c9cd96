# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.package.programs import GALAXY, run


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean copy: building in the checkout itself would leave folders behind."""
    copy = tmp_path_factory.mktemp("export") / "checkout"
    run(str(ROOT / "scripts" / "export-tree"), str(copy), cwd=ROOT)
    return copy


@pytest.fixture(scope="session")
def tarball(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection as ansible-galaxy builds it."""
    folder = tmp_path_factory.mktemp("tarball")
    run(GALAXY, "collection", "build", "--output-path", str(folder), str(checkout), cwd=checkout)
    (built,) = folder.glob("webdeploy-ftp-*.tar.gz")
    return built
