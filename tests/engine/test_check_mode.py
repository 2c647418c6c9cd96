# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A check tells exactly what the run does, whatever both trees are and whatever the options say.

The oracle knows nothing of the planner: it carries the listed operations out on a dictionary, refuses what a file
system would refuse, and demands that the server's disk is the same.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import typing as t
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from tests.engine.conftest import Content, Tree, attempt, expected, server_tree, times, write_tree
from tests.servers import Server, start

NAMES = ["a", "b", "c", "d.x", "e.t", "ü f", "index.html"]
Included = t.Callable[[t.List[str], bool], bool]

# Patterns with what they mean, written down by hand.
EXCLUDES: list[tuple[list[str], Included]] = [
    ([], lambda parts, is_folder: True),
    (["*.x"], lambda parts, is_folder: not any(part.endswith(".x") for part in parts)),
    (["/a/"], lambda parts, is_folder: not (parts[0] == "a" and (len(parts) > 1 or is_folder))),
    (["*", "!*/", "!*.t"], lambda parts, is_folder: is_folder or parts[-1].endswith(".t")),
    (["b/*", "!b/c"], lambda parts, is_folder: not (len(parts) > 1 and parts[0] == "b" and parts[1] != "c")),
]

paths = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map("/".join)
contents = st.one_of(st.none(), st.sampled_from(["", "x", "y", "longer", "z" * 3000]))


@st.composite
def trees(draw: st.DrawFn, least: int = 0) -> dict[str, Content]:
    """A tree without a file that is also a folder."""
    tree: dict[str, Content] = {}
    for path, content in draw(st.lists(st.tuples(paths, contents), min_size=least, max_size=8)):
        above = [path.rsplit("/", n)[0] for n in range(1, path.count("/") + 1)]
        if path not in expected(tree) and not any(tree.get(folder) is not None for folder in above):
            tree[path] = content
    return tree


@st.composite
def option_sets(draw: st.DrawFn) -> dict[str, t.Any]:
    record = draw(st.sampled_from(["server", "server", "server", "none"]))
    delete = draw(st.booleans())
    number = draw(st.integers(0, len(EXCLUDES) - 1))
    return {
        "record": record,
        "delete": delete,
        "delete_unmanaged": delete and record == "server" and draw(st.booleans()),
        "delete_unmatched": delete and draw(st.booleans()),
        "force": draw(st.booleans()),
        "resolve": draw(st.sampled_from(["skip", "local"])),
        "exclude": EXCLUDES[number][0],
        "match": draw(st.sampled_from([[], [], ["*.t", "a/**", "!c"]])),
        "protect": draw(st.sampled_from([[], ["c"], ["/a/b", "*.t"]])),
        "publish": draw(st.sampled_from(["staged", "direct"])),
        "backup": draw(st.sampled_from([0, 1])) if record == "server" else 0,
        "compare": draw(st.sampled_from(["auto", "auto", "checksum", "mtime", "size"])),
        "file_mode": draw(st.sampled_from([None, "0640"])),
        "directory_mode": draw(st.sampled_from([None, "0750"])),
        "connections": draw(st.sampled_from([1, 3])),
    }


numbers = itertools.count()


@pytest.fixture(scope="module")
def one_server() -> t.Iterator[Server]:
    with start("pyftpdlib") as server:
        yield server


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=trees(), second=trees(least=1), foreign=trees(), lost=st.lists(paths, max_size=3), options=option_sets())
def test_operations_foretold_are_operations_done(
    one_server: Server,
    first: dict[str, Content],
    second: dict[str, Content],
    foreign: dict[str, Content],
    lost: list[str],
    options: dict[str, t.Any],
) -> None:
    """A tree is published; then both sides change at will, and another tree is published with other options."""
    server = one_server.at(f"t{next(numbers)}")
    base = Path(tempfile.mkdtemp())
    try:
        published = publish_first(server, base, first, options)
        change(server.root, foreign, lost)
        before = server_tree(server, state=True)
        tree = write_tree(base / "second", second)
        local_before = times(tree)
        shown = attempt(server, tree, check=True, **options)
        assert server_tree(server, state=True) == before and times(tree) == local_before
        done = attempt(server, tree, **options)
        note(f"shown: {shown}\ndone: {done}\nbefore: {before}")
        assert done["error"] == shown["error"]
        if shown["error"] is not None:
            event(shown["error"].split(":")[0])
            assert server_tree(server, state=True) == before
            return
        assert done["operations"] == shown["operations"]
        event(f"{len(done['operations']) // 3 * 3}+ operations")
        before = {p: c for p, c in before.items() if not p.startswith(".ftpsync")}
        after = server_tree(server)
        assert after == carried_out(before, done["operations"], expected(second))
        judge(before, after, published, expected(second), done, options)
        again = attempt(server, tree, **options)
        assert again["error"] is None and again["operations"] == [] and not again["changed"]
        assert server_tree(server) == after
    finally:
        shutil.rmtree(base)


