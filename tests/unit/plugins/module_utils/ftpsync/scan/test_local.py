# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The local scan on real trees: everything that takes part, nothing that does not, no wrong silence."""

from __future__ import annotations

import os
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftpsync.errors import LocalError
from ftpsync.filters import Filters
from ftpsync.model import DIRECTORY, FILE, Entry
from ftpsync.scan import local
from ftpsync.scan.local import scan_local


def make(root, *paths):
    """Create files, and folders for paths with a trailing slash."""
    for path in paths:
        target = root / path
        if path.endswith("/"):
            target.mkdir(parents=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.encode())
    return root


def scan(root, symlinks="follow", state_dir_name=".ftpsync", **filters):
    return scan_local(str(root), Filters(**filters), symlinks, state_dir_name)


def refused(root, *words, **options):
    with pytest.raises(LocalError) as caught:
        scan(root, **options)
    assert str(caught.value).isprintable()
    for word in words:
        assert word in str(caught.value)


def test_entries_have_kind_size_time_and_mode(tmp_path):
    make(tmp_path, "b/x.txt")
    os.utime(str(tmp_path / "b/x.txt"), (1_600_000_000, 1_600_000_000.5))
    os.utime(str(tmp_path / "b"), (5, 5))
    (tmp_path / "b/x.txt").chmod(0o640)
    (tmp_path / "b").chmod(0o2750)
    assert scan(tmp_path).entries == {
        "b": Entry(DIRECTORY, 0, 5.0, mode=0o2750),
        "b/x.txt": Entry(FILE, 7, 1_600_000_000.5, mode=0o640),
    }


def test_order_is_that_of_paths(tmp_path):
    make(tmp_path, "b/a", "a/b", "a.b", "a/a/a", "c/", "B")
    assert list(scan(tmp_path).entries) == ["B", "a", "a.b", "a/a", "a/a/a", "a/b", "b", "b/a", "c"]


def test_filters_hold_at_every_depth(tmp_path):
    make(
        tmp_path,
        ".git/config",
        "d/.git/config",
        "d/keep.html",
        "d/x.map",
        "d/e/x.map",
        "d/e/style.css",
        ".pyftpsync.yaml",
    )
    found = scan(tmp_path, exclude=["*.map"], match=["*.html"])
    assert list(found.entries) == ["d", "d/e", "d/keep.html"]
    assert found.excluded == 6


def test_what_is_excluded_is_not_looked_into(tmp_path, monkeypatch):
    make(tmp_path, "private/x", "a")
    looked = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: looked.append(path) or scandir(path))
    scan(tmp_path, exclude=["private/"])
    assert [os.path.relpath(path, str(tmp_path)) for path in looked] == ["."]


def test_our_state_is_never_content(tmp_path):
    make(tmp_path, ".ftpsync/manifest.json", "d/.ftpsync/x", "private/state/x")
    assert ".ftpsync" not in scan(tmp_path, exclude=["!*"]).entries
    assert "d/.ftpsync/x" in scan(tmp_path).entries
    assert list(scan(tmp_path, state_dir_name="private/state", exclude=["d", ".*"]).entries) == ["private"]
    assert ".ftpsync/manifest.json" in scan(tmp_path, state_dir_name=None).entries


def test_missing_root(tmp_path):
    refused(tmp_path / "none", "local:", "none", "does not exist")


def test_root_that_is_a_file(tmp_path):
    make(tmp_path, "x")
    refused(tmp_path / "x", "local:", "not a folder")


def test_root_that_is_no_path(tmp_path):
    refused(tmp_path / "x\0", "local:", "null")


def test_root_may_be_a_link(tmp_path):
    make(tmp_path, "real/a")
    (tmp_path / "link").symlink_to("real")
    assert list(scan(tmp_path / "link", symlinks="fail").entries) == ["a"]


@pytest.fixture(name="linked")
def _linked(tmp_path):
    make(tmp_path, "site/a", "other/sub/x", "site/node/y")
    (tmp_path / "site/file").symlink_to("../site/a")
    (tmp_path / "site/folder").symlink_to("../other")
    return tmp_path / "site"


def test_links_are_followed(linked):
    entries = scan(linked).entries
    assert entries["file"].kind == FILE
    assert entries["file"].size == len("site/a")
    assert entries["folder"].kind == DIRECTORY
    assert entries["folder/sub/x"].size == len("other/sub/x")


def test_links_are_skipped_in_silence(linked):
    found = scan(linked, symlinks="skip")
    assert list(found.entries) == ["a", "node", "node/y"]
    assert found.problems == []


def test_links_fail(linked):
    refused(linked, "symbolic link", "symlinks: follow or skip", symlinks="fail")
    assert list(scan(linked, symlinks="fail", exclude=["file", "folder/"]).entries) == ["a", "node", "node/y"]


def test_two_links_to_one_folder_are_no_loop(linked):
    (linked / "again").symlink_to("../other")
    assert "again/sub/x" in scan(linked).entries


