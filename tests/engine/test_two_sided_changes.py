# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What cannot be read or written, and what changes while a run of two sides is under way."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest

from tests.engine.conftest import SITE, attempt, put_tree, write_tree
from tests.engine.two_sides import LATER, assert_settled, foretold, run, there
from tests.servers import Server

StartServer = t.Callable[..., Server]


# ---------------------------------------------------------------------- what cannot be read or written


def give_to_nobody(*trees: Path) -> None:
    for tree in trees:
        for folder, folders, files in os.walk(tree):
            for name in (".", *folders, *files):
                if os.geteuid() == 0:
                    os.chown(os.path.join(folder, name), 65534, 65534)


def as_nobody(action: t.Callable[[], dict[str, t.Any]]) -> dict[str, t.Any]:
    """What an unprivileged user gets: root may do anything. The server is in this process, and so is its user."""
    if os.geteuid():
        return action()
    os.seteuid(65534)
    try:
        return action()
    finally:
        os.seteuid(0)


@pytest.fixture
def open_paths(tmp_path: Path) -> None:
    """Lets others than root come as far as the test's folder."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == "root" and len(folder.parts) > 2:
            folder.chmod(folder.stat().st_mode | 0o055)


@pytest.mark.usefixtures("open_paths")
def test_a_local_folder_that_cannot_be_written_to(ftp_server: StartServer, local: Path) -> None:
    server = ftp_server()
    put_tree(server, {"closed/x": "x", "open/y": "y"})
    write_tree(local, {"closed/old": "old", "open/old": "old"})
    give_to_nobody(local)
    (local / "closed").chmod(0o555)
    done = as_nobody(lambda: attempt(server, local, direction="download", delete=True))
    (local / "closed").chmod(0o755)
    assert done["error"] and [error["path"] for error in done["errors"]] == ["closed/x"]
    assert done["errors"][0]["operation"] == "download" and "Permission denied" in done["errors"][0]["message"]
    assert done["downloaded"] == ["open/y"] and done["deleted"] == [] and done["changed"]
    assert [o["path"] for o in done["skipped_operations"]] == ["closed/old", "open/old"], "old names of what lacks"
    assert foretold(server, local, delete=True)["downloaded"] == ["closed/x"]


@pytest.mark.usefixtures("open_paths")
@pytest.mark.parametrize("direction", ["sync", "upload"])
def test_a_local_folder_that_cannot_be_read(ftp_server: StartServer, local: Path, direction: str) -> None:
    server = ftp_server()
    options: dict[str, t.Any] = {"record": "folder", "delete": True} if direction == "upload" else {}
    write_tree(local, {"closed/x": "x", "a": "a"})
    run(server, local, direction, **options)
    give_to_nobody(local)
    (local / "closed").chmod(0)
    write_tree(local, {"b": "b"})
    server.root.chmod(0o777)
    shown = as_nobody(lambda: attempt(server, local, direction=direction, check=True, **options))
    done = as_nobody(lambda: attempt(server, local, direction=direction, **options))
    (local / "closed").chmod(0o755)
    assert [error["path"] for error in done["errors"]] == ["closed"] and done["errors"][0]["operation"] == "plan"
    assert done["errors"] == shown["errors"] and done["operations"] == shown["operations"]
    assert "cannot be listed" in done["error"] and done["uploaded"] == ["b"] and done["deleted"] == []
    assert there(server)["closed/x"] == b"x"


@pytest.mark.usefixtures("open_paths")
def test_a_file_that_cannot_be_read(ftp_server: StartServer, local: Path) -> None:
    server = ftp_server()
    write_tree(local, {"closed": "x", "open": "y"})
    give_to_nobody(local)
    server.root.chmod(0o777)
    (local / "closed").chmod(0)
    done = as_nobody(lambda: attempt(server, local, direction="sync"))
    assert [error["path"] for error in done["errors"]] == ["closed"] and done["uploaded"] == ["open"]
    assert "1 failure, 1 of 2 operations done: closed: cannot be read" in done["error"]
    (local / "closed").chmod(0o644)
    assert foretold(server, local, "sync")["uploaded"] == ["closed"]


@pytest.mark.real_server
def test_a_server_that_is_read_only(ftp_server: StartServer, local: Path) -> None:
    server = ftp_server("proftpd", extra=["<Limit WRITE>", "DenyAll", "</Limit>"])
    put_tree(server, SITE)
    assert foretold(server, local)["downloaded"]
    assert_settled(server, local)
    write_tree(local, {"new": "n"})
    put_tree(server, {"other": "o"})
    done = attempt(server, local, direction="sync")
    assert done["downloaded"] == ["other"] and [error["path"] for error in done["errors"]] == ["new"]
    assert done["errors"][0]["operation"] == "upload" and "new" in done["error"]
    assert (local / "other").exists() and "new" not in there(server)


# ---------------------------------------------------------------------- changes while a run is under way


def changing(monkeypatch: pytest.MonkeyPatch, change: t.Callable[[], object]) -> None:
    """Somebody changes something after the plan is made, and before it is carried out."""
    from ftpsync.pairs import by_options

    execute = by_options._ByOptions._execute

    def later(self: t.Any) -> None:
        change()
        execute(self)

    monkeypatch.setattr(by_options._ByOptions, "_execute", later)


@pytest.mark.parametrize("direction", ["download", "sync"])
def test_what_changes_here_meanwhile_is_not_lost(
    shared: Server, local: Path, monkeypatch: pytest.MonkeyPatch, direction: str
) -> None:
    shared.put("css/a.css", "changed there", LATER)
    shared.put("new.txt", "new there", LATER)
    (shared.root / "index.html").unlink()
    mine = {"css/a.css": "and here", "new.txt": "new here", "index.html": "not what was to be deleted"}
    with monkeypatch.context() as patched:
        changing(patched, lambda: write_tree(local, mine, LATER + 500))
        options = {"delete": True} if direction == "download" else {}
        done = attempt(shared, local, direction=direction, **options)
    assert {path: (local / path).read_text() for path in mine} == mine
    assert done["operations"] == [] and not done["changed"]
    assert sorted(error["path"] for error in done["errors"]) == ["css/a.css", "new.txt"]
    assert all("while the run was under way" in error["message"] for error in done["errors"])
    assert [o["path"] for o in done["skipped_operations"]] == ["index.html"]


def test_what_is_to_be_deleted_here_and_changes_meanwhile_stays(
    shared: Server, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shared.root / "index.html").unlink()
    with monkeypatch.context() as patched:
        changing(patched, lambda: write_tree(local, {"index.html": "rescued"}, LATER))
        done = attempt(shared, local, direction="sync")
    assert (local / "index.html").read_text() == "rescued" and done["errors"][0]["operation"] == "delete"


def test_what_changes_there_meanwhile_is_not_recorded(
    shared: Server, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared.put("css/a.css", "changed there", LATER)
    with monkeypatch.context() as patched:
        changing(patched, lambda: shared.put("css/a.css", "changed there again", LATER + 10))
        done = attempt(shared, local, direction="download")
    assert done["errors"][0]["path"] == "css/a.css" and "that were listed" in done["errors"][0]["message"]
    assert (local / "css" / "a.css").read_text() == SITE["css/a.css"]
    assert foretold(shared, local)["downloaded"] == ["css/a.css"]
    assert (local / "css" / "a.css").read_text() == "changed there again"


def test_what_is_uploaded_and_changes_meanwhile_is_not_torn(
    shared: Server, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tree(local, {"new.txt": "first"}, LATER)
    with monkeypatch.context() as patched:
        changing(patched, lambda: write_tree(local, {"new.txt": "second"}, LATER + 10))
        done = attempt(shared, local, direction="sync")
    assert done["errors"][0]["path"] == "new.txt" and "new.txt" not in there(shared)
    assert foretold(shared, local, "sync")["uploaded"] == ["new.txt"]
    assert there(shared)["new.txt"] == b"second"
