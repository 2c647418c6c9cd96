# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Look at both sides before anything is decided: trees, records, and what has to be asked besides."""

from __future__ import annotations

import typing as t

from ..model import FILE, Problem
from ..sides.server import ServerSide
from ..sides.tree import Tree, child
from .case import Spelling, unify
from .recorder import Recorder, unproven
from .tables import LOCAL, REMOTE

if t.TYPE_CHECKING:
    from ..sides.copying import Side

OTHER = {LOCAL: REMOTE, REMOTE: LOCAL}

# Whether to look into a folder: of which side, by path, knowing the trees so far.
Enter = t.Callable[[str, str, t.Mapping[str, Tree]], bool]
# Whether the time of a file matters: of which side, by path.
Matters = t.Callable[[str, str], bool]


class Survey(t.NamedTuple):
    """What was found.

    Attributes:
        trees: by LOCAL and REMOTE.
        true_times: by side and path, where a record knows better than the listing.
        spelling: how each side writes paths.
    """

    trees: dict[str, Tree]
    true_times: dict[str, dict[str, float]]
    spelling: Spelling

    def problems(self) -> list[Problem]:
        """What could not be looked at, of both sides."""
        return [problem for side in (LOCAL, REMOTE) for problem in self.trees[side].problems]


def look(
    sides: t.Mapping[str, Side], recorder: Recorder, enter: Enter, matters: Matters, migrate: bool, case: str | None
) -> Survey:
    """List both sides and read their records.

    Parameters:
        recorder: takes the records in.
        migrate: discard records of another format.
        case: ``local`` or ``remote`` if that side's spelling counts; None or ``strict`` pair exactly.

    Raises:
        FtpSyncError: a root cannot be listed, or a record cannot be read by this program.
    """
    trees: dict[str, Tree] = {}
    for side in (LOCAL, REMOTE):
        trees[side] = sides[side].scan(_entering(enter, side, trees))
    spelling = unify(trees, case) if case in (LOCAL, REMOTE) else Spelling()
    recorder.spelling = spelling
    true_times = {side: recorder.load(side, trees[side], migrate) for side in (LOCAL, REMOTE)}
    for side in (LOCAL, REMOTE):
        there = sides[side]
        if isinstance(there, ServerSide) and trees[side].exists:
            there.confirm(trees[side], _expected(side, trees, recorder))
            there.refine(trees[side], _uncertain(side, trees, recorder, true_times[side], matters))
    return Survey(trees, true_times, spelling)


def _entering(enter: Enter, side: str, known: t.Mapping[str, Tree]) -> t.Callable[[str], bool]:
    return lambda path: enter(side, path, known)


def _expected(side: str, trees: t.Mapping[str, Tree], recorder: Recorder) -> list[str]:
    """Files that a listing of a server should show: recorded ones, and those that it may hide."""
    tree, other = trees[side], trees[OTHER[side]]
    expected: dict[str, None] = {}
    for folder in tree.children:
        snapshots = recorder.snapshots(folder)
        for name in unproven(tree.entries, snapshots, folder):
            expected[child(folder, name)] = None
        for name in other.children.get(folder, ()):
            may_hide = folder in tree.doubtful or (name.startswith(".") and tree.shows_hidden is not True)
            if may_hide and other.entries[child(folder, name)].kind == FILE:
                expected[child(folder, name)] = None
    return list(expected)


def _uncertain(
    side: str,
    trees: t.Mapping[str, Tree],
    recorder: Recorder,
    true_times: t.Mapping[str, float],
    matters: Matters,
) -> list[str]:
    """Files whose time is listed too coarsely to decide by it."""
    tree, other = trees[side], trees[OTHER[side]]
    uncertain = []
    for folder, names in tree.children.items():
        snapshots: t.Mapping[str, t.Any] | None = None
        for name in names:
            path = child(folder, name)
            entry = tree.entries[path]
            if entry.kind != FILE or entry.mtime is None or entry.mtime_span <= 1 or path in true_times:
                continue
            if path not in other.entries and not matters(side, path):
                continue
            snapshots = recorder.snapshots(folder) if snapshots is None else snapshots
            known = snapshots.get(name) or {}
            recorded = known.get("m")
            same_size = known.get("s") == entry.size
            if recorded is None or not same_size or not -2.01 <= recorded - entry.mtime <= entry.mtime_span + 1.01:
                uncertain.append(path)
    return uncertain
