# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A web host for playbooks: where it is stands in a file, and it stays until it is told to end."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from .base import HOST, Server

SITE = "htdocs"  # the website's folder on the server


def announce_until_told(server: Server, port: int, file: Path) -> None:
    """Write addresses, login and process id into a file, all at once, and wait for SIGTERM.

    Parameters:
        server: the FTP server.
        port: where the website is shown.
        file: what to write.
    """
    signal.signal(signal.SIGTERM, lambda *_ignored: sys.exit())
    server.at(SITE)
    new = file.with_suffix(".new")
    new.touch(mode=0o600)
    description = {
        "pid": os.getpid(),
        "remote": f"{server.url}{SITE}",
        "username": server.username,
        "password": server.password,
        "ca_path": str(server.certificate),
        "root": str(server.root / SITE),
        "website": f"http://{HOST}:{port}",
    }
    new.write_text(json.dumps(description))
    new.rename(file)
    signal.pause()
