# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Carry out the steps of ``remote_file_plan.py``, one after the other. Decides nothing.

Each step may be repeated after a lost connection; what came of it is looked up where a reply is missing.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import typing as t

from ..apply.names import NOT_KEPT, USUAL, base_name
from ..ask import size_of
from ..errors import FtpSyncError, LocalError, PlanRefused, ServerRefused
from ..ftp.persistence import persistently
from ..ftp.resume import Upload
from ..model import CREATE_DIRECTORY, DELETE_PATH, DIRECTORY, SET_MODE, UPLOAD, join, parent, shown
from ..temporary import temporary_name
from .plan import MOVE, SET_TIME, Step

if t.TYPE_CHECKING:
    from ..ftp.pool import Pool
    from ..ftp.session import Session, StoreResult
    from ..ftp.wire import Reply


class Content(t.NamedTuple):
    """What a file shall hold.

    Attributes:
        size: bytes.
        sha256: hexadecimal.
        data: the bytes, if they are few.
        path: local file to read them from otherwise.
    """

    size: int
    sha256: str
    data: bytes | None
    path: str = ""

    @classmethod
    def of(cls, data: bytes) -> Content:
        """The content that some bytes are."""
        return cls(len(data), hashlib.sha256(data).hexdigest(), data)


EMPTY = Content.of(b"")


def apply(pool: Pool, steps: t.Sequence[Step], content: Content, run: str) -> t.Iterator[Step]:
    """Do the steps in order; yields each one that was done.

    Parameters:
        content: for the step that uploads.
        run: an id that no other run has, 12 hexadecimal digits.

    Raises:
        FtpSyncError: a step failed; those after it are not tried.
    """
    deletions = [step for step in steps if step.action == DELETE_PATH]
    if deletions:
        yield from _delete(pool, deletions)
    for step in steps:
        if step.action in (UPLOAD, MOVE) and not step.replaces:
            _prove(pool, step.dest or step.path, run)
        mode_left, time_left = step.mode is not None and step.action == CREATE_DIRECTORY, False
        if step.action == UPLOAD:
            stored = _upload(pool, step, content, run)
            mode_left = step.mode is not None and not step.keeps_mode and not stored.mode_set
            time_left = step.mtime is not None and not stored.mtime_set
        elif step.action != DELETE_PATH:
            persistently(pool, _bound(_DO[step.action], step, run))
        if step.action != DELETE_PATH:
            yield step
        # It is there now, whatever becomes of these.
        if mode_left:
            persistently(pool, _bound(_set_mode, step, run))
        if time_left:
            persistently(pool, _bound(_set_time, step, run))


def _bound(do: t.Callable[[Session, Step, str], None], step: Step, run: str) -> t.Callable[[Session], None]:
    return lambda session: do(session, step, run)


def _prove(pool: Pool, path: str, run: str) -> None:
    """Try an unusual name on an empty file in a folder of its own, where all that turns up is ours.

    Raises:
        FtpSyncError: the server refuses the name, or replaces it by another one.
    """
    folder, name = _temporary(path, run), base_name(path)
    if USUAL.match(name):
        return

    def attempt(session: Session) -> str | None:
        (made,) = list(session.pipeline([("MKD", folder)]))
        try:
            session.store(f"{folder}/{name}", io.BytesIO(), 0)
        except ServerRefused as error:  # if there is no folder, the name is not to blame
            return f"the server refuses this name: {error.reply.text}" if made.is_ok else None
        return None if _is_listed(session, f"{folder}/{name}") else NOT_KEPT

    def clear(session: Session) -> None:
        names = {name}
        with contextlib.suppress(ServerRefused):
            names.update(listed.name for listed in session.list_folder(folder).entries)
        list(session.pipeline([*(("DELE", f"{folder}/{each}") for each in names), ("RMD", folder)]))

    try:
        problem = persistently(pool, attempt)
    finally:
        persistently(pool, clear)
    if problem is not None:
        raise FtpSyncError(f"{shown(path)}: {problem}")


# ---------------------------------------------------------------------- upload


