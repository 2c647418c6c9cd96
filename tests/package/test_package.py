# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One source, two packages: the collection's tarball and the pip package `webdeploy-ftp`."""

from __future__ import annotations

import json
import re
import sys
import tarfile
from pathlib import Path

import pytest
import yaml

import ftpsync
from tests.conftest import ROOT
from tests.package.programs import GALAXY, run

ENGINE = ROOT / "plugins" / "module_utils" / "ftpsync"


@pytest.fixture(scope="module")
def installed(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the engine."""
    folder = tmp_path_factory.mktemp("pip")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    run(*pip, "--target", str(folder), str(checkout), cwd=checkout)
    return folder


@pytest.fixture(scope="module")
def collections(tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which ansible-galaxy has installed the tarball."""
    folder = tmp_path_factory.mktemp("galaxy")
    run(GALAXY, "collection", "install", "--offline", "-p", str(folder), str(tarball), cwd=folder)
    return folder


def sources(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.py")}


def test_pip_installs_the_whole_engine(installed: Path) -> None:
    assert sources(installed / "ftpsync") == sources(ENGINE)


def test_the_collection_has_the_same_engine(collections: Path) -> None:
    engine = collections / "ansible_collections/webdeploy/ftp/plugins/module_utils/ftpsync"
    assert sources(engine) == sources(ENGINE)


def test_both_names_can_be_imported(installed: Path, collections: Path) -> None:
    script = "import {0} as engine; print(engine.__version__)"
    for path, name in (
        (installed, "ftpsync"),
        (collections, "ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync"),
    ):
        output = run(sys.executable, "-c", script.format(name), cwd=path, PYTHONPATH=str(path))
        assert output.strip() == ftpsync.__version__


def test_the_tarball_has_what_users_need_and_no_more(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        files = {member.name.split("/")[0] for member in archive.getmembers()}
    assert files <= {
        *("FILES.json", "MANIFEST.json", "README.md", "CHANGELOG.md", "CHANGELOG.rst"),
        *(
            "CODE_OF_CONDUCT.md",
            "CONTRIBUTING.md",
            "SECURITY.md",
            "COPYING",
            "LICENSES",
            "REUSE.toml",
            "changelogs",
            "docs",
        ),
        *("extensions", "meta", "playbooks", "plugins", "roles"),
    }
    assert {"README.md", "COPYING", "LICENSES", "meta", "plugins"} <= files


def test_versions_are_equal() -> None:
    assert yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"] == ftpsync.__version__


@pytest.mark.parametrize(
    ("extra", "file"), [("test", "tests/unit/requirements.txt"), ("lint", "tests/lint/requirements.txt")]
)
def test_requirements_are_listed_twice_alike(extra: str, file: str) -> None:
    text = re.search(rf"^{extra} = (\[.*?\])", (ROOT / "pyproject.toml").read_text(), re.MULTILINE | re.DOTALL)
    assert text is not None
    listed = json.loads(text[1].replace(",\n]", "\n]"))
    wanted = [line for line in (ROOT / file).read_text().splitlines() if not line.startswith("#")]
    assert listed == wanted


def test_every_module_is_in_the_action_group() -> None:
    group = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["action_groups"]["all"]
    assert sorted(group) == sorted(file.stem for file in (ROOT / "plugins/modules").glob("*.py"))
