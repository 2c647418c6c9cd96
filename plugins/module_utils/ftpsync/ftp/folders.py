# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""How to get a complete listing of a folder out of a server: MLSD, ``LIST -a`` or LIST (field notes 6).

In: a session and an absolute path. Out: a Listing, or a refusal that was confirmed by a second
observation. What works is remembered in ServerFacts.
"""

from __future__ import annotations

import time
import typing as t

from ..errors import ConnectionLost, FolderRefused, ListingDoubtful, ServerRefused
from .facts import LIST, MLSD
from .listing import Listing, parse_list, parse_mlsd
from .wire import Command, clean

if t.TYPE_CHECKING:
    from .session import Session


class _RefusedTwice(ServerRefused):
    """Two different commands were refused the same folder."""


def list_folder(session: Session, path: str) -> Listing:
    """Lists a folder; see Session.list_folder."""
    try:
        return _list(session, path)
    except _RefusedTwice:
        raise
    except ServerRefused as error:
        refused = error
    # Whoever asks takes a refusal for "it is not there", so it must be no mood of the server (field notes 1.5).
    try:
        session.command("CWD", _as_folder(path))
    except ServerRefused:
        raise refused from None
    if refused.reply.is_transient:
        raise ConnectionLost(str(refused))  # which is tried again
    try:
        return _list(session, path)  # somebody may have made it between the two questions
    except ServerRefused as error:
        raise ListingDoubtful(
            "%s is there but cannot be listed (%s): check its permissions" % (clean(path), error)
        ) from None


def _as_folder(path: str) -> str:
    """A slash at the end keeps spaces there from being dropped."""
    return path if path.endswith("/") else path + "/"


def _list(session: Session, path: str) -> Listing:
    facts = session.facts
    if facts.listing != MLSD:
        return _list_unix(session, path)
    try:
        return _list_mlsd(session, path)
    except ServerRefused as error:
        if facts.listing_proven or error.reply.is_transient:
            raise
        is_about_folder = error.reply.code == 550
    # FEAT lied (ProFTPD names MLSD even where <Limit> forbids it), or there is no such folder: LIST tells.
    try:
        listing = _list_unix(session, path)
    except FolderRefused as error:
        if not is_about_folder or error.reply.code != 550:
            raise
        # No third question: Pure-FTPd makes whoever asks for missing folders wait, longer each time.
        raise _RefusedTwice(str(error), error.reply) from None
    facts.listing = LIST
    return listing


def _list_mlsd(session: Session, path: str) -> Listing:
    folder = _as_folder(path)
    lines = session.read_lines(Command(MLSD, folder))
    session.facts.listing_proven = True
    if not lines:
        session.command("CWD", folder)
    return _about(path, lambda: parse_mlsd(lines, session.options.encoding))


def _list_unix(session: Session, path: str) -> Listing:
    """Lists with LIST from within the folder: many servers glob a path argument, or split it at spaces.

    ``-a`` shows hidden files; servers that take it for a name answer with a refusal, nothing or nonsense.
    """
    facts = session.facts
    enter = Command("CWD", path)
    if facts.list_all is not False:
        try:
            listing = _list_once(session, path, Command(LIST, "-a"), enter)
            if listing.entries or listing.shows_hidden:
                facts.list_all = True
            if facts.list_all:
                return listing
        except FolderRefused:
            raise
        except (ServerRefused, ListingDoubtful):
            if facts.list_all:
                raise
    listing = _list_once(session, path, Command(LIST), enter)
    if listing.entries:
        facts.list_all = False
    return listing


def _list_once(session: Session, path: str, command: Command, enter: Command) -> Listing:
    lines = session.read_lines(command, enter)
    return _about(path, lambda: parse_list(lines, session.options.encoding, time.time()))


def _about(path: str, parse: t.Callable[[], Listing]) -> Listing:
    """Adds the folder to what is wrong with its listing."""
    try:
        return parse()
    except ListingDoubtful as error:
        raise ListingDoubtful("%s: %s" % (clean(path), error)) from None
