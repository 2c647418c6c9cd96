# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What all targets have in common, as user scripts know it (``spec/ftpsync-behaviour.md`` 10.2).

A target names a place, knows its options, and offers single steps in its current folder. A run works
on whole trees through ``side`` instead, and only keeps ``cur_dir`` and ``cur_dir_meta`` up to date.
"""

from __future__ import annotations

import abc
import codecs
import contextlib
import threading
import time
import typing as t

from ..api_errors import Doubtful, InvalidTarget, as_promised
from ..console.settings import verbose_meta
from ..decide import MTIME_TOLERANCE
from ..metadata import DirMetadata
from ..records.folder_file import LAST_SYNC, LOCK_FILE_NAME, META_FILE_NAME, FolderDocument
from ..sides.tree import MAX_DEPTH

if t.TYPE_CHECKING:
    from ..resources import _Resource
    from ..sides.folder import FolderSide
    from ..sides.server import ServerSide

Predicate = t.Callable[["_Resource"], t.Any]
Callback = t.Callable[[bytes], object]


class Unbound(RuntimeError, AttributeError):
    """A question about both sides of a run, outside of a run."""


def _get_encoding_opt(synchronizer: t.Any, extra_opts: t.Mapping[str, t.Any] | None, default: str) -> str:
    """The option ``encoding`` as the codec's own name; only a target's ``extra_opts`` can have it.

    Raises:
        ValueError: there is no such encoding.
    """
    del synchronizer  # scripts pass it
    name = (extra_opts or {}).get("encoding") or default
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise InvalidTarget(f"the option encoding: {name!r} is unknown; use utf-8 or latin-1, say") from None


class _Target(abc.ABC):
    """One side of a run.

    Parameters:
        root_dir: absolute path of its root folder.
        extra_opts: options of this target alone; they win over those of the run.

    Attributes:
        readonly: nothing may be written but records and the lock.
        dry_run: no record is written either.
        synchronizer, peer: the run it takes part in, and the other side; None outside of runs.
        cur_dir: absolute path; None until opened.
        cur_dir_meta: the record of that folder, or None when it was not read.
        side: the place itself, once opened.
        server_time_ofs: seconds by which the server's clock is ahead; None when unknown.
    """

    DEFAULT_BLOCKSIZE = 16 * 1024
    mtime_compare_eps = MTIME_TOLERANCE
    support_set_time: bool | None = None
    side: FolderSide | ServerSide

    def __init__(self, root_dir: str, extra_opts: dict[str, t.Any] | None) -> None:
        if not isinstance(root_dir, str):
            raise TypeError(f"the root folder must be text, not {type(root_dir).__name__}")
        self.root_dir = root_dir.rstrip("/") or "/"
        self.extra_opts: dict[str, t.Any] = extra_opts or {}
        self.readonly = False
        self.dry_run = False
        self.host: str | None = None
        self.synchronizer: t.Any = None
        self.peer: _Target | None = None
        self.cur_dir: str | None = None
        self.connected = False
        self.encoding = "utf-8"
        self.server_time_ofs: float | None = None
        self.cur_dir_meta: FolderDocument | None = None
        self.meta_stack: list[FolderDocument | None] = []
        self.save_mode = True
        self.case_sensitive: bool | None = None
        self.verbose_meta = verbose_meta()
        self._in_use = threading.Lock()

    def __str__(self) -> str:
        inside = self.inside() if self.cur_dir else ""
        return f"<{self._shown_root()} + {inside or '.'}>"

    def __del__(self) -> None:
        if getattr(self, "connected", False):
            with contextlib.suppress(Exception):  # nobody could catch it, and the interpreter may be about to end
                self.close()

    # ------------------------------------------------------------------ life

    def open(self) -> None:
        """Make it ready for use.

        Raises:
            RuntimeError: it is open already, here or in another thread.
        """
        if not self._in_use.acquire(blocking=False):
            raise RuntimeError(f"{self.get_base_name()} is open already; close it, or use another target")
        try:
            self._open()
        except BaseException:
            self._in_use.release()
            raise
        self.connected = True
        self.cur_dir = self.root_dir
        self.cur_dir_meta = None
        self.meta_stack = []

    def close(self) -> None:
        """End its use; may be called again."""
        self.readonly = False
        if not self.connected:
            return
        try:
            self._close()
        finally:
            self.connected = False
            self._in_use.release()

    @abc.abstractmethod
    def _open(self) -> None:
        """Makes the place ready for use."""

    @abc.abstractmethod
    def _close(self) -> None:
        """Closes what ``_open`` has opened."""

    # ------------------------------------------------------------------ names and options

    def _shown_root(self) -> str:
        return self.get_base_name()

    def get_base_name(self) -> str:
        """How messages call it: never with port, user or password."""
        return self.root_dir

    def get_id(self) -> str:
        """How records of its peers call it (specification 4.4)."""
        return self.root_dir

    def is_unbound(self) -> bool:
        """Whether it takes part in no run."""
        return self.synchronizer is None

    def is_local(self) -> bool:
        """Whether it is the run's local side.

        Raises:
            RuntimeError: it takes part in no run.
        """
        if self.synchronizer is None:
            raise Unbound(f"{self.get_base_name()} takes part in no run")
        return self.synchronizer.local is self

    def is_remote(self, or_unbound: bool = False) -> bool:
        """Whether it is the run's remote side; outside of runs ``or_unbound``, if that is set."""
        if or_unbound and self.synchronizer is None:
            return True
        return not self.is_local()

    def get_option(self, key: str, default: t.Any = None) -> t.Any:
        """An option: its own, else the run's, else the default; None counts as not given."""
        for options in (self.extra_opts, getattr(self.synchronizer, "options", None) or {}):
            if options.get(key) is not None:
                return options[key]
        return default

    def get_options_dict(self) -> dict[str, t.Any]:
        """All options, its own before the run's."""
        return {**(getattr(self.synchronizer, "options", None) or {}), **self.extra_opts}

    def verbosity(self) -> int:
        """How much to tell (specification 1.5)."""
        return int(self.get_option("verbose", 3))

    def check_write(self, name: str) -> None:
        """See that a file or folder may be changed.

        Raises:
            RuntimeError: the target is read-only, and this is no record or lock of ours.
        """
        if self.readonly and name not in (META_FILE_NAME, LOCK_FILE_NAME):
            raise RuntimeError(f"{self.get_base_name()} is read-only in this run: {name!r} is not changed")

    # ------------------------------------------------------------------ the current folder

    def pwd(self) -> str:
        """The current folder's absolute path.

        Raises:
            RuntimeError: the target is not open.
        """
        if self.cur_dir is None or not self.connected:
            raise RuntimeError(f"{self.get_base_name()} is not open")
        return self.cur_dir

    def cwd(self, name: str) -> str:
        """Change into a subfolder, or back with ``..``; gives the new current folder.

        Raises:
            RuntimeError: that would leave the root.
        """
        path = self._joined(self.pwd(), name)
        if path != self.root_dir and not path.startswith(self.root_dir.rstrip("/") + "/"):
            raise RuntimeError(f"{path!r} is outside of {self.root_dir!r}")
        self._check_folder(path)
        self.cur_dir = path
        self.cur_dir_meta = None
        return path

    @abc.abstractmethod
    def _joined(self, folder: str, name: str) -> str:
        """The path of a name in a folder, without ``..``."""

    @abc.abstractmethod
    def _check_folder(self, path: str) -> None:
        """See that a folder can be entered, where that is promised."""

    def inside(self, name: str = "") -> str:
        """The path of the current folder, or of a name in it, relative to the root."""
        folder = (self.cur_dir or self.root_dir)[len(self.root_dir.rstrip("/")) :].strip("/")
        return "/".join(part for part in (folder, name) if part)

    @contextlib.contextmanager
    def enter_subdir(self, name: str) -> t.Iterator[str]:
        """Be in a subfolder for a while; the record of the current folder is kept meanwhile."""
        self.push_meta()
        before = self.pwd()
        try:
            yield self.cwd(name)
        finally:
            self.cur_dir = before
            self.pop_meta()

    def _deeper(self, name: str) -> t.ContextManager[str]:
        """Enters a subfolder; on servers that show links as folders there may be no end to them."""
        if self.inside(name).count("/") > MAX_DEPTH:
            raise Doubtful(f"{self.pwd()}: more than {MAX_DEPTH} levels: a link in a circle? exclude it")
        return self.enter_subdir(name)

    @abc.abstractmethod
    def get_dir(self) -> list[_Resource]:
        """List the current folder, and read its record."""

    def walk(self, pred: Predicate | None = None, recursive: bool = True) -> t.Iterator[_Resource]:
        """Visit all entries below the current folder, which changes meanwhile; folders before what they hold.

        Parameters:
            pred: an entry for which it gives False is left out, with all it holds.
        """
        for entry in self.get_dir():
            if pred is not None and pred(entry) is False:
                continue
            yield entry
            if recursive and entry.is_dir():
                with self._deeper(entry.name):
                    yield from self.walk(pred)

    def walk_tree(
        self, sort: bool = True, files: bool = False, pred: Predicate | None = None
    ) -> t.Iterator[tuple[str, _Resource]]:
        """Visit all entries as ``walk``, each with the lines that connect it to others (specification 13.2).

        Parameters:
            sort: files before folders, each by name without regard to case.
            files: folders and files, not folders alone.
            pred: see ``walk``.
        """
        yield from self._walk_tree("", sort, files, pred)

    def _walk_tree(
        self, lines: str, sort: bool, files: bool, pred: Predicate | None
    ) -> t.Iterator[tuple[str, _Resource]]:
        entries = [entry for entry in self.get_dir() if files or entry.is_dir()]
        entries = [entry for entry in entries if pred is None or pred(entry) is not False]
        if sort:
            entries.sort(key=lambda entry: (entry.is_dir(), entry.name.lower()))
        for entry in entries:
            is_last = entry is entries[-1]
            yield lines + (" `- " if is_last else " +- "), entry
            if entry.is_dir():
                with self._deeper(entry.name):
                    yield from self._walk_tree(lines + ("    " if is_last else " |  "), sort, files, pred)

    # ------------------------------------------------------------------ single steps in the current folder

    @abc.abstractmethod
    def mkdir(self, dir_name: str) -> None:
        """Make a folder."""

    @abc.abstractmethod
    def rmdir(self, dir_name: str) -> None:
        """Delete a folder with all it holds."""

    @abc.abstractmethod
    def remove_file(self, name: str) -> None:
        """Delete a file."""

    @abc.abstractmethod
    def open_readable(self, name: str) -> t.IO[bytes]:
        """A file's content, to be closed by the caller."""

    def open_writable(self, name: str) -> t.IO[bytes]:
        """A file to write into, to be closed by the caller; of folders of this machine only."""
        # What servers cannot do is this error by contract (specification 10.2).
        raise NotImplementedError(f"{self.get_base_name()} has no writable files; use write_file")

    @abc.abstractmethod
    def write_file(
        self,
        name: str,
        fp_src: t.IO[bytes],
        blocksize: int = DEFAULT_BLOCKSIZE,
        callback: Callback | None = None,
    ) -> None:
        """Write a file, which takes its name when it is complete.

        Parameters:
            fp_src: its content.
            blocksize: bytes of each piece, at most.
            callback: given each piece.
        """

    def copy_to_file(self, name: str, fp_dest: t.IO[bytes], callback: Callback | None = None) -> None:
        """Copy a file's content; from servers only.

        Parameters:
            fp_dest: where to.
            callback: given each piece.
        """
        # As above: what folders cannot do.
        raise NotImplementedError(f"{self.get_base_name()} has no copy_to_file; use open_readable")

    def read_text(self, name: str) -> str:
        """A small file's content as text."""
        with self.open_readable(name) as file:
            return file.read().decode("utf-8")

    @as_promised()
    def write_text(self, name: str, s: str) -> None:
        """Write a small file of text, at once as a whole."""
        self.check_write(name)
        self.side.write(self.inside(name), s.encode("utf-8"))

    @abc.abstractmethod
    def set_mtime(self, name: str, mtime: float, size: int) -> None:
        """Give a file its true time, there or in the record."""

    # ------------------------------------------------------------------ records

    def _records(self) -> tuple[FolderDocument | None, str]:
        """The local side's record of its current folder, and the remote side's id."""
        if self.synchronizer is None or self.peer is None:
            raise Unbound(f"{self.get_base_name()} takes part in no run")
        local, remote = (self, self.peer) if self.is_local() else (self.peer, self)
        return local.cur_dir_meta, remote.get_id()

    def get_sync_info(self, name: str | None, key: str | None = None) -> t.Any:
        """What is recorded about an entry of the current folder pair; None if nothing is.

        Parameters:
            name: of the entry, or None for all records by name.
            key: ``m``, ``s`` or ``u``: this field alone.
        """
        document, peer = self._records()
        records = document.peer_sync.get(peer) if document is not None else None
        if name is None or not records:
            return records or None
        record = records.get(name) if name != LAST_SYNC else None
        if not isinstance(record, dict):
            return None
        return record if key is None else record.get(key)

    def set_sync_info(self, name: str, mtime: float | None, size: int | None) -> None:
        """Record that an entry is equal on both sides now; a folder has neither time nor size."""
        document, peer = self._records()
        if document is not None:
            document.set_snapshot(peer, name, mtime, size, time.time())

    def remove_sync_info(self, name: str) -> None:
        """Forget what is recorded about an entry."""
        document, peer = self._records()
        if document is not None:
            document.remove_snapshot(peer, name)

    def push_meta(self) -> None:
        """Put the record of the current folder aside, to go into a subfolder."""
        self.meta_stack.append(self.cur_dir_meta)
        self.cur_dir_meta = None

    def pop_meta(self) -> None:
        """Take the record up that was put aside last."""
        self.cur_dir_meta = self.meta_stack.pop()

    def flush_meta(self) -> None:
        """Write the record of the current folder, if it has changed."""
        if isinstance(self.cur_dir_meta, DirMetadata):
            self.cur_dir_meta.flush()
