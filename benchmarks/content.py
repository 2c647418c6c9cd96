# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is sent: the same trees in every run, out of a seed. And whether it arrived."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import typing as t
from pathlib import Path

_BORN = 1_600_000_000  # seconds since 1970; every file is older than what listings tell to the minute
_SUFFIXES = (".html", ".css", ".js", ".jpg", ".png", ".svg", ".json", ".txt")


class Tree(t.NamedTuple):
    """A tree to be made: so many files of these sizes in so many folders."""

    name: str
    files: int
    folders: int
    median: float  # bytes
    mean: float

    def sizes(self) -> list[int]:
        """Of all files: many small ones and few large ones, as on websites (log-normal)."""
        if self.files == 1:
            return [int(self.mean)]
        rng = random.Random(self.name)
        spread = _spread(self.median, self.mean)
        raw = [rng.lognormvariate(0, spread) for dummy in range(self.files)]
        biggest = 100 * self.mean
        sizes = [min(self.median * value, biggest) for value in raw]
        rest = self.files * self.mean / sum(sizes)
        return [max(1, int(size * rest)) for size in sizes]


SITE = Tree("site", 2000, 120, 6_000, 23_500)
SMALL_SITE = Tree("small site", 180, 30, 6_000, 15_000)
TINY = Tree("tiny files", 20_000, 400, 300, 500)
FEW_TINY = Tree("few tiny files", 2_000, 40, 300, 500)
GIB = Tree("1 GiB", 1, 1, 2**30, 2**30)
EIGHTH = Tree("128 MiB", 1, 1, 2**27, 2**27)

CHANGES = 15


def _spread(median: float, mean: float) -> float:
    import math

    return math.sqrt(2 * math.log(mean / median))


def make(tree: Tree, root: Path) -> None:
    """Write a tree into an empty folder."""
    rng = random.Random(tree.name + " content")
    folders = [root]
    for number in range(1, tree.folders):
        above = folders[rng.randrange(max(1, len(folders) // 3))]
        folders.append(above / f"folder-{number:03d}")
        folders[-1].mkdir(parents=True)
    for number, size in enumerate(tree.sizes()):
        folder = folders[number % len(folders)]
        path = folder / f"file-{number:05d}{_SUFFIXES[number % len(_SUFFIXES)]}"
        with path.open("wb") as file:
            for start in range(0, size, 2**20):
                file.write(rng.randbytes(min(2**20, size - start)))
        os.utime(path, (_BORN + number, _BORN + number))


def copy(source: Path, target: Path) -> None:
    """A copy of a tree that shares the files' contents; to change one, replace it."""
    shutil.copytree(source, target, copy_function=os.link)


def change(root: Path, seed: str) -> None:
    """Give some files new content, another size and a later time."""
    rng = random.Random(seed)
    paths = sorted(path for path in root.rglob("file-*") if path.is_file())
    for number, path in enumerate(rng.sample(paths, min(CHANGES, len(paths)))):
        fresh = path.with_name("fresh")
        fresh.write_bytes(rng.randbytes(path.stat().st_size + 1 + number))
        os.utime(fresh, (_BORN + 1_000_000 + number, _BORN + 1_000_000 + number))
        fresh.replace(path)


def digests(root: Path, ignore: t.Callable[[str], bool]) -> dict[str, str]:
    """Every file below a folder by its path."""
    found = {}
    for folder, _folders, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            relative = os.path.relpath(path, root)
            if not ignore(relative):
                with open(path, "rb") as file:
                    found[relative] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def difference(wanted: Path, found: Path, ignore: t.Callable[[str], bool]) -> str:
    """What is wrong with a copy, or ""."""
    left, right = digests(wanted, ignore), digests(found, ignore)
    missing, extra = left.keys() - right.keys(), right.keys() - left.keys()
    other = [path for path in left.keys() & right.keys() if left[path] != right[path]]
    parts = [(missing, "missing"), (extra, "too many"), (other, "with other content")]
    return ", ".join(f"{len(paths)} files {what} ({min(paths)})" for paths, what in parts if paths)
