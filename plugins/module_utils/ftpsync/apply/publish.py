# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Publish by renames, in one burst, dependencies before what refers to them (design 7, phase 4).

Replacing is one rename where nothing is kept, so that there is no gap. Where the old file is kept, or
the server refuses to rename onto an existing file, the old one is moved aside first; both renames leave
in one write, and a failure of the second moves the old one back (field notes 4.4).
"""

from __future__ import annotations

import contextlib
import itertools
import typing as t

from ..errors import ConnectionLost, FtpSyncError
from ..ftp.facts import WINDOW_BYTES
from ..ftp.persistence import persistently
from ..model import Operation, Problem, join, parent
from ..records.state import STAGE, existing
from .exclusive import at_rest
from .job import Job, Outcome, lost

if t.TYPE_CHECKING:
    from ..ftp.session import Session
    from ..ftp.wire import Reply

ATTEMPTS = 5  # reconnections within one burst (design 10.11)
MANY = 3  # writes from which on several connections share a burst: assets, pages and entry points take one each


class Move(t.NamedTuple):
    """One file on its way to its final name.

    Attributes:
        source: absolute path where its content waits.
        aside: absolute path to which the old file goes first, or None to replace it at once.
    """

    operation: Operation
    source: str
    target: str
    aside: str | None

    def commands(self) -> list[tuple[str, str | None]]:
        """The renames, in the order in which they must be carried out."""
        put: list[tuple[str, str | None]] = [("RNFR", self.source), ("RNTO", self.target)]
        if self.aside is None:
            return put
        return [("RNFR", self.target), ("RNTO", self.aside), *put]


def publish(job: Job, outcome: Outcome, operations: t.Sequence[Operation], waiting: t.Mapping[str, str]) -> None:
    """Rename every file into place; entry points last. Each failure stands alone.

    Parameters:
        waiting: names in the stage, by path, that differ from ``Job.stage_name``.
    """

    def source(path: str) -> str:
        if not job.staged:
            return job.temporary_path(path)
        return job.state.at(STAGE, waiting[path]) if path in waiting else job.stage_path(path)

    moves = [
        Move(operation, source(operation.path), job.at(operation.path), _aside(job, outcome, operation))
        for operation in sorted(operations, key=lambda o: (o.rank, o.path))
    ]
    refused = _burst(job, outcome, moves)
    again = [
        move._replace(aside=_out_of_the_way(job, move.operation))
        for move, _reply in refused
        if move.aside is None and move.operation.replaces
    ]
    first_replies = {move.operation.path: reply for move, reply in refused}
    done_before = len(outcome.done)
    still = _burst(job, outcome, again)
    if len(outcome.done) > done_before:
        outcome.quirks["rename_replaces"] = False
    retried = {move.operation.path for move in again}
    failed = [move for move, _reply in refused if move.operation.path not in retried] + [move for move, _reply in still]
    for move in failed:
        reply = first_replies[move.operation.path]
        outcome.fail(
            move.operation,
            f"{move.operation.path}: the server cannot hold a file of this name, or may not write there: {reply.text}",
        )
    # An old file that could neither be replaced nor moved back stays where it is.
    aside = [m.aside for m in (*moves, *again) if m.aside is not None and m.operation in outcome.done]
    _drop(job, [*(move.source for move in failed), *(aside if job.backup is None else [])])


def _aside(job: Job, outcome: Outcome, operation: Operation) -> str | None:
    if not operation.replaces:
        return None
    if job.backup is not None:
        return join(job.backup, "files", operation.path)
    return None if outcome.quirks.get("rename_replaces", True) else _out_of_the_way(job, operation)


def _out_of_the_way(job: Job, operation: Operation) -> str:
    at = job.state.at(STAGE, job.stage_name(operation.path)) if job.staged else job.temporary_path(operation.path)
    return f"{at}.old"


def _burst(job: Job, outcome: Outcome, moves: t.Sequence[Move]) -> list[tuple[Move, Reply]]:
    """Send all renames in one pipeline; what a lost connection leaves open is looked up, not guessed.

    Returns:
        the moves that the server refused, with its reply; their old files are where they were.
    """
    refused: list[tuple[Move, Reply]] = []
    pending, unheard = list(moves), False
    if _is_slow(job, moves):
        pending = _spread(job, outcome, moves, refused)
        unheard = bool(pending)
    for attempt in range(ATTEMPTS):
        if not pending:
            break
        session = job.pool.main
        answered = 0
        try:
            if attempt or unheard:
                session.reopen()
                pending = _unfinished(session, outcome, pending)
            for move, replies in _replies(session, pending):
                answered += 1
                _take(outcome, refused, move, replies)
            pending = []
        except FtpSyncError as error:
            if not lost(error) or attempt + 1 == ATTEMPTS:
                for move in pending[answered:]:
                    outcome.fail(move.operation, f"{move.operation.path}: not known whether it was published: {error}")
                raise
            pending = pending[answered:]
    refused = _without_denied(job, outcome, refused)
    _move_back(job, [move for move, _reply in refused if move.aside is not None])
    return refused


def _is_slow(job: Job, moves: t.Sequence[Move]) -> bool:
    """Whether one connection would take several round trips, because the server takes few commands at a time."""
    window = job.pool.facts.window_bytes
    return window < WINDOW_BYTES and len(list(_pieces(moves, window))) > MANY


def _spread(job: Job, outcome: Outcome, moves: t.Sequence[Move], refused: list[tuple[Move, Reply]]) -> list[Move]:
    """Send renames over all connections, where one takes few at a time; what refers to others still comes after them.

    Returns:
        the moves that were not answered, as soon as a connection is lost.
    """

    def send(session: Session, piece: list[Move], _add: t.Callable[[list[Move]], None]) -> None:
        try:
            for move, replies in _replies(session, piece):
                answers.append((move, replies))
        except FtpSyncError:
            session.drop()  # the caller looks up what has become of the rest

    unheard = list(moves)
    for _rank, equals in itertools.groupby(moves, key=lambda move: move.operation.rank):
        answers: list[tuple[Move, list[Reply]]] = []
        wave = list(equals)
        with contextlib.suppress(ConnectionLost):
            for _done in job.pool.work(_pieces(wave, job.pool.facts.window_bytes), send):
                pass
        for move, replies in answers:
            _take(outcome, refused, move, replies)
        heard = {move.operation for move, _replies_ in answers}
        unheard = [move for move in unheard if move.operation not in heard]
        if len(answers) < len(wave):
            break
    return unheard


def _pieces(moves: t.Iterable[Move], window: int) -> t.Iterator[list[Move]]:
    """Cut renames into pieces that leave in one write each."""
    piece: list[Move] = []
    room = window
    for move in moves:
        size = sum(len((arg or "").encode("utf-8", "surrogateescape")) + 7 for _verb, arg in move.commands())
        if piece and size > room:
            yield piece
            piece, room = [], window
        piece.append(move)
        room -= size
    if piece:
        yield piece


def _take(outcome: Outcome, refused: list[tuple[Move, Reply]], move: Move, replies: t.Sequence[Reply]) -> None:
    if not replies[-1].is_ok:
        refused.append((move, replies[-1]))
        return
    outcome.done[move.operation] = None
    if move.aside is not None and not replies[1].is_ok:
        kept_not = f"replaced, but the old file was not kept: {replies[1].text}"
        outcome.warnings.append(Problem(move.operation.path, kept_not))


def _without_denied(job: Job, outcome: Outcome, refused: list[tuple[Move, Reply]]) -> list[tuple[Move, Reply]]:
    """Leave out what took place although the server refused it: the source is gone (field notes 1.5)."""
    if not refused:
        return []
    there = persistently(job.pool, lambda session: existing(session, [move.source for move, _reply in refused]))
    outcome.done.update((move.operation, None) for move, _reply in refused if move.source not in there)
    return [(move, reply) for move, reply in refused if move.source in there]


def _replies(session: Session, moves: t.Sequence[Move]) -> t.Iterator[tuple[Move, list[Reply]]]:
    commands = [move.commands() for move in moves]
    replies = session.pipeline(command for group in commands for command in group)
    for move, group in zip(moves, commands):
        yield move, list(itertools.islice(replies, len(group)))
    next(replies, None)  # lets the pipeline end as a whole, not abandoned


def _unfinished(session: Session, outcome: Outcome, moves: t.Sequence[Move]) -> list[Move]:
    """After a loss: a move whose source is gone took place; one whose old file is aside is half done."""
    asides = [move.aside for move in moves if move.aside is not None]
    there = at_rest(session, [*(move.source for move in moves), *asides])
    left = []
    for move in moves:
        if move.source in there:
            left.append(move._replace(aside=None) if move.aside in there else move)
        else:
            outcome.done[move.operation] = None
    return left


def _move_back(job: Job, moves: t.Sequence[Move]) -> None:
    """Put old files back whose successors were refused; where the old one never left, nothing happens."""
    pairs = [(move.aside, move.target) for move in moves if move.aside is not None]
    if pairs:
        commands = [step for aside, target in pairs for step in (("RNFR", aside), ("RNTO", target))]
        persistently(job.pool, lambda session: list(session.pipeline(commands)))


def _drop(job: Job, paths: t.Sequence[str]) -> None:
    if paths:
        persistently(job.pool, lambda session: list(session.pipeline(("DELE", path) for path in paths)))


def folders_above(paths: t.Iterable[str]) -> list[str]:
    """All folders above some relative paths, outermost first."""
    found: set[str] = set()
    for path in paths:
        above = parent(path)
        while above and above not in found:
            found.add(above)
            above = parent(above)
    return sorted(found)
