# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""publish: prepare sends, so that the run that publishes has only to rename."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.engine.conftest import attempt, deploy, expected, server_tree, times, write_tree
from tests.servers import Server

SITE = {"index.html": "<html>", "css/a.css": "a{}", "empty": None, "zero.txt": ""}


@pytest.fixture
def server(plain_server: Server) -> Server:
    return plain_server


def prepare(server: Server, tree: Path, **options: t.Any) -> dict[str, t.Any]:
    """A check that changes nothing, a run that sends what was foretold, and one that has nothing to send."""
    server.mark()
    before = server_tree(server, state=True), times(server.root)
    foretold = deploy(server, tree, check=True, publish="prepare", **options)
    assert (server_tree(server, state=True), times(server.root)) == before
    assert server.writes() == []
    public = server_tree(server)
    done = deploy(server, tree, publish="prepare", **options)
    assert server_tree(server) == public
    for key in ("changed", "operations", "uploaded", "drifted", "warnings", "adopted", "backup_id", "publication_id"):
        assert done[key] == foretold[key], key
    server.mark()
    again = deploy(server, tree, publish="prepare", **options)
    assert not again["changed"] and again["operations"] == []
    assert server.writes() == []
    return done


def stored(server: Server) -> list[str]:
    return [line for line in server.writes() if line.startswith("STOR") and "/stage/" in line]


def test_what_was_prepared_is_not_sent_again(server: Server, tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "site", SITE)
    done = prepare(server, tree)
    assert sorted(done["uploaded"]) == ["css/a.css", "index.html", "zero.txt"]
    assert done["publication_id"] is None
    server.mark()
    published = deploy(server, tree)
    assert sorted(published["uploaded"]) == ["css/a.css", "index.html", "zero.txt"]
    assert published["stats"]["reused"] == 3 and published["stats"]["sent_bytes"] == 0
    assert stored(server) == []
    assert server_tree(server) == expected(SITE)


def test_replacement_deletion_and_backup_wait_for_the_publication(server: Server, tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "site", SITE)
    deploy(server, tree)
    (tree / "css" / "a.css").unlink()
    write_tree(tree, {"index.html": "<html>new"})
    done = prepare(server, tree, delete=True, backup=2)
    assert done["uploaded"] == ["index.html"] and done["deleted"] == [] and done["backup_id"] is None
    server.mark()
    published = deploy(server, tree, delete=True, backup=2)
    assert published["uploaded"] == ["index.html"] and "css/a.css" in published["deleted"]
    assert published["backup_id"] and stored(server) == []


def test_only_what_changed_since_is_sent(server: Server, tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "site", SITE)
    prepare(server, tree)
    write_tree(tree, {"index.html": "<html>later"})
    assert prepare(server, tree)["uploaded"] == ["index.html"]
    server.mark()
    assert deploy(server, tree)["stats"]["reused"] == 3
    assert stored(server) == []
    assert list((server.root / ".ftpsync" / "stage").iterdir()) == []  # the outdated one was swept


def test_drift_is_prepared_without_a_word_about_leaving_it(server: Server, tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "site", SITE)
    deploy(server, tree)
    server.put("index.html", "changed by somebody")
    assert prepare(server, tree)["warnings"] == []
    assert deploy(server, tree)["drifted"] == ["index.html"]


def test_limits_hold_before_anything_is_sent(server: Server, tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "site", SITE)
    deploy(server, tree)
    for path in ("index.html", "css/a.css"):
        (tree / path).unlink()
    write_tree(tree, {"new.html": "new"})
    server.mark()
    refused = attempt(server, tree, publish="prepare", delete=True, max_delete="1")
    assert "max_delete" in refused["error"]
    assert server.writes() == []


def test_prepare_needs_a_record(server: Server, tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "site", SITE)
    for options in ({"record": "none"}, {"direction": "download"}):
        refused = attempt(server, tree, publish="prepare", **options)
        assert "publish: prepare needs record: server" in refused["error"]