@pytest.mark.parametrize("target", ["nowhere", "self"])
def test_links_that_lead_nowhere(tmp_path, target):
    (tmp_path / "self").symlink_to(target)
    refused(tmp_path, "'self'", "leads nowhere", "symlinks: skip", "exclude")
    assert scan(tmp_path, symlinks="skip").entries == {}
    assert scan(tmp_path, exclude=["self"]).entries == {}


@pytest.mark.parametrize("target", [".", "..", "../.."])
def test_links_that_lead_back(tmp_path, target):
    make(tmp_path, "d/e/f")
    (tmp_path / "d/e/back").symlink_to(target)
    refused(tmp_path, "'d/e/back'", "symlinks: skip")


def test_links_that_lead_above_the_root_end_at_it(tmp_path):
    make(tmp_path, "site/a")
    (tmp_path / "site/up").symlink_to("..")
    refused(tmp_path / "site", "'up/site'", "symlinks: skip")


def test_depth_is_bounded(tmp_path):
    make(tmp_path, "/".join(["d"] * local.MAX_DEPTH) + "/x")
    assert len(scan(tmp_path).entries) == local.MAX_DEPTH + 1
    make(tmp_path, "/".join(["d"] * local.MAX_DEPTH) + "/e/")
    refused(tmp_path, "100 folders deep", "exclude")


def test_number_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(local, "MAX_ENTRIES", 2)
    make(tmp_path, "a", "b")
    assert len(scan(tmp_path).entries) == 2
    make(tmp_path, "c")
    refused(tmp_path, "more than 2")


def test_sockets_and_pipes_are_left_out_with_a_word(tmp_path):
    make(tmp_path, "a")
    os.mkfifo(str(tmp_path / "pipe"))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(str(tmp_path / "socket")))  # a full path may exceed 107 bytes
        found = scan(tmp_path)
        assert scan(tmp_path, exclude=["pipe", "socket"]).problems == []
    assert list(found.entries) == ["a"]
    assert [problem.path for problem in found.problems] == ["pipe", "socket"]


def test_names_with_line_ends_fail_alone(tmp_path):
    make(tmp_path, "a", "b\nc", "d\re/x", "f")
    found = scan(tmp_path)
    assert list(found.entries) == ["a", "f"]
    assert [problem.path for problem in found.unsendable] == ["b\nc", "d\re"]
    assert all(problem.message.isprintable() for problem in found.unsendable)
    assert scan(tmp_path, exclude=["*[[:cntrl:]]*"]).unsendable == []


def test_foreign_bytes_in_names_are_kept(tmp_path):
    with open(os.path.join(os.fsencode(str(tmp_path)), b"\xe4.txt"), "wb"):
        pass
    entries = scan(tmp_path).entries
    assert list(entries) == ["\udce4.txt"]


class Forbidding:
    """Stands in for a permission, since root may read everything."""

    def __init__(self, monkeypatch, name):
        self.name = name
        for function in ("scandir", "open"):
            monkeypatch.setattr(os, function, self.guarded(getattr(os, function)))
        access = os.access
        monkeypatch.setattr(os, "access", lambda path, mode: not path.endswith(name) and access(path, mode))

    def guarded(self, real):
        def function(path, *arguments):
            if path.endswith(self.name):
                raise PermissionError(13, "Permission denied", path)
            return real(path, *arguments)

        return function


def test_unreadable_folder(tmp_path, monkeypatch):
    make(tmp_path, "d/secret/x")
    Forbidding(monkeypatch, "secret")
    refused(tmp_path, "'d/secret'", "Permission denied", "exclude")
    assert list(scan(tmp_path, exclude=["secret"]).entries) == ["d"]


def test_unreadable_file(tmp_path, monkeypatch):
    make(tmp_path, "d/secret")
    Forbidding(monkeypatch, "secret")
    refused(tmp_path, "'d/secret'", "permissions", "exclude")


def test_file_that_vanishes_during_the_scan(tmp_path, monkeypatch):
    make(tmp_path, "gone")

    def includes(self, path, is_directory):
        (tmp_path / path).unlink()
        return True

    monkeypatch.setattr(Filters, "includes", includes)
    refused(tmp_path, "'gone'", "No such file")


NAMES = st.text("ab.#! *\\\udcff", min_size=1, max_size=3).filter(lambda name: name not in (".", ".."))


@settings(max_examples=30, deadline=None)
@given(st.sets(st.lists(NAMES, min_size=1, max_size=3).map("/".join), max_size=8))
def test_every_file_is_found_and_nothing_else(tmp_path_factory, paths):
    root = str(tmp_path_factory.mktemp("tree"))
    files = {path for path in paths if not any(other.startswith(path + "/") for other in paths)}
    for path in files:
        os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
        with open(os.path.join(root, path), "wb"):
            pass
    entries = scan_local(root, Filters(default_exclude=()), "fail", None).entries
    assert {path for path, entry in entries.items() if entry.kind == FILE} == files
    assert list(entries) == sorted(entries)
