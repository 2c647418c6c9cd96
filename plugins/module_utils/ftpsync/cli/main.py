# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""One call of ``pyftpsync``: parse, settle, do, and give an exit code (behaviour 1.7)."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import sys
import typing as t

from .. import __version__
from ..console.messages import write, write_error, write_to_streams
from ..console.terminal import put
from ..errors import UsageError
from ..ftp.dial import Dial
from ..options import SyncOptions
from ..url import parse_remote
from . import failure
from .job import Job, make_job
from .options import TRANSFERS
from .parser import PROGRAM, Parser, parse
from .signals import Terminated, orderly

Handler = t.Callable[[Job, t.Dict[str, t.Any]], int]

# Rooms of this package, of which a run enters one: the module and, by the same name, what does the work.
# They are read when it is known which one is needed.
ROOMS = {**dict.fromkeys(TRANSFERS, "transfer"), "scan": "scan", "tree": "tree"}


def main(argv: t.Sequence[str]) -> int:
    """Do what a command line says; messages go to ``sys.stdout`` and ``sys.stderr``.

    Parameters:
        argv: without the program's name.

    Returns:
        the exit code.
    """
    write_to_streams()
    _prepare_streams()
    try:
        with orderly():
            return _call(argv)
    except SystemExit as end:  # argparse's way to end
        return end.code if isinstance(end.code, int) else failure.OK
    except BrokenPipeError:
        # Nobody reads any more, as in `pyftpsync ... | head`. What is buffered must not be tried again.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return failure.BROKEN_PIPE


def _call(argv: t.Sequence[str]) -> int:
    args = parse(argv)
    if args.version:
        put(f"{version(args.verbose)}\n")
        return failure.OK
    document: dict[str, t.Any] = {"command": args.command, "error": None}
    stdout = sys.stdout
    # One document for a program; whoever watches reads stderr.
    with contextlib.redirect_stdout(sys.stderr) if args.json else contextlib.nullcontext():
        code = _guarded(args, document)
    if args.json:
        import json

        put(json.dumps({**document, "exit_code": code}, indent=2, default=str) + "\n", stdout)
    return code


def version(verbose: int) -> str:
    """The version; with -v what else a report of an error should name."""
    if verbose <= 3:
        return __version__
    import platform

    from ..util import PYTHON_VERSION

    return f"{PROGRAM}/{__version__} Python/{PYTHON_VERSION} {platform.platform()} ({sys.executable})"


def _guarded(args: argparse.Namespace, document: dict[str, t.Any]) -> int:
    """Do what was asked for, and turn whatever ends it into an exit code and one line on stderr."""
    level = args.verbose
    try:
        job, told = settle(args)
        level = job.verbose
        document.update(command=job.command, dry_run=job.dry_run)
        for line in told:
            write(line)
        return _enter(job, document)
    except KeyboardInterrupt as error:
        code, line = (error.exit_code, "Terminated.") if isinstance(error, Terminated) else failure.ABORTED
        document["error"] = line
        put(f"\n{line}\n", sys.stderr)
        return code
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the user gets one line
        document["error"] = failure.line(error)
        if level >= failure.TRACEBACK_LEVEL:
            write_error(failure.details(error), end="")
        write_error(f"{PROGRAM}: error: {document['error']}")
        return failure.FAILED


def _enter(job: Job, document: dict[str, t.Any]) -> int:
    """Do a job where that is done."""
    if job.record == "folder":
        room = ROOMS[job.command]
        handler: Handler = getattr(importlib.import_module(f"{__package__}.{room}"), room)
        return handler(job, document)
    there = parse_remote(job.remote)
    timeout = job.settings.get("timeout") or SyncOptions.timeout
    # The server answers about when the rest of this program has been read, which takes a round trip or two.
    with contextlib.closing(Dial(there.host, there.port, timeout)) as dial:
        from .deploy import deploy

        return deploy(job, document, there, dial)


def settle(args: argparse.Namespace) -> tuple[Job, list[str]]:
    """What is to be done, and what to tell about how that was found.

    Raises:
        LocalError: the configuration file cannot be read.
        SystemExit: usage error.
    """
    values = {name: value for name, value in vars(args).items() if name not in ("parser", "command")}
    try:
        if args.command == "run":
            from . import task

            return task.prepare(values, os.getcwd())
        return make_job(args.command, values), []
    except UsageError as error:
        parser: Parser = args.parser
        parser.error(str(error))


def _prepare_streams() -> None:
    """Lines leave at once, also into pipes; names that a stream cannot show are shown with escapes."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            t.cast(t.Any, stream).reconfigure(line_buffering=True, errors="backslashreplace")
