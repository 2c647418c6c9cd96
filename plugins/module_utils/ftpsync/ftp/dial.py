# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""A connection that is made while other things are done: the server has greeted when it is needed.

Nothing is sent over it before, so that it is no login that could run out or be refused.
"""

from __future__ import annotations

import socket
import threading
import time

from ..errors import FtpSyncError
from .sockets import connect

_FRESH = 10.0  # seconds after which a server may be about to lose its patience


class Dial:
    """One TCP connection under way; begins at once, in a thread of its own.

    Parameters:
        host, port: where to.
        timeout: seconds for each address of the host.
    """

    def __init__(self, host: str, port: int, timeout: float) -> None:
        self._where = (host, port, timeout)
        self._since = time.monotonic()
        self._sock: socket.socket | None = None
        self._error: FtpSyncError | None = None
        self._is_given_up = False
        self._thread = threading.Thread(target=self._run, name="ftp-dial", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._sock = connect(*self._where)
        except FtpSyncError as error:
            self._error = error
        if self._is_given_up:
            self.close()

    def take(self) -> socket.socket | None:
        """Waits for it; None where it has become too old meanwhile.

        Raises:
            FtpSyncError: as ``sockets.connect``.
        """
        self._thread.join()
        if self._error is not None:
            raise self._error
        if time.monotonic() - self._since < _FRESH:
            return self._sock
        self.close()
        return None

    def close(self) -> None:
        """Gives it up, without waiting for one that is still being made."""
        self._is_given_up = True
        if self._sock is not None:
            self._sock.close()
