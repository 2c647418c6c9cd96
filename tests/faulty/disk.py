# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folder of a server: virtual absolute paths in, real ones out; nothing leads outside."""

from __future__ import annotations

import os
import stat
import time
import typing as t
from pathlib import Path


class Shown(t.NamedTuple):
    """One entry of a listing.

    Attributes:
        kind: "file", "dir", "cdir", "pdir" or "OS.unix=slink:target".
        mtime: seconds since 1970.
    """

    name: str
    kind: str
    size: int
    mtime: float
    mode: int


class Disk:
    """A real folder as a server shows it.

    Parameters:
        root: what the server calls "/".
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def absolute(self, here: str, argument: str) -> str:
        """The absolute virtual path that an argument means in a working directory."""
        parts: list[str] = []
        for part in (argument if argument.startswith("/") else f"{here}/{argument}").split("/"):
            if part == "..":
                del parts[-1:]
            elif part not in ("", "."):
                parts.append(part)
        return "/" + "/".join(parts)

    def real(self, path: str) -> str:
        """Where an absolute virtual path lies."""
        return os.path.join(str(self.root), *path.strip("/").split("/"))

    def show(self, path: str, name: str) -> Shown:
        """How something is listed."""
        real = os.path.join(self.real(path), name)
        found = os.lstat(real)
        if stat.S_ISLNK(found.st_mode):
            kind = f"OS.unix=slink:{os.readlink(real)}"
        else:
            kind = "dir" if stat.S_ISDIR(found.st_mode) else "file"
        return Shown(name, kind, found.st_size, found.st_mtime, stat.S_IMODE(found.st_mode))

    def list(self, path: str) -> list[Shown]:
        """What is in a folder, or the one file of this path; raises OSError when there is neither."""
        real = self.real(path)
        if not os.path.isdir(real):
            above, _slash, name = path.rpartition("/")
            return [self.show(above, name)]
        return [self.show(path, name) for name in sorted(os.listdir(real))]


def mlsd_line(entry: Shown) -> str:
    """As RFC 3659 section 7.2 has it."""
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(entry.mtime))
    size = f"size={entry.size};" if entry.kind == "file" else ""
    return f"type={entry.kind};{size}modify={stamp};unix.mode={entry.mode:04o}; {entry.name}\r\n"


def list_line(entry: Shown) -> str:
    """As `ls -l` writes it."""
    link, _colon, target = entry.kind.partition(":")
    letter = "d" if entry.kind.endswith("dir") else "l" if target else "-"
    bits = "".join("rwx"[2 - n % 3] if entry.mode >> n & 1 else "-" for n in range(8, -1, -1))
    is_recent = abs(time.time() - entry.mtime) < 180 * 86400
    when = time.strftime("%b %d %H:%M" if is_recent else "%b %d  %Y", time.gmtime(entry.mtime))
    shown = f"{entry.name} -> {target}" if link and target else entry.name
    return f"{letter}{bits}   1 ftp      ftp      {entry.size:12d} {when} {shown}\r\n"
