# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""One line of MLSD: ``fact=value;…; name`` in, name and entry out (RFC 3659 section 7.2).

Pure. Facts may come in any case and order, unknown ones are ignored. The name starts after the first
space; what follows, further spaces and semicolons included, is the name.
"""

from __future__ import annotations

from ..model import DIRECTORY, FILE, LINK, OTHER, Entry
from .replies import parse_stamp

# `type`, in small letters, up to a colon that may introduce a link's target. ProFTPD says
# OS.unix=symlink, Pure-FTPd OS.unix=slink:; devices and pipes have other OS.unix types.
_KINDS: dict[bytes, str | None] = {
    b"file": FILE,
    b"dir": DIRECTORY,
    b"cdir": None,
    b"pdir": None,
    b"os.unix=slink": LINK,
    b"os.unix=symlink": LINK,
}


def parse_mlsd_line(line: bytes) -> tuple[bytes, Entry | None] | None:
    """Gives name and entry; the entry is None for the folder itself and its parent; None for an unusable line."""
    facts_text, space, name = line.partition(b" ")
    if not space or not name:
        return None
    facts = dict(_split_fact(fact) for fact in facts_text.split(b";") if fact)
    kind_text = facts.get(b"type", b"").lower().partition(b":")[0]
    if not kind_text:
        return None
    kind = _KINDS.get(kind_text, OTHER)
    if kind is None:
        return name, None
    return name, Entry(
        kind=kind,
        size=_size(facts.get(b"size", b"")) if kind == FILE else 0,
        mtime=parse_stamp(facts.get(b"modify", b"")),
        mtime_span=1,
        mode=_mode(facts.get(b"unix.mode", b"")),
    )


def _split_fact(fact: bytes) -> tuple[bytes, bytes]:
    key, _equals, value = fact.partition(b"=")
    return key.lower(), value


def _size(text: bytes) -> int | None:
    return int(text) if text.isdigit() and len(text) < 20 else None


def _mode(text: bytes) -> int | None:
    """Reads ``0644``; some servers send the type of the file in front, ``100644``; pyftpdlib sends ``0o644``."""
    text = text.replace(b"o", b"", 1)
    if not text or len(text) > 7 or text.strip(b"01234567"):
        return None
    return int(text, 8) & 0o7777
