# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How content gets there: kinds that change, modes, times, ways to publish and to compare, our own folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import typing as t
from pathlib import Path

import pytest

from tests.engine.conftest import (
    EARLIER,
    SITE,
    Content,
    assert_settled,
    attempt,
    deploy,
    expected,
    foretold,
    server_tree,
    tree_of,
    write_commands,
    write_tree,
)
from tests.servers import Server

StartServer = t.Callable[..., Server]


@pytest.fixture
def server(plain_server: Server) -> Server:
    """Here without TLS, which makes no difference to what is tested."""
    return plain_server


def become(local: Path, tree: t.Mapping[str, Content]) -> None:
    shutil.rmtree(local)
    write_tree(local, tree)


# ---------------------------------------------------------------------- kinds


@pytest.mark.parametrize("publish", ["staged", "direct"])
@pytest.mark.parametrize("backup", [0, 1])
def test_files_become_folders_and_the_reverse(server: Server, tmp_path: Path, publish: str, backup: int) -> None:
    options = {"publish": publish, "backup": backup, "delete": True}
    first: dict[str, Content] = {
        "file to folder": "1",
        "file to empty folder": "2",
        "folder to file/a": "3",
        "folder to file/b/c": "4",
        "empty folder to file": None,
        "deep/x": "5",
        "swap/a": "6",
        "swap.b": "7",
    }
    second: dict[str, Content] = {
        "file to folder/a/b": "1",
        "file to empty folder": None,
        "folder to file": "3",
        "empty folder to file": "4",
        "deep/x/deep/x": "5",
        "swap": "6",
        "swap.b/a": "7",
    }
    local = write_tree(tmp_path / "site", first)
    deploy(server, local, **options)
    for tree in (second, first):
        become(local, tree)
        foretold(server, local, **options)
        assert server_tree(server) == expected(tree)
        assert_settled(server, local, **options)


def test_what_is_not_ours_does_not_make_way(server: Server, tmp_path: Path) -> None:
    local = write_tree(tmp_path / "site", {"a/ours": "1", "b": "2", "c": "3"})
    deploy(server, local)
    server.put("a/theirs", "!")
    server.put("d", "?")
    become(local, {"a": "file now", "b": "2", "c": "3", "d/x": "folder here"})
    done = foretold(server, local, protect=["d"])
    assert [c["path"] for c in done["conflicts"]] == ["a", "d"] and done["operations"] == []
    foretold(server, local, delete=True, protect=["d"])
    assert server_tree(server)["a/theirs"] == b"!" and server_tree(server)["d"] == b"?"


def test_empty_folders_come_and_go(server: Server, tmp_path: Path) -> None:
    tree: dict[str, Content] = {"keep": "1", "e": None, "f/g/h": None}
    local = write_tree(tmp_path / "site", tree)
    assert foretold(server, local)["created_directories"] == ["e", "f", "f/g", "f/g/h"]
    become(local, {"keep": "1"})
    assert foretold(server, local, delete=True)["deleted"] == ["f/g/h", "f/g", "f", "e"]
    assert server_tree(server) == {"keep": b"1"}
    assert_settled(server, local, delete=True)


def test_nothing_is_deleted_through_a_link(server: Server, site: Path) -> None:
    """pyftpdlib's MLSD shows a link to a folder as a folder."""
    server.put("precious/a.txt", "a")
    inside = server.at("www")
    inside.put("old/x.txt", "x")
    (inside.root / "uploads").symlink_to("../precious")
    found = deploy(inside, site, delete=True, delete_unmanaged=True)
    assert "old/x.txt" in found["deleted"]
    assert (server.root / "precious/a.txt").exists()


