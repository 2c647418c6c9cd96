# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""One step that goes on beside everything else, on a session that nothing else uses meanwhile.

What comes of it must be dispensable: it is not repeated, and a failure says no more than that there is no result.
"""

from __future__ import annotations

import threading
import typing as t

from ..errors import FtpSyncError

if t.TYPE_CHECKING:
    from .session import Session

R = t.TypeVar("R")


class Aside(t.Generic[R]):
    """A step under way; begun by ``Pool.aside``.

    Parameters:
        session: connected, and used by nothing else until the step has ended.
        step: called in a thread of its own.
        free: told when the session may be used for other things again.
    """

    def __init__(self, session: Session, step: t.Callable[[Session], R], free: t.Callable[[Session], None]) -> None:
        self._session = session
        self._step = step
        self._free = free
        self._result: R | None = None
        self._thread = threading.Thread(target=self._run, name="ftp-aside", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result = self._step(self._session)
        except FtpSyncError:
            self._session.drop()

    def result(self) -> R | None:
        """Waits for the end; None where the step failed. The session is free then."""
        self._thread.join()
        self._free(self._session)
        return self._result
