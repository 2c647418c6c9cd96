# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record travels while files take their places, and counts only if it comes true."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest

from tests import faulty
from tests.engine.conftest import SITE, STATE, attempt, deploy, expected, tree_of, write_tree
from tests.faulty import Fault, FaultyFtp, When, on, on_path
from tests.servers import Server


@pytest.fixture
def server(tmp_path: Path) -> t.Iterator[Server]:
    root = tmp_path / "server"
    root.mkdir()
    with FaultyFtp(root=root) as started:
        yield t.cast(Server, started)


@pytest.fixture
def changed(server: Server, tmp_path: Path) -> Path:
    """A site that is published, and has changed since."""
    site = write_tree(tmp_path / "site", SITE)
    deploy(server, site)
    write_tree(site, {"index.html": "another one", "new/page.html": "new"})
    faulty_one(server).record.commands.clear()
    return site


def faulty_one(server: Server) -> FaultyFtp:
    return t.cast(FaultyFtp, server)


def stored(server: Server, ending: str) -> list[str]:
    wanted = [command for command in faulty_one(server).record.commands if command.verb == "STOR"]
    return [command.argument for command in wanted if command.argument.endswith(ending)]


def assert_recorded(server: Server, site: Path) -> None:
    """All is as wanted, nothing is left, and the record says so."""
    faulty_one(server).misbehave()
    state = faulty_one(server).root / STATE
    site_there = {p: c for p, c in tree_of(faulty_one(server).root).items() if p.split("/")[0] != STATE}
    assert site_there == tree_of(site)
    assert os.listdir(state / "stage") == []
    assert set(os.listdir(state)) == {".htaccess", "backup", "stage", "manifest.json", "manifest.previous.json"}
    again = deploy(server, site)
    assert again["changed"] is False and again["drifted"] == []


def test_it_comes_true(server: Server, changed: Path) -> None:
    deploy(server, changed, connections=2)
    assert len(stored(server, ".manifest")) == 1
    assert stored(server, "manifest.new.json") == []
    assert_recorded(server, changed)


def test_a_single_connection_sends_nothing_ahead(server: Server, changed: Path) -> None:
    deploy(server, changed, connections=1)
    assert stored(server, ".manifest") == [] and len(stored(server, "manifest.new.json")) == 1
    assert_recorded(server, changed)


def of_the_record(verb: str) -> When:
    return lambda command, _reply: command is not None and command.verb == verb and ".manifest" in command.argument


FAULTS: dict[str, Fault] = {
    "refused": faulty.Refuse(of_the_record("STOR")),
    "lost": faulty.Drop(of_the_record("STOR")),
    "not renamed": faulty.Refuse(of_the_record("RNFR")),
    "times not kept": faulty.Claim(on("MFMT")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_it_does_not(server: Server, changed: Path, fault: str) -> None:
    faulty_one(server).misbehave(FAULTS[fault])
    deploy(server, changed, connections=2)
    assert len(stored(server, "manifest.new.json")) == 1
    assert_recorded(server, changed)


def test_what_failed_is_not_recorded(server: Server, changed: Path) -> None:
    """One file keeps its old content: the record that was sent ahead says otherwise, and must go."""
    faulty_one(server).misbehave(faulty.Refuse(on_path("RNTO", "/index.html")))
    done = attempt(server, changed, connections=2)
    assert done["error"] is not None and len(stored(server, ".manifest")) == 1
    faulty_one(server).misbehave()
    done = deploy(server, changed, connections=2)
    assert done["uploaded"] == ["index.html"] and done["conflicts"] == []
    assert_recorded(server, changed)


def test_a_damaged_one_of_a_dead_run_does_not_become_the_record(server: Server, changed: Path) -> None:
    (faulty_one(server).root / STATE / "manifest.new.json").write_text("{}")
    deploy(server, changed, connections=2)
    assert stored(server, "manifest.new.json") == []
    assert_recorded(server, changed)
    assert expected({"index.html": "another one"}).items() <= tree_of(faulty_one(server).root).items()


def test_where_nothing_was_published_nothing_is_recorded(server: Server, tmp_path: Path) -> None:
    """There is no journal by which the next run could tell a first record that was cut."""
    site = write_tree(tmp_path / "site", SITE)
    faulty_one(server).misbehave(
        faulty.Refuse(lambda c, _reply: c is not None and c.verb == "STOR" and "-" in c.argument)
    )
    assert attempt(server, site, connections=2)["error"] is not None
    assert not list((faulty_one(server).root / STATE).glob("manifest*"))
    faulty_one(server).misbehave()
    assert deploy(server, site, connections=2)["changed"]
