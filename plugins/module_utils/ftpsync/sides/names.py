# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Names that servers do not keep as they are. Pure."""

from __future__ import annotations


def is_usual(path: str) -> bool:
    """Whether every server stores and lists a name as it is."""
    name = path.rpartition("/")[2]
    return name.isascii() and all(letter.isalnum() or letter in "._-" for letter in name)


def for_mkd(path: str) -> str:
    """Pure-FTPd replaces a space at the end of a new name, unless a slash follows."""
    return f"{path}/" if path.endswith(" ") else path
