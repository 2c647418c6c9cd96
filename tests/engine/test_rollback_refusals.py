# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One thing is refused, or only said to be done, amid an undoing: nothing is lost, and the next run ends as wanted."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.engine import points
from tests.engine.undoing import Case, Undoing
from tests.faulty import Claim, Command, Fault, FaultyFtp, Refuse, When, on_path


def into_a_set(name: str) -> When:
    """At renames of a file of this name into a backup set."""

    def strikes(command: Command | None, _reply: object) -> bool:
        there = command.argument if command is not None and command.verb == "RNTO" else ""
        return "/backup/" in there and there.endswith(name)

    return strikes


def back_to(path: str) -> When:
    """At renames onto a file of the site."""
    return lambda command, _reply: command is not None and str(command) == f"RNTO {path}"


REFUSALS: dict[str, tuple[t.Callable[[], Fault], str]] = {
    "a file cannot come back": (lambda: Refuse(back_to("/css/a.css")), "css/a.css: cannot be moved: 550"),
    "a file only seems to come back": (lambda: Claim(back_to("/css/a.css")), "does not list it as before"),
    "a file cannot go": (lambda: Refuse(into_a_set("page.html")), "new/page.html: cannot be moved: 550"),
    "a file only seems to go": (lambda: Claim(into_a_set("page.html")), "is moved, but still lists it"),
    "a folder cannot come back": (lambda: Refuse(on_path("MKD", "/old")), "old: the folder cannot be created"),
    "a folder cannot go": (lambda: Refuse(on_path("RMD", "/new")), "new: cannot be deleted: 550"),
    "a folder only seems to go": (lambda: Claim(on_path("RMD", "/new")), "says it is deleted, but still lists it"),
}


@pytest.mark.parametrize("then", ["rollback", "sync"])
@pytest.mark.parametrize("what", REFUSALS)
def test_what_is_refused_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, then: str) -> None:
    points.quick(monkeypatch)
    fault, message = REFUSALS[what]
    with FaultyFtp(root=tmp_path) as server:
        field = Undoing(server, tmp_path, Case("undone", then))
        field.begin(fault())
        found = field.run(retries=0)
        assert message in str(found), found
        field.check_after_failure(found)
        field.next_run()
