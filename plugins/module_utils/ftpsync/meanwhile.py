# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""A step that goes on in a thread of its own until somebody needs what it does."""

from __future__ import annotations

import threading
import typing as t


class Meanwhile:
    """One step, begun at once.

    Parameters:
        step: shares nothing with what its caller does meanwhile. Nobody stops it, so it should be short.
    """

    def __init__(self, step: t.Callable[[], None]) -> None:
        self._step = step
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="meanwhile", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._step()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the thread that waits for it raises it
            self._failure = error

    def wait(self) -> None:
        """Wait for its end; raises what it has raised."""
        self._thread.join()
        if self._failure is not None:
            raise self._failure
