# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which branches no test takes, and why: from the report of `coverage json` and the reasons below.

A branch is a line and the one that would follow it, by their text, since numbers change with every edit.
"""

from __future__ import annotations

import typing as t

from tests.conftest import ROOT

ENGINE = ROOT / "plugins" / "module_utils" / "ftpsync"


class Reason(t.NamedTuple):
    """Why tests leave branches out.

    Attributes:
        file: within the engine.
        lines: each as in the code, without indentation; what no test does after it.
        why: in one sentence.
    """

    file: str
    lines: tuple[str, ...]
    why: str


_TYPES = "for the type checker: "
_ELSEWHERE = "engine tests that a short measurement leaves out do it"

REASONS = [
    Reason(
        "ftp/connection.py",
        ("if self.tls is None:",),
        _TYPES + "whoever connects with TLS has prepared it",
    ),
    Reason(
        "ftp/login.py",
        ("if connection.secure is not None:",),
        _TYPES + "TLS has begun here, or has failed before",
    ),
    Reason(
        "ftp/data.py",
        ('if fcntl is None or not sys.platform.startswith("linux"):', 'if not sys.platform.startswith("linux"):'),
        "systems other than Linux do not tell, and nothing is hastened there",
    ),
    Reason(
        "ftp/session.py",
        ("if self._connection is None:",),
        _TYPES + "logging in gives a connection or fails",
    ),
    Reason(
        "apply/publish.py",
        ("for attempt in range(ATTEMPTS):",),
        "the last attempt succeeds or ends in an error",
    ),
    Reason(
        "apply/moves.py",
        ("for attempt in range(ATTEMPTS):",),
        "the last attempt succeeds or ends in an error",
    ),
    Reason(
        "records/lock.py",
        ("for left in reversed(range(_TRIES)):",),
        "the last trial ends in an answer or in an error",
    ),
    Reason(
        "records/lock.py",
        ("if self._is_time:",),
        "another thread would have to show that we are alive between two lines",
    ),
    Reason(
        "ftp/resume_download.py",
        ("if not self._begun and self.is_large and self._mtime is None:",),
        "a large file without a time in the listing, where MDTM tells one; the same question is asked and tested later",
    ),
    Reason("apply/backup.py", ("if not state.holds(BACKUP):",), _ELSEWHERE),
    Reason("apply/rollback.py", ("for backup_id, aftermath in plan.aftermaths.items():",), _ELSEWHERE),
    Reason(
        "apply/send.py",
        ('if not wanted or outcome.quirks.get("modes") is False:',),
        _ELSEWHERE,
    ),
    Reason("apply/job.py", ("if record is not None:",), _ELSEWHERE),
    Reason(
        "apply/exclusive.py",
        ("if now.journal is not None:  # of a run that has died; commands that it had sent ahead may be under way",),
        "another run would have to die between two looks of this one",
    ),
    Reason(
        "records/backup.py",
        ("for moment in (now, now + 1):",),
        "the set before cannot have both names",
    ),
]


def lines_of(file: str) -> list[str]:
    """The lines of a file of the engine, as reasons name them."""
    return [line.strip() for line in (ENGINE / file).read_text(encoding="utf-8").splitlines()]


def branches(file: str, found: t.Mapping[str, t.Any]) -> list[dict[str, str | None]]:
    """The branches of one file that were not taken.

    Parameters:
        found: what the report says of the file.
    """
    lines = lines_of(file)

    def text(number: int) -> str:
        return lines[number - 1] if number > 0 else "the end"

    left: list[dict[str, str | None]] = []
    for function, its in found["functions"].items():
        for start, then in its["missing_branches"]:
            line = text(start)
            left.append({"file": file, "function": function, "line": line, "then": text(then), "why": _why(file, line)})
    return left


def _why(file: str, line: str) -> str | None:
    fitting = (reason.why for reason in REASONS if reason.file == file and line in reason.lines)
    return next(fitting, None)
