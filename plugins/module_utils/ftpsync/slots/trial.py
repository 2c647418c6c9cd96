# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Try out beside the site whether slots can change places there: the very renames, with scratch folders.

In: the site's path. Out: nothing, or a refusal that says what to do instead. The scratch folders are removed on
every way out.
"""

from __future__ import annotations

import typing as t

from ..errors import PlanRefused, ServerRefused
from ..ftp.persistence import persistently
from ..model import parent, shown
from ..run_id import new_run_id
from .plan import IN_PLACE

if t.TYPE_CHECKING:
    from ..ftp.pool import Pool
    from ..ftp.session import Session

PREFIX = ".ftpsync-trial-"  # whoever finds such folders may delete them


def try_out(pool: Pool, site: str) -> None:
    """Make two folders beside the site, let them and what is in them change places, remove them.

    Raises:
        PlanRefused: slots cannot change places there.
    """
    trial = _Trial(f"{site}{PREFIX}{new_run_id()}")
    try:
        why = persistently(pool, trial.run)
    finally:
        persistently(pool, trial.remove)
    if why is not None:
        raise PlanRefused(f"remote: two slots are not possible in {shown(parent(site) or '/')}: {why}; {IN_PLACE}")


class _Trial:
    """Scratch folders; each method may be repeated after a lost connection.

    Parameters:
        base: what their paths begin with.
    """

    def __init__(self, base: str) -> None:
        self._live, self._next, self._away = f"{base}-live", f"{base}-next", f"{base}-away"

    def run(self, session: Session) -> str | None:
        """Why it does not work, or None."""
        self.remove(session)
        live, spare, away = self._live, self._next, self._away
        made = list(
            session.pipeline(("MKD", p) for p in (live, spare, f"{live}/shared", f"{live}/old", f"{spare}/new"))
        )
        if not made[1].is_ok:
            return f"no folder can be made there ({made[1].text})"
        onto = _rename(session, spare, live)
        if onto.is_ok:
            return "the server lets one folder be renamed onto another"
        for source, dest in (
            (f"{live}/shared", f"{spare}/shared"),
            (live, away),
            (spare, live),
            (away, spare),
        ):
            reply = _rename(session, source, dest)
            if not reply.is_ok:
                return f"no folder can be renamed ({reply.text})"
        found = [_names(session, path) for path in (live, spare, away)]
        return None if found == [{"new", "shared"}, {"old"}, None] else "renamed folders are not where they should be"

    def remove(self, session: Session) -> None:
        """Leave nothing, wherever it lies by now."""
        folders = (self._live, self._next, self._away)
        inner = [f"{folder}/{name}" for folder in folders for name in ("shared", "old", "new", "live", "next")]
        list(session.pipeline(("RMD", path) for path in (*inner, *folders)))


def _rename(session: Session, source: str, dest: str) -> t.Any:
    return list(session.pipeline([("RNFR", source), ("RNTO", dest)]))[-1]


def _names(session: Session, path: str) -> set[str] | None:
    try:
        return {found.name for found in session.list_folder(path).entries}
    except ServerRefused:
        return None
