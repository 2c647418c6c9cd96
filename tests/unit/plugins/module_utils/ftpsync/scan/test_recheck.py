# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server says about known folders is believed only if it is exactly what is recorded."""

from __future__ import annotations

import time
import typing as t

import pytest

from ftpsync.errors import ConnectionLost
from ftpsync.ftp.facts import ServerFacts
from ftpsync.ftp.wire import ReplyReader
from ftpsync.model import DIRECTORY, FILE, Record
from ftpsync.scan.recheck import confirm

LINE = "-rw-r--r-- 1 a b {size} Sep 09  2001 {name}"
FOLDER = "drwxr-xr-x 2 a b 4096 Sep 09  2001 {name}"
STAMP = "213 20010909014640"
SECONDS = 1_000_000_000
RECORDS = {
    "a": Record(FILE, 3, "0" * 64, SECONDS),
    "d": Record(DIRECTORY),
    "d/b": Record(FILE, 4, "0" * 64, SECONDS),
}
GOOD = {
    "STAT /s": [FOLDER.format(name="."), LINE.format(size=3, name="a"), FOLDER.format(name="d")],
    "STAT /s/d": [FOLDER.format(name="."), LINE.format(size=4, name="b")],
}


class Session:
    """Answers commands out of a table; lines of a list are the reply to STAT."""

    def __init__(self, answers: t.Mapping[str, t.Any]) -> None:
        self.answers = answers
        self.heard: list[str] = []
        self.dropped = False
        self.options = self
        self.encoding = "utf-8"
        self.facts = ServerFacts()

    def pipeline(self, commands: t.Iterable[t.Any], eager: bool = False) -> t.Iterator[t.Any]:
        lines = [f"{verb} {argument}" if argument else verb for verb, argument in commands]
        self.heard += lines
        text = "".join(self._answer(line) for line in lines)
        replies = list(ReplyReader().feed(text.encode()))
        for number in range(len(lines)):
            if number >= len(replies):
                raise ConnectionLost("no answer")
            yield replies[number]

    def _answer(self, line: str) -> str:
        default = "200 ok" if line == "NOOP" else STAMP if line.startswith("MDTM") else "550 no"
        answer = self.answers.get(line, default)
        if isinstance(answer, str):
            return answer + "\r\n"
        return "\r\n".join(["213-Status:", *answer, "213 End", ""])

    def drop(self) -> None:
        self.dropped = True


class Pool:
    def __init__(self, **changes: t.Any) -> None:
        answers = {**GOOD, **{key.replace("_", " "): value for key, value in changes.items()}}
        self.main = Session(answers)
        self.facts = self.main.facts
        self.options = self.main

    def work(self, items: t.Iterable[t.Any], fn: t.Callable[..., t.Any]) -> t.Iterator[t.Any]:
        for item in items:
            yield item, fn(self.main, item, None), None


def confirmed(pool: Pool, **changes: t.Any) -> set[str]:
    found = confirm(t.cast("t.Any", pool), "/s", {**RECORDS, **changes}, "/s/.ftpsync")
    return set(found)


def test_all_as_recorded() -> None:
    pool = Pool()
    found = confirm(t.cast("t.Any", pool), "/s", RECORDS, "/s/.ftpsync")
    assert {
        path: (entry.kind, entry.size, entry.mtime) for inside in found.values() for path, entry in inside.items()
    } == {
        "a": (FILE, 3, SECONDS),
        "d": (DIRECTORY, 0, found[""]["d"].mtime),
        "d/b": (FILE, 4, SECONDS),
    }
    assert not pool.main.dropped


def test_paths_and_times_are_those_of_the_records() -> None:
    found = confirm(t.cast("t.Any", Pool()), "/s", RECORDS, "/s/.ftpsync")
    paths = {path: path for path in RECORDS}
    entries = {path: entry for inside in found.values() for path, entry in inside.items()}
    assert all(path is paths[path] for path in entries if path in paths)
    assert entries["d/b"].mtime is RECORDS["d/b"].mtime


