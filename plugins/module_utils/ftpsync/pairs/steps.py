# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What a plan for two sides consists of, and what of a folder may be removed. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ..model import DIRECTORY, Entry, parent

if t.TYPE_CHECKING:
    from ..resources import EntryPair
    from ..sides.tree import Tree

CREATE_DIRECTORY = "create_directory"
COPY = "copy"
DELETE = "delete"


@dataclasses.dataclass
class Deed:
    """What one pair leads to: its lines for the user, and how many of its steps are still to come.

    Attributes:
        pair: None where a step is not about one.
        lines: said once the first step has succeeded and no other is to come.
        waiting: steps without a result.
        failed: the first step failed.
        removes: the entry goes, on one side at least.
    """

    pair: EntryPair | None
    lines: list[str] = dataclasses.field(default_factory=list)
    waiting: int = 0
    failed: bool = False
    removes: bool = False


@dataclasses.dataclass(frozen=True, eq=False)
class Step:
    """One change of one side.

    Attributes:
        action: CREATE_DIRECTORY, COPY or DELETE.
        side: LOCAL or REMOTE: the one that is changed.
        path: relative, on both sides.
        entry: the source of a copy, else what is made or deleted.
        reason: why, for the user.
        deed: what it belongs to.
        mtime: seconds UTC that a copy is to have, or None when unknown.
        replaces: what a copy replaces, or None.
        nested: part of a folder that is copied or deleted as a whole.
    """

    action: str
    side: str
    path: str
    entry: Entry
    reason: str
    deed: Deed
    mtime: float | None = None
    replaces: Entry | None = None
    nested: bool = False


def removable(
    tree: Tree, folder: str, may_go: t.Callable[[str, Entry], bool]
) -> tuple[list[str], list[str], list[str]]:
    """What of a folder can be deleted, so that nothing goes that takes no part in the run.

    Parameters:
        tree: the side it is on.
        folder: relative path.
        may_go: whether one entry takes part, by path.

    Returns:
        files; folders, the innermost first; and paths that stay, and so keep their folders.
    """
    files: list[str] = []
    folders: list[str] = []
    kept: list[str] = []

    def look_into(path: str) -> bool:
        """Whether nothing of a folder stays."""
        if path in tree.failed or path in tree.incomplete or path not in tree.children:
            kept.append(path)
            return False
        empty = not tree.holds_blocked(path)
        for name in tree.children[path]:
            inner = f"{path}/{name}"
            entry = tree.entries[inner]
            if not may_go(inner, entry):
                kept.append(inner)
                empty = False
            elif entry.kind != DIRECTORY or inner in tree.linked:
                files.append(inner)
            elif not look_into(inner):
                empty = False
        if empty:
            folders.append(path)
        else:
            kept.append(path)
        return empty

    look_into(folder)
    return files, folders, kept


def in_order(steps: t.Iterable[Step]) -> list[Step]:
    """Steps in the order in which they are listed: folders, copies, deletions; then by path (design 10.7)."""
    phase = {CREATE_DIRECTORY: 0, COPY: 1, DELETE: 2}

    def place(step: Step) -> tuple[int, int, str]:
        is_folder = step.action == DELETE and step.entry.kind == DIRECTORY
        return phase[step.action], is_folder, step.path

    ordered = sorted(steps, key=place)
    folders = [step for step in ordered if step.action == DELETE and step.entry.kind == DIRECTORY]
    others = [step for step in ordered if not (step.action == DELETE and step.entry.kind == DIRECTORY)]
    return others + sorted(folders, key=lambda step: (-step.path.count("/"), step.path))


def above(path: str) -> t.Iterator[str]:
    """The folders that hold a path, the innermost first, without the root."""
    folder = parent(path)
    while folder:
        yield folder
        folder = parent(folder)
