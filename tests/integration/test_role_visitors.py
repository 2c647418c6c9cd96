# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What visitors get to see while the role deploys, rolls back and swaps: whole pages, by nginx, on real servers."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.integration.documents import ten_lines
from tests.integration.playbook import Playbooks
from tests.integration.story import snapshot
from tests.integration.visitors import Visitor
from tests.integration.website import PAGES, Run, Site, version_of
from tests.servers import CannotStart, Server
from tests.servers.fetch import fetch
from tests.servers.fixtures import skip_or_fail

StartServer = t.Callable[..., Server]
StartWebsite = t.Callable[..., str]
Measured = t.Callable[[str, object], None]

IN_ALL_VERSIONS = ("index.html", "news/index.html")

pytestmark = pytest.mark.integration


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["vsftpd", "pyftpdlib"])
def test_in_place(
    ftp_server: StartServer, website: StartWebsite, playbooks: Playbooks, record_property: Measured, kind: str
) -> None:
    """A deployment, one that is not well and is rolled back, one that is well, and one without anything to do."""
    server = ftp_server(kind, tls="explicit" if kind == "vsftpd" else None)
    site = Site(server, playbooks)
    site.write("one", "old.html")
    address = website(server)
    with Visitor(address, PAGES, version_of) as visitor:
        health: dict[str, t.Any] = {"health_url": f"{address}/index.html", "health_delay": 0, "health_retries": 1}
        first = site.deploy(**health)
        assert first.returncode == 0, first.output
        site.write("two", "new.html")
        (site.local / "old.html").unlink()
        health["health_content"] = "version three"
        run = site.deploy(**health)
        assert run.reason.startswith(
            f'the site is not well: {address}/index.html answered without "version three" (asked 2 times).'
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
    record_property("measured", f"in place, {kind}: {visitor.measured()}")
    assert visitor.seen.total() > 100
    # 404: before the first deployment, and for the moment between two renames
    assert visitor.outcomes() <= {(200, "one"), (200, "two"), (404, "")}
    assert visitor.seen["index.html", 200, "two"] > 0
    # Each file is replaced, put back and replaced again.
    assert max(visitor.gap_count(path) for path in PAGES) <= 3


@pytest.mark.timeout(900)  # nine playbooks, while visitors take their share of the processor
@pytest.mark.parametrize("kind", ["vsftpd", "proftpd", "pure-ftpd", "pyftpdlib"])
def test_two_slots(
    ftp_server: StartServer, website: StartWebsite, playbooks: Playbooks, record_property: Measured, kind: str
) -> None:
    """Check, for real, again; an edit; a version that is not well; what visitors had put there stays."""
    server = ftp_server(kind, tls="explicit" if kind == "vsftpd" else None)
    site = Site(server, playbooks, "www")
    site.write("one")
    site.variables.update(ftp_deploy_strategy="swap", ftp_deploy_shared_paths=["uploads"])
    address = website(server, "www")
    before = snapshot(server.root)
    foretold = site.deploy("--check", "--diff")
    assert foretold.changed > 0
    assert "Would publish 3 files" in foretold.output
    assert "Expected downtime: the time between two commands" in foretold.output
    assert snapshot(server.root) == before
    assert site.deploy().changed == 2  # sent, and made the live one
    assert site.deploy().changed == 0
    server.put("www/uploads/theirs.html", "version theirs ")
    downtime: list[float] = []
    with Visitor(address, IN_ALL_VERSIONS, version_of) as visitor:
        health: dict[str, t.Any] = {"health_url": f"{address}/index.html", "health_delay": 0, "health_retries": 0}
        site.write("two", "new.html", "uploads/not-sent.html")
        (site.local / "about.html").unlink()
        assert site.deploy("--check", **health).changed > 0
        done = site.deploy(**health)
        assert done.changed == 2
        downtime += told_downtime(done)
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
        server.mark()
        done = site.deploy(**health)
        assert done.changed == 1  # nothing is sent anew
        downtime += told_downtime(done)
        assert not [line for line in server.commands() if line.startswith("STOR") and "/stage/" in line]
        assert site.versions() == {
            **dict.fromkeys(PAGES, "three"),
            "new.html": "two",
            "uploads/theirs.html": "theirs",
        }
    record_property(
        "measured", f"two slots, {kind}: {visitor.measured()}; told by the role: less than {max(downtime):.3f} s"
    )
    assert visitor.seen.total() > 50
    assert visitor.outcomes() <= {(200, "one"), (200, "two"), (200, "three"), (404, "")}
    # Never a page of one version after a page of another, but for the version that was taken back.
    order = visitor.order
    assert order in (["one", "two", "three"], ["one", "two", "three", "two", "three"]), order
    assert max(visitor.gap_count(path) for path in IN_ALL_VERSIONS) <= 4  # the slots changed places four times
    assert {path.name for path in server.root.iterdir()} == {"www", "www.ftpsync-next"}
    assert not list(server.root.glob("*/.ftpsync/lock*"))


def told_downtime(run: Run) -> list[float]:
    (seconds,) = re.findall(r"Downtime: less than (\d+\.\d{3}) s", run.output)
    return [float(seconds)]


# ------------------------------------------------------------------ as the README says


@contextlib.contextmanager
def host(kind: str, folder: Path) -> t.Iterator[dict[str, t.Any]]:
    """What `make host` starts, until the end; the variables that it has written."""
    file = folder / "host.yml"
    command = [sys.executable, "-m", "tests.servers", "start", kind, "--tls", "explicit", "--host", str(file)]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            deadline = time.monotonic() + 60
            while not file.exists() or not file.read_text().endswith("}\n"):
                assert process.poll() is None, process.communicate()
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield json.loads(file.read_text())
        finally:
            process.terminate()
            process.communicate()
    assert not file.exists()


@pytest.mark.real_server
@pytest.mark.timeout(600)
def test_newcomer(playbooks: Playbooks, record_property: Measured) -> None:
    """The ten lines of the README, the example's site, a web host: deployed, broken, rolled back, mended."""
    try:
        for name in ("vsftpd", "nginx"):
            fetch(name)
    except CannotStart as exc:
        skip_or_fail(exc)
    folder = playbooks.folder
    (folder / "deploy.yml").write_text(yaml.safe_dump(ten_lines()))
    site = folder / "site"
    shutil.copytree(ROOT / "examples" / "demo" / "site", site)
    good = {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}

    def whole(path: str, body: bytes) -> str:
        return {good[path]: "good", mended.get(path, good[path]): "mended"}.get(body, "broken")

    def play() -> Run:
        arguments = ["-e", f"@{folder}/host.yml", "-e", "ftp_deploy_health_delay=0"]
        return Run(*playbooks.start(folder / "deploy.yml", arguments, inventory="www.example.com,"))

    mended = {"css/style.css": good["css/style.css"] + b"/* mended */\n"}
    mended["about/index.html"] = good["about/index.html"].replace(b"<h1", b"<h1 class=mended", 1)
    with host("vsftpd", folder) as variables:
        address = variables["ftp_deploy_health_url"].rstrip("/")
        first = play()
        assert first.returncode == 0, first.output
        with Visitor(
            address, sorted(good.keys() - {"index.html"}), whole
        ) as visitor:  # that one is going to be removed
            (site / "index.html").rename(folder / "kept.html")
            for path, content in mended.items():
                (site / path).write_bytes(content)
            run = play()
            assert "answered 403 instead of 200" in run.reason
            assert "was rolled back; the site is as it was before." in run.reason
            (folder / "kept.html").rename(site / "index.html")
            assert play().returncode == 0
            assert play().recap("www.example.com")["changed"] == 0
    record_property("measured", f"README, vsftpd: {visitor.measured()}")
    assert visitor.outcomes() <= {(200, "good"), (200, "mended"), (404, "")}
    assert visitor.seen["css/style.css", 200, "mended"] > 0
