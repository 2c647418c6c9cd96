# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A site is published twice by a playbook, undone and redone: as foretold, once, and nobody else's files suffer."""

from __future__ import annotations

import shutil
import typing as t
from pathlib import Path

from tests.integration.playbook import Playbooks, Task
from tests.integration.story import Story, Told
from tests.servers import Server

ONE = {"index.html": "one", "old/page.html": "old", "css/site.css": "red"}
TWO = {"index.html": "two", "new/page.html": "new", "css/site.css": "red"}


def write(folder: Path, files: dict[str, str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)


def rollback(server: Server, check: bool = False, **options: t.Any) -> Task:
    arguments = {**server.connection(), **options}
    return {"webdeploy.ftp.ftp_rollback": arguments, "check_mode": check, "diff": True}


def content_of(files: dict[str, str]) -> dict[str, bytes]:
    return {"theirs.txt": b"theirs", **{path: content.encode() for path, content in files.items()}}


def test_rollback(server: Server, playbooks: Playbooks, tmp_path: Path) -> None:
    site = tmp_path / "site"
    server.put("theirs.txt", "theirs")
    story = Story(server, local=str(site), delete=True, backup=3)
    story.do(lambda: write(site, ONE))
    story.sync()
    story.do(lambda: write(site, TWO))
    story.sync()
    cases: list[tuple[Told, Told]] = []
    for options in ({}, {"state": "redone"}):
        cases.append((story.task(rollback(server, True, **options)), story.task(rollback(server, **options))))
    listed = story.task(rollback(server, state="listed"))
    nothing = story.task(rollback(server, state="redone"))
    unknown = story.task(rollback(server, backup_id="20200101T000000Z-1"))
    story.play(playbooks)
    for (foretold, done), files in zip(cases, (ONE, TWO)):
        foretold.assert_only_looked()
        assert not done.result.get("failed"), done.result
        for key in ("changed", "backup_ids", "operations", "restored", "withdrawn", "backups", "diff"):
            assert foretold.result[key] == done.result[key], key
        assert done.result["changed"] and len(done.result["backup_ids"]) == 1
        assert done.content == content_of(files)
        assert {command.split()[0] for command in done.writes} <= {"RNFR", "RNTO", "MKD", "RMD", "STOR", "DELE"}
    undone = cases[0][1].result
    assert undone["restored"] == ["index.html", "old/page.html"]
    assert (undone["withdrawn"], undone["created_directories"]) == (["new/page.html"], ["old"])
    assert undone["removed_directories"] == ["new"]
    assert "index.html (3 bytes) – replaced since" in undone["diff"]["after"]
    for told in (listed, nothing, unknown):
        told.assert_only_looked()
    assert [backup["undone"] for backup in listed.result["backups"]] == [False, False]
    assert not nothing.result["changed"] and not nothing.result.get("failed")
    assert unknown.result["failed"] and undone["backup_ids"][0] in unknown.result["msg"]
