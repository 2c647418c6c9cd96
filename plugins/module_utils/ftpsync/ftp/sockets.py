# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The few things we ask of the operating system's sockets: connect, wait, say why not.

All sockets are non-blocking, so every wait goes through ``wait`` and has its limit. Nothing here
knows FTP.
"""

from __future__ import annotations

import errno
import select
import socket
import typing as t

from ..errors import ConnectError, ConnectionLost, UsageError

READ = 1
WRITE = 2
# What a socket call says when it has to wait.
WOULD_BLOCK = (BlockingIOError, InterruptedError)

_KEEPALIVE_IDLE = 60  # seconds; NAT forgets idle connections after one to two minutes
_KEEPALIVE_INTERVAL = 30  # seconds


def wait(watched: t.Sequence[tuple[socket.socket, int]], seconds: float) -> list[bool]:
    """Waits until one of the sockets can go on, at most ``seconds``; tells for each whether it can.

    Parameters:
        watched: sockets with READ, WRITE or both.
    Raises:
        OSError: a socket is closed.
    """
    seconds = max(0.0, seconds)
    numbers = [sock.fileno() for sock, _events in watched]
    if min(numbers) < 0:
        raise OSError(errno.EBADF, "the connection was closed")
    if not hasattr(select, "poll"):  # Windows
        return _wait_select(watched, seconds)
    poller = select.poll()
    for number, (_sock, events) in zip(numbers, watched):
        poller.register(number, (select.POLLIN if events & READ else 0) | (select.POLLOUT if events & WRITE else 0))
    ready = {number for number, _event in poller.poll(seconds * 1000)}
    return [number in ready for number in numbers]


def _wait_select(watched: t.Sequence[tuple[socket.socket, int]], seconds: float) -> list[bool]:
    readers = [sock for sock, events in watched if events & READ]
    writers = [sock for sock, events in watched if events & WRITE]
    # A failed connect shows up in the third list only.
    ready = [sock for found in select.select(readers, writers, writers, seconds) for sock in found]
    return [sock in ready for sock, _events in watched]


def tune(sock: socket.socket) -> None:
    """Makes a connected socket non-blocking, prompt, and kept alive through NAT."""
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", _KEEPALIVE_IDLE), ("TCP_KEEPINTVL", _KEEPALIVE_INTERVAL)):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def acknowledge_at_once(sock: socket.socket) -> None:
    """Acknowledges what comes next without delay, where the system can be asked to.

    Servers send each of several replies by itself, and most hold the second one back until the first is acknowledged
    (Nagle), for which a system that has nothing to say takes 40 ms. The wish has to be told anew after each packet.
    """
    if hasattr(socket, "TCP_QUICKACK"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def connect(host: str, port: int, timeout: float) -> socket.socket:
    """Connects to the first address of ``host`` that answers.

    Parameters:
        timeout: seconds for each address.
    Raises:
        ConnectError: no address answers; the message names host and port and what to check.
        ConnectionLost: one did, and closed the connection at once: it may take the next one.
    """
    address = "%s:%d" % (host, port)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise UsageError("%r is no host name" % host) from None
    except OSError as error:
        raise ConnectError("unknown host %s (%s): check the host in remote" % (host, explain(error))) from None
    reason = "it has no address"
    for family, kind, protocol, _name, target in found:
        try:
            sock = socket.socket(family, kind, protocol)
        except OSError as error:  # this system lacks that family
            reason = explain(error)
            continue
        try:
            sock.settimeout(timeout)
            sock.connect(target)
            tune(sock)
            return sock
        except socket.timeout:
            reason = "no answer within %g s" % timeout
        except ConnectionResetError as error:
            sock.close()
            raise ConnectionLost("%s closed the connection at once: %s" % (address, explain(error))) from None
        except OSError as error:
            reason = explain(error)
        sock.close()
    raise ConnectError("cannot connect to %s: %s; check host and port, and the firewall" % (address, reason))


def explain(error: BaseException) -> str:
    """The reason in an OSError or ssl.SSLError as a short line."""
    text = getattr(error, "verify_message", "") or getattr(error, "reason", "") or getattr(error, "strerror", "")
    return str(text or error or type(error).__name__).strip()
