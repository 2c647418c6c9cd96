# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a new user does: installs the tarball into a home without anything, and runs the README's first example."""

from __future__ import annotations

import os
import re
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.package.programs import GALAXY, PLAYBOOK, run
from tests.servers import Server

PASSWORD = "k9-Sesame-open"


def first_example() -> list[dict[str, t.Any]]:
    found = re.search(r"^```yaml\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    example: list[dict[str, t.Any]] = yaml.safe_load(found[1])
    return example


def as_playbook(tasks: list[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    return [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Nothing of the one who runs the tests."""
    for name in os.environ:
        if name.startswith(("ANSIBLE_", "WEBDEPLOY_", "PYTHONPATH")):
            monkeypatch.delenv(name)
    return {"HOME": str(home), "ANSIBLE_NOCOLOR": "1"}


def test_it_works_from_an_empty_home(
    tarball: Path, home: Path, environment: dict[str, str], ftp_server: t.Callable[..., Server]
) -> None:
    tasks = first_example()
    (options,) = (task["webdeploy.ftp.ftp_sync"] for task in tasks)
    server = ftp_server("pyftpdlib", tls="explicit", username=options["username"], password=PASSWORD)
    options["remote"] = re.sub("//[^/]+/", f"//{server.host}:{server.port}/", options["remote"])
    (home / "deploy.yml").write_text(yaml.safe_dump(as_playbook(tasks)))
    site = home / options["local"]
    site.mkdir()
    (site / "index.html").write_text("<h1>Shop</h1>\n")
    environment["SSL_CERT_FILE"] = str(server.certificate)  # an authority that this machine trusts

    run(GALAXY, "collection", "install", str(tarball), cwd=home, **environment)
    command = [PLAYBOOK, "deploy.yml", "-e", f"vault_ftp_password={PASSWORD}"]
    run(*command, "--check", "--diff", cwd=home, **environment)
    assert server.files() == {}
    first = run(*command, cwd=home, **environment)
    second = run(*command, cwd=home, **environment)

    folder = options["remote"].rpartition("/")[2]
    assert server.files()[f"{folder}/index.html"] == b"<h1>Shop</h1>\n"
    assert "changed=1" in first
    assert "changed=0" in second
