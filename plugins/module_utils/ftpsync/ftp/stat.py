# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Folders listed by STAT, over the control connection, many in one write (RFC 959 section 4.1.3).

In: replies. Out: listings in which nothing is doubtful, or None. Names with line breaks can forge lines and replies, so
whoever asks checks what he finds against what he expects, and sends a NOOP behind all, which tells that replies are in
step. STAT says nothing that a proper listing could not say better, so None is never a failure.
"""

from __future__ import annotations

import re
import time
import typing as t

from ..errors import FtpSyncError, ListingDoubtful
from .facts import STAT_FORMS
from .listing import Listing, parse_list
from .wire import Command

if t.TYPE_CHECKING:
    from .session import Session
    from .wire import Reply

# Names that no server takes for options or patterns, or splits, and that are the same in every encoding.
_PLAIN = re.compile(r"[A-Za-z0-9._+@=/-]*")
_IDLE = (200, 202, 250)  # what NOOP is answered with
IN_STEP = Command("NOOP")


def is_plain(path: str) -> bool:
    """Whether a path, or a name, can be given to STAT."""
    return "/-" not in path and _PLAIN.fullmatch(path) is not None


def is_in_step(reply: Reply) -> bool:
    """Whether this is the answer to IN_STEP."""
    return reply.code in _IDLE


def find_form(session: Session, folder: str) -> str | None:
    """How STAT lists a folder completely, hidden files included; None where it does not. Remembered in the facts.

    Parameters:
        folder: an absolute path, to try with.
    """
    facts = session.facts
    if facts.stat_form is None:
        facts.stat_form = _try_forms(session, folder) or ""
    return facts.stat_form or None


def _try_forms(session: Session, folder: str) -> str | None:
    commands = [Command("STAT", form % folder) for form in STAT_FORMS]
    try:
        replies = list(session.pipeline([*commands, IN_STEP]))
    except FtpSyncError:
        return None
    if not is_in_step(replies[-1]):
        session.drop()
        return None
    for form, reply in zip(STAT_FORMS, replies):
        found = listing(reply, session.options.encoding)
        if found is not None and found.shows_hidden:
            return form
    return None


def ask(form: str, folder: str) -> Command:
    """The question for a folder, by its absolute path."""
    return Command("STAT", form % folder)


def listing(reply: Reply, encoding: str) -> Listing | None:
    """The listing in a reply; None when there is none, or any doubt about it."""
    lines = reply.raw.split(b"\n")
    if reply.code not in (211, 212, 213) or len(lines) < 2:
        return None
    try:
        # ProFTPD sets the lines off by a space, as RFC 959 allows.
        found = parse_list([line[line[:1] == b" " :] for line in lines[1:-1]], encoding, time.time())
    except ListingDoubtful:
        return None
    return None if found.problems or found.doubt else found
