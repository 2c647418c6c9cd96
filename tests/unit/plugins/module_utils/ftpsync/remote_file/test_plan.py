# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One path: what is wanted and what is there in, steps or a refusal out."""

from __future__ import annotations

import typing as t

import pytest

from ftpsync import target
from ftpsync.errors import PlanRefused
from ftpsync.model import DIRECTORY, FILE, LINK, OTHER, Entry
from ftpsync.remote_file import plan, report
from ftpsync.remote_file.plan import Found, Step, Wanted

SITE = target.validate({"remote": "ftps://h/r"})
WANTED = Wanted(3, "new")
SAME = Entry(FILE, 3, 1000, 1, 0o644, "new")
OTHER_CONTENT = Entry(FILE, 3, 1000, 1, 0o640, "old")
LARGER = Entry(FILE, 4, 1000)
FOLDER = Entry(DIRECTORY, mode=0o755)
MISSING = ("/r/a", "/r/a/b")


def options(state: str, **changed: t.Any) -> plan.FileOptions:
    given: dict[str, t.Any] = {"path": "a/b/x", "state": state, **changed}
    if state == "file":
        given["content"] = "new"
    if state == "moved":
        given["dest"] = "a/b/y"
    return plan.validate(given, SITE)


CASES: list[tuple[str, dict[str, t.Any], Found, list[tuple[str, str]] | str]] = [
    ("file", {}, Found(None), [("upload", "x")]),
    ("file", {}, Found(None, missing=MISSING), [("create_directory", "a"), ("create_directory", "b"), ("upload", "x")]),
    ("file", {"parents": False}, Found(None, missing=MISSING), "set parents: true"),
    ("file", {}, Found(None, missing=MISSING, barrier="/r/a"), "/r/a is no folder"),
    ("file", {}, Found(SAME), []),
    ("file", {}, Found(OTHER_CONTENT), [("upload", "x")]),
    ("file", {}, Found(LARGER), [("upload", "x")]),
    ("file", {"force": False}, Found(LARGER), []),
    ("file", {"mode": "0600"}, Found(SAME), [("set_mode", "x")]),
    ("file", {"mode": "0600"}, Found(OTHER_CONTENT), [("upload", "x")]),
    ("file", {"mode": "0644"}, Found(SAME), []),
    ("file", {"mode": "0600"}, Found(SAME._replace(mode=None)), []),
    ("file", {}, Found(FOLDER), "is a directory"),
    ("file", {}, Found(Entry(OTHER)), "is a other"),
    ("file", {}, Found(SAME._replace(kind=LINK)), []),
    ("directory", {}, Found(None), [("create_directory", "x")]),
    ("directory", {}, Found(FOLDER), []),
    ("directory", {"mode": "0700"}, Found(FOLDER), [("set_mode", "x")]),
    ("directory", {}, Found(SAME), "is a file"),
    ("touch", {}, Found(None), [("upload", "x")]),
    ("touch", {}, Found(SAME), []),
    ("touch", {}, Found(FOLDER), []),
    ("touch", {"mtime": "now"}, Found(SAME), [("set_time", "x")]),
    ("touch", {"mtime": "1970-01-01T00:16:40Z"}, Found(SAME), []),
    ("touch", {"mtime": "1970-01-01T00:16:41Z"}, Found(SAME), [("set_time", "x")]),
    ("touch", {"mtime": "now"}, Found(FOLDER), "whose time few servers set"),
    ("absent", {}, Found(None), []),
    ("absent", {}, Found(SAME), [("delete", "x")]),
    ("absent", {}, Found(FOLDER), [("delete", "x")]),
    ("absent", {}, Found(FOLDER, below={"/r/a/b/x/y": SAME}), "is not empty: y; to delete it"),
    ("moved", {}, Found(SAME), [("move", "x")]),
    ("moved", {}, Found(SAME, missing=("/r/a",)), [("create_directory", "a"), ("move", "x")]),
    ("moved", {}, Found(None, SAME), []),
    ("moved", {}, Found(None, None), "there is neither /r/a/b/x nor /r/a/b/y"),
    ("moved", {}, Found(SAME, OTHER_CONTENT), [("move", "x")]),
    ("moved", {"force": False}, Found(SAME, OTHER_CONTENT), "set force: true"),
    ("moved", {}, Found(SAME, FOLDER), "only a file may take the place"),
    ("moved", {}, Found(FOLDER, SAME), "only a file may take the place"),
    ("moved", {"mode": "0600"}, Found(SAME), [("move", "x"), ("set_mode", "y")]),
    ("moved", {"mode": "0600"}, Found(None, SAME), [("set_mode", "y")]),
]


@pytest.mark.parametrize(("state", "changed", "found", "expected"), CASES)
def test_decisions(state: str, changed: dict[str, t.Any], found: Found, expected: list[tuple[str, str]] | str) -> None:
    wanted = options(state, **changed)
    if isinstance(expected, str):
        with pytest.raises(PlanRefused) as refusal:
            plan.decide(wanted, found, WANTED, 2000.0)
        assert expected in str(refusal.value)
        return
    steps = plan.decide(wanted, found, WANTED, 2000.0)
    assert [(step.action, step.path.rpartition("/")[2]) for step in steps] == expected


def test_a_folder_goes_from_the_inside_out() -> None:
    below = {"/r/a/b/x/f": SAME, "/r/a/b/x/d": FOLDER, "/r/a/b/x/d/g": SAME, "/r/a/b/x/l": Entry(LINK)}
    steps = plan.decide(options("absent", recurse=True), Found(FOLDER, below=below), None, 0)
    order = ["/r/a/b/x/d/g", "/r/a/b/x/f", "/r/a/b/x/l", "/r/a/b/x/d", "/r/a/b/x"]
    assert [step.path for step in steps] == order


def test_a_replaced_file_keeps_its_mode() -> None:
    (step,) = plan.decide(options("file"), Found(OTHER_CONTENT), WANTED, 0)
    assert step.replaces and step.mode == 0o640 and step.keeps_mode
    (step,) = plan.decide(options("file", mode="0600"), Found(OTHER_CONTENT), WANTED, 0)
    assert step.mode == 0o600 and not step.keeps_mode


def shown(before: bytes | None, after: bytes | None) -> dict[str, t.Any]:
    steps = (Step("upload", "/r/x", FILE, "content differs", replaces=True),)
    result = report.Result(Found(OTHER_CONTENT), before, after, steps=steps, done=steps)
    (found,) = report.diff(options("file"), result)
    return {name: value for name, value in found.items() if not name.endswith("_header")}


def test_contents_in_a_diff() -> None:
    large = b"x" * (report.MAX_DIFF + 1)
    assert shown(b"old\n", "\u00e9".encode()) == {"before": "old\n", "after": "\u00e9"}
    assert shown(b"o\0d", b"new") == {"dst_binary": 1}
    assert shown(b"old", b"\xff") == {"src_binary": 1}
    assert shown(None, b"new") == {"dst_larger": report.MAX_DIFF}
    assert shown(b"old", large) == {"src_larger": report.MAX_DIFF}
    assert shown(b"old", None) == {"src_larger": report.MAX_DIFF}


def test_nothing_done_is_an_empty_diff() -> None:
    assert report.diff(options("file"), report.Result()) == []
