# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Download and two-way exchange by playbooks: foretold, done, once; documented examples do what they say."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.webdeploy.ftp.plugins.modules import ftp_sync
from tests.integration.playbook import Playbooks, Step, sync
from tests.integration.story import Snapshot, snapshot
from tests.servers import Server
from tests.servers.base import is_write

LONG_AGO = 1_600_000_000
LISTS = ("changed", "operations", "uploaded", "downloaded", "deleted", "created_directories", "conflicts", "drifted")
RECORD = ".pyftpsync-meta.json"


def write(folder: Path, files: dict[str, str], mtime: float = LONG_AGO) -> None:
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        os.utime(file, (mtime, mtime))


def contents(folder: Path) -> dict[str, str]:
    """Files below a folder by path, without records."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != RECORD]
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


class Play:
    """Tasks between which both sides are looked at."""

    def __init__(self, server: Server, local: Path, **options: t.Any) -> None:
        self._server, self._local = server, local
        self._options = {"local": str(local), **server.connection(), **options}
        self.steps: list[Step] = []
        self.seen: list[tuple[Snapshot, Snapshot, int]] = []  # local, server, number of commands that write

    def case(self, **options: t.Any) -> None:
        """Check with diff, run with diff, run again."""
        for check in (True, False, False):
            self.steps += [self.look, sync(check=check, diff=True, **{**self._options, **options}), self.look]

    def look(self) -> None:
        writes = sum(1 for command in self._server.commands() if is_write(command))
        there = self._server.root
        self.seen.append((snapshot(self._local) if self._local.exists() else {}, snapshot(there), writes))

    def assert_exact(self, results: list[dict[str, t.Any]], number: int) -> dict[str, t.Any]:
        """What was foretold is what was done, once; and neither side noticed the foretelling."""
        looks = self.seen[6 * number : 6 * number + 6]
        shown, done, again = results[3 * number : 3 * number + 3]
        assert not done.get("failed"), done
        assert looks[0] == looks[1], "the check left a trace"
        assert {name: shown[name] for name in (*LISTS, "diff")} == {name: done[name] for name in (*LISTS, "diff")}
        assert done["changed"] and looks[2] != looks[3]
        assert not again["changed"] and again["operations"] == [] and looks[4] == looks[5], (
            "the second run did something"
        )
        return done


@pytest.mark.real_server
def test_a_download(ftp_server: t.Callable[..., Server], tmp_path: Path, playbooks: Playbooks) -> None:
    server, local = ftp_server("proftpd"), tmp_path / "backup"
    for path in ("index.html", "css/site.css", "logs/1.gz"):
        server.put(path, f"content of {path}", LONG_AGO)
    play = Play(server, local, direction="download")
    play.case()

    def meddle() -> None:
        server.put("index.html", "new on the server", LONG_AGO + 100)
        (server.root / "logs" / "1.gz").unlink()
        write(local, {"css/site.css": "edited here", "notes.txt": "mine", "mine/kept.txt": "mine"}, LONG_AGO + 200)

    play.steps.append(meddle)
    play.case(delete=True, protect=["/mine/"])
    play.steps.append(sync(**server.connection(), local=str(local), direction="download", delete=True, max_delete=0))
    outcome = playbooks.run(*play.steps)
    assert outcome.returncode == 0

    first = play.assert_exact(outcome.results, 0)
    assert first["downloaded"] == ["css/site.css", "index.html", "logs/1.gz"] and first["uploaded"] == []
    assert first["diff"]["before_header"] == str(local) and first["diff"]["after_header"] == server.url
    assert f"+++ after: {server.url}" in outcome.output

    second = play.assert_exact(outcome.results, 1)
    assert second["downloaded"] == ["css/site.css", "index.html"] and second["drifted"] == ["css/site.css"]
    assert second["deleted"] == ["logs/1.gz", "notes.txt"]
    assert {o["side"] for o in second["operations"]} == {"local"}
    assert contents(local) == {**contents(server.root), "mine/kept.txt": "mine"}
    assert {writes for _local, _there, writes in play.seen} == {0}, "a download writes nothing on the server"

    refused = outcome.results[-1]
    assert refused["failed"] and "max_delete" in refused["msg"] and (local / "mine" / "kept.txt").exists()


@pytest.mark.real_server
def test_an_exchange(ftp_server: t.Callable[..., Server], tmp_path: Path, playbooks: Playbooks) -> None:
    server, local = ftp_server("vsftpd", tls="explicit"), tmp_path / "exchange"
    write(local, {"offers/march.pdf": "offer", "both.txt": "the same"})
    server.put("orders/4711.xml", "order", LONG_AGO)
    server.put("both.txt", "the same", LONG_AGO)
    page = tmp_path / "exchange.html"
    play = Play(server, local, direction="sync", report=str(page))
    play.case()

    def meddle() -> None:
        (local / "orders" / "4711.xml").unlink()
        server.put("offers/march.pdf", "accepted", LONG_AGO + 100)
        write(local, {"offers/april.pdf": "next offer"}, LONG_AGO + 100)

    play.steps.append(meddle)
    play.case()

    def quarrel() -> None:
        write(local, {"offers/april.pdf": "cheaper"}, LONG_AGO + 200)
        server.put("offers/april.pdf", "too expensive", LONG_AGO + 300)

    play.steps.append(quarrel)
    play.steps.append(sync(**server.connection(), local=str(local), direction="sync"))
    play.case(resolve="new")
    outcome = playbooks.run(*play.steps)
    assert outcome.returncode == 0

    first = play.assert_exact(outcome.results, 0)
    assert (first["uploaded"], first["downloaded"]) == (["offers/march.pdf"], ["orders/4711.xml"])
    second = play.assert_exact(outcome.results, 1)
    assert (second["uploaded"], second["downloaded"]) == (["offers/april.pdf"], ["offers/march.pdf"])
    assert second["deleted"] == ["orders/4711.xml"]

    conflict = outcome.results.pop(6)
    assert not conflict["changed"] and conflict["conflicts"] == [
        {"path": "offers/april.pdf", "reason": "changed on both sides"}
    ]
    assert "resolve: local or resolve: remote" in conflict["warnings"][0]
    third = play.assert_exact(outcome.results, 2)
    assert third["downloaded"] == ["offers/april.pdf"] and third["conflicts"] == []
    assert contents(local) == contents(server.root)
    assert contents(local)["offers/april.pdf"] == "too expensive"
    assert "equal on both sides" in page.read_text(encoding="utf-8")


def examples() -> dict[str, dict[str, t.Any]]:
    tasks = {task["name"]: task for task in yaml.safe_load(ftp_sync.EXAMPLES)}
    wanted = ("direction", "record")
    return {name: task for name, task in tasks.items() if set(wanted) & set(task.get("webdeploy.ftp.ftp_sync", {}))}


def test_examples_do_what_they_say(ftp_server: t.Callable[..., Server], tmp_path: Path, playbooks: Playbooks) -> None:
    """The tasks as they stand, with another server and other folders in the place of those that do not exist."""
    server = ftp_server()
    tasks = list(examples().values())
    assert len(tasks) == 5
    steps: list[Step] = []
    views = []
    for number, task in enumerate(tasks):
        view = server.at(f"example-{number}")
        view.put("here.txt", "x", LONG_AGO)
        view.put("logs/access.1.gz", "log", LONG_AGO)
        local = tmp_path / f"local-{number}"
        same = {f"same/{count}.txt": "on both sides" for count in range(8)}
        write(local, {"mine.txt": "mine", **same})
        for path, content in same.items():
            view.put(path, content, LONG_AGO)
        views.append((task["webdeploy.ftp.ftp_sync"], local, view))
        options = {
            **{k: v for k, v in task["webdeploy.ftp.ftp_sync"].items() if k != "tls"},
            **view.connection(),
            "local": str(local),
        }
        steps += [{"webdeploy.ftp.ftp_sync": options}] * 2
    outcome = playbooks.run(*steps)
    results = iter(outcome.results)
    for options, local, view in views:
        first, again = next(results), next(results)
        assert first["changed"] and not first.get("failed") and not again["changed"], options
        if options.get("direction") == "sync":
            assert contents(local) == contents(view.root) and "mine.txt" in contents(local)
        elif options.get("direction") == "download":
            assert "logs/access.1.gz" in contents(local)
            assert ("here.txt" in contents(local)) == ("match" not in options)
            assert ("mine.txt" in contents(local)) == (not options.get("delete"))
        else:
            assert {"mine.txt", "here.txt"} <= set(contents(view.root))
