# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""pyftpsync 4.1: one connection, needs MLSD."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .base import Client, Place, direction

_VERSION = "4.1"
_HOME = Path(__file__).resolve().parent.parent.parent / ".venv" / "peers" / f"pyftpsync-{_VERSION}"
_METADATA = (".pyftpsync-meta.json", ".pyftpsync-lock.json")


class Pyftpsync(Client):
    name = "pyftpsync"
    label = f"pyftpsync {_VERSION}"
    needs = f"pyftpsync {_VERSION} from PyPI, which `python -m benchmarks` puts into .venv/peers"
    program = str(_HOME / "bin" / "pyftpsync")

    def missing(self) -> str:
        return "" if Path(self.program).exists() else f"{self.name} needs {self.needs}"

    def install(self) -> None:
        """Into a virtual environment of its own within .venv."""
        if self.missing():
            print(f"Installing pyftpsync {_VERSION} into .venv/peers ...", flush=True)
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(_HOME)], check=True)
            pip = [str(_HOME / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, f"pyftpsync=={_VERSION}"], check=True)

    def cannot(self, work: str, place: Place) -> str:
        return "the server has no MLSD" if place.kind == "vsftpd" else ""

    def command(self, work: str, place: Place) -> list[str]:
        scheme = "ftps" if place.certificate else "ftp"
        remote = f"{scheme}://{place.username}:{place.password}@{place.address}{place.remote}"
        options = ["--delete", "--no-prompt", "--no-keyring", "--no-netrc", "--no-color", "--resolve", "skip"]
        verb = direction(work)
        if verb == "upload":
            options += ["--force", "--create-folder"]
        return [self.program, verb, str(place.local), remote, *options, "--quiet"]

    def own(self, path: str) -> bool:
        return path.rpartition("/")[2] in _METADATA
