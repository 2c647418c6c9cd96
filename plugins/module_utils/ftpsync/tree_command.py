# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The command ``tree`` under the names of ``spec/ftpsync-behaviour.md`` 10; what does the work is in ``cli/``."""

from __future__ import annotations

import argparse
import typing as t

from .cli.job import make_job
from .cli.parser import Parser, add_command
from .cli.tree import tree
from .errors import UsageError

__all__ = ["add_tree_parser", "tree_handler"]


def add_tree_parser(sub_parsers: argparse._SubParsersAction[t.Any]) -> Parser:
    """Add the parser of ``tree``."""
    return add_command(sub_parsers, "tree")


def tree_handler(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """Do what a parsed command line says.

    Parameters:
        parser: told of usage errors.
        args: of ``tree``; ``verbose`` is the level.

    Raises:
        SystemExit: usage error.
    """
    try:
        job = make_job("tree", vars(args))
    except UsageError as error:
        parser.error(str(error))
    tree(job, {})
