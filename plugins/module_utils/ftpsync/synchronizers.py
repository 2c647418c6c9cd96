# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Upload, download and two-way synchronization of two targets (``spec/ftpsync-behaviour.md`` 6, 10.3).

A run looks at both sides, then decides pair by pair in a stable order; there the hooks are called that
subclasses override. What the handlers do is add steps to a plan. In a dry run that is all; else the plan
is carried out, and each confirmed step is told and recorded.
"""

from __future__ import annotations

import fnmatch
import typing as t

from .decide import EXISTING
from .errors import FtpSyncError
from .model import DIRECTORY, Entry
from .options import DEFAULT_OMIT, STATE_DIR
from .pairs import dialogue, lines, tables
from .pairs.base import SynchronizerBase
from .pairs.dialogue import DOWNLOAD_KEYS, SYNC_KEYS, UPLOAD_KEYS
from .pairs.tables import LOCAL, REMOTE, SKIP
from .resources import EntryPair, FileEntry, _Resource
from .util import byte_compare, console_input

__all__ = [
    "ALWAYS_OMIT",
    "CONFIG_FILE_NAME",
    "DEFAULT_OMIT",
    "BaseSynchronizer",
    "BiDirSynchronizer",
    "DownloadSynchronizer",
    "UploadSynchronizer",
    "match_path",
    "process_options",
]

CONFIG_FILE_NAME = "pyftpsync.yaml"
OLD_CONFIG_FILE_NAME = ".pyftpsync.yaml"

# Conflicts of larger files are not looked into: reading them would cost more than it may spare.
MAX_COMPARED = 64 * 1024 * 1024  # bytes

# What never takes part.
ALWAYS_OMIT = [".pyftpsync-meta.json", ".pyftpsync-lock.json", OLD_CONFIG_FILE_NAME, CONFIG_FILE_NAME]


def process_options(opts: dict[str, t.Any]) -> None:
    """Bring ``match`` and ``exclude`` into the form of lists, in place (specification 3.1).

    Parameters:
        opts: where they may be texts with commas, lists, or missing.

    Raises:
        ValueError: one of them is something else.
    """
    for name in ("match", "exclude"):
        value = opts.get(name)
        if value is None:
            opts[name] = []
        elif isinstance(value, str):
            opts[name] = [pattern.strip() for pattern in value.split(",") if pattern.strip()]
        elif isinstance(value, (list, tuple, set, frozenset)):
            opts[name] = list(value)
        else:
            raise ValueError(f"{name}: must be a list of patterns or a text with commas, not {value!r}")


def match_path(entry: _Resource, opts: t.Mapping[str, t.Any]) -> bool:
    """Whether an entry takes part (specification 3.2).

    Patterns are for the base name; one with a slash is for the path from the root (B61).

    Parameters:
        opts: as ``process_options`` leaves them.
    """
    if entry.name in ALWAYS_OMIT or entry.get_rel_path() == STATE_DIR:
        return False
    if entry.is_file() and opts.get("match") and not _matches(entry, opts["match"]):
        return False
    return not _matches(entry, opts.get("exclude") or ())


def _matches(entry: _Resource, patterns: t.Iterable[str]) -> bool:
    return any(
        fnmatch.fnmatch(entry.get_rel_path() if "/" in pattern else entry.name, pattern.strip("/"))
        for pattern in patterns
    )


class BaseSynchronizer(SynchronizerBase):
    """What all three have in common; cannot be run by itself.

    Parameters:
        local, remote: targets; constructing them and this sends nothing.
        options: see specification 10.6; kept, and ``match`` and ``exclude`` are normalised in place.
    """

    _keys = SYNC_KEYS
    _resolve_shortcuts = dialogue.CHOICES

    def __init__(self, local: t.Any, remote: t.Any, options: dict[str, t.Any] | None) -> None:
        options = {} if options is None else options
        process_options(options)
        super().__init__(local, remote, options)

    def get_info_strings(self) -> tuple[str, str]:
        """The two words of the banner; by contract what keeps this class from being run (specification 10.3)."""
        raise NotImplementedError

    # ------------------------------------------------------------------ filters

    def _match(self, entry: _Resource) -> bool:
        return match_path(entry, self.options)

    def _is_ours(self, path: str) -> bool:
        """Whether a path is never content: records, and the folder of runs that keep theirs on the server."""
        return path.rpartition("/")[2] in ALWAYS_OMIT or path == STATE_DIR

    def _test_match_or_print(self, entry: _Resource) -> bool:
        """Whether an entry takes part; says so if not."""
        if self._match(entry):
            return True
        self._log_action("skip", "mismatch", "?", entry, min_level=4)
        return False

    # ------------------------------------------------------------------ hooks

    def _before_sync(self, entry: _Resource) -> bool | None:  # noqa: ARG002 - a hook
        """False leaves an entry out."""
        return True

    def re_classify_pair(self, pair: EntryPair) -> bool | None:  # noqa: ARG002 - a hook
        """May override the pair's operation; False suppresses it."""
        return True

    def on_error(self, exc: BaseException, pair: EntryPair | None) -> bool | None:  # noqa: ARG002 - a hook
        """True ignores an error."""
        return False

    def on_copy_local(self, pair: EntryPair) -> t.Any:
        """Copy local to remote."""
        self._log_action("copy", pair.local_classification or "", lines.TO_REMOTE, _there(pair.local))
        self._copy(self.local, self.remote, _there(pair.local))

    def on_copy_remote(self, pair: EntryPair) -> t.Any:
        """Copy remote to local."""
        self._log_action("copy", pair.remote_classification or "", lines.TO_LOCAL, _there(pair.remote))
        self._copy(self.remote, self.local, _there(pair.remote))

    def on_delete_local(self, pair: EntryPair) -> t.Any:
        """Delete what the remote side has lost."""
        self._delete(LOCAL, _there(pair.local), "missing", lines.DELETE_IN_LOCAL)

    def on_delete_remote(self, pair: EntryPair) -> t.Any:
        """Delete what the local side has lost."""
        self._delete(REMOTE, _there(pair.remote), "missing", lines.DELETE_IN_REMOTE)

    def on_equal(self, pair: EntryPair) -> t.Any:
        """Both sides are as recorded, or equal anyway."""
        self._log_action("equal", "", "=", _there(pair.local), min_level=4)

    def on_need_compare(self, pair: EntryPair) -> t.Any:
        """Neither side is recorded: compare them (specification 6.4)."""
        local, remote = pair.local, pair.remote
        if not isinstance(local, FileEntry) or not isinstance(remote, FileEntry):
            self._log_action("visit", "", "?", pair.any_entry, min_level=4)
            return None
        recorded = pair.local_classification != EXISTING
        classes = tables.compared(local.size == remote.size, local.order(remote), recorded)
        pair.local_classification, pair.remote_classification = classes
        pair.operation = tables.operation_map[classes]
        return self._act(pair)

    def on_conflict(self, pair: EntryPair) -> t.Any:
        """Both sides changed, or one changed what the other deleted (specification 6.5)."""
        operation = self._repeated(pair) or self._resolved(pair)
        if operation is None:
            self._skip_conflict(pair)
            return None
        both = pair.local is not None and pair.remote is not None
        if operation == tables.COPY_LOCAL:
            self._log_action("copy" if both else "restore", "conflict", "*>*" if both else "*>x", _there(pair.local))
            self._copy(self.local, self.remote, _there(pair.local))
        elif operation == tables.COPY_REMOTE:
            self._log_action("copy" if both else "restore", "conflict", "*<*" if both else "x<*", _there(pair.remote))
            self._copy(self.remote, self.local, _there(pair.remote))
        elif operation == tables.DELETE_LOCAL:
            self._delete(LOCAL, _there(pair.local), "conflict", "*<x")
        else:
            self._delete(REMOTE, _there(pair.remote), "conflict", "x>*")
        return None

    def on_mismatch(self, pair: EntryPair) -> t.Any:
        """A filter leaves this pair out."""
        self._log_action("skip", "mismatch", "?", pair.any_entry, min_level=4)

    # ------------------------------------------------------------------ conflicts

    def _repeated(self, pair: EntryPair) -> str | None:
        """Files of the same content, but of different times, are copied once more, which is then recorded.

        A run that was killed leaves them so on a server that cannot set times.
        """
        local, remote = pair.local, pair.remote
        if not isinstance(local, FileEntry) or not isinstance(remote, FileEntry) or local.size != remote.size:
            return None
        if local.size is None or local.size > MAX_COMPARED:
            return None
        try:
            same = self._compare_file(local, remote)
        except (FtpSyncError, OSError):
            return None
        if not same:
            return None
        return tables.COPY_REMOTE if self._reads_only == REMOTE else tables.COPY_LOCAL

    def _resolved(self, pair: EntryPair) -> str | None:
        """What a conflict becomes; None leaves it alone."""
        local, remote = pair.local, pair.remote
        there = (local is not None, remote is not None)
        choice = self._interactive_resolve(pair)
        while True:
            times = (local.mtime if local else None, remote.mtime if remote else None)
            operation = tables.resolve(choice or SKIP, times[0], times[1], there)
            if operation is not None or choice in (None, SKIP):
                return operation
            if there == (True, True):
                self._say(0 if self._may_ask() else 3, "Files have identical modification times.")
            if not self._may_ask():
                return None
            choice = self._ask(pair)

    def _skip_conflict(self, pair: EntryPair) -> None:
        self._stats["conflict_files_skipped"] += 1
        self._conflicts[pair.rel_path] = tables.REASON.get(pair.classes, "differs")
        self._log_action("skip", "conflict", "*?*", pair.any_entry, min_level=2)

    def _interactive_resolve(self, pair: EntryPair) -> str | None:
        """Who wins a conflict: by the options, by an earlier answer for all, or by asking."""
        if self.verbose >= 5:
            self._print_pair_diff(pair)
        if self.resolve_all:
            return self.resolve_all
        choice = self.options.get("resolve") or SKIP
        return self._ask(pair) if choice == tables.ASK else str(choice)

    def _may_ask(self) -> bool:
        may_be_asked = bool(self.is_script) and not self.options.get("no_prompt")
        return may_be_asked or self.options.get("resolve") == tables.ASK

    def _ask(self, pair: EntryPair) -> str:
        """Ask until there is an answer (specification 7).

        Raises:
            EOFError: there is no further input.
        """
        self._stats["interactive_ask"] += 1
        if self.verbose < 5:
            self._print_pair_diff(pair)
        while True:
            key = console_input(dialogue.question(self._keys)).strip()
            if key in ("h", "H", "?"):
                self._say_all(0, dialogue.help_lines(self._keys))
                if self._keys == SYNC_KEYS:
                    self._print_pair_diff(pair)
            elif key in ("b", "B"):
                self._say(0, f"    {self._difference(pair)}")
            elif len(key) == 1 and key.lower() in self._keys:
                choice = self._resolve_shortcuts[key.lower()]
                if tables.resolve(choice, *_times(pair)) is None and choice != SKIP:
                    self._say(0, "Files have identical modification times." if _both(pair) else "One file is missing.")
                    continue
                if key.isupper():
                    self.resolve_all = choice
                return choice

    def _print_pair_diff(self, pair: EntryPair) -> None:
        """Tell what is known of both sides."""
        header, *rest = dialogue.describe(pair, self.local.get_sync_info(pair.name))
        self._say(0, lines.coloured(header, "skip", "conflict", "", bool(self.options.get("no_color"))))
        self._say_all(0, rest)

    def _difference(self, pair: EntryPair) -> str:
        """Compare two files byte by byte, in words."""
        local, remote = pair.local, pair.remote
        if local is None or remote is None:
            return f"The file is missing on the {'local' if local is None else 'remote'} side."
        if local.size != remote.size:
            return f"Files are different (size {local.size or 0:,} != {remote.size or 0:,})."
        with self.local.open_readable(pair.name) as one, self.remote.open_readable(pair.name) as other:
            same, offset = byte_compare(one, other)
        return "Files are equal." if same else f"Files are different at offset {offset:,}."

    def _compare_file(self, local: FileEntry, remote: FileEntry) -> bool:
        """Whether two files are equal byte by byte."""
        with self.local.open_readable(local.name) as one, self.remote.open_readable(remote.name) as other:
            return bool(byte_compare(one, other)[0])

    # ------------------------------------------------------------------ what handlers add to the plan

    def _copy(self, source: t.Any, target: t.Any, entry: _Resource) -> None:
        if entry.is_dir():
            self._copy_recursive(source, target, entry)
        else:
            self._copy_file(source, target, entry)

    def _delete(self, side: str, entry: _Resource, status: str, symbol: str) -> None:
        if entry.is_dir() and not self._goes(side, entry):
            self._log_action("skip", "remains", symbol, entry, min_level=4)
            return
        self._log_action("delete", status, symbol, entry)
        if entry.is_dir():
            self._remove_dir(entry)
        else:
            self._remove_file(entry)


