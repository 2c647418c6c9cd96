# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where trees lie: folders, or what a server shows. Both are written and read on disk, behind the programs' backs."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import typing as t
from pathlib import Path
from urllib.parse import quote

from tests.servers import Server

META = ".pyftpsync-meta.json"
LOCK = ".pyftpsync-lock.json"
State = t.Dict[str, t.Optional[bytes]]  # by path; None is a folder


class Place:
    """A tree, as `make_target` is told of it: str(place)."""

    def __init__(self, root: Path, server: Server | None = None) -> None:
        self.root = root
        self.server = server
        root.mkdir(parents=True, exist_ok=True)

    def __str__(self) -> str:
        if self.server is None:
            return str(self.root)
        login = f"{quote(self.server.username)}:{quote(self.server.password)}@"
        return self.server.url.replace("://", f"://{login}", 1)

    @property
    def options(self) -> dict[str, t.Any]:
        """What our synchronizers need to trust the server."""
        if self.server is None or not self.server.tls:
            return {}
        return {"ca_file": str(self.server.certificate)}

    @property
    def peer_id(self) -> str:
        return str(self.root) if self.server is None else f"{self.server.host}{self.server.folder}"

    # --------------------------------------------------------------- editing

    def write(self, path: str, content: bytes | str, mtime: float) -> None:
        if self.server is not None:
            self.server.put(path, content, mtime)
            return
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(file, (mtime, mtime))

    def make_folder(self, path: str) -> None:
        (self.root / path).mkdir(parents=True, exist_ok=True)
        for folder in [path, *(str(parent) for parent in Path(path).parents)]:
            if self.server is not None and folder != ".":
                self.server._give_away(self.root / folder)

    def delete(self, path: str) -> None:
        found = self.root / path
        if found.is_dir() and not found.is_symlink():
            shutil.rmtree(found)
        else:
            found.unlink()

    def copy_to(self, other: Place) -> None:
        """Files with their times, without records."""
        for path, content in self.state().items():
            if content is None:
                other.make_folder(path)
            else:
                other.write(path, content, self.mtime(path))

    # --------------------------------------------------------------- looking

    def state(self) -> State:
        """Everything but the files that hold records and the lock."""
        found: State = {}
        for folder, folders, files in os.walk(self.root):
            for name in folders:
                found[self._relative(folder, name)] = None
            for name in files:
                if name not in (META, LOCK):
                    found[self._relative(folder, name)] = self._content(Path(folder, name))
        return found

    def _content(self, file: Path) -> bytes:
        """Of a link, what it leads to; of a broken one, where it would."""
        return b"-> " + os.fsencode(os.readlink(file)) if file.is_symlink() and not file.exists() else file.read_bytes()

    def mtime(self, path: str) -> float:
        return (self.root / path).stat().st_mtime

    def raw(self) -> dict[str, tuple[bytes, int]]:
        """Every file there is, records included, with its content and exact time: to see whether one was touched."""
        found = {}
        for folder, dummy, files in os.walk(self.root):
            for name in files:
                with contextlib.suppress(FileNotFoundError):  # a program that is running has just renamed it
                    file = Path(folder, name)
                    found[self._relative(folder, name)] = file.read_bytes(), file.stat().st_mtime_ns
        return found

    def meta(self, folder: str = "") -> dict[str, t.Any]:
        """The records of a folder; {} where there are none."""
        file = self.root / folder / META
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    def metas(self) -> dict[str, dict[str, t.Any]]:
        return {
            "" if folder == str(self.root) else os.path.relpath(folder, self.root): self.meta(
                os.path.relpath(folder, self.root)
            )
            for folder, dummy, files in os.walk(self.root)
            if META in files
        }

    def _relative(self, folder: str, name: str) -> str:
        return os.path.relpath(os.path.join(folder, name), self.root)
