# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How sockets end."""

from __future__ import annotations

import socket
import ssl
import struct


def close(sock: socket.socket, reset: bool) -> None:
    """Closes by FIN, or by RST."""
    try:
        if reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            socket.socket.shutdown(sock, socket.SHUT_RDWR)  # else unread commands would make it a RST
    except (OSError, ValueError):
        pass  # closed already
    sock.close()


def say_goodbye(sock: socket.socket) -> None:
    """Ends TLS, if there is any, by close_notify."""
    if isinstance(sock, ssl.SSLSocket):
        try:
            sock.settimeout(1)
            sock.unwrap()
        except (OSError, ValueError):
            pass  # sent; the other side need not answer
