# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A check of a run of two sides tells exactly what the run does, and the run after it has nothing to do.

The oracle knows nothing of the planner: it carries the listed operations out on two dictionaries, refuses what a
file system would refuse, and demands that both disks are the same.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
import typing as t
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from tests.engine.conftest import Content, Tree, attempt, times, tree_of, write_tree
from tests.engine.test_check_mode import EXCLUDES, change, is_above, paths, trees
from tests.servers import Server, start

OURS = (".pyftpsync-meta.json", ".pyftpsync-lock.json")
SIDES = ("local", "remote")
Both = t.Dict[str, Tree]
MTIMES = st.sampled_from([1_600_000_000, 1_700_000_000])


@st.composite
def option_sets(draw: st.DrawFn) -> dict[str, t.Any]:
    direction = draw(st.sampled_from(["download", "sync", "upload"]))
    record = "folder" if direction == "upload" else draw(st.sampled_from(["auto", "folder", "none"]))
    delete = direction != "sync" and draw(st.booleans())
    source = {"upload": ["skip", "local"], "download": ["skip", "remote"]}
    return {
        "direction": direction,
        "record": record,
        "delete": delete,
        "delete_unmatched": delete and draw(st.booleans()),
        "force": draw(st.booleans()),
        "resolve": draw(st.sampled_from(source.get(direction, ["skip", "local", "remote", "old", "new"]))),
        "exclude": draw(st.sampled_from(EXCLUDES))[0],
        "match": draw(st.sampled_from([[], [], ["*.t", "a/**", "!c"]])),
        "protect": draw(st.sampled_from([[], ["c"], ["/a/b", "*.t"]])),
        "connections": draw(st.sampled_from([1, 3])),
    }


numbers = itertools.count()


@pytest.fixture(scope="module")
def one_server() -> t.Iterator[Server]:
    with start("pyftpdlib") as server:
        yield server


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    first=trees(),
    here=trees(),
    there=trees(),
    lost=st.tuples(st.lists(paths, max_size=3), st.lists(paths, max_size=3)),
    ages=st.tuples(MTIMES, MTIMES),
    published=st.booleans(),
    options=option_sets(),
)
def test_operations_foretold_are_operations_done(
    one_server: Server,
    first: dict[str, Content],
    here: dict[str, Content],
    there: dict[str, Content],
    lost: tuple[list[str], list[str]],
    ages: tuple[int, int],
    published: bool,
    options: dict[str, t.Any],
) -> None:
    """A tree is brought to both sides; then both change at will, and a run with other options follows."""
    server = one_server.at(f"t{next(numbers)}")
    base = Path(tempfile.mkdtemp())
    tree = base / "local"
    try:
        write_tree(tree if options["direction"] != "download" else server.root, first)
        tree.mkdir(exist_ok=True)
        if published:
            kept = {name: options[name] for name in ("direction", "record")}
            done = attempt(server, tree, **kept)
            assert done["error"] is None, done
            assert content_of(server, tree)["local"] == content_of(server, tree)["remote"]
        change(tree, here, lost[0], ages[0])
        change(server.root, there, lost[1], ages[1])
        before, raw = content_of(server, tree), (times(tree), times(server.root))
        shown = attempt(server, tree, check=True, **options)
        assert (times(tree), times(server.root)) == raw
        done = attempt(server, tree, **options)
        note(f"shown: {shown}\ndone: {done}\nbefore: {before}")
        assert done["error"] == shown["error"]
        if shown["error"] is not None:
            event(shown["error"].split(":")[0])
            assert content_of(server, tree) == before
            return
        assert done["operations"] == shown["operations"] and done["conflicts"] == shown["conflicts"]
        event(f"{options['direction']}: {len(done['operations']) // 3 * 3}+ operations")
        after = content_of(server, tree)
        assert after == carried_out(before, done["operations"])
        judge(before, after, done, options)
        if not published:
            # Where no folder has a record yet, times decide; the first record makes what is left new on both sides.
            done = attempt(server, tree, **options)
            assert done["error"] is None
            after = content_of(server, tree)
        server_before = times(server.root)
        again = attempt(server, tree, **options)
        note(f"again: {again}")
        assert again["error"] is None and again["operations"] == [] and not again["changed"]
        assert content_of(server, tree) == after and times(server.root) == server_before
        assert again["conflicts"] == done["conflicts"]
    finally:
        shutil.rmtree(base)


def content_of(server: Server, tree: Path) -> Both:
    """Both sides without the records in their folders."""
    found = {"local": tree_of(tree), "remote": tree_of(server.root)}
    return {side: {p: c for p, c in there.items() if p.rpartition("/")[2] not in OURS} for side, there in found.items()}


def carried_out(before: Both, operations: list[dict[str, t.Any]]) -> Both:
    """The operations on dictionaries; what a file system refuses is refused here."""
    sides = {side: dict(tree) for side, tree in before.items()}
    for operation in operations:
        path, side = operation["path"], operation["side"]
        tree, other = sides[side], sides["local" if side == "remote" else "remote"]
        above = path.rpartition("/")[0]
        assert not above or (above in tree and tree[above] is None), f"nothing to put {path} in"
        if operation["operation"] == "create_directory":
            assert path not in tree and other[path] is None
            tree[path] = None
        elif operation["operation"] == "delete":
            assert path in tree and not any(is_above(path, inner) for inner in tree), path
            assert (tree.pop(path) is None) == (operation["kind"] == "directory")
        else:
            assert operation["operation"] == {"local": "download", "remote": "upload"}[side]
            assert tree.get(path, b"") is not None and other[path] is not None
            assert operation["size"] == len(other[path] or b"")
            tree[path] = other[path]
    return sides


def judge(before: Both, after: Both, done: dict[str, t.Any], options: dict[str, t.Any]) -> None:
    """What the options promise, whatever was planned."""
    source, target = {"upload": SIDES, "download": SIDES[::-1]}.get(options["direction"], (None, None))
    if source is not None and target is not None:
        assert after[source] == before[source], "the source is only read"
    included = {tuple(patterns): rule for patterns, rule in EXCLUDES}[tuple(options["exclude"])]
    for side in SIDES:
        for path, content in before[side].items():
            parts = path.split("/")
            part_of = [included(parts[: n + 1], content is None or n + 1 < len(parts)) for n in range(len(parts))]
            if after[side].get(path, "gone") == content:
                continue
            assert all(part_of) or options["delete_unmatched"], f"{path} is excluded"
            assert path in after[side] or options["delete"] or options["direction"] == "sync", f"{path} was deleted"
            assert not is_protected(path, options["protect"]), f"{path} is protected"
    if options["direction"] == "sync" and not (options["exclude"] or options["match"] or options["protect"]):
        open_questions = {conflict["path"] for conflict in done["conflicts"]}
        differing = {p for p in {*after["local"], *after["remote"]} if differs(after, p)}
        assert all(any(p == q or is_above(q, p) for q in open_questions) for p in differing)
    if source and target and options["delete"] and options["delete_unmatched"] and not options["protect"]:
        stuck = {conflict["path"] for conflict in done["conflicts"]}
        left = [p for p in after[target] if p not in after[source]]
        assert all(any(p == q or is_above(p, q) or is_above(q, p) for q in stuck) for p in left), left


def differs(sides: Both, path: str) -> bool:
    return sides["local"].get(path, "missing") != sides["remote"].get(path, "missing")


def is_protected(path: str, patterns: list[str]) -> bool:
    parts = path.split("/")
    if patterns == ["c"]:
        return "c" in parts
    return bool(patterns) and (parts[:2] == ["a", "b"] or any(part.endswith(".t") for part in parts))
