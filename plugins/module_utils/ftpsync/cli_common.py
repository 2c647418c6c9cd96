# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Options that several commands share, as parents for parsers of one's own (``spec/ftpsync-behaviour.md`` 10).

The command line itself is made from ``cli/options.py``; these are views of the same table.
"""

from __future__ import annotations

import argparse
import typing as t

from .cli.options import LOGIN, OUTPUT, SERVER, WHAT, Option, dest, options_of
from .cli.parser import add_options
from .options import DEFAULT_OMIT

__all__ = ["DEFAULT_OMIT", "common_parser", "creds_parser", "matcher_parser", "verbose_parser"]

_LEVEL = ("verbose", "quiet")
_FILTERS = ("match", "exclude")
_COMMON = ("migrate", "ftp_active", "case")


def _parent(wanted: t.Callable[[Option], bool]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    add_options(parser, [row for row in options_of("scan") if wanted(row)])
    return parser


# -v and -q; the level is 3 plus the one minus the other.
verbose_parser = _parent(lambda row: dest(row) in _LEVEL)
# --match and --exclude.
matcher_parser = _parent(lambda row: row.group == WHAT and dest(row) in _FILTERS)
# Where user and password come from.
creds_parser = _parent(lambda row: row.group == LOGIN)
# Connection, output, dry run.
common_parser = _parent(
    lambda row: dest(row) in _COMMON or (row.group in (SERVER, OUTPUT) and dest(row) not in (*_LEVEL, "ftp_active"))
)
