# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways in which a module is called: async, delegated, in loops, with defaults, on an old Python."""

from __future__ import annotations

import json
import shutil
import subprocess
import typing as t
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.integration.playbook import Playbooks
from tests.integration.story import Story, contents
from tests.integration.test_story import write
from tests.servers import Server

PLAYBOOK = Path(__file__).parent / "files" / "ways.yml"
SITE = {"index.html": "Home", "css/site.css": "body {}"}
OLDEST = "3.8"

StartServer = t.Callable[..., Server]


def test_ways(ftp_server: StartServer, playbooks: Playbooks) -> None:
    """As users have it: an inventory without localhost, no interpreter set, called from another folder."""
    server = ftp_server("pyftpdlib", tls="explicit")
    folder = playbooks.folder / "project"
    for site in ("site", "sites/www.example.com", "sites/blog.example.com"):
        write(folder / site, SITE if site == "site" else {f"{site[6:].partition('.')[0]}.html": "Home"})
    playbook = Path(shutil.copy(PLAYBOOK, folder))
    options = server.connection()
    variables = playbooks.folder / "variables.json"
    variables.write_text(json.dumps({"server": options.pop("remote").rstrip("/"), "options": options}))
    returncode, output = playbooks.start(playbook, ["-e", f"@{variables}"], inventory="web1,")
    assert returncode == 0, output
    site = {path: text.encode() for path, text in SITE.items()}
    for name in ("relative", "waited", "background"):
        assert contents(server.root / name) == site
    assert contents(server.root / "www.example.com") == {"www.html": b"Home"}
    assert contents(server.root / "blog.example.com") == {"blog.html": b"Home"}


def test_whole_play_in_check_mode(ftp_server: StartServer, playbooks: Playbooks, tmp_path: Path) -> None:
    """`ansible-playbook --check --diff`, as people call it."""
    server = ftp_server("pyftpdlib")
    write(tmp_path / "site", SITE)
    options = {**server.connection(), "local": str(tmp_path / "site")}
    outcome = playbooks.run({"webdeploy.ftp.ftp_sync": options}, arguments=["--check", "--diff"])
    assert outcome.result["changed"]
    assert "+index.html (4 bytes" in outcome.output
    assert contents(server.root) == {}
    assert server.writes() == []


def test_oldest_python(ftp_server: StartServer, playbooks: Playbooks, tmp_path: Path) -> None:
    script = [str(ROOT / "scripts" / "find-python"), OLDEST, OLDEST]
    found = subprocess.run(script, text=True, capture_output=True, check=False)
    if found.returncode:
        pytest.skip(f"this machine has no Python {OLDEST}")
    python = found.stdout.strip()
    write(tmp_path / "site", {**SITE, "old.html": "old", "Käse #1.html": "x"})
    story = Story(ftp_server("pyftpdlib", tls="explicit"), local=str(tmp_path / "site"), delete=True)
    first = story.case()
    story.do((tmp_path / "site" / "old.html").unlink)
    second = story.case(backup=1)
    wrong = story.sync(password="wrong")
    outcome = story.play(playbooks, python=python)
    first.assert_exact()
    second.assert_exact()
    assert second.done.result["deleted"] == ["old.html"]
    assert wrong.result["failed"]
    assert "Traceback" not in outcome.output
    discovered = playbooks.run({"ansible.builtin.setup": {"gather_subset": ["!all", "python"]}}, python=python)
    assert discovered.result["ansible_facts"]["ansible_python_version"].startswith(f"{OLDEST}.")
