# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Try out in a scratch folder what cannot be known about a server without writing.

In: a pool and a place. Out: one answer a test. The folder is removed on every way out, a lost connection
or an interrupt included. What lies outside of it is never touched.
"""

from __future__ import annotations

import contextlib
import io
import time
import typing as t

from ..ask import mtime_of
from ..errors import FtpSyncError, ServerRefused, UsageError
from ..ftp.persistence import persistently
from ..model import DIRECTORY, Entry, join, parent, shown
from ..run_id import new_run_id

if t.TYPE_CHECKING:
    from ..ftp.pool import Pool
    from ..ftp.session import Session

PREFIX = "ftpsync-probe-"  # whoever finds one of these may delete it

# Names that one server or another refuses, trims or replaces, by what is special about them.
NAMES: dict[str, str] = {
    "space": "a b",
    "space_at_start": " a",
    "space_at_end": "a ",
    "dot_at_end": "a.",
    "dash_at_start": "-a",
    "quotes": "a'b\"c",
    "glob": "a*b?[c]",
    "shell": "a$b&c;d!",
    "url": "a%20b#c",
    "windows": "a:b|c<d>",
    "backslash": "a\\b",
    "utf8_nfc": "\u00e9",
    "utf8_nfd": "e\u0301",
    "utf8_emoji": "\U0001f600",
    "long": "n" * 200,
}
KEPT = "kept"

_PAST = 1_000_000_000  # 2001-09-09T01:46:40Z
_MODE = 0o640


def place(state_dir: str, state_exists: bool) -> str:
    """Where to try: in our folder, or else beside it with a name that tells what it is."""
    name = f"{PREFIX}{new_run_id()}"
    return join(state_dir, name) if state_exists else join(parent(state_dir) or "/", f".{name}")


def probe(pool: Pool, folder: str, connections: int) -> dict[str, t.Any]:
    """Try all there is to try.

    Parameters:
        folder: absolute path of the scratch folder, which does not exist.
        connections: how many to open at the same time.

    Raises:
        FtpSyncError: the folder cannot be made or not be removed, or the connection is lost for good.
    """
    scratch = _Scratch(folder)
    try:
        persistently(pool, scratch.make)
        found: dict[str, t.Any] = {}
        for test in (scratch.renames, scratch.case, scratch.names, scratch.attributes, scratch.clock):
            found.update(persistently(pool, test))
    finally:
        persistently(pool, scratch.remove)
    return {**found, "connections": open_many(pool, connections)}


def open_many(pool: Pool, count: int) -> dict[str, t.Any]:
    """Open connections until there are ``count``, or the server takes no more; all of them are closed again."""
    opened = sum(session.is_open for session in pool.sessions)
    message = None
    with contextlib.ExitStack() as stack:
        while opened < count:
            session = pool.new_session()
            stack.callback(session.close)
            try:
                session.open()
            except FtpSyncError as error:
                message = str(error)
                break
            opened += 1
    return {"asked": count, "opened": opened, "message": message}


class _Scratch:
    """A folder to try things in; each method may be repeated after a lost connection.

    Parameters:
        path: absolute.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._folders = [path, *(join(path, name) for name in ("case", "names", "a", "b"))]
        self._stored: dict[str, None] = {}

    def make(self, session: Session) -> None:
        """Make the folder; it is there afterwards, or ServerRefused is raised."""
        replies = list(session.pipeline(("MKD", folder) for folder in self._folders))
        try:
            session.list_folder(self._folders[-1])
        except ServerRefused:
            raise ServerRefused(
                f"probe: {self.path} cannot be created ({replies[0].text}): may this account write there? state_dir"
                " names another place",
                replies[0],
            ) from None

    def remove(self, session: Session) -> None:
        """Remove all that was made, under whatever name it lies there now."""
        list(session.pipeline(("DELE", path) for path in self._stored))
        self._empty(session, self.path, depth=2)
        last = list(session.pipeline([("RMD", self.path)]))[-1]
        if last.is_ok:
            return
        try:
            session.list_folder(self.path)
        except ServerRefused:
            return  # it never came to be, or an answer was lost
        raise ServerRefused(f"probe: {self.path} could not be removed: {last.text}; delete it by hand", last)

    def _empty(self, session: Session, folder: str, depth: int) -> None:
        try:
            entries = session.list_folder(folder).entries
        except ServerRefused:
            return
        inner = [join(folder, name) for name, entry in entries if entry.kind == DIRECTORY]
        for path in inner if depth else ():
            self._empty(session, path, depth - 1)
        outer = [f"{folder}/{name}" for name, entry in entries if entry.kind != DIRECTORY]
        list(session.pipeline([*(("DELE", path) for path in outer), *(("RMD", path) for path in inner)]))

    def _store(self, session: Session, path: str, size: int) -> str | None:
        """Write a file of a certain size; why it was refused, or None."""
        self._stored[f"{self.path}/{path}"] = None
        try:
            session.store(f"{self.path}/{path}", io.BytesIO(b"x" * size), size)
        except (ServerRefused, UsageError) as error:
            return error.reply.text if isinstance(error, ServerRefused) else str(error)
        return None

    def _list(self, session: Session, folder: str) -> dict[str, Entry]:
        return {listed.name: listed.entry for listed in session.list_folder(join(self.path, folder)).entries}

    # ------------------------------------------------------------------ tests

    def renames(self, session: Session) -> dict[str, t.Any]:
        """Whether a file can be renamed onto another one, and into another folder."""
        for path, size in (("a/new", 1), ("a/old", 2), ("a/mover", 3)):
            self._store(session, path, size)
        self._stored[f"{self.path}/b/moved"] = None
        pairs = (("a/new", "a/old"), ("a/mover", "b/moved"))
        steps = [(verb, join(self.path, path)) for pair in pairs for verb, path in zip(("RNFR", "RNTO"), pair)]
        list(session.pipeline(steps))
        here, there = self._list(session, "a"), self._list(session, "b")
        return {
            "rename_replaces": "new" not in here and "old" in here and here["old"].size in (1, None),
            "rename_into_other_folder": "moved" in there and "mover" not in here,
        }

    def case(self, session: Session) -> dict[str, t.Any]:
        """Whether names that differ in case only are two names."""
        self._store(session, "case/Case", 1)
        self._store(session, "case/case", 2)
        return {"case_sensitive": len(self._list(session, "case")) == 2}

    def names(self, session: Session) -> dict[str, t.Any]:
        """What becomes of unusual names; each file has a size of its own, by which it is found again."""
        refused = {}
        for size, (label, name) in enumerate(NAMES.items(), 1):
            refused[label] = self._store(session, f"names/{name}", size)
        listed = self._list(session, "names")
        by_size = {entry.size: name for name, entry in listed.items()}
        verdicts = {}
        for size, (label, name) in enumerate(NAMES.items(), 1):
            if name in listed and listed[name].size in (size, None):
                verdicts[label] = KEPT
            elif refused[label] is not None:
                verdicts[label] = f"refused: {refused[label]}"
            elif size in by_size:
                verdicts[label] = f"altered: {shown(by_size[size])}"
            else:
                verdicts[label] = "not listed"
        return {"names": verdicts}

    def attributes(self, session: Session) -> dict[str, t.Any]:
        """Whether times and permissions can be set and seen, and whether dot files are listed."""
        path = f"{self.path}/b/file"
        for name in ("b/file", "b/.dot"):
            self._store(session, name, 1)
        timed = session.set_mtimes([(path, _PAST)])[0]
        moded = session.set_modes([(path, _MODE)])[0].is_done
        listed = self._list(session, "b")
        entry = listed.get("file", Entry("file"))
        mtime = mtime_of(session, path)
        return {
            "sets_times": timed and _PAST in (mtime, entry.mtime),
            "times_command": session.facts.as_dict()["mtime_command"],
            "sets_modes": moded and entry.mode in (_MODE, None),
            "lists_modes": entry.mode is not None,
            "lists_dot_files": ".dot" in listed,
        }

    def clock(self, session: Session) -> dict[str, t.Any]:
        """By how many seconds the server's clock is ahead of ours; None if it does not tell times exactly."""
        before = time.time()
        self._store(session, "a/clock", 1)
        after = time.time()
        mtime = mtime_of(session, f"{self.path}/a/clock")
        if mtime is None:
            return {"time_offset": None}
        within = before - 1 <= mtime <= after + 1  # times on servers are whole seconds
        return {"time_offset": 0 if within else round(mtime - (before + after) / 2)}
