# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What one side holds: the nouns that a scan yields. No I/O."""

from __future__ import annotations

import dataclasses
import typing as t

from ..model import DIRECTORY, FILE, Entry, Problem, parent
from ..temporary import is_aside, is_temporary

META_FILE = ".pyftpsync-meta.json"
LOCK_FILE = ".pyftpsync-lock.json"

MAX_ENTRIES = 1_000_000  # of one side (design 10.11)
MAX_DEPTH = 100  # levels

Enter = t.Callable[[str], bool]


@dataclasses.dataclass
class Tree:
    """One side, as far as it was looked into.

    Attributes:
        exists: the root is there.
        entries: files and folders by relative path.
        children: names of each folder that was listed, in order; a folder that is not a key was not.
        documents: content of each folder's record file.
        blocked: what is there but cannot take part (links, devices, unusable names), with the reason. It
            must not be taken for missing.
        failed: folders that could not be listed, with the reason; nothing may be concluded from them.
        incomplete: folders whose listing lacks something: nothing counts as missing there.
        linked: folders and files that are links to somewhere else.
        leftovers: temporary files of a run that was killed.
        lock: the lock file in the root, or None.
        doubtful: folders whose listing may be cut short.
        shows_hidden: whether names that begin with a dot are listed; None when no such was seen.
        problems: for the user.
    """

    exists: bool = True
    entries: dict[str, Entry] = dataclasses.field(default_factory=dict)
    children: dict[str, list[str]] = dataclasses.field(default_factory=dict)
    documents: dict[str, bytes] = dataclasses.field(default_factory=dict)
    blocked: dict[str, str] = dataclasses.field(default_factory=dict)
    failed: dict[str, str] = dataclasses.field(default_factory=dict)
    incomplete: dict[str, str] = dataclasses.field(default_factory=dict)
    linked: set[str] = dataclasses.field(default_factory=set)
    leftovers: dict[str, Entry] = dataclasses.field(default_factory=dict)
    lock: Entry | None = None
    doubtful: set[str] = dataclasses.field(default_factory=set)
    shows_hidden: bool | None = None
    problems: list[Problem] = dataclasses.field(default_factory=list)

    def add(self, folder: str, name: str, entry: Entry) -> str | None:
        """Take one listed name in; gives the path if it is a folder that could be entered.

        Parameters:
            folder: that was listed.
        """
        path = child(folder, name)
        if name == META_FILE:
            return None
        if name == LOCK_FILE and not folder:
            self.lock = entry
        elif entry.kind == FILE and is_temporary(name):
            self.leftovers[path] = entry
        elif entry.kind in (FILE, DIRECTORY):
            self.entries[path] = entry
            self.children[folder].append(name)
            return path if entry.kind == DIRECTORY else None
        else:
            self.blocked[path] = "is neither a file nor a folder" if entry.kind != "link" else "is a link"
        return None

    def below(self, folder: str) -> t.Iterator[str]:
        """All paths below a folder, each folder before what it holds."""
        for name in self.children.get(folder, ()):
            path = child(folder, name)
            yield path
            if path in self.children:
                yield from self.below(path)

    def put_aside(self, path: str) -> bool:
        """Whether a file is missing because a run was killed while it replaced it."""
        folder = parent(path)
        return path not in self.entries and any(
            parent(left) == folder and is_aside(left.rpartition("/")[2], path) for left in self.leftovers
        )

    def holds_blocked(self, folder: str) -> bool:
        """Whether a folder directly holds something that cannot take part."""
        return any(parent(path) == folder for path in self.blocked)


def child(folder: str, name: str) -> str:
    """The path of a name in a folder; "" is the root."""
    return f"{folder}/{name}" if folder else name
