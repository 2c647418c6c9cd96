# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Copy files from one side to the other: four combinations of folders and servers.

Each file arrives under a temporary name beside its destination, is checked for size, gets its time and
takes its place at once; so no file is ever partial under its final name (B1). What was planned is what
is copied: a source or destination that changed meanwhile fails alone.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import time
import typing as t

from ..errors import ConnectionLost, FtpSyncError, LocalError, ServerRefused, TooLarge
from ..ftp.resume import MARK, Upload
from ..ftp.resume_download import Download
from ..ftp.session import StoreResult
from ..model import Entry, parent
from ..progress.tally import Counted
from ..scan.remote import MAX_ASKED
from ..temporary import temporary_name
from .arrival import Arrival
from .folder import FolderSide, reason
from .names import is_usual
from .server import ServerSide

if t.TYPE_CHECKING:
    from ..ftp.session import Session
    from ..progress.tally import Tally

SPOOL = 1024 * 1024  # bytes that are kept in memory on the way from server to server
BLOCK = 256 * 1024
WORTH_A_LOOK = 256 * 1024  # bytes of an upload without answer that is looked up before it is repeated

Side = t.Union[FolderSide, ServerSide]


class Job(t.NamedTuple):
    """One file to copy.

    Attributes:
        path: what the user calls it.
        source, target: relative paths on both sides.
        entry: the source, as planned on.
        mtime: seconds UTC that the copy is to have, or None when unknown.
        replaces: what stands at the destination, as planned on, or None.
    """

    path: str
    source: str
    target: str
    entry: Entry
    mtime: float | None
    replaces: Entry | None


class Copied(t.NamedTuple):
    """What came of one copy.

    Attributes:
        size: bytes.
        keeps_time: the destination says that it has the source's time.
        seconds: that it took.
        warning: something the user should know, or "".
    """

    size: int
    keeps_time: bool
    seconds: float
    warning: str = ""


Result = t.Tuple[Job, t.Optional[Copied], t.Optional[FtpSyncError]]


def copy_files(source: Side, target: Side, jobs: t.Sequence[Job], run: str, tally: Tally) -> t.Iterator[Result]:
    """Copy files; yields each with what came of it, as they are done.

    Parameters:
        jobs: large ones first serve best.
        run: the run's id, 12 hexadecimal digits, for temporary names.
        tally: told of each piece.
    """
    if isinstance(target, ServerSide):
        give = _from_folder if isinstance(source, FolderSide) else _Spooled(source)
        send = _Send(target, source, give, run, tally)
        yield from target.pool.work(jobs, send)
    elif isinstance(source, ServerSide):
        with contextlib.closing(_Receive(source, target, run, tally)) as receive:
            yield from source.pool.work(jobs, receive)
    else:
        for job in jobs:
            yield _attempt(job, lambda job: _between_folders(source, target, job, run, tally))


def _attempt(job: Job, copy: t.Callable[[Job], Copied]) -> Result:
    try:
        return job, copy(job), None
    except FtpSyncError as error:
        return job, None, error


# ---------------------------------------------------------------------- to a server


class _Unchanged:
    """A file that is read only as long as it is what was planned: a torn copy must not be published.

    Parameters:
        file: open.
        job: with the size and time that were planned on.
    """

    def __init__(self, file: t.BinaryIO, job: Job) -> None:
        self._file = file
        self._job = job
        self._check()

    def read(self, count: int) -> bytes:
        """As of a file."""
        data = self._file.read(count)
        if not data:
            self._check()
        return data

    def readinto(self, block: memoryview) -> int:
        """As of a file."""
        count = t.cast(io.BufferedReader, self._file).readinto(block)
        if not count:
            self._check()
        return count

    def _check(self) -> None:
        status, entry = os.fstat(self._file.fileno()), self._job.entry
        if (status.st_size, status.st_mtime) != (entry.size, entry.mtime):
            raise LocalError(f"{self._job.path}: changed here while the run was under way; run again")


@contextlib.contextmanager
def _from_folder(side: Side, job: Job, _session: Session | None = None) -> t.Iterator[_Unchanged]:
    path = t.cast(FolderSide, side).at(job.source)
    try:
        file = open(path, "rb")  # noqa: SIM115 - opening alone is what may fail here
    except OSError as error:
        raise LocalError(f"{job.path}: cannot be read: {reason(error)}") from None
    with file:
        yield _Unchanged(file, job)


