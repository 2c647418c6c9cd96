# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role ftp_deploy and the collection's playbooks, as users run them, while visitors look at the site."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.integration.playbook import Playbooks
from tests.integration.story import snapshot
from tests.integration.website import HEADER, PAGE, PAGES, Site, Web, page
from tests.servers import Server

ROLE = ROOT / "roles" / "ftp_deploy"
SPECS = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]
DEFAULTS = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
VARIABLES = {name for spec in SPECS.values() for name in spec["options"]}

pytestmark = pytest.mark.integration


@pytest.fixture(params=["vsftpd", "pyftpdlib"])
def site(request: pytest.FixtureRequest, ftp_server: t.Callable[..., Server], playbooks: Playbooks) -> Site:
    """vsftpd with TLS, whose certificate has to be named in ftp_deploy_options; and pyftpdlib without."""
    kind = request.param
    made = Site(ftp_server(kind, tls="explicit" if kind == "vsftpd" else None), playbooks)
    made.write("one")
    return made


@pytest.fixture
def plain(ftp_server: t.Callable[..., Server], playbooks: Playbooks) -> Site:
    """On the simplest server, for what does not depend on servers."""
    made = Site(ftp_server("pyftpdlib"), playbooks)
    made.write("one")
    return made


# ------------------------------------------------------------------ variables


def test_defaults_are_those_of_the_documentation() -> None:
    documented = {
        name: option["default"]
        for spec in SPECS.values()
        for name, option in spec["options"].items()
        if "default" in option
    }
    assert documented == DEFAULTS
    required = {name for name in VARIABLES if name not in DEFAULTS}
    assert required == {"ftp_deploy_local", "ftp_deploy_remote"}
    for spec in SPECS.values():
        for name, option in spec["options"].items():
            assert name.startswith("ftp_deploy_")
            assert option["description"]
            assert option.get("required", False) is (name in required)


def test_every_variable_is_used_documented_and_tested() -> None:
    code = "".join(path.read_text() for path in ROLE.rglob("*") if path.parent.name in ("tasks", "vars", "templates"))
    readme = (ROLE / "README.md").read_text()
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_role*.py"))
    for name in VARIABLES:
        one_choice = len(SPECS["main"]["options"].get(name, {}).get("choices", "")) == 1
        assert one_choice or re.search(rf"\b{name}\b", code), f"{name} is not used"
        assert re.search(rf"\b{name}\b", readme), f"{name} is not in the README"
        short = name.replace("ftp_deploy_", "", 1)
        hook = re.fullmatch(r"(\w+)_tasks_file", short)
        assert re.search(rf"\b({name}|{short})\b", tests) or (hook and hook[1] in HOOKS), f"{name} is not tested"


def test_options_of_the_modules_are_known() -> None:
    from ansible_collections.webdeploy.ftp.plugins.module_utils._common import connection_spec
    from ansible_collections.webdeploy.ftp.plugins.modules import ftp_sync

    internal = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())
    shared = set(connection_spec()) - {"remote", "username", "password"} | {"state_dir"}
    assert set(internal["__ftp_deploy_connection_options"]) == shared
    own = internal["__ftp_deploy_own_options"]
    assert set(own) <= {*ftp_sync.ARGUMENTS, *connection_spec()}
    assert set(own.values()) <= VARIABLES


