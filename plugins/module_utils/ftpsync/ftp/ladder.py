# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Ways to set the time or the mode of a file, best first, and what is known of each (field notes 4.8, 4.9).

In: replies. Out: the commands to try next. Thread-safe through its owner, ServerFacts; no sockets here.
"""

from __future__ import annotations

import typing as t

from .replies import Features
from .wire import Command, Reply

_GIVE_UP = 3  # files for which every way failed, until none is tried any more


class Rung(t.NamedTuple):
    """One way.

    Attributes:
        name: for the report.
        verb: of the command.
        argument: with ``{value}`` and ``{path}``.
        feature: what FEAT names when the server has it, and a word in its parameters.
    """

    name: str
    verb: str
    argument: str
    feature: tuple[str, str] = ("", "")

    def command(self, path: str, value: str) -> Command:
        """Gives the command for one path."""
        return Command(self.verb, self.argument.format(value=value, path=path))


MTIME_RUNGS = (
    Rung("MFMT", "MFMT", "{value} {path}", ("MFMT", "")),
    Rung("MFF", "MFF", "Modify={value}; {path}", ("MFF", "modify")),
    Rung("SITE UTIME", "SITE", "UTIME {value} {path}"),
    Rung("SITE UTIME (5 arguments)", "SITE", "UTIME {path} {value} {value} {value} UTC"),
    Rung("MDTM", "MDTM", "{value} {path}"),  # vsftpd, which does not list it
)
MODE_RUNGS = (
    # ProFTPD's SITE CHMOD splits its argument at spaces and refuses names that end with one; it lists MFF, which
    # comes first then.
    Rung("SITE CHMOD", "SITE", "CHMOD {value} {path}", ("SITE CHMOD", "")),
    Rung("MFF", "MFF", "UNIX.mode={value}; {path}", ("MFF", "unix.mode")),
)


class Ladder:
    """Which of several ways works on this server.

    Parameters:
        rungs: best first.
    """

    def __init__(self, rungs: t.Sequence[Rung]) -> None:
        self._rungs = list(rungs)
        self._proven: Rung | None = None
        self._failures = 0

    def learn(self, features: Features) -> None:
        """Puts the ways that FEAT names first; it may be silent about others that work."""

        def is_silent(rung: Rung) -> bool:
            feature, word = rung.feature
            return not features.has(feature) or word not in features.parameters[feature].lower()

        self._rungs.sort(key=is_silent)

    def prefer(self, method: object) -> None:
        """Puts the way of this name first, if there is one."""
        self._rungs.sort(key=lambda rung: rung.name != method)

    def candidates(self) -> list[Rung]:
        """Gives the ways to try for a file, none when all have failed too often."""
        if self._proven is not None:
            return [self._proven]
        return list(self._rungs) if self._failures < _GIVE_UP else []

    def note(self, outcomes: t.Sequence[tuple[Rung, Reply]]) -> bool:
        """Takes the replies to one file's attempts; tells whether the last of them worked."""
        for rung, reply in outcomes:
            if reply.is_done:
                self._proven = rung
                return True
            if reply.is_unknown_command and rung in self._rungs and rung is not self._proven:
                self._rungs.remove(rung)
        if self._proven is None and len(outcomes) > 0:
            self._failures += 1
        return False

    @property
    def works(self) -> bool | None:
        """True, False, or None when nothing was tried yet."""
        if self._proven is not None:
            return True
        return False if self._failures >= _GIVE_UP or not self._rungs else None

    @property
    def method(self) -> str:
        """The way that works, or ""."""
        return self._proven.name if self._proven else ""