def test_symbolic_links(ftp_server: StartServer, site: Path, tmp_path: Path) -> None:
    server = ftp_server()
    write_tree(tmp_path / "elsewhere", {"x/y": "behind"})
    (site / "link.html").symlink_to("index.html")
    (site / "folder").symlink_to(tmp_path / "elsewhere")
    refused = attempt(server, site, symlinks="fail")
    assert refused["raised"] == "LocalError" and "symlinks" in refused["error"] and server_tree(server) == {}
    foretold(server, site, symlinks="skip")
    assert server_tree(server) == expected(SITE)
    foretold(server, site)
    assert server_tree(server) == expected({**SITE, "link.html": "<html>", "folder/x/y": "behind"})
    assert_settled(server, site)
    foretold(server, site, symlinks="skip", delete=True)
    assert server_tree(server) == expected(SITE)


def test_a_link_on_the_server_is_replaced_not_followed(server: Server, site: Path) -> None:
    deploy(server, site)
    server.put("elsewhere.txt", "theirs")
    (server.root / "index.html").unlink()
    (server.root / "index.html").symlink_to("elsewhere.txt")
    done = foretold(server, site)
    assert "index.html" in done["drifted"]
    assert server_tree(server) == {**expected(SITE), "elsewhere.txt": b"theirs"}
    assert_settled(server, site)


# ---------------------------------------------------------------------- modes and times


def modes(root: Path) -> dict[str, str]:
    return {path: format(stat.S_IMODE((root / path).stat().st_mode), "04o") for path in tree_of(root)}


@pytest.mark.parametrize("publish", ["staged", "direct"])
def test_modes(server: Server, site: Path, publish: str) -> None:
    options = {"file_mode": "0604", "directory_mode": "0711", "publish": publish}
    foretold(server, site, **options)
    if server.kind == "pyftpdlib-process":
        return
    wanted = {path: "0711" if content is None else "0604" for path, content in expected(SITE).items()}
    found = {path: mode for path, mode in modes(server.root).items() if not path.startswith(".ftpsync")}
    assert found == wanted
    assert_settled(server, site, **options)
    (site / "css" / "a.css").write_text("changed")
    assert foretold(server, site, **options)["uploaded"] == ["css/a.css"]
    assert modes(server.root)["css/a.css"] == "0604"
    assert_settled(server, site, **options)
    other = foretold(server, site, **{**options, "file_mode": "0640"})
    assert {o["operation"] for o in other["operations"]} == {"set_mode"} and other["changed"]
    assert modes(server.root)["index.html"] == "0640" and modes(server.root)["css"] == "0711"
    assert_settled(server, site, **{**options, "file_mode": "0640"})


@pytest.mark.parametrize("publish", ["staged", "direct"])
@pytest.mark.parametrize("preserve", [True, False])
def test_times(server: Server, site: Path, preserve: bool, publish: str) -> None:
    deploy(server, site, preserve_mtime=preserve, publish=publish)
    there = (server.root / "css/a.css").stat().st_mtime
    facts = deploy(server, site, check=True)["server"]
    if preserve:
        assert there == EARLIER or facts["mtime_settable"] is False
    else:
        assert there > EARLIER + 1000
    assert_settled(server, site, preserve_mtime=preserve, publish=publish)
    assert_settled(server, site, preserve_mtime=not preserve)


# ---------------------------------------------------------------------- publishing


def test_assets_first_entry_points_last(server: Server, tmp_path: Path) -> None:
    names = [
        "index.html",
        "a/index.php",
        ".htaccess",
        "sw.js",
        "manifest.json",
        "page.html",
        "z.css",
        "a/lib.js",
        "b.php",
    ]
    local = write_tree(tmp_path / "site", dict.fromkeys(names, "1"))
    deploy(server, local)
    become(local, dict.fromkeys(names, "22"))
    server.mark()
    deploy(server, local)
    targets = [c.split(" ", 1)[1] for c in server.commands() if c.startswith("RNTO ")]
    order = [p for p in (x[len(str(server.folder)) + 1 :] for x in targets) if p in names]
    assert sorted(order) == sorted(names)
    ranks = {"z.css": 0, "a/lib.js": 0, "page.html": 1, "b.php": 1}
    assert [ranks.get(path, 2) for path in order] == [0, 0, 1, 1, 2, 2, 2, 2, 2]
    stores = [i for i, c in enumerate(server.commands()) if re.match(r"STOR .*/stage/[0-9a-f]{40}-", c)]
    renames = [i for i, c in enumerate(server.commands()) if c.startswith("RNTO ") and c.split(" ", 1)[1] in targets]
    assert len(stores) == len(names) and stores[-1] < renames[0]
    assert not [c for c in server.commands() if c.startswith("STOR ") and "/.ftpsync/" not in c]


