# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Look at a server and at what we keep there; change nothing.

connect ─► state folder ─► drift ─► listing ─► probe. Only the last one writes, in a scratch folder, and
only if it is asked for. What cannot be found out is None, not a guess.
"""

from __future__ import annotations

import calendar
import contextlib
import dataclasses
import io
import time
import typing as t

from .. import target
from ..ask import mtime_of, size_of
from ..connect import connect_options
from ..errors import FtpSyncError, ManifestError, ServerRefused, TooLarge, UsageError
from ..filters import Patterns
from ..ftp.persistence import persistently
from ..model import DIRECTORY, FILE, Problem, join, shown
from ..options import SyncOptions
from ..records import state as states
from ..records.lock import OWNER, Holder
from . import probe as probing
from .browse import Wanted, browse
from .drift import Drift, find_drift
from .watched import WatchedPool

if t.TYPE_CHECKING:
    from ..ftp.session import Session

NONE, QUICK, DEEP = "none", "quick", "deep"
DRIFT = (NONE, QUICK, DEEP)

_MAX_OWNER = 4096  # bytes; ours have some 200


class InfoOptions(t.NamedTuple):
    """What to look at.

    Attributes:
        site: where, and as whom.
        drift: NONE, QUICK (by listing) or DEEP (by content, too).
        listing: a path to list, or None.
        exclude: what is not reported as unmanaged.
        probe: write into a scratch folder to find out more.
    """

    site: SyncOptions
    drift: str
    listing: Wanted | None
    exclude: Patterns
    probe: bool


def validate(given: t.Mapping[str, t.Any], site: SyncOptions) -> InfoOptions:
    """Check the options besides those of ``target.validate``.

    Raises:
        UsageError: one line that names the option.
    """
    drift = given.get("drift") or NONE
    if drift not in DRIFT:
        raise UsageError(f"drift: {drift!r} is none of {', '.join(DRIFT)}")
    exclude = Patterns("exclude", given.get("exclude") or ())
    return InfoOptions(site, drift, _listing(given, exclude, site.remote_path), exclude, bool(given.get("probe")))


def _listing(given: t.Mapping[str, t.Any], exclude: Patterns, root: str) -> Wanted | None:
    text, match = given.get("path"), given.get("match")
    if text is None:
        for name in ("recursive", "match"):
            if given.get(name):
                raise UsageError(f"{name}: has no use without path; write path: . to list all of remote")
        return None
    path = target.place("path", text, root)
    prefix = path if text.startswith("/") else target.relative(path, root) or ""
    return Wanted(path, prefix, bool(given.get("recursive")), Patterns("match", match) if match else None, exclude)


@dataclasses.dataclass
class Info:
    """What was found; filled in step by step, so that an error leaves what came before it.

    Attributes:
        server: facts, with what TLS showed.
        time_offset: seconds by which the server's clock is ahead, or None.
        lists_dot_files: None when nothing told.
        remote_exists: whether the root could be listed.
        manifest: see ``_manifest``.
        drift: what is not as it was published.
        backups: ids, oldest first.
        lock: who holds it, or None.
        exists: whether ``path`` is there; None without a path.
        entries: of the listing.
        probe: answers of the tests, or None.
        warnings: one line each.
        error: why not all could be found out, or None.
    """

    server: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    time_offset: int | None = None
    lists_dot_files: bool | None = None
    remote_exists: bool | None = None
    manifest: dict[str, t.Any] = dataclasses.field(default_factory=lambda: describe_manifest(states.State(False), None))
    drift: Drift = dataclasses.field(default_factory=Drift)
    backups: list[str] = dataclasses.field(default_factory=list)
    lock: dict[str, t.Any] | None = None
    exists: bool | None = None
    entries: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    probe: dict[str, t.Any] | None = None
    warnings: list[str] = dataclasses.field(default_factory=list)
    error: str | None = None

    def as_dict(self) -> dict[str, t.Any]:
        """For a result; names as they can be displayed."""
        found = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        del found["warnings"], found["error"], found["drift"]
        found["backups"] = [shown(name) for name in self.backups]
        for name in ("drifted", "missing", "unmanaged"):
            found[name] = [shown(path) for path in getattr(self.drift, name)]
        found["differences"] = [
            {"path": shown(path), "reason": reason} for path, reason in sorted(self.drift.reasons.items())
        ]
        return found


def gather(options: InfoOptions, *, check: bool) -> Info:
    """Look at all that the options ask for.

    Parameters:
        check: send no command that writes, whatever they ask for.

    Raises:
        FtpSyncError: not even a connection was possible. Whatever fails later is in the result.
    """
    pool = WatchedPool(connect_options(options.site), options.site.connections)
    info = Info()
    with contextlib.closing(pool):
        pool.open()
        try:
            _Look(options, pool, info).look(check)
        except FtpSyncError as error:
            info.error = str(error)
        info.server = {**pool.facts.as_dict(), **pool.tls_facts.as_dict(), "quirks": info.server.get("quirks", {})}
    return info


class _Look:
    """The connected part."""

    def __init__(self, options: InfoOptions, pool: WatchedPool, info: Info) -> None:
        self._options = options
        self._pool = pool
        self._info = info
        self._root = options.site.remote_path
        self._state_dir = t.cast(str, options.site.state_dir)

    def look(self, check: bool) -> None:
        options, info = self._options, self._info
        self._look_at_root()
        folder = states.StateFolder(self._state_dir, self._root)
        problem = None
        try:
            state = persistently(self._pool, folder.read)
        except ManifestError as error:
            problem = str(error)
            state = states.State(exists=True)
        info.manifest = describe_manifest(state, problem)
        if state.exists:
            persistently(self._pool, self._look_into_state)
        if state.manifest is not None:
            info.server["quirks"] = state.manifest.server
            info.time_offset = self._offset(state.manifest.written) if state.holds(states.MANIFEST) else None
        if options.listing is not None:
            listed = browse(self._pool, options.listing, self._state_dir)
            info.exists, info.entries = listed.exists, listed.entries
            self._warn(listed.problems)
        if options.probe and check:
            info.warnings.append("probe: skipped, since it would write to the server, which check mode never does")
        elif options.probe:
            where = probing.place(self._state_dir, state.exists)
            info.probe = probing.probe(self._pool, where, options.site.connections)
            info.time_offset = info.probe["time_offset"]
            info.lists_dot_files = info.probe["lists_dot_files"]
        if options.drift != NONE and problem is not None:
            raise ManifestError(f"drift: {options.drift} needs the record: {problem}")
        if options.drift != NONE:
            deep = options.drift == DEEP
            info.drift = find_drift(self._pool, self._root, self._state_dir, state, options.exclude, deep=deep)
            self._warn(info.drift.problems)

    def _warn(self, problems: t.Iterable[Problem]) -> None:
        self._info.warnings += [
            f"{problem.path}: {problem.message}" if problem.path else problem.message for problem in problems
        ]

    # ------------------------------------------------------------------ server and state folder

    def _look_at_root(self) -> None:
        def step(session: Session) -> None:
            try:
                self._info.lists_dot_files = session.list_folder(self._root).shows_hidden
            except ServerRefused:
                self._info.remote_exists = False
            else:
                self._info.remote_exists = True

        persistently(self._pool, step)

    def _look_into_state(self, session: Session) -> None:
        """Backups, lock, and whether the listing hides the ``.htaccess`` that we put there."""
        info = self._info
        names = self._names(session, self._state_dir)
        if info.lists_dot_files is None and states.HTACCESS in names:
            info.lists_dot_files = True
        elif info.lists_dot_files is None and size_of(session, join(self._state_dir, states.HTACCESS)) is not None:
            info.lists_dot_files = False
        info.backups = self._names(session, join(self._state_dir, states.BACKUP)) if states.BACKUP in names else []
        info.lock = self._lock(session) if states.LOCK in names else None

    def _names(self, session: Session, folder: str) -> list[str]:
        try:
            return sorted(listed.name for listed in session.list_folder(folder).entries)
        except ServerRefused:
            return []

    def _lock(self, session: Session) -> dict[str, t.Any]:
        content = io.BytesIO()
        try:
            session.retrieve(join(self._state_dir, states.LOCK, OWNER), content.write, limit=_MAX_OWNER)
        except (ServerRefused, TooLarge):
            content = io.BytesIO()  # being written, or given back just now
        holder = Holder(content.getvalue(), ())
        return {"holder": holder.name(), "dead": holder.is_dead()}

    def _offset(self, written: str) -> int | None:
        """The manifest bears the client's time inside and the server's outside."""
        path = join(self._state_dir, states.MANIFEST)
        try:
            listed = persistently(self._pool, lambda session: mtime_of(session, path))
            sent = calendar.timegm(time.strptime(written, "%Y-%m-%dT%H:%M:%SZ"))
        except (ValueError, OverflowError):
            return None
        return None if listed is None else listed - sent


def describe_manifest(state: states.State, problem: str | None) -> dict[str, t.Any]:
    """The record's state for a result.

    Parameters:
        problem: why it could not be read, or None.
    """
    manifest = state.manifest
    records = manifest.records.values() if manifest is not None else ()
    return {
        "present": manifest is not None or problem is not None,
        "message": problem,
        "generation": manifest.generation if manifest is not None else None,
        "written": manifest.written if manifest is not None else None,
        "files": sum(1 for record in records if record.kind == FILE),
        "directories": sum(1 for record in records if record.kind == DIRECTORY),
        "bytes": sum(record.size for record in records if record.kind == FILE),
        "interrupted": state.journal is not None,
    }
