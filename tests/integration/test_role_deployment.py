# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role ftp_deploy deploys: all of its steps, in their order, by tags, and with two variables set."""

from __future__ import annotations

import json
import re
import typing as t

import pytest

from tests.integration.story import snapshot
from tests.integration.website import HEADER, HOOKS, PAGE, PAGES, Site, Web

pytestmark = pytest.mark.integration


def test_two_variables_are_enough(plain: Site) -> None:
    login = f"{plain.server.username}:{plain.server.password}@"
    plain.variables = {
        "ftp_deploy_local": "site",
        "ftp_deploy_remote": plain.server.url.replace("://", f"://{login}"),
    }
    foretold = plain.deploy("--check", "--diff")
    assert foretold.changed == 1
    assert "Would publish 3 files" in foretold.output
    assert plain.published() == {}
    done = plain.deploy("-vvv")
    assert done.changed == 1
    assert "Published 3 files" in done.output
    assert plain.server.password not in done.output
    assert plain.versions() == dict.fromkeys(PAGES, "one")
    again = plain.deploy()
    assert again.changed == 0
    assert "Nothing to publish: all 3 files are there" in again.output


def test_whole_deployment(site: Site) -> None:
    """All variables at once: check, for real, again; then an edit and a deletion, the same way."""
    server = site.server
    (site.playbooks.folder / "closed.html").write_text("version closed ")
    site.write("one", "notes.map", "uploads/seed.html")
    server.put("uploads/theirs.html", "version theirs ")
    wanted = {
        "backups": 2,
        "delete": True,
        "exclude": ["*.map"],
        "protect": ["/uploads/"],
        "strategy": "in_place",
        "report": "report.json",
        "purge_paths": ["cache", "tmp/old.html"],
        "maintenance_src": "closed.html",
        "maintenance_path": PAGE,
        "health_status": [418, 200],
        "health_content": "version one",
        "health_headers": {HEADER: "yes"},
        "health_retries": 1,
        "health_delay": 0,
        "health_timeout": 5,
        "health_validate_certs": False,
        **{f"{name}_tasks_file": site.hook(name) for name in HOOKS},
        "on_failure_tasks_file": site.hook("on_failure"),
    }
    # In the middle of it the page is up, and the plan is known.
    look = {"ansible.builtin.stat": {"path": str(server.root / PAGE)}, "register": "up", "check_mode": False}
    known = "ftp_deploy_plan.operations | map(attribute='path') | list"
    sure = {"ansible.builtin.assert": {"that": ["up.stat.exists or ansible_check_mode", f"'index.html' in ({known})"]}}
    site.hook("before_publish", look, sure)
    web = Web(server.root)
    with web:
        wanted["health_url"] = f"{web.url}/index.html"

        before = snapshot(server.root)
        server.mark()
        foretold = site.deploy("--check", "--diff", **wanted)
        assert foretold.returncode == 0, foretold.output
        assert f"Would ask {web.url}/index.html" in foretold.output
        assert server.writes() == []
        assert snapshot(server.root) == before
        assert site.log() == []
        report = site.playbooks.folder / "report.json"
        assert not report.exists()

        server.put("cache/a/b.html", "version old ")
        server.put("tmp/old.html", "version old ")
        done = site.deploy(**wanted)
        assert done.returncode == 0, done.output
        assert site.log() == HOOKS
        assert "news/index.html" in json.loads(report.read_text())["uploaded"]
        expected = {**dict.fromkeys(PAGES, "one"), "uploads/seed.html": "one", "uploads/theirs.html": "theirs"}
        assert site.versions() == expected
        assert "answered 200" in done.output
        assert "ansible-playbook webdeploy.ftp.rollback -l shop -e ftp_deploy_rollback_id=" in done.output

        site.hook("before_publish")
        quiet = {name: value for name, value in wanted.items() if not name.endswith("_tasks_file")}
        again = site.deploy(**quiet)
        assert again.changed == 0

        site.write("two")
        (site.local / "about.html").unlink()
        (site.local / "uploads/seed.html").unlink()
        quiet["health_content"] = "version two"
        server.put("cache/c.html", "version old ")
        foretold = site.deploy("--check", **quiet)
        second = site.deploy(**quiet)
        # the page is taken down again, which check mode, where it was never up, cannot foretell
        assert foretold.changed == second.changed - 1
        del expected["about.html"]
        expected.update(dict.fromkeys(("index.html", "news/index.html"), "two"))
        assert site.versions() == expected
        assert (server.root / "tmp").is_dir()  # only its file was named

        kept = site.deploy(**{**quiet, "delete": False, "backups": 0})
        assert kept.changed == 0


def test_content_is_sent_before_the_page_goes_up(plain: Site) -> None:
    """So the page is up while files are renamed, not while they are sent. Nothing is sent twice."""
    (plain.playbooks.folder / "closed.html").write_text("version closed ")
    closed = {"maintenance_src": "closed.html"}
    assert plain.deploy().changed == 1
    plain.write("two")
    foretold = plain.deploy("--check", **closed)
    assert (
        "Expected downtime: the maintenance page, while files are renamed; what is sent is sent before"
        in foretold.output
    )
    plain.server.mark()
    done = plain.deploy(**closed)
    assert re.search(r"Downtime: the maintenance page was up for \d+\.\d s", done.output)
    commands = plain.server.commands()
    sent = [n for n, line in enumerate(commands) if line.startswith("STOR") and "/stage/" in line]
    up = next(n for n, line in enumerate(commands) if line.startswith("RNTO") and line.endswith(f"/{PAGE}"))
    renamed = [n for n, line in enumerate(commands) if line.startswith("RNTO") and line.endswith("/index.html")]
    assert len(sent) == len(PAGES)
    assert max(sent) < up < min(renamed)
    assert plain.versions() == dict.fromkeys(PAGES, "two")

    # Where everything is renamed at once there is no stage to send to.
    plain.write("three")
    done = plain.deploy(**closed, options={**plain.variables["ftp_deploy_options"], "publish": "direct"})
    assert done.returncode == 0, done.output
    assert plain.versions() == dict.fromkeys(PAGES, "three")


