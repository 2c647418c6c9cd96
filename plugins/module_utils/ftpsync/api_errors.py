# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The engine's errors as the Python interface promises them (``spec/ftpsync-behaviour.md`` 10.2).

Scripts catch ``OSError`` for a server that cannot be reached, ``ftplib.error_perm`` for what a server
refuses, ``RuntimeError`` and ``ValueError`` for wrong use. Each class here is both that and the engine's
own. Options are named as the command line names them.
"""

from __future__ import annotations

import contextlib
import ftplib
import re
import typing as t

from . import errors

# The options of the collection's modules, and what does the same here.
_OPTIONS = {
    "options username and password, or tls: explicit": "user and password in the URL, or ftps:// instead of ftp://",
    "use the options username and password": "use --prompt, ~/.netrc or the keyring",
    "options username and password": "user and password in the URL, --prompt, ~/.netrc or the keyring",
    "validate_certs: false": "--no-verify",
    "tls_fingerprint": "--tls-fingerprint",
    "tls_server_name": "--tls-server-name",
    "ca_path": "--ca-file",
    "port and tls (explicit or implicit)": "port and scheme (ftp://, ftps://)",
    "port and tls": "port and scheme (ftp://, ftps://)",
    "and tls": "and scheme (ftp://, ftps://)",
}
_OPTION = re.compile("|".join(re.escape(option) for option in _OPTIONS))


class CliSilentRuntimeError(RuntimeError):
    """An error that its one line explains: the command line shows no traceback for it."""


class InvalidTarget(errors.UsageError, ValueError):
    """A URL or an option cannot be used."""


class Unreachable(errors.ConnectError, ConnectionError):
    """The server could not be reached."""


class Broken(errors.ConnectionLost, ConnectionError):
    """The connection broke and could not be made anew."""


class Full(errors.TooManyConnections, ConnectionError):
    """The server takes no further connection."""


class Nonsense(errors.ProtocolError, ftplib.error_proto):
    """The server's answers make no sense."""


class Untrusted(errors.CertificateError, ConnectionError):
    """TLS cannot be had as asked for."""


class LoginRefused(errors.AuthenticationError, ftplib.error_perm):
    """The server refused user or password."""


class NoPassword(errors.AuthenticationError, CliSilentRuntimeError):
    """There is a user, no password for it, and nobody may be asked."""


class Refused(errors.ServerRefused, ftplib.error_perm):
    """The server refused a command for good (5yz)."""


class RefusedForNow(errors.ServerRefused, ftplib.error_temp):
    """The server refused a command for now (4yz)."""


class RootMissing(errors.ServerRefused, CliSilentRuntimeError):
    """The folder on the server is not there."""


class LocalFailed(errors.LocalError, OSError):
    """A file or folder of this machine cannot be used."""


class Doubtful(errors.ListingDoubtful, CliSilentRuntimeError):
    """A listing that nothing may be decided from."""


# The first that fits; more special classes do not derive from each other.
_SIMPLE: tuple[tuple[type[errors.FtpSyncError], type[errors.FtpSyncError]], ...] = (
    (errors.UsageError, InvalidTarget),
    (errors.ConnectError, Unreachable),
    (errors.ConnectionLost, Broken),
    (errors.TooManyConnections, Full),
    (errors.ProtocolError, Nonsense),
    (errors.CertificateError, Untrusted),
    (errors.AuthenticationError, LoginRefused),
    (errors.LocalError, LocalFailed),
    (errors.ListingDoubtful, Doubtful),
)
# What scripts can catch already.
_PROMISED = (OSError, RuntimeError, ValueError, ftplib.Error)


def promised(error: errors.FtpSyncError) -> errors.FtpSyncError:
    """The same error in the class that scripts expect, with the options of the command line; idempotent."""
    if isinstance(error, _PROMISED):
        return error
    text = _OPTION.sub(lambda match: _OPTIONS[match.group()], str(error))
    if isinstance(error, errors.ServerRefused):
        return (RefusedForNow if error.reply.is_transient else Refused)(text, error.reply)
    for engine, promise in _SIMPLE:
        if isinstance(error, engine):
            return promise(text)
    return error


@contextlib.contextmanager
def as_promised() -> t.Iterator[None]:
    """Lets no other errors of the engine out than those that scripts expect."""
    try:
        yield
    except errors.FtpSyncError as error:
        raise promised(error) from None