def _upload(pool: Pool, step: Step, content: Content, run: str) -> StoreResult:
    """Send, check, rename, look. The temporary file is gone afterwards, whatever happens."""
    waiting = _temporary(step.path, run)
    try:
        stored = persistently(pool, lambda session: _send(session, step, content, waiting))
        refusal = _refused(stored.renamed)
        if refusal is not None and step.replaces:
            refusal = persistently(pool, lambda session: _swap(session, waiting, step.path, f"{waiting}.old"))
        if refusal is not None:
            raise ServerRefused(
                f"{shown(step.path)}: the server cannot hold a file of this name, or may not write there:"
                f" {refusal.text}",
                refusal,
            )
        persistently(pool, lambda session: _verify(session, step, content.size))
    except BaseException:
        with contextlib.suppress(FtpSyncError):  # the first failure is the one to tell
            persistently(pool, lambda session: list(session.pipeline([("DELE", waiting)])))
        raise
    return stored


def _refused(reply: Reply | None) -> Reply | None:
    return None if reply is None or reply.is_ok else reply


def _temporary(path: str, run: str) -> str:
    return join(parent(path) or "/", temporary_name(run, path))


def _send(session: Session, step: Step, content: Content, waiting: str) -> StoreResult:
    try:
        if content.data is not None:
            return session.store(
                waiting,
                io.BytesIO(content.data),
                content.size,
                mtime=step.mtime,
                mode=step.mode,
                rename_to=step.path,
            )
        return _send_large(session, step, content, waiting)
    except ServerRefused as error:
        raise ServerRefused(f"{shown(step.path)} cannot be written: {error.reply.text}", error.reply) from None


def _send_large(session: Session, step: Step, content: Content, waiting: str) -> StoreResult:
    """A large file is hashed while it leaves, so it may not have its name before the end."""
    try:
        with open(content.path, "rb") as file, Upload().source(file, step.path) as source:
            stored = session.store(waiting, source, content.size, mtime=step.mtime, mode=step.mode)
            sent = source.digest()
    except OSError as error:
        raise LocalError(f"src: {content.path} cannot be read: {error.strerror}") from None
    if sent != content.sha256:
        raise LocalError(f"src: {content.path} changed while it was sent: run again when nothing writes to it")
    return stored._replace(renamed=_rename(session, waiting, step.path))


def _rename(session: Session, source: str, dest: str) -> Reply:
    """The reply that counts."""
    start, end = list(session.pipeline([("RNFR", source), ("RNTO", dest)]))
    return end if 300 <= start.code < 400 else start


def _swap(session: Session, source: str, dest: str, aside: str) -> Reply | None:
    """Where no rename replaces a file: the old one goes aside, and comes back if the new one is refused.

    Returns:
        the refusal, or None.

    Raises:
        FtpSyncError: it was refused, and the old file cannot be brought back either.
    """
    if not _is_listed(session, source):  # done, and the answer was lost
        list(session.pipeline([("DELE", aside)]))
        return None
    steps = [("RNFR", dest), ("RNTO", aside), ("RNFR", source), ("RNTO", dest)]
    last = list(session.pipeline(steps))[-1]
    if last.is_ok:
        list(session.pipeline([("DELE", aside)]))
        return None
    if not _rename(session, aside, dest).is_ok and _is_listed(session, aside):
        raise FtpSyncError(
            f"{shown(dest)} cannot be replaced ({last.text}) nor be brought back; the old file is {shown(aside)} now"
        )
    return last


def _verify(session: Session, step: Step, size: int) -> None:
    """Only what the server lists, or knows by its name, is there; 250 alone says little (field notes 4.5)."""
    listing = session.list_folder(parent(step.path) or "/")
    entry = next((listed.entry for listed in listing.entries if listed.name == base_name(step.path)), None)
    there = entry.size if entry is not None else None
    if entry is None and base_name(step.path).startswith("."):
        there = size_of(session, step.path)
        if there is None:
            raise FtpSyncError(f"{shown(step.path)}: {NOT_KEPT}")
    elif entry is None:
        raise FtpSyncError(f"{shown(step.path)}: {NOT_KEPT}")
    if there not in (size, None):
        raise FtpSyncError(
            f"{shown(step.path)}: {size} bytes were stored, but the server has {there}: written by somebody else, or"
            " not renamed"
        )


