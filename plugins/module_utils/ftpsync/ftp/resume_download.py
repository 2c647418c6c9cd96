# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Go on with a large download where a lost connection has ended it (RFC 3659 section 5: REST, then RETR).

In: a file on the server as it was listed, and what has arrived of it. Out: all of it. Going on is right because

* what has arrived was received in order by this run, and is the beginning of the file as it was then;
* the file has the size and the time that it had before the first attempt, when the rest has arrived as well;
* the rest has as many bytes as were missing;
* where the server tells digests, that of the file is that of the pieces.

Where one of these is in doubt the download begins anew.
"""

from __future__ import annotations

import contextlib
import typing as t

from ..errors import ConnectionLost, ServerRefused, TooLarge
from .carry import retrieve_rest
from .digests import digests
from .resume import MARK
from .wire import clean

if t.TYPE_CHECKING:
    from .session import Session


class Arrived(t.Protocol):
    """What has arrived of one file."""

    @property
    def count(self) -> int:
        """Bytes."""

    def write(self, data: bytes) -> None:
        """Takes further bytes."""

    def cut(self, count: int) -> None:
        """Forgets all but the first bytes."""

    def digest(self) -> str:
        """The SHA-256 of them in hexadecimal."""


class Download:
    """One file on its way here, over all attempts of a run.

    Parameters:
        size: as it was listed.
        mtime: likewise, in seconds UTC; None where that is not known to the second.
        max_asked: bytes of a file whose digest the server is asked for.
    """

    def __init__(self, path: str, size: int | None, mtime: float | None, max_asked: int) -> None:
        self._path = path
        self._size = size
        self._mtime = None if mtime is None else int(mtime)
        self._max_asked = max_asked
        self._begun = False

    @property
    def is_large(self) -> bool:
        """Whether it would be worth to go on."""
        return self._size is not None and self._size > MARK

    def read(self, session: Session, arrived: Arrived) -> int:
        """One attempt; gives the number of bytes of the file.

        Raises:
            TooLarge: there are more bytes than were listed.
            ServerRefused, ConnectionLost: as Session.retrieve.
        """
        if not self._begun and self.is_large and self._mtime is None:
            _size, self._mtime = self._look(session)
        self._begun = True
        if self._may_go_on(session, arrived.count):
            try:
                return self._go_on(session, arrived)
            except ServerRefused:
                session.facts.downloads_resume = False
        arrived.cut(0)
        return session.retrieve(self._path, arrived.write, self._size)

    def _may_go_on(self, session: Session, count: int) -> bool:
        features = session.facts.features
        if count < MARK or features is None or not features.has("REST") or not session.facts.downloads_resume:
            return False
        return self._is_unchanged(session)

    def _is_unchanged(self, session: Session) -> bool:
        return self._mtime is not None and self._look(session) == (self._size, self._mtime)

    def _look(self, session: Session) -> tuple[int | None, int | None]:
        with contextlib.suppress(ServerRefused):
            return session.sizes([self._path])[0], session.mtimes([self._path])[0]
        return None, None

    def _go_on(self, session: Session, arrived: Arrived) -> int:
        size = t.cast(int, self._size)
        arrived.cut(min(arrived.count, size - 1))  # not all servers take the end for a place to go on at
        try:
            retrieve_rest(session, self._path, arrived.write, arrived.count, size)
        except TooLarge:
            session.facts.downloads_resume = False
            self._begin_anew(arrived, "the server did not go on where it was asked to")
        if arrived.count != size:
            self._begin_anew(arrived, "%d bytes have arrived of %d" % (arrived.count, size))
        if not self._is_unchanged(session):
            self._begin_anew(arrived, "it has changed on the server meanwhile")
        (told,) = digests(session, [self._path]) if size <= self._max_asked else [None]
        if told is not None and told != arrived.digest():
            self._begin_anew(arrived, "the server has another content than has arrived in pieces")
        return size

    def _begin_anew(self, arrived: Arrived, reason: str) -> t.NoReturn:
        arrived.cut(0)
        raise ConnectionLost("%s: %s" % (clean(self._path), reason))
