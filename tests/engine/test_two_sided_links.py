# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Symbolic links in the local folder of a run of two sides."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.engine.conftest import attempt, expected, put_tree, times, tree_of, write_tree
from tests.engine.two_sides import LATER, META, assert_settled, foretold, here, refused, run, there
from tests.servers import Server


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that links lead to, and nobody may write to."""
    return write_tree(tmp_path / "outside", {"x.txt": "precious", "deep/y.txt": "precious, too"})


@pytest.mark.parametrize("direction", ["download", "sync"])
def test_nothing_is_written_through_a_link_that_leads_out(
    plain_server: Server, local: Path, outside: Path, direction: str
) -> None:
    (local / "out").symlink_to(outside)
    (local / "file.txt").symlink_to(outside / "x.txt")
    put_tree(plain_server, {"out/new.txt": "n", "out/x.txt": "changed there", "out/deep/new.txt": "n"}, LATER)
    put_tree(plain_server, {"file.txt": "from the server", "fine.txt": "f"}, LATER)
    before = tree_of(outside), times(outside)
    options: dict[str, t.Any] = {"delete": True} if direction == "download" else {"resolve": "remote"}
    done = attempt(plain_server, local, direction=direction, **options)
    assert (tree_of(outside), times(outside)) == before
    assert (local / "fine.txt").read_text() == "f"
    assert (local / "file.txt").read_text() == "from the server" and not (local / "file.txt").is_symlink()
    assert done["error"] and "outside" in done["error"]
    assert {error["path"] for error in done["errors"]} >= {"out/new.txt", "out/x.txt", "out/deep/new.txt"}
    again = attempt(plain_server, local, direction=direction, **options)
    assert again["error"] and (tree_of(outside), times(outside)) == before


def test_records_do_not_go_through_links_that_lead_out(plain_server: Server, local: Path, outside: Path) -> None:
    (local / "out").symlink_to(outside)
    write_tree(local, {"a.txt": "a", "in/b.txt": "b"})
    before = tree_of(outside), times(outside)
    for direction, options in (("sync", {}), ("upload", {"record": "folder"})):
        run(plain_server, local, direction, **options)
        assert (tree_of(outside), times(outside)) == before
        assert there(plain_server)["out/deep/y.txt"] == b"precious, too"
        assert (local / META).exists() and (local / "in" / META).exists()
        assert_settled(plain_server, local, direction, **options)


def test_a_link_within_the_folder_is_as_good_as_a_folder(plain_server: Server, local: Path) -> None:
    write_tree(local, {"real/x.txt": "x"})
    (local / "alias").symlink_to("real")
    foretold(plain_server, local, "sync")
    assert there(plain_server) == expected({"real/x.txt": "x", "alias/x.txt": "x"})
    plain_server.put("alias/new.txt", "n", LATER)
    run(plain_server, local, "sync")
    assert (local / "real" / "new.txt").read_text() == "n" and (local / "alias").is_symlink()


def test_links_that_are_left_out(plain_server: Server, local: Path, outside: Path) -> None:
    (local / "out").symlink_to(outside)
    (local / "link.txt").symlink_to("real.txt")
    write_tree(local, {"real.txt": "r"})
    put_tree(plain_server, {"out/x.txt": "theirs", "link.txt": "theirs", "real.txt": "r"})
    done = foretold(plain_server, local, "sync", symlinks="skip")
    assert done["operations"] == [] and sorted(line.split(":")[0] for line in done["warnings"]) == ["link.txt", "out"]
    done = foretold(plain_server, local, symlinks="skip", delete=True)
    assert done["operations"] == [] and (local / "out").is_symlink() and (local / "link.txt").is_symlink()


def test_links_that_shall_fail(plain_server: Server, local: Path, outside: Path) -> None:
    (local / "out").symlink_to(outside)
    put_tree(plain_server, {"x": "x"})
    for direction in ("download", "sync"):
        message = refused(plain_server, local, direction, symlinks="fail")
        assert message.startswith("symlinks: fail") and "out" in message
    assert foretold(plain_server, local, symlinks="fail", exclude=["out"])["downloaded"] == ["x"]


def test_a_broken_link_is_left_alone(plain_server: Server, local: Path) -> None:
    (local / "broken").symlink_to("nowhere")
    put_tree(plain_server, {"broken": "theirs", "x": "x"})
    done = foretold(plain_server, local, delete=True)
    assert done["downloaded"] == ["x"] and (local / "broken").is_symlink() and "broken" in done["warnings"][0]


def test_deleting_a_link_leaves_what_it_leads_to(plain_server: Server, local: Path, outside: Path) -> None:
    put_tree(plain_server, {"x": "x"})
    (local / "out").symlink_to(outside)
    (local / "mine").mkdir()
    (local / "mine" / "file.txt").symlink_to(outside / "x.txt")
    before = tree_of(outside), times(outside)
    done = foretold(plain_server, local, delete=True)
    assert set(done["deleted"]) == {"mine/file.txt", "out", "mine"}
    assert (tree_of(outside), times(outside)) == before and here(local) == {"x": b"x"}
