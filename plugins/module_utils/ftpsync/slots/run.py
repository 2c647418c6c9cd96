# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Make the wanted slot the live one: look ─► decide ─► lock ─► look again ─► rename (``slots/plan.py`` decides).

The slots change places by three renames in one write, so that visitors find no site for the server's time between
two commands. Whatever is refused or lost on the way is looked up, and put right.
"""

from __future__ import annotations

import contextlib
import io
import time
import typing as t
from types import MappingProxyType

from ..apply.exclusive import LOOKS, MOMENT, locked
from ..apply.job import lost
from ..connect import connect_options
from ..errors import FtpSyncError, ServerRefused
from ..ftp.persistence import persistently
from ..ftp.pool import Pool
from ..model import shown
from ..run_id import new_run_id, timestamp
from .look import look, state_folder
from .names import AWAY, LIVE, NEXT, SUFFIXES
from .note import NOTE, dump
from .plan import IN_PLACE, LISTED, READY, Move, Rename, Slot, SlotOptions, Slots, after, decide, outcome, repair
from .trial import try_out

if t.TYPE_CHECKING:
    from ..ftp.session import Session
    from ..records.state import StateFolder

ATTEMPTS = 5  # reconnections while renaming (design 10.11)
LOCK_TIMEOUT = 120.0  # seconds


class Result(t.NamedTuple):
    """What was done, or in check mode would be.

    Attributes:
        found: the slots as they were.
        slots: as they are now; in check mode, as they would be.
        present: what lies where at the end, in check mode too.
        renames: in order.
        seconds: between the commands and the replies of the renames by which the slots changed places; None if
            they did not.
        error: why it is no success, or None.
    """

    found: Slots = MappingProxyType({})
    slots: Slots = MappingProxyType({})
    present: Slots = MappingProxyType({})
    renames: tuple[Rename, ...] = ()
    seconds: float | None = None
    error: str | None = None


def arrange(options: SlotOptions, *, check: bool) -> Result:
    """Bring the slots into the wanted state.

    Parameters:
        check: find out what would be done, and change nothing.

    Raises:
        FtpSyncError: nothing was changed. Whatever fails later is in the result.
    """
    pool = Pool(connect_options(options.site), options.site.connections)
    with contextlib.closing(pool):
        pool.open()
        run = _Run(options, pool)
        found = run.look()
        move = decide(options, found)
        if move.repairs and not check:
            found = run.at_rest(found)
            move = decide(options, found)
        result = Result(found, outcome(options, found, move), found, move.renames)
        if check or options.state == LISTED:
            return result
        if move.renames:
            result = run.apply(found, move)
        if options.state == READY and result.error is None:
            try_out(pool, options.site.remote_path)
        return result


class _Run:
    """The connected part."""

    def __init__(self, options: SlotOptions, pool: Pool) -> None:
        self._options = options
        self._pool = pool
        self._id = new_run_id()
        self._folders: list[StateFolder] = []  # those whose lock we hold
        self._done: list[Rename] = []
        self._seconds: float | None = None

    def look(self) -> dict[str, Slot]:
        return persistently(self._pool, lambda session: look(session, self._options))

    def at_rest(self, found: Slots) -> dict[str, Slot]:
        """What is there once that has not changed for a moment: a server goes on with what was sent ahead."""
        now = dict(found)
        for _look in range(LOOKS):
            time.sleep(MOMENT)
            before, now = now, self.look()
            if now == before:
                break
        return now

    # ------------------------------------------------------------------ writing

    def apply(self, found: Slots, move: Move) -> Result:
        """Do it under the locks of all slots that have a record."""
        before, error = found, None
        with contextlib.ExitStack() as stack:
            self._lock(stack, found)
            try:
                found = self.look()
                move = decide(self._options, found)
                self._persist(found, move)
            except FtpSyncError as failure:
                error = str(failure)
            with contextlib.suppress(FtpSyncError):
                found = self.look()
        return Result(before, found, found, tuple(self._done), self._seconds, error)

    def _lock(self, stack: contextlib.ExitStack, found: Slots) -> None:
        now = timestamp()
        for suffix in reversed(SUFFIXES):  # always in this order, so that two runs cannot wait for each other
            if suffix not in found:
                continue
            folder = state_folder(self._options, suffix)
            state = persistently(self._pool, folder.read)
            if state.exists:
                stack.enter_context(locked(self._pool, folder, state, f"{self._id}", LOCK_TIMEOUT, now))
                self._folders.append(folder)

    def _persist(self, found: Slots, move: Move) -> None:
        for attempt in range(ATTEMPTS):
            try:
                self._step(found, move)
                return
            except FtpSyncError as error:
                if not lost(error) or attempt + 1 == ATTEMPTS:
                    raise
            self._pool.main.reopen()
            before, found = found, self.at_rest(self.look())
            self._note_done(before, found, move)
            move = decide(self._options, found)

    def _note_done(self, before: Slots, now: Slots, move: Move) -> None:
        """After a lost connection: as much of a plan counts as done as explains what is there."""
        for count in range(len(move.renames), 0, -1):
            if _places(after(self._options, before, move.renames[:count])) == _places(now):
                self._did(move.renames[:count])
                return

    def _step(self, found: Slots, move: Move) -> None:
        """Repairs, and then the exchange.

        Raises:
            ServerRefused: one of the renames; what was done before is undone.
        """
        session = self._pool.main
        refused = self._rename(session, move.repairs)
        if refused is not None:
            raise refused
        if not move.exchange:
            return
        self._write_notes(session, after(self._options, found, move.repairs), move)
        list(session.pipeline(("RMD", path) for path in move.hollow))
        refused = self._rename(session, move.shared)
        if refused is None:
            started = time.monotonic()
            refused = self._rename(session, move.exchange)
            self._seconds = time.monotonic() - started
        if refused is not None:
            self._put_right(session, refused)

    def _put_right(self, session: Session, refused: ServerRefused) -> None:
        if self._rename(session, repair(self._options, look(session, self._options))) is not None:
            raise ServerRefused(f"{refused}; it could not be put right either: run again", refused.reply)
        raise ServerRefused(f"{refused}; the site is as it was: {IN_PLACE}", refused.reply)

    def _rename(self, session: Session, steps: t.Sequence[Rename]) -> ServerRefused | None:
        """All in one write; the first refusal."""
        commands = [half for step in steps for half in (("RNFR", step.source), ("RNTO", step.dest))]
        replies = list(session.pipeline(commands))[1::2]
        self._did([step for step, reply in zip(steps, replies) if reply.is_ok])
        for step, reply in zip(steps, replies):
            if not reply.is_ok:
                line = f"{shown(step.source)} cannot be renamed to {shown(step.dest)}: {reply.text}"
                return ServerRefused(line, reply)
        return None

    def _did(self, steps: t.Iterable[Rename]) -> None:
        """Note what was done; a slot takes the lock in it along."""
        for step in steps:
            self._done.append(step)
            for folder in self._folders:
                if folder.path.startswith(f"{step.source}/"):
                    folder.path = step.dest + folder.path[len(step.source) :]

    def _write_notes(self, session: Session, slots: Slots, move: Move) -> None:
        for suffix, turn in move.notes.items():
            data = dump(slots[suffix].id or "", turn)
            session.store(state_folder(self._options, suffix).at(NOTE), io.BytesIO(data), len(data))


def _places(slots: Slots) -> dict[str, tuple[str | None, frozenset[str]]]:
    return {suffix: (slot.id, slot.shared) for suffix, slot in slots.items()}


# ---------------------------------------------------------------------- for users


def to_dict(options: SlotOptions | None, result: Result) -> dict[str, t.Any]:
    """For a result; names as they can be displayed."""
    return {
        "changed": bool(result.renames),
        "live": _slot(options, result, LIVE),
        "spare": _slot(options, result, NEXT),
        "renames": [
            {"path": shown(step.source), "dest": shown(step.dest), "reason": step.reason} for step in result.renames
        ],
        "repaired": bool(options is not None and repairs_of(options, result)),
        "seconds": None if result.seconds is None else round(result.seconds, 4),
    }


def repairs_of(options: SlotOptions, result: Result) -> tuple[Rename, ...]:
    """What an earlier run had left to be put right."""
    with contextlib.suppress(FtpSyncError):
        return repair(options, result.found)
    return ()


def _slot(options: SlotOptions | None, result: Result, suffix: str) -> dict[str, t.Any]:
    slot, present = result.slots.get(suffix), result.present
    # What a run that died has left on its way lies there until somebody puts it right.
    on_its_way = suffix not in present and AWAY in present and (suffix == LIVE or LIVE in present)
    return {
        "path": None if options is None else shown(options.path(suffix)),
        "suffix": AWAY if on_its_way else suffix,
        "exists": slot is not None,
        "publication_id": slot.id if slot is not None else None,
        "turn": slot.turn if slot is not None else 0,
        "shared": sorted(shown(path) for path in slot.shared) if slot is not None else [],
    }
