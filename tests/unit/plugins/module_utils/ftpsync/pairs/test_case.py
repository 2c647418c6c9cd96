# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that differ only in case: paired as one side spells them, and written as each side does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftpsync.model import DIRECTORY, FILE, Entry, parent
from ftpsync.pairs.case import Spelling, clashes, unify
from ftpsync.pairs.steps import above
from ftpsync.pairs.tables import LOCAL, REMOTE
from ftpsync.sides.tree import Tree

names = st.sampled_from(["a", "A", "b", "B", "straße", "STRASSE", "ä", "Ä"])
listings = st.sets(st.lists(names, min_size=1, max_size=3).map("/".join), max_size=6)


def tree_of(files: set[str]) -> Tree:
    """Files, with all folders above them; a file that would be a folder, too, is one."""
    tree = Tree(children={"": []}, documents={})
    parents = {folder for path in files for folder in above(path)}
    for path in sorted(parents | files):
        tree.add(parent(path), path.rpartition("/")[2], Entry(DIRECTORY) if path in parents else Entry(FILE, len(path)))
        if path in parents:
            tree.children[path] = []
    return tree


def test_the_following_side_is_spelled_as_the_leading_one() -> None:
    trees = {LOCAL: tree_of({"Img/Logo.PNG", "readme"}), REMOTE: tree_of({"IMG/logo.png", "img/other", "README"})}
    trees[REMOTE].documents["IMG"] = b"records"
    spelling = unify(trees, LOCAL)
    assert "Img/Logo.PNG" in trees[REMOTE].entries and "readme" in trees[REMOTE].entries
    assert trees[REMOTE].documents == {"Img": b"records"}
    assert spelling.on(REMOTE, "Img/Logo.PNG") == "IMG/logo.png"
    assert spelling.on(REMOTE, "Img/new/file") == "IMG/new/file", "what is new goes into the folder that is there"
    assert spelling.on(LOCAL, "Img/Logo.PNG") == "Img/Logo.PNG"


def test_what_is_not_known_stays_unknown_under_the_other_spelling() -> None:
    """A folder that cannot be listed must not become an empty one, nor a link a missing file."""
    trees = {LOCAL: tree_of({"Img/a", "Css/b", "Link", "Out/c"}), REMOTE: tree_of({"IMG/a", "CSS/x", "OUT/c"})}
    remote = trees[REMOTE]
    remote.failed["IMG"] = "550 Permission denied"
    remote.incomplete["CSS"] = "cut"
    remote.doubtful.add("CSS")
    remote.linked.add("OUT")
    remote.add("", "LINK", Entry("link", 0))
    remote.add("CSS", "socket", Entry("other", 0))
    unify(trees, LOCAL)
    assert remote.failed == {"Img": "550 Permission denied"}
    assert remote.incomplete == {"Css": "cut"} and remote.doubtful == {"Css"} and remote.linked == {"Out"}
    assert set(remote.blocked) == {"Link", "Css/socket"} and remote.holds_blocked("Css")


def test_what_is_spelled_alike_is_never_paired_otherwise() -> None:
    trees = {LOCAL: tree_of({"a", "A"}), REMOTE: tree_of({"a"})}
    spelling = unify(trees, LOCAL)
    assert list(trees[REMOTE].entries) == ["a"] and spelling.on(REMOTE, "A") == "A"


def test_without_another_spelling_paths_are_as_they_are() -> None:
    assert Spelling().on(LOCAL, "a/b") == "a/b" and Spelling().on(REMOTE, "") == ""


@pytest.mark.parametrize("leading", [LOCAL, REMOTE])
@given(here=listings, there=listings)
def test_every_entry_stays_itself(leading: str, here: set[str], there: set[str]) -> None:
    """Each entry of the following side keeps exactly one path, by which it is found again on that side."""
    trees = {LOCAL: tree_of(here), REMOTE: tree_of(there)}
    following = REMOTE if leading == LOCAL else LOCAL
    before, lead = dict(trees[following].entries), dict(trees[leading].entries)
    spelling = unify(trees, leading)
    after = trees[following].entries
    assert trees[leading].entries == lead
    assert {spelling.on(following, path) for path in after} == set(before) and len(after) == len(before)
    for path, entry in after.items():
        real = spelling.on(following, path)
        assert before[real] == entry
        assert real.casefold() == path.casefold()
        assert spelling.on(leading, path) == path
        assert path.rpartition("/")[2] in trees[following].children[parent(path)]
        if path != real:
            assert any(spelled in lead for spelled in (path, *above(path))), "nothing to take the spelling of"


@given(st.lists(names, unique=True), st.lists(names, unique=True))
def test_clashes_are_told(one: list[str], other: list[str]) -> None:
    for name, twin in clashes(one, other):
        assert name in one and twin in other and name != twin and name.casefold() == twin.casefold()
        assert name not in other
    told = {name for name, _twin in clashes(one, other)}
    assert told == {name for name in one if name not in other and name.casefold() in map(str.casefold, other)}
