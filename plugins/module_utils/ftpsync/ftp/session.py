# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What one can ask of an FTP server, over one connection: list, retrieve, store, many small commands.

In: absolute server paths, joined with ``/``. Out: listings, bytes, replies. Every path is sent as a
command argument of its own, never globbed, and nothing depends on the working directory. A session that
lost its connection logs in anew with its next call; it never repeats a command by itself.
"""

from __future__ import annotations

import typing as t

from ..errors import ConnectionLost, ListingDoubtful, LocalError, ProtocolError, ServerRefused, TooLarge
from .connection import Connection
from .facts import ServerFacts
from .folders import list_folder
from .ladder import Rung
from .limiter import Limiter
from .listing import LineSplitter, Listing
from .login import log_in
from .options import TLS_NONE, ConnectOptions
from .ports import Ports
from .replies import format_stamp, parse_mdtm, parse_size
from .tls import Tls
from .trailer import Outcomes, Trailer, climb, octal
from .transfer import DownloadEnd, Source, Transfer
from .wire import Command, Reply, check_encoding, clean, refusal

__all__ = ["Command", "ConnectOptions", "ServerFacts", "Session", "StoreResult"]

WINDOW_COMMANDS = 500  # commands under way without their replies; their bytes: ServerFacts.window_bytes

_OK = range(200, 300)


class StoreResult(t.NamedTuple):
    """What became of an upload.

    Attributes:
        sent: bytes.
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