WRONG: dict[str, tuple[dict[str, t.Any], str]] = {
    "no_local": ({"local": None}, "ftp_deploy_local"),
    "empty_local": ({"local": ""}, "ftp_deploy_local is empty; it is the folder to publish"),
    "no_remote": ({"remote": None}, "missing required arguments: ftp_deploy_remote"),
    "empty_remote": ({"remote": ""}, "ftp_deploy_remote is empty; it is the URL"),
    "exclude": ({"exclude": {"a": 1}}, "argument 'ftp_deploy_exclude' is of type dict"),
    "protect": ({"protect": {"a": 1}}, "argument 'ftp_deploy_protect' is of type dict"),
    "delete": ({"delete": "maybe"}, "argument 'ftp_deploy_delete' is of type str"),
    "backups": ({"backups": "many"}, "argument 'ftp_deploy_backups' is of type str"),
    "strategy": ({"strategy": "blue"}, "value of ftp_deploy_strategy must be one of: in_place, swap, got: blue"),
    "shared": ({"shared_paths": {"a": 1}}, "argument 'ftp_deploy_shared_paths' is of type dict"),
    "shared_pattern": ({"shared_paths": ["uploads/*"]}, 'ftp_deploy_shared_paths: "uploads/*" is no path in the site'),
    "shared_root": ({"shared_paths": ["/"]}, 'ftp_deploy_shared_paths: "" is no path in the site'),
    "shared_above": ({"shared_paths": ["a/../../b"]}, 'ftp_deploy_shared_paths: "a/../../b" is no path in the site'),
    "swap_protect": ({"strategy": "swap", "protect": ["x"]}, "ftp_deploy_protect: with ftp_deploy_strategy: swap"),
    "swap_delete": ({"strategy": "swap", "delete": False}, "ftp_deploy_delete: with ftp_deploy_strategy: swap"),
    "swap_record": ({"strategy": "swap", "options": {"record": "none"}}, "record is always server"),
    "prepare": ({"options": {"publish": "prepare"}}, "publish: prepare publishes nothing"),
    "purge_paths": ({"purge_paths": {"a": 1}}, "argument 'ftp_deploy_purge_paths' is of type dict"),
    "options": ({"options": ["delete"]}, "argument 'ftp_deploy_options' is of type list"),
    "doubled": ({"options": {"delete": False}}, "ftp_deploy_options: set ftp_deploy_delete instead of delete"),
    "direction": ({"options": {"direction": "download"}}, "ftp_deploy_options: direction is always upload"),
    "health_status": ({"health_status": ["well"]}, "ftp_deploy_health_status"),
    "health_headers": ({"health_headers": ["a"]}, "argument 'ftp_deploy_health_headers' is of type list"),
    "health_retries": ({"health_retries": "often"}, "argument 'ftp_deploy_health_retries' is of type str"),
    "health_delay": ({"health_delay": "long"}, "argument 'ftp_deploy_health_delay' is of type str"),
    "health_timeout": ({"health_timeout": "long"}, "argument 'ftp_deploy_health_timeout' is of type str"),
    "validate_certs": ({"health_validate_certs": "x"}, "argument 'ftp_deploy_health_validate_certs' is of type str"),
    "maintenance_path": ({"maintenance_path": "/etc/x"}, "ftp_deploy_maintenance_path: "),
}


def test_wrong_values_are_refused_before_anything_happens(plain: Site) -> None:
    right = {name: value for name, value in plain.variables.items() if name != "ftp_deploy_options"}
    right["ftp_deploy_build_tasks_file"] = plain.hook("build")
    hosts: dict[str, t.Any] = {}
    for host, (wrong, _message) in WRONG.items():
        named = {f"ftp_deploy_{name}": value for name, value in wrong.items()}
        hosts[host] = {name: value for name, value in {**right, **named}.items() if value is not None}
    inventory = plain.playbooks.folder / "inventory.json"
    inventory.write_text(json.dumps({"all": {"hosts": hosts}}))
    plain.variables = {}
    run = plain.play("webdeploy.ftp.deploy", "-i", str(inventory), "-e", "ftp_deploy_hosts=all:!localhost:!shop")
    assert run.returncode != 0
    for host, (_wrong, message) in WRONG.items():
        assert run.recap(host)["failed"] == 1, run.output
        (said,) = re.findall(rf"^fatal: \[{host}(?: -> [^]]*)?\]: .*$", run.output, re.MULTILINE)
        assert message in said.replace('\\"', '"'), host
    assert plain.log() == []
    assert plain.server.commands() == []


# ------------------------------------------------------------------ a deployment


