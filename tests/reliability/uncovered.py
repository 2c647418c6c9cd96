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
        lines: each as in the code, without indentation; all branches that begin at one of them or lead to it.
        why: in one sentence.
    """

    file: str
    lines: tuple[str, ...]
    why: str


REASONS: list[Reason] = []


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

    left = []
    for function, its in found["functions"].items():
        for start, then in its["missing_branches"]:
            branch = {"file": file, "function": function, "line": text(start), "then": text(then)}
            left.append({**branch, "why": _why(file, branch["line"], branch["then"])})
    return left


def _why(file: str, *lines: str) -> str | None:
    fitting = (reason.why for reason in REASONS if reason.file == file and set(lines) & set(reason.lines))
    return next(fitting, None)
