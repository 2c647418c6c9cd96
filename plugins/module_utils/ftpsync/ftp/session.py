# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What one can ask of an FTP server, over one connection: list, retrieve, store, many small commands.

In: absolute server paths, joined with ``/``. Out: listings, bytes, replies. Every path is sent as a
command argument of its own, never globbed, and nothing depends on the working directory. A session that
lost its connection logs in anew with its next call; it never repeats a command by itself.
"""

from __future__ import annotations

import threading
import typing as t

from ..errors import ConnectionLost, FtpSyncError, ProtocolError, ServerRefused
from . import carry
from .carry import StoreResult
from .connection import Connection
from .dial import Dial
from .facts import WINDOW_BYTES, ServerFacts
from .folders import list_folder
from .ladder import Rung
from .limiter import Limiter
from .listing import Listing
from .login import log_in
from .options import TLS_NONE, ConnectOptions
from .ports import Ports
from .replies import format_stamp, parse_mdtm, parse_size
from .tls import Tls
from .trailer import Outcomes, climb, octal
from .transfer import Source
from .wire import Command, Reply, check_encoding, refusal

__all__ = ["Command", "ConnectOptions", "ServerFacts", "Session", "StoreResult"]

WINDOW_COMMANDS = 1000  # commands under way without their replies; their bytes: ServerFacts.window_bytes
# The same for questions. Replies are read while commands wait for room, so that neither side can block the other.
EAGER_COMMANDS = 10_000
EAGER_BYTES = 256 * 1024

_OK = range(200, 300)


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
        self._tls = None if options.tls == TLS_NONE else Tls(options, self.facts)
        self._connection: Connection | None = None
        self.ports = Ports(options, self.facts)
        self._dial: Dial | None = None
        self._beginning: threading.Thread | None = None
        self._is_closed = False

    # -- life

    def dial(self, begun: Dial | None = None) -> None:
        """Begins to connect, and sends nothing; ``open`` goes on with it.

        Parameters:
            begun: what was begun already, to the same server.
        """
        self._dial = begun or Dial(self.options.host, self.options.port, self.options.timeout)

    def begin(self) -> None:
        """Starts to log in, in a thread of its own; ``begun`` has to be called before anything else but ``close``."""
        self._beginning = threading.Thread(target=self._begin, name="ftp-login", daemon=True)
        self._beginning.start()

    def _begin(self) -> None:
        try:
            self.open()
        except FtpSyncError:
            return  # whoever needs the session tries again, and sees why
        if self._is_closed:
            self.drop()

    def begun(self) -> None:
        """Waits until ``begin`` is through."""
        if self._beginning is not None and self._beginning.is_alive():
            self._beginning.join()
        self._beginning = None

    def open(self, ask: t.Sequence[Command] = (), port: bool = True) -> list[Reply]:
        """Connects and logs in; raises as ``login.log_in``.

        Parameters:
            ask: commands that leave with the login.
            port: whether a data connection is likely to be needed at once, so that it is begun as well.
        Returns:
            The replies to them, none if there was a connection already.
        """
        if self._connection is not None and not self._connection.is_dead:
            return []
        self.ports.forget()
        dial, self._dial = self._dial, None
        sock = dial.take() if dial is not None else None
        settings = [*ask, *(self.ports.ask_ahead() if port else [])]
        self._connection, replies = log_in(self.options, self.facts, self._tls, settings, sock)
        for reply in replies[len(ask) :]:
            self.ports.keep(self._connection, reply)
        return replies[: len(ask)]

    def close(self) -> None:
        """Says QUIT and closes; never fails."""
        self._is_closed = True  # a login that is under way is not waited for
        if self._dial is not None:
            self._dial.close()
        self.ports.forget()
        if self._connection is not None:
            self._connection.quit()
        self._connection = None

    def reopen(self) -> None:
        """Throws the connection away and logs in anew."""
        self.drop()
        self.open()

    def drop(self) -> None:
        """Closes without a word to the server."""
        self.ports.forget()
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

    def ready(self) -> Connection:
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
        reply = self.ready().exchange(command)[0]
        if reply.code not in ok:
            raise refusal(command, reply)
        return reply

    def before_store(self, *commands: Command) -> list[Reply]:
        """Sends commands, and with them the question for the port of a store that is likely to follow at once.

        Returns:
            The replies; fewer, but at least the first, where the connection was lost meanwhile.
        """
        connection = self.ready()
        port = [] if self.ports.has_kept else self.ports.ask_ahead()
        connection.send(*commands, *port)
        replies = [connection.final()]
        try:
            for _command in commands[1:]:
                replies.append(connection.final())
            for _command in port:
                self.ports.keep(connection, connection.final())
        except (ConnectionLost, ProtocolError):
            pass  # what was answered counts; the store connects anew
        return replies

    def pipeline(self, commands: t.Iterable[tuple[str, str | None]], eager: bool = False) -> t.Iterator[Reply]:
        """Sends commands ahead of their replies and yields the final replies in order.

        The iterable is read as replies come in. Whoever stops in the middle leaves commands in an
        unknown state; the connection is then replaced before its next use.

        Parameters:
            commands: pairs of verb and argument, none with a data connection.
            eager: send far ahead, where the server allows; for questions, which may be asked again if they are lost.
        Raises:
            ConnectionLost: the commands whose replies were not yielded may have been carried out or not.
        """
        connection = self.ready()
        window = self.facts.window_bytes
        most = WINDOW_COMMANDS
        if eager and window >= WINDOW_BYTES:
            window, most = EAGER_BYTES, EAGER_COMMANDS
        waiting: list[int] = []  # bytes of the commands under way, oldest last
        bytes_under_way = 0
        source = iter(commands)
        exhausted = False
        try:
            while True:
                batch: list[Command] = []
                # Refilled when half of the window is free, so that commands travel many to a packet.
                if not exhausted and len(waiting) <= most // 2 and bytes_under_way <= window // 2:
                    sizes: list[int] = []
                    while len(waiting) + len(batch) < most and bytes_under_way < window:
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
        connection = self.ready()
        for command, reply in zip(commands, self.pipeline(commands, eager=True)):
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
        outcomes = climb(self.ready(), rungs, path, value)
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
            enter: a CWD that has to succeed first; it leaves in the same write.
        Raises:
            ServerRefused, ListingDoubtful: as ``list_folder``.
        """
        return carry.read_lines(self, command, enter)

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
        return carry.retrieve(self, path, sink, limit)

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
        offset: int = 0,
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
            offset: bytes that the server has already (resume.py); ``source`` gives what follows.
        Raises:
            ServerRefused: by the server, with its reply; ``rename_to`` is untouched. A refused rename is
                not raised but reported in the result.
            LocalError: ``source`` has not ``size`` bytes; ``rename_to`` is untouched.
            ConnectionLost: the server has another number of bytes, or the connection broke.
        """
        return carry.store(
            self,
            path,
            source,
            size,
            mtime=mtime,
            mode=mode,
            rename_to=rename_to,
            more=more,
            progress=progress,
            offset=offset,
        )
