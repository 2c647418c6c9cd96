# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Small helpers under the names that user scripts import (``spec/ftpsync-behaviour.md`` 10)."""

from __future__ import annotations

import argparse
import platform
import sys
import time
import typing as t

from .api_errors import CliSilentRuntimeError
from .console.asking import get_credentials_for_url, prompt_for_password, save_password
from .console.messages import get_pyftpsync_logger, set_pyftpsync_logger, write, write_error
from .console.settings import get_option, str_to_bool, verbose_meta
from .console.terminal import ansi_code, ask_password, console_input
from .pairs.lines import DRY_RUN_PREFIX

__all__ = [
    "DEBUG_FLAGS",
    "DRY_RUN_PREFIX",
    "PYTHON_VERSION",
    "CliSilentRuntimeError",
    "ansi_code",
    "ask_password",
    "byte_compare",
    "check_cli_verbose",
    "console_input",
    "eps_compare",
    "get_credentials_for_url",
    "get_option",
    "get_pyftpsync_logger",
    "is_native",
    "namespace_to_dict",
    "pretty_stamp",
    "prompt_for_password",
    "save_password",
    "set_pyftpsync_logger",
    "str_to_bool",
    "to_bytes",
    "to_native",
    "to_unicode",
    "verbose_meta",
    "write",
    "write_error",
]

PYTHON_VERSION = platform.python_version()

# What is to be told for debugging; ``--debug`` adds to it.
DEBUG_FLAGS: set[str] = set()

_BLOCK = 64 * 1024


def pretty_stamp(stamp: float | None) -> str:
    """A time as ``YYYY-MM-DD HH:MM:SS`` by the local clock, or ``n.a.``.

    Parameters:
        stamp: seconds since 1970 UTC, or None.
    """
    if stamp is None:
        return "n.a."
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(stamp))
    except (OSError, OverflowError, ValueError):  # the platform knows no such date
        return f"{stamp} s"


def eps_compare(first: float, second: float, eps: float) -> int:
    """-1, 0 or 1: less, the same within a tolerance, greater."""
    if abs(first - second) <= eps:
        return 0
    return -1 if first < second else 1


def byte_compare(first: t.IO[bytes], second: t.IO[bytes]) -> tuple[bool, int]:
    """Compare two streams.

    Returns:
        whether they are equal, and the offset of the first difference, or 0.
    """
    offset = 0
    while True:
        block, other = _read_fully(first), _read_fully(second)
        if block != other:
            pairs = enumerate(zip(block, other))
            return False, offset + next((i for i, (a, b) in pairs if a != b), min(len(block), len(other)))
        if not block:
            return True, 0
        offset += len(block)


def _read_fully(stream: t.IO[bytes]) -> bytes:
    """A whole block, whatever pieces the stream gives; less only at its end."""
    block = b""
    while len(block) < _BLOCK:
        piece = stream.read(_BLOCK - len(block))
        if not piece:
            break
        block += piece
    return block


def namespace_to_dict(namespace: argparse.Namespace) -> dict[str, t.Any]:
    """Options of the command line by name, without functions."""
    return {name: value for name, value in vars(namespace).items() if not callable(value)}


def check_cli_verbose(default: int = 3) -> int:
    """The verbosity that the command line asks for, before it was parsed: each -v is one more, each -q one less."""
    level = default
    for argument in sys.argv[1:]:
        if argument == "--":
            break
        if argument in ("--verbose", "--quiet"):
            level += 1 if argument == "--verbose" else -1
        elif argument.startswith("-") and not argument.startswith("--") and not argument[1:].strip("vqhnrV"):
            level += argument.count("v") - argument.count("q")
    return level


def is_native(value: object) -> bool:
    """Whether it is text."""
    return isinstance(value, str)


def to_bytes(value: t.Any, encoding: str = "utf-8") -> t.Any:
    """Text as bytes; anything else as it is."""
    return value.encode(encoding) if isinstance(value, str) else value


def to_unicode(value: t.Any, encoding: str = "utf-8") -> t.Any:
    """Bytes as text; anything else as it is."""
    return value.decode(encoding) if isinstance(value, bytes) else value


to_native = to_unicode
