# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Entries of a target and pairs of them, as user scripts know them (``spec/ftpsync-behaviour.md`` 10.4, 10.5)."""

from __future__ import annotations

import abc
import typing as t

from .decide import DELETED, EXISTING, MISSING, MODIFIED, MTIME_TOLERANCE, NEW, UNMODIFIED
from .model import DIRECTORY, Entry
from .pairs import tables
from .pairs.tables import ENTRY_CLASSIFICATIONS, PAIR_OPERATIONS, operation_map
from .util import pretty_stamp

if t.TYPE_CHECKING:
    from .targets import _Target

__all__ = [
    "ENTRY_CLASSIFICATIONS",
    "PAIR_OPERATIONS",
    "DirectoryEntry",
    "EntryPair",
    "FileEntry",
    "_Resource",
    "operation_map",
]


class _Resource(abc.ABC):
    """A file or folder of a target.

    Parameters:
        target: where it is.
        rel_path: the absolute folder that holds it, on the target.
        name: its name.
        size: bytes; 0 for folders, None when the server does not say.
        mtime: seconds UTC: the true time, where a record knows it; None when unknown.
        unique: an identification by the target, or None.

    Attributes:
        mtime_org: the time as listed.
        mtime_span: seconds by which the true time may be later (LIST knows minutes or days only).
        ps_size, ps_mtime, ps_utime: what the record says, once classified.
        classification: one of ENTRY_CLASSIFICATIONS, once classified.
        was_deleted: always False: who is asked is there.
    """

    def __init__(
        self,
        target: _Target,
        rel_path: str,
        name: str,
        size: int | None,
        mtime: float | None,
        unique: str | None,
    ) -> None:
        self.target = target
        self.rel_path = rel_path
        self.name = name
        self.size = size
        self.mtime = mtime
        self.mtime_org = mtime
        self.mtime_span: float = 1
        self.unique = unique
        self.ps_size: int | None = None
        self.ps_mtime: float | None = None
        self.ps_utime: float | None = None
        self.classification: str | None = None
        self.was_deleted = False

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self.get_rel_path()!r})"

    def is_file(self) -> bool:
        """Whether it is a file."""
        return False

    def is_dir(self) -> bool:
        """Whether it is a folder."""
        return False

    def is_local(self) -> bool:
        """Whether it belongs to the synchronizer's local side."""
        return bool(self.target.is_local())

    def get_rel_path(self) -> str:
        """The path relative to the target's root, joined with ``/``."""
        folder = self.rel_path.replace("\\", "/") if "\\" in self.target.root_dir else self.rel_path
        root = self.target.root_dir.rstrip("/")
        inside = folder[len(root) :].strip("/") if folder.startswith(root) else folder.strip("/")
        return f"{inside}/{self.name}" if inside else self.name

    def get_sync_info(self, key: str | None = None) -> t.Any:
        """The record of this entry, or one field of it (``m``, ``s``, ``u``); None when there is none."""
        return self.target.get_sync_info(self.name, key)

    def as_string(self, other_resource: _Resource | None = None) -> str:
        """Time and size for the conflict dialogue (specification 7).

        Parameters:
            other_resource: compared with it.
        """
        other = other_resource
        stamp = pretty_stamp(self.mtime)
        text = f"{stamp}, {self.size or 0:>8,} bytes"
        if other is None:
            return text
        remarks = []
        if self.mtime is not None and other.mtime is not None and self.mtime != other.mtime:
            remarks.append("older" if self.mtime < other.mtime else "newer")
        if self.size is not None and other.size is not None and self.size != other.size:
            remarks.append("smaller" if self.size < other.size else "larger")
        return f"{text} ({', '.join(remarks)})" if remarks else text

    def classify(self, peer_dir_meta: t.Mapping[str, t.Any] | None) -> str:
        """Class this entry against the records of its folder pair (specification 6.2); once only.

        Parameters:
            peer_dir_meta: ``peer_sync`` of the other side's id; None or empty means no records.
        """
        if self.classification is None:
            record = (peer_dir_meta or {}).get(self.name)
            if isinstance(record, t.Mapping):
                self.ps_size, self.ps_mtime, self.ps_utime = (record.get(key) for key in "smu")
            self.classification = self._class_of(bool(peer_dir_meta), isinstance(record, t.Mapping))
        return self.classification

    @abc.abstractmethod
    def _class_of(self, any_records: bool, recorded: bool) -> str:
        """The class against the record that is noted by now."""


