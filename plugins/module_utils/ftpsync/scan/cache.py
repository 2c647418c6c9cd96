# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Digests that outlast a run: files in, and out those whose content is known without reading it.

A digest counts only while device, inode, size, mtime and ctime of its file are what they were when it was read.
The ctime is what makes this safe: the kernel sets it at every change, and unlike the mtime nobody can set it
back. Where file systems keep none (FAT), or somebody writes to a mapping that is older than the digest, this
is not so.

The file is text that is replaced as a whole, and not a database: it is read without a lock and without a trace,
so that check mode can read it; a checksum tells damage from digests; network drives will do. What two runs write
at once is merged, and what is lost nevertheless is hashed once more. Whatever is wrong with the file is told and
never raised.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import stat
import time
import typing as t

from .. import private_file
from ..errors import UsageError
from ..model import Entry, Problem

try:
    import fcntl
except ImportError:  # Windows, whose ctime is the time of creation
    fcntl = None  # type: ignore[assignment]

if t.TYPE_CHECKING:
    from ..filters import Filters

HEAD = b"webdeploy.ftp digests of local files, version 1\n"
# Beside the file: who writes it, and who hashes what; what is about to replace it.
LOCK, NEW = ".lock", ".new"

# Nanoseconds that a file must be unchanged before its digest is kept. Within the same tick of a file system's
# clock a second change does not show; the coarsest one ticks every 2 seconds. The file system may also be a
# server's, whose clock is a little behind ours.
RACY = 2_000_000_000
MAX_AGE = 30  # days since a digest was last of use
MAX_FILES = 250_000  # of all folders; about 200 bytes each
MAX_BYTES = 256 * 1024 * 1024  # of the file: four times what MAX_FILES should come to

WRITE_WAIT = 10.0  # seconds for the other writers; each takes milliseconds
HASH_WAIT = 1.0  # seconds for another run that hashes the same folder, and to each RATE bytes one more
RATE = 50_000_000
POLL = 0.02  # seconds

WRITING = 0  # byte of the lock file that stands for writing; each folder has one of its own

Identity = t.Tuple[int, int, int, int, int]


class Seen(t.NamedTuple):
    """A file as it was when it was read.

    Attributes:
        device, inode, size, mtime_ns, ctime_ns: what must still be so.
        day: since 1970, when this was last of use.
        sha256: hexadecimal.
    """

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    day: int
    sha256: str