def publish_first(server: Server, base: Path, first: dict[str, Content], options: dict[str, t.Any]) -> set[str]:
    """Publish the first tree without any filters, as the same sort of run."""
    kept = {name: options[name] for name in ("record", "publish", "compare", "file_mode", "connections")}
    done = attempt(server, write_tree(base / "first", first), **kept)
    assert done["error"] is None
    assert server_tree(server) == expected(first)
    return set(expected(first))


def change(root: Path, foreign: dict[str, Content], lost: list[str], mtime: int = 1_700_000_000) -> None:
    """What others do on the server: remove, overwrite, and put other kinds of things in place."""
    for path in lost:
        remove(root / path)
    for path, content in foreign.items():
        for folder in [*list((root / path).relative_to(root).parents)[-2::-1], Path(path)]:
            there = root / folder
            if there.exists() and there.is_dir() != (content is None or folder != Path(path)):
                remove(there)
        write_tree(root, {path: content}, mtime=mtime)


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()


def carried_out(before: Tree, operations: list[dict[str, t.Any]], local: Tree) -> Tree:
    """The operations on a dictionary; what a file system refuses is refused here."""
    tree = dict(before)
    for operation in operations:
        path = operation["path"]
        above = os.path.dirname(path)
        assert not above or (above in tree and tree[above] is None), f"nothing to put {path} in"
        if operation["operation"] == "create_directory":
            assert path not in tree
            tree[path] = None
        elif operation["operation"] == "upload":
            assert path not in tree or tree[path] is not None
            tree[path] = local[path]
            assert operation["size"] == len(t.cast(bytes, local[path]))
        elif operation["operation"] == "delete":
            assert (tree[path] is None) == (operation["kind"] == "directory")
            assert not any(other.startswith(f"{path}/") for other in tree), f"{path} is not empty"
            del tree[path]
        else:
            assert operation["operation"] == "set_mode" and path in tree
    return tree


def judge(
    before: Tree, after: Tree, published: set[str], local: Tree, done: dict[str, t.Any], options: dict[str, t.Any]
) -> None:
    """What the options promise, whatever was planned."""
    included = {tuple(patterns): rule for patterns, rule in EXCLUDES}[tuple(options["exclude"])]

    def takes_part(path: str, is_folder: bool) -> bool:
        parts = path.split("/")
        steps = [(parts[: n + 1], is_folder or n + 1 < len(parts)) for n in range(len(parts))]
        return all(included(step, folder) for step, folder in steps)

    def is_protected(path: str) -> bool:
        parts = path.split("/")
        if options["protect"] == ["c"]:
            return "c" in parts
        return bool(options["protect"]) and (parts[:2] == ["a", "b"] or any(p.endswith(".t") for p in parts))

    stuck = {conflict["path"] for conflict in done["conflicts"]}
    hindered = [path for path in stuck if local.get(path, b"") is None]
    for path, content in before.items():
        if is_protected(path):
            assert after.get(path, "gone") == content, f"{path} is protected"
        if path not in after:
            makes_way = any(is_above(path, other) or is_above(other, path) or other == path for other in local)
            assert options["delete"] or makes_way, "nothing was to be deleted"
            ours = path in published or options["delete_unmanaged"] or options["record"] == "none"
            assert ours or makes_way, f"{path} is not ours"
            assert options["delete_unmatched"] or takes_part(path, content is None), f"{path} is excluded"
    for path, content in local.items():
        if not takes_part(path, content is None):
            assert after.get(path, "gone") == before.get(path, "gone") or path not in after
        elif options["force"] and not options["match"] and options["record"] == "server" and not is_protected(path):
            if path in stuck or any(is_above(folder, path) for folder in hindered):
                continue
            if options["compare"] in ("auto", "checksum"):
                assert after.get(path, "missing") == content


def is_above(folder: str, path: str) -> bool:
    return path.startswith(f"{folder}/")
