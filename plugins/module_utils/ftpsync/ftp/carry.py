# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What a session does with data connections: lines of listings, files down, files up.

In: a session and absolute paths. Out: bytes, and the certainty that all of them arrived. A port for the next transfer
is asked for as early as the server's kind allows (pace.py).
"""

from __future__ import annotations

import functools
import typing as t

from ..errors import (
    ConnectionLost,
    FolderRefused,
    FtpSyncError,
    ListingDoubtful,
    LocalError,
    ProtocolError,
    ServerRefused,
    TooLarge,
)
from .listing import LineSplitter
from .pace import Pace
from .replies import parse_size
from .trailer import Trailer
from .transfer import DownloadEnd, Source
from .wire import Command, Reply, clean, refusal

if t.TYPE_CHECKING:
    from .connection import Connection
    from .data import DataConnection
    from .session import Session


NO_ROOM = (452, 552)  # "no room left" (RFC 959 section 4.2.2); further uploads would fail as well
_GO_ON = 350  # the answer to REST


class StoreResult(t.NamedTuple):
    """What became of an upload.

    Attributes:
        sent: bytes, with those that an attempt before has sent.
        size: bytes that the server has, or None when it does not say.
        mtime_set: whether the time was asked for and set.
        mode_set: whether the mode was asked for and set.
        renamed: the reply to the rename, or None when none was asked for.
    """

    sent: int
    size: int | None
    mtime_set: bool
    mode_set: bool
    renamed: Reply | None


def read_lines(session: Session, command: Command, enter: Command | None) -> list[bytes]:
    """Gives the lines that MLSD or LIST sends; see Session.read_lines."""
    was_unknown = session.facts.half_closes is None
    try:
        return _read_lines(session, command, enter)
    except (ConnectionLost, ProtocolError):
        if not was_unknown or session.facts.half_closes is not False:
            raise
    return _read_lines(session, command, enter)  # it was a trial (pace.py)


def _read_lines(session: Session, command: Command, enter: Command | None) -> list[bytes]:
    connection = session.ready()
    choice, connection.before_listing = connection.before_listing, []
    data, before, replies = _open(session, connection, [*choice, enter] if enter else choice)
    if enter and replies and not replies[-1].is_ok:
        data.close()
        raise _not_entered(enter, replies[-1])
    splitter = LineSplitter()
    replies, end = _receive(session, connection, data, before, command, splitter.feed, size=0)
    if enter and replies and not replies[-1].is_ok:
        raise _not_entered(enter, replies[-1])
    if not end.ended_properly and session.facts.says_goodbye:
        raise ConnectionLost("%s: the server ended TLS without a word, as it does not otherwise" % command.label)
    if "truncated" in end.reply.text.lower():
        raise ListingDoubtful("%s: the server cut the listing short: %s" % (command.label, end.reply.text))
    return splitter.finish()


def _not_entered(enter: Command, reply: Reply) -> FolderRefused:
    return FolderRefused(str(refusal(enter, reply)), reply)


def retrieve(session: Session, path: str, sink: t.Callable[[bytes], object], limit: int | None) -> int:
    """Reads a file; see Session.retrieve."""
    connection = session.ready()
    asks = [Command("SIZE", path)] if session.facts.size_works else []
    data, before, asked = _open(session, connection, asks)
    size = _size(session, connection, asked[0]) if asked else None
    if size is not None and limit is not None and size > limit:
        data.close()
        raise TooLarge("%s has %s bytes, more than %s" % (clean(path), size, limit))

    def check(replies: list[Reply], end: DownloadEnd) -> None:
        _check_complete(path, end, _size(session, connection, replies[0]) if replies else size)

    command = Command("RETR", path)
    return _receive(session, connection, data, before, command, sink, limit=limit, size=limit, check=check)[1].received


def retrieve_rest(session: Session, path: str, sink: t.Callable[[bytes], object], offset: int, size: int) -> None:
    """Reads a file from a byte on, which the caller has to compare with what is known of it (resume_download.py).

    Raises:
        ServerRefused: the server does not go on there.
        TooLarge: more bytes came than there are from there on.
    """
    connection = session.ready()
    data = _open(session, connection, [])[0]
    _restart(connection, data, offset)
    _receive(session, connection, data, [], Command("RETR", path), sink, limit=size - offset)


def _open(
    session: Session, connection: Connection, ahead: list[Command]
) -> tuple[DataConnection, list[Command], list[Reply]]:
    """Starts a data connection.

    Returns:
        It, the commands of ``ahead`` that are still to be sent, and the replies to those that were sent with the
        question for its port.
    """
    if session.ports.has_kept:
        return session.ports.open(connection)[0], ahead, []
    data, replies = session.ports.open(connection, *ahead)
    return data, [], replies


def _receive(
    session: Session,
    connection: Connection,
    data: DataConnection,
    before: list[Command],
    command: Command,
    sink: t.Callable[[bytes], object],
    *,
    limit: int | None = None,
    size: int | None = None,
    check: t.Callable[[list[Reply], DownloadEnd], object] = lambda _replies, _end: None,
) -> tuple[list[Reply], DownloadEnd]:
    """Gives the replies to ``before`` and how the download ended; keeps the next port where it could be asked for."""
    wanted = session.ports.ask_ahead() if session.more else []
    pace = Pace(session.facts, command, wanted, size, before, session.more)
    with pace.watched():
        # The next data connection is begun while the last bytes of this one may still be on their way.
        follow = functools.partial(session.ports.keep, connection)
        transfer = pace.transfer(connection, data, session.limiter, follow)
        end = transfer.download(sink, limit)
        check(transfer.replies_before, end)
    pace.confirm()
    session.facts.says_goodbye = session.facts.says_goodbye or end.ended_properly
    return transfer.replies_before, end


def _check_complete(path: str, end: DownloadEnd, size: int | None) -> None:
    if size is not None and size != end.received:
        raise ConnectionLost("%s has %d bytes, but %d arrived" % (clean(path), size, end.received))
    if size is None and not end.ended_properly:
        raise ConnectionLost(
            "%s: the server ended TLS without a word and does not tell the size, so that the %d bytes that arrived "
            "may be a part" % (clean(path), end.received)
        )


def _size(session: Session, connection: Connection, reply: Reply) -> int | None:
    if reply.is_ok:
        return connection.checked(parse_size, reply)
    if reply.code in (500, 502):
        session.facts.size_works = False
    return None


def store(
    session: Session,
    path: str,
    source: Source,
    size: int | None,
    *,
    mtime: float | None,
    mode: int | None,
    rename_to: str | None,
    more: bool,
    progress: t.Callable[[int], object] | None,
    offset: int,
) -> StoreResult:
    """Writes a file; see Session.store."""
    connection = session.ready()
    data, _none = session.ports.open(connection)
    if offset:
        try:
            _restart(connection, data, offset)
        except ServerRefused as error:
            raise _not_resumed(session, error, offset) from None
    trailer = Trailer(connection, session.facts, path, mtime, mode)
    port = session.ports.ask_ahead() if more else []
    wanted = [*trailer.commands(), *([] if rename_to else port)]
    pace = Pace(session.facts, Command("STOR", path), wanted, size, more=more)
    with pace.watched():
        transfer = pace.transfer(connection, data, session.limiter)
        try:
            sent = offset + transfer.upload(source, progress)
        except ServerRefused as error:
            raise _not_resumed(session, error, offset) from None
    if size is not None and size != sent:
        raise LocalError("%s: %d bytes were read instead of %d: it was changed" % (clean(path), sent, size))
    replies = transfer.replies_after if pace.all_went_along else connection.exchange(*wanted)
    trailer.settle(replies)
    if trailer.size != sent and (trailer.size is not None or offset):
        pace.doubt()
        raise ConnectionLost("%s: %d bytes were sent, the server has %s" % (clean(path), sent, trailer.size))
    pace.confirm()
    renamed = trailer.rename(rename_to, port) if rename_to else None
    if trailer.port_reply is not None:
        session.ports.keep(connection, trailer.port_reply)
    return StoreResult(sent, trailer.size, trailer.mtime_set, trailer.mode_set, renamed)


def _restart(connection: Connection, data: DataConnection, offset: int) -> None:
    """Asks for the next transfer to go on at a byte.

    Raises:
        ServerRefused: the server does not.
    """
    command = Command("REST", str(offset))
    reply = connection.exchange(command)[0]
    if reply.code != _GO_ON:
        data.close()
        raise refusal(command, reply)


def _not_resumed(session: Session, error: ServerRefused, offset: int) -> FtpSyncError:
    """A server that does not go on with uploads gets the whole file with the next attempt (ProFTPD's default)."""
    if not offset or error.reply.code in NO_ROOM:
        return error
    session.facts.uploads_resume = False
    return ConnectionLost(str(error))
