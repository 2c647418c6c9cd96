# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Names that differ only in case (option ``case``, ``spec/ftpsync-behaviour.md`` 13.4). Pure.

By default names are paired exactly, and clashes are reported. With ``local`` or ``remote`` both sides are
taken to spell them as that one does: paths of the other side are translated here, and nowhere else.
"""

from __future__ import annotations

import typing as t

from ..model import parent
from ..sides.tree import Tree, child
from .tables import LOCAL, REMOTE

OTHER = {LOCAL: REMOTE, REMOTE: LOCAL}


class Spelling:
    """How each side writes the paths of a run."""

    def __init__(self) -> None:
        self._real: dict[str, dict[str, str]] = {LOCAL: {}, REMOTE: {}}

    def on(self, side: str, path: str) -> str:
        """The path as that side spells it."""
        real = self._real[side]
        if not real or not path:
            return path
        if path in real:
            return real[path]
        folder, _slash, name = path.rpartition("/")
        return child(self.on(side, folder), name)

    def adopt(self, side: str, path: str, real: str) -> None:
        """Note that a side spells a path in its own way."""
        self._real[side][path] = real


def unify(trees: t.Mapping[str, Tree], leading: str) -> Spelling:
    """Give the entries of one side the spelling of the other one.

    Parameters:
        trees: by LOCAL and REMOTE; the one that does not lead is changed in place.
        leading: whose spelling counts.
    """
    following = OTHER[leading]
    lead, tree, spelling = trees[leading], trees[following], Spelling()
    renamed = Tree()
    blocked: dict[str, list[str]] = {}  # names by folder
    for path in tree.blocked:
        blocked.setdefault(parent(path), []).append(path.rpartition("/")[2])

    def take_over(real: str, path: str) -> None:
        """What is known of one path: else a folder that cannot be listed would be an empty one."""
        for name in ("documents", "failed", "incomplete", "blocked"):
            if real in getattr(tree, name):
                getattr(renamed, name)[path] = getattr(tree, name)[real]
        for name in ("linked", "doubtful"):
            if real in getattr(tree, name):
                getattr(renamed, name).add(path)

    def walk(real: str, path: str) -> None:
        take_over(real, path)
        if real not in tree.children:
            return
        exact = set(lead.children.get(path, ()))
        mine = {*tree.children[real], *blocked.get(real, ())}
        folded = {name.casefold(): name for name in exact - mine}
        renamed.children[path] = []
        for name in tree.children[real]:
            spelled = name if name in exact else folded.pop(name.casefold(), name)
            there, here = child(real, name), child(path, spelled)
            renamed.children[path].append(spelled)
            renamed.entries[here] = tree.entries[there]
            if spelled != name:
                spelling.adopt(following, here, there)
            walk(there, here)
        for name in blocked.get(real, ()):
            there, here = child(real, name), child(path, name if name in exact else folded.pop(name.casefold(), name))
            take_over(there, here)

    walk("", "")
    for name in ("entries", "children", "documents", "failed", "incomplete", "blocked", "linked", "doubtful"):
        setattr(tree, name, getattr(renamed, name))
    return spelling


def clashes(one: t.Sequence[str], other: t.Sequence[str]) -> list[tuple[str, str]]:
    """Names of one folder pair that differ only in case, so that they would collide where case is ignored."""
    folded = {name.casefold(): name for name in other}
    exact = set(other)
    return [(name, folded[name.casefold()]) for name in one if name not in exact and name.casefold() in folded]
