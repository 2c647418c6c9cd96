# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The record of a target's current folder, read and written through the target (``records/folder_file.py``)."""

from __future__ import annotations

import time
import typing as t

from .api_errors import as_promised
from .console.messages import write, write_error
from .records.folder_file import (
    FILE_VERSION,
    LOCK_FILE_NAME,
    META_FILE_NAME,
    FolderDocument,
    IncompatibleVersion,
    InvalidDocument,
)

if t.TYPE_CHECKING:
    from .endpoints.base import _Target

__all__ = ["DirMetadata", "IncompatibleMetadataVersion", "IncompatibleMetadataVersionError"]

IncompatibleMetadataVersion = IncompatibleVersion
IncompatibleMetadataVersionError = IncompatibleVersion


class DirMetadata(FolderDocument):
    """The record of one folder of a target.

    Parameters:
        target: opened.
        folder: path relative to the target's root; by default of the current folder.
    """

    META_FILE_NAME = META_FILE_NAME
    LOCK_FILE_NAME = LOCK_FILE_NAME
    VERSION = FILE_VERSION

    def __init__(self, target: _Target, folder: str | None = None) -> None:
        super().__init__()
        self.target = target
        self.folder = target.inside() if folder is None else folder

    @property
    def path(self) -> str:
        """Where the file lies, relative to the target's root."""
        return f"{self.folder}/{META_FILE_NAME}" if self.folder else META_FILE_NAME

    @as_promised()
    def read(self) -> None:
        """Read the file, if there is one. What is no JSON counts as a file without content.

        Raises:
            IncompatibleMetadataVersion: it has another format, and the option ``migrate`` is not set.
            FtpSyncError: it cannot be read.
        """
        content = self.target.side.read(self.path)
        if content is None:
            return
        try:
            self.load(content)
            return
        except InvalidDocument as error:
            write_error(f"{self.path}: {error}: its records are ignored")
        except IncompatibleVersion as error:
            if not self.target.get_option("migrate"):
                raise IncompatibleVersion(f"{self.path}: {error}") from None
            write(f"{self.path}: records of another format are discarded (--migrate)", warning=True)
        self.was_read = self.modified = True  # so that it is replaced or removed

    @as_promised()
    def flush(self) -> None:
        """Write what has changed; a file without records goes. Nothing in a dry run (specification 4.5).

        Raises:
            FtpSyncError: it cannot be written.
        """
        if self.target.dry_run:
            return
        if self.is_empty and self.was_read:
            self.target.side.remove(self.path)
        elif self.modified and not self.is_empty:
            self.target.side.write(self.path, self.dump(time.time(), self.target.verbose_meta))
        self.was_read = not self.is_empty
        self.modified = False
