# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""One path on a server: what the user wants and what is there in, steps out. Pure.

A step is decided upon here or not at all, so that a check foretells a run. What cannot be reached
without a loss that nobody asked for is refused.
"""

from __future__ import annotations

import calendar
import time
import typing as t

from .. import target
from ..errors import PlanRefused, UsageError
from ..model import (
    CREATE_DIRECTORY,
    DELETE_PATH,
    DIRECTORY,
    FILE,
    LINK,
    OTHER,
    SET_MODE,
    UPLOAD,
    Entry,
    parent,
    shown,
)
from ..options import PARSERS, SyncOptions

STATES = ("file", "directory", "touch", "absent", "moved")
NOW = "now"

MOVE = "move"
SET_TIME = "set_time"

_NAMED = 5  # paths that a message lists


class FileOptions(t.NamedTuple):
    """What one path shall be.

    Attributes:
        site: where, and as whom.
        path, dest: absolute paths; ``dest`` for ``moved`` only.
        src: local file, or None.
        content: what the file shall hold, unless ``src`` says it.
        mode: permission bits, or None to leave them as they are.
        mtime: for ``touch``: seconds UTC, NOW, or None to leave the time as it is.
        force: replace a file that is there.
        recurse: delete a folder with all that is in it.
        parents: make folders above that are missing.
    """

    site: SyncOptions
    path: str
    state: str
    dest: str | None = None
    src: str | None = None
    content: bytes | None = None
    mode: int | None = None
    mtime: float | str | None = None
    force: bool = True
    recurse: bool = False
    parents: bool = True

    @property
    def goal(self) -> str:
        """The path that is there afterwards."""
        return self.dest or self.path


class Wanted(t.NamedTuple):
    """The content that a file shall have."""

    size: int
    sha256: str


class Found(t.NamedTuple):
    """What is there.

    Attributes:
        entry: at ``path``; a file's digest was read if its size is the wanted one.
        dest: at ``dest``.
        missing: absolute paths of folders above the goal that are not there, outermost first.
        barrier: a path above the goal at which there is something else than a folder, or None.
        below: all that lies below ``path``, by absolute path; for ``absent`` only.
    """

    entry: Entry | None = None
    dest: Entry | None = None
    missing: tuple[str, ...] = ()
    barrier: str | None = None
    below: t.Mapping[str, Entry] = {}


class Step(t.NamedTuple):
    """One thing to do.

    Attributes:
        action: CREATE_DIRECTORY, UPLOAD, DELETE_PATH, SET_MODE, SET_TIME or MOVE.
        path: absolute.
        kind: what is made, changed or deleted.
        reason: for the user.
        size: bytes to send, or that go.
        replaces: there is a file at the path, or at ``dest``.
        mode: permission bits to set, or None.
        keeps_mode: the mode is that of the replaced file; it is no failure if the server cannot set it.
        mtime: time to set, or None.
        dest: where it goes, for MOVE.
    """

    action: str
    path: str
    kind: str
    reason: str
    size: int = 0
    replaces: bool = False
    mode: int | None = None
    keeps_mode: bool = False
    mtime: float | None = None
    dest: str | None = None


# ---------------------------------------------------------------------- options


def validate(given: t.Mapping[str, t.Any], site: SyncOptions) -> FileOptions:
    """Check the options besides those of ``target.validate``.

    Raises:
        UsageError: one line that names the option.
    """
    state = given.get("state") or "file"
    if state not in STATES:
        raise UsageError(f"state: {state!r} is none of {', '.join(STATES)}")
    content, mode = given.get("content"), given.get("mode")
    wanted = FileOptions(
        site,
        _place("path", given.get("path"), site),
        state,
        dest=None if given.get("dest") is None else _place("dest", given["dest"], site),
        src=given.get("src"),
        content=None if content is None else content.encode("utf-8", "surrogateescape"),
        mode=None if mode is None else PARSERS["file_mode"]("mode", mode),
        mtime=_time(given.get("mtime")),
        force=given.get("force", True),
        recurse=bool(given.get("recurse")),
        parents=given.get("parents", True),
    )
    for contradicts, message in CONTRADICTIONS:
        if contradicts(wanted):
            raise UsageError(message.format(o=wanted))
    return wanted


def _place(name: str, value: t.Any, site: SyncOptions) -> str:
    if not isinstance(value, str) or not value:
        raise UsageError(f"{name}: is missing; give a path on the server, relative to remote or absolute")
    path = target.place(name, value, site.remote_path)
    if target.is_within(path, site.state_dir or "/"):
        raise UsageError(
            f"{name}: {value!r} lies in state_dir {site.state_dir}, which belongs to ftp_sync; use ftp_sync and"
            " ftp_rollback for what is in there"
        )
    return path


def _time(value: t.Any) -> float | str | None:
    if value in (None, NOW):
        return t.cast("str | None", value)
    try:
        return calendar.timegm(time.strptime(str(value), "%Y-%m-%dT%H:%M:%SZ"))
    except (ValueError, OverflowError):
        raise UsageError(f"mtime: {value!r} is neither now nor a time in UTC such as 2026-03-14T09:26:50Z") from None


# Pairs that cannot both be meant.
CONTRADICTIONS: tuple[tuple[t.Callable[[FileOptions], bool], str], ...] = (
    (
        lambda o: o.src is not None and o.content is not None,
        "src and content exclude each other; leave one of them out",
    ),
    (
        lambda o: o.state == "file" and o.src is None and o.content is None,
        "state: file needs src or content; for an empty file that may have any content afterwards use state: touch",
    ),
    (
        lambda o: o.state != "file" and (o.src is not None or o.content is not None),
        "state: {o.state} takes neither src nor content; they are for state: file",
    ),
    (lambda o: o.state == "moved" and o.dest is None, "state: moved needs dest, the path to move to"),
    (lambda o: o.state != "moved" and o.dest is not None, "dest: is for state: moved only, not for state: {o.state}"),
    (lambda o: o.mtime is not None and o.state != "touch", "mtime: is for state: touch only, not for state: {o.state}"),
    (lambda o: o.recurse and o.state != "absent", "recurse: is for state: absent only, not for state: {o.state}"),
    (lambda o: o.mode is not None and o.state == "absent", "mode: contradicts state: absent; leave one of them out"),
    (lambda o: o.path == "/" and o.state != "directory", "path: the server's root can only be state: directory"),
    (
        lambda o: o.dest is not None and (target.is_within(o.dest, o.path) or target.is_within(o.path, o.dest)),
        "dest: {o.dest} and path {o.path} are the same, or one is in the other; name another place",
    ),
)


# ---------------------------------------------------------------------- decision


def decide(options: FileOptions, found: Found, wanted: Wanted | None, now: float) -> tuple[Step, ...]:
    """The steps that lead from what is there to what the user wants, in order; none if it is so already.

    Parameters:
        wanted: the content for ``state: file``.
        now: seconds UTC.

    Raises:
        PlanRefused: something stands in the way that only the user may remove.
    """
    if options.state == "absent":
        return _absent(options, found)
    if options.state == "moved":
        return _moved(options, found)
    if options.state == "directory":
        return _directory(options, found)
    if found.entry is not None and found.entry.kind in (DIRECTORY, OTHER) and options.state == "file":
        raise PlanRefused(
            f"path: {shown(options.path)} is a {found.entry.kind} on the server, which no file replaces; remove it"
            " first with state: absent, or move it"
        )
    if options.state == "touch":
        return _touch(options, found, now)
    return _file(options, found, wanted or Wanted(0, ""))


def _file(options: FileOptions, found: Found, wanted: Wanted) -> tuple[Step, ...]:
    entry = found.entry
    if entry is None:
        return (*_folders(options, found), _upload(options, wanted.size, "new"))
    if entry.sha256 == wanted.sha256 or not options.force:
        return _mode(options, entry)
    mode, keeps = options.mode, False
    if mode is None and entry.kind == FILE:
        mode, keeps = entry.mode, True
    step = _upload(options, wanted.size, "content differs")
    return (step._replace(replaces=True, mode=mode, keeps_mode=keeps),)


def _touch(options: FileOptions, found: Found, now: float) -> tuple[Step, ...]:
    entry = found.entry
    time_wanted = now if options.mtime == NOW else t.cast("float | None", options.mtime)
    if entry is None:
        # A new file has the time of its upload, which is now.
        step = _upload(options, 0, "new")._replace(mtime=None if options.mtime == NOW else time_wanted)
        return (*_folders(options, found), step)
    steps = _mode(options, entry)
    if time_wanted is None or (options.mtime != NOW and entry.mtime == time_wanted):
        return steps
    if entry.kind == DIRECTORY:
        raise PlanRefused(f"mtime: {shown(options.path)} is a folder, whose time few servers set; leave mtime out")
    step = Step(SET_TIME, options.path, entry.kind, "time differs", mtime=time_wanted)
    return (*steps, step._replace(reason="touched") if options.mtime == NOW else step)


def _directory(options: FileOptions, found: Found) -> tuple[Step, ...]:
    entry = found.entry
    if entry is None:
        last = Step(CREATE_DIRECTORY, options.path, DIRECTORY, "new", mode=options.mode)
        return (*_folders(options, found), last)
    if entry.kind != DIRECTORY:
        raise PlanRefused(f"path: {shown(options.path)} is a {entry.kind} on the server; remove it first, or move it")
    return _mode(options, entry)


def _absent(options: FileOptions, found: Found) -> tuple[Step, ...]:
    entry = found.entry
    if entry is None:
        return ()
    if found.below and not options.recurse:
        names = sorted(shown(path[len(options.path) + 1 :]) for path in found.below)
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        raise PlanRefused(
            f"path: the folder {shown(options.path)} is not empty: {', '.join(names[:_NAMED])}{more}; to delete it"
            " with all that is in it set recurse: true"
        )
    files = [path for path, inner in found.below.items() if inner.kind != DIRECTORY]
    folders = [path for path, inner in found.below.items() if inner.kind == DIRECTORY]
    reason = "absent is wanted"
    return (
        *(Step(DELETE_PATH, p, found.below[p].kind, reason, found.below[p].size or 0) for p in sorted(files)),
        *(Step(DELETE_PATH, p, DIRECTORY, reason) for p in sorted(folders, reverse=True)),
        Step(DELETE_PATH, options.path, entry.kind, reason, entry.size or 0),
    )


def _moved(options: FileOptions, found: Found) -> tuple[Step, ...]:
    entry, there = found.entry, found.dest
    if entry is None and there is None:
        raise PlanRefused(f"path: there is neither {shown(options.path)} nor {shown(options.goal)} on the server")
    if entry is None:
        return _mode(options, there)
    if there is not None and DIRECTORY in (entry.kind, there.kind):
        raise PlanRefused(
            f"dest: {shown(options.goal)} is a {there.kind} on the server, and only a file may take the place of a"
            " file; remove it first, or name another dest"
        )
    if there is not None and not options.force:
        raise PlanRefused(f"dest: {shown(options.goal)} is there already; set force: true to replace it")
    step = Step(MOVE, options.path, entry.kind, "move is wanted", entry.size or 0, there is not None, dest=options.goal)
    return (*_folders(options, found), step, *_mode(options, entry))


def _upload(options: FileOptions, size: int, reason: str) -> Step:
    return Step(UPLOAD, options.path, FILE, reason, size, mode=options.mode)


def _mode(options: FileOptions, entry: Entry | None) -> tuple[Step, ...]:
    """Set the mode if it is another one; what a link or a server does not tell is left alone."""
    if options.mode is None or entry is None or entry.kind == LINK or entry.mode in (None, options.mode):
        return ()
    reason = f"mode {entry.mode:04o}"
    return (Step(SET_MODE, options.goal, entry.kind, reason, mode=options.mode),)


def _folders(options: FileOptions, found: Found) -> tuple[Step, ...]:
    if found.barrier is not None:
        raise PlanRefused(f"path: {shown(found.barrier)} is no folder on the server; nothing can be put in there")
    if found.missing and not options.parents:
        raise PlanRefused(
            f"path: the folder {shown(parent(options.goal))} does not exist on the server; set parents: true to make it"
        )
    return tuple(Step(CREATE_DIRECTORY, path, DIRECTORY, "new") for path in found.missing)
