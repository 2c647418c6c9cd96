# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A signal meets the run that it is meant for, however early or late it is sent."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.engine.nursery import Nursery


class Slow(Nursery):
    """Learns late which process it has started."""

    def _line(self) -> int:
        number = super()._line()
        time.sleep(0.2)
        return number


def test_a_signal_before_the_number_is_known_waits_for_it(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("home")
    with socket.create_server(("127.0.0.1", 0)) as silent, Slow() as nursery:
        job = {"local": str(tmp_path), "remote": f"ftp://joe:secret@127.0.0.1:{silent.getsockname()[1]}/"}
        for _run in range(2):
            killer = threading.Thread(target=lambda: (silent.accept(), nursery.kill_hard()), daemon=True)
            killer.start()
            nursery.start(run="sync", options=job)
            assert nursery.wait() == -signal.SIGKILL
            killer.join(10)


def test_a_signal_after_the_end_meets_nobody() -> None:
    with Nursery() as nursery:
        nursery.start(run="sync", options={})
        assert nursery.wait() > 0
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
            nursery.kill_hard()
            assert other.poll() is None
            other.terminate()
