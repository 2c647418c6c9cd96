# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Backup sets survive the round trip, and nothing else is taken for one."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftpsync.errors import ManifestError
from ftpsync.model import CREATE_DIRECTORY, DELETE_PATH, DIRECTORY, FILE, SET_MODE, UPLOAD, Operation, Record
from ftpsync.records import backup as backups
from ftpsync.records.backup import Aftermath, Backup, Step
from ftpsync.records.manifest import Head, is_id

ID, EARLIER = "20260314T092650Z-7", "20260313T000000Z-6"
DIGEST = "ab" * 32
NAMES = st.text(  # any bytes, some of which may not be UTF-8
    st.characters(blacklist_categories=("Cs",), blacklist_characters="/\0")
    | st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF),
    min_size=1,
)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
GOOD_PATHS = PATHS.filter(lambda path: not {".", ".."} & set(path.split("/")))
KINDS = st.sampled_from(
    [(UPLOAD, FILE), (DELETE_PATH, "link"), (DELETE_PATH, DIRECTORY), (CREATE_DIRECTORY, DIRECTORY)]
)
STEPS = st.tuples(GOOD_PATHS, KINDS, st.booleans(), st.integers(0, 2)).map(lambda v: Step(v[0], *v[1], v[2], v[3]))
RECORDS = st.dictionaries(GOOD_PATHS, st.integers(0, 9).map(lambda size: Record(FILE, size, DIGEST)))
BACKUP = Backup(ID, Head(EARLIER), 6, 7, "now", (Step("a", UPLOAD, FILE, True, 2),), {"a": Record(FILE, 1, DIGEST)})


@given(st.lists(STEPS).map(tuple), RECORDS, st.booleans())
def test_what_is_written_is_read(steps: tuple[Step, ...], records: dict[str, Record], exact: bool) -> None:
    backup = BACKUP._replace(base=Head(None, exact), steps=steps, records=records)
    assert backups.load(backups.dump(backup), ID, "b") == backup
    aftermath = Aftermath(frozenset(range(len(steps))), records)
    assert backups.load_aftermath(backups.dump_aftermath(aftermath), backup, "a") == aftermath


def content(**changes: t.Any) -> bytes:
    return json.dumps({**json.loads(backups.dump(BACKUP)), **changes}).encode()


def step(**changes: t.Any) -> bytes:
    return content(operations=[{**json.loads(backups.dump(BACKUP))["operations"][0], **changes}])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        content()[:-9],
        content(format=2),
        content(id=EARLIER),
        content(base="../x"),
        content(base=ID),
        content(base=5),
        content(exact="yes"),
        content(before=7),
        content(before=-1),
        content(after="8"),
        content(operations=None),
        content(operations=[5]),
        content(records=[]),
        content(records={"../a": {"size": 1, "sha256": DIGEST}}),
        step(path="/etc/passwd"),
        step(path="a/../../b"),
        step(path=5),
        step(operation="format"),
        step(operation=["upload"]),
        step(operation=CREATE_DIRECTORY),
        step(kind="door"),
        step(replaces=1),
        step(rank=-1),
        step(rank=None),
    ],
)
def test_what_cannot_be_ours_is_an_error(data: bytes) -> None:
    with pytest.raises(ManifestError) as caught:
        backups.load(data, ID, "/www/.ftpsync/backup/x/backup.json")
    assert "/www/.ftpsync" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("done", [[1], [-1], ["0"], [True], None, 5, [[0]]])
def test_an_aftermath_of_steps_that_do_not_exist_is_an_error(done: t.Any) -> None:
    data = json.dumps({"format": 1, "done": done, "records": {}}).encode()
    with pytest.raises(ManifestError):
        backups.load_aftermath(data, BACKUP, "a")


@given(st.binary())
def test_any_bytes_are_a_set_or_a_clear_error(data: bytes) -> None:
    with pytest.raises(ManifestError):
        backups.load(data, ID, "b")
    with pytest.raises(ManifestError):
        backups.load_aftermath(data, BACKUP, "a")


def test_ids() -> None:
    assert backups.new_id(7, None, 1773480410.0) == "20260314T092650Z-7"
    assert backups.new_id(7, "20260314T092650Z-7", 1773480410.0) == "20260314T092651Z-7"
    assert sorted(["20260101T000000Z-10", "20260102T000000Z-9"], key=backups.age)[0].endswith("-9")
    assert [is_id(name) for name in (ID, f"{ID}\n", "lock", "20260314T092650Z-", f"../{ID}")] == [True, *[False] * 4]


@pytest.mark.parametrize(
    ("actions", "kept", "expected"),
    [
        ([UPLOAD], ID, Head(ID)),
        ([UPLOAD], None, Head(EARLIER, False)),
        ([SET_MODE], None, Head(EARLIER, True)),
        ([], None, Head(EARLIER, True)),
    ],
)
def test_what_a_site_is_at_after_a_publication(actions: list[str], kept: str | None, expected: Head) -> None:
    done = [Operation(0, "a", action, FILE, 0, "") for action in actions]
    assert backups.following(Head(EARLIER), done, kept) == expected
