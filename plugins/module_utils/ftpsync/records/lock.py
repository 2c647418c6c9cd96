# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The lock: one publication at a time on one target (field notes 10.5).

MKD of an agreed name is the atomic step: it fails if the folder exists. Inside lies who holds it, with
a heartbeat. A lock whose holder is known to be dead, or whose folder and stage stood still for a while,
is moved away – a rename that only one of several waiting runs can win – and taken anew. A lock is given back
by such a rename, too, so that one that is there always tells whose it is, wherever a connection was lost. Ages
are measured by watching, on our own clock, since the server's may differ.
"""

from __future__ import annotations

import io
import json
import os
import socket
import threading
import time
import typing as t

from ..errors import LockHeld, ServerRefused, TooLarge
from ..ftp.wire import Command
from . import state as states

if t.TYPE_CHECKING:
    from ..ftp.session import Session
    from ..ftp.wire import Reply

_SURPRISES = 20  # after which a server is not believed any more that denies what it does
_TRIES = 3  # of a lock that can neither be taken nor looked into
OWNER = "owner.json"
MAX_OWNER = 4096  # bytes
BEAT_EVERY = 15.0  # seconds between two heartbeats
STALE_AFTER = 60.0  # seconds without any sign of life; four missed heartbeats
LOOK_EVERY = 2.0  # seconds between two looks at a lock that somebody else holds

# Runs of this process that want a lock or hold one. What else bears this process's number has ended
# without being able to give its lock back, or was another process of that number.
_LIVING: set[str] = set()


class Lock:
    """The lock of one target; use as ``with lock.held(session)``.

    Parameters:
        folder: our folder on the server, which exists.
        run: an id that no other run has.
        timeout: seconds to wait for a living holder.
        started: when this run began, ISO 8601; shown to others who wait.
    """

    def __init__(self, folder: states.StateFolder, run: str, timeout: float, started: str) -> None:
        self._folder = folder
        self._run = run
        self._timeout = timeout
        self._started = started
        self._beats = 0
        self._beaten = 0.0
        self._known_ours: float | None = None  # when the server last told so
        self._is_signed = False
        self._released = False
        self._mutex = threading.Lock()
        self.last_words: t.Sequence[tuple[str, str]] = ()  # commands that leave with its release
        self.first_words: t.Sequence[Command] = ()  # questions that leave with the command that takes it
        self.answers: t.Sequence[Reply] = ()  # to them; none unless that command took it

    def acquire(self, session: Session) -> None:
        """Take the lock, waiting for a living holder, taking over from a dead one; may be repeated.

        The first heartbeat, or ``sign``, tells others whose it is. Until then they wait as for one who is slow.

        Raises:
            LockHeld: somebody held it all the time.
            ServerRefused: the account may not create folders there.
        """
        _LIVING.add(self._run)
        watch = _Watch(self._timeout)
        surprises = 0  # locks that vanished under our eyes, and dead ones that we removed
        while not (self._is_surely_ours() or self._try(session)):
            holder = self._look(session)
            if holder is not None and holder.is_run(self._run):
                break  # ours: an answer of the server was lost
            is_dead = holder is not None and watch.is_dead(holder)
            if surprises == _SURPRISES or (holder is not None and not is_dead and watch.is_over):
                raise self._held(holder)
            if holder is None or is_dead:
                surprises += 1
            else:
                time.sleep(LOOK_EVERY)
            if holder is not None and is_dead:
                self._take_over(session, holder)

    def sign(self, session: Session) -> None:
        """Write down whose the lock is, unless that was done; may be repeated."""
        with self._mutex:
            if not self._is_signed:
                self._write_owner(session)

    def outwait(self, session: Session) -> bool:
        """Wait while somebody who lives holds the lock, and take nothing; whether such a one has given it back.

        Raises:
            LockHeld: somebody held it all the time.
        """
        watch, was_held = _Watch(self._timeout), False
        while True:
            holder = self._look(session)
            if holder is None or watch.is_dead(holder):
                return was_held and holder is None
            if watch.is_over:
                raise self._held(holder)
            was_held = True
            time.sleep(LOOK_EVERY)

    def release(self, session: Session) -> None:
        """Give the lock back if we hold it; may be repeated.

        Raises:
            FtpSyncError: it may still be there. Other runs see that its holder is gone.
        """
        _LIVING.discard(self._run)
        if self._known_ours is None:
            return
        surely = self._is_surely_ours() and not self._released
        self._released = True
        if surely or self._is_run(session, self._folder.at(states.LOCK)):
            if not self._move_away(session, self.last_words):  # a server that renames no folders
                list(session.pipeline(_removal(self._folder.at(states.LOCK))))
        else:
            list(session.pipeline(_removal(self._grave)))

    def beat(self, session: Session) -> None:
        """Show that we are alive, if it is time; may be called from any thread with its own session."""
        if not self._is_time or not self._mutex.acquire(blocking=False):
            return  # nobody waits for another one's heartbeat
        try:
            if self._is_time:
                self._write_owner(session)
        finally:
            self._mutex.release()

    @property
    def _is_time(self) -> bool:
        return not self._is_signed or time.monotonic() - self._beaten >= BEAT_EVERY

    # ------------------------------------------------------------------ one step each

    def _try(self, session: Session) -> bool:
        path = self._folder.at(states.LOCK)
        for left in reversed(range(_TRIES)):
            reply, *answers = session.before_store(Command("MKD", path), *self.first_words)
            if reply.is_ok:
                self._known_ours = time.monotonic()
                self.answers = answers
                return True
            try:
                session.list_folder(path)
                return False
            except ServerRefused:  # given back meanwhile, or nobody may make it
                if not left:
                    raise ServerRefused(
                        f"{path} cannot be created ({reply.text}): may this account write there?", reply
                    ) from None
        return False

    def _is_surely_ours(self) -> bool:
        """Whether it is too early for anybody to have taken it over."""
        return self._known_ours is not None and time.monotonic() - self._known_ours < STALE_AFTER / 2

    def _is_run(self, session: Session, lock: str) -> bool:
        return Holder(_read_owner(session, lock), ()).is_run(self._run)

    def _look(self, session: Session) -> Holder | None:
        try:
            inside = session.list_folder(self._folder.at(states.LOCK))
            staged = session.list_folder(self._folder.at(states.STAGE))
        except ServerRefused:
            return None
        content = _read_owner(session, self._folder.at(states.LOCK))
        # A long upload leaves no time for heartbeats on a single connection; but the stage grows.
        return Holder(content, (content, tuple(inside.entries), tuple(staged.entries)))

    def _held(self, holder: Holder | None) -> LockHeld:
        name = holder.name() if holder is not None else "another run"
        return LockHeld(
            f"{self._folder.at(states.LOCK)} is held by {name}, still at work after"
            f" {self._timeout:g} s: wait for it, or raise lock_timeout"
        )

    @property
    def _grave(self) -> str:
        return self._folder.at(f"{states.LOCK}.{self._run}")

    def _move_away(self, session: Session, before: t.Sequence[tuple[str, str]]) -> bool:
        """Remove the lock, by a rename that only one of several runs can win; tells whether it was us."""
        lock, grave = self._folder.at(states.LOCK), self._grave
        commands = [*before, ("RNFR", lock), ("RNTO", grave), *_removal(grave)]
        return list(session.pipeline(commands))[len(before) + 1].is_ok

    def _take_over(self, session: Session, dead: Holder) -> None:
        """Remove a dead lock. Whoever else tries loses the rename, or finds the winner's lock in its hands."""
        lock, grave = self._folder.at(states.LOCK), self._grave
        if not list(session.pipeline([("RNFR", lock), ("RNTO", grave)]))[1].is_ok:
            return
        if _read_owner(session, grave) == dead.content:
            list(session.pipeline(_removal(grave)))
        else:
            list(session.pipeline([("RNFR", grave), ("RNTO", lock)]))

    def _write_owner(self, session: Session) -> None:
        self._beats += 1
        self._beaten = time.monotonic()
        owner = {
            "run": self._run,
            "host": socket.gethostname(),
            "boot": _boot_id(),
            "pid": os.getpid(),
            "started": self._started,
            "beat": self._beats,
        }
        data = json.dumps(owner).encode("ascii")
        # Content or the journal follows.
        session.store(self._folder.at(states.LOCK, OWNER), io.BytesIO(data), len(data), more=True)
        self._known_ours = time.monotonic()
        self._is_signed = True


