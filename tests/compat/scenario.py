# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documented conflict scenario: two trees that were equal, and what happened to them since."""

from __future__ import annotations

import typing as t

from .places import Place, State
from .programs import Program

NOON = 1388577600.0  # 2014-01-01 12:00:00 UTC
FOUND = (15, 5)  # files and folders that any command finds in L: local_files, local_dirs
TIMES = {"12:00": NOON, "13:00": NOON + 3600, "13:00:05": NOON + 3605}

FILES = {
    **{f"f{number}": f"file{number}.txt" for number in range(1, 10)},
    **{f"d{number}": f"folder{number}/file{number}_1.txt" for number in range(1, 8)},
    **{f"n{number}": f"new_file{number}.txt" for number in range(1, 7)},
}

DELETED = "deleted"  # of d3: its folder
ABSENT = "-"
# After the first synchronization, outside of any program.
#  entry  L           R
EDITS = (
    ("f1", "12:00", "12:00"),
    ("d1", "12:00", "12:00"),
    ("f2", "13:00", "12:00"),
    ("d2", "13:00", "12:00"),
    ("f3", DELETED, "12:00"),
    ("d3", DELETED, "12:00"),
    ("f4", "12:00", "13:00"),
    ("d5", "12:00", "13:00"),
    ("f5", "12:00", DELETED),
    ("d6", "12:00", DELETED),
    ("f6", "13:00", "13:00:05"),
    ("f7", "13:00:05", "13:00"),
    ("f8", DELETED, "13:00"),
    ("f9", "13:00", DELETED),
    ("d4", DELETED, "13:00"),
    ("d7", "13:00", DELETED),
    ("n1", "13:00", ABSENT),
    ("n2", ABSENT, "13:00"),
    ("n3", "13:00", "13:00"),  # the same content
    ("n4", "13:00", "13:00"),  # other content, and longer
    ("n5", "13:00", "13:00:05"),
    ("n6", "13:00:05", "13:00"),
)
SPECIAL = {("n3", "R"): "local 13:00", ("n4", "R"): "remote 13:00 with other content"}


def original(entry: str) -> str:
    return "local" + FILES[entry].rpartition("file")[2].partition(".")[0]


def edited(entry: str, side: str, time: str) -> str:
    return SPECIAL.get((entry, side), f"{'local' if side == 'L' else 'remote'} {time}")


class Copy(t.NamedTuple):
    """What a letter in the tables stands for."""

    content: str
    mtime: float


def copies(entry: str) -> dict[str, Copy]:
    """By letter: the original, the local and the remote edit of an entry."""
    found = {"o": Copy(original(entry), NOON)}
    times = next(edit[1:] for edit in EDITS if edit[0] == entry)
    for letter, side, time in (("l", "L", times[0]), ("r", "R", times[1])):
        if time in TIMES:
            found[letter] = Copy(edited(entry, side, time), TIMES[time])
    found["="] = found.get("l", found["o"])
    return found


def fill(place: Place) -> None:
    for entry, path in FILES.items():
        if entry[0] != "n":
            place.write(path, original(entry), NOON)


def edit(local: Place, remote: Place) -> None:
    for entry, left, right in EDITS:
        for place, side, time in ((local, "L", left), (remote, "R", right)):
            if time == DELETED:
                path = FILES[entry]
                place.delete(path.partition("/")[0] if entry[0] == "d" else path)
            elif time in TIMES and (time != "12:00"):
                place.write(FILES[entry], edited(entry, side, time), TIMES[time])


def prepare(program: Program, local: Place, remote: Place, *, records: bool) -> None:
    """Both sides as the scenario has them when the command that is to be tried begins."""
    fill(local)
    if records:
        outcome = program.run("sync", local, remote, **local.options, **remote.options)
        assert outcome.error is None, outcome
        assert outcome.counters == (16, 16, 0, 0, 0, 0, 0), outcome.output
        assert remote.state() == local.state()
    else:
        local.copy_to(remote)
    edit(local, remote)


def expected(cells: t.Mapping[str, str], side: str) -> State:
    """The tree that a row of the tables tells of; no folder is left without its file."""
    state: State = {}
    for entry, letters in cells.items():
        letter = letters["LR".index(side)]
        if letter != "-":
            path = FILES[entry]
            state[path] = copies(entry)[letter].content.encode()
            if "/" in path:
                state[path.partition("/")[0]] = None
    return state


def expected_times(cells: t.Mapping[str, str], side: str) -> dict[str, float]:
    return {
        FILES[entry]: copies(entry)[letters["LR".index(side)]].mtime
        for entry, letters in cells.items()
        if letters["LR".index(side)] != "-"
    }
