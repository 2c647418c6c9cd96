# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""User and password for people at a terminal: keyring, netrc, questions; and the way back into the keyring.

The order is that of ``spec/ftpsync-behaviour.md`` 2.3 to 2.5. What asks nobody is in ``credentials.py``.
A password is never shown, logged or part of a message.
"""

from __future__ import annotations

import getpass
import os
import typing as t
from urllib.parse import urlsplit

from .. import credentials
from ..api_errors import CliSilentRuntimeError, NoPassword
from ..credentials import ANONYMOUS, ANONYMOUS_PASSWORD, KEYRING_SERVICE, KeyringMissing, Login, SourceUnusable
from .messages import write, write_error
from .terminal import ask_password, console_input

OBSOLETE_STORE = "~/pyftpsync.pw"


def may_ask(opts: t.Mapping[str, t.Any]) -> bool:
    """Whether questions are allowed: a program has to say so explicitly, ``no_prompt: False``."""
    return opts.get("no_prompt", True) is False


def get_credentials_for_url(url: str, opts: t.Mapping[str, t.Any], force_user: str | None = None) -> Login | None:
    """Find user and password for a server: keyring, then netrc, then a question, as far as allowed.

    Parameters:
        url: the server's name; of a URL only that counts.
        opts: ``no_keyring``, ``no_netrc``, ``prompt`` (ask even if something was found), ``no_prompt``, ``verbose``.
        force_user: the user, if that is known already; entries of others do not count then (B33).

    Returns:
        user and password, or None: log in anonymously.

    Raises:
        RuntimeError: a user is known, no password, and nobody may be asked; or the store
            of version 1 is still there.
        EOFError: there is nobody to answer.
    """
    host = _host(url)
    _refuse_obsolete_store()
    found = _look_up(host, opts, force_user)
    if may_ask(opts) and (found is None or opts.get("prompt")) and not (found is None and force_user in ANONYMOUS):
        return prompt_for_password(host, force_user, found[0] if found else None)
    if found is not None:
        return found
    if force_user in ANONYMOUS:
        return force_user, ANONYMOUS_PASSWORD
    if force_user is not None:
        raise NoPassword(
            f"there is no password for {force_user!r} on {host}, and prompts are off: write it into the URL, "
            "~/.netrc or the keyring (--store-password), or leave --no-prompt out (option no_prompt: False)"
        )
    return None


def prompt_for_password(url: str, user: str | None = None, default_user: str | None = None) -> Login:
    """Ask for user and password.

    Parameters:
        url: the server's name.
        user: if it is known; then only the password is asked for.
        default_user: offered; by default this account's name.

    Raises:
        EOFError: there is nobody to answer.
    """
    host = _host(url)
    if user is None:
        default_user = default_user or _account()
        user = console_input(f"Enter username for {host} [{default_user}]: ").strip() or default_user
    password = ask_password(f"Enter password for {user}@{host} (Ctrl+C to abort): ")
    return user, password


def save_password(url: str, username: str | None, password: str | None, quiet: bool = False) -> None:
    """Store user and password in the keyring; what goes wrong there is reported, and no error.

    Parameters:
        url: the server's name; it has one entry, whatever ports and paths.
        username: without one, after an anonymous login, there is nothing to store (B35).
        password: None deletes the entry.
        quiet: say nothing of success.

    Raises:
        RuntimeError: the user name holds a colon, at which the entry is split.
    """
    host = _host(url)
    if not username:
        write_error(f"Anonymous login at {host}: there are no credentials to store.")
        return
    if ":" in username:
        raise CliSilentRuntimeError(f"the user name {username!r} holds a colon, so the keyring cannot store it")
    try:
        keyring = credentials.open_keyring()
        try:
            if password is None:
                keyring.delete_password(KEYRING_SERVICE, host)
            else:
                keyring.set_password(KEYRING_SERVICE, host, f"{username}:{password}")
        except keyring.errors.KeyringError as error:
            raise SourceUnusable(f"the keyring refused it ({type(error).__name__}); unlock it") from None
    except SourceUnusable as error:
        write_error(f"Could not store credentials of {host}: {error}")
        return
    if not quiet:
        action = "Delete credentials from" if password is None else "Store credentials in"
        write(f"{action} keyring ({host}, {username}:***).")


def _host(url: str) -> str:
    return (urlsplit(url).hostname or url) if "://" in url else url


def _account() -> str:
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # a user without an entry, as in containers
        return ""


def _refuse_obsolete_store() -> None:
    if os.path.isfile(os.path.expanduser(OBSOLETE_STORE)):
        raise CliSilentRuntimeError(
            f"{OBSOLETE_STORE} holds passwords of version 1 and is used no more: delete it, and store them anew "
            "with --store-password"
        )


def _look_up(host: str, opts: t.Mapping[str, t.Any], user: str | None) -> Login | None:
    """The first entry that is about this user, or about any if none is known."""
    level = opts.get("verbose", 3)
    level = 3 if level is None else int(level)
    sources: list[tuple[str, str, t.Callable[[str], Login | None]]] = [
        ("no_keyring", f"keyring({KEYRING_SERVICE!r}, {host!r})", credentials.from_keyring),
        ("no_netrc", ".netrc file", credentials.from_netrc),
    ]
    for switch, shown, look_up in sources:
        if opts.get(switch):
            continue
        try:
            found = look_up(host)
        except KeyringMissing as error:
            if level >= 4:
                write(f"No keyring: {error}")
            continue
        except SourceUnusable as error:
            write_error(f"Could not use {shown}: {error}")
            continue
        if found is not None and user in (None, found[0]):
            if level >= 3:
                write(f"Using credentials from {shown}: {found[0]}:***.")
            return found
        if level >= 4:
            write(f"No credentials for {user + '@' if user else ''}{host} in {shown}.")
    return None
