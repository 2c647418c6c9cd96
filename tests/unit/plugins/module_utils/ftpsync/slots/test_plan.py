# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Slots and shared paths: whatever prefix of a plan was carried out, the next plan loses nothing and gets there."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftpsync import target
from ftpsync.errors import PlanRefused
from ftpsync.records.manifest import Manifest, publication_id
from ftpsync.slots import note, plan
from ftpsync.slots.names import AWAY, LIVE, NEXT, site_of
from ftpsync.slots.plan import Slot

SHARED = ("data/files", "uploads")
SITE = target.validate({"remote": "ftp://h/www"})


def options(state: str, publication: str | None = None) -> plan.SlotOptions:
    return plan.SlotOptions(SITE, state, publication, SHARED)


def slot(publication: str | None, turn: int = 0, shared: t.Iterable[str] = (), **more: t.Any) -> Slot:
    return Slot(publication, turn, shared=frozenset(shared), above=frozenset({"", "data"}), **more)


slots = st.fixed_dictionaries(
    {NEXT: st.builds(slot, st.just("new"), st.sampled_from([0, 2]))},
    optional={
        LIVE: st.builds(
            slot, st.sampled_from(["old", None]), st.sampled_from([0, 1]), st.sets(st.sampled_from(SHARED))
        ),
    },
)


@given(found=slots, done=st.integers(0, 6))
def test_any_prefix_leads_to_the_wanted_state(found: dict[str, Slot], done: int) -> None:
    wanted = options("live", "new")
    first = plan.decide(wanted, found)
    left = plan.after(wanted, found, first.renames[:done])
    second = plan.decide(wanted, left)
    ended = plan.after(wanted, left, second.renames)
    straight = plan.after(wanted, found, first.renames)
    assert ended == straight
    assert ended[LIVE].id == "new"
    assert AWAY not in ended
    if LIVE in found:
        assert ended[NEXT].id == found[LIVE].id
        assert ended[LIVE].shared == found[LIVE].shared
    assert plan.decide(wanted, ended) == plan.Move()


@given(found=slots, done=st.integers(0, 6))
def test_any_prefix_is_made_whole(found: dict[str, Slot], done: int) -> None:
    """What was live is live again, unless the other one had taken its place; shared paths are where visitors are."""
    wanted = options("live", "new")
    steps = plan.decide(wanted, found).renames
    left = plan.after(wanted, found, steps[:done])
    whole = plan.after(wanted, left, plan.repair(wanted, left))
    assert plan.repair(wanted, whole) == ()
    assert AWAY not in whole
    if LIVE in found:
        assert whole[LIVE].id in ("new", found[LIVE].id)
        assert whole[LIVE].shared == found[LIVE].shared
        if LIVE in left:
            assert whole[LIVE].id == left[LIVE].id


@pytest.mark.parametrize("publication", [None, "new"])
def test_undone_and_redone_are_each_others_opposite(publication: str | None) -> None:
    found = {LIVE: slot("new", 2), NEXT: slot("old", 1)}
    undone = plan.after(options("undone"), found, plan.decide(options("undone", publication), found).renames)
    assert undone[LIVE].id == "old"
    assert plan.decide(options("undone", publication), undone).renames == ()
    redone = plan.after(options("redone"), undone, plan.decide(options("redone", publication), undone).renames)
    assert redone == found
    assert plan.decide(options("redone", publication), redone).renames == ()


def test_outcome_has_turns_as_they_are_going_to_be_noted() -> None:
    wanted = options("live", "new")
    found = {AWAY: slot("old", 0, ["uploads"]), NEXT: slot("new")}
    there = plan.outcome(wanted, found, plan.decide(wanted, found))
    assert there == {LIVE: slot("new", 2, ["uploads"]), NEXT: slot("old", 1)}


def test_turns_tell_which_was_live_later() -> None:
    wanted = options("live", "new")
    assert plan.decide(wanted, {NEXT: slot("new")}).notes == {NEXT: 1}
    assert plan.decide(wanted, {LIVE: slot(None), NEXT: slot("new")}).notes == {NEXT: 1}
    assert plan.decide(wanted, {LIVE: slot("old"), NEXT: slot("new")}).notes == {LIVE: 1, NEXT: 2}
    assert plan.decide(wanted, {LIVE: slot("old", 7), NEXT: slot("new", 3)}).notes == {NEXT: 8}


def test_interrupted_version_never_goes_live() -> None:
    with pytest.raises(PlanRefused, match="has not come to its end"):
        plan.decide(options("live", "new"), {NEXT: slot("new", interrupted=True)})
    with pytest.raises(PlanRefused, match="never live"):
        plan.decide(options("undone"), {LIVE: slot("new", 2), NEXT: slot("old", 1, interrupted=True)})


def test_shared_path_without_its_folder_in_the_live_slot() -> None:
    found = {LIVE: Slot("old", 1), NEXT: slot("new", 0, SHARED)}
    with pytest.raises(PlanRefused, match="/www has no folder data"):
        plan.decide(options("whole"), found)


@pytest.mark.parametrize(
    ("path", "site"),
    [
        ("/www", "/www"),
        (f"/www{NEXT}", "/www"),
        (f"/www{AWAY}", "/www"),
        (f"/{NEXT}", f"/{NEXT}"),  # a folder of that name, and no slot
        (f"/www{NEXT}/sub", f"/www{NEXT}/sub"),
    ],
)
def test_site_of(path: str, site: str) -> None:
    assert site_of(path) == site


@given(data=st.binary(max_size=40), publication=st.none() | st.text(max_size=5))
def test_anything_may_lie_in_place_of_a_note(data: bytes, publication: str | None) -> None:
    assert note.turn_of(data, publication) == 0


def test_note_is_of_one_publication() -> None:
    assert note.turn_of(note.dump("a-1", 3), "a-1") == 3
    assert note.turn_of(note.dump("a-1", 3), "a-2") == 0
    assert note.turn_of(note.dump("a-1", 0), "a-1") == 0
    assert note.turn_of(b'{"format": 2, "publication": "a-1", "turn": 3}', "a-1") == 0


def test_publication_id() -> None:
    manifest = Manifest("/www", 7, "2026-03-14T09:26:50Z", {}, {})
    assert str(publication_id(manifest)).startswith("20260314T092650Z-7-")
    assert publication_id(manifest._replace(written="yesterday")) is None
