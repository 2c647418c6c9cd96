# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Where messages go: to a logger, or to stdout and stderr (``spec/ftpsync-behaviour.md`` 10.8).

Log records are plain text: no colours, one string whatever the number of arguments, and no lines that
are meant to be overwritten (B38).
"""

from __future__ import annotations

import logging
import sys
import typing as t

from .terminal import encodable, put, without_colour

LOGGER_NAME = "pyftpsync"


class _Channel:
    """The present destination; None stands for stdout and stderr."""

    def __init__(self) -> None:
        self.logger: logging.Logger | None = logging.getLogger(LOGGER_NAME)
        self.is_default = True

    def ready(self) -> logging.Logger | None:
        """Gives the logger; a program that has set up no logging gets lines on stderr.

        That is done when the first message comes, not on import, so that the program's own set-up wins.
        """
        if self.logger is not None and self.is_default:
            logging.basicConfig(level=logging.INFO)
            self.logger.setLevel(logging.DEBUG)
        return self.logger


_channel = _Channel()


def set_pyftpsync_logger(logger: logging.Logger | bool | None = True) -> logging.Logger | None:
    """Choose where messages go.

    Parameters:
        logger: True for the logger ``pyftpsync``, a logger of one's own, or None for stdout and stderr.

    Returns:
        the previous one.
    """
    previous = _channel.logger
    _channel.is_default = logger is True
    if isinstance(logger, bool):
        _channel.logger = logging.getLogger(LOGGER_NAME) if logger else None
    else:
        _channel.logger = logger
    return previous


def get_pyftpsync_logger() -> logging.Logger | None:
    """The logger that messages go to, or None for stdout and stderr."""
    return _channel.logger


def write(*args: object, debug: bool = False, warning: bool = False, **options: t.Any) -> None:
    """Tell the user something.

    Parameters:
        args: joined by ``sep``, a blank by default.
        debug, warning: the level in logs; information by default.
        options: ``sep``, ``end`` and ``file`` as of ``print``; logs need neither of the last two.
    """
    level = logging.DEBUG if debug else logging.WARNING if warning else logging.INFO
    _emit(level, args, options, sys.stdout)


def write_error(*args: object, **options: t.Any) -> None:
    """Tell the user about an error; see ``write``."""
    _emit(logging.ERROR, args, options, sys.stderr)


def _emit(level: int, args: tuple[object, ...], options: dict[str, t.Any], stream: t.TextIO) -> None:
    text = (options.get("sep") or " ").join(str(arg) for arg in args)
    end = options.get("end")
    end = "\n" if end is None else str(end)
    logger = _channel.ready()
    if logger is None:
        stream = options.get("file") or stream
        if stream is not sys.stdout and sys.stdout is not None:
            sys.stdout.flush()  # so that lines on a terminal come in the order of events
        put(text + end, stream)
    elif not end.endswith("\r"):
        logger.log(level, encodable(without_colour(text)))
