# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Which folders are renamed, so that the wanted slot is the live one. Pure.

What was found in, renames out. They are made in three groups: first what a run that died halfway has left
is put right, then the shared paths go over, then the slots change places. After any prefix of them the
first group, planned anew, leads back to a whole site with nothing lost.
"""

from __future__ import annotations

import typing as t
from types import MappingProxyType

from .. import target
from ..errors import PlanRefused, UsageError
from ..model import join, parent, shown
from ..options import SyncOptions
from .names import AWAY, LIVE, NEXT, SUFFIXES, site_of

LISTED, WHOLE, READY, PUBLISHED, UNDONE, REDONE = "listed", "whole", "ready", "live", "undone", "redone"
STATES = (LISTED, WHOLE, READY, PUBLISHED, UNDONE, REDONE)

IN_PLACE = "publish in place instead (ftp_deploy_strategy: in_place)"


class SlotOptions(t.NamedTuple):
    """What the user wants.

    Attributes:
        site: where, and as whom.
        state: one of STATES.
        id: the publication that ``state`` is about, or None.
        shared: paths relative to the site that are always in the live slot.
    """

    site: SyncOptions
    state: str
    id: str | None = None
    shared: tuple[str, ...] = ()

    def path(self, suffix: str) -> str:
        """The absolute path of a slot."""
        return self.site.remote_path + suffix


class Slot(t.NamedTuple):
    """One slot that is there.

    Attributes:
        id: the publication that it holds, or None: not published by us.
        turn: how many publications had been live before it and with it; 0 for what never was, or is unknown.
        interrupted: a publication into it has not come to its end.
        shared: the shared paths that lie in it.
        hollow: those of them that are empty folders.
        above: the folders in which shared paths lie, as far as they are there; "" for the slot itself.
    """

    id: str | None = None
    turn: int = 0
    interrupted: bool = False
    shared: frozenset[str] = frozenset()
    hollow: frozenset[str] = frozenset()
    above: frozenset[str] = frozenset({""})


Slots = t.Mapping[str, Slot]  # by suffix


class Rename(t.NamedTuple):
    """One rename of a folder or file, by absolute paths."""

    source: str
    dest: str
    reason: str


class Move(t.NamedTuple):
    """What is to be done, in this order.

    Attributes:
        repairs: what puts right what an earlier run left.
        hollow: empty folders in the spare slot that make way for shared ones.
        shared: shared paths go over to the spare slot.
        exchange: the slots change places.
        notes: turns to be noted in slots before that.
    """

    repairs: tuple[Rename, ...] = ()
    hollow: tuple[str, ...] = ()
    shared: tuple[Rename, ...] = ()
    exchange: tuple[Rename, ...] = ()
    notes: t.Mapping[str, int] = MappingProxyType({})

    @property
    def renames(self) -> tuple[Rename, ...]:
        return (*self.repairs, *self.shared, *self.exchange)


# ---------------------------------------------------------------------- options


def validate(given: t.Mapping[str, t.Any], site: SyncOptions) -> SlotOptions:
    """Check the options besides those of ``target.validate``.

    Raises:
        UsageError: one line that names the option.
    """
    state = given.get("state") or WHOLE
    if state not in STATES:
        raise UsageError(f"state: {state!r} is none of {', '.join(STATES)}")
    if site.remote_path == "/":
        raise UsageError(
            "remote: is the root of this login, and beside it there is no place for a second slot; give the login a"
            f" folder above the site, or {IN_PLACE}"
        )
    if site_of(site.remote_path) != site.remote_path:
        raise UsageError(f"remote: {site.remote_path} is a slot; name the site itself, {site_of(site.remote_path)}")
    if site.state_path is None:
        raise UsageError(
            f"state_dir: {site.state_dir} is not in {site.remote_path}, but each slot has to carry its own record;"
            " leave state_dir out, or name a folder in the site"
        )
    if state == PUBLISHED and not given.get("id"):
        raise UsageError("state: live needs id, the publication_id that ftp_sync returned for the spare slot")
    return SlotOptions(site, state, given.get("id") or None, _shared(given.get("shared") or (), site))


def _shared(given: t.Sequence[str], site: SyncOptions) -> tuple[str, ...]:
    paths = set()
    for text in given:
        relative = target.relative(target.place("shared", text.lstrip("/"), site.remote_path), site.remote_path)
        if not text.strip("/") or not relative or text.strip() != text:
            raise UsageError(f"shared: {text!r} is no path in the site, such as uploads")
        if target.is_within(join(site.remote_path, relative), site.state_dir or "/"):
            raise UsageError(f"shared: {text!r} lies in state_dir, of which each slot has its own")
        paths.add(relative)
    for path in sorted(paths):
        inner = [other for other in paths if other != path and target.is_within(f"/{other}", f"/{path}")]
        if inner:
            raise UsageError(f"shared: {inner[0]!r} lies in {path!r}, with which it goes anyway; leave it out")
    return tuple(sorted(paths))


# ---------------------------------------------------------------------- decision


def decide(options: SlotOptions, found: Slots) -> Move:
    """What leads from what is there to what the user wants.

    Raises:
        PlanRefused: it cannot be had, or not without a loss.
    """
    if options.state == LISTED:
        return Move()
    repairs = repair(options, found)
    slots = after(options, found, repairs)
    if not _changes_places(options, slots):
        return Move(repairs)
    live, spare = slots.get(LIVE), slots.get(NEXT)
    if spare is not None and spare.interrupted and options.state != UNDONE:
        raise PlanRefused(
            f"{options.path(NEXT)} holds a publication that has not come to its end: publish into it again first"
        )
    hollow, shared = _hand_over(options, live, spare)
    notes = _turns(live) if options.state == PUBLISHED else {}
    return Move(repairs, hollow, shared, tuple(_exchange(options, slots)), notes)


def _turns(live: Slot | None) -> dict[str, int]:
    """What to note so that it is known afterwards which slot was live before the other."""
    if live is None:
        return {NEXT: 1}
    if live.turn == 0 and live.id is not None:  # published in place until now
        return {LIVE: 1, NEXT: 2}
    return {NEXT: live.turn + 1}


def repair(options: SlotOptions, found: Slots) -> tuple[Rename, ...]:
    """What puts right what a run left that died between two renames.

    Whatever was live before is live again, unless the other slot had already taken its place.
    """
    steps: list[Rename] = []
    live, spare, away = (options.path(suffix) for suffix in SUFFIXES)
    if all(suffix in found for suffix in SUFFIXES):
        raise PlanRefused(
            f"{live}, {spare} and {away} are all there, so that it is not clear which one is the spare slot: look at"
            " the last two, and move one of them away"
        )
    if AWAY in found and LIVE in found:
        steps.append(Rename(away, spare, "the slots had changed places, but for this"))
    elif AWAY in found:
        steps.append(Rename(away, live, "the slots had not changed places yet"))
    slots = after(options, found, steps)
    if LIVE in slots and NEXT in slots:
        left = sorted(slots[NEXT].shared - slots[LIVE].shared)
        lost = [path for path in left if parent(path) not in slots[LIVE].above]
        if lost:
            raise PlanRefused(f"shared: {lost[0]} is in {spare}, but {live} has no folder {parent(lost[0])}; make it")
        steps += [Rename(join(spare, path), join(live, path), "shared with the live slot") for path in left]
    return tuple(steps)


def after(options: SlotOptions, found: Slots, renames: t.Iterable[Rename]) -> dict[str, Slot]:
    """What is there after some renames of whole slots and of shared paths."""
    slots = dict(found)
    suffixes = {options.path(suffix): suffix for suffix in SUFFIXES}
    for source, dest, _reason in renames:
        if source in suffixes:
            slots[suffixes[dest]] = slots.pop(suffixes[source])
            continue
        for suffix, slot in slots.items():
            here = options.path(suffix)
            gone = {path for path in slot.shared if join(here, path) == source}
            come = {path for path in options.shared if join(here, path) == dest}
            slots[suffix] = slot._replace(shared=(slot.shared - gone) | come)
    return slots


def outcome(options: SlotOptions, found: Slots, move: Move) -> dict[str, Slot]:
    """What is there once all of a move is done, turns included."""
    slots = after(options, found, move.repairs)
    noted = {suffix: slot._replace(turn=move.notes.get(suffix, slot.turn)) for suffix, slot in slots.items()}
    return after(options, noted, (*move.shared, *move.exchange))


def _changes_places(options: SlotOptions, slots: Slots) -> bool:
    live, spare = slots.get(LIVE), slots.get(NEXT)
    if options.state == PUBLISHED:
        return _publishes(options, live, spare)
    if options.state == UNDONE:
        return _undoes(options, live, spare)
    if options.state == REDONE:
        return _redoes(options, live, spare)
    return False


def _publishes(options: SlotOptions, live: Slot | None, spare: Slot | None) -> bool:
    if live is not None and live.id == options.id:
        return False
    if spare is None or spare.id != options.id:
        raise PlanRefused(
            f"id: the publication {options.id} is in neither slot of {options.path(LIVE)}; another run may have"
            " published since: deploy again"
        )
    return True


def _undoes(options: SlotOptions, live: Slot | None, spare: Slot | None) -> bool:
    if live is None:
        return False
    if options.id is None:
        if live.turn == 0 or (spare is not None and spare.turn > live.turn):
            return False  # undone already, or never published by a swap
    elif live.id != options.id:
        if spare is not None and spare.id == options.id:
            return False
        raise PlanRefused(_unknown(options))
    if spare is not None and (spare.interrupted or (spare.id is not None and spare.turn == 0)):
        raise PlanRefused(
            f"{options.path(NEXT)} holds a version that was never live, and the one before {live.id} is no more: deploy"
            " that one again"
        )
    return True


def _redoes(options: SlotOptions, live: Slot | None, spare: Slot | None) -> bool:
    if options.id is None:
        return spare is not None and spare.turn > (live.turn if live is not None else 0)
    if spare is not None and spare.id == options.id and spare.turn > 0:
        return True
    if live is not None and live.id == options.id:
        return False
    raise PlanRefused(_unknown(options))


def _unknown(options: SlotOptions) -> str:
    return (
        f"id: the publication {options.id} is in neither slot of {options.path(LIVE)}; two slots hold the last two"
        " versions, older ones have to be deployed again"
    )


def _hand_over(
    options: SlotOptions, live: Slot | None, spare: Slot | None
) -> tuple[tuple[str, ...], tuple[Rename, ...]]:
    """Shared paths on their way from the live slot to the one that is to be live."""
    if live is None or spare is None:
        return (), ()
    here, there = options.path(LIVE), options.path(NEXT)
    doubled = sorted((live.shared & spare.shared) - spare.hollow)
    if doubled:
        path = doubled[0]
        raise PlanRefused(
            f"shared: {shown(path)} is in both slots, and only that of the live one can stay: move"
            f" {shown(join(there, path))} away, or delete it"
        )
    moving = sorted(live.shared)
    lost = [path for path in moving if parent(path) not in spare.above]
    if lost:
        raise PlanRefused(
            f"shared: {shown(lost[0])} cannot go over, since the other version has no folder"
            f" {shown(parent(lost[0]))}; share that one instead, or {IN_PLACE}"
        )
    hollow = tuple(join(there, path) for path in sorted(live.shared & spare.hollow))
    return hollow, tuple(Rename(join(here, p), join(there, p), "shared with the new live slot") for p in moving)


def _exchange(options: SlotOptions, slots: Slots) -> t.Iterator[Rename]:
    live, spare, away = (options.path(suffix) for suffix in SUFFIXES)
    if LIVE in slots and NEXT in slots:
        yield Rename(live, away, "makes way")
        yield Rename(spare, live, "becomes the live slot")
        yield Rename(away, spare, "becomes the spare slot")
    elif NEXT in slots:
        yield Rename(spare, live, "becomes the live slot")
    else:
        yield Rename(live, spare, "nothing was live before it")
