# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of decisions: complete, mirrored for downloads, and never a deletion that nobody asked for."""

from __future__ import annotations

import itertools
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftpsync.decide import DELETED, EXISTING, MISSING, MODIFIED, NEW, UNMODIFIED
from ftpsync.pairs import tables
from ftpsync.pairs.tables import (
    CHANGED_SIDE,
    CONFLICT,
    COPY_LOCAL,
    COPY_REMOTE,
    DELETE_LOCAL,
    DELETE_REMOTE,
    EQUAL,
    LOCAL,
    MIRRORED,
    NEED_COMPARE,
    REMOTE,
    operation_map,
)

THERE = {EXISTING, UNMODIFIED, MODIFIED, NEW}
FLAGS = list(itertools.product((False, True), repeat=2))
TIMES = st.one_of(st.none(), st.floats(0, 2e9), st.sampled_from([1e9, 1e9 + 2, 1e9 + 2.01, 1e9 + 2.02]))


def swapped(classes: tuple[str, str]) -> tuple[str, str]:
    return classes[1], classes[0]


@pytest.mark.parametrize("classes", sorted(operation_map), ids="-".join)
def test_both_sides_are_treated_alike(classes: tuple[str, str]) -> None:
    operation = operation_map[classes]
    mirrored = operation_map.get(swapped(classes), "impossible")
    assert mirrored == (None if operation is None else MIRRORED[operation])


@pytest.mark.parametrize("classes", sorted(operation_map), ids="-".join)
def test_operations_are_possible(classes: tuple[str, str]) -> None:
    """What is copied or deleted is there; what is deleted was known to both and has not changed since."""
    local, remote = classes
    operation = operation_map[classes]
    if operation in (COPY_LOCAL, DELETE_LOCAL):
        assert local in THERE
    if operation in (COPY_REMOTE, DELETE_REMOTE):
        assert remote in THERE
    if operation == DELETE_LOCAL:
        assert classes == (UNMODIFIED, DELETED)
    if operation == DELETE_REMOTE:
        assert classes == (DELETED, UNMODIFIED)
    if operation in (EQUAL, NEED_COMPARE):
        assert local in THERE and remote in THERE
    if operation is None:
        assert not {local, remote} & THERE


@pytest.mark.parametrize(("force", "delete"), FLAGS)
@pytest.mark.parametrize("is_dir", [False, True])
@pytest.mark.parametrize("classes", sorted(operation_map), ids="-".join)
def test_downloads_are_uploads_the_other_way_round(
    classes: tuple[str, str], is_dir: bool, force: bool, delete: bool
) -> None:
    up = tables.upload_override(classes, is_dir, force, delete)
    down = tables.download_override(swapped(classes), is_dir, force, delete)
    assert down == (None if up is None else MIRRORED[up])
    if up is not None:
        assert CHANGED_SIDE[up] == REMOTE, "an upload never changes the local side"
        assert classes[0] in THERE if up == COPY_LOCAL else classes[0] == MISSING and classes[1] in THERE


@pytest.mark.parametrize("classes", sorted(operation_map), ids="-".join)
def test_without_options_an_upload_does_what_the_table_says(classes: tuple[str, str]) -> None:
    override = tables.upload_override(classes, False, False, False)
    assert override == (DELETE_REMOTE if classes == (MISSING, NEW) else None)


def test_with_delete_nothing_stays_that_the_source_lacks_and_nobody_changed() -> None:
    for classes, operation in operation_map.items():
        if classes[0] in (MISSING, DELETED) and classes[1] in THERE and classes[1] != MODIFIED:
            assert (tables.upload_override(classes, False, True, True) or operation) == DELETE_REMOTE or NEW in classes


def test_mirroring_twice_is_doing_nothing() -> None:
    assert {MIRRORED[MIRRORED[operation]] == operation for operation in tables.PAIR_OPERATIONS} == {True}
    assert set(MIRRORED) == tables.PAIR_OPERATIONS


def test_whatever_is_decided_has_a_reason() -> None:
    changing = {classes for classes, operation in operation_map.items() if operation in CHANGED_SIDE}
    assert changing <= {*tables.REASON, *((one, MISSING) for one in THERE), *((MISSING, one) for one in THERE)}
    assert all(classes in operation_map for classes in tables.REASON)


# ---------------------------------------------------------------------- conflicts


@pytest.mark.parametrize("choice", [tables.LOCAL, tables.REMOTE, tables.OLD, tables.NEWEST, tables.SKIP])
@given(local=TIMES, remote=TIMES, there=st.sampled_from([(True, True), (True, False), (False, True)]))
def test_a_resolved_conflict_does_what_the_choice_says(
    choice: str, local: float | None, remote: float | None, there: tuple[bool, bool]
) -> None:
    operation = tables.resolve(choice, local, remote, there)
    if choice == tables.SKIP:
        assert operation is None
    elif choice == LOCAL:
        assert operation == (COPY_LOCAL if there[0] else DELETE_REMOTE)
    elif choice == REMOTE:
        assert operation == (COPY_REMOTE if there[1] else DELETE_LOCAL)
    elif there != (True, True) or local is None or remote is None or abs(local - remote) <= 2.01:
        assert operation is None, "undecidable is left alone"
    else:
        local_wins = (local < remote) == (choice == tables.OLD)
        assert operation == (COPY_LOCAL if local_wins else COPY_REMOTE)


@given(TIMES, TIMES)
def test_times_are_compared_alike_from_both_sides(one: float | None, other: float | None) -> None:
    assert tables.compare_times(one, other) == -tables.compare_times(other, one)
    assert tables.compare_times(one, one) == 0


@pytest.mark.parametrize(
    ("one", "other", "order"),
    [(0, 2.01, 0), (0, 2.02, -1), (5, 2, 1), (None, 5, 0), (5, None, 0), (1e9, 1e9 + 3, -1)],
)
def test_two_seconds_are_nothing(one: float | None, other: float | None, order: int) -> None:
    assert tables.compare_times(one, other) == order


@given(st.booleans(), st.sampled_from([-1, 0, 1]), st.booleans())
def test_compared_pairs_have_a_decision(same_size: bool, order: int, recorded: bool) -> None:
    classes = tables.compared(same_size, order, recorded)
    decision: t.Any = operation_map[classes]
    assert (decision == EQUAL) == (same_size and order == 0)
    if decision != EQUAL:
        newer_wins = not recorded and order != 0
        assert decision == ({-1: COPY_REMOTE, 1: COPY_LOCAL}[order] if newer_wins else CONFLICT)
