# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The nouns of a report page: what it shows, in words, whatever the format."""

from __future__ import annotations

import typing as t

DEPLOYED = "deployed"
NOTHING_TO_DO = "nothing_to_do"
FAILED = "failed"


class Row(t.NamedTuple):
    """One path of a list.

    Attributes:
        path: as it is shown, folders with a slash at the end; "" for what concerns the whole run.
        note: why, or what became of it.
        size: bytes, or None where sizes mean nothing.
    """

    path: str
    note: str = ""
    size: int | None = None


class Section(t.NamedTuple):
    """One list.

    Attributes:
        summary: how many and how much, such as ``12 files, 4.2 MB``.
        intro: one sentence on what the list means, or "".
        rows: the first ones, at most MAX_ROWS.
        more: how many follow them.
    """

    title: str
    summary: str
    intro: str
    rows: tuple[Row, ...]
    more: int


class Group(t.NamedTuple):
    """Lists under one headline."""

    title: str
    sections: tuple[Section, ...]


class Number(t.NamedTuple):
    """One figure, such as ``Uploaded``, ``12``, ``of 212 files``."""

    label: str
    value: str
    detail: str


class Page(t.NamedTuple):
    """What a page shows, in words; not escaped for any format, but without control characters.

    Attributes:
        outcome: DEPLOYED, NOTHING_TO_DO or FAILED, and the ``headline`` for it.
        site: the server's folder without scheme.
        summary: one or two sentences.
        message: why the run failed, or "".
        about: label and value: from, to, when.
        rollback: a task in YAML, or "".
        server: label and value of each fact that is known.
    """

    outcome: str
    headline: str
    site: str
    summary: str
    message: str
    about: tuple[tuple[str, str], ...]
    numbers: tuple[Number, ...]
    warnings: tuple[str, ...]
    groups: tuple[Group, ...]
    backup_id: str
    rollback: str
    server: tuple[tuple[str, str], ...]
    generator: str
