# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers that talk nonsense, lie, refuse or are full: as in test_drop_matrix.py, nothing that matters gets lost.

A run may fail then, but not by a bug; it says no more than what is so, and without the fault the next run ends in the
wanted tree.
"""

from __future__ import annotations

import itertools
import typing as t
from pathlib import Path

import pytest

from tests import faulty
from tests.engine import points
from tests.engine.drops import Case, Field
from tests.faulty import Fault, FaultyFtp, Which, on

CASES = [Case("staged"), Case("direct", backup=1)]


@pytest.fixture(params=CASES, ids=str)
def field(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Field]:
    points.quick(monkeypatch)
    with FaultyFtp(root=tmp_path) as server:
        field = Field(server, tmp_path, request.param)
        field.has_gaps = True  # what cannot be renamed over is moved aside first
        yield field


def some(wanted: list[points.Point], field: Field) -> list[points.Point]:
    """Half of the points for each way to publish; all with FULL_MATRIX=1."""
    return points.chosen(wanted, 2, CASES.index(field.case))


VERBS = ("USER", "PASS", "TYPE", "FEAT", "PWD", "EPSV", "MLSD", "RETR", "STOR", "SIZE", "MFMT", "MKD", "RNFR", "RNTO")
VERBS += ("DELE", "RMD", "QUIT")


def nonsense(verb: str, nth: int) -> t.Iterator[tuple[str, Fault]]:
    """What can be said instead of a reply, or beside it."""
    when = on(verb, nth)
    where = f"{verb} {nth}"
    yield f"{where}: garbage", faulty.Say(when, "this is no reply")
    yield f"{where}: nothing but a code", faulty.Say(when, "200")
    yield f"{where}: another one", faulty.Say(when, '257 "/elsewhere" 213 17')
    yield f"{where}: NUL", faulty.Say(when, b"\x00\x00\x00\r\n\xff\xf4\xff\xf2\r\n")
    yield f"{where}: twice", faulty.Twice(when)
    yield f"{where}: and one more", faulty.Extra(when, "550 No such file")
    yield f"{where}: and a good one", faulty.Extra(when, "250 Done")
    yield f"{where}: late", faulty.Late(when)
    yield f"{where}: oversized", faulty.Oversized(when)
    yield f"{where}: endless", faulty.Endless(when)
    yield f"{where}: undecodable", faulty.Undecodable(when)
    yield f"{where}: in pieces", faulty.Pieces(when)
    yield f"{where}: without an end", faulty.Say(when, "226-It goes on")
    yield f"{where}: for now not", faulty.Refuse(when, "450 Busy")
    yield f"{where}: never", faulty.Refuse(when, "550 No")
    yield f"{where}: says it is done", faulty.Claim(when)
    yield f"{where}: says it is not done", faulty.Deny(when)


def test_nonsense(field: Field) -> None:
    wanted = [point for verb, nth in itertools.product(VERBS, (1, 2, 3)) for point in nonsense(verb, nth)]
    wanted = [point for point in wanted if "late" not in point[0] and "without an end" not in point[0]]  # these wait
    assert field.lose(points.HOSTILE, points.chosen(wanted, 13, CASES.index(field.case)), 2, must_recover=False) == []


CHANGES = ("RNTO", "DELE", "MKD", "RMD", "STOR", "MFMT", "SIZE")


def test_all_of_a_kind_is_refused_or_only_claimed(field: Field) -> None:
    wanted: list[tuple[str, Fault]] = []
    for verb in CHANGES:
        wanted += [
            (f"{verb} refused", faulty.Refuse(on(verb))),
            (f"{verb} refused for now", faulty.Refuse(on(verb), "450 Busy")),
            (f"{verb} claimed", faulty.Claim(on(verb), "226 Done" if verb == "STOR" else "250 Done")),
            (f"{verb} denied", faulty.Deny(on(verb))),
            (f"{verb} unknown", faulty.Without(verb)),
            (f"the third {verb} refused", faulty.Refuse(on(verb, 3))),
        ]
    assert field.lose(points.HOSTILE, some(wanted, field), 2, must_recover=False) == []


def test_limits(field: Field) -> None:
    wanted: list[tuple[str, Fault]] = [
        ("no rights to write", faulty.ReadOnly()),
        ("no rights to read", faulty.WriteOnly()),
        ("one connection", faulty.MostConnections(1)),
        ("one login", faulty.MostLogins(1)),
        ("one connection, without a word", faulty.MostConnections(1, "")),
        ("no rename onto files", faulty.NoRenameOntoFiles()),
        ("no port", faulty.NoData(on("EPSV", 3))),
    ]
    for room in (0, 10, 200, 1000, 4000, 6000, 8000):
        wanted += [
            (f"room for {room}", faulty.FullDisk(room)),
            (f"room for {room}, silently", faulty.FullDisk(room, silent=True)),
            (f"quota of {room}", faulty.Quota(room)),
        ]
    assert field.lose(points.HOSTILE, some(wanted, field), 1, must_recover=False, connections=3) == []


def test_lies(field: Field) -> None:
    wanted: list[tuple[str, Fault]] = [
        ("sizes are one more", faulty.LyingSize(lambda size: size + 1)),
        ("sizes are 0", faulty.LyingSize(lambda size: 0)),
        ("sizes are huge", faulty.LyingSize(lambda size: 10**18)),
        ("sizes are negative", faulty.LyingSize(lambda size: -1)),
        ("sizes are words", faulty.LyingSize(lambda size: "many")),
        ("uploads are cut short", faulty.ShortUpload(Which(), 5)),
        ("no features", faulty.LyingFeatures()),
        ("features that are none", faulty.LyingFeatures("MLST", "MFF modify;unix.mode;", "UTF8", "HASH \x00")),
        ("no MLSD", faulty.Without("MLSD", "MLST")),
        ("no MLSD and no SIZE", faulty.Without("MLSD", "MLST", "SIZE", "MDTM", "MFMT")),
        ("hidden files", faulty.HiddenFiles()),
        ("hostile names in the stage", faulty.HostileNames(folder="/stage")),
        ("listings of nonsense", faulty.Listing(lambda data: b"\x00\xff nonsense\r\n" * 10)),
        ("listings without ends of lines", faulty.Listing(lambda data: data.replace(b"\r\n", b" "))),
        ("listings twice", faulty.Listing(lambda data: data * 2)),
        ("a long line", faulty.Listing(lambda data: data + b"x" * 10**6)),
        ("half of each listing", faulty.Listing(lambda data: data[: len(data) // 2])),
    ]
    for folder in ("", "/", "/.ftpsync", "/.ftpsync/stage", "/css", "/leaves/with"):
        wanted.append((f"nothing in {folder}", faulty.EmptyListing(folder)))
        wanted += [(f"{keep} in {folder}", faulty.CutListing(keep, folder)) for keep in (1, 2, 4)]
    assert field.lose(points.HOSTILE, some(wanted, field), 1, must_recover=False) == []


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_nothing_is_published_unless_all_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nth: int) -> None:
    points.quick(monkeypatch)
    sent: list[str] = []

    def nth_file(command: faulty.Command | None, _reply: object) -> bool:
        if command is None or command.verb != "STOR" or "/stage/" not in command.argument:
            return False
        sent.append(command.argument)
        return len(sent) == nth

    with FaultyFtp(root=tmp_path) as server:
        field = Field(server, tmp_path, Case("staged"))
        field.begin(faulty.Refuse(nth_file, "553 Not this one"))
        assert field.run(retries=0)["error"] is not None
        assert field.site == field.old
        field.next_run()
