# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's playbooks to roll back and to audit."""

from __future__ import annotations

import json
import os
import re
import sys

import pytest

from tests.integration.story import snapshot
from tests.integration.website import PAGES, Site, page

pytestmark = pytest.mark.integration


def test_rollback_playbook(plain: Site) -> None:
    ids = []
    for version in ("one", "two", "three"):
        plain.write(version)
        ids += re.findall(r"ftp_deploy_rollback_id=(\S+?)[\"']", plain.play("webdeploy.ftp.deploy").output)
    assert len(ids) == 3
    listed = plain.play("webdeploy.ftp.rollback", rollback_state="listed")
    assert all(found in listed.output for found in ids)
    before = snapshot(plain.server.root)
    check = plain.play("webdeploy.ftp.rollback", "--check", "--diff", rollback_id=ids[1])
    assert check.changed == 1
    assert snapshot(plain.server.root) == before
    assert plain.play("webdeploy.ftp.rollback", rollback_id=ids[1]).changed == 1
    assert plain.versions() == dict.fromkeys(PAGES, "one")
    assert plain.play("webdeploy.ftp.rollback", rollback_id=ids[1]).changed == 0
    assert plain.play("webdeploy.ftp.rollback", rollback_state="redone", rollback_id=ids[1]).changed == 1
    assert plain.versions() == dict.fromkeys(PAGES, "two")
    assert plain.play("webdeploy.ftp.rollback").changed == 1  # the latest that is not undone
    assert plain.versions() == dict.fromkeys(PAGES, "one")


def test_audit_playbook(plain: Site) -> None:
    assert plain.play("webdeploy.ftp.deploy").changed == 1
    inventory = plain.playbooks.folder / "inventory.json"
    hosts = {
        "locked": {"ftp_deploy_password": "wrong-password"},
        "never": {"ftp_deploy_remote": f"{plain.server.url}nowhere"},
        "unknown": {"ftp_deploy_exclude": {"no": "list"}},
        "www": {},
    }
    variables = {**plain.variables, "ansible_python_interpreter": sys.executable}
    inventory.write_text(json.dumps({"all": {"hosts": hosts, "vars": variables}}))
    plain.variables = {}
    report = plain.playbooks.folder / "report.md"
    arguments = ["-i", str(inventory), "-e", "ftp_deploy_hosts=all:!localhost:!shop"]

    server = plain.server
    server.mark()
    run = plain.play("webdeploy.ftp.audit", *arguments, audit_report="report.md")
    assert server.writes() == []
    assert [run.recap(host)["failed"] for host in hosts] == [1, 0, 1, 0], run.output
    text = report.read_text()
    assert " 4 sites, 0 with drift, 2 that could not be looked at." in text
    assert re.search(r"^\| locked \| \*\*failed\*\*: .*530 .*\|", text, re.MULTILINE)
    assert re.search(r"^\| unknown \| \*\*failed\*\*: .*ftp_deploy_exclude.*\|", text, re.MULTILINE)
    assert "| never | never | 0 | 0 | 0 | 0 |" in text
    assert re.search(r"^\| www \| 20\S+Z \| 3 \| 0 \| 0 \| 0 \|$", text, re.MULTILINE)

    times = (server.root / "about.html").stat()
    server.put("index.html", "hacked")
    server.put("about.html", page("ten"))  # as long, as old
    os.utime(server.root / "about.html", ns=(times.st_atime_ns, times.st_mtime_ns))
    (server.root / "news/index.html").unlink()
    server.put("shell`.php", "")
    server.put("uploads/x", "")
    run = plain.play("webdeploy.ftp.audit", *arguments, audit_report=str(report), audit_strict=True,
                     exclude=["/uploads/"])  # fmt: skip
    assert run.recap("www")["failed"] == 1
    assert re.search(r"^\| www \| 20\S+Z \| 3 \| 1 \| 1 \| 1 \|$", report.read_text(), re.MULTILINE)
    run = plain.play("webdeploy.ftp.audit", *arguments, "--limit", "www", audit_report=str(report), audit_drift="deep")
    assert run.returncode == 0
    text = report.read_text()
    assert re.search(r"^\| www \| 20\S+Z \| 3 \| 2 \| 1 \| 2 \|$", text, re.MULTILINE)
    for line in ("* `about.html`", "* `index.html`", "* `news/index.html`", "* `` shell`.php ``", "* `uploads`"):
        assert f"\n{line}\n" in text
    run = plain.play("webdeploy.ftp.audit", *arguments, audit_report="report.html")
    assert [run.recap(host)["failed"] for host in hosts] == [1, 0, 1, 0], run.output
    text = (plain.playbooks.folder / "report.html").read_text()
    assert all(f"<h3>{host}<small>" in text for host in hosts)
    assert "<code>index.html</code>" in text and "530 " in text
    assert server.password not in text
