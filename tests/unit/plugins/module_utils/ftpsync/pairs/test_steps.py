# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a folder can go, and in which order steps are listed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftpsync.model import DIRECTORY, FILE, LINK, Entry, parent
from ftpsync.pairs.steps import COPY, CREATE_DIRECTORY, DELETE, Deed, Step, above, in_order, removable
from ftpsync.sides.tree import Tree

paths = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join)


def tree_of(*files: str, folders: tuple[str, ...] = ()) -> Tree:
    """A tree with these files and folders, and all folders above them."""
    tree = Tree(children={"": []})
    parents = {folder for path in (*files, *folders) for folder in above(path)}
    for path in sorted({*files, *folders, *parents}):
        is_file = path in files
        tree.add(parent(path), path.rpartition("/")[2], Entry(FILE, 1) if is_file else Entry(DIRECTORY))
        if not is_file:
            tree.children[path] = []
    return tree


def everything(_path: str, _entry: Entry) -> bool:
    return True


def test_a_whole_folder() -> None:
    tree = tree_of("d/x", "d/e/y", folders=("d/empty",))
    files, folders, kept = removable(tree, "d", everything)
    assert (sorted(files), folders, kept) == (["d/e/y", "d/x"], ["d/e", "d/empty", "d"], [])


def test_what_takes_no_part_keeps_its_folders() -> None:
    tree = tree_of("d/x", "d/e/y", "d/e/kept.log", "d/f/z")
    files, folders, kept = removable(tree, "d", lambda path, entry: not path.endswith(".log"))
    assert (sorted(files), folders) == (["d/e/y", "d/f/z", "d/x"], ["d/f"])
    assert set(kept) == {"d/e/kept.log", "d/e", "d"}


@pytest.mark.parametrize("reason", ["failed", "incomplete"])
def test_a_folder_that_is_not_known_stays(reason: str) -> None:
    tree = tree_of("d/x", "d/e/y")
    getattr(tree, reason)["d/e"] = "550 Permission denied"
    files, folders, kept = removable(tree, "d", everything)
    assert (files, folders, kept) == (["d/x"], [], ["d/e", "d"])


def test_a_folder_that_was_not_looked_into_stays() -> None:
    tree = tree_of("d/x", folders=("d/e",))
    del tree.children["d/e"]
    assert removable(tree, "d", everything) == (["d/x"], [], ["d/e", "d"])


def test_what_cannot_take_part_keeps_its_folder() -> None:
    tree = tree_of("d/x")
    tree.add("d", "socket", Entry("other", 0))
    assert removable(tree, "d", everything) == (["d/x"], [], ["d"])


def test_links_go_and_not_what_they_lead_to() -> None:
    tree = tree_of("d/link/precious.txt", "d/x")
    tree.linked.add("d/link")
    files, folders, _kept = removable(tree, "d", everything)
    assert (sorted(files), folders) == (["d/link", "d/x"], ["d"])


@given(st.sets(paths, max_size=8), st.sets(paths, max_size=4), st.sets(paths, max_size=3), st.sets(paths, max_size=2))
def test_nothing_goes_that_takes_no_part_nor_any_folder_that_holds_it(
    files: set[str], folders: set[str], staying: set[str], unknown: set[str]
) -> None:
    files = {f"d/{path}" for path in files}
    folders = {f"d/{path}" for path in folders}
    files -= {folder for path in (*files, *folders) for folder in above(path)} | folders
    tree = tree_of(*files, folders=(*folders, "d"))
    staying = {f"d/{path}" for path in staying}
    tree.failed.update({f"d/{path}": "550" for path in unknown if f"d/{path}" in tree.children})
    gone_files, gone_folders, kept = removable(tree, "d", lambda path, entry: path not in staying)
    gone = {*gone_files, *gone_folders}
    stays = {path for path in tree.entries if path != "d" and path not in gone}
    assert not gone & staying and not gone & set(tree.failed)
    assert not any(folder in gone for path in stays for folder in above(path)), "a folder went with something in it"
    assert len(gone_files) + len(gone_folders) == len(gone)
    for number, folder in enumerate(gone_folders):
        assert not any(inner.startswith(f"{folder}/") for inner in gone_folders[number:]), "the innermost first"
    held_back = {*staying, *tree.failed}
    for path in stays:
        related = any(f"{p}/".startswith(f"{path}/") or f"{path}/".startswith(f"{p}/") for p in held_back)
        assert related, f"{path} stays for no reason"
    assert bool(kept) == ("d" not in gone)


# ---------------------------------------------------------------------- order

steps = st.builds(
    Step,
    action=st.sampled_from([CREATE_DIRECTORY, COPY, DELETE]),
    side=st.sampled_from(["local", "remote"]),
    path=paths,
    entry=st.sampled_from([Entry(FILE, 1), Entry(DIRECTORY), Entry(LINK)]),
    reason=st.just("new"),
    deed=st.builds(Deed, st.none()),
    mtime=st.none(),
    replaces=st.none(),
    nested=st.booleans(),
)


@given(st.lists(steps, max_size=12))
def test_order(given_steps: list[Step]) -> None:
    """Folders before what they hold, copies before deletions, folders removed last and from the inside out."""
    ordered = in_order(given_steps)
    assert sorted(map(id, ordered)) == sorted(map(id, given_steps))
    phases = [
        {CREATE_DIRECTORY: 0, COPY: 1, DELETE: 3 if step.entry.kind == DIRECTORY else 2}[step.action]
        for step in ordered
    ]
    assert phases == sorted(phases)
    for number, step in enumerate(ordered):
        later = [other.path for other, phase in zip(ordered[number:], phases[number:]) if phase == phases[number]]
        if step.action == CREATE_DIRECTORY:
            assert not any(step.path.startswith(f"{path}/") for path in later)
        elif phases[number] == 3:
            assert not any(path.startswith(f"{step.path}/") for path in later)
    assert [(s.path, s.action) for s in in_order(reversed(ordered))] == [(s.path, s.action) for s in ordered]


@pytest.mark.parametrize(("path", "folders"), [("a", []), ("a/b", ["a"]), ("a/b/c", ["a/b", "a"])])
def test_folders_above(path: str, folders: list[str]) -> None:
    assert list(above(path)) == folders