class _Spooled:
    """Content from another server, read completely before it is sent on.

    Each session of the destination has one of its own at the source.
    """

    def __init__(self, source: ServerSide) -> None:
        self._source = source
        self._partners: dict[int, Session] = {}

    @contextlib.contextmanager
    def __call__(self, _side: Side, job: Job, session: Session) -> t.Iterator[t.Any]:
        partner = self._partners.get(id(session))
        if partner is None:
            pool = self._source.pool
            partner = pool.main if not self._partners else pool.new_session()
            self._partners[id(session)] = partner
            if partner is not pool.main:
                pool.sessions.append(partner)
        with tempfile.SpooledTemporaryFile(SPOOL) as spool:
            there = self._source.at(job.source)
            _whole(job, lambda: partner.retrieve(there, spool.write, job.entry.size))
            spool.seek(0)
            yield spool


def _whole(job: Job, retrieve: t.Callable[[], int]) -> int:
    """Read a file, no further than it was listed."""
    try:
        size = retrieve()
    except TooLarge:
        raise LocalError(f"{job.path}: has more bytes than the {job.entry.size} that were listed; run again") from None
    _check_size(job, size)
    return size


def _check_size(job: Job, size: int) -> None:
    if job.entry.size is not None and size != job.entry.size:
        raise LocalError(f"{job.path}: has {size} bytes instead of the {job.entry.size} that were listed; run again")


class _Send:
    """Stores files; called in the threads of the destination's pool."""

    def __init__(self, target: ServerSide, source: Side, give: t.Callable[..., t.Any], run: str, tally: Tally) -> None:
        self._target = target
        self._source = source
        self._give = give
        self._run = run
        self._tally = tally
        self._unheard: set[str] = set()  # sent completely, and the connection lost before the server said so
        self._uploads: dict[str, Upload] = {}  # of large files, by their temporary names

    def __call__(self, session: Session, job: Job, _add: object) -> Copied:
        started = time.monotonic()
        final = self._target.at(job.target)
        beside = _beside(job.target, self._run)
        way = self._target.at(beside)
        warning = ""
        self._target.arriving.add(beside)
        try:
            stored = self._store(session, job, way, final)
            if stored.renamed is not None and not stored.renamed.is_ok and not _replaced(session, job, way, final):
                list(session.pipeline([("DELE", way)]))
                stored = self._store(session, job, final, None)
                warning = f"{job.path}: the server refuses to rename it, so it was written in place"
        except (LocalError, ServerRefused):
            list(session.pipeline([("DELE", way)]))  # what arrived of it is of no use
            self._target.arriving.discard(beside)
            raise
        self._target.arriving.discard(beside)
        if not is_usual(job.target) and not self._target.lists(session, job.target):
            raise LocalError(f"{job.path}: the server does not keep this name: rename it, or exclude it")
        return Copied(stored.sent, stored.mtime_set, time.monotonic() - started, warning)

    def _store(self, session: Session, job: Job, where: str, rename_to: str | None) -> StoreResult:
        if where in self._unheard and rename_to is not None:
            self._unheard.remove(where)
            with _from_folder(self._source, job):  # which sees that it still is what was sent
                arrived = _arrived(session, job, where, rename_to)
            if arrived is not None:
                self._tally.moved(arrived.sent)
                return arrived
        with Counted(self._tally, job.path) as counted, self._give(self._source, job, session) as source:
            try:
                return self._send(session, job, where, rename_to, source, counted)
            except ConnectionLost:
                if counted.count == job.entry.size and isinstance(self._source, FolderSide):
                    self._unheard.add(where)
                raise

    def _send(
        self, session: Session, job: Job, where: str, rename_to: str | None, source: t.Any, counted: Counted
    ) -> StoreResult:
        offset = 0
        with contextlib.ExitStack() as opened:
            if rename_to is not None and (job.entry.size or 0) > MARK and isinstance(self._source, FolderSide):
                upload = self._uploads.setdefault(where, Upload())
                offset = upload.offset(session, where)
                source = opened.enter_context(upload.source(source, job.path))
                counted.add(offset)
            return session.store(
                where,
                source,
                job.entry.size,
                mtime=None if job.mtime is None else int(job.mtime),
                rename_to=rename_to,
                more=session.more,
                progress=counted.add,
                offset=offset,
            )


