# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What the slots of a site are called. Pure.

    /htdocs                 the live slot: what visitors see
    /htdocs.ftpsync-next    the spare one: the next version while it is sent, the previous one afterwards
    /htdocs.ftpsync-away    the live slot on its way to becoming the spare one; only between two renames

Each slot carries its own ``.ftpsync``, so that the record of what is in it goes with it.
"""

from __future__ import annotations

NEXT = ".ftpsync-next"
AWAY = ".ftpsync-away"
LIVE = ""

# By what is appended to the site's path.
SUFFIXES = (LIVE, NEXT, AWAY)


def site_of(path: str) -> str:
    """The site that a folder is a slot of; any other folder is a site itself."""
    for suffix in (NEXT, AWAY):
        if path.endswith(suffix) and not path[: -len(suffix)].endswith("/"):
            return path[: -len(suffix)]
    return path
