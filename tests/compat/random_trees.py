# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random trees, edits and commands on which this project and pyftpsync 3.1.0 have to agree.

They must not agree on what is better here (docs/compatibility.md), so nothing is generated that leads there:

* every content has a size of its own, every time is a minute of its own: no edit goes unnoticed, none looks like
  another (B59), and no pair is equal before a program has copied it (B8);
* names are used once, so nothing is deleted on both sides and comes again (B9), no folder is made on both sides, and
  files and folders have different names (B17); there are no links (B18), no odd names (B42), none that differ in case
  only (B44), none that are always ignored (B15);
* each folder gets a file when it is made, so that it has records (B16);
* `delete` is for the last round only: deleting what has no record makes 3.1.0 forget what it recorded in that folder
  (B3), and on a server every deletion does, so with a server L loses nothing before the last round;
* filters are for trees without folders, since 3.1.0 ignores them in new (B4) and excluded ones (B5, B14);
* `old` and `new` are left to the tables (B11).
"""

from __future__ import annotations

import itertools
import random
import typing as t

from .places import Place
from .scenario import NOON

Options = t.Dict[str, t.Any]


class Edit(t.NamedTuple):
    side: int  # 0: L, 1: R
    path: str
    content: str | None  # None: delete
    mtime: float

    def apply(self, sides: tuple[Place, Place]) -> None:
        if self.content is None:
            sides[self.side].delete(self.path)
        else:
            sides[self.side].write(self.path, self.content, self.mtime)


class Story:
    """What happens to a pair of trees; each round depends on how the trees are by then."""

    rounds = 3

    def __init__(self, seed: int, *, server: bool = False) -> None:
        self.random = random.Random(seed)
        self.server = server
        self.flat = self.random.random() < 0.3
        self._numbers = itertools.count(1)

    # -------------------------------------------------------------- commands

    def command(self, round_: int) -> tuple[str, Options]:
        command = "sync" if round_ == 0 else self.random.choice(["sync", "sync", "upload", "download"])
        sides = {"sync": ["local", "remote"], "upload": ["local"], "download": ["remote"]}[command]
        options: Options = {"resolve": self.random.choice([*sides, "skip"])}
        if command != "sync":
            options["force"] = self.random.random() < 0.4
            options["delete"] = round_ == self.rounds - 1 and self.random.random() < 0.7
        if self.flat and round_ and self.random.random() < 0.4:
            options[self.random.choice(["match", "exclude"])] = self.random.choice(["*.a", "*.b,*.c", "*1*"])
        return command, options

    # ----------------------------------------------------------------- edits

    def edits(self, round_: int, sides: tuple[Place, Place]) -> list[Edit]:
        if round_ == 0:
            return self._first()
        found: list[Edit] = []
        gone: set[str] = set()
        states = [place.state() for place in sides]
        paths = sorted(set(states[0]) | set(states[1]))
        for path in paths:
            if any(path.startswith(folder + "/") for folder in gone) or self.random.random() < 0.5:
                continue
            holders = [side for side in (0, 1) if path in states[side]]
            if all(states[side].get(path) is None for side in holders):  # a folder
                side = self.random.choice(holders)
                if self._may_delete(round_, side) and self.random.random() < 0.15:
                    found.append(self._delete(side, path))
                    gone.add(path)
                continue
            for side in holders:
                what = self.random.random()
                if what < 0.35:
                    found.append(self._write(side, path))
                elif what < 0.6 and path not in gone and self._may_delete(round_, side):
                    found.append(self._delete(side, path))
                    gone.add(path)
        for dummy in range(self.random.randrange(4)):
            found.append(self._new_file(states, gone))
        if not self.flat and self.random.random() < 0.5:
            side = self.random.randrange(2)
            found += self._new_folder(side, "")
        return found

    def _may_delete(self, round_: int, side: int) -> bool:
        return not self.server or side == 1 or round_ == self.rounds - 1

    def _first(self) -> list[Edit]:
        """Files on either side, or on both, where one is newer; folders on one side."""
        found = []
        for dummy in range(self.random.randint(2, 6)):
            name = self._name()
            for side in self.random.choice([(0,), (1,), (0, 1)]):
                found.append(self._write(side, name))
        if not self.flat:
            for dummy in range(self.random.randint(1, 3)):
                found += self._new_folder(self.random.randrange(2), "")
        return found

    def _new_file(self, states: t.Sequence[t.Mapping[str, t.Any]], gone: set[str]) -> Edit:
        side = self.random.randrange(2)
        folders = [""] + sorted(
            path + "/"
            for path, content in states[side].items()
            if content is None and not any(path == name or path.startswith(name + "/") for name in gone)
        )
        return self._write(side, self.random.choice(folders) + self._name())

    def _new_folder(self, side: int, parent: str, depth: int = 0) -> list[Edit]:
        folder = f"{parent}d{next(self._numbers)}/"
        found = [self._write(side, folder + self._name()) for dummy in range(self.random.randint(1, 3))]
        if depth < 2 and self.random.random() < 0.5:
            found += self._new_folder(side, folder, depth + 1)
        return found

    def _name(self) -> str:
        return f"f{next(self._numbers)}{self.random.choice(['.a', '.b', '.c', '', ' ü;x'])}"

    def _write(self, side: int, path: str) -> Edit:
        number = next(self._numbers)
        # All times differ, and the later edit is not always the newer file.
        mtime = NOON + 60 * (number + 1000 * self.random.randrange(100))
        return Edit(side, path, f"{number} {'x' * number}", mtime)

    def _delete(self, side: int, path: str) -> Edit:
        return Edit(side, path, None, 0)
