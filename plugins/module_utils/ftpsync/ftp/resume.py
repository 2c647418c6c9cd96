# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Go on with a large upload where a lost connection has ended it (RFC 3659 section 5: REST, then STOR).

In: a name that this run alone writes to, and one local file. Out: from which byte on it has to be sent. Going on is
right because

* the file on the server was begun by this run: its name was new, and one STOR only began it;
* what lies there is the beginning of what this run has sent, as the digests at every ``MARK`` bytes tell again when the
  local file is read for the next attempt;
* REST makes a server write the same bytes to the same places. One that is still busy with the lost connection
  changes nothing by that; so it is never APPE;
* afterwards the server has to name the full size.

Where one of these is in doubt the upload begins anew, and does not try again to go on.
"""

from __future__ import annotations

import collections
import contextlib
import hashlib
import time
import typing as t

from ..errors import LocalError
from .wire import clean

if t.TYPE_CHECKING:
    from .session import Session

MARK = 1024 * 1024  # bytes between two digests, and the least that is worth going on from
BLOCK = 256 * 1024  # bytes read at once, at most
BLOCKS = 4  # that may be on their way at once, to the server and into the digest
REST_FOR = 1.0  # seconds in which the size on the server must not change


class Readable(t.Protocol):
    """What a large upload is read from."""

    def readinto(self, block: memoryview, /) -> int:
        """Fills the beginning of ``block``; 0 at the end."""


class Upload:
    """One local file on its way to one name, over all attempts of a run.

    Parameters:
        is_new: whether nothing was there under that name.
    """

    def __init__(self, is_new: bool = True) -> None:
        self._trusted = is_new
        self._begun = False
        self._offset = 0
        self._marks: list[bytes] = []
        self._read = 0

    def offset(self, session: Session, path: str) -> int:
        """Gives the number of bytes that need not be sent again; to be asked once for each attempt."""
        lies = self._lying(session, path) if self._trusted else 0
        self._offset = lies // MARK * MARK if self._offset <= lies <= self._read else 0
        # A second STOR from the beginning could be carried out late, when more is there already.
        self._trusted = self._trusted and (self._offset > 0 or not self._begun)
        self._begun = True
        return self._offset

    def _lying(self, session: Session, path: str) -> int:
        """How much is there, once that stands still."""
        features = session.facts.features
        if self._read < MARK or features is None or not features.has("REST") or not session.facts.uploads_resume:
            return 0
        (before,) = session.sizes([path])
        time.sleep(REST_FOR)
        (size,) = session.sizes([path])
        return size if size is not None and size == before else 0

    @contextlib.contextmanager
    def source(self, file: Readable, path: str) -> t.Iterator[Marked]:
        """Gives what has to be sent.

        Parameters:
            file: at its beginning.
            path: for messages.
        Raises:
            LocalError: the file is not what was sent before.
        """
        known, self._marks = self._marks, []
        self._read = 0
        with Marked(file, self._marks, self._note) as source:
            while self._read < self._offset and source.read(BLOCK):
                pass
            source.settle()
            count = self._offset // MARK
            if self._marks[:count] != known[:count] or self._read != self._offset:
                raise LocalError("%s: the local file changed while it was sent: run again" % clean(path))
            yield source

    def _note(self, count: int) -> None:
        self._read += count


class Marked:
    """A file that remembers the digest of all that was read from it, and those of its beginnings.

    A thread of its own hashes what was read while it is sent; both leave Python's lock to each other. Closing it waits
    for that thread.
    """

    def __init__(self, file: Readable, marks: list[bytes], note: t.Callable[[int], object]) -> None:
        self._file = file
        self._marks = marks
        self._note = note
        self._sha256 = hashlib.sha256()
        self._left = MARK
        import concurrent.futures

        self._hashing = concurrent.futures.ThreadPoolExecutor(1, "sha256")
        self._last = self._hashing.submit(self._hash, memoryview(b""), False)
        # Each block, and what has to be done with it before it is filled again.
        self._blocks = collections.deque((memoryview(bytearray(BLOCK)), self._last) for _number in range(BLOCKS))

    def read(self, size: int) -> memoryview:
        """At most ``size`` bytes, never across a mark, which stand until the next call."""
        block, hashed = self._blocks.popleft()
        hashed.result()
        data = block[: self._file.readinto(block[: min(size, self._left)])]
        self._note(len(data))
        self._left -= len(data)
        is_mark = not self._left
        self._left = self._left or MARK
        self._last = self._hashing.submit(self._hash, data, is_mark)
        self._blocks.append((block, self._last))
        return data

    def _hash(self, data: memoryview, is_mark: bool) -> None:
        self._sha256.update(data)
        if is_mark:
            self._marks.append(self._sha256.copy().digest())

    def settle(self) -> None:
        """Waits until all that was read is hashed."""
        self._last.result()

    def digest(self) -> str:
        """The digest in hexadecimal."""
        self.settle()
        return self._sha256.hexdigest()

    def __enter__(self) -> Marked:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._hashing.shutdown()