class BiDirSynchronizer(BaseSynchronizer):
    """Both ways: changes and deletions of either side reach the other one."""

    def get_info_strings(self) -> tuple[str, str]:
        """The two words of the banner."""
        return "Synchronize", "with"


class _OneWay(BiDirSynchronizer):
    """What uploads and downloads have in common.

    Attributes:
        _from, _to: the side that is the truth, and the one that is changed.
    """

    _from = LOCAL
    _to = REMOTE

    def _option(self, name: str) -> bool:
        return bool(self.options.get(name))

    def _is_deleting(self) -> bool:
        return self._option("delete")

    def _enters(self, side: str, path: str, known: t.Mapping[str, t.Any]) -> bool:
        if side == self._to and self._option("delete_unmatched"):
            return not self._is_ours(path)
        if not super()._enters(side, path, known):
            return False
        source = known.get(self._from)
        if side != self._to or source is None or self._is_deleting():
            return True
        return path in source.entries and source.entries[path].kind == DIRECTORY

    def on_mismatch(self, pair: EntryPair) -> t.Any:
        """Leave the pair out, or with ``delete_unmatched`` delete it at the destination (specification 3.4)."""
        entry = pair.remote if self._to == REMOTE else pair.local
        if entry is not None and self._option("delete_unmatched") and not self._is_ours(pair.rel_path):
            self._delete_unmatched(entry)
        else:
            self._log_action("skip", "unmatched", "-", pair.any_entry, min_level=4)

    def _delete_unmatched(self, entry: _Resource) -> None:
        self._log_action("delete", "unmatched", lines.TO_REMOTE if self._to == REMOTE else lines.TO_LOCAL, entry)
        if entry.is_dir():
            self._remove_dir(entry, whole=True)
        else:
            self._remove_file(entry)

    def _may_go(self, side: str, path: str, entry: Entry) -> bool:
        if side == self._to and self._option("delete_unmatched"):
            return not self._is_ours(path)
        return super()._may_go(side, path, entry)

    def _skip(self, status: str, symbol: str, entry: _Resource | None) -> None:
        self._log_action("skip", status, symbol, _there(entry))