HOOKS = [
    "before_build",
    "build",
    "after_build",
    "before_stage",
    "after_stage",
    "before_publish",
    "after_publish",
    "before_health",
    "after_health",
    "before_cleanup",
    "after_cleanup",
    "notify",
]


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


# ------------------------------------------------------------------ failures


def test_site_that_is_not_well_is_rolled_back(site: Site) -> None:
    site.write("one", "old.html")
    web = Web(site.server.root)
    web.visit()
    with web:
        health: dict[str, t.Any] = {"health_url": f"{web.url}/index.html", "health_delay": 0, "health_retries": 1}
        first = site.deploy(**health)
        assert first.returncode == 0, first.output
        site.write("two", "new.html")
        (site.local / "old.html").unlink()
        health["health_content"] = "version three"
        run = site.deploy(**health)
        assert run.reason.startswith(
            f'the site is not well: {web.url}/index.html answered without "version three" (asked 2 times).'
            " The publication 20"
        )
        assert run.reason.endswith(" was rolled back; the site is as it was before.")
        assert run.recap()["failed"] == 1
        assert site.versions() == {**dict.fromkeys(PAGES, "one"), "old.html": "one"}

        # What was rolled back is deployed by the next run, and as if nothing had happened.
        health["health_content"] = "version two"
        assert site.deploy(**health).returncode == 0
        assert site.versions() == {**dict.fromkeys(PAGES, "two"), "new.html": "two"}
        assert site.deploy(**health).changed == 0
    assert web.seen.total() > 100
    assert {(status, version) for _path, status, version in web.seen} <= {
        (200, "one"),
        (200, "two"),
        (404, ""),  # before the first deployment, and for the moment between two renames
    }
    assert web.seen["index.html", 200, "two"] > 0


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

    run = plain.deploy(build_tasks_file="hooks/nobody-wrote-this.yml")
    assert run.reason == (
        "one of the files with tasks that ftp_deploy_*_tasks_file names cannot be included. Nothing was published."
    )
    assert "hooks/nobody-wrote-this.yml" in run.output

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


# ------------------------------------------------------------------ playbooks


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


# ------------------------------------------------------------------ fleets


ACCOUNTS = int(os.environ.get("FLEET_ACCOUNTS", "24"))


def fleet(site: Site, number: int, **odd: dict[str, t.Any]) -> list[str]:
    """Arguments for a playbook with an inventory of accounts on one server, some of them odd ones."""
    hosts = {f"site{n:03}": {"ftp_deploy_remote": f"{site.server.url}accounts/{n:03}"} for n in range(1, number + 1)}
    for host, variables in odd.items():
        hosts[host].update(variables)
    variables = {**site.variables, "ansible_python_interpreter": sys.executable}
    inventory = site.playbooks.folder / "fleet.json"
    inventory.write_text(json.dumps({"all": {"hosts": hosts, "vars": variables}}))
    site.variables = {}
    return ["-i", str(inventory), "-e", "ftp_deploy_hosts=all:!localhost:!shop"]


def deployed(site: Site) -> list[str]:
    return sorted(path.parent.name for path in site.server.root.glob("accounts/*/index.html"))


