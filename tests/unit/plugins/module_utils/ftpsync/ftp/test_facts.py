# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one run has learned of a server, given to the next."""

from __future__ import annotations

import typing as t

import pytest

from ftpsync.ftp.facts import ServerFacts
from ftpsync.ftp.ladder import MTIME_RUNGS, Ladder
from ftpsync.ftp.replies import Features, parse_feat
from ftpsync.ftp.wire import ReplyReader


def features(*names: str) -> Features:
    lines = "".join(f" {name}\r\n" for name in names)
    (reply,) = ReplyReader().feed(f"211-Features:\r\n{lines}211 End\r\n".encode())
    return parse_feat(reply)


def facts(*names: str) -> ServerFacts:
    new = ServerFacts()
    new.system = "215 UNIX"
    new.learn_features(features(*names))
    return new


def test_what_was_learned_is_taken_over() -> None:
    first = facts("SIZE", "MDTM")
    first.stat_form, first.one_at_a_time = "-a %s", True
    rungs = first.mtime_rungs()
    (done,) = ReplyReader().feed(b"213 set\r\n")
    assert first.note_mtime([(rungs[-1], done)])
    second = facts("SIZE", "MDTM")
    second.recall(first.learned())
    assert (second.stat_form, second.one_at_a_time) == ("-a %s", True)
    assert second.mtime_rungs() == [rungs[-1], *rungs[:-1]], "the first to be tried, not the only one"


def test_a_trial_that_failed_is_made_again() -> None:
    """A connection may have been lost during it."""
    first, second = facts(), facts()
    first.stat_form = ""
    second.recall(first.learned())
    assert second.stat_form is None


def test_another_server_starts_anew() -> None:
    first = facts("SIZE")
    first.stat_form, first.one_at_a_time = "%s", True
    second = facts("SIZE", "MDTM")
    second.recall(first.learned())
    assert (second.stat_form, second.one_at_a_time) == (None, None)


def test_what_was_seen_in_this_run_counts_more() -> None:
    first, second = facts(), facts()
    first.stat_form, first.one_at_a_time = "%s", True
    second.stat_form, second.one_at_a_time = "", False
    second.recall(first.learned())
    assert (second.stat_form, second.one_at_a_time) == ("", False)


@pytest.mark.parametrize(
    "learned",
    [None, 1, [], {}, {"stat_form": ["x"]}, {"stat_form": "-la; %s %s"}, {"one_at_a_time": "yes", "mtime_command": {}}],
)
def test_what_lies_on_a_server_may_be_anything(learned: t.Any) -> None:
    new = facts()
    rungs = new.mtime_rungs()
    new.recall({**learned, "server": new.learned()["server"]} if isinstance(learned, dict) else learned)
    assert (new.stat_form, new.one_at_a_time, new.mtime_rungs()) == (None, None, rungs)


def test_a_way_that_has_worked_once_is_the_only_one() -> None:
    """What one file refuses another may take."""
    replies = ReplyReader()
    (done, refused, unknown) = replies.feed(b"213 set\r\n550 not this one\r\n502 what?\r\n")
    ladder = Ladder(MTIME_RUNGS)
    first, second, *_others = ladder.candidates()
    assert not ladder.note([(first, refused), (second, unknown)])
    assert first in ladder.candidates() and second not in ladder.candidates()
    assert ladder.note([(first, done)])
    for reply in (refused, unknown):
        assert not ladder.note([(first, reply)] * 9)
        assert ladder.candidates() == [first]


def test_how_folders_are_listed_is_not_forgotten_when_features_are_told_again() -> None:
    found = facts("SIZE")
    found.listing = "LIST"
    found.learn_features(features("MLST"))
    assert found.listing == "LIST"
