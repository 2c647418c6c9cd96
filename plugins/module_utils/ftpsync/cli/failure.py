# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Exit codes, and what is said of an error: one line, and where it happened only if that is asked for (B39)."""

from __future__ import annotations

from ..errors import FtpSyncError
from ..model import shown

OK = 0
FAILED = 1
USAGE = 2
INTERRUPTED = 3
PROBLEMS = 10
ABORTED = (INTERRUPTED, "Aborted by user.")
BROKEN_PIPE = 141  # what a shell reports for SIGPIPE

TRACEBACK_LEVEL = 5

# Errors that happen to users: wrong names, servers, permissions. Others are mistakes of ours.
_ORDINARY = (FtpSyncError, OSError, ValueError, RuntimeError)


# What messages of the engine advise in terms of the modules' options, for the command line.
_ADVICE = {
    "set create_root: true": "use --create-folder",
    "or set delete: false": "or leave --delete out",
    "set encoding: utf-8": "use --encoding utf-8",
    "set passive: false": "use --ftp-active",
    "force: true would": "--force would",
    "resolve: local lets": "--resolve local lets",
    ", or set symlinks: follow or skip": "",
    ", or set symlinks: skip": "",
}


def advice(text: str) -> str:
    """A message with the options of the command line instead of the modules'."""
    for theirs, ours in _ADVICE.items():
        text = text.replace(theirs, ours)
    return text


def line(error: BaseException) -> str:
    """An error as one line, without secrets: as the engine's errors are."""
    if isinstance(error, EOFError):
        return "there is nobody to answer: the input has ended. Use --resolve and --no-prompt where nobody is"
    if isinstance(error, FtpSyncError):
        from ..api_errors import promised  # brings ftplib along, which nothing else needs

        error = promised(error)
    text = advice(_text(error))
    if isinstance(error, _ORDINARY) or _is_ftplib(error):
        return text
    return f"internal error: {type(error).__name__}: {text} (-vv shows where)"


def _text(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return shown(f"{error.filename}: {error.strerror}")
    return " ".join(shown(part) for part in str(error).splitlines()) or type(error).__name__


def _is_ftplib(error: BaseException) -> bool:
    return any(base.__module__ == "ftplib" for base in type(error).__mro__)


def details(error: BaseException) -> str:
    """Where it happened."""
    import traceback  # as seldom

    return "".join(traceback.format_exception(type(error), error, error.__traceback__))
