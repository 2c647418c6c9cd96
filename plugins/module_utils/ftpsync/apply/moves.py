# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Move files about by renames, in one burst, never onto one that exists.

A trail is what is to be renamed at one path, in this order: first the file that leaves, then the one that
comes. Both leave in one write, so that the gap between them is the server's time between two commands. What
a lost connection leaves open is looked up, not guessed; what is refused halfway is moved back.
"""

from __future__ import annotations

import itertools
import typing as t

from ..errors import FtpSyncError
from ..ftp.persistence import persistently
from .exclusive import at_rest
from .job import Job, lost

if t.TYPE_CHECKING:
    from ..ftp.session import Session
    from ..ftp.wire import Reply

Step = t.Tuple[str, str]  # absolute paths: from, to
Trail = t.Tuple[Step, ...]

ATTEMPTS = 5  # reconnections within one burst (design 10.11)


def move(job: Job, trails: t.Sequence[Trail]) -> list[str | None]:
    """Carry out renames.

    Returns:
        for each trail the server's words if it refused its end, or None.

    Raises:
        FtpSyncError: the connection is lost for good; some of it may have been carried out.
    """
    answers: list[str | None] = [None] * len(trails)
    pending = dict(enumerate(trails))
    for attempt in range(ATTEMPTS):
        if not pending:
            break
        session = job.pool.main
        try:
            if attempt:
                session.reopen()
                pending = _unfinished(session, pending)
            back: list[Step] = []
            for number, replies in _replies(session, pending):
                if replies and not replies[-1].is_ok:
                    answers[number] = replies[-1].text
                    before = trails[number][: len(trails[number]) - len(pending[number])]
                    done = [step for step, reply in zip(pending[number], replies) if reply.is_ok]
                    back += [(target, source) for source, target in reversed([*before, *done])]
            pending = {}
        except FtpSyncError as error:
            if not lost(error) or attempt + 1 == ATTEMPTS:
                raise
            continue
        _move_back(job, back)
    return answers


def _replies(session: Session, trails: t.Mapping[int, Trail]) -> list[tuple[int, list[Reply]]]:
    """The replies to the second halves of all renames."""
    commands = [half for trail in trails.values() for source, target in trail for half in _halves(source, target)]
    replies = iter(list(session.pipeline(commands))[1::2])
    return [(number, list(itertools.islice(replies, len(trail)))) for number, trail in trails.items()]


def _halves(source: str, target: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("RNFR", source), ("RNTO", target)


def _move_back(job: Job, steps: t.Sequence[Step]) -> None:
    if steps:
        commands = [half for source, target in steps for half in _halves(source, target)]
        persistently(job.pool, lambda session: list(session.pipeline(commands)))


def _unfinished(session: Session, trails: t.Mapping[int, Trail]) -> dict[int, Trail]:
    """What is left to do after a loss.

    A step took place if its target is there and its source is not, or is what a later step put there.
    """
    there = at_rest(session, {path for trail in trails.values() for step in trail for path in step})
    left: dict[int, Trail] = {}
    for number, trail in trails.items():
        done = 0
        for index, (source, target) in enumerate(trail):
            later = {put for _from, put in trail[index + 1 :]}
            if target in there and (source not in there or source in later):
                done = index + 1
            else:
                break
        if done < len(trail):
            left[number] = trail[done:]
    return left
