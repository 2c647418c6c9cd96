# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""SHA-256 of files as the server computes it, which spares reading them: HASH (draft-bryan-ftpext-hash) or XSHA256.

Other algorithms are not asked for: records hold SHA-256, and what is weaker proves no equality.
"""

from __future__ import annotations

import re
import typing as t

from .wire import Command, Reply

if t.TYPE_CHECKING:
    from .facts import ServerFacts
    from .session import Session

HASH = "HASH"
XSHA256 = "XSHA256"

# Both may come in several lines, of which the last one counts: "213 SHA-256 0-49 <digest> <path>", "250 <digest>".
_ANSWERS = {
    HASH: re.compile(rb"(?:^|\n)213 SHA-256 0-[0-9]+ ([0-9A-Fa-f]{64})(?: [^\n]*)?$", re.IGNORECASE),
    XSHA256: re.compile(rb"(?:^|\n)250 (?:[^\n]* )?([0-9A-Fa-f]{64})\s*$"),
}


def command_for_digests(facts: ServerFacts) -> str | None:
    """Gives the command by which a server says that it can tell SHA-256, or None."""
    parameters = facts.features.parameters if facts.features else {}
    algorithms = [name.strip().rstrip("*") for name in parameters.get(HASH, "").upper().split(";")]
    if "SHA-256" in algorithms:
        return HASH
    return XSHA256 if XSHA256 in parameters else None


def digests(session: Session, paths: t.Sequence[str]) -> list[str | None]:
    """Gives the SHA-256 of files in lower-case hexadecimal digits; None for all that the server does not tell."""
    session.ready()
    verb = command_for_digests(session.facts)
    if verb == XSHA256:  # a range may follow the path, so that is quoted; and there is no way to quote a quote
        asked = {path: f'"{path}"' for path in paths if '"' not in path}
    elif verb == HASH and paths and _selected(session):
        asked = {path: path for path in paths}
    else:
        asked = {}
    replies = session.pipeline([Command(str(verb), argument) for argument in asked.values()], eager=True)
    told = {path: _read(str(verb), reply) for path, reply in zip(asked, replies)}
    return [told.get(path) for path in paths]


def _selected(session: Session) -> bool:
    (reply,) = session.pipeline([Command("OPTS", "HASH SHA-256")])
    return reply.is_ok


def _read(verb: str, reply: Reply) -> str | None:
    """Reads a reply; a refusal, another algorithm or a part of the file tell nothing."""
    found = _ANSWERS[verb].search(reply.raw)
    return found.group(1).decode("ascii").lower() if found else None
