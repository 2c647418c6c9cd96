# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can fail in a deployment by the role ftp_deploy, and how the site is afterwards."""

from __future__ import annotations

import json
import os
import typing as t

import pytest

from tests.integration.playbook import Playbooks
from tests.integration.website import PAGE, PAGES, Site, Web
from tests.servers import Server

pytestmark = pytest.mark.integration


def test_first_deployment_is_rolled_back_to_nothing(plain: Site) -> None:
    run = plain.deploy(health_url="http://127.0.0.1:1/", health_delay=0, health_retries=0)
    assert run.reason.startswith("the site is not well: http://127.0.0.1:1/ did not answer: ")
    assert "(asked 1 times)" in run.reason
    assert "was rolled back" in run.reason
    assert plain.published() == {}


@pytest.mark.real_server
def test_half_a_publication_is_rolled_back(ftp_server: t.Callable[..., Server], playbooks: Playbooks) -> None:
    site = Site(ftp_server("vsftpd"), playbooks)
    site.write("one")
    assert site.deploy().changed == 1
    os.chown(site.server.root / "news", 0, 0)  # no page in there can be replaced any more
    site.write("two")
    run = site.deploy()
    assert "news/index.html" in run.reason
    assert run.reason.endswith(" was rolled back; the site is as it was before.")
    assert site.versions() == dict.fromkeys(PAGES, "one")


def test_without_backups_nothing_is_rolled_back(plain: Site) -> None:
    with Web(plain.server.root) as web:
        run = plain.deploy(backups=0, health_url=f"{web.url}/nothing", health_delay=0, health_retries=0)
    assert "answered 404 instead of 200" in run.reason
    assert run.reason.endswith(
        "What was published stays, since there is no backup set to roll back to; ftp_deploy_backups makes them."
    )
    assert plain.versions() == dict.fromkeys(PAGES, "one")


def test_failing_hooks(plain: Site) -> None:
    """Up to the health check they undo the publication, afterwards they don't; the failure is told either way."""
    fail = {"ansible.builtin.fail": {"msg": "on purpose"}}
    tell = {
        "ansible.builtin.copy": {"content": "{{ ftp_deploy_failure | to_json }}", "dest": "{{ playbook_dir }}/told"}
    }
    told = plain.playbooks.folder / "told"
    (plain.playbooks.folder / "closed.html").write_text("version closed ")
    hooks = {
        "on_failure_tasks_file": plain.hook("on_failure", tell),
        "notify_tasks_file": plain.hook("notify"),
        "maintenance_src": "closed.html",
    }
    assert plain.deploy().changed == 1
    plain.write("two")

    run = plain.deploy(**hooks, after_publish_tasks_file=plain.hook("after_publish", fail))
    assert run.reason.startswith("ansible.builtin.fail: on purpose. The publication ")
    assert run.reason.endswith("rolled back; the site is as it was before.")
    assert plain.versions() == dict.fromkeys(PAGES, "one")  # without the maintenance page
    assert plain.log() == ["after_publish", "on_failure", "notify"]
    assert json.loads(told.read_text()) == {
        "reason": "ansible.builtin.fail: on purpose",
        "rolled_back": True,
        "rollback_error": "",
    }

    run = plain.deploy(**hooks, after_stage_tasks_file=plain.hook("after_stage", fail))
    assert run.reason == "ansible.builtin.fail: on purpose. Nothing was published."
    assert plain.versions() == dict.fromkeys(PAGES, "one")
    plain.log()

    run = plain.deploy(**hooks, before_cleanup_tasks_file=plain.hook("before_cleanup", fail))
    assert run.reason == "ansible.builtin.fail: on purpose. The new version is published, and stays."
    assert plain.versions() == dict.fromkeys(PAGES, "two")
    assert plain.log() == ["before_cleanup", "on_failure", "notify"]

    (plain.playbooks.folder / "hooks" / "no-tasks.yml").write_text("no: tasks")
    run = plain.deploy(build_tasks_file="hooks/no-tasks.yml")
    assert run.reason == (
        "one of the files with tasks that ftp_deploy_*_tasks_file names cannot be included. Nothing was published."
    )
    assert "must contain a list of tasks" in run.output

    plain.write("three")
    run = plain.deploy(on_failure_tasks_file=plain.hook("on_failure", fail), health_url="http://127.0.0.1:1/",
                       health_retries=0)  # fmt: skip
    assert "was rolled back" in run.reason  # the hook's own failure does not hide it


def test_site_that_cannot_be_rolled_back_stays_behind_the_page(plain: Site) -> None:
    (plain.playbooks.folder / "closed.html").write_text("version closed ")
    assert plain.deploy().changed == 1
    plain.write("two")
    backups = str(plain.server.root / ".ftpsync" / "backup")
    lose = {"ansible.builtin.file": {"path": backups, "state": "absent"}}
    run = plain.deploy(
        maintenance_src="closed.html",
        after_publish_tasks_file=plain.hook("after_publish", lose, {"ansible.builtin.fail": {"msg": "on purpose"}}),
    )
    assert "could not be rolled back: " in run.reason
    assert plain.versions() == {**dict.fromkeys(PAGES, "two"), PAGE: "closed"}
    assert plain.deploy(maintenance_src="closed.html").returncode == 0
    assert plain.versions() == dict.fromkeys(PAGES, "two")