def test_visitors_must_get_this_build(plain: Site) -> None:
    """Whatever the front page says: an old build that is still shown, by a cache, is not the one that was published."""
    cached = plain.server.root.parent / "cached"
    cached.mkdir()
    (cached / "index.html").write_text("version one ")
    (cached / "build.txt").write_text("aaa111")
    asked: dict[str, t.Any] = {"health_build_file": "build.txt", "health_retries": 1, "health_delay": 0}
    (plain.local / "build.txt").write_text("aaa111\n")
    with Web(plain.server.root) as web, Web(cached) as cache:
        assert plain.deploy("--check", **asked, health_url=web.url).changed == 1
        run = plain.deploy(**asked, health_url=web.url)
        assert run.changed == 1
        assert f"The site is well: {web.url} answered 200, and build.txt is that of this build" in run.output
        assert plain.deploy(**asked, health_url=f"{cache.url}/index.html?x=/y/").changed == 0
        plain.write("two")
        (plain.local / "build.txt").write_text("bbb222\n")
        run = plain.deploy(**asked, health_url=f"{cache.url}/index.html")
        assert run.reason.startswith(
            f"the site is not well: {cache.url}/build.txt does not show this build (asked 2 times). The publication "
        )
        assert run.reason.endswith(" was rolled back; the site is as it was before.")
        assert plain.published()["build.txt"] == b"aaa111\n"
        run = plain.deploy(**asked, health_url=f"{web.url}/news/index.html")
        assert "/news/build.txt does not show this build" in run.reason
        assert plain.deploy(**asked, health_url=f"{web.url}/index.html").changed == 1
        (plain.local / "build.txt").unlink()
        run = plain.deploy(**asked, health_url=f"{web.url}/index.html")
        assert "build.txt" in run.reason and "was rolled back" in run.reason


def test_shared_paths_belong_to_no_version(plain: Site) -> None:
    """Nothing is sent there, replaced or deleted, not even what was published before they were named."""
    plain.write("one", "uploads/seed.html")
    assert plain.deploy().changed == 1
    plain.server.put("uploads/theirs.html", "version theirs ")
    plain.write("two", "uploads/seed.html", "uploads/new.html")
    shared = {"shared_paths": ["/uploads/", ".well-known"], "options": {"delete_unmanaged": True}}
    plain.server.put(".well-known/x.html", "version theirs ")
    run = plain.deploy(**shared)
    assert run.changed == 1
    kept = {"uploads/seed.html": "one", "uploads/theirs.html": "theirs", ".well-known/x.html": "theirs"}
    assert plain.versions() == {**dict.fromkeys(PAGES, "two"), **kept}
    (plain.local / "uploads/seed.html").unlink()
    assert plain.deploy(**shared).changed == 0
    assert plain.versions() == {**dict.fromkeys(PAGES, "two"), **kept}


def test_tags(plain: Site) -> None:
    hooks = {f"{name}_tasks_file": plain.hook(name) for name in HOOKS}
    unreachable = {"health_url": "http://127.0.0.1:1/"}
    listed = plain.deploy("--list-tags").output
    steps = ("build", "stage", "maintenance", "publish", "health", "cleanup", "notify")
    assert all(f"ftp_deploy_{step}" in listed for step in steps)
    assert plain.deploy("--tags", "somebody_elses", **hooks, **unreachable).changed == 0
    assert plain.log() == []
    run = plain.deploy("--tags", "ftp_deploy_build,ftp_deploy_notify", **hooks, **unreachable)
    assert run.returncode == 0
    assert plain.log() == ["before_build", "build", "after_build", "notify"]
    assert plain.published() == {}
    run = plain.deploy("--skip-tags", "ftp_deploy_health", **hooks, **unreachable)
    assert run.returncode == 0
    assert plain.log() == [name for name in HOOKS if "health" not in name]
    assert plain.versions() == dict.fromkeys(PAGES, "one")


def test_defaults_of_a_module_group_reach_all_tasks(plain: Site) -> None:
    """A fleet says once what all accounts have in common."""
    playbook = plain.playbooks.folder / "deploy.yml"
    login = {name: plain.variables.pop(f"ftp_deploy_{name}") for name in ("username", "password")}
    play = {
        "hosts": "shop",
        "gather_facts": False,
        "module_defaults": {"group/webdeploy.ftp.all": {**login, "connections": 1}},
        "roles": [{"role": "webdeploy.ftp.ftp_deploy"}],
    }
    playbook.write_text(json.dumps([play]))
    (plain.playbooks.folder / "closed.html").write_text("version closed ")
    run = plain.play(playbook, maintenance_src="closed.html", purge_paths=["cache"])
    assert run.returncode == 0, run.output
    assert plain.versions() == dict.fromkeys(PAGES, "one")
