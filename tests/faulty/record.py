# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server has seen: every command with its connection, every reply, every data connection."""

from __future__ import annotations

import collections
import dataclasses
import threading
import typing as t

# Commands that may change something on the server.
WRITING = frozenset(("APPE", "DELE", "MFMT", "MKD", "RMD", "RNFR", "RNTO", "SITE", "STOR", "XMKD", "XRMD"))


class Command(t.NamedTuple):
    """One command as it came.

    Attributes:
        number: of all commands of this server, from 1.
        connection: number of the control connection, from 1.
        verb: in capitals.
        nth: how many of this verb there were, this one included.
        argument: undecodable bytes are lone surrogates; a password is left out.
    """

    number: int
    connection: int
    verb: str
    nth: int
    argument: str

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.verb in WRITING

    def __str__(self) -> str:
        return f"{self.verb} {self.argument}" if self.argument else self.verb


class Reply(t.NamedTuple):
    """One reply that was due.

    Attributes:
        number: of all replies of this server, preliminary ones and banners included, from 1.
        command: what it answers; None for a banner.
        data: bytes, before faults.
    """

    number: int
    connection: int
    command: Command | None
    data: bytes


@dataclasses.dataclass
class DataSeen:
    """One data connection.

    Attributes:
        number: of all data connections of this server that were opened, from 1.
        count: bytes that moved.
    """

    number: int
    connection: int
    command: Command
    count: int = 0


class Record:
    """Everything seen so far; safe to use from all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._verbs: collections.Counter[str] = collections.Counter()
        self.commands: list[Command] = []
        self.replies: list[Reply] = []
        self.data: list[DataSeen] = []

    def command(self, connection: int, verb: str, argument: str) -> Command:
        """Notes a command."""
        with self._lock:
            self._verbs[verb] += 1
            shown = "" if verb == "PASS" else argument
            command = Command(len(self.commands) + 1, connection, verb, self._verbs[verb], shown)
            self.commands.append(command)
            return command

    def reply(self, connection: int, command: Command | None, data: bytes) -> Reply:
        """Notes a reply that is about to be sent."""
        with self._lock:
            self.replies.append(Reply(len(self.replies) + 1, connection, command, data))
            return self.replies[-1]

    def data_connection(self, command: Command) -> DataSeen:
        """Notes a data connection that was opened."""
        with self._lock:
            self.data.append(DataSeen(len(self.data) + 1, command.connection, command))
            return self.data[-1]

    def verbs(self) -> list[str]:
        """The verbs in order."""
        return [command.verb for command in self.commands]

    def writes(self) -> list[str]:
        """The commands that may have changed something, as text."""
        return [str(command) for command in self.commands if command.writes]