# ---------------------------------------------------------------------- everything else


def _make(session: Session, step: Step, run: str) -> None:
    path = f"{step.path}/" if step.path.endswith(" ") else step.path  # or Pure-FTPd replaces that space
    (reply,) = list(session.pipeline([("MKD", path)]))
    if not reply.is_ok:
        _make_otherwise(session, path, _temporary(step.path, run))
    try:
        session.list_folder(step.path)
    except ServerRefused:
        raise ServerRefused(f"{shown(step.path)} cannot be created: {reply.text}", reply) from None
    name = base_name(step.path)
    if not USUAL.match(name) and all(x.name != name for x in session.list_folder(parent(step.path) or "/").entries):
        list(session.pipeline([("RMD", path)]))
        raise FtpSyncError(f"{shown(step.path)}: {NOT_KEPT}")


def _make_otherwise(session: Session, path: str, plain: str) -> None:
    """ProFTPD's MKD refuses some names, such as ``*``, that its RNTO takes."""
    if not USUAL.match(base_name(path.rstrip("/"))):
        renamed = list(session.pipeline([("MKD", plain), ("RNFR", plain), ("RNTO", path)]))[-1]
        if not renamed.is_ok:
            list(session.pipeline([("RMD", plain)]))


def _set_mode(session: Session, step: Step, _run: str) -> None:
    mode = step.mode or 0
    reply = session.set_modes([(step.path, mode)])[0]
    if not reply.is_done:
        raise ServerRefused(
            f"mode: {shown(step.path)} does not get mode {mode:04o}: {reply.text}; leave mode out if the server cannot"
            " set any",
            reply,
        )


def _set_time(session: Session, step: Step, _run: str) -> None:
    if not session.set_mtimes([(step.path, step.mtime or 0)])[0]:
        raise PlanRefused(f"mtime: the server does not set the time of {shown(step.path)}; leave mtime out")


def _move(session: Session, step: Step, run: str) -> None:
    dest = step.dest or ""
    reply = _rename(session, step.path, dest)
    if not reply.is_ok and step.replaces:
        reply = _swap(session, step.path, dest, f"{_temporary(dest, run)}.old") or reply
    there, here = _is_listed(session, dest), _is_listed(session, step.path)
    if there and not here:
        return  # whatever the replies were: one of them may have been lost
    raise ServerRefused(f"{shown(step.path)} cannot be moved to {shown(dest)}: {reply.text}", reply)


def _is_listed(session: Session, path: str) -> bool:
    name = base_name(path)
    if any(listed.name == name for listed in session.list_folder(parent(path) or "/").entries):
        return True
    return name.startswith(".") and size_of(session, path) is not None


def _delete(pool: Pool, steps: t.Sequence[Step]) -> t.Iterator[Step]:
    """All in one burst; what was refused may be gone all the same, which its folder tells."""

    def delete(session: Session) -> dict[Step, Reply]:
        commands = [("RMD" if step.kind == DIRECTORY else "DELE", step.path) for step in steps]
        replies = list(session.pipeline(commands))
        return {s: r for s, r in zip(steps, replies) if not r.is_ok and _is_there(session, s)}

    refused = persistently(pool, delete)
    yield from (step for step in steps if step not in refused)
    if refused:
        (step, reply), *others = refused.items()
        more = f" (and {len(others)} more)" if others else ""
        raise ServerRefused(f"{shown(step.path)} cannot be deleted: {reply.text}{more}", reply)


def _is_there(session: Session, step: Step) -> bool:
    try:
        return _is_listed(session, step.path)
    except ServerRefused:
        return False  # not even its folder is there


_DO: dict[str, t.Callable[[Session, Step, str], None]] = {
    CREATE_DIRECTORY: _make,
    SET_MODE: _set_mode,
    SET_TIME: _set_time,
    MOVE: _move,
}
