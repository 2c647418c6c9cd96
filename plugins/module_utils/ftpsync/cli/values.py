# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Values of options: a text from the command line, or a value of the configuration file, checked. Pure.

The checks are those of the modules' options, so that ``--bwlimit 500k`` and ``bandwidth_limit: 500k``
cannot mean different things.
"""

from __future__ import annotations

import argparse
import typing as t

from ..errors import UsageError
from ..options import PARSERS

Check = t.Callable[[str, object], t.Any]


def from_text(check: str, number: type | None = None) -> t.Callable[[str], t.Any]:
    """A ``type`` for argparse.

    Parameters:
        check: the module option whose check is used.
        number: int or float, where that check wants a number.
    """

    def convert(text: str) -> t.Any:
        try:
            return PARSERS[check](check, number(text) if number else text)
        except UsageError as error:
            # The name is said by argparse, with its dashes.
            raise argparse.ArgumentTypeError(str(error).partition(": ")[2]) from None
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no number") from None

    return convert


def flag(name: str, value: object) -> bool:
    """true or false; raises UsageError."""
    if not isinstance(value, bool):
        raise UsageError(f"{name}: {value!r} is neither true nor false")
    return value


def text(name: str, value: object) -> str:
    """A text that is not empty; raises UsageError, which does not show the value: it may hold a password."""
    if not isinstance(value, str) or not value:
        raise UsageError(f"{name}: must be a text that is not empty")
    return value


def text_or_nothing(name: str, value: object) -> str:
    """A text that may be empty; raises UsageError."""
    return text(name, value) if value != "" else ""


def whole(name: str, value: object) -> int:
    """A whole number; raises UsageError."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise UsageError(f"{name}: {value!r} is not a whole number")
    return value


def patterns(name: str, value: object) -> list[str]:
    """Patterns, as a comma separated text or a list (behaviour 3.1); raises UsageError."""
    if isinstance(value, str):
        return split_patterns(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return list(value)
    raise UsageError(
        f"{name}: must be a text such as 'build,*.tmp', or a list of texts; quote what YAML takes for more"
    )


def one_of(*choices: str) -> Check:
    """A check that takes these texts only."""

    def check(name: str, value: object) -> str:
        if value not in choices:
            raise UsageError(f"{name}: {value!r} is none of {', '.join(choices)}")
        return str(value)

    return check


def split_patterns(text: str) -> list[str]:
    """Patterns that are separated by commas; blanks around them do not count."""
    return [part.strip() for part in text.split(",") if part.strip()]
