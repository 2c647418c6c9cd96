# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Everything that can go wrong, sorted by what the user can do about it.

Each message is one line: what was tried, on which path or host, what the answer was, and which
option helps. Socket, ssl and OS errors are mapped to these at the edge where they occur; no
other exception leaves the engine unless it is a bug.
"""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from .ftp.wire import Reply


class FtpSyncError(Exception):
    """Base of all errors of the engine; ``str(error)`` is one line without secrets."""


class UsageError(FtpSyncError):
    """An option has a value that cannot be used, or two options contradict each other."""


class LocalError(FtpSyncError):
    """A local file or folder is missing, unreadable, or changed while it was sent."""


class ConnectError(FtpSyncError):
    """The server could not be reached: unknown host, closed port, no answer."""


class CertificateError(FtpSyncError):
    """TLS was asked for and cannot be had as asked: refused, untrusted or wrong certificate."""


class AuthenticationError(FtpSyncError):
    """The server refused the user name or the password."""


class TooManyConnections(FtpSyncError):
    """The server takes no further connection (421 or 530); the existing ones go on."""


class ConnectionLost(FtpSyncError):
    """An established connection broke or made no progress; what was under way is undecided."""


class ProtocolError(FtpSyncError):
    """The server's bytes make no sense or exceed a limit; that connection cannot be used again."""


class ServerRefused(FtpSyncError):
    """The server answered a command with 4yz or 5yz (RFC 959 section 4.2.1).

    Parameters:
        message: the line for the user.
        reply: the server's reply.
    """

    def __init__(self, message: str, reply: Reply) -> None:
        super().__init__(message)
        self.reply = reply


class FolderRefused(ServerRefused):
    """A folder could not be entered; what was to be done within was not tried."""


class TooLarge(FtpSyncError):
    """A file on the server is larger than the caller is willing to read."""


class ListingDoubtful(FtpSyncError):
    """A listing is incomplete, contradicts other answers or exceeds a limit: nothing may be decided from it."""


class ManifestError(FtpSyncError):
    """The record on the server is unreadable, damaged, of another site or of a newer format."""


class LockHeld(FtpSyncError):
    """Another run is at work on the same target."""


class PlanRefused(FtpSyncError):
    """The plan exceeds a limit set by the user, or meets a conflict under ``resolve: fail``."""