@pytest.fixture
def full_disk(plain: Site) -> t.Iterator[Path]:
    """A folder of an account that has room for a part of the site: a small file system of its own."""
    folder = plain.server.root / "accounts" / "013"
    folder.mkdir(parents=True)
    # Our own record fits, and one of three pages of some 200 kB.
    mount = ["mount", "-t", "tmpfs", "-o", "size=320k,mode=0777", "none", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system can be mounted by root only")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_fleet_with_one_wrong_password_and_one_full_disk(plain: Site, full_disk: Path) -> None:
    arguments = fleet(plain, ACCOUNTS, site007={"ftp_deploy_password": "not-the-password"})
    run = plain.play("webdeploy.ftp.deploy", *arguments, "--forks", "20")
    assert run.returncode != 0
    assert deployed(plain) == [f"{n:03}" for n in range(1, ACCOUNTS + 1) if n not in (7, 13)]
    failed = [n for n in range(1, ACCOUNTS + 1) if run.recap(f"site{n:03}")["failed"]]
    assert failed == [7, 13]
    reasons = {}
    for host in ("site007", "site013"):
        (said, *_more) = re.findall(rf"^fatal: \[{host}(?: -> [^]]*)?\]: .*$", run.output, re.MULTILINE)
        reasons[host] = said
    assert "refused user" in reasons["site007"] and "530" in reasons["site007"]
    assert "No space left on device" in reasons["site013"] or "operations failed" in reasons["site013"]
    # Not one page of a site that does not fit is published; once there is room, the same play deploys it.
    assert [path.name for path in full_disk.iterdir()] == [".ftpsync"]
    subprocess.run(["mount", "-o", "remount,size=4m", str(full_disk)], check=True)
    run = plain.play("webdeploy.ftp.deploy", *arguments, "--limit", "site013")
    assert run.recap("site013")["changed"] == 1, run.output
    assert "013" in deployed(plain)


def test_canary_that_fails_stops_the_rollout(plain: Site) -> None:
    arguments = fleet(
        plain, 6, site002={"ftp_deploy_health_url": "http://127.0.0.1:1/", "ftp_deploy_health_retries": 0}
    )
    run = plain.play("webdeploy.ftp.deploy", *arguments, serial=[1, 2, "100%"], max_fail_percentage=0, throttle=1)
    assert "the site is not well" in run.reason
    assert deployed(plain) == ["001", "003"]  # the second batch was rolled back in part, the third never began


# ------------------------------------------------------------------ what the documentation shows


def examples(document: str) -> list[t.Any]:
    """The YAML in a page of documentation, parsed."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", (ROOT / document).read_text(), re.MULTILINE | re.DOTALL)
    return [yaml.safe_load(block) for block in blocks]


def plays(document: str) -> list[list[dict[str, t.Any]]]:
    return [block for block in examples(document) if isinstance(block, list) and "hosts" in block[0]]


def test_ten_lines_of_the_readme(plain: Site) -> None:
    """A newcomer's way: deploy the example's site, break it, see it rolled back."""
    playbook = plain.playbooks.folder / "deploy.yml"
    (ten,) = (block for block in plays("roles/ftp_deploy/README.md") if block[0]["hosts"] == "www.example.com")
    assert len(yaml.safe_dump(ten, width=1000).splitlines()) <= 10
    playbook.write_text(yaml.safe_dump(ten))
    shutil.rmtree(plain.local)
    shutil.copytree(ROOT / "examples" / "demo" / "site", plain.local)
    arguments = ["-i", "www.example.com,", "-e", "vault_ftp_password=unused"]
    with Web(plain.server.root) as web:
        plain.variables["ftp_deploy_health_url"] = f"{web.url}/index.html"
        run = plain.play(playbook, *arguments)
        assert run.recap("www.example.com")["changed"] == 1
        before = plain.published()
        (plain.local / "index.html").unlink()
        run = plain.play(playbook, *arguments, "-e", "ftp_deploy_health_delay=0")
        assert "answered 404 instead of 200" in run.reason
        assert "was rolled back" in run.reason
    assert plain.published() == before


def test_shop_of_the_readme(plain: Site) -> None:
    (shop,) = (block for block in plays("roles/ftp_deploy/README.md") if block[0]["hosts"] == "shop")
    (notify,) = (block for block in examples("roles/ftp_deploy/README.md") if "ansible.builtin.uri" in block[0])
    folder = plain.playbooks.folder
    (folder / "deploy.yml").write_text(yaml.safe_dump(shop))
    (folder / "closed.html").write_text("version closed ")
    (folder / "tasks").mkdir()
    (folder / "tasks" / "notify.yml").write_text(yaml.safe_dump(notify))
    work = "mkdir -p build && cp -r site/. build && echo {{ build }} > build/version.txt"
    build = [{"ansible.builtin.shell": {"cmd": work, "chdir": str(folder)}}]
    (folder / "tasks" / "build.yml").write_text(json.dumps(build))
    del plain.variables["ftp_deploy_local"], plain.variables["ftp_deploy_options"]
    with Web(plain.server.root) as web:
        plain.variables["ftp_deploy_health_url"] = f"{web.url}/version.txt"
        wanted = {"chat_webhook": f"{web.url}/hook", "vault_ftp_password": "unused", "ansible_connection": "local"}
        for build_id in ("aaa111", "bbb222"):
            run = plain.play(folder / "deploy.yml", "-e", json.dumps({**wanted, "build": build_id}))
            assert run.returncode == 0, run.output
            assert plain.published()["version.txt"] == f"{build_id}\n".encode()
        wanted["ftp_deploy_health_content"] = "ccc333"
        wanted["ftp_deploy_health_delay"] = 0
        run = plain.play(folder / "deploy.yml", "-e", json.dumps({**wanted, "build": "ddd444"}))
    assert "was rolled back" in run.reason
    assert plain.published()["version.txt"] == b"bbb222\n"
    assert PAGE not in plain.published()
    texts = [told["text"] for told in web.told]
    assert texts[:2] == ["shop: 4 files published", "shop: 1 files published"]
    assert texts[2].startswith("shop: the site is not well: ")


def test_example_of_a_fleet(plain: Site) -> None:
    """examples/fleet, with a real vault; and all playbooks of docs/fleet.md are those in it, or run as well."""
    folder = plain.playbooks.folder
    example = folder / "fleet"
    shutil.copytree(ROOT / "examples" / "fleet", example)
    shutil.copytree(ROOT / "examples" / "demo", folder / "demo")
    shown = examples("docs/fleet.md")
    for file in ("inventory.yml", "rollout.yml"):
        assert yaml.safe_load((example / file).read_text()) in shown
    common = yaml.safe_load((example / "group_vars/websites/main.yml").read_text())
    assert {name: value for name, value in common.items() if name.startswith("ftp_")} in shown

    hosts = ["bakery", "florist", "garage", "school", "theatre"]
    vault = example / "group_vars/websites/vault.yml"
    vault.write_text(json.dumps({"vault_ftp_passwords": dict.fromkeys(hosts, plain.server.password)}))
    (folder / "key").write_text("open sesame")
    program = str(Path(sys.executable).parent / "ansible-vault")
    subprocess.run([program, "encrypt", "--vault-password-file", str(folder / "key"), str(vault)], check=True,
                   env={**os.environ, "HOME": str(folder)})  # fmt: skip
    assert plain.server.password not in vault.read_text()

    with Web(plain.server.root) as web:
        plain.variables = {}
        here = {
            "hoster_one": plain.server.url.rstrip("/"),
            "hoster_two": plain.server.url.rstrip("/"),
            "website": f"{web.url}{{{{ ftp_deploy_remote | urlsplit('path') }}}}",
            "ftp_deploy_username": plain.server.username,
            "ftp_deploy_hosts": "websites",
        }
        arguments = [
            *("-i", str(example / "inventory.yml"), "-e", json.dumps(here)),
            *("--vault-password-file", str(folder / "key")),
        ]
        run = plain.play(example / "rollout.yml", *arguments)
        assert run.returncode == 0, run.output
        assert [run.recap(host)["changed"] for host in hosts] == [1] * 5
        assert run.output.count("answered 200") == 4
        assert plain.server.password not in run.output

        others = [block for block in plays("docs/fleet.md") if "throttle" not in block[0]]
        assert others
        for block in others:
            (example / "other.yml").write_text(yaml.safe_dump(block))
            run = plain.play(example / "other.yml", *arguments)
            assert [run.recap(host)["changed"] for host in hosts] == [0] * 5

        run = plain.play("webdeploy.ftp.audit", *arguments)
        assert run.returncode == 0, run.output
        assert " 5 sites, 0 with drift, 0 that could not be looked at." in (folder / "ftp-audit.md").read_text()
