# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What this project makes: the command line if it is there, else the engine by a few lines of our own."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from .base import CONNECTIONS, NO_OP, Client, Place, direction

_HERE = Path(__file__).resolve().parent
_ENGINE = _HERE.parent.parent / "plugins" / "module_utils"
_COMMAND_LINE = "ftpsync.pyftpsync"


class Ours(Client):
    """The command line; ``engine_only`` leaves it out."""

    engine_only = False
    name = "ours"
    label = "this project"
    program = sys.executable

    def version(self) -> list[str]:
        return [
            sys.executable,
            "-c",
            f"import sys; sys.path[:0] = [{str(_ENGINE)!r}]; import ftpsync; print(ftpsync.__version__)",
        ]

    def cannot(self, work: str, place: Place) -> str:
        if direction(work) == "download" and not self._has_command_line():
            return "not yet"
        return ""

    def command(self, work: str, place: Place) -> list[str]:
        if not self._has_command_line():
            return [sys.executable, str(_HERE / "driver.py"), json.dumps(self.engine_options(place))]
        scheme = "ftps" if place.certificate else "ftp"
        remote = f"{scheme}://{place.username}:{place.password}@{place.address}{place.remote}"
        options = ["--delete", "--connections", str(CONNECTIONS), "--no-prompt", "--no-keyring", "--no-netrc"]
        if direction(work) == "upload":
            options += ["--record", "server", "--publish", "staged"]
        if place.certificate:
            options += ["--ca-file", place.certificate, "--tls-server-name", "localhost"]
        return [sys.executable, "-m", _COMMAND_LINE, direction(work), str(place.local), remote, *options]

    def engine_options(self, place: Place) -> dict[str, object]:
        """What the engine wants to know for an upload."""
        options: dict[str, object] = {
            "local": str(place.local),
            "remote": f"{'ftps' if place.certificate else 'ftp'}://{place.address}{place.remote}",
            "username": place.username,
            "password": place.password,
            "connections": CONNECTIONS,
            "delete": True,
            "record": "server",
            "publish": "staged",
        }
        if place.certificate:
            options.update(tls="explicit", ca_path=place.certificate, tls_server_name="localhost")
        return options

    def environment(self, place: Place) -> dict[str, str]:
        return {
            "PYTHONPATH": str(_ENGINE),
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONOPTIMIZE": "",
            "NETRC": os.devnull,
            "XDG_CACHE_HOME": str(place.local.parent / "cache"),  # from run to run, as a user's is
        }

    def own(self, path: str) -> bool:
        return path.split("/", maxsplit=1)[0] == ".ftpsync" or path.endswith(".pyftpsync-meta.json")

    def after(self, work: str, output: str) -> str:
        if work == NO_OP and not self._has_command_line() and '"operations": 0' not in output:
            return f"found something to do: {output[-200:]}"
        return ""

    def _has_command_line(self) -> bool:
        folder = _ENGINE / "ftpsync"
        there = (folder / "pyftpsync.py").exists() or (folder / "pyftpsync" / "__main__.py").exists()
        return there and not self.engine_only