class Session:
    """One login at one server.

    Parameters:
        options: see ConnectOptions.
        shared: what is known of the server; given to all sessions of a pool.
        limiter: of the bandwidth; shared in the same way.
    Raises:
        UsageError: the encoding, ca_path or tls_fingerprint cannot be used.
    """

    def __init__(
        self, options: ConnectOptions, shared: ServerFacts | None = None, limiter: Limiter | None = None
    ) -> None:
        check_encoding(options.encoding)
        self.options = options
        self.facts = shared or ServerFacts()
        self.limiter = limiter or Limiter(options.bandwidth_limit)
        self.more = False
        self._tls = None if options.tls == TLS_NONE else Tls(options)
        self._connection: Connection | None = None
        self._ports = Ports(options, self.facts)

    # -- life

    def open(self) -> None:
        """Connects and logs in; raises as ``login.log_in``."""
        if self._connection is None or self._connection.is_dead:
            self._ports.forget()
            self._connection = log_in(self.options, self.facts, self._tls)

    def close(self) -> None:
        """Says QUIT and closes, within seconds; never fails."""
        if self._connection is not None:
            self._connection.quit()
        self._connection = None

    def reopen(self) -> None:
        """Throws the connection away and logs in anew."""
        self.drop()
        self.open()

    def drop(self) -> None:
        """Closes without a word to the server."""
        if self._connection is not None:
            self._connection.kill()

    def interrupt(self) -> None:
        """Makes a call in another thread fail soon, by shutting its sockets down."""
        connection = self._connection
        if connection is not None:
            connection.interrupt()

    @property
    def is_open(self) -> bool:
        """Whether there is a connection, as far as is known."""
        return self._connection is not None and not self._connection.is_dead

    @property
    def is_new(self) -> bool:
        """Whether it has never been connected."""
        return self._connection is None

    def _ready(self) -> Connection:
        """Gives a connection on which nothing is under way, logging in anew where the old one has ended."""
        connection = self._connection
        if connection is not None and not connection.is_dead:
            try:
                if connection.under_way == 0:
                    connection.check_idle()
                    return connection
            except (ConnectionLost, ProtocolError):
                pass  # it ended while idle: nothing is lost
        self.reopen()
        if self._connection is None:
            raise ConnectionLost("the connection to %s is closed" % self.options.address)
        return self._connection

    # -- commands without data connection

    def command(self, verb: str, arg: str | None = None, ok: t.Container[int] = _OK) -> Reply:
        """Sends one command.

        Parameters:
            ok: the codes that count as success.
        Raises:
            ServerRefused: any other code.
        """
        command = Command(verb, arg)
        reply = self._ready().exchange(command)[0]
        if reply.code not in ok:
            raise refusal(command, reply)
        return reply

    def pipeline(self, commands: t.Iterable[tuple[str, str | None]]) -> t.Iterator[Reply]:
        """Sends commands ahead of their replies and yields the final replies in order.

        The iterable is read as replies come in. Whoever stops in the middle leaves commands in an
        unknown state; the connection is then replaced before its next use.

        Parameters:
            commands: pairs of verb and argument, none with a data connection.
        Raises:
            ConnectionLost: the commands whose replies were not yielded may have been carried out or not.
        """
        connection = self._ready()
        window = self.facts.window_bytes
        waiting: list[int] = []  # bytes of the commands under way, oldest last
        bytes_under_way = 0
        source = iter(commands)
        exhausted = False
        try:
            while True:
                batch: list[Command] = []
                # Refilled when half of the window is free, so that commands travel many to a packet.
                if not exhausted and len(waiting) <= WINDOW_COMMANDS // 2 and bytes_under_way <= window // 2:
                    sizes: list[int] = []
                    while len(waiting) + len(batch) < WINDOW_COMMANDS and bytes_under_way < window:
                        command = next(source, None)
                        if command is None:
                            exhausted = True
                            break
                        batch.append(Command(*command))
                        sizes.append(len(command[0]) + len((command[1] or "").encode("utf-8", "surrogateescape")) + 3)
                        bytes_under_way += sizes[-1]
                    waiting[:0] = reversed(sizes)
                if batch:
                    connection.send(*batch)
                if not waiting:
                    return
                reply = connection.final()
                bytes_under_way -= waiting.pop()
                yield reply
        except GeneratorExit:
            if waiting:
                connection.kill()
            raise

    def sizes(self, paths: t.Iterable[str]) -> list[int | None]:
        """Gives the bytes of files; None for a 550, which stands for missing, a folder or forbidden.

        From a server that does not know SIZE, all are None and ``facts.size_works`` is False: then None
        says nothing about what is there.

        Raises:
            ServerRefused: any other refusal.
        """
        return self._ask("SIZE", paths, parse_size)

    def mtimes(self, paths: t.Iterable[str]) -> list[int | None]:
        """Gives the modification times of files in seconds since 1970 UTC (RFC 3659 MDTM); None where unknown.

        Raises:
            ServerRefused: any other refusal.
        """
        return self._ask("MDTM", paths, parse_mdtm)

    def _ask(self, verb: str, paths: t.Iterable[str], parse: t.Callable[[Reply], int | None]) -> list[int | None]:
        commands = [Command(verb, path) for path in paths]
        answers: list[int | None] = []
        refused: ServerRefused | None = None
        connection = self._ready()
        for command, reply in zip(commands, self.pipeline(commands)):
            if reply.code == 550:
                answers.append(None)
            elif reply.is_unknown_command:
                answers.append(None)
                self.facts.size_works = self.facts.size_works and verb != "SIZE"
            elif reply.is_ok:
                answers.append(connection.checked(parse, reply))
            else:
                refused = refused or refusal(command, reply)
        if refused is not None:
            raise refused
        return answers

    def set_modes(self, modes: t.Iterable[tuple[str, int]]) -> list[Reply]:
        """Sets permission bits of paths, files or folders; gives a reply for each."""
        wanted = list(modes)
        rungs = self.facts.mode_rungs()
        if not rungs or not wanted:
            return [Reply(502, ("this server cannot set modes",))] * len(wanted)
        values = [(path, octal(mode)) for path, mode in wanted]
        return self._set_all(values, rungs, self.facts.note_mode, self.facts.mode_rungs)

    def set_mtimes(self, mtimes: t.Iterable[tuple[str, float]]) -> list[bool]:
        """Sets modification times of files, in seconds since 1970 UTC; tells for each whether it was done."""
        wanted = list(mtimes)
        rungs = self.facts.mtime_rungs()
        if not rungs or not wanted:
            return [False] * len(wanted)
        values = [(path, format_stamp(mtime)) for path, mtime in wanted]
        replies = self._set_all(values, rungs, self.facts.note_mtime, self.facts.mtime_rungs)
        return [reply.is_done for reply in replies]

    def _set_all(
        self,
        values: list[tuple[str, str]],
        rungs: list[Rung],
        note: t.Callable[[Outcomes], bool],
        candidates: t.Callable[[], list[Rung]],
    ) -> list[Reply]:
        """Finds out with the first path which way works, and goes it for all others in one stream."""
        path, value = values[0]
        outcomes = climb(self._ready(), rungs, path, value)
        note(outcomes)
        best = (candidates() or rungs)[0]
        return [outcomes[-1][1]] + list(self.pipeline(best.command(*pair) for pair in values[1:]))

    # -- folders

    def list_folder(self, path: str) -> Listing:
        """Lists a folder by its absolute path; hidden files are shown where the server can be asked to.

        Raises:
            ServerRefused: it does not exist, is no folder, or is forbidden.
            ListingDoubtful: the listing is cut, of an unknown format, or too large.
        """
        return list_folder(self, path)

    def read_lines(self, command: Command, enter: Command | None = None) -> list[bytes]:
        """Gives the lines that MLSD or LIST sends.

        Parameters:
            enter: a CWD that has to succeed first; it leaves in the same write as EPSV.
        Raises:
            ServerRefused, ListingDoubtful: as ``list_folder``.
        """
        connection = self._ready()
        data, replies = self._ports.open(connection, *([enter] if enter else []))
        if enter and replies and not replies[0].is_ok:
            data.close()
            raise refusal(enter, replies[0])
        splitter = LineSplitter()
        end = Transfer(connection, command, data, self.limiter).download(splitter.feed)
        if "truncated" in end.reply.text.lower():
            raise ListingDoubtful("%s: the server cut the listing short: %s" % (command.label, end.reply.text))
        return splitter.finish()

    # -- files

    def retrieve(self, path: str, sink: t.Callable[[bytes], object], limit: int | None = None) -> int:
        """Reads a file; gives the number of bytes.

        Parameters:
            sink: is given the bytes as they come.
            limit: bytes beyond which the file is not read.
        Raises:
            ServerRefused: missing or forbidden.
            TooLarge: it is larger than ``limit``.
            ConnectionLost: it did not arrive completely.
        """
        connection = self._ready()
        ahead = (Command("SIZE", path),) if self.facts.size_works else ()
        data, replies = self._ports.open(connection, *ahead)
        size = self._size(connection, replies[0]) if replies else None
        if size is not None and limit is not None and size > limit:
            data.close()
            raise TooLarge("%s has %d bytes, more than %d" % (clean(path), size, limit))
        end = Transfer(connection, Command("RETR", path), data, self.limiter).download(sink, limit)
        self._check_complete(path, end, size)
        return end.received

    def _check_complete(self, path: str, end: DownloadEnd, size: int | None) -> None:
        if size is not None and size != end.received:
            raise ConnectionLost("%s has %d bytes, but %d arrived" % (clean(path), size, end.received))
        if size is None and not end.ended_properly:
            raise ConnectionLost(
                "%s: the server ended TLS without a word and does not tell the size, so that the %d bytes that arrived "
                "may be a part" % (clean(path), end.received)
            )

    def _size(self, connection: Connection, reply: Reply) -> int | None:
        if reply.is_ok:
            return connection.checked(parse_size, reply)
        if reply.code in (500, 502):
            self.facts.size_works = False
        return None

    def store(
        self,
        path: str,
        source: Source,
        size: int | None,
        *,
        mtime: float | None = None,
        mode: int | None = None,
        rename_to: str | None = None,
        more: bool = False,
        progress: t.Callable[[int], object] | None = None,
    ) -> StoreResult:
        """Writes a file, checks its size on the server, sets time and mode, then renames it.

        Parameters:
            path: where it is written.
            source: its content.
            size: bytes that ``source`` is expected to have, or None.
            mtime: seconds since 1970 UTC to set.
            mode: permission bits to set.
            rename_to: the path it gets once its size is right.
            more: whether another store is likely to follow at once, for which a port is asked in advance.
            progress: is told the number of bytes after each piece.
        Raises:
            ServerRefused: by the server, with its reply; ``rename_to`` is untouched. A refused rename is
                not raised but reported in the result.
            LocalError: ``source`` has not ``size`` bytes; ``rename_to`` is untouched.
            ConnectionLost: the server has another number of bytes, or the connection broke.
        """
        connection = self._ready()
        data, _none = self._ports.open(connection)
        sent = Transfer(connection, Command("STOR", path), data, self.limiter).upload(source, progress)
        if size is not None and size != sent:
            raise LocalError("%s: %d bytes were read instead of %d: it was changed" % (clean(path), sent, size))
        trailer = Trailer(connection, self.facts, path)
        port = self._ports.ask_ahead() if more else []
        trailer.settle(mtime, mode, [] if rename_to else port)
        if trailer.size is not None and trailer.size != sent:
            raise ConnectionLost("%s: %d bytes were sent, the server has %d" % (clean(path), sent, trailer.size))
        renamed = trailer.rename(rename_to, port) if rename_to else None
        if trailer.port_reply is not None:
            self._ports.keep(connection, trailer.port_reply)
        return StoreResult(sent, trailer.size, trailer.mtime_set, trailer.mode_set, renamed)
