# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Get servers from Debian's packages without installing them.

The packages conflict with each other and would start services, so they are downloaded and unpacked into a cache
folder; shared libraries that this machine lacks are unpacked beside them.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile
import typing as t
from pathlib import Path

from .base import CannotStart

PACKAGES = {
    "vsftpd": ["vsftpd", "libpam-pwdfile"],
    "proftpd": ["proftpd-core", "proftpd-mod-crypto"],
    "pure-ftpd": ["pure-ftpd", "pure-ftpd-common"],
    "nginx": ["nginx"],
}


def cache_folder() -> Path:
    """${XDG_CACHE_HOME:-~/.cache}/webdeploy-ftp/servers"""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(cache) / "webdeploy-ftp" / "servers"


@functools.lru_cache(maxsize=None)
def fetch(server: str) -> Tree:
    """The unpacked server, downloaded if it is not in the cache."""
    for tool in ("apt-get", "dpkg-deb", "dpkg-query", "ldd"):
        if not shutil.which(tool):
            raise CannotStart(f"{server} comes from Debian's packages, and this machine has no {tool}")
    tree = Tree(server, cache_folder() / server)
    if tree.path.exists() and (not tree.binary.exists() or tree.missing_libraries()):
        shutil.rmtree(tree.path)  # unpacked on another release of the system
    if not tree.path.exists():
        _unpack(server, tree.path)
    return tree


class Tree(t.NamedTuple):
    """A folder with unpacked packages."""

    server: str
    path: Path

    @property
    def binary(self) -> Path:
        return self.path / "usr" / "sbin" / self.server

    def environment(self) -> dict[str, str]:
        folders = [*self.path.glob("lib/*-linux-gnu*"), *self.path.glob("usr/lib/*-linux-gnu*")]
        return dict(os.environ, LD_LIBRARY_PATH=":".join(map(str, folders)), LC_ALL="C.UTF-8", TZ="UTC")

    def missing_libraries(self) -> list[str]:
        result = subprocess.run(
            ["ldd", str(self.binary)], env=self.environment(), text=True, check=False, stdout=subprocess.PIPE
        )
        return [line.split()[0] for line in result.stdout.splitlines() if "not found" in line]


def _unpack(server: str, final: Path) -> None:
    final.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=final.parent, prefix=f"{server}-") as folder:
        work = Path(folder)
        tree = Tree(server, work / "tree")
        archives = _download(PACKAGES[server], work / "packages", tree.path)
        for dummy in range(4):  # libraries need libraries
            if not tree.missing_libraries():
                break
            archives = _download(_libraries_needed(archives), work / "packages", tree.path)
        if tree.missing_libraries():
            raise CannotStart(
                f"{server} lacks {', '.join(tree.missing_libraries())}, and no package of Debian's has it"
            )
        try:
            tree.path.rename(final)
        except OSError:
            if not final.exists():  # else another process was quicker
                raise


def _download(packages: list[str], folder: Path, tree: Path) -> list[Path]:
    """Download packages into the folder and unpack them into the tree; their archives."""
    folder.mkdir(exist_ok=True)
    before = set(folder.glob("*.deb"))
    command = ["apt-get", "-o", "Acquire::Retries=3", "-o", "APT::Sandbox::User=root", "download", *packages]
    if _run(command, folder).returncode:
        _run(["apt-get", "-o", "Acquire::Retries=3", "update"], folder)
        result = _run(command, folder)
        if result.returncode:
            raise CannotStart(f"{' '.join(packages)} can't be downloaded: {result.stdout.strip()}")
    archives = sorted(set(folder.glob("*.deb")) - before)
    for archive in archives:
        result = _run(["dpkg-deb", "-x", str(archive), str(tree)], folder)
        if result.returncode:
            raise CannotStart(f"{archive.name} can't be unpacked: {result.stdout.strip()}")
    return archives


def _libraries_needed(archives: list[Path]) -> list[str]:
    """Library packages that these archives depend on, less those that are installed."""
    needed = set()
    for archive in archives:
        fields = _run(["dpkg-deb", "-f", str(archive), "Depends", "Pre-Depends"], archive.parent).stdout
        for line in fields.splitlines():
            for dependency in line.partition(":")[2].split(","):
                words = dependency.split("|")[0].split()
                if words and words[0].startswith("lib"):
                    needed.add(words[0].partition(":")[0])
    installed = _run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\\n"], Path("/")).stdout.splitlines()
    missing = sorted(name for name in needed if f"{name} installed" not in installed)
    if not missing:
        raise CannotStart(f"no dependency of {', '.join(a.name for a in archives)} has the libraries that are missing")
    return missing


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
