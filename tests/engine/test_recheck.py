# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking whether all is as recorded, without listing it; and whatever is not, is noticed all the same."""

from __future__ import annotations

import os
import shutil
import typing as t
from pathlib import Path

import pytest

from ftpsync.scan import recheck
from tests.engine.conftest import EARLIER, assert_settled, deploy, expected, foretold, server_tree, write_tree
from tests.servers import Server
from tests.servers.fixtures import start_or_skip

LISTING = ("LIST", "MLSD", "NLST")


def listings(server: Server) -> list[str]:
    return [command for command in server.commands() if command.startswith(LISTING)]


def test_an_unchanged_site_is_not_listed(server: Server, tmp_path: Path) -> None:
    tree = {f"folder-{number % 7}/deep/file-{number}.txt": str(number) for number in range(40)}
    site = write_tree(tmp_path / "tree", {**tree, ".htaccess": "x", "css/.hidden": "y", "css/a.css": "z"})
    deploy(server, site)
    found = assert_settled(server, site, delete=True)
    assert found["unmanaged"] == []
    assert len(listings(server)) <= 1, "our own folder"
    (site / "css" / "a.css").write_text("changed")
    server.mark()
    assert foretold(server, site)["uploaded"] == ["css/a.css"]
    assert server_tree(server)["css/a.css"] == b"changed"


def drop_file(root: Path) -> None:
    (root / "css/deep/b.css").unlink()


def cut_file(root: Path) -> None:
    (root / "css/a.css").write_text("")


def touch_file(root: Path) -> None:
    """The same size, and a time that shows on the same day only."""
    os.utime(root / "css/a.css", (EARLIER + 1, EARLIER + 1))


def folder_for_file(root: Path) -> None:
    (root / "css/a.css").unlink()
    (root / "css/a.css").mkdir()


def file_for_folder(root: Path) -> None:
    shutil.rmtree(root / "empty")
    (root / "empty").write_text("")


def drop_empty_folder(root: Path) -> None:
    (root / "empty").rmdir()


def drop_folder(root: Path) -> None:
    shutil.rmtree(root / "css")


def drop_hidden(root: Path) -> None:
    (root / ".htaccess").unlink()


@pytest.mark.parametrize(
    "change",
    [drop_file, cut_file, touch_file, folder_for_file, file_for_folder, drop_empty_folder, drop_folder, drop_hidden],
)
def test_what_others_did_is_noticed(plain_server: Server, site: Path, change: t.Callable[[Path], None]) -> None:
    deploy(plain_server, site)
    before = server_tree(plain_server)
    change(plain_server.root)
    found = deploy(plain_server, site, check=True, delete=True, delete_unmanaged=True)
    assert found["changed"]
    done = deploy(plain_server, site, delete=True, delete_unmanaged=True)
    assert done["operations"] == found["operations"]
    assert server_tree(plain_server) == before
    assert_settled(plain_server, site, delete=True)


def test_an_edit_of_an_old_site_is_noticed(plain_server: Server, tmp_path: Path) -> None:
    """Where seconds of old files are not asked for, the listed day tells, as an edit bears its own."""
    site = write_tree(tmp_path / "tree", {"a/old.txt": "1234", "b/other.txt": "5678"}, mtime=EARLIER - 30 * 86400)
    deploy(plain_server, site)
    assert_settled(plain_server, site)
    plain_server.put("a/old.txt", "4321")
    assert deploy(plain_server, site, check=True)["drifted"] == ["a/old.txt"]
    assert deploy(plain_server, site)["uploaded"] == ["a/old.txt"]
    assert server_tree(plain_server)["a/old.txt"] == b"1234"


def publish_another(server: Server, site: Path, **options: t.Any) -> None:
    (site / "index.html").write_text("another")
    assert deploy(server, site, **options)["uploaded"] == ["index.html"]


@pytest.mark.parametrize("options", [{"force": False}, {"scan": "trust"}], ids=str)
def test_what_was_left_or_not_looked_at_is_noticed_later(
    plain_server: Server, site: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, t.Any]
) -> None:
    """The record is younger than the edit then, and that the file is old by now proves nothing."""
    deploy(plain_server, site)
    touch_file(plain_server.root)
    publish_another(plain_server, site, **options)
    monkeypatch.setattr(recheck, "_SETTLED", 0.0)
    assert deploy(plain_server, site, check=True)["drifted"] == ["css/a.css"]


@pytest.mark.parametrize("age", [30, 300], ids=["a minute is listed", "a day is listed"])
def test_old_files_of_a_server_in_another_zone(tmp_path: Path, age: int) -> None:
    """Pure-FTPd lists local time, which is that of summer for some files; here it is the next day already."""
    evening = EARLIER // 86400 * 86400 + 84_600
    days = {f"d{number}/f.txt": evening - (age + 15 * number) * 86400 for number in range(8)}
    for path, mtime in days.items():
        write_tree(tmp_path / "tree", {path: path}, mtime=mtime)
    with start_or_skip("pure-ftpd", zone="CET-1CEST,M3.5.0,M10.5.0/3") as server:
        deploy(server, tmp_path / "tree")
        server.mark()
        assert_settled(server, tmp_path / "tree")
        asked = [command for command in server.commands() if command.startswith("MDTM") and "f.txt" in command]
        assert len(asked) <= 1, "one tells the zone"
        assert len(listings(server)) <= 1, "our own folder"
        server.put("d3/f.txt", "edited!!")
        assert deploy(server, tmp_path / "tree", check=True)["drifted"] == ["d3/f.txt"]


@pytest.mark.parametrize("name", ["new.txt", ".new", "css/deep/new", "empty/new", "folder/new"])
def test_what_others_added_is_noticed(plain_server: Server, site: Path, name: str) -> None:
    deploy(plain_server, site)
    plain_server.put(name, "x")
    found = deploy(plain_server, site)
    assert found["unmanaged"] == [name.replace("folder/new", "folder")]
    assert not found["changed"]


def test_unusual_names_are_listed(plain_server: Server, tmp_path: Path) -> None:
    tree = {"a b/c d.txt": "1", "-a/x": "2", "[x]/y*": "3", "ü/ö": "4", "plain/file": "5", "s/-t": "6"}
    site = write_tree(tmp_path / "tree", tree)
    deploy(plain_server, site)
    assert_settled(plain_server, site)
    (plain_server.root / "a b/c d.txt").unlink()
    assert deploy(plain_server, site)["uploaded"] == ["a b/c d.txt"]
    assert server_tree(plain_server) == expected(tree)


def test_folders_of_others_above_ours_are_looked_into(server: Server, tmp_path: Path) -> None:
    """They have no record; and where the folder above them is as known, nothing else leads to them."""
    for path in ("theirs/shop", "theirs/pictures"):
        (server.root / path).mkdir(parents=True)
        server._give_away(server.root / path)
    server._give_away(server.root / "theirs")
    site = write_tree(tmp_path / "tree", {"theirs/shop/ours": None})
    deploy(server, site)
    found = assert_settled(server, site)
    assert found["unmanaged"] == ["theirs/pictures"]
