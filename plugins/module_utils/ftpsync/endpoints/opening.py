# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""From an FTP target to logged-in sessions and its root folder (``spec/ftpsync-behaviour.md`` 2.2, 2.3)."""

from __future__ import annotations

import typing as t

from ..api_errors import InvalidTarget, LoginRefused, RefusedForNow, RootMissing, promised
from ..console.asking import get_credentials_for_url, may_ask, prompt_for_password
from ..console.messages import write, write_error
from ..credentials import ANONYMOUS, ANONYMOUS_PASSWORD
from ..errors import AuthenticationError
from ..ftp.options import ConnectOptions
from ..ftp.pool import Pool
from ..ftp.sockets import connect
from ..url import EXPLICIT, IMPLICIT, NONE

if t.TYPE_CHECKING:
    from ..ftp.session import Session
    from ..ftp_target import FtpTarget

PASSWORD_ATTEMPTS = 3  # that are asked for (B36); servers lock accounts after a few more
CONNECTIONS = 4
TIMEOUT = 30.0  # seconds
RETRIES = 4

Number = t.TypeVar("Number", int, float)


def log_in(target: FtpTarget) -> Pool:
    """Find user and password, connect, and log in; a refused password is asked for anew where that is allowed.

    Raises:
        FtpSyncError: the server cannot be reached or trusted, or refuses.
        RuntimeError: there is no password, and nobody may be asked.
        EOFError: there is nobody to answer.
    """
    _find_credentials(target)
    attempts = PASSWORD_ATTEMPTS if target.username is not None and may_ask(target.get_options_dict()) else 0
    while True:
        pool = Pool(connect_options(target), _number(target, "connections", CONNECTIONS, 1))
        try:
            pool.open()
        except AuthenticationError as error:
            user = target.username or ANONYMOUS[0]
            refusal = LoginRefused(f"Could not login to {user}@{target.host}: {promised(error)}")
            if not attempts:
                raise refusal from None
            write_error(str(refusal))
            attempts -= 1
            target.password = prompt_for_password(target.host, target.username)[1]
        else:
            return pool


def _find_credentials(target: FtpTarget) -> None:
    """Completes user and password, unless both are known (an empty password is one; B34) or the login is anonymous."""
    if target.username is None or target.password is None:
        options = {**target.get_options_dict(), "verbose": target.verbosity()}
        if may_ask(options):
            wanted = connect_options(target)
            connect(wanted.host, wanted.port, wanted.timeout).close()  # nobody types a password for nothing
        found = get_credentials_for_url(target.host, options, target.username)
        if found is not None:
            target.username, target.password = found


def connect_options(target: FtpTarget) -> ConnectOptions:
    """What the target's options mean for a connection.

    Raises:
        ValueError: one of them cannot be used.
    """
    mode = target.tls_mode
    timeout = target.timeout if target.timeout is not None else _number(target, "timeout", TIMEOUT, 0.1)
    return ConnectOptions(
        host=target.host,
        port=target.port,
        username=ANONYMOUS[0] if target.username is None else target.username,
        password=ANONYMOUS_PASSWORD if target.password is None else target.password,
        tls=mode if mode in (NONE, EXPLICIT, IMPLICIT) else EXPLICIT,
        validate_certs=bool(target.get_option("verify", True)),
        ca_path=target.get_option("ca_file"),
        tls_fingerprint=target.get_option("tls_fingerprint"),
        tls_server_name=target.get_option("tls_server_name"),
        passive=not target.get_option("ftp_active", False),
        timeout=float(timeout),
        encoding=target.encoding,
        retries=_number(target, "retries", RETRIES, 0),
        bandwidth_limit=_number(target, "bwlimit", 0, 0),
        trace=write if target.get_option("ftp_debug") else None,
    )


def _number(target: FtpTarget, key: str, default: Number, least: Number) -> Number:
    value = target.get_option(key, default)
    try:
        number = type(default)(value)
    except (TypeError, ValueError):
        number = least - 1
    if number < least:
        raise InvalidTarget(f"the option {key}: {value!r} is no number of at least {least}")
    return number


def enter_root(target: FtpTarget, session: Session) -> bool:
    """See that the root folder is there, or make it where that is allowed; tells whether it is there.

    Raises:
        RuntimeError: it is not there.
        FtpSyncError: it cannot be entered now, or cannot be made.
    """
    root = target.root_dir
    (reply,) = session.pipeline([("CWD", root)])
    if reply.is_ok:
        return True
    if reply.is_transient:
        raise RefusedForNow(f"the folder {root} on {target.host} cannot be entered now: {reply.text}", reply)
    if not target.get_option("create_folder"):
        raise RootMissing(
            f"the folder {root} on {target.host} cannot be entered: {reply.text}; check the path, or have it made "
            "by --create-folder",
            reply,
        )
    if target.dry_run:
        write(f"The folder {root} on {target.host} would be created.")
        return False
    _make(target, session)
    return True


def _make(target: FtpTarget, session: Session) -> None:
    """Make the root folder and what is missing above; what exists refuses to be made, so that only the end counts."""
    parts = target.root_dir.strip("/").split("/")
    folders = ["/" + "/".join(parts[: count + 1]) for count in range(len(parts))]
    replies = list(session.pipeline([*(("MKD", folder) for folder in folders), ("CWD", target.root_dir)]))
    if not replies[-1].is_ok:
        raise RootMissing(
            f"the folder {target.root_dir} on {target.host} cannot be made: {replies[-2].text}; make it by other "
            "means, or choose another path",
            replies[-2],
        )
    if target.verbosity() >= 3:
        write(f"Created folder {target.root_dir} on {target.host}.")
