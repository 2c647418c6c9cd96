# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""A site on a server, for what needs no local folder: options in, SyncOptions out. Pure.

Connection, root and state folder are checked by the very rules of ``options.py``; what else a module
offers is checked by itself.
"""

from __future__ import annotations

import dataclasses
import typing as t

from . import options, url
from .errors import UsageError
from .model import join

# Where the server is, how to get there, and where our folder lies on it.
NAMES = (
    "remote",
    "username",
    "password",
    "port",
    "tls",
    "validate_certs",
    "ca_path",
    "tls_fingerprint",
    "tls_server_name",
    "passive",
    "timeout",
    "connections",
    "retries",
    "encoding",
    "bandwidth_limit",
    "use_netrc",
    "use_keyring",
    "state_dir",
)


def validate(given: t.Mapping[str, object]) -> options.SyncOptions:
    """Check those of the given options that ``NAMES`` lists; all others are left to the caller.

    Returns:
        options of which ``local`` and whatever describes an upload have no meaning.

    Raises:
        UsageError: one line that names the option.
    """
    mine = {name: value for name, value in given.items() if name in NAMES}
    # An upload's options know of no target without a source.
    return dataclasses.replace(options.validate({**mine, "local": "."}), local="")


def place(name: str, value: str, root: str) -> str:
    """The absolute path on the server that an option means.

    Parameters:
        name: of the option, for the message.
        value: relative to ``root``, or absolute; "" and "." mean ``root`` itself.

    Raises:
        UsageError: it has parts that no name can be.
    """
    if value in ("", ".", "./"):
        return root
    path = url.clean_path(value)
    if path is None:
        raise UsageError(
            f"{name}: {value!r} has a '.' or '..' part or a line end; write it relative to remote, such as"
            " css/site.css, or from the server's root, such as /htdocs/css/site.css"
        )
    return path if value.startswith("/") else join(root, path)


def is_within(path: str, folder: str) -> bool:
    """Whether an absolute path is a folder, or lies in it."""
    return f"{path.rstrip('/')}/".startswith(f"{folder.rstrip('/')}/")


def relative(path: str, root: str) -> str | None:
    """A path as seen from the root, "" for the root itself, None for what lies outside."""
    return path[len(root.rstrip("/")) + 1 :] if is_within(path, root) else None