def test_only_folders_that_matter_are_asked_for() -> None:
    pool = Pool()
    assert set(confirm(t.cast("t.Any", pool), "/s", RECORDS, None, ["d/b"])) == {"d"}
    assert "MDTM /s/a" not in pool.main.heard


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [FOLDER.format(name=".")],
        [FOLDER.format(name="."), LINE.format(size=5, name="b")],
        [FOLDER.format(name="."), LINE.format(size=4, name="b"), LINE.format(size=4, name="c")],
        [FOLDER.format(name="."), FOLDER.format(name="b")],
        [FOLDER.format(name="."), "lrwxrwxrwx 1 a b 4 Sep 09  2001 b -> else"],
        [FOLDER.format(name="."), LINE.format(size=4, name="b"), "nonsense"],
        [FOLDER.format(name="."), LINE.format(size=4, name="b"), LINE.format(size=4, name="b")],
        "450 busy",
        "211 fine",
    ],
)
def test_another_listing(lines: t.Any) -> None:
    assert confirmed(Pool(**{"STAT_/s/d": lines})) == {""}


@pytest.mark.parametrize("answer", ["213 20010909014641", "550 no", "500 what?", "213-\r\n213 20010909014640"])
def test_another_time(answer: str) -> None:
    assert confirmed(Pool(**{"MDTM_/s/d/b": answer})) <= {""}


def test_a_name_with_line_breaks_cannot_forge_replies() -> None:
    """It ends the reply to its own folder and supplies one more, so that all later ones are off by one."""
    forged = [FOLDER.format(name="."), LINE.format(size=4, name="b"), "213 End", "213-Status:", "213 20010909014640"]
    pool = Pool(**{"STAT_/s/d": forged})
    assert confirmed(pool) == set()
    assert pool.main.dropped


def test_a_server_that_hides_names_is_not_believed() -> None:
    bare = {key.replace(" ", "_"): lines[1:] for key, lines in GOOD.items()}
    assert confirmed(Pool(**bare)) == set()
    shown = {key.replace("STAT ", "STAT_-a_"): lines for key, lines in GOOD.items()}
    pool = Pool(**bare, **shown)
    assert confirmed(pool) == {"", "d"}
    assert pool.facts.stat_form == "-a %s"


def test_a_dot_name_shows_that_nothing_is_hidden() -> None:
    """pyftpdlib lists neither "." nor ".."; our own folder is there."""
    bare = {key.replace(" ", "_"): lines[1:] for key, lines in GOOD.items()}
    bare["STAT_/s"] = [*bare["STAT_/s"], FOLDER.format(name=".ftpsync")]
    assert confirmed(Pool(**bare)) == {"", "d"}
    assert confirmed(Pool(**bare, **{"STAT_/s/e": []}), e=Record(DIRECTORY)) == {"d"}


@pytest.mark.parametrize("name", ["a b", "[a]", "a*", "ö", "~x", "a;b"])
def test_unusual_names_are_not_asked_for(name: str) -> None:
    pool = Pool()
    assert confirmed(pool, **{name: Record(FILE, 1, "0" * 64, SECONDS)}) == {"d"}
    assert not any(name in command for command in pool.main.heard)


def test_folders_that_look_like_options_are_not_asked_for() -> None:
    pool = Pool()
    assert "-R" not in confirmed(pool, **{"-R": Record(DIRECTORY), "-R/x": Record(FILE, 1, "0" * 64, SECONDS)})
    assert not any("/-R" in command for command in pool.main.heard)


def test_a_server_without_stat_is_asked_once() -> None:
    pool = Pool(**{"STAT_/s": "502 no"})
    assert confirmed(pool) == confirmed(pool) == set()
    assert pool.main.heard == ["STAT /s", "STAT -a /s", "NOOP"]


DAY = 86400


def confirmed_since(since: float, **changes: t.Any) -> tuple[set[str], list[str]]:
    """Folders that are as recorded then, and the questions about times."""
    pool = Pool(**changes)
    found = set(confirm(t.cast("t.Any", pool), "/s", RECORDS, "/s/.ftpsync", since=since))
    return found, [line for line in pool.main.heard if line.startswith("MDTM")]


