# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Where the report of a run goes: a file that is there as a whole or not at all.

What is wrong with its place is said before anything is connected. What goes wrong later is told and is
no failure: the site has been published by then.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import platform
import tempfile
import time
import typing as t

from ..errors import UsageError
from ..scan.patterns import refuse_published
from . import build as report_page

if t.TYPE_CHECKING:
    from ..filters import Filters
    from ..options import SyncOptions
    from ..result import Result


def check(path: str, source: str, filters: Filters, *, check_mode: bool) -> None:
    """Make sure that a report can be written, and is not published with the next run.

    Parameters:
        path: of the report.
        source: the folder that is uploaded.
        filters: what of that folder takes part.
        check_mode: nothing will be written, and a task before this one has not made the folder either.

    Raises:
        UsageError: one line.
    """
    folder = os.path.dirname(path) or "."
    if os.path.exists(path) and not os.path.isfile(path):
        raise UsageError(f"report: {path} is there and is no file; name another one")
    if os.path.isdir(folder):
        if not os.access(folder, os.W_OK | os.X_OK):
            raise UsageError(f"report: the folder {folder} cannot be written; name another one, or change its mode")
    elif not check_mode:
        raise UsageError(f"report: the folder {folder} does not exist; create it before, or name another one")
    refuse_published("report", path, source, filters)


def write(result: Result, options: SyncOptions, started: float, secrets: t.Iterable[str]) -> str | None:
    """Write the report of a run that has just ended.

    Parameters:
        started: seconds since 1970.
        secrets: texts that must not be in it.

    Returns:
        a warning, or None if the file is there.
    """
    path = options.report or ""
    document = report_page.document(
        result,
        dataclasses.replace(options, local=os.path.abspath(options.local)),
        started=started,
        finished=time.time(),
        host=platform.node(),
        secrets=secrets,
    )
    try:
        _replace(os.path.realpath(path), report_page.render(document, path))
    except OSError as error:
        return f"report: {path} was not written ({error.strerror}); the result of the run is not affected"
    return None


def _replace(path: str, text: str) -> None:
    """A temporary file beside it, then a rename; readable as any new file, or as the old one was."""
    handle, temporary = tempfile.mkstemp(prefix=".report-", dir=os.path.dirname(path))
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(temporary, _mode(path))
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _mode(path: str) -> int:
    try:
        return os.stat(path).st_mode & 0o777
    except OSError:
        umask = os.umask(0)  # there is no other way to read it
        os.umask(umask)
        return 0o666 & ~umask
