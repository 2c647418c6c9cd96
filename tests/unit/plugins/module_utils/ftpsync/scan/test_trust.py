# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing is done in folders that were not looked at, whatever changed."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftpsync.filters import Filters
from ftpsync.model import DIRECTORY, FILE, Entry, Record, parent
from ftpsync.plan import Rules, plan_upload
from ftpsync.scan.trust import as_recorded, changed_paths

PATHS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=4).map("/".join)
FILES = st.dictionaries(PATHS, st.sampled_from(["x", "y", "zz"]), max_size=10)


def above(path: str) -> list[str]:
    return [parent(path), *above(parent(path))] if path else []


def tree(files: dict[str, str]) -> dict[str, Entry]:
    """The files that do not lie below others, and their folders."""
    found: dict[str, Entry] = {}
    for path in sorted(files):
        if not any(found.get(folder, Entry(DIRECTORY)).kind == FILE for folder in above(path)):
            found.update((folder, Entry(DIRECTORY)) for folder in above(path) if folder)
            digest = hashlib.sha256(files[path].encode()).hexdigest()
            found[path] = Entry(FILE, len(files[path]), 1e9, sha256=digest)
    return found


@settings(max_examples=300, deadline=None)
@given(FILES, FILES, st.sets(PATHS, max_size=3), st.booleans())
def test_nothing_is_done_in_folders_that_were_not_looked_at(
    before: dict[str, str], edits: dict[str, str], gone: set[str], force: bool
) -> None:
    published = tree(before)
    local = tree({**{path: text for path, text in before.items() if path not in gone}, **edits})
    records = {path: Record(e.kind, e.size or 0, e.sha256 or "", e.mtime) for path, e in published.items()}
    folders = {"", *(path for path, entry in published.items() if entry.kind == DIRECTORY)}
    changed = changed_paths(local, records, "checksum")
    trusted = as_recorded(records, folders, changed)
    there = {path: entry._replace(sha256=None) for path, entry in published.items()}
    rules = Rules(Filters(), recorded=True, any_records=True, force=force, delete=True)
    plan = plan_upload(local, there, records, rules, frozenset())
    assert not {parent(operation.path) for operation in plan.operations} & trusted.keys()
    # What is trusted is so with all below it, and is what is there.
    assert not {folder for path in changed for folder in above(path)} & trusted.keys()
    assert all(there[path] == entry for inside in trusted.values() for path, entry in inside.items())
    assert {path for inside in trusted.values() for path in inside} == {p for p in there if parent(p) in trusted}


@pytest.mark.parametrize(
    ("entry", "compare", "changed"),
    [
        (Entry(FILE, 1, 5.0, sha256="d"), "checksum", False),
        (Entry(FILE, 1, 5.0, sha256="e"), "checksum", True),
        (Entry(FILE, 1, 7.0), "mtime", False),
        (Entry(FILE, 1, 5.0), "size", False),
        (Entry(FILE, 2, 7.0), "size", True),
        (Entry(DIRECTORY), "size", True),
    ],
)
def test_what_counts_as_changed_is_told_by_compare(entry: Entry, compare: str, changed: bool) -> None:
    records = {"f": Record(DIRECTORY), "f/a": Record(FILE, 1, "d", 3.0, source_mtime=7)}
    found = changed_paths({"f": Entry(DIRECTORY), "f/a": entry}, records, compare)
    assert found == ({"f", "f/a"} if changed else set())


def test_folders_without_a_record_are_trusted_to_be_there() -> None:
    """They were others' when something was published below them."""
    record = Record(FILE, 1, "d", 3.0)
    trusted = as_recorded({"theirs/ours": record}, {"", "theirs"}, ())
    assert trusted == {"": {"theirs": Entry(DIRECTORY, 0, None)}, "theirs": {"theirs/ours": Entry(FILE, 1, 3.0)}}
