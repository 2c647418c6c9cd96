# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Settings of this user's account: environment variables and ``~/.pyftpsyncrc`` (``spec/ftpsync-behaviour.md`` 1.4)."""

from __future__ import annotations

import os

RC_FILE = "~/.pyftpsyncrc"

_TRUE = ("1", "true", "on", "yes")
_FALSE = ("0", "false", "off", "no")


def str_to_bool(value: str | bool) -> bool:
    """What a word of a settings file means.

    Raises:
        ValueError: it is neither of ``1 true on yes`` nor of ``0 false off no``, in any case.
    """
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise ValueError(f"{value!r} is neither yes nor no: write one of {', '.join(_TRUE + _FALSE)}")


def get_option(env_name: str | None, section: str, opt_name: str, default: str | None = None) -> str | None:
    """A setting: the environment variable, else the key of ``~/.pyftpsyncrc``, else the default.

    Parameters:
        env_name: name of the variable, or None to look into the file only.
        section, opt_name: where it stands in the file.

    Raises:
        ValueError: the file is there and cannot be read as settings.
    """
    value = os.environ.get(env_name) if env_name else None
    if value is not None:
        return value
    import configparser

    parser = configparser.RawConfigParser()
    try:
        parser.read(os.path.expanduser(RC_FILE), encoding="utf-8")
    except (configparser.Error, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{RC_FILE} cannot be read: {reason}; mend it, or move it away") from None
    return parser.get(section, opt_name, fallback=default)


def verbose_meta() -> bool:
    """Whether records in folders are written so that people can read them (specification 4.3).

    Raises:
        ValueError: the setting is neither yes nor no.
    """
    name = "PYFTPSYNC_VERBOSE_META"
    try:
        return str_to_bool(get_option(name, "debug", "verbose_meta") or "no")
    except ValueError as error:
        raise ValueError(f"{name} (or verbose_meta in {RC_FILE}): {error}") from None
