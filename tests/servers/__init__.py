# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real FTP servers for tests.

    with start("vsftpd", tls="explicit") as server:
        ...  # server.url, server.username, server.root, server.commands()

In tests, use the fixtures `ftp_server` and `server` (fixtures.py), which also skip what this machine can't run.
"""

from __future__ import annotations

from .base import CannotStart, Options, Server
from .proftpd import ProFtpd
from .pureftpd import PureFtpd
from .pyftpdlib_server import PyFtpdlib, PyFtpdlibProcess
from .vsftpd import Vsftpd

KINDS = {
    "vsftpd": Vsftpd,
    "proftpd": ProFtpd,
    "pure-ftpd": PureFtpd,
    "pyftpdlib": PyFtpdlib,
    "pyftpdlib-process": PyFtpdlibProcess,
}

__all__ = ["KINDS", "CannotStart", "Options", "Server", "start"]


def start(kind: str, **options: object) -> Server:
    """A running server; the options are those of `Options`."""
    server = KINDS[kind](Options(**options))  # type: ignore[arg-type]
    server.start()
    return server
