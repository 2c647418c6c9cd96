# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The command ``run`` under the names of ``spec/ftpsync-behaviour.md`` 10; what does the work is in ``cli/``."""

from __future__ import annotations

import argparse
import os
import typing as t

from .cli.config_file import FILE_NAMES, KEYS, MANDATORY
from .cli.parser import Parser, add_command
from .cli.task import prepare
from .errors import UsageError
from .util import write

__all__ = ["CONFIG_FILE_NAME", "KNOWN_TASK_ARGS", "MANDATORY_TASK_ARGS", "add_run_parser", "handle_run_command"]

CONFIG_FILE_NAME = FILE_NAMES[0]
KNOWN_TASK_ARGS = frozenset(KEYS)
MANDATORY_TASK_ARGS = frozenset(MANDATORY)


def add_run_parser(sub_parsers: argparse._SubParsersAction[t.Any]) -> Parser:
    """Add the parser of ``run``."""
    return add_command(sub_parsers, "run")


def handle_run_command(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """Put the task's settings in the place of what was parsed, as if they had stood on the command line.

    Parameters:
        parser: told of usage errors.
        args: of ``run``; ``verbose`` is the level. Gets ``command``, ``local``, ``remote`` and the options.

    Raises:
        SystemExit: usage error.
    """
    try:
        job, lines = prepare(vars(args), os.getcwd())
    except UsageError as error:
        parser.error(str(error))
    for line in lines:
        write(line)
    for name, value in {**job.settings, **job.options}.items():
        setattr(args, name, value)
    args.command, args.local, args.remote = job.command, job.local, job.remote
