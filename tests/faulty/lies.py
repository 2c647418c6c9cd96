# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lies: about sizes and features, and in listings."""

from __future__ import annotations

import typing as t

from .disk import Shown
from .fault import Fault, When, always
from .record import Command

if t.TYPE_CHECKING:
    from .session import Session


class LyingSize(Fault):
    """SIZE tells another number.

    Parameters:
        change: the true number in, what is told out.
    """

    def __init__(self, change: t.Callable[[int], object], when: When = always) -> None:
        self._change = change
        self._when = when

    def carried_out(self, session: Session, command: Command, reply: str) -> str:
        if command.verb == "SIZE" and reply.startswith("213 ") and self._when(command, None):
            return f"213 {self._change(int(reply[4:]))}"
        return reply


class LyingFeatures(Fault):
    """FEAT names what there is not, or keeps back what there is.

    Parameters:
        lines: all that it names.
    """

    def __init__(self, *lines: str) -> None:
        self._lines = lines

    def features(self, lines: list[str]) -> list[str]:
        return list(self._lines)


class CutListing(Fault):
    """Listings end after some entries, without a word about it.

    Parameters:
        keep: entries that are shown.
        folder: the end of the paths that are concerned.
    """

    def __init__(self, keep: int, folder: str = "") -> None:
        self._keep = keep
        self._folder = folder

    def listed(self, session: Session, path: str, entries: list[Shown]) -> list[Shown]:
        return entries[: self._keep] if path.endswith(self._folder) else entries


class EmptyListing(CutListing):
    """Folders look empty."""

    def __init__(self, folder: str = "") -> None:
        super().__init__(0, folder)


class HiddenFiles(Fault):
    """Listings show no name that begins with a dot, not even when asked for."""

    def listed(self, session: Session, path: str, entries: list[Shown]) -> list[Shown]:
        return [entry for entry in entries if not entry.name.startswith(".")]


class HostileNames(Fault):
    """Listings show names that lead elsewhere.

    Parameters:
        names: added to each listing of the folder, as files.
        kind: of what they are.
    """

    NAMES = ("..", ".", "../../etc/passwd", "/etc/passwd", "a/b", "a\\b", "x\x00y", "", " ", "a" * 5000, "\x1b[2J")

    def __init__(self, names: t.Sequence[str] = NAMES, kind: str = "file", folder: str = "") -> None:
        self._names = names
        self._kind = kind
        self._folder = folder

    def listed(self, session: Session, path: str, entries: list[Shown]) -> list[Shown]:
        if not path.endswith(self._folder):
            return entries
        return entries + [Shown(name, self._kind, 7, 0.0, 0o644) for name in self._names]


class FoldersWithoutEnd(Fault):
    """Each folder seems to hold another one."""

    def listed(self, session: Session, path: str, entries: list[Shown]) -> list[Shown]:
        return entries + [Shown("deeper", "dir", 0, 0.0, 0o755)]

    def folder(self, path: str) -> str:
        return path.partition("/deeper")[0] or "/"


class Listing(Fault):
    """Listings are these bytes.

    Parameters:
        change: the true bytes in, what is sent out.
    """

    def __init__(self, change: t.Callable[[bytes], bytes], verb: str = "") -> None:
        self._change = change
        self._verb = verb

    def listing(self, session: Session, verb: str, data: bytes) -> bytes:
        return self._change(data) if self._verb in ("", verb) else data
