# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""ftp_deploy_strategy: swap, and what can come between."""

from __future__ import annotations

import re
import typing as t

import pytest
import yaml

from tests.conftest import ROOT
from tests.integration.playbook import Playbooks
from tests.integration.story import snapshot
from tests.integration.website import HEADER, PAGE, PAGES, Site, Web
from tests.servers import Server

NEXT, AWAY = ".ftpsync-next", ".ftpsync-away"

pytestmark = pytest.mark.integration


@pytest.fixture(params=["vsftpd", "proftpd", "pure-ftpd", "pyftpdlib"])
def site(request: pytest.FixtureRequest, ftp_server: t.Callable[..., Server], playbooks: Playbooks) -> Site:
    kind = request.param
    return _site(ftp_server(kind, tls="explicit" if kind == "vsftpd" else None), playbooks)


@pytest.fixture
def plain(ftp_server: t.Callable[..., Server], playbooks: Playbooks) -> Site:
    return _site(ftp_server("pyftpdlib"), playbooks)


def _site(server: Server, playbooks: Playbooks) -> Site:
    made = Site(server, playbooks, "www")
    made.write("one")
    made.variables["ftp_deploy_strategy"] = "swap"
    return made


def slots(site: Site) -> set[str]:
    return {path.name for path in site.server.root.iterdir()}


def test_maintenance_page_goes_along(plain: Site) -> None:
    (plain.playbooks.folder / "closed.html").write_text("version closed ")
    closed: dict[str, t.Any] = {"maintenance_src": "closed.html", "maintenance_path": PAGE}
    assert plain.deploy(**closed).returncode == 0
    assert PAGE not in plain.published()
    plain.write("two")
    with Web(plain.root) as web:
        run = plain.deploy(
            **closed,
            health_url=f"{web.url}/index.html",
            health_headers={HEADER: "yes"},
            health_content="version two",
            before_health_tasks_file=plain.hook(
                "before_health",
                {"ansible.builtin.stat": {"path": str(plain.root / PAGE)}, "register": "up"},
                {"ansible.builtin.assert": {"that": "up.stat.exists"}},
            ),
        )
        assert run.returncode == 0, run.output
        assert re.search(r"Downtime: the maintenance page was up for \d+\.\d s", run.output)
    assert plain.versions() == dict.fromkeys(PAGES, "two")
    assert not (plain.server.root / f"www{NEXT}" / PAGE).exists()


def test_what_visitors_would_miss_stops_the_deployment(plain: Site) -> None:
    assert plain.deploy().returncode == 0
    plain.write("two")
    plain.server.put("www/theirs/a.html", "version theirs ")
    plain.server.put("www/.htpasswd", "version joe ")
    for more in ((), ("--check",)):
        run = plain.deploy(*more, exclude=[".htpasswd"])
        assert "holds what was never published: " in run.reason
        assert "theirs" in run.reason and ".htpasswd" in run.reason
        assert "ftp_deploy_shared_paths" in run.reason and "in_place" in run.reason
    assert plain.versions().get("index.html") == "one"
    run = plain.deploy(exclude=[".htpasswd"], shared_paths=["/theirs/", ".htpasswd"])
    assert run.returncode == 0, run.output
    assert plain.versions()["index.html"] == "two"
    assert plain.versions()["theirs/a.html"] == "theirs"
    assert (plain.root / ".htpasswd").exists()


def test_host_that_cannot_do_it(plain: Site) -> None:
    plain.variables["ftp_deploy_remote"] = plain.server.url
    run = plain.deploy()
    assert "is the root of this login" in run.reason and "ftp_deploy_strategy: in_place" in run.reason
    assert run.reason.endswith("Nothing was published.")
    assert slots(plain) == set()


def test_swap_that_died_is_put_right(plain: Site) -> None:
    for version in ("one", "two"):
        plain.write(version)
        assert plain.deploy().returncode == 0
    (plain.server.root / "www").rename(plain.server.root / f"www{AWAY}")
    before = snapshot(plain.server.root)
    check = plain.deploy("--check")
    assert check.changed == 1  # the rename back, and nothing else: it was the wanted version
    assert snapshot(plain.server.root) == before
    assert plain.deploy().changed == 1
    assert plain.versions() == dict.fromkeys(PAGES, "two")
    assert slots(plain) == {"www", f"www{NEXT}"}
    assert plain.deploy().changed == 0


def test_rollback_playbook(plain: Site) -> None:
    ids = []
    for version in ("one", "two"):
        plain.write(version)
        ids += re.findall(r"ftp_deploy_rollback_id=(\S+?)[\"']", plain.deploy().output)
    assert len(ids) == 2
    listed = plain.play("webdeploy.ftp.rollback", rollback_state="listed")
    assert listed.changed == 0
    assert f"Live: {ids[1]}" in listed.output and f"Beside it: {ids[0]}" in listed.output
    assert plain.play("webdeploy.ftp.rollback", "--check").changed == 1
    assert plain.versions() == dict.fromkeys(PAGES, "two")
    assert plain.play("webdeploy.ftp.rollback", rollback_id=ids[1]).changed == 1
    assert plain.versions() == dict.fromkeys(PAGES, "one")
    assert plain.play("webdeploy.ftp.rollback", rollback_id=ids[1]).changed == 0
    assert plain.play("webdeploy.ftp.rollback").changed == 0
    assert plain.play("webdeploy.ftp.rollback", rollback_state="redone").changed == 1
    assert plain.versions() == dict.fromkeys(PAGES, "two")


def test_from_in_place_and_back(plain: Site) -> None:
    plain.variables["ftp_deploy_strategy"] = "in_place"
    assert plain.deploy().returncode == 0
    plain.variables["ftp_deploy_strategy"] = "swap"
    plain.write("two")
    assert plain.deploy().returncode == 0
    assert plain.deploy("--tags", "ftp_deploy_publish").changed == 0
    plain.variables["ftp_deploy_strategy"] = "in_place"
    assert plain.deploy().changed == 0
    plain.write("three")
    assert plain.deploy().changed == 1
    assert plain.versions() == dict.fromkeys(PAGES, "three")
    plain.variables["ftp_deploy_strategy"] = "swap"
    plain.write("four")
    assert plain.deploy("--tags", "ftp_deploy_publish").changed == 2
    assert plain.versions() == dict.fromkeys(PAGES, "four")


def test_magazine_of_the_readme(plain: Site) -> None:
    text = (ROOT / "roles" / "ftp_deploy" / "README.md").read_text()
    blocks = re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    (magazine,) = (play for block in blocks for play in yaml.safe_load(block) if play.get("hosts") == "magazine")
    (plain.playbooks.folder / "magazine.yml").write_text(yaml.safe_dump([magazine]))
    del plain.variables["ftp_deploy_strategy"]  # the example says it
    arguments = ["-i", "magazine,", "-e", "vault_ftp_password=unused"]
    with Web(plain.root) as web:
        plain.variables["ftp_deploy_health_url"] = f"{web.url}/index.html"
        for version in ("one", "two"):
            plain.write(version)
            run = plain.play(plain.playbooks.folder / "magazine.yml", *arguments)
            assert run.returncode == 0, run.output
            if version == "one":
                plain.server.put("www/uploads/a.html", "version theirs ")
                plain.server.put("www/uploads/cache/b.html", "version theirs ")
    assert plain.versions() == {**dict.fromkeys(PAGES, "two"), "uploads/a.html": "theirs"}
    assert slots(plain) == {"www", f"www{NEXT}"}
