# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests rely on when they start servers: theirs is the one that answers, with the certificate that it names."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

from tests.servers.base import HOST
from tests.servers.certificates import issue, server_context
from tests.servers.process import listens

LISTEN = (
    "import socket, sys; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); input()"
)


def test_a_stranger_on_the_port_is_not_our_server() -> None:
    with socket.create_server((HOST, 0)) as stranger, subprocess.Popen(
        [sys.executable, "-c", LISTEN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as ours:
        assert ours.stdin is not None and ours.stdout is not None
        port, foreign = int(ours.stdout.readline()), stranger.getsockname()[1]
        assert listens(ours.pid, HOST, port)
        assert not listens(ours.pid, HOST, foreign)
        assert listens(os.getpid(), HOST, foreign) and listens(os.getpid(), HOST, port)  # a child's counts
        ours.stdin.write("\n")


def test_a_certificate_is_issued_once() -> None:
    before = issue("valid").chain.read_bytes()
    server_context()
    assert issue("valid").chain.read_bytes() == before
