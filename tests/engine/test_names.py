# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of files and folders survive the way there, later runs, and their removal; bad ones fail alone."""

from __future__ import annotations

import os
import shutil
import typing as t
import unicodedata
from pathlib import Path

import pytest

from tests.engine.conftest import (
    EARLIER,
    Content,
    assert_settled,
    attempt,
    deploy,
    expected,
    foretold,
    server_tree,
    write_commands,
    write_tree,
)
from tests.servers import Server

NFC = unicodedata.normalize("NFC", "Größe é")
NFD = unicodedata.normalize("NFD", "Größe é")
NOT_UTF8 = os.fsdecode(b"caf\xe9 \xff.txt")

NAMES = [
    " leading space",
    "trailing space ",
    "  two  each  ",
    "double  space",
    " ",
    "'single' \"double\" `back`",
    '"quoted"',
    "#hash#",
    "100%",
    "%20 %2e%2e %s %n %",
    "semi;colon; type=dir; x",
    "[a-z]",
    "[",
    "a]b",
    "star*",
    "*",
    "what?",
    "{a,b}",
    "{",
    "-a",
    "--help",
    "-",
    "~",
    "~root",
    "~tester",
    "back\\slash",
    "\\",
    "C:\\x",
    "a -> b",
    "total 0",
    "drwxr-xr-x 2 ftp ftp 4096 Jan 01 00:00 x",
    "$HOME $(id) | & ; > <",
    "...",
    "..x",
    ".hidden",
    ".ftpsync2",
    "tab\there",
    "bell\x07 escape\x1b[31m delete\x7f",
    NFC,
    NFD,
    "Ελληνικά 日本語 עברית",
    "emoji 🚀👩‍👩‍👧",
    "\u00a0no-break\u2028line\u2029par\u0085next",
    "x" * 200,
    "y" * 255,
    "é" * 127,
    "CON",
    "aux.txt",
    "dot.",
    "a:b",
    "index.html",
    "manifest.json",
    "lock",
    "stage",
]

# What is known of the servers, by hand: Pure-FTPd alters or refuses these.
CANNOT_HOLD = {
    "pure-ftpd": [
        " ",
        "  two  each  ",
        "trailing space ",
        "back\\slash",
        "\\",
        "C:\\x",
        "tab\there",
        "bell\x07 escape\x1b[31m delete\x7f",
    ]
}


def as_files(names: list[str]) -> dict[str, Content]:
    return {name: f"content of {number}" for number, name in enumerate(names)}


def as_folders(names: list[str]) -> dict[str, Content]:
    """Each name as an empty folder, as one with something in it, and as a folder within itself."""
    tree: dict[str, Content] = {}
    for number, name in enumerate(names):
        tree[f"empty/{name}"] = None
        tree[f"{name}/{name}/{number}.txt"] = f"content below {number}"
    return tree


@pytest.mark.parametrize("shape", [as_files, as_folders], ids=["files", "folders"])
def test_names_survive(server: Server, tmp_path: Path, shape: t.Callable[[list[str]], dict[str, Content]]) -> None:
    names = [name for name in NAMES if name not in CANNOT_HOLD.get(server.kind, ())]
    tree = shape(names)
    local = write_tree(tmp_path / "site", tree)
    done = foretold(server, local, delete=True)
    assert server_tree(server) == expected(tree)
    assert len(done["uploaded"]) == len(names) and not any("\x1b" in path for path in done["uploaded"])
    assert_settled(server, local, delete=True)
    for path, content in tree.items():
        if content is not None:
            (local / path).write_text("changed")
            os.utime(local / path, (EARLIER, EARLIER))
    changed = foretold(server, local, delete=True, backup=1)
    assert len(changed["uploaded"]) == len(names) and changed["drifted"] == []
    assert_settled(server, local, delete=True)
    shutil.rmtree(local)
    write_tree(local, {"one is left": "over"})
    gone = foretold(server, local, delete=True)
    assert len(gone["operations"]) == len(expected(tree)) + 1
    assert server_tree(server) == {"one is left": b"over"}


@pytest.mark.parametrize("kind", sorted(CANNOT_HOLD))
def test_names_that_a_server_cannot_hold_fail_alone(
    ftp_server: t.Callable[..., Server], tmp_path: Path, kind: str
) -> None:
    server = ftp_server(kind)
    bad = CANNOT_HOLD[kind]
    local = write_tree(tmp_path / "site", {"ok.txt": "1", "folder/ok.txt": "2", **as_files(bad)})
    for _run in range(2):
        done = attempt(server, local, delete=True)
        assert f"{len(bad)} of " in done["error"] and "name" in done["error"]
        assert len(done["errors"]) == len(bad) and all("rename it" in e["message"] for e in done["errors"])
        assert server_tree(server) == expected({"ok.txt": "1", "folder/ok.txt": "2"})
    assert not done["changed"]