class UploadSynchronizer(_OneWay):
    """Local to remote; the local side is only read."""

    _keys = UPLOAD_KEYS
    _from, _to = LOCAL, REMOTE
    _resolves = (LOCAL, SKIP, tables.ASK)
    _reads_only = LOCAL

    def get_info_strings(self) -> tuple[str, str]:
        """The two words of the banner."""
        return "Upload", "to"

    def _override(self, pair: EntryPair) -> str | None:
        force, delete = self._option("force"), self._is_deleting()
        return tables.upload_override(pair.classes, pair.is_dir, force, delete)

    def on_copy_remote(self, pair: EntryPair) -> t.Any:
        """The server's file stays as it is."""
        self._skip("download", lines.TO_LOCAL, pair.remote)

    def on_delete_local(self, pair: EntryPair) -> t.Any:
        """The local entry stays."""
        self._skip("local del.", lines.DELETE_IN_LOCAL, pair.local)

    def on_delete_remote(self, pair: EntryPair) -> t.Any:
        """Delete with ``delete`` only."""
        if self._is_deleting():
            super().on_delete_remote(pair)
        else:
            self._skip("remote del.", lines.DELETE_IN_REMOTE, pair.remote)


class DownloadSynchronizer(_OneWay):
    """Remote to local; the remote side is only read."""

    _keys = DOWNLOAD_KEYS
    _from, _to = REMOTE, LOCAL
    _resolves = (REMOTE, SKIP, tables.ASK)
    _reads_only = REMOTE

    def get_info_strings(self) -> tuple[str, str]:
        """The two words of the banner."""
        return "Download to", "from"

    def _override(self, pair: EntryPair) -> str | None:
        force, delete = self._option("force"), self._is_deleting()
        return tables.download_override(pair.classes, pair.is_dir, force, delete)

    def on_copy_local(self, pair: EntryPair) -> t.Any:
        """The local file stays as it is."""
        self._skip("upload", lines.TO_REMOTE, pair.local)

    def on_delete_remote(self, pair: EntryPair) -> t.Any:
        """The remote entry stays."""
        self._skip("remote del.", lines.DELETE_IN_REMOTE, pair.remote)

    def on_delete_local(self, pair: EntryPair) -> t.Any:
        """Delete with ``delete`` only."""
        if self._is_deleting():
            super().on_delete_local(pair)
        else:
            self._skip("local del.", lines.DELETE_IN_LOCAL, pair.local)


def _there(entry: _Resource | None) -> _Resource:
    return t.cast(_Resource, entry)


def _both(pair: EntryPair) -> bool:
    return pair.local is not None and pair.remote is not None


def _times(pair: EntryPair) -> tuple[float | None, float | None, tuple[bool, bool]]:
    local, remote = pair.local, pair.remote
    return (
        local.mtime if local else None,
        remote.mtime if remote else None,
        (local is not None, remote is not None),
    )