def test_direct_publishing_writes_no_final_name(server: Server, site: Path) -> None:
    deploy(server, site, publish="direct")
    assert server_tree(server) == expected(SITE)
    stores = [c for c in server.commands() if c.startswith("STOR ")]
    assert stores and all("/.ftpsync" in c for c in stores)
    assert_settled(server, site, publish="direct")
    (site / "index.html").write_text("direct")
    server.put("css/a.css", "drifted")
    done = foretold(server, site, publish="direct", backup=1)
    assert done["uploaded"] == ["css/a.css", "index.html"]
    assert server_tree(server)["index.html"] == b"direct"
    assert_settled(server, site)


def test_backup_sets(server: Server, tmp_path: Path) -> None:
    local = write_tree(tmp_path / "site", {"a": "1", "d/b": "1", "d/gone": "1", "same": "1", "kind": "1"})
    deploy(server, local, backup=2)
    assert tree_of(server.root / ".ftpsync/backup")
    ids = []
    for number in (2, 3, 4):
        become(local, {"a": f"{number}", "d/b": f"{number}", "same": "1", "kind/x": f"{number}", f"new{number}": "n"})
        done = foretold(server, local, backup=2, delete=True)
        ids.append(done["backup_id"])
        kept = {p: c for p, c in tree_of(server.root / ".ftpsync/backup" / ids[-1] / "files").items() if c is not None}
        before = str(number - 1).encode()
        also = {"d/gone": b"1", "kind": b"1"} if number == 2 else {"kind/x": before, f"new{number - 1}": b"n"}
        assert kept == {"a": before, "d/b": before, **also}
        assert json.loads((server.root / ".ftpsync/backup" / ids[-1] / "backup.json").read_text())["operations"]
        assert_settled(server, local, backup=2, delete=True)
    assert len(set(ids)) == 3
    assert sorted(os.listdir(server.root / ".ftpsync/backup")) == sorted(ids[-2:])


# ---------------------------------------------------------------------- without a record


@pytest.mark.parametrize("compare", ["auto", "mtime", "size", "checksum"])
def test_without_a_record(server: Server, site: Path, compare: str) -> None:
    options = {"record": "none", "compare": compare}
    foretold(server, site, **options)
    assert server_tree(server, state=True) == expected(SITE), "nothing of ours stays"
    assert_settled(server, site, **options)
    (site / "css/a.css").write_text("of another size")
    server.put("theirs.txt", "x")
    assert foretold(server, site, **options)["uploaded"] == ["css/a.css"]
    done = foretold(server, site, delete=True, protect=[".htaccess"], **options)
    assert done["deleted"] == ["theirs.txt"]
    assert_settled(server, site, delete=True, **options)


@pytest.mark.parametrize("compare", ["auto", "mtime", "size", "checksum"])
def test_with_a_record_any_comparison_is_settled(ftp_server: StartServer, site: Path, compare: str) -> None:
    server = ftp_server()
    deploy(server, site, compare=compare)
    assert_settled(server, site, compare=compare)
    for path in ("index.html", "css/a.css"):
        os.utime(site / path, (EARLIER + 500, EARLIER + 500))
    assert_settled(server, site, compare=compare)


# ---------------------------------------------------------------------- places and filters


