# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A web host as small as can be: an FTP server with one user and one folder, in this process."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer


def start(folder: Path, username: str, password: str) -> int:
    """Start it; the port it got. It ends with the program."""
    logging.getLogger("pyftpdlib").addHandler(logging.NullHandler())  # else it tells about each command
    logging.getLogger("pyftpdlib").propagate = False

    class Handler(FTPHandler):
        authorizer = DummyAuthorizer()

    Handler.authorizer.add_user(username, password, str(folder), perm="elradfmwMT")
    server = FTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"handle_exit": False}, daemon=True).start()
    port: int = server.address[1]
    return port
