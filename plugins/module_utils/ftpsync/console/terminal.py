# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The user's terminal: text out, answers in, colours where somebody sees them."""

from __future__ import annotations

import os
import re
import sys
import typing as t
import warnings

# ISO 6429, by the names under which scripts ask for them.
_COLOURS = ("BLACK", "RED", "GREEN", "YELLOW", "BLUE", "MAGENTA", "CYAN", "WHITE")
_CODES = {
    "STYLE.RESET_ALL": 0,
    "STYLE.BRIGHT": 1,
    "STYLE.DIM": 2,
    "STYLE.NORMAL": 22,
    "FORE.RESET": 39,
    "BACK.RESET": 49,
    **{f"FORE.{name}": 30 + index for index, name in enumerate(_COLOURS)},
    **{f"BACK.{name}": 40 + index for index, name in enumerate(_COLOURS)},
    **{f"FORE.LIGHT{name}_EX": 90 + index for index, name in enumerate(_COLOURS)},
    **{f"BACK.LIGHT{name}_EX": 100 + index for index, name in enumerate(_COLOURS)},
}

ERASE_LINE_END = "\x1b[K"  # to the end of the line, so that nothing of a longer progress line stays
ERASE_LINE = "\x1b[2K"

_SEQUENCE = re.compile("\x1b\\[[0-9;]*[A-Za-z]")


def is_terminal(stream: t.TextIO | None = None) -> bool:
    """Whether somebody sees a stream; stdout by default."""
    stream = sys.stdout if stream is None else stream
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError):  # no stdout at all (pythonw), or it is closed
        return False


def columns() -> int:
    """The width of the terminal, or 80; as ``shutil`` finds it, without what that module brings along."""
    try:
        told = int(os.environ["COLUMNS"])
    except (KeyError, ValueError):
        told = 0
    if told > 0:
        return told
    if sys.__stdout__ is None:
        return 80
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80
    except (ValueError, OSError):  # it is closed, or no terminal
        return 80


def ansi_code(name: str) -> str:
    """The sequence that switches a colour or style on, or "" where stdout is no terminal.

    Parameters:
        name: such as ``Fore.RED``, ``Fore.LIGHTBLACK_EX``, ``Style.BRIGHT`` or ``Style.RESET_ALL``, in any case.
            An unknown one gives "".
    """
    code = _CODES.get(name.upper())
    return "" if code is None or not is_terminal() else f"\x1b[{code}m"


def without_colour(text: str) -> str:
    """Text without terminal sequences."""
    return _SEQUENCE.sub("", text)


def encodable(text: str, encoding: str | None = "utf-8") -> str:
    """Text that can be written in an encoding; what cannot becomes ``\\xNN`` or ``\\udcNN``."""
    encoding = encoding or "utf-8"
    try:
        return text.encode(encoding, "backslashreplace").decode(encoding)
    except LookupError:
        return text.encode("ascii", "backslashreplace").decode("ascii")


def put(text: str, stream: t.TextIO | None = None) -> None:
    """Write text as it is, at once; names that the terminal cannot show do no harm.

    Parameters:
        stream: stdout by default.
    """
    stream = sys.stdout if stream is None else stream
    if stream is None:
        return
    try:
        stream.write(text)
    except UnicodeEncodeError:
        stream.write(encodable(text, stream.encoding))
    stream.flush()


def console_input(prompt: str) -> str:
    """Ask for a line; shown whatever the verbosity, and works on pipes too.

    Raises:
        EOFError: there is no further input.
    """
    return input(encodable(prompt, getattr(sys.stdout, "encoding", None)))


def ask_password(prompt: str) -> str:
    """Ask for a password without showing it.

    Raises:
        EOFError: there is no further input.
    """
    import getpass

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", getpass.GetPassWarning)  # on a pipe nothing is echoed anyway
        return getpass.getpass(encodable(prompt, getattr(sys.stderr, "encoding", None)))