class FileEntry(_Resource):
    """A file."""

    EPS_TIME = MTIME_TOLERANCE

    def is_file(self) -> bool:
        """True."""
        return True

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FileEntry):
            return NotImplemented
        return self.name == other.name and self.size == other.size and self.order(other) == 0

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __gt__(self, other: FileEntry) -> bool:
        return self.name == other.name and self.order(other) > 0

    def __lt__(self, other: FileEntry) -> bool:
        return self.name == other.name and self.order(other) < 0

    # Equality goes by a tolerance, with which no hash can agree; mypy knows no other way to say so.
    __hash__ = None  # type: ignore[assignment]

    def order(self, other: FileEntry) -> int:
        """-1, 0 or 1: earlier, the same as far as can be told, later."""
        order = tables.compare_times(self.mtime, other.mtime, self.EPS_TIME)
        if order and self.mtime is not None and other.mtime is not None:
            early, late = (self, other) if order < 0 else (other, self)
            if t.cast(float, late.mtime) - t.cast(float, early.mtime) <= self.EPS_TIME + early.mtime_span - 1:
                return 0
        return order

    def _class_of(self, any_records: bool, recorded: bool) -> str:
        if not any_records:
            return EXISTING
        if not recorded:
            return NEW
        if not self.is_as_recorded():
            return MODIFIED
        if self.mtime_span > 1 and self.ps_mtime is not None:  # the record is more exact than the listing
            self.mtime, self.mtime_span = self.ps_mtime, 1
        return UNMODIFIED

    def is_as_recorded(self) -> bool:
        """Whether size and time are those of the record; a time that nobody knows decides nothing."""
        if self.size != self.ps_size:
            return False
        if self.mtime is None or self.ps_mtime is None:
            return True
        later = self.ps_mtime - self.mtime  # the listed time may be cut off to minutes, never rounded up
        return -self.EPS_TIME <= later <= self.EPS_TIME + self.mtime_span - 1

    def was_modified_since_last_sync(self) -> bool | None:
        """Whether size differs or time is later than recorded; None without a record."""
        info = self.get_sync_info()
        if not info:
            return None
        mtime, recorded = self.mtime, info.get("m")
        later = mtime is not None and recorded is not None and mtime > recorded + self.EPS_TIME
        return bool(self.size != info.get("s") or later)


class DirectoryEntry(_Resource):
    """A folder."""

    def __init__(
        self,
        target: _Target,
        rel_path: str,
        name: str,
        size: int | None = 0,
        mtime: float | None = None,
        unique: str | None = None,
    ) -> None:
        super().__init__(target, rel_path, name, size or 0, mtime, unique)

    def is_dir(self) -> bool:
        """True."""
        return True

    def as_string(self, other_resource: _Resource | None = None) -> str:  # noqa: ARG002 - as of files
        """What there is to say of a folder."""
        return "[directory]"

    def get_sync_info(self, key: str | None = None) -> t.Any:
        """None: folders have neither size nor time."""

    def _class_of(self, any_records: bool, recorded: bool) -> str:
        return NEW if any_records and not recorded else UNMODIFIED


def make_entry(target: _Target, folder: str, name: str, entry: Entry, mtime: float | None = None) -> _Resource:
    """An entry as scripts know it.

    Parameters:
        folder: absolute folder on the target.
        entry: what was listed.
        mtime: the true time, where a record knows it.
    """
    if entry.kind == DIRECTORY:
        return DirectoryEntry(target, folder, name, 0, entry.mtime)
    found = FileEntry(target, folder, name, entry.size, entry.mtime, None)
    found.mtime_span = entry.mtime_span
    if mtime is not None:
        found.mtime, found.mtime_span = mtime, 1
    return found


class EntryPair:
    """What both sides hold under one name.

    Parameters:
        local, remote: at least one is not None; both are of the same kind and name.

    Attributes:
        local_classification, remote_classification: see specification 6.2.
        operation: one of PAIR_OPERATIONS; None while unclassified, or where nothing is to be done.
        re_class_reason: who overrode the operation, or None.
    """

    def __init__(self, local: _Resource | None, remote: _Resource | None) -> None:
        any_entry = local or remote
        if any_entry is None:
            raise AssertionError("a pair needs an entry")
        if local is not None and remote is not None and local.is_dir() != remote.is_dir():
            raise AssertionError(f"{local.name!r} is a file on one side and a folder on the other")
        self.local = local
        self.remote = remote
        self.name = any_entry.name
        self.rel_path = any_entry.get_rel_path()
        self.is_dir = any_entry.is_dir()
        self.local_classification: str | None = None
        self.remote_classification: str | None = None
        self.operation: str | None = None
        self.re_class_reason: str | None = None

    def __str__(self) -> str:
        name = f"[{self.rel_path}]" if self.is_dir else self.rel_path
        classes = f"{self.local_classification}, {self.remote_classification}"
        return f"<EntryPair({name})>: ({classes}) => {self.operation}"

    __repr__ = __str__

    @property
    def any_entry(self) -> _Resource:
        """The local entry, or else the remote one."""
        return t.cast(_Resource, self.local or self.remote)

    @property
    def classes(self) -> tuple[str, str]:
        """Both classifications."""
        return t.cast(t.Tuple[str, str], (self.local_classification, self.remote_classification))

    def is_conflict(self) -> bool:
        """Whether nobody knows what to do."""
        return self.operation == tables.CONFLICT

    def is_same_time(self) -> bool:
        """Whether both are there, of the same time within the tolerance."""
        return (
            isinstance(self.local, FileEntry)
            and isinstance(self.remote, FileEntry)
            and self.local.order(self.remote) == 0
        )

    def classify(self, peer_dir_meta: t.Mapping[str, t.Any] | None) -> str | None:
        """Class both sides and look the operation up (specification 6.2, 6.3).

        Parameters:
            peer_dir_meta: see ``_Resource.classify``.
        """
        gone = DELETED if peer_dir_meta and self.name in peer_dir_meta else MISSING
        self.local_classification = self.local.classify(peer_dir_meta) if self.local else gone
        self.remote_classification = self.remote.classify(peer_dir_meta) if self.remote else gone
        self.operation = operation_map[self.classes]
        return self.operation

    def override_operation(self, operation: str, reason: str) -> None:
        """Do something else than the tables say.

        Parameters:
            operation: one of PAIR_OPERATIONS, other than the present one.
            reason: for the log.

        Raises:
            ValueError: it is no operation, or the present one.
        """
        if operation not in PAIR_OPERATIONS or operation == self.operation:
            raise ValueError(f"{self.rel_path}: {operation!r} is no other operation than {self.operation!r}")
        self.operation = operation
        self.re_class_reason = reason