@pytest.mark.parametrize("place", ["private/state", "below/.state"])
@pytest.mark.parametrize("parents", ["made", "missing"])
def test_the_state_may_lie_elsewhere(server: Server, site: Path, place: str, parents: str) -> None:
    """Within the site or outside of it; all folders above it may have to be made."""
    inside = server.at("www")
    if parents == "made":
        (server if place.startswith("private") else inside).at(place.split("/", maxsplit=1)[0])
    state_dir = str(server.folder / place) if place.startswith("private") else place
    deploy(inside, site, state_dir=state_dir, delete=True)
    base = server.root if place.startswith("private") else inside.root
    assert (base / place / "manifest.json").exists()
    assert not (inside.root / ".ftpsync").exists()
    found = assert_settled(inside, site, state_dir=state_dir, delete=True, delete_unmanaged=True)
    assert found["unmanaged"] == []
    assert {p: c for p, c in server_tree(inside).items() if not p.startswith("below")} == expected(SITE)


def test_our_own_folder_is_never_content(server: Server, site: Path) -> None:
    write_tree(site, {".ftpsync/manifest.json": "mine?", ".ftpsync/x": "y"})
    deploy(server, site)
    assert server_tree(server) == expected(SITE)
    assert json.loads((server.root / ".ftpsync/manifest.json").read_text())["count"] == len(expected(SITE))
    assert not (server.root / ".ftpsync/x").exists()
    assert_settled(server, site, delete=True, delete_unmanaged=True, delete_unmatched=True)


def test_the_root_is_created_with_its_parents(server: Server, site: Path) -> None:
    there = f"{server.url}/a b/c/d"
    refused = attempt(server, site, remote=there, create_root=False)
    assert refused["raised"] == "PlanRefused" and "create_root" in refused["error"]
    shown = deploy(server, site, remote=there, check=True)
    assert write_commands(server) == [] and server_tree(server, state=True) == {}
    done = deploy(server, site, remote=there)
    assert done["operations"] == shown["operations"]
    assert {p: c for p, c in tree_of(server.root / "a b/c/d").items() if not p.startswith(".ftpsync")} == expected(SITE)
    assert_settled(server, site, remote=there)


def test_filters_hold_in_new_folders_at_every_depth(server: Server, tmp_path: Path) -> None:
    tree: dict[str, Content] = {
        "keep.txt": "1",
        "new/a.log": "2",
        "new/keep.log": "3",
        "new/deep/b.log": "4",
        "new/deep/keep.log": "5",
        "build/x": "6",
        "new/build/x": "7",
        "node_modules/y": "8",
        "new/node_modules/deep/y": "9",
        "only/logs.log": "10",
        "a/b/c/d": "11",
        "a/c/d": "12",
    }
    exclude = ["*.log", "!keep.log", "/build/", "node_modules/", "a/**/d"]
    local = write_tree(tmp_path / "site", tree)
    done = foretold(server, local, exclude=exclude, delete=True)
    assert done["uploaded"] == ["keep.txt", "new/build/x", "new/deep/keep.log", "new/keep.log"]
    assert server_tree(server) == expected(
        {
            "keep.txt": "1",
            "new/keep.log": "3",
            "new/deep/keep.log": "5",
            "new/build/x": "7",
            "only": None,
            "a/b/c": None,
            "a/c": None,
        }
    )
    assert_settled(server, local, exclude=exclude, delete=True)


@pytest.mark.parametrize("mode", ["staged", "direct"])
def test_large_files(running_server: Server, tmp_path: Path, mode: str) -> None:
    server = running_server.at(f"large-{mode}")  # with TLS as well
    content = os.urandom(1 << 20)
    tree = {
        "exact": content,
        "one more": content + b"x",
        "big/er": content * 5 + b"\r\n\xff\x00",
        "one less": content[1:],
    }
    local = write_tree(tmp_path / "site", tree)
    deploy(server, local, publish=mode)
    assert server_tree(server) == expected(tree)
    assert_settled(server, local, publish=mode)
