# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""One call of ``pyftpsync``: parse, settle, do, and give an exit code (behaviour 1.7)."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import sys
import typing as t

from .. import __version__
from ..errors import UsageError
from ..messages import set_pyftpsync_logger
from ..terminal import put
from ..util import PYTHON_VERSION, write, write_error
from . import failure, task
from .deploy import deploy
from .job import Job, make_job
from .options import TRANSFERS
from .parser import PROGRAM, Parser, parse
from .scan import scan
from .signals import Terminated, orderly
from .transfer import transfer
from .tree import tree

Handler = t.Callable[[Job, t.Dict[str, t.Any]], int]

HANDLERS: dict[str, Handler] = {**dict.fromkeys(TRANSFERS, transfer), "scan": scan, "tree": tree}


def main(argv: t.Sequence[str]) -> int:
    """Do what a command line says; messages go to ``sys.stdout`` and ``sys.stderr``.

    Parameters:
        argv: without the program's name.

    Returns:
        the exit code.
    """
    set_pyftpsync_logger(None)
    _prepare_streams()
    try:
        with orderly():
            args = parse(argv)
            if args.version:
                put(f"{version(args.verbose)}\n")
                return failure.OK
            return perform(args)
    except SystemExit as end:  # argparse's way to end
        return end.code if isinstance(end.code, int) else failure.FAILED
    except BrokenPipeError:
        # Nobody reads any more, as in `pyftpsync ... | head`. What is buffered must not be tried again.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return failure.BROKEN_PIPE


def version(verbose: int) -> str:
    """The version; with -v what else a report of an error should name."""
    if verbose <= 3:
        return __version__
    return f"{PROGRAM}/{__version__} Python/{PYTHON_VERSION} {platform.platform()} ({sys.executable})"


def perform(args: argparse.Namespace) -> int:
    """Run the command of a parsed command line, and tell what became of it."""
    job, told = settle(args)
    as_json = bool(args.json)
    document: dict[str, t.Any] = {"command": job.command, "dry_run": job.dry_run, "error": None}
    stdout = sys.stdout
    # One document for a program; whoever watches reads stderr.
    with contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext():
        code = _guarded(lambda: _handle(job, told, document), job.verbose, document)
    if as_json:
        document["exit_code"] = code
        put(json.dumps(document, indent=2, default=str) + "\n", stdout)
    return code


def settle(args: argparse.Namespace) -> tuple[Job, list[str]]:
    """What is to be done, and what to tell about how that was found.

    Raises:
        SystemExit: usage error.
    """
    values = {name: value for name, value in vars(args).items() if name not in ("parser", "command")}
    try:
        if args.command == "run":
            return task.prepare(values, os.getcwd())
        return make_job(args.command, values), []
    except UsageError as error:
        parser: Parser = args.parser
        parser.error(str(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, the user gets one line
        write_error(f"{PROGRAM}: error: {failure.line(error)}")
        raise SystemExit(failure.FAILED) from None


def _handle(job: Job, told: t.Sequence[str], document: dict[str, t.Any]) -> int:
    for line in told:
        write(line)
    handler = deploy if job.record != "folder" else HANDLERS[job.command]
    return handler(job, document)


def _guarded(call: t.Callable[[], int], verbose: int, document: dict[str, t.Any]) -> int:
    """Call, and turn whatever ends it into an exit code and one line on stderr."""
    try:
        return call()
    except KeyboardInterrupt as error:
        by_signal = isinstance(error, Terminated)
        document["error"] = "Terminated." if by_signal else "Aborted by user."
        put(f"\n{document['error']}\n", sys.stderr)
        return error.exit_code if isinstance(error, Terminated) else failure.INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the user gets one line
        document["error"] = failure.line(error)
        if verbose >= failure.TRACEBACK_LEVEL:
            write_error(failure.details(error), end="")
        write_error(f"{PROGRAM}: error: {document['error']}")
        return failure.FAILED


def _prepare_streams() -> None:
    """Lines leave at once, also into pipes; names that a stream cannot show are shown with escapes."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            t.cast(t.Any, stream).reconfigure(line_buffering=True, errors="backslashreplace")
