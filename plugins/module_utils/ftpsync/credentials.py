# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""User and password: the options in, what to log in with out.

Reads the keyring and ~/.netrc where that is allowed. Nobody is asked, nothing is stored, and no
message repeats what stands in either of them.
"""

from __future__ import annotations

import importlib
import typing as t

from .errors import AuthenticationError, FtpSyncError, UsageError

KEYRING_SERVICE = "pyftpsync"  # one entry a host, "USER:PASSWORD" (behaviour 2.4)

# By custom any password does; one with an "@" is what strict servers want to see (RFC 1635).
ANONYMOUS = ("anonymous", "ftp")
ANONYMOUS_PASSWORD = "anonymous@"  # noqa: S105 - no secret

Login = t.Tuple[str, str]


class SourceUnusable(FtpSyncError):
    """The keyring or the netrc file cannot be used; the text tells why, and quotes nothing of it."""


class KeyringMissing(SourceUnusable):
    """There is no keyring on this machine: nothing that a user would have to mend."""


def resolve(
    host: str,
    username: str | None,
    password: str | None,
    use_netrc: bool,
    use_keyring: bool,
    netrc_path: str | None = None,
) -> Login:
    """Find user and password: as given, else from the keyring, else from netrc, else anonymous.

    An entry counts only if its user is the given one, or none is given (order: behaviour 2.3).

    Parameters:
        host: the server's name; the only thing that is looked up.
        username, password: as far as given; an empty password is a password.
        use_netrc, use_keyring: whether to look there.
        netrc_path: the netrc file; by default ~/.netrc, which must not be readable for others.

    Raises:
        AuthenticationError: there is a user and no password for it.
        UsageError: keyring or netrc are wanted and cannot be used.
    """
    if username is not None and password is not None:
        return username, password
    sources: tuple[tuple[bool, str, t.Callable[[], Login | None]], ...] = (
        (use_keyring, "use_keyring", lambda: from_keyring(host)),
        (use_netrc, "use_netrc", lambda: from_netrc(host, netrc_path)),
    )
    for wanted, option, look_up in sources:
        try:
            found = look_up() if wanted else None
        except SourceUnusable as error:
            raise UsageError(f"{option}: {error}, or set {option}: false") from None
        if found is not None and username in (None, found[0]):
            return found
    if username is None or username in ANONYMOUS:
        return username or ANONYMOUS[0], ANONYMOUS_PASSWORD
    raise AuthenticationError(
        f"there is no password for {username!r} on {host}: give the option password, "
        "or an entry of this user in ~/.netrc (use_netrc) or in the keyring (use_keyring)"
    )


def open_keyring() -> t.Any:
    """The package ``keyring``.

    Raises:
        KeyringMissing: it is not installed.
    """
    try:
        return importlib.import_module("keyring")
    except ImportError:
        raise KeyringMissing("the Python package keyring is missing; install it") from None


def from_keyring(host: str) -> Login | None:
    """The entry of a host, or None.

    Raises:
        SourceUnusable: the keyring cannot be read, or the entry is none of ours.
    """
    keyring = open_keyring()
    try:
        secret = keyring.get_password(KEYRING_SERVICE, host)
    except keyring.errors.KeyringError as error:
        if type(error).__name__ == "NoKeyringError":
            raise KeyringMissing("the package keyring finds no keyring on this machine; install one") from None
        raise SourceUnusable(f"the keyring cannot be read ({type(error).__name__}); unlock it") from None
    if secret is None:
        return None
    username, colon, password = secret.partition(":")
    if not (username and colon):
        raise SourceUnusable(f"the entry {KEYRING_SERVICE!r}, {host!r} is not of the form USER:PASSWORD; store it anew")
    return username, password


def from_netrc(host: str, path: str | None = None) -> Login | None:
    """The machine entry; not ``default``, which would hand its password to any server whatsoever.

    Parameters:
        path: by default ~/.netrc, which must not be readable for others.

    Raises:
        SourceUnusable: the file is there and cannot be used.
    """
    import netrc  # not wanted by most runs

    shown = path or "~/.netrc"
    try:
        hosts = netrc.netrc(path).hosts
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SourceUnusable(f"{shown} cannot be read: {error.strerror}; mend it") from None
    except netrc.NetrcParseError as error:
        # Its text quotes the file, so it is not repeated; it also stands for wrong permissions.
        raise SourceUnusable(
            f"{shown} is invalid near line {error.lineno}, or readable for others; mend it (chmod 600 helps)"
        ) from None
    except ValueError:
        raise SourceUnusable(f"{shown} is not readable as text; mend it") from None
    for machine, (username, _account, password) in hosts.items():
        if machine.lower() == host.lower() and machine != "default" and username and password:
            return username, password
    return None
