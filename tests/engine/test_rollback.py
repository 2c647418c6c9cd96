# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Publications are undone and redone on real servers, as foretold, and whatever happens in between."""

from __future__ import annotations

import json
import os
import shutil
import typing as t
from pathlib import Path

import pytest

from ftpsync.errors import FtpSyncError
from ftpsync.rollback import report as rollback_report
from ftpsync.rollback import run as rollback
from ftpsync.scan import recheck
from tests.engine.conftest import (
    EARLIER,
    STATE,
    Content,
    Tree,
    assert_settled,
    deploy,
    expected,
    server_tree,
    times,
    tree_of,
    write_tree,
)
from tests.servers import Server

FIRST: dict[str, Content] = {
    "index.html": "one",
    "css/a.css": "a{}",
    "css/deep/b.css": "b{}",
    "old/page.html": "gone soon",
    "turns/into/a/file.txt": "1",
    "becomes.d": "a file for now",
    ".htaccess": "Options -Indexes",
    "same.txt": "never touched",
}
SECOND: dict[str, Content] = {
    "index.html": "two",
    "css/a.css": "A{}",
    "css/deep/b.css": "b{}",
    "new/folder/page.html": "added",
    "turns": "a file now",
    "becomes.d/x.txt": "in a folder now",
    ".htaccess": "Options +Indexes",
    "same.txt": "never touched",
}
THIRD: dict[str, Content] = {
    "index.html": "three!",
    "css/a.css": "a{}",
    "turns/into/a/file.txt": "2",
    "same.txt": "never touched",
    "late/add.txt": "late",
}
KEEP: dict[str, t.Any] = {"backup": 10, "delete": True}


def options_of(server: Server, **changed: t.Any) -> dict[str, t.Any]:
    return {"use_netrc": False, **server.connection(), **changed}


def try_roll(
    server: Server, backup_id: str | None = None, *, state: str = "undone", check: bool = False, **changed: t.Any
) -> dict[str, t.Any]:
    """One run; its failure, of either sort, is `error`."""
    try:
        wanted = rollback.validate(options_of(server, **changed))
        result = rollback.roll_back(wanted, backup_id=backup_id, state=state, check=check)
    except FtpSyncError as error:
        return {"error": str(error), "raised": type(error).__name__}
    diff = rollback_report.diff(result, "remote")
    return {
        **rollback_report.to_dict(result),
        "error": result.error,
        "warnings": rollback_report.warnings(result),
        "diff": diff,
        "raised": None,
    }


def roll(server: Server, backup_id: str | None = None, **changed: t.Any) -> dict[str, t.Any]:
    """A run that has to succeed, after its check, which must have told all of it and changed nothing."""
    before = server_tree(server, state=True), times(server.root)
    server.mark()
    shown = try_roll(server, backup_id, check=True, **changed)
    assert server.writes() == []
    assert (server_tree(server, state=True), times(server.root)) == before
    done = try_roll(server, backup_id, **changed)
    assert done["error"] is None, done
    assert {k: v for k, v in done.items() if k not in ("stats", "server")} == {
        k: v for k, v in shown.items() if k not in ("stats", "server")
    }
    return done


def assert_nothing_to_do(server: Server, backup_id: str | None = None, **changed: t.Any) -> None:
    server.mark()
    found = try_roll(server, backup_id, **changed)
    assert found["error"] is None and found["changed"] is False and found["operations"] == [], found
    assert server.writes() == []


def publish(server: Server, site: Path, tree: t.Mapping[str, Content], **options: t.Any) -> str:
    """Publish a tree; gives the id of its backup set."""
    if site.exists():
        shutil.rmtree(site)
    backup_id = deploy(server, write_tree(site, tree), **{**KEEP, **options})["backup_id"]
    return t.cast(str, backup_id)


def all_content(server: Server) -> list[bytes]:
    """Every content that is on the server, but for what the engine writes about it."""
    found = tree_of(server.root)
    ours = ("manifest", "journal", "backup.json", "after.json", "owner", ".htaccess")
    return sorted(
        content
        for path, content in found.items()
        if content is not None and not (path.startswith(STATE) and os.path.basename(path).startswith(ours[:-1]))
        if path != f"{STATE}/.htaccess"
    )


def without_empty(tree: Tree) -> Tree:
    return {path: content for path, content in tree.items() if content is not None}


# ---------------------------------------------------------------------- the story


