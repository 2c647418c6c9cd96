# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What somebody who mistyped a word may have meant."""

from __future__ import annotations

import typing as t


def nearest(word: str, known: t.Iterable[str]) -> str | None:
    """The known word that is most like another one, or None if none is much like it."""
    import difflib  # nobody needs it unless there is a mistake

    found = difflib.get_close_matches(word, list(known), 1)
    return found[0] if found else None
