# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Find out which slots there are and what is in them; sends no command that writes."""

from __future__ import annotations

import io
import typing as t

from ..ask import size_of
from ..errors import PlanRefused, ServerRefused, TooLarge
from ..model import DIRECTORY, LINK, join, parent, shown
from ..records.manifest import publication_id
from ..records.state import StateFolder
from .names import SUFFIXES
from .note import MAX_NOTE, NOTE, turn_of
from .plan import IN_PLACE, Slot, SlotOptions

if t.TYPE_CHECKING:
    from ..ftp.session import Session


def state_folder(options: SlotOptions, suffix: str) -> StateFolder:
    """Our folder in a slot."""
    path = options.path(suffix)
    return StateFolder(join(path, options.site.state_path or ""), path)


def look(session: Session, options: SlotOptions) -> dict[str, Slot]:
    """The slots that are there.

    Raises:
        PlanRefused: the folder in which they would lie cannot be seen, or something else is in their place.
        ManifestError: the record of one cannot be read.
    """
    above = parent(options.site.remote_path) or "/"
    try:
        listed = {found.name: found.entry for found in session.list_folder(above).entries}
    except ServerRefused as error:
        raise PlanRefused(
            f"remote: the folder {shown(above)}, in which the slots would lie beside each other, cannot be listed"
            f" ({error.reply.text}): make it, or {IN_PLACE}"
        ) from None
    slots: dict[str, Slot] = {}
    for suffix in SUFFIXES:
        path = options.path(suffix)
        name = path.rpartition("/")[2]
        entry = listed.get(name)
        if entry is None and not (name.startswith(".") and _is_folder(session, path)):
            continue
        if entry is not None and entry.kind not in (DIRECTORY, LINK):
            raise PlanRefused(f"remote: {shown(path)} is a {entry.kind} on the server, where a slot would lie: move it")
        slots[suffix] = _slot(session, options, suffix)
    return slots


def _slot(session: Session, options: SlotOptions, suffix: str) -> Slot:
    folder = state_folder(options, suffix)
    state = folder.read(session)
    publication = publication_id(state.manifest) if state.manifest is not None else None
    turn = turn_of(_note(session, folder), publication) if state.holds(NOTE) else 0
    path = options.path(suffix)
    above = {parent(shared) for shared in options.shared}
    seen = {inner: _names(session, join(path, inner) if inner else path) for inner in above}
    inside = {
        shared
        for shared in options.shared
        if (names := seen[parent(shared)]) is not None
        and (shared.rpartition("/")[2] in names or _is_hidden(session, join(path, shared)))
    }
    return Slot(
        publication,
        turn,
        state.journal is not None,
        frozenset(inside),
        frozenset(shared for shared in inside if _names(session, join(path, shared)) == set()),
        frozenset({"", *(inner for inner, names in seen.items() if names is not None)}),
    )


def _note(session: Session, folder: StateFolder) -> bytes:
    content = io.BytesIO()
    try:
        session.retrieve(folder.at(NOTE), content.write, limit=MAX_NOTE)
    except (ServerRefused, TooLarge):
        return b""
    return content.getvalue()


def _names(session: Session, path: str) -> set[str] | None:
    try:
        return {found.name for found in session.list_folder(path).entries}
    except ServerRefused:
        return None


def _is_folder(session: Session, path: str) -> bool:
    return _names(session, path) is not None


def _is_hidden(session: Session, path: str) -> bool:
    """Whether there is something that listings may leave out."""
    return path.rpartition("/")[2].startswith(".") and (size_of(session, path) is not None or _is_folder(session, path))
