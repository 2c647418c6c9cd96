# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The command ``scan`` under the names of ``spec/ftpsync-behaviour.md`` 10; what does the work is in ``cli/``."""

from __future__ import annotations

import argparse
import typing as t

from .cli.job import make_job
from .cli.parser import Parser, add_command
from .cli.scan import scan
from .errors import UsageError

__all__ = ["add_scan_parser", "scan_handler"]


def add_scan_parser(sub_parsers: argparse._SubParsersAction[t.Any]) -> Parser:
    """Add the parser of ``scan``."""
    return add_command(sub_parsers, "scan")


def scan_handler(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """Do what a parsed command line says.

    Parameters:
        parser: told of usage errors.
        args: of ``scan``; ``verbose`` is the level.

    Raises:
        SystemExit: usage error.
    """
    try:
        job = make_job("scan", vars(args))
    except UsageError as error:
        parser.error(str(error))
    scan(job, {})
