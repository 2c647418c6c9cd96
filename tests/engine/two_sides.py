# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of two sides by the options of the module, and what must hold of each."""

from __future__ import annotations

import typing as t
from pathlib import Path

from tests.engine.conftest import EARLIER, Tree, attempt, times, tree_of
from tests.servers import Server

META = ".pyftpsync-meta.json"
LATER = EARLIER + 5000
LISTS = ("operations", "uploaded", "downloaded", "deleted", "created_directories", "conflicts", "drifted", "errors")


def run(server: Server, tree: Path, direction: str = "download", *, check: bool = False, **changed: t.Any) -> t.Any:
    """A run that has to succeed."""
    found = attempt(server, tree, check=check, direction=direction, **changed)
    assert found["error"] is None, found
    return found


def foretold(server: Server, tree: Path, direction: str = "download", **changed: t.Any) -> dict[str, t.Any]:
    """A run after its check, which must have told all of it, sent no command that writes and left all as it was."""
    server.mark()
    before = raw(server, tree)
    shown = attempt(server, tree, check=True, direction=direction, **changed)
    assert server.writes() == [] and raw(server, tree) == before
    done = attempt(server, tree, direction=direction, **changed)
    assert {name: done[name] for name in LISTS} == {name: shown[name] for name in LISTS}
    assert (done["error"], shown["error"]) == (None, None) and done["warnings"] == shown["warnings"]
    assert done["changed"] == shown["changed"] == bool(done["operations"])
    return done


def assert_settled(server: Server, tree: Path, direction: str = "download", **changed: t.Any) -> None:
    """Another run has nothing to do, writes nothing on either side and sends not one command that writes."""
    server.mark()
    before = raw(server, tree)
    found = run(server, tree, direction, **changed)
    assert found["operations"] == [] and found["changed"] is False
    assert server.writes() == [] and raw(server, tree) == before


def refused(server: Server, tree: Path, direction: str = "download", **changed: t.Any) -> str:
    """Check and run fail with the same words, and neither side is touched."""
    before = raw(server, tree)
    server.mark()
    lines = [attempt(server, tree, check=check, direction=direction, **changed)["error"] for check in (True, False)]
    assert raw(server, tree) == before and server.writes() == []
    assert lines[0] and lines[0] == lines[1]
    return str(lines[0])


def raw(server: Server, tree: Path) -> tuple[t.Any, ...]:
    """All there is on both sides, times and records included."""
    return tree_of(tree), times(tree), tree_of(server.root), times(server.root)


def here(tree: Path) -> Tree:
    """The local side without records."""
    return {path: content for path, content in tree_of(tree).items() if path.rpartition("/")[2] != META}


def there(server: Server) -> Tree:
    """The server's side without records."""
    return here(server.root)