def test_old_files_are_known_by_the_day() -> None:
    assert confirmed_since(SECONDS + 4 * DAY) == ({"", "d"}, [])


def test_files_as_young_as_the_record_are_asked_for() -> None:
    assert confirmed_since(SECONDS + 2 * DAY) == ({"", "d"}, ["MDTM /s/a", "MDTM /s/d/b"])


@pytest.mark.parametrize("day", ["Sep 07", "Sep 10"])
def test_what_another_day_was_listed_for_is_asked_for(day: str) -> None:
    lines = [FOLDER.format(name="."), LINE.format(size=4, name="b").replace("Sep 09", day)]
    found, asked = confirmed_since(SECONDS + 4 * DAY, **{"STAT_/s/d": lines})
    assert (found, asked) == ({"", "d"}, ["MDTM /s/d/b"]), "who knows what clock the server has"
    stamp = {"MDTM_/s/d/b": "213 20010910014640"}
    assert confirmed_since(SECONDS + 4 * DAY, **{"STAT_/s/d": lines}, **stamp)[0] == {""}


def test_in_another_zone_it_may_be_the_day_before() -> None:
    lines = [FOLDER.format(name="."), LINE.format(size=4, name="b").replace("Sep 09", "Sep 08")]
    assert confirmed_since(SECONDS + 4 * DAY, **{"STAT_/s/d": lines}) == ({"", "d"}, [])


def test_another_size_is_noticed_all_the_same() -> None:
    lines = [FOLDER.format(name="."), LINE.format(size=5, name="b")]
    assert confirmed_since(SECONDS + 4 * DAY, **{"STAT_/s/d": lines}) == ({""}, []), "and times would not help"


def listed(names: t.Mapping[str, float]) -> list[str]:
    """A listing of files by name and time of this year."""
    stamps = {name: time.strftime("%b %d %H:%M", time.gmtime(seconds)) for name, seconds in names.items()}
    return [FOLDER.format(name="."), *(f"-rw-r--r-- 1 a b 1 {stamp} {name}" for name, stamp in stamps.items())]


MONTH_AGO = int(time.time() / DAY) * DAY - 30 * DAY + 12 * 3600 + 34 * 60 + 56.0
HOUR = 3600.0


@pytest.mark.parametrize(
    ("shifts", "asked"),
    [
        ((0, 0), []),
        ((2 * HOUR, HOUR), []),
        ((-4 * HOUR, -5 * HOUR), []),
        ((12.75 * HOUR, 13.75 * HOUR), []),
        ((2 * HOUR, 0), ["q"]),
        ((0, 2 * HOUR), ["q"]),
        ((2 * HOUR, 2 * HOUR + 60), ["q"]),
        ((-60, 0), []),
        ((15 * HOUR, 15 * HOUR), ["q"]),
        ((DAY, 0), []),
    ],
)
def test_local_time_is_that_of_one_zone_in_summer_and_winter(shifts: tuple[float, float], asked: list[str]) -> None:
    """MDTM tells which, by one file; what does not agree is asked for, and turns out to be as recorded here."""
    names = {"p": "a", "q": "b"}
    records = {folder: Record(DIRECTORY) for folder in names}
    stamp = time.strftime("213 %Y%m%d%H%M%S", time.gmtime(MONTH_AGO))
    answers: dict[str, t.Any] = {"STAT /s": [FOLDER.format(name=name) for name in (".", *names)]}
    for (folder, name), shift in zip(names.items(), shifts):
        records[f"{folder}/{name}"] = Record(FILE, 1, "0" * 64, MONTH_AGO)
        answers[f"STAT /s/{folder}"] = listed({name: MONTH_AGO + shift})
        answers[f"MDTM /s/{folder}/{name}"] = stamp
    pool = Pool(**answers)
    assert set(confirm(t.cast("t.Any", pool), "/s", records, None, since=MONTH_AGO + 4 * DAY)) == {"", *names}
    assert [line for line in pool.main.heard if line.startswith("MDTM")] == [
        f"MDTM /s/{folder}/{names[folder]}" for folder in ["p", *asked]
    ]