def _read_owner(session: Session, lock: str) -> bytes:
    """What a lock tells about its holder; nothing where it has no owner yet."""
    content = io.BytesIO()
    try:
        session.retrieve(f"{lock}/{OWNER}", content.write, limit=MAX_OWNER)
    except (ServerRefused, TooLarge):
        return b""
    return content.getvalue()


def _removal(lock: str) -> list[tuple[str, str | None]]:
    return [("DELE", f"{lock}/{OWNER}"), ("RMD", lock)]


class _Watch:
    """A wait for one lock, and how long its holder has shown no sign of life.

    Parameters:
        timeout: seconds that it may take.
    """

    def __init__(self, timeout: float) -> None:
        self._since = time.monotonic()
        self._deadline = self._since + timeout
        self._seen: tuple[t.Any, ...] | None = None

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self._deadline

    def is_dead(self, holder: Holder) -> bool:
        """Whether nobody holds the lock any more who could give it back; to be asked at each look."""
        if holder.signs != self._seen:
            self._seen, self._since = holder.signs, time.monotonic()
        return holder.is_dead() or time.monotonic() - self._since > STALE_AFTER


class Holder(t.NamedTuple):
    """Who holds a lock.

    Attributes:
        content: what lies in the owner file; from the server, so not to be trusted in its shape.
        signs: everything that changes while the holder lives.
    """

    content: bytes
    signs: tuple[t.Any, ...]

    def _owner(self) -> dict[str, t.Any]:
        try:
            owner = json.loads(self.content.decode("utf-8"))
        except (ValueError, RecursionError):
            return {}
        return owner if isinstance(owner, dict) else {}

    def is_dead(self) -> bool:
        """Whether the holder ran on this host, as a process that is no more or as a run of this one that has ended."""
        owner = self._owner()
        pid = owner.get("pid")
        if owner.get("host") != socket.gethostname() or owner.get("boot") != _boot_id() or not isinstance(pid, int):
            return False
        if pid == os.getpid():
            return owner.get("run") not in _LIVING
        return pid > 0 and not _alive(pid)

    def is_run(self, run: str) -> bool:
        """Whether the holder is the run with this id."""
        return self._owner().get("run") == run

    def name(self) -> str:
        """The holder, for a message."""
        owner = self._owner()
        if not owner:
            return "another run"
        known = {key: str(owner.get(key, "?"))[:80] for key in ("host", "pid", "started")}
        text = "process {pid} on {host} since {started}".format(**known)
        return "".join(c if c.isprintable() else "?" for c in text)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True  # somebody else's process
    return True


def _boot_id() -> str:
    """Tells one start of this machine from another; empty where the system does not say."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""