def _arrived(session: Session, job: Job, where: str, rename_to: str) -> StoreResult | None:
    """Finish an upload whose end was not heard of, for a control connection that idled too long, if all of it is there.

    Small files are sent again: that takes no longer.
    """
    size = job.entry.size or 0
    if size < WORTH_A_LOOK or session.sizes([where]) != [size]:
        return None
    timed = job.mtime is not None and session.set_mtimes([(where, int(job.mtime))])[0]
    renamed = list(session.pipeline([("RNFR", where), ("RNTO", rename_to)]))[-1]
    return StoreResult(size, size, timed, False, renamed)


def _replaced(session: Session, job: Job, way: str, final: str) -> bool:
    """Where a rename onto the old file was refused, move that one aside first."""
    if job.replaces is None:
        return False
    aside = f"{way}.old"
    commands = [("RNFR", final), ("RNTO", aside), ("RNFR", way), ("RNTO", final)]
    replies = list(session.pipeline(commands))
    if replies[3].is_ok:
        list(session.pipeline([("DELE", aside)]))
    elif replies[1].is_ok:
        list(session.pipeline([("RNFR", aside), ("RNTO", final)]))
    return replies[3].is_ok


def _beside(path: str, run: str) -> str:
    folder = parent(path)
    name = temporary_name(run, path)
    return f"{folder}/{name}" if folder else name


# ---------------------------------------------------------------------- to a folder


class _Receive:
    """Retrieves files; called in the threads of the source's pool."""

    def __init__(self, source: ServerSide, target: FolderSide, run: str, tally: Tally) -> None:
        self._source = source
        self._target = target
        self._run = run
        self._tally = tally
        self._cut: dict[str, _Coming] = {}  # large files that the next attempt may go on with, by path

    def __call__(self, session: Session, job: Job, _add: object) -> Copied:
        started = time.monotonic()
        coming = self._cut.pop(job.target, None) or self._begin(job)
        try:
            with Counted(self._tally, job.path) as counted:
                size = _whole(job, lambda: coming.download.read(session, _Seen(coming.arrival, counted)))
                coming.arrival.settle()
        except ConnectionLost:
            coming.attempts += 1
            if coming.download.is_large and coming.attempts <= self._source.pool.options.retries:
                self._cut[job.target] = coming
            raise
        finally:
            if job.target not in self._cut:
                coming.arrival.close()
        return Copied(size, True, time.monotonic() - started)

    def _begin(self, job: Job) -> _Coming:
        exact = job.entry.mtime if job.entry.mtime_span <= 1 else None
        download = Download(self._source.at(job.source), job.entry.size, exact, MAX_ASKED)
        return _Coming(Arrival(self._target, job, self._run), download)

    def close(self) -> None:
        """Nothing goes on any more."""
        for coming in self._cut.values():
            coming.arrival.close()


class _Coming:
    """One download over its attempts."""

    def __init__(self, arrival: Arrival, download: Download) -> None:
        self.arrival = arrival
        self.download = download
        self.attempts = 0


class _Seen:
    """A file on its way, of which each change is told to the tally."""

    def __init__(self, arrival: Arrival, counted: Counted) -> None:
        self._arrival = arrival
        self._counted = counted
        counted.add(arrival.count)

    @property
    def count(self) -> int:
        return self._arrival.count

    def write(self, data: bytes) -> None:
        self._arrival.write(data)
        self._counted.add(len(data))

    def cut(self, count: int) -> None:
        self._counted.add(count - self._arrival.count)
        self._arrival.cut(count)

    def digest(self) -> str:
        return self._arrival.digest()


def _between_folders(source: FolderSide, target: FolderSide, job: Job, run: str, tally: Tally) -> Copied:
    started = time.monotonic()
    with contextlib.closing(Arrival(target, job, run)) as arrival, Counted(tally, job.path) as counted:
        with _from_folder(source, job) as file:
            for data in iter(lambda: file.read(BLOCK), b""):
                arrival.write(data)
                counted.add(len(data))
        _check_size(job, counted.count)
        arrival.settle()
    return Copied(counted.count, True, time.monotonic() - started)
