# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Names that hid the differences of Python 2 and 3 from scripts of that time; plain Python 3 now."""

from __future__ import annotations

import configparser
import queue
import typing as t
from io import BytesIO, StringIO
from urllib.parse import quote, unquote, urlparse

from .util import console_input, is_native, to_bytes, to_native, to_unicode

__all__ = [
    "PY2",
    "PY3",
    "BytesIO",
    "StringIO",
    "configparser",
    "console_input",
    "implements_bool",
    "implements_to_string",
    "is_basestring",
    "is_bytes",
    "is_native",
    "is_unicode",
    "queue",
    "quote",
    "to_bytes",
    "to_native",
    "to_unicode",
    "unquote",
    "urlparse",
    "xrange",
]

PY2 = False
PY3 = True
xrange = range

C = t.TypeVar("C")


def is_basestring(value: object) -> bool:
    """Whether it is text."""
    return isinstance(value, str)


def is_bytes(value: object) -> bool:
    """Whether it is bytes."""
    return isinstance(value, bytes)


def is_unicode(value: object) -> bool:
    """Whether it is text."""
    return isinstance(value, str)


def implements_to_string(cls: C) -> C:
    """The class as it is: ``__str__`` gives text."""
    return cls


def implements_bool(cls: C) -> C:
    """The class as it is: ``__bool__`` is known."""
    return cls
