# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""ftp_swap by ansible-playbook on every server: each state as check, for real, and again."""

from __future__ import annotations

import typing as t
from pathlib import Path

from tests.integration.playbook import Playbooks
from tests.integration.story import Story, Told
from tests.servers import Server

FORETOLD = ("changed", "renames", "live", "spare", "diff")
LIVE, SPARE = "www", "www.ftpsync-next"


def test_two_versions_change_places(server: Server, playbooks: Playbooks, tmp_path: Path) -> None:
    story = Story(server)
    connection = server.connection()
    remote = f"{connection.pop('remote').rstrip('/')}/www"

    def publish(version: str, slot: str) -> Told:
        site = tmp_path / version
        site.mkdir()
        (site / "index.html").write_text(version)
        options = {**connection, "local": str(site), "remote": remote.replace("/www", f"/{slot}"), "delete": True}
        return story.plain_sync(**options)

    def swap(check: bool = False, **options: t.Any) -> Told:
        arguments = {**connection, "remote": remote, "shared": ["uploads"], **options}
        return story.task({"webdeploy.ftp.ftp_swap": arguments, "check_mode": check, "diff": True})

    def case(**options: t.Any) -> tuple[Told, Told, Told]:
        return swap(True, **options), swap(**options), swap(**options)

    publish("one", LIVE)
    story.do(lambda: server.put(f"{LIVE}/uploads/theirs.txt", "theirs"))
    ready = swap(state="ready")
    two = publish("two", SPARE)
    # Which publication that is a task of the same play knows only when it runs.
    publication = "{{ result_2.publication_id }}"
    wrong = swap(state="live", id="20200101T000000Z-1")
    live = case(state="live", id=publication)
    undone = case(state="undone", id=publication)
    redone = case(state="redone", id=publication)
    story.do(lambda: (server.root / SPARE).rename(server.root / "www.ftpsync-away"))
    whole = case(state="whole")
    listed = swap(state="listed")
    story.play(playbooks)

    assert two.result["changed"] and not ready.result["changed"]
    assert ready.disk.keys() == ready.before.keys()
    wrong.assert_only_looked()
    assert wrong.result["failed"] and "20200101T000000Z-1" in wrong.result["msg"]
    for (foretold, done, again), version in zip((live, undone, redone), ("two", "one", "two")):
        foretold.assert_only_looked()
        assert done.result["changed"] and not done.result.get("failed"), done.result
        for key in FORETOLD:
            assert foretold.result[key] == done.result[key], key
        assert done.content[f"{LIVE}/index.html"] == version.encode()
        assert done.content[f"{LIVE}/uploads/theirs.txt"] == b"theirs"
        assert {command.split()[0] for command in done.writes} <= {"RNFR", "RNTO", "MKD", "RMD", "STOR", "DELE"}
        again.assert_only_looked()
        assert not again.result["changed"] and again.result["renames"] == []
    foretold, done, again = whole
    foretold.assert_only_looked()
    assert foretold.result["renames"] == done.result["renames"] != []
    assert done.disk.keys() == redone[2].disk.keys()
    for told in (again, listed):
        told.assert_only_looked()
        assert not told.result["changed"]
