# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""A folder on a server as a target of user scripts (``spec/ftpsync-behaviour.md`` 10.2).

Commands carry absolute paths, whatever the current folder. Errors are those of ``api_errors.py``.
"""

from __future__ import annotations

import functools
import posixpath
import secrets
import tempfile
import time
import typing as t

from .api_errors import Refused, as_promised
from .console.asking import save_password
from .console.messages import write, write_error
from .endpoints import lock, opening
from .endpoints.base import Callback, _get_encoding_opt, _Target
from .errors import ConnectionLost, FtpSyncError, ListingDoubtful
from .ftp.persistence import persistently
from .ftp.replies import parse_pwd
from .ftp.wire import Command, decode_name
from .metadata import DirMetadata
from .model import DIRECTORY, FILE, join
from .records.folder_file import LOCK_FILE_NAME, META_FILE_NAME
from .resources import _Resource, make_entry
from .scan.links import links
from .sides.server import ServerSide
from .sides.tree import MAX_DEPTH
from .temporary import temporary_name
from .url import DEFAULT_PORT, EXPLICIT, IMPLICIT, IMPLICIT_PORT, NONE, base_name

if t.TYPE_CHECKING:
    from .ftp.listing import Listing
    from .ftp.pool import Pool
    from .ftp.session import Session
    from .ftp.wire import Reply

R = t.TypeVar("R")


class FtpTarget(_Target):
    """A folder on an FTP server.

    Parameters:
        path: absolute, from the server's root.
        host: name or address.
        port: 0 for the usual one.
        username, password: as far as known; an empty password is one.
        tls: AUTH TLS; TLS from the first byte at port 990.
        timeout: seconds without progress; the option of that name by default.
        extra_opts: see ``_Target``.

    Attributes:
        tls_mode: ``none``, ``explicit`` or ``implicit``.
        id_path: the path as the peer id has it.
        pool: the sessions, once opened.
        lock_data: what was written into the lock; False if that was refused; None without lock.
        lock_write_time: when that was, by our clock.
    """

    DEFAULT_BLOCKSIZE = 8 * 1024
    MAX_SPOOL_MEM = 100 * 1024
    support_set_time = False
    side: ServerSide
    host: str

    def __init__(
        self,
        path: str,
        host: str,
        port: int = 0,
        username: str | None = None,
        password: str | None = None,
        tls: bool = False,
        timeout: float | None = None,
        extra_opts: dict[str, t.Any] | None = None,
    ) -> None:
        super().__init__(f"/{path or ''}".replace("//", "/", 1), extra_opts)
        self.encoding = _get_encoding_opt(None, extra_opts, "utf-8")
        self.tls_mode = NONE if not tls else IMPLICIT if port == IMPLICIT_PORT else EXPLICIT
        self.host = host
        self.port = port or DEFAULT_PORT[self.tls_mode]
        self.username = username
        self.password = password
        self.tls = tls
        self.timeout = timeout
        self.id_path = self.root_dir
        self.pool: Pool = t.cast(t.Any, None)
        self.lock_data: dict[str, t.Any] | bool | None = None
        self.lock_write_time: float | None = None
        self.is_unix: bool | None = None

    # ------------------------------------------------------------------ names

    def get_base_name(self) -> str:
        """Scheme, host and path."""
        return base_name(self.tls, self.host, self.root_dir)

    def get_id(self) -> str:
        """Host and path: ports and users share their records (B47)."""
        return f"{self.host}{self.id_path}"

    @property
    def ftp(self) -> Session | None:
        """The session for single commands; None until opened."""
        return self.pool.main if self.pool is not None else None

    @property
    def ftp_socket_connected(self) -> bool:
        """Whether there is a connection."""
        return self.pool is not None and self.pool.main.is_open

    @property
    def syst_response(self) -> str | None:
        """What kind of system the server says it is; None until opened."""
        return self.pool.facts.system if self.pool is not None else None

    @property
    def feat_response(self) -> str | None:
        """The server's extensions, one a line; None until opened, or when it tells none."""
        features = self.pool.facts.features if self.pool is not None else None
        return "\n".join(f"{name} {rest}".strip() for name, rest in features.parameters.items()) if features else None

    @property
    def support_utf8(self) -> bool | None:
        """Whether the server says that names are in UTF-8; None while unknown."""
        return self.pool.facts.utf8 if self.pool is not None else None

    # ------------------------------------------------------------------ life

    @as_promised()
    def _open(self) -> None:
        known = self.username, self.password
        self.pool = opening.log_in(self)
        try:
            self.side = ServerSide(self.pool, self.root_dir)
            self.side.exists = persistently(self.pool, lambda session: opening.enter_root(self, session))
            if self.get_option("store_password"):
                save_password(self.host, self.username, self.password, quiet=self.verbosity() < 3)
        except BaseException:
            self.username, self.password = known  # who opens it again may have given the wrong ones
            self.pool.close()
            raise
        self.lock_data = self.lock_write_time = self.server_time_ofs = None
        if self.verbosity() >= 4:
            self._tell_about_server()

    def _tell_about_server(self) -> None:
        facts = self.pool.facts
        encrypted = f", with {facts.tls_version}" if self.tls else ""
        write(f"Logged in at {self.host} as {self.username or 'anonymous'!r}{encrypted}.")
        if facts.utf8 is not True:
            write(f"{self.host} does not say that names are in UTF-8; {self.encoding} is used.", warning=True)
        if self.verbosity() >= 5:
            write(f"SYST: {facts.system}", debug=True)
            write(f"FEAT: {', '.join(sorted(facts.features.parameters)) if facts.features else '(none)'}", debug=True)

    def _close(self) -> None:
        self._unlock(closing=True)
        self.pool.close()

    @as_promised()
    def _lock(self) -> None:
        """Write the lock, and learn the server's clock; not twice."""
        if self.lock_data is None:
            lock.put_lock(self)

    @as_promised()
    def _unlock(self, closing: bool = False) -> None:
        """Remove the lock, if we have written it."""
        lock.take_lock_away(self, quietly=closing)

    def _probe_lock_file(self, mtime: float) -> None:
        """Learn the server's clock from the lock's listed time."""
        lock.probe(self, mtime, 1)

    # ------------------------------------------------------------------ one step

    def _do(self, step: t.Callable[[Session], R]) -> R:
        """Does a step that may be repeated after the connection was lost."""
        self.pwd()
        with as_promised():
            return persistently(self.pool, step)

    def _at(self, name: str) -> str:
        return join(self.pwd(), name)

    def _joined(self, folder: str, name: str) -> str:
        return posixpath.normpath(posixpath.join(folder, name))

    def _check_folder(self, path: str) -> None:
        self._do(lambda session: session.command("CWD", path))

    # ------------------------------------------------------------------ looking

    def get_dir(self) -> list[_Resource]:
        """List the current folder; what is neither file nor folder is left out, with a word about it."""
        folder = self.pwd()
        listing = self._do(lambda session: session.list_folder(folder))
        document = DirMetadata(self)
        entries = {name: entry for name, entry in listing.entries if entry.kind in (FILE, DIRECTORY)}
        self._tell_about_listing(listing)
        if entries.pop(META_FILE_NAME, None) is not None:
            document.read()
        locked = entries.pop(LOCK_FILE_NAME, None) if folder == self.root_dir else None
        if locked is not None and locked.mtime is not None and self.server_time_ofs is None:
            lock.probe(self, locked.mtime, locked.mtime_span)
        true_times = document.adjust(entries)
        self.cur_dir_meta = document
        return [make_entry(self, folder, name, entry, true_times.get(name)) for name, entry in entries.items()]

    def _tell_about_listing(self, listing: Listing) -> None:
        for line in [*listing.problems, *([listing.doubt] if listing.doubt else [])]:
            write_error(f"{self.pwd()}: {line}")
        others = [name for name, entry in listing.entries if entry.kind not in (FILE, DIRECTORY)]
        if others and self.verbosity() >= 3:
            write(f"{self.pwd()}: neither files nor folders, and left out: {', '.join(others)}", warning=True)

    def _ftp_pwd(self) -> str | None:
        """The server's own working directory, which nothing here depends on."""
        return self._do(lambda session: parse_pwd(session.command("PWD"), self.encoding))

    def _ftp_nlst(self, dir_name: str) -> list[str]:
        """Names in a folder."""
        return [item.name for item in self._do(lambda session: session.list_folder(self._at(dir_name))).entries]

    def _ftp_retrlines_native(self, command: str, callback: t.Callable[[str], object], encoding: str) -> None:
        """Gives each line of a listing to a function.

        Parameters:
            command: such as ``MLSD /www``.
            encoding: of the lines.
        """
        verb, _blank, argument = command.partition(" ")
        for line in self._do(lambda session: session.read_lines(Command(verb.upper(), argument or None))):
            callback(decode_name(line, encoding))

    # ------------------------------------------------------------------ changing

    def mkdir(self, dir_name: str) -> None:
        """Make a folder."""
        self.check_write(dir_name)
        self._do(lambda session: session.command("MKD", self._at(dir_name)))

    def remove_file(self, name: str) -> None:
        """Delete a file, and what is recorded about its time."""
        self.check_write(name)
        self._do(lambda session: session.command("DELE", self._at(name)))
        if self.cur_dir_meta is not None:
            self.cur_dir_meta.remove_mtime(name)

    def rmdir(self, dir_name: str) -> None:
        """Delete a folder with all it holds; links in it go, what they lead to stays."""
        self.check_write(dir_name)
        self._rmdir_impl(dir_name)

    def _rmdir_impl(
        self, dir_name: str, keep_root_folder: bool = False, predicate: t.Callable[[str], object] | None = None
    ) -> None:
        """Delete what a folder holds, and the folder.

        Parameters:
            keep_root_folder: not the folder itself.
            predicate: names for which it gives something false are kept, with all they hold.
        """
        self._empty(self._at(dir_name), not keep_root_folder, predicate, 0)

    def _empty(self, path: str, whole: bool, predicate: t.Callable[[str], object] | None, depth: int) -> bool:
        if depth > MAX_DEPTH:
            raise ListingDoubtful(f"{path}: more than {MAX_DEPTH} levels")
        listing = self._do(lambda session: session.list_folder(path))
        chosen = [item for item in listing.entries if predicate is None or predicate(item.name)]
        gone = len(chosen) == len(listing.entries)
        linked = self._do(lambda session: links(session, path))
        for name, entry in chosen:
            if entry.kind == DIRECTORY and name not in linked:
                gone = self._empty(join(path, name), True, predicate, depth + 1) and gone
        files = [join(path, name) for name, entry in chosen if entry.kind != DIRECTORY or name in linked]
        for file in files:
            self._do(functools.partial(_delete, path=file))
        if whole and gone:
            self._do(lambda session: session.command("RMD", path))
        return whole and gone

    def set_mtime(self, name: str, mtime: float, size: int) -> None:
        """Record a file's true time; ``flush_meta`` writes it."""
        self.check_write(name)
        if self.cur_dir_meta is None:
            self.cur_dir_meta = DirMetadata(self)
            self.cur_dir_meta.read()
        self.cur_dir_meta.set_mtime(name, mtime, size, time.time() + (self.server_time_ofs or 0.0))

    # ------------------------------------------------------------------ content

    def open_readable(self, name: str) -> t.IO[bytes]:
        """A file's content, read to its end before; large ones lie in a temporary file."""

        def step(session: Session) -> t.IO[bytes]:
            spool = t.cast("t.IO[bytes]", tempfile.SpooledTemporaryFile(self.MAX_SPOOL_MEM))  # noqa: SIM115 - the caller closes it
            try:
                session.retrieve(self._at(name), spool.write)
            except BaseException:
                spool.close()
                raise
            spool.seek(0)
            return spool

        return self._do(step)

    def copy_to_file(self, name: str, fp_dest: t.IO[bytes], callback: Callback | None = None) -> None:
        """Copy a file's content as it comes."""

        def sink(piece: bytes) -> None:
            fp_dest.write(piece)
            if callback is not None:
                callback(piece)

        path = self._at(name)
        with as_promised():
            self.pool.main.retrieve(path, sink)

    def write_file(
        self,
        name: str,
        fp_src: t.IO[bytes],
        blocksize: int = DEFAULT_BLOCKSIZE,
        callback: Callback | None = None,
    ) -> None:
        """Write a file, which takes its name when it is complete; at once under its name where renaming is refused."""
        self.check_write(name)
        there = self._at(name)
        on_its_way = self._at(temporary_name(secrets.token_hex(6), there))
        session = self.pool.main
        source = _Pieces(fp_src, blocksize, callback)
        start = fp_src.tell() if fp_src.seekable() else None
        try:
            with as_promised():
                renamed = session.store(on_its_way, source, None, rename_to=there).renamed
                if renamed is None or renamed.is_ok:
                    return
                if start is None:
                    raise Refused(f"{there} cannot take its name: {renamed.text}", renamed)
                fp_src.seek(start)
                session.store(there, _Pieces(fp_src, blocksize, None), None)
        except BaseException:
            self._sweep(on_its_way)
            raise
        self._sweep(on_its_way)

    def _sweep(self, path: str) -> None:
        """Removes what a failed transfer has left; what cannot be removed, a later run removes."""
        try:
            list(self.pool.main.pipeline([("DELE", path)]))
        except (ConnectionLost, FtpSyncError):
            return


def _delete(session: Session, path: str) -> Reply:
    return session.command("DELE", path)


class _Pieces:
    """A file that is read in pieces of a certain size, each shown to a function."""

    def __init__(self, file: t.IO[bytes], size: int, callback: Callback | None) -> None:
        self._file = file
        self._size = size
        self._callback = callback

    def read(self, count: int) -> bytes:
        """Gives the next piece."""
        piece = self._file.read(min(count, self._size))
        if piece and self._callback is not None:
            self._callback(piece)
        return piece


FTPTarget = FtpTarget