class HashCache:
    """What is known of the files of one folder. What went wrong is in ``problems``.

    Parameters:
        path: of the file, which need not exist.
        root: the folder; nothing in it is known by any other name.
        read_only: leave no trace (check mode).
    """

    def __init__(self, path: str, root: str, *, read_only: bool = False) -> None:
        self.path = os.path.realpath(path)
        self.root = root
        self.read_only = read_only
        self.problems: list[Problem] = []
        self._folder = os.path.realpath(root)
        self._seen: dict[str, Seen] | None = None
        self._news: dict[str, Seen] = {}
        self._today = int(time.time() // 86400)
        self._is_off = False
        self._lock_file: int | None = None

    def check_place(self, filters: Filters) -> None:
        """Make sure that the file is not published: it tells paths, and changes with every run.

        Raises:
            UsageError: it lies in the folder, and takes part.
        """
        relative = os.path.relpath(self.path, self._folder).replace(os.sep, "/")
        names = (relative, relative + LOCK, relative + NEW)
        if relative.split("/", maxsplit=1)[0] != ".." and any(filters.includes(name, False) for name in names):
            raise UsageError(
                f"hash_cache: {self.path} lies in the folder that is uploaded, so that visitors could read it; put it"
                f" elsewhere, or add /{relative}* to exclude"
            )

    def find(self, entries: t.Mapping[str, Entry]) -> dict[str, Entry]:
        """Those of the given files whose content is known, with digest, and size, time and mode as they are now."""
        if self._seen is None:
            self._seen = self._load()
        found = {}
        for path, entry in entries.items():
            seen = self._seen.get(path)
            if seen is None:
                continue
            try:
                status = os.stat(os.path.join(self.root, path))
            except OSError:  # whoever reads the file will tell
                continue
            if stat.S_ISREG(status.st_mode) and seen[:5] == identity(status):
                found[path] = entry._replace(
                    size=seen.size, mtime=status.st_mtime, mode=stat.S_IMODE(status.st_mode), sha256=seen.sha256
                )
                if seen.day != self._today:
                    self._news[path] = seen._replace(day=self._today)
        return found

    def note(self, path: str, began: int, before: os.stat_result, after: os.stat_result, sha256: str) -> None:
        """Remember a digest, if any later change of the file will show.

        Parameters:
            began: nanoseconds since 1970, ahead of the first look at the file.
            before, after: the file ahead of reading it, and afterwards.
        """
        if identity(before) == identity(after) and is_settled(after, began):
            self._news[path] = Seen(*identity(after), self._today, sha256)

    @contextlib.contextmanager
    def turn(self, size: int) -> t.Iterator[None]:
        """Let only one process at a time hash this folder; then ``find`` knows what others have saved before.

        Parameters:
            size: bytes to hash. Nobody waits much longer for others than for doing it himself.
        """
        with contextlib.ExitStack() as held:
            if not self.read_only and not self._is_off:
                place = 1 + int.from_bytes(hashlib.sha256(os.fsencode(self._folder)).digest()[:6], "big")
                try:
                    held.enter_context(self._locked(place, HASH_WAIT + size / RATE))
                except OSError as error:
                    self._give_up(_unwritable(error))
                self._seen = None
            yield

    def save(self) -> None:
        """Write what is new, if anything is."""
        if not self._news or self.read_only or self._is_off:
            return
        try:
            with self._locked(WRITING, WRITE_WAIT) as mine:
                if mine:
                    self._write()
                else:
                    self._give_up(f"is written by another process since {WRITE_WAIT:g} seconds")
        except OSError as error:
            self._give_up(_unwritable(error))
        self._news.clear()

    # ------------------------------------------------------------------ the file

    def _load(self) -> dict[str, Seen]:
        """What the file says about the folder."""
        lines = self._lines()
        return _files(lines[self._folder]) if self._folder in lines else {}

    def _lines(self) -> dict[str, _Line]:
        """The lines of the file that are intact, by folder."""
        if os.name != "posix":
            self._give_up("is of use on POSIX systems only")
        if self._is_off:
            return {}
        try:
            content = private_file.read(self.path, MAX_BYTES)
        except OSError as error:
            self._give_up(f"cannot be read: {error.strerror}")
            return {}
        if not content.startswith(HEAD):
            if content:
                self._give_up("is another file, or damaged, or of another version: delete it, or name another one")
            return {}
        found = [_line(raw) for raw in content[len(HEAD) :].splitlines()]
        lines = {line.folder: line for line in found if line is not None}
        if None in found:
            self._tell("is damaged; what is missing in it is hashed again")
        return lines

    def _write(self) -> None:
        """Merge what is new into what the file says by now."""
        lines = self._lines()
        if self._is_off:
            return
        old = lines.pop(self._folder, None)
        files = {**(_files(old) if old is not None else {}), **self._news}
        oldest = self._today - MAX_AGE
        kept = [(path, seen) for path, seen in files.items() if seen.day >= oldest]
        kept.sort(key=lambda item: -item[1].day)
        written = [_new_line(self._folder, self._today, dict(kept[:MAX_FILES]))]
        room = MAX_FILES - len(kept)
        for line in sorted(lines.values(), key=lambda line: -line.day):
            room -= line.number
            if line.day >= oldest and room >= 0:
                written.append(line.raw)
        private_file.replace(self.path, b"".join([HEAD, *(raw + b"\n" for raw in written)]), self.path + NEW)

    @contextlib.contextmanager
    def _locked(self, place: int, seconds: float) -> t.Iterator[bool]:
        """Lock one byte of the lock file; whether that came about in time, or none is to be had there.

        There is one handle for all: closing any would end the locks of the others (POSIX).
        """
        outer = self._lock_file
        handle = outer
        if handle is None:
            handle = self._lock_file = os.open(self.path + LOCK, os.O_RDWR | os.O_CREAT | private_file.NO_FOLLOW, 0o600)
        try:
            mine = _wait(handle, place, seconds)
            try:
                yield mine
            finally:
                if mine:
                    with contextlib.suppress(OSError):
                        fcntl.lockf(handle, fcntl.LOCK_UN, 1, place)
        finally:
            if outer is None:
                self._lock_file = None
                os.close(handle)

    def _give_up(self, message: str) -> None:
        self._is_off = True
        self._tell(message)

    def _tell(self, message: str) -> None:
        if not self.problems:
            self.problems.append(Problem("", f"hash_cache: {self.path} {message} (the result is not affected)"))


def identity(status: os.stat_result) -> Identity:
    """What stays the same as long as a file does."""
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def is_settled(status: os.stat_result, now: int) -> bool:
    """Whether any later change of a file will show in its identity.

    Parameters:
        now: nanoseconds since 1970, ahead of the look at the file.
    """
    return os.name == "posix" and status.st_ctime_ns < now - RACY


def _unwritable(error: OSError) -> str:
    return f"cannot be written: {error.strerror}"


def _wait(handle: int, place: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EAGAIN):
                return True  # a network drive without locks: the worst is that something is hashed twice
        else:
            return True
        if time.monotonic() >= end:
            return False
        time.sleep(POLL)


# ---------------------------------------------------------------------- a line: what is known of one folder


class _Line(t.NamedTuple):
    """Checksum, day of the last use, number of files, folder and files, with tabs between.

    Folder and files are ASCII in JSON, in which a tab is always escaped.
    """

    raw: bytes
    day: int
    number: int
    folder: str
    files: bytes


def _line(raw: bytes) -> _Line | None:
    """None if it is damaged."""
    checksum, _tab, rest = raw.partition(b"\t")
    if hashlib.sha256(rest).hexdigest().encode() != checksum:
        return None
    try:
        day, number, folder, files = rest.split(b"\t")
        return _Line(raw, int(day), int(number), json.loads(folder), files)
    except ValueError:
        return None


def _files(line: _Line) -> dict[str, Seen]:
    try:
        return {path: Seen(*values) for path, values in json.loads(line.files).items()}
    except (AttributeError, TypeError, ValueError):  # a checksum over what we have not written
        return {}


def _new_line(folder: str, day: int, files: dict[str, Seen]) -> bytes:
    listed = json.dumps(files, separators=(",", ":"))
    rest = f"{day}\t{len(files)}\t{json.dumps(folder)}\t{listed}".encode("ascii")
    return hashlib.sha256(rest).hexdigest().encode() + b"\t" + rest
