# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role's README shows, as it stands there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.integration.documents import examples, plays, ten_lines
from tests.integration.website import PAGE, Site, Web

pytestmark = pytest.mark.integration


def test_ten_lines_of_the_readme(plain: Site) -> None:
    """A newcomer's way: deploy the example's site, break it, see it rolled back."""
    playbook = plain.playbooks.folder / "deploy.yml"
    ten = ten_lines()
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


def stale_cache(site: Site) -> Path:
    """The site as it is now, whatever is published later."""
    return Path(shutil.copytree(site.root, site.playbooks.folder / "cached"))


def test_shop_of_the_readme(plain: Site) -> None:
    (shop,) = (block for block in plays("roles/ftp_deploy/README.md") if block[0]["hosts"] == "shop")
    (notify,) = (block for block in examples("roles/ftp_deploy/README.md") if "ansible.builtin.uri" in block[0])
    folder = plain.playbooks.folder
    (folder / "deploy.yml").write_text(yaml.safe_dump(shop))
    (folder / "closed.html").write_text("version closed ")
    (folder / "tasks").mkdir()
    (folder / "tasks" / "notify.yml").write_text(yaml.safe_dump(notify))
    work = "mkdir -p build && cp -r site/. build && echo {{ commit }} > build/version.txt"
    build = [{"ansible.builtin.shell": {"cmd": work, "chdir": str(folder)}}]
    (folder / "tasks" / "build.yml").write_text(json.dumps(build))
    del plain.variables["ftp_deploy_local"], plain.variables["ftp_deploy_options"]
    with Web(plain.server.root) as web:
        plain.variables["ftp_deploy_health_url"] = f"{web.url}/"
        wanted = {"chat_webhook": f"{web.url}/hook", "vault_ftp_password": "unused", "ansible_connection": "local"}
        for commit in ("aaa111", "bbb222"):
            run = plain.play(folder / "deploy.yml", "-e", json.dumps({**wanted, "commit": commit}))
            assert run.returncode == 0, run.output
            assert plain.published()["version.txt"] == f"{commit}\n".encode()
        with Web(stale_cache(plain)) as cache:
            wanted["ftp_deploy_health_url"] = f"{cache.url}/"
            wanted["ftp_deploy_health_delay"] = 0
            run = plain.play(folder / "deploy.yml", "-e", json.dumps({**wanted, "commit": "ddd444"}))
    assert "version.txt does not show this build" in run.reason
    assert "was rolled back" in run.reason
    assert plain.published()["version.txt"] == b"bbb222\n"
    assert PAGE not in plain.published()
    texts = [told["text"] for told in web.told]
    assert texts[:2] == ["shop: 4 files published", "shop: 1 files published"]
    assert texts[2].startswith("shop: the site is not well: ")