@pytest.mark.parametrize("publish", ["staged", "direct"])
def test_long_names_need_no_room_for_a_suffix(
    ftp_server: t.Callable[..., Server], tmp_path: Path, publish: str
) -> None:
    server = ftp_server()
    tree = {"x" * 255: "1", f"{'d' * 255}/{'e' * 255}": "2"}
    local = write_tree(tmp_path / "site", tree)
    deploy(server, local, publish=publish)
    assert server_tree(server) == expected(tree)
    assert_settled(server, local, publish=publish)


def test_names_that_are_not_utf8(server: Server, tmp_path: Path) -> None:
    tree: dict[str, Content] = {NOT_UTF8: "1", f"{NOT_UTF8}.d/{NOT_UTF8}": "2", "ok.txt": "3"}
    local = write_tree(tmp_path / "site", tree)
    done = attempt(server, local, delete=True)
    if done["error"] is None:
        assert server_tree(server) == expected(tree)
        assert "caf\\xe9 \\xff.txt" in done["uploaded"]
        assert_settled(server, local, delete=True)
    else:  # this server wants UTF-8: all else is published, and the others are named
        assert "ok.txt" in done["uploaded"] and server_tree(server)["ok.txt"] == b"3"
        assert all("caf" in path for path in (e["path"] for e in done["errors"])) and done["errors"]
        assert "caf\\xe9" in done["error"]
    for name in (NOT_UTF8, f"{NOT_UTF8}.d"):
        path = local / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    foretold(server, local, delete=True)
    assert server_tree(server) == {"ok.txt": b"3"}
    assert_settled(server, local, delete=True)


@pytest.mark.parametrize("bad", ["line\nfeed.txt", "carriage\rreturn.txt", "folder\n/inside.txt"])
def test_names_that_ftp_cannot_send_fail_alone(plain_server: Server, tmp_path: Path, bad: str) -> None:
    server = plain_server
    local = write_tree(tmp_path / "site", {"ok.txt": "1", "css/ok.css": "2", bad: "3"})
    shown = attempt(server, local, check=True, delete=True)
    done = attempt(server, local, delete=True)
    assert shown["operations"] == done["operations"]
    assert shown["error"] == done["error"]
    assert "line end" in done["error"]
    assert done["uploaded"] == ["css/ok.css", "ok.txt"]
    assert server_tree(server) == expected({"ok.txt": "1", "css/ok.css": "2"})
    server.mark()
    again = attempt(server, local, delete=True)
    assert again["error"] == done["error"] and not again["changed"] and write_commands(server) == []
    assert_settled(server, local, delete=True, exclude=["*\n*", "*\r*"])


@pytest.mark.parametrize(("kind", "name"), [("vsftpd", "grün.txt"), ("proftpd", "ÿ.txt")])
def test_another_encoding(ftp_server: t.Callable[..., Server], tmp_path: Path, kind: str, name: str) -> None:
    server = ftp_server(kind)
    tree = {name: "1", f"{name}.d/{name}": "2"}
    local = write_tree(tmp_path / "site", tree)
    options = {"encoding": "latin-1", "delete": True}
    done = foretold(server, local, **options)
    assert done["uploaded"] == sorted(tree)
    there = {os.fsdecode(path.encode("latin-1")): c for path, c in expected(tree).items()}
    assert server_tree(server) == there
    assert_settled(server, local, **options)
    (local / name).unlink()
    assert foretold(server, local, **options)["deleted"] == [name]
    assert_settled(server, local, **options)


def test_a_name_beyond_the_encoding_fails_alone(ftp_server: t.Callable[..., Server], tmp_path: Path) -> None:
    server = ftp_server("vsftpd")
    local = write_tree(tmp_path / "site", {"Ελλάς.txt": "1", "ok.txt": "2", "Ελλάς/a": "3"})
    done = attempt(server, local, encoding="latin-1")
    assert done["error"] is not None and "latin-1" in done["error"].lower().replace("iso8859-1", "latin-1")
    assert server_tree(server) == {"ok.txt": b"2"}


def test_case_and_form_make_different_names(ftp_server: t.Callable[..., Server], tmp_path: Path) -> None:
    server = ftp_server()
    tree = {"A": "1", "a": "2", NFC: "3", NFD: "4", "B/x": "5", "b/x": "6"}
    local = write_tree(tmp_path / "site", tree)
    foretold(server, local)
    assert server_tree(server) == expected(tree)
    assert_settled(server, local)