def test_undone_redone_and_undone_again(server: Server, tmp_path: Path) -> None:
    site = tmp_path / "site"
    ids = [publish(server, site, tree) for tree in (FIRST, SECOND, THIRD)]
    content = all_content(server)
    undone = roll(server)
    assert undone["backup_ids"] == [ids[2]]
    assert server_tree(server) == expected(SECOND)
    assert {"index.html", "css/a.css", "turns", ".htaccess"} <= set(undone["restored"])
    assert undone["withdrawn"] == ["turns/into/a/file.txt", "late/add.txt"]
    assert undone["drifted"] == undone["conflicts"] == undone["warnings"] == []
    assert_nothing_to_do(server, ids[2])
    assert_settled(server, write_tree(tmp_path / "second", SECOND), **KEEP)
    again = roll(server, ids[0])
    assert again["backup_ids"] == [ids[1], ids[0]]
    assert server_tree(server) == {}
    assert_nothing_to_do(server)
    redone = roll(server, ids[1], state="redone")
    assert redone["backup_ids"] == ids[:2]
    assert server_tree(server) == expected(SECOND)
    assert_nothing_to_do(server, ids[1], state="redone")
    assert_settled(server, tmp_path / "second", **KEEP)
    assert roll(server, state="redone")["backup_ids"] == [ids[2]]
    assert server_tree(server) == expected(THIRD)
    assert_nothing_to_do(server, state="redone")
    assert_settled(server, site, **KEEP)
    listed = try_roll(server, state="listed")
    assert [b["id"] for b in listed["backups"]] == ids[::-1]
    assert not listed["changed"] and not any(b["undone"] for b in listed["backups"])
    assert listed["backups"][2] == {
        "id": ids[0], "time": listed["backups"][2]["time"], "generation": 1,
        "replaced": 0, "added": len(FIRST), "deleted": 0, "undone": False,
    }  # fmt: skip
    assert listed["backups"][1]["replaced"] == 3 and listed["backups"][1]["deleted"] == 3
    assert all_content(server) == content


def test_what_was_changed_since_is_kept(server: Server, tmp_path: Path) -> None:
    site = tmp_path / "site"
    publish(server, site, FIRST)
    latest = publish(server, site, SECOND)
    server.put("index.html", "edited by somebody else")
    server.put("new/folder/page.html", "edited, too")
    server.put("new/folder/theirs.txt", "theirs")
    (server.root / "css" / "a.css").unlink()
    content = all_content(server)
    left = roll(server, latest, force=False)
    assert left["drifted"] == ["css/a.css", "index.html", "new/folder/page.html"]
    assert [c["path"] for c in left["conflicts"]] == ["index.html", "new/folder/page.html"]
    assert "index.html" in "".join(left["warnings"])
    now = server_tree(server)
    assert now["index.html"] == b"edited by somebody else" and now["css/a.css"] == b"a{}"
    assert all_content(server) == content
    assert_nothing_to_do(server, latest, force=False)
    server.put("css/a.css", "edited after the undo")
    content = all_content(server)
    back = roll(server, latest, state="redone")
    # What had been published there had vanished before it was undone.
    assert [c["path"] for c in back["conflicts"]] == ["css/a.css"]
    assert all_content(server) == content
    undone = roll(server, latest)
    assert set(undone["drifted"]) >= {"index.html", "new/folder/page.html"}
    now = server_tree(server)
    assert now["index.html"] == b"one" and now["new/folder/theirs.txt"] == b"theirs"
    assert "new/folder/page.html" not in now
    assert all_content(server) == content


