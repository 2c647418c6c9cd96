# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""ftp_info and ftp_file by ansible-playbook: each case as check, as check with diff, for real, and again."""

from __future__ import annotations

import dataclasses
import typing as t
from pathlib import Path

import pytest

from tests.integration.playbook import Playbooks
from tests.integration.story import Story, Told
from tests.servers import Server

pytestmark = pytest.mark.integration

PAGE = "<h1>Back soon</h1>\n"
OPERATIONS = ("changed", "operations", "path", "dest", "state", "size", "checksum")


@dataclasses.dataclass
class Case:
    check: Told
    shown: Told
    done: Told
    again: Told

    def assert_exact(self) -> None:
        for told in (self.check, self.shown, self.again):
            told.assert_only_looked()
        done = self.done.result
        assert done["changed"] and not done.get("failed"), done
        for key in OPERATIONS:
            assert self.check.result[key] == self.shown.result[key] == done[key], key
        assert "diff" not in self.check.result
        assert self.shown.result["diff"] == done["diff"] != []
        assert not self.again.result["changed"] and self.again.result["operations"] == []
        assert self.again.disk == self.done.disk


class Tasks:
    """Tasks of a story."""

    def __init__(self, story: Story, server: Server) -> None:
        self._story = story
        self._connection = {**server.connection(), "use_netrc": False}

    def task(self, module: str, *, check: bool = False, diff: bool = False, **options: t.Any) -> Told:
        return self._story.task(
            {f"webdeploy.ftp.{module}": {**self._connection, **options}, "check_mode": check, "diff": diff}
        )

    def case(self, **options: t.Any) -> Case:
        return Case(
            self.task("ftp_file", check=True, **options),
            self.task("ftp_file", check=True, diff=True, **options),
            self.task("ftp_file", diff=True, **options),
            self.task("ftp_file", **options),
        )


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=pytest.mark.real_server) for kind in ("vsftpd", "proftpd", "pure-ftpd")] + ["pyftpdlib"],
)
def test_paths_and_facts(ftp_server: t.Callable[..., Server], kind: str, playbooks: Playbooks, tmp_path: Path) -> None:
    server = ftp_server(kind, tls="explicit").at("htdocs")  # tests/engine has them without TLS, too
    source = tmp_path / "page.html"
    source.write_text(PAGE.replace("soon", "at noon"))
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("<h1>Shop</h1>\n")
    story = Story(server)
    tasks = Tasks(story, server)

    empty = tasks.task("ftp_info", path=".", drift="quick")
    page = tasks.case(path="a b/maintenance.html", content=PAGE, mode="0640")
    other = tasks.case(path="a b/maintenance.html", src=str(source))
    folder = tasks.case(path="uploads/img", state="directory")
    touched = tasks.case(path="tmp/restart.txt", state="touch")
    moved = tasks.case(path="a b/maintenance.html", state="moved", dest="down.html")
    refused = tasks.task("ftp_file", path="uploads", state="absent")
    gone = tasks.case(path="uploads", state="absent", recurse=True)
    published = story.sync(local=str(site))
    drifting = tasks.task("ftp_file", path="index.html", content=PAGE)
    drifted = tasks.task("ftp_info", drift="deep", path=".", recursive=True)
    skipped = tasks.task("ftp_info", check=True, probe=True)
    probed = tasks.task("ftp_info", probe=True)
    outcome = story.play(playbooks)

    assert server.password not in outcome.output
    empty.assert_only_looked()
    assert empty.result["entries"] == [] and not empty.result["manifest"]["present"]
    for case in (page, other, folder, touched, moved, gone):
        case.assert_exact()
    assert page.done.content == {"a b/maintenance.html": PAGE.encode()}
    assert page.done.result["diff"][0]["after"] == PAGE
    assert other.done.result["diff"][0]["before"] == PAGE
    assert moved.done.content == {"down.html": source.read_bytes(), "tmp/restart.txt": b""}
    refused.assert_only_looked()
    assert refused.result["failed"] and "recurse: true" in refused.result["msg"]
    assert published.result["changed"]
    assert "was published by ftp_sync" in drifting.result["warnings"][0]
    drifted.assert_only_looked()
    assert drifted.result["drifted"] == ["index.html"]
    assert drifted.result["unmanaged"] == ["a b", "down.html", "tmp"]
    assert [entry["path"] for entry in drifted.result["entries"]] == [
        ".ftpsync",
        "a b",
        "down.html",
        "index.html",
        "tmp",
        "tmp/restart.txt",
    ]
    skipped.assert_only_looked()
    assert skipped.result["probe"] is None and "check mode" in skipped.result["warnings"][0]
    assert probed.writes and probed.disk.keys() == probed.before.keys()
    assert probed.result["probe"]["rename_replaces"] and not probed.result["changed"]
