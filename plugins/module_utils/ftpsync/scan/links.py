# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Links that a server shows as what they lead to. Whoever deletes below one deletes somewhere else."""

from __future__ import annotations

import time
import typing as t

from ..errors import ListingDoubtful, ServerRefused
from ..ftp.facts import MLSD
from ..ftp.listing import parse_list
from ..ftp.wire import Command
from ..model import LINK

if t.TYPE_CHECKING:
    from ..ftp.session import Session


def links(session: Session, folder: str) -> frozenset[str]:
    """Names in a folder that are links, which some servers only tell by LIST.

    pyftpdlib's MLSD shows a link as what it leads to. Whoever deletes a tree by that deletes what is
    somewhere else.
    """
    if session.facts.listing != MLSD:
        return frozenset()  # the ordinary listing tells
    try:
        lines = session.read_lines(Command("LIST", "-a"), Command("CWD", folder))
        listing = parse_list(lines, session.options.encoding, time.time())
    except (ServerRefused, ListingDoubtful):
        return frozenset()
    return frozenset(name for name, entry in listing.entries if entry.kind == LINK)