def test_what_an_undo_did_not_look_at_is_noticed_later(
    plain_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record is written by the undo, and so younger than the edit."""
    site = tmp_path / "site"
    publish(plain_server, site, FIRST)
    latest = publish(plain_server, site, SECOND)
    os.utime(plain_server.root / "same.txt", (EARLIER + 1, EARLIER + 1))
    roll(plain_server, latest)
    monkeypatch.setattr(recheck, "_SETTLED", 0.0)
    assert "same.txt" in deploy(plain_server, site, check=True)["drifted"]


def test_published_anew_after_an_undo(server: Server, tmp_path: Path) -> None:
    site = tmp_path / "site"
    first, second = publish(server, site, FIRST), publish(server, site, SECOND)
    roll(server)
    third = publish(server, site, THIRD)
    refused = try_roll(server, second, state="redone")
    assert refused["raised"] == "PlanRefused" and "published since" in refused["error"]
    assert_nothing_to_do(server, second)
    assert {b["id"]: b["undone"] for b in try_roll(server, state="listed")["backups"]} == {
        first: False, second: True, third: False,
    }  # fmt: skip
    assert roll(server, third)["backup_ids"] == [third]
    assert server_tree(server) == expected(FIRST)
    assert roll(server, second, state="redone")["backup_ids"] == [second]
    assert server_tree(server) == expected(SECOND)


# ---------------------------------------------------------------------- on one server


@pytest.mark.parametrize("kind", ["pyftpdlib", "vsftpd"])
def test_publications_without_a_set_are_warned_of(
    ftp_server: t.Callable[..., Server], tmp_path: Path, kind: str
) -> None:
    server, site = ftp_server(kind), tmp_path / "site"
    publish(server, site, {"a": "1", "b": "1"})
    latest = publish(server, site, {"a": "2", "b": "1"})
    assert publish(server, site, {"a": "3", "b": "3"}, backup=0) is None
    done = roll(server, latest)
    assert done["drifted"] == ["a"] and "backup: 0" in "".join(done["warnings"])
    assert without_empty(server_tree(server)) == {"a": b"1", "b": b"3"}
    assert "b" not in done["restored"]


def test_errors_say_what_helps(ftp_server: t.Callable[..., Server], tmp_path: Path) -> None:
    server, site = ftp_server(), tmp_path / "site"
    assert "backup: 3" in try_roll(server)["error"]
    assert try_roll(server, state="listed")["backups"] == []
    first = publish(server, site, FIRST)
    assert "look like" in try_roll(server, "../../etc")["error"]
    unknown = try_roll(server, "20200101T000000Z-9")
    assert unknown["raised"] == "UsageError" and first in unknown["error"]
    second = publish(server, site, SECOND)
    sets = server.root / STATE / "backup"
    (sets / second / "backup.json").write_text("{}")
    server.mark()
    broken = try_roll(server, first)
    assert broken["raised"] == "PlanRefused" and second in broken["error"] and "damaged" in broken["error"]
    assert try_roll(server, second)["raised"] == "ManifestError"
    shutil.rmtree(sets / second)
    gone = try_roll(server, first)
    assert gone["raised"] == "PlanRefused" and "not there any more" in gone["error"]
    assert server.writes() == []
    hostile = json.loads((sets / first / "backup.json").read_text())
    hostile["operations"][0]["path"] = f"{STATE}/manifest.json"
    (sets / first / "backup.json").write_text(json.dumps(hostile))
    manifest = json.loads((server.root / STATE / "manifest.json").read_text())
    (server.root / STATE / "manifest.json").write_text(json.dumps({**manifest, "backup": first}))
    assert "our own folder" in try_roll(server, first)["error"]


def test_sets_beyond_the_number_to_keep_are_dropped_oldest_first(
    ftp_server: t.Callable[..., Server], tmp_path: Path
) -> None:
    server, site = ftp_server(), tmp_path / "site"
    ids = [publish(server, site, {"a": str(n), "b/c": "x" * n}, backup=3) for n in range(5)]
    assert [b["id"] for b in try_roll(server, state="listed")["backups"]] == ids[:1:-1]
    roll(server, ids[2])
    assert server_tree(server) == {"a": b"1", "b": None, "b/c": b"x"}


def test_a_server_that_does_not_rename_onto_files(ftp_server: t.Callable[..., Server], tmp_path: Path) -> None:
    server, site = ftp_server("proftpd", extra=["AllowOverwrite off"]), tmp_path / "site"
    backups = [publish(server, site, tree) for tree in (FIRST, SECOND)]
    roll(server, backups[1])
    assert server_tree(server) == expected(FIRST)
    roll(server, backups[1], state="redone")
    assert server_tree(server) == expected(SECOND)


def test_odd_names(ftp_server: t.Callable[..., Server], tmp_path: Path) -> None:
    names = ["with space", " leading", "100%", "ü", "[ab]", "-rf", 'quo"te', "semi;colon", "x" * 200]
    trees = [{f"{name}/{name}.txt": f"{number} {name}" for name in names} for number in (1, 2)]
    trees[1].pop(f"{names[0]}/{names[0]}.txt")
    server, site = ftp_server("vsftpd"), tmp_path / "site"
    backups = [publish(server, site, tree) for tree in trees]
    roll(server, backups[1])
    assert server_tree(server) == expected(trees[0])
    roll(server, backups[1], state="redone")
    assert server_tree(server) == expected(trees[1])


def test_modes_of_folders_come_back(ftp_server: t.Callable[..., Server], tmp_path: Path) -> None:
    server, site = ftp_server(), tmp_path / "site"
    modes: dict[str, t.Any] = {"file_mode": "0640", "directory_mode": "0750"}
    publish(server, site, {"a/b": "1", "c": "1"}, **modes)
    publish(server, site, {"c": "1"}, **modes)
    roll(server)
    assert (server.root / "a").stat().st_mode & 0o777 == 0o750
    assert (server.root / "a" / "b").stat().st_mode & 0o777 == 0o640
    assert_settled(server, write_tree(tmp_path / "first", {"a/b": "1", "c": "1"}), **KEEP, **modes)


def test_another_run_in_between_is_noticed(
    ftp_server: t.Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs that planned to undo the latest: the second one must not undo one more by its old plan."""
    server, site = ftp_server(), tmp_path / "site"
    for tree in (FIRST, SECOND, THIRD):
        latest = publish(server, site, tree)
    locked = rollback.locked

    def after_another(*args: t.Any, **kwargs: t.Any) -> t.Any:
        monkeypatch.setattr(rollback, "locked", locked)
        assert try_roll(server, latest)["changed"]
        return locked(*args, **kwargs)

    monkeypatch.setattr(rollback, "locked", after_another)
    found = try_roll(server, latest)
    assert found["error"] is None and not found["changed"] and found["backup_ids"] == []
    assert server_tree(server) == expected(SECOND)
