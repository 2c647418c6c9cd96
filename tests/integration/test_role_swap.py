# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""ftp_deploy_strategy: swap, while visitors look at the site: they get one version or the other, whole."""

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


@pytest.mark.timeout(900)  # nine playbooks, while visitors take their share of the processor
def test_versions_change_places_while_visitors_look(site: Site) -> None:
    """Check, for real, again; an edit; a version that is not well; what visitors had put there stays."""
    site.variables["ftp_deploy_shared_paths"] = ["uploads"]
    web = Web(site.root)
    before = snapshot(site.server.root)
    foretold = site.deploy("--check", "--diff")
    assert foretold.changed > 0
    assert "Would publish 3 files" in foretold.output
    assert "Expected downtime: the time between two commands" in foretold.output
    assert snapshot(site.server.root) == before
    assert site.deploy().changed == 2  # sent, and made the live one
    assert site.deploy().changed == 0
    site.server.put("www/uploads/theirs.html", "version theirs ")
    web.visit()
    with web:
        health: dict[str, t.Any] = {"health_url": f"{web.url}/index.html", "health_delay": 0, "health_retries": 0}
        site.write("two", "new.html")
        (site.local / "about.html").unlink()
        site.write("two", "uploads/not-sent.html")
        (site.local / "about.html").unlink()
        assert site.deploy("--check", **health).changed > 0
        done = site.deploy(**health)
        assert done.changed == 2
        assert re.search(r"Downtime: less than \d+\.\d{3} s", done.output)
        expected = {"index.html": "two", "news/index.html": "two", "new.html": "two", "uploads/theirs.html": "theirs"}
        assert site.versions() == expected
        assert site.deploy(**health).changed == 0

        site.write("three")
        health["health_content"] = "version four"
        run = site.deploy(**health)
        assert run.reason.startswith("the site is not well: ")
        assert run.reason.endswith(" was rolled back; the site is as it was before.")
        assert site.versions() == expected
        health["health_content"] = "version three"
        server = site.server
        server.mark()
        assert site.deploy(**health).changed == 1  # nothing is sent anew
        assert not [line for line in server.commands() if line.startswith("STOR") and "/stage/" in line]
        assert site.versions() == {
            **dict.fromkeys(PAGES, "three"),
            "new.html": "two",
            "uploads/theirs.html": "theirs",
        }
    assert web.seen.total() > 50
    assert {(status, version) for path, status, version in web.seen if path != "about.html"} <= {
        (200, "one"),
        (200, "two"),
        (200, "three"),
        (404, ""),
    }
    # Never a page of one version after a page of another, but for the version that was taken back.
    assert web.order in (["one", "two", "three"], ["one", "two", "three", "two", "three"]), web.order
    gaps = [seconds for path, seconds in web.gaps if path != "about.html"]  # which one version does not have
    longest = max(gaps, default=0.0)
    print(f"{web.seen.total()} visits; a page was not found {len(gaps)} times, for {longest:.3f} s at most")
    assert slots(site) == {"www", "www" + NEXT}
    assert not list(site.server.root.glob("*/.ftpsync/lock*"))


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
