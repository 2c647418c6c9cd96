# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Where messages go: to a logger, or to stdout and stderr (``spec/ftpsync-behaviour.md`` 10.8).

Log records are plain text: no colours, one string whatever the number of arguments, and no lines that
are meant to be overwritten (B38).
"""

from __future__ import annotations

import sys
import typing as t

from .terminal import encodable, put, without_colour

if t.TYPE_CHECKING:
    import logging

LOGGER_NAME = "pyftpsync"


class _Channel:
    """The present destination: a logger, True for the one of this name, None for stdout and stderr."""

    wanted: logging.Logger | bool | None = True


def set_pyftpsync_logger(logger: logging.Logger | bool | None = True) -> logging.Logger | None:
    """Choose where messages go.

    Parameters:
        logger: True for the logger ``pyftpsync``, a logger of one's own, or None for stdout and stderr.

    Returns:
        the previous one.
    """
    previous = get_pyftpsync_logger()
    _Channel.wanted = logger or None
    return previous


def get_pyftpsync_logger() -> logging.Logger | None:
    """The logger that messages go to, or None for stdout and stderr."""
    if not isinstance(_Channel.wanted, bool):
        return _Channel.wanted
    import logging  # not for the command line, which has no use for it

    return logging.getLogger(LOGGER_NAME)


def write_to_streams() -> None:
    """Let messages go to stdout and stderr from now on."""
    _Channel.wanted = None


def _ready() -> logging.Logger | None:
    """The logger; a program that has set up no logging gets lines on stderr.

    That is done when the first message comes, not on import, so that the program's own set-up wins.
    """
    logger = get_pyftpsync_logger()
    if logger is not None and _Channel.wanted is True:
        import logging

        logging.basicConfig(level=logging.INFO)
        logger.setLevel(logging.DEBUG)
    return logger


def write(*args: object, debug: bool = False, warning: bool = False, **options: t.Any) -> None:
    """Tell the user something.

    Parameters:
        args: joined by ``sep``, a blank by default.
        debug, warning: the level in logs; information by default.
        options: ``sep``, ``end`` and ``file`` as of ``print``; logs need neither of the last two.
    """
    _emit("debug" if debug else "warning" if warning else "info", args, options, sys.stdout)


def write_error(*args: object, **options: t.Any) -> None:
    """Tell the user about an error; see ``write``."""
    _emit("error", args, options, sys.stderr)


def _emit(level: str, args: tuple[object, ...], options: dict[str, t.Any], stream: t.TextIO) -> None:
    text = (options.get("sep") or " ").join(str(arg) for arg in args)
    end = options.get("end")
    end = "\n" if end is None else str(end)
    logger = _ready()
    if logger is None:
        stream = options.get("file") or stream
        if stream is not sys.stdout and sys.stdout is not None:
            sys.stdout.flush()  # so that lines on a terminal come in the order of events
        put(text + end, stream)
    elif not end.endswith("\r"):
        getattr(logger, level)(encodable(without_colour(text)))
