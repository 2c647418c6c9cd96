# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What was done at one path on a server, as users read it. Pure."""

from __future__ import annotations

import time
import typing as t

from ..model import DELETE_PATH, DIRECTORY, SET_MODE, UPLOAD, shown
from .plan import MOVE, SET_TIME, FileOptions, Found, Step

MAX_DIFF = 100 * 1024  # bytes of a text that a diff shows; a screen is no editor
MAX_LINES = 2000  # paths that a diff shows


class Result(t.NamedTuple):
    """What was done, or in check mode would be.

    Attributes:
        found: what was there before.
        before, after: content of the file, where it is small enough for a diff; else None.
        after_size: bytes that the file has now, for ``state: file``.
        sha256: of that content, or None.
        steps: what was decided.
        done: those that were done; all of them in check mode.
        warnings: one line each.
        error: why not all was done, or None.
    """

    found: Found = Found()
    before: bytes | None = None
    after: bytes | None = None
    after_size: int | None = None
    sha256: str | None = None
    steps: tuple[Step, ...] = ()
    done: tuple[Step, ...] = ()
    warnings: tuple[str, ...] = ()
    error: str | None = None


def to_dict(options: FileOptions | None, result: Result) -> dict[str, t.Any]:
    """The result for a module; its keys are always the same."""
    return {
        "changed": bool(result.done),
        "path": shown(options.path) if options else None,
        "dest": shown(options.dest) if options and options.dest else None,
        "state": options.state if options else None,
        "size": result.after_size,
        "checksum": result.sha256,
        "operations": [
            {
                "path": shown(step.path),
                "operation": step.action,
                "kind": step.kind,
                "reason": step.reason,
                "size": step.size,
                "mode": None if step.mode is None or step.keeps_mode else format(step.mode, "04o"),
                "dest": None if step.dest is None else shown(step.dest),
            }
            for step in result.steps
            if step in result.done
        ],
    }


def diff(options: FileOptions, result: Result) -> list[dict[str, t.Any]]:
    """What Ansible's diff mode prints: the content of a small text, and a line for everything else."""
    found = []
    before: list[str] = []
    after: list[str] = []
    for step in result.done:
        if step.action == UPLOAD and options.state == "file":
            found.append(_content_diff(step, options, result))
            if not step.replaces and step.mode is None:
                continue  # the content says it all
        for lines, sign in ((before, 0), (after, 1)):
            line = _line(step, result.found)[sign]
            if line:
                lines.append(f"{line}\n")
    if before or after:
        found.append({"before": "".join(before[:MAX_LINES]), "after": "".join(after[:MAX_LINES])})
    return found


def _content_diff(step: Step, options: FileOptions, result: Result) -> dict[str, t.Any]:
    old = result.before if step.replaces else b""
    new = result.after if result.after is not None and len(result.after) <= MAX_DIFF else None
    shape: dict[str, t.Any] = {
        "before_header": shown(step.path),
        "after_header": shown(options.src or step.path),
    }
    if old is None:
        return {**shape, "dst_larger": MAX_DIFF}
    if new is None:
        return {**shape, "src_larger": MAX_DIFF}
    texts = {"before": _as_text(old), "after": _as_text(new)}
    for key, name in (("before", "dst_binary"), ("after", "src_binary")):
        if texts[key] is None:
            return {**shape, name: 1}
    return {**shape, **texts}


def _as_text(data: bytes) -> str | None:
    try:
        return None if b"\0" in data else data.decode("utf-8")
    except UnicodeError:
        return None


def _line(step: Step, found: Found) -> tuple[str, str]:
    """How a step is told, before and after it."""
    name = f"{shown(step.path)}/" if step.kind == DIRECTORY else shown(step.path)
    entry = found.entry or found.dest
    mode = "" if step.mode is None or step.keeps_mode else f" (mode {step.mode:04o})"
    if step.action == DELETE_PATH:
        return name, ""
    if step.action == MOVE:
        return name, shown(step.dest or "")
    if step.action == SET_TIME:
        return f"{name} (time {_time(entry.mtime if entry else None)})", f"{name} (time {_time(step.mtime)})"
    if step.action == SET_MODE or (step.action == UPLOAD and step.replaces):
        known = "unknown" if entry is None or entry.mode is None else f"{entry.mode:04o}"
        return (f"{name} (mode {known})", name + mode) if mode and known != f"{step.mode:04o}" else ("", "")
    return "", name + mode


def _time(seconds: float | None) -> str:
    return "unknown" if seconds is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
