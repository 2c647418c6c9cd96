# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entries and pairs as scripts know them: classed against the record, compared as far as can be told."""

from __future__ import annotations

import types
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftpsync.model import DIRECTORY, FILE, Entry
from ftpsync.resources import (
    ENTRY_CLASSIFICATIONS,
    PAIR_OPERATIONS,
    DirectoryEntry,
    EntryPair,
    FileEntry,
    make_entry,
    operation_map,
)

TARGET: t.Any = types.SimpleNamespace(
    root_dir="/root", is_local=lambda: True, get_sync_info=lambda name, key=None: {"m": 100.0, "s": 5}.get(key)
)
SPANS = st.sampled_from([1, 60, 86400])
times = st.one_of(st.none(), st.integers(0, 200_000).map(float), st.sampled_from([100.0, 102.0, 102.5, 97.5]))
sizes = st.one_of(st.none(), st.sampled_from([0, 5, 6]))
records = st.one_of(
    st.none(),
    st.fixed_dictionaries({"m": times, "s": sizes, "u": st.just(1.0)}),
    st.just({"m": None, "s": None, "u": 1.0}),  # a folder's
)


def file(size: int | None = 5, mtime: float | None = 100.0, span: float = 1, name: str = "x") -> FileEntry:
    return t.cast(FileEntry, make_entry(TARGET, "/root", name, Entry(FILE, size, mtime, span)))


def folder(name: str = "x") -> DirectoryEntry:
    return t.cast(DirectoryEntry, make_entry(TARGET, "/root", name, Entry(DIRECTORY, 0, 100.0)))


files = st.builds(file, sizes, times, SPANS)


@st.composite
def pairs(draw: st.DrawFn) -> EntryPair:
    """What both sides can have under one name: of one kind, and at least one of them."""
    make = files if draw(st.booleans()) else st.builds(folder)
    local, remote = draw(st.one_of(st.none(), make)), draw(st.one_of(st.none(), make))
    return EntryPair(local or (draw(make) if remote is None else None), remote)


@given(pairs(), records, st.booleans())
def test_whatever_can_occur_has_a_class_and_an_operation(
    pair: EntryPair, record: dict[str, t.Any] | None, others: bool
) -> None:
    known: dict[str, t.Any] = {":last_sync": 1.0} if others or record else {}
    if record is not None:
        known["x"] = record
    operation = pair.classify(known)
    assert set(pair.classes) <= ENTRY_CLASSIFICATIONS
    assert operation == operation_map[pair.classes] and (operation is None or operation in PAIR_OPERATIONS)
    for entry, found in ((pair.local, pair.local_classification), (pair.remote, pair.remote_classification)):
        assert (found in ("missing", "deleted")) == (entry is None)
        assert (found == "deleted") == (entry is None and record is not None)
    assert pair.is_conflict() == (operation == "conflict")


@pytest.mark.parametrize(
    ("entry", "known", "expected"),
    [
        (file(), {}, "existing"),
        (file(), {"other": {"m": 1, "s": 1}}, "new"),
        (file(), {"x": {"m": 100.0, "s": 5}}, "unmodified"),
        (file(), {"x": {"m": 102.0, "s": 5}}, "unmodified"),
        (file(), {"x": {"m": 103.0, "s": 5}}, "modified"),
        (file(), {"x": {"m": 97.0, "s": 5}}, "modified"),
        (file(), {"x": {"m": 100.0, "s": 6}}, "modified"),
        (file(mtime=None), {"x": {"m": 100.0, "s": 5}}, "unmodified"),
        (file(mtime=60.0, span=60), {"x": {"m": 119.0, "s": 5}}, "unmodified"),
        (file(mtime=60.0, span=60), {"x": {"m": 123.0, "s": 5}}, "modified"),
        (file(mtime=60.0, span=60), {"x": {"m": 57.0, "s": 5}}, "modified"),
        (folder(), {}, "unmodified"),
        (folder(), {"other": {"m": 1, "s": 1}}, "new"),
        (folder(), {"x": {"m": None, "s": None}}, "unmodified"),
    ],
)
def test_classes(entry: FileEntry | DirectoryEntry, known: dict[str, t.Any], expected: str) -> None:
    entry.classification = None
    assert entry.classify(known) == expected
    assert entry.classify({"x": {"m": 0, "s": 0}}) == expected, "once only"


def test_a_record_is_more_exact_than_a_coarse_listing() -> None:
    entry = file(mtime=60.0, span=60)
    entry.classify({"x": {"m": 100.0, "s": 5}})
    assert (entry.mtime, entry.mtime_span, entry.mtime_org) == (100.0, 1, 60.0)


@given(files, files)
def test_files_are_ordered_alike_from_both_sides(one: FileEntry, other: FileEntry) -> None:
    assert one.order(other) == -other.order(one)
    assert (one < other) == (other > one) and not (one < other and one > other)
    assert (one == other) == (one.size == other.size and one.order(other) == 0)
    assert (one != other) != (one == other)
    if one.mtime is None or other.mtime is None or abs(one.mtime - other.mtime) <= FileEntry.EPS_TIME:
        assert one.order(other) == 0


def test_a_minute_may_hold_the_other_time() -> None:
    assert file(mtime=60.0, span=60).order(file(mtime=119.0)) == 0
    assert file(mtime=60.0, span=60).order(file(mtime=125.0)) == -1
    assert file(mtime=60.0, span=60).order(file(mtime=50.0)) == 1


def test_names_are_never_equal_to_others() -> None:
    assert file(name="a") != file(name="b") and not file(name="a") < file(mtime=1e6, name="b")
    assert file() != folder() and (file() == object()) is False


def test_a_true_time_counts_for_the_listed_one() -> None:
    entry = make_entry(TARGET, "/root/d", "x", Entry(FILE, 5, 60.0, 60), 99.5)
    assert (entry.mtime, entry.mtime_span, entry.get_rel_path()) == (99.5, 1, "d/x")


def test_since_the_last_run() -> None:
    target: t.Any = types.SimpleNamespace(root_dir="/", get_sync_info=lambda name, key=None: {"m": 100.0, "s": 5})
    assert FileEntry(target, "/", "x", 5, 100.0, None).was_modified_since_last_sync() is False
    assert FileEntry(target, "/", "x", 5, 103.0, None).was_modified_since_last_sync() is True
    assert FileEntry(target, "/", "x", 6, 100.0, None).was_modified_since_last_sync() is True
    target.get_sync_info = lambda name, key=None: None
    assert FileEntry(target, "/", "x", 6, 100.0, None).was_modified_since_last_sync() is None


def test_pairs_that_cannot_be() -> None:
    for local, remote in ((None, None), (file(), folder())):
        with pytest.raises(AssertionError):
            EntryPair(local, remote)


def test_an_operation_can_be_overridden_by_another_one() -> None:
    pair = EntryPair(file(), None)
    assert pair.classify({}) == "copy_local" and pair.any_entry is pair.local
    for operation in ("copy_local", "burn"):
        with pytest.raises(ValueError, match=operation):
            pair.override_operation(operation, "test")
    pair.override_operation("equal", "test")
    assert (pair.operation, pair.re_class_reason) == ("equal", "test") and "=> equal" in str(pair)
