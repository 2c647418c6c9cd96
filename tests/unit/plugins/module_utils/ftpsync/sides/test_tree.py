# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a listing becomes: content, our own files, and what is there but cannot take part."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftpsync.model import DIRECTORY, FILE, LINK, OTHER, Entry, parent
from ftpsync.sides.tree import LOCK_FILE, META_FILE, Tree, child
from ftpsync.temporary import temporary_name

TEMPORARY = temporary_name("0123456789ab", "x")


def listed(*items: tuple[str, str]) -> Tree:
    """A tree whose root has these names, of these kinds."""
    tree = Tree(children={"": []})
    for name, kind in items:
        tree.add("", name, Entry(kind, 1))
    return tree


def test_files_and_folders_take_part() -> None:
    tree = Tree(children={"": []})
    assert tree.add("", "f", Entry(FILE, 1)) is None
    assert tree.add("", "d", Entry(DIRECTORY)) == "d", "which can be entered"
    assert (list(tree.entries), tree.children) == (["f", "d"], {"": ["f", "d"]})


@pytest.mark.parametrize("kind", [FILE, DIRECTORY, LINK, OTHER])
def test_records_are_no_content_whatever_they_are(kind: str) -> None:
    tree = listed((META_FILE, kind))
    assert not tree.entries and not tree.blocked and not tree.children[""]


def test_the_lock_is_one_in_the_root_only() -> None:
    tree = Tree(children={"": [], "d": []})
    tree.add("", LOCK_FILE, Entry(FILE, 5))
    tree.add("d", LOCK_FILE, Entry(FILE, 6))
    assert tree.lock == Entry(FILE, 5) and list(tree.entries) == [f"d/{LOCK_FILE}"]


def test_temporary_files_of_killed_runs_are_leftovers() -> None:
    tree = listed((TEMPORARY, FILE))
    assert list(tree.leftovers) == [TEMPORARY] and not tree.entries
    assert TEMPORARY in listed((TEMPORARY, DIRECTORY)).entries, "no folder of ours has such a name"


@pytest.mark.parametrize(("kind", "reason"), [(LINK, "is a link"), (OTHER, "is neither a file nor a folder")])
def test_what_cannot_take_part_is_not_missing(kind: str, reason: str) -> None:
    tree = listed(("x", kind))
    assert tree.blocked == {"x": reason} and not tree.entries
    assert tree.holds_blocked("") and not tree.holds_blocked("x")


paths = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join)


@given(st.sets(paths, max_size=10))
def test_below_a_folder_is_all_that_begins_like_it(folders: set[str]) -> None:
    tree = Tree(children={"": []})
    whole = sorted({path.rsplit("/", n)[0] for path in folders for n in range(path.count("/") + 1)})
    for path in whole:
        tree.add(parent(path), path.rpartition("/")[2], Entry(DIRECTORY))
        tree.children[path] = []
    assert sorted(tree.below("")) == whole
    for folder in whole:
        found = list(tree.below(folder))
        assert sorted(found) == [path for path in whole if path.startswith(f"{folder}/")]
        assert all(parent(path) in (folder, *found[:number]) for number, path in enumerate(found)), "folders first"


@pytest.mark.parametrize(("folder", "name", "path"), [("", "a", "a"), ("a", "b", "a/b"), ("a/b", "c", "a/b/c")])
def test_paths(folder: str, name: str, path: str) -> None:
    assert child(folder, name) == path and parent(path) == folder
