# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renames over several connections, where one takes few commands at a time: order, and losses in the middle."""

from __future__ import annotations

import threading
import typing as t
from pathlib import Path

import pytest

from ftpsync.errors import ConnectionLost
from ftpsync.ftp.session import Session
from tests.engine.conftest import EARLIER, Content, assert_settled, deploy, expected, server_tree, write_tree
from tests.servers import Server

Pipeline = t.Callable[..., t.Iterator[t.Any]]


def many(version: str) -> dict[str, Content]:
    tree: dict[str, Content] = {f"assets/folder-{n % 5}/file-{n:03}.css": f"{version} {n}" for n in range(120)}
    tree.update({f"pages/page-{n}.html": f"{version} page {n}" for n in range(30)})
    tree["index.html"] = version
    return tree


def rank(path: str) -> int:
    """Entry points after pages, pages after what they refer to."""
    return 2 if path.endswith("/index.html") else int(path.endswith(".html"))


@pytest.fixture
def narrow(ftp_server: t.Callable[..., Server]) -> Server:
    return ftp_server("proftpd")


class Watched:
    """Stands in for `Session.pipeline`: notes which session sends renames, and may lose one in the middle."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, lose: t.Collection[int] = ()) -> None:
        self.sessions: set[int] = set()
        self.bursts = 0
        self.targets: list[str] = []
        self.overlaps: list[tuple[int, int]] = []  # what was not yet answered when something of another rank began
        self._under_way: dict[int, int] = {}
        self._lose = lose
        self._lock = threading.Lock()
        self._pipeline = Session.pipeline
        watched = self

        def pipeline(session: Session, commands: t.Iterable[t.Any], **how: t.Any) -> t.Iterator[t.Any]:
            return watched.run(session, commands, **how)

        monkeypatch.setattr(Session, "pipeline", pipeline)

    def run(self, session: Session, commands: t.Iterable[t.Any], **how: t.Any) -> t.Iterator[t.Any]:
        wanted = list(commands)
        targets = [arg for verb, arg in wanted if verb == "RNTO" and "/.ftpsync/" not in str(arg)]
        if not targets:
            return self._pipeline(session, wanted, **how)
        with self._lock:
            self.sessions.add(id(session))
            self.bursts += 1
            number, begun = self.bursts, rank(str(targets[0]))
            self.overlaps += [(other, begun) for other in self._under_way.values() if other != begun]
            self._under_way[number] = begun
            self.targets += [str(target) for target in targets]
        return self._answers(number, session, wanted)

    def _answers(self, number: int, session: Session, wanted: list[t.Any]) -> t.Iterator[t.Any]:
        try:
            yield from self._half(session, wanted) if number in self._lose else self._pipeline(session, wanted)
        finally:
            with self._lock:
                del self._under_way[number]

    def _half(self, session: Session, wanted: list[t.Any]) -> t.Iterator[t.Any]:
        half = len(wanted) // 4 * 2  # whole renames
        replies = list(self._pipeline(session, wanted[:half]))
        yield from replies[: half // 2]  # the rest was carried out, and nobody has heard of it
        session.drop()
        raise ConnectionLost("on purpose")


def test_many_renames_take_several_connections_in_order(
    narrow: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = write_tree(tmp_path / "site", many("v1"))
    watched = Watched(monkeypatch)
    deploy(narrow, site, connections=4)
    assert len(watched.sessions) > 1
    ranks = [rank(name) for name in watched.targets]
    assert ranks == sorted(ranks) and len(ranks) == 151
    assert watched.overlaps == []
    assert server_tree(narrow) == expected(many("v1"))
    assert_settled(narrow, site)


def test_few_renames_leave_in_one_burst(narrow: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = write_tree(tmp_path / "site", {"a.css": "a", "b.html": "b", "index.html": "c"})
    watched = Watched(monkeypatch)
    deploy(narrow, site, connections=4)
    assert watched.bursts == 1


@pytest.mark.parametrize("lose", [{1}, {2, 3}, {4}, {1, 2, 3, 4, 5}], ids=str)
@pytest.mark.parametrize("backup", [0, 2])
def test_what_a_lost_connection_leaves_open_is_looked_up(
    narrow: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lose: set[int], backup: int
) -> None:
    site = write_tree(tmp_path / "site", many("v1"))
    deploy(narrow, site, connections=4)
    write_tree(site, many("v2"), mtime=EARLIER + 5)
    watched = Watched(monkeypatch, lose)
    found = deploy(narrow, site, connections=4, backup=backup)
    assert watched.bursts > max(lose)
    assert len(found["uploaded"]) == 151 and found["errors"] == []
    assert server_tree(narrow) == expected(many("v2"))
    assert_settled(narrow, site)
    if backup:
        kept = [path for path in narrow.root.glob(".ftpsync/backup/*/files/**/*") if path.is_file()]
        assert sorted(path.read_text() for path in kept) == sorted(str(content) for content in many("v1").values())
