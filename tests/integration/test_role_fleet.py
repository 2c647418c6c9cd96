# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many accounts at once, and what docs/fleet.md shows."""

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
from tests.integration.documents import examples, plays
from tests.integration.website import Site, Web

pytestmark = pytest.mark.integration


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
