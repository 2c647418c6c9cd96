# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Backup sets: what a publication replaced and deleted, and all that is needed to undo and redo it.

    backup/<id>/  backup.json  after.json  files/…  undone/…  displaced/<n>/…

``backup.json`` is written before anything is moved and never changes. ``after.json`` follows once the
publication is verified, so that a set without one was interrupted. ``files`` holds what was there before,
``undone`` what the publication put there, once it is undone, ``displaced`` what others had put there.

Each set names the one before it, and the manifest names the last one that is in effect, as commits and
HEAD do. So undoing and redoing only move that one name. Pure: bytes in, values out, and back.
"""

from __future__ import annotations

import json
import time
import typing as t

from ..model import CREATE_DIRECTORY, DELETE_PATH, DIRECTORY, FILE, LINK, OTHER, SET_MODE, UPLOAD, Operation, Record
from .manifest import (
    FORMAT,
    Head,
    checked_path,
    damaged,
    head_from_json,
    is_id,
    parse_object,
    record_to_json,
    records_from_json,
)

SET = "backup.json"
AFTER = "after.json"
FILES = "files"
UNDONE = "undone"
DISPLACED = "displaced"

_ACTIONS = (CREATE_DIRECTORY, UPLOAD, DELETE_PATH, SET_MODE)
_KINDS = (FILE, DIRECTORY, LINK, OTHER)


class Step(t.NamedTuple):
    """One operation of a publication, as far as undoing it needs to know. See ``model.Operation``."""

    path: str
    action: str
    kind: str
    replaces: bool = False
    rank: int = 0


class Backup(t.NamedTuple):
    """What a publication was about to do.

    Attributes:
        id: name of its folder.
        base: what the site was at before.
        before: generation on which it was planned.
        after: generation of the manifest that records it.
        written: when, ISO 8601 in UTC, by the client's clock.
        steps: in order of publication.
        records: what was recorded before of the paths it touches.
    """

    id: str
    base: Head
    before: int
    after: int
    written: str
    steps: tuple[Step, ...]
    records: dict[str, Record]


class Aftermath(t.NamedTuple):
    """What came of a publication.

    Attributes:
        done: numbers of the steps that took place.
        records: what was recorded afterwards of the paths it touched.
    """

    done: frozenset[int]
    records: dict[str, Record]


# ---------------------------------------------------------------------- names


def new_id(generation: int, base: str | None, now: float) -> str:
    """The id of a new set: readable, and in order of generation.

    Parameters:
        base: the set before it, which may be of the same second and generation if its run was killed.
        now: seconds since 1970.
    """
    for moment in (now, now + 1):
        name = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(moment))}-{generation}"
        if name != base:
            break
    return name


def age(backup_id: str) -> tuple[int, str]:
    """What to sort ids by: clocks of several clients may differ, generations do not."""
    return int(backup_id.rpartition("-")[2]), backup_id


# ---------------------------------------------------------------------- bytes


def dump(backup: Backup) -> bytes:
    """A backup set as JSON."""
    content = {
        "format": FORMAT,
        "id": backup.id,
        "base": backup.base.id,
        "exact": backup.base.exact,
        "before": backup.before,
        "after": backup.after,
        "written": backup.written,
        "operations": [
            {"path": s.path, "operation": s.action, "kind": s.kind, "replaces": s.replaces, "rank": s.rank}
            for s in backup.steps
        ],
        "records": _records(backup.records),
    }
    return json.dumps(content).encode("ascii")


def load(data: bytes, backup_id: str, where: str) -> Backup:
    """Read a backup set; it lay on a server, so nothing in it is believed before it is checked.

    Parameters:
        backup_id: name of the folder it lies in.
        where: path of the file, for messages.

    Raises:
        ManifestError: it is not one of ours, or damaged.
    """
    content = parse_object(data, where)
    try:
        if content["format"] != FORMAT or content["id"] != backup_id or not is_id(backup_id):
            raise ValueError("format or id")
        base = head_from_json(content["base"], content["exact"])
        before, after = _whole(content["before"]), _whole(content["after"])
        if base.id == backup_id or not before < after:
            raise ValueError("order")
        steps = tuple(_step(item) for item in content["operations"])
        records = records_from_json(content["records"])
        return Backup(backup_id, base, before, after, str(content["written"])[:40], steps, records)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged(where, str(error)) from None


def dump_aftermath(aftermath: Aftermath) -> bytes:
    """What came of a publication, as JSON."""
    content = {"format": FORMAT, "done": sorted(aftermath.done), "records": _records(aftermath.records)}
    return json.dumps(content).encode("ascii")


def load_aftermath(data: bytes, backup: Backup, where: str) -> Aftermath:
    """Read what came of a publication.

    Raises:
        ManifestError: damaged, as it is if its writing was interrupted.
    """
    content = parse_object(data, where)
    try:
        done = frozenset(_whole(number) for number in content["done"])
        if content["format"] != FORMAT or any(number >= len(backup.steps) for number in done):
            raise ValueError("format or steps")
        return Aftermath(done, records_from_json(content["records"]))
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(where, str(error)) from None


def _records(records: t.Mapping[str, Record]) -> dict[str, t.Any]:
    return {path: record_to_json(record) for path, record in records.items()}


def _whole(value: t.Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("number")
    return value


def _step(item: t.Any) -> Step:
    if not isinstance(item, dict):
        raise TypeError("operation")
    path, action, kind = item["path"], item["operation"], item["kind"]
    if not isinstance(path, str) or action not in _ACTIONS or kind not in _KINDS:
        raise ValueError("operation")
    replaces, rank = item["replaces"], item["rank"]
    if not isinstance(replaces, bool) or (action == CREATE_DIRECTORY and kind != DIRECTORY):
        raise ValueError("operation")
    return Step(checked_path(path), action, kind, replaces, _whole(rank))


# ---------------------------------------------------------------------- from a publication


def steps_of(operations: t.Iterable[Operation]) -> tuple[Step, ...]:
    """Operations as a set keeps them."""
    return tuple(Step(o.path, o.action, o.kind, o.replaces, o.rank) for o in operations)


def touched(steps: t.Iterable[Step], records: t.Mapping[str, Record]) -> dict[str, Record]:
    """The records of the paths of some steps."""
    return {step.path: records[step.path] for step in steps if step.path in records}


def following(head: Head, done: t.Iterable[Operation], backup_id: str | None) -> Head:
    """What a site is at after a publication.

    Parameters:
        head: before.
        done: what took place.
        backup_id: the set that was made, or None.
    """
    if backup_id is not None:
        return Head(backup_id)
    return head._replace(exact=head.exact and all(operation.action == SET_MODE for operation in done))


# ---------------------------------------------------------------------- which to undo, which to redo


def line(backups: t.Mapping[str, Backup], head: Head) -> list[str]:
    """The sets that are in effect, newest first, as far back as there are any."""
    found: list[str] = []
    at = head.id
    while at is not None and at in backups and at not in found:
        found.append(at)
        at = backups[at].base.id
    return found


def to_undo(backups: t.Mapping[str, Backup], head: Head, wanted: str | None) -> list[Backup]:
    """The sets to undo, newest first; none if all of it is undone already.

    Parameters:
        wanted: id of the oldest one, which exists; None for the latest alone.

    Raises:
        LookupError: the id of a set that is missing in between.
    """
    in_effect = line(backups, head)
    if wanted is None:
        return [backups[name] for name in in_effect[:1]]
    if wanted in in_effect:
        return [backups[name] for name in in_effect[: in_effect.index(wanted) + 1]]
    missing = backups[in_effect[-1]].base.id if in_effect else head.id
    if missing is not None and backups[wanted].after <= age(missing)[0]:
        raise LookupError(missing)
    return []


def to_redo(backups: t.Mapping[str, Backup], head: Head, wanted: str | None) -> list[Backup]:
    """The sets to redo, oldest first; none if that one is in effect already, or nothing is left to redo.

    Parameters:
        backups: those that took place.
        wanted: id of the newest one, which exists; None for the one that follows.

    Raises:
        LookupError: the id of a set that it follows and that is not in effect, "" if it has none.
    """
    if wanted is None:
        following = [b.id for b in backups.values() if b.base == head]
        return [backups[max(following, key=age)]] if following else []
    in_effect = line(backups, head)
    found: list[Backup] = []
    at: str | None = wanted
    while at is not None and at in backups and at not in in_effect and backups[at] not in found:
        found.insert(0, backups[at])
        if backups[at].base == head:
            return found
        at = backups[at].base.id
    if found:
        raise LookupError(at or "")
    return []
