# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Listings of a folder: lines in, names with their entries out (RFC 3659 section 7, RFC 959 LIST).

Pure. A name is let through only as one plain path component. A line that cannot be used becomes a
problem and does not stop the others; a listing in which nothing can be used, with the same name
twice or beyond a limit is ListingDoubtful: nothing may be decided from it.
"""

from __future__ import annotations

import typing as t

from ..errors import ListingDoubtful
from ..model import Entry
from .list_dos import parse_dos_line
from .list_unix import parse_unix_line
from .mlsd import parse_mlsd_line
from .wire import clean, decode_name

MAX_ENTRIES = 1000000  # entries of one folder
MAX_NAME = 4 * 1024  # bytes of one name
MAX_LISTING_LINE = MAX_NAME + 1024  # bytes; the facts before a name take 100 to 300
MAX_PROBLEMS = 100  # unusable lines that are told one by one
# Where servers cut a listing without a word, with and without "." and ".." (field notes 6.6).
TYPICAL_CUTS = frozenset((998, 1000, 1998, 2000, 9998, 10000))

# Lines of `ls` that are no entries.
_NO_ENTRY = (b"total ", b"Total ", b"insgesamt ")
_SELF_AND_PARENT = (b".", b"..")


class ListedEntry(t.NamedTuple):
    """One name in a folder and what the listing says about it."""

    name: str
    entry: Entry


class Listing(t.NamedTuple):
    """A folder as the server lists it.

    Attributes:
        entries: in the server's order, ``.`` and ``..`` left out.
        problems: one line for each line that cannot be used.
        method: ``MLSD`` or ``LIST``.
        shows_hidden: True when a dot name is among them; None when that cannot be told.
        doubt: why the listing may be cut short although nothing proves it, or "".
    """

    entries: list[ListedEntry]
    problems: list[str]
    method: str
    shows_hidden: bool | None = None
    doubt: str = ""


LineParser = t.Callable[[bytes, float], t.Optional[t.Tuple[bytes, t.Optional[Entry]]]]


class LineSplitter:
    """Cuts the bytes of a data connection into lines, wherever the network cut them.

    A last line without its end counts, blank lines do not.
    """

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Takes the next bytes; raises ListingDoubtful beyond a limit."""
        new = (self._rest + data).split(b"\n")
        self._rest = new.pop()
        self._extend(new)
        if len(self._rest) > MAX_LISTING_LINE:
            raise ListingDoubtful("a line of the listing is longer than %d bytes" % MAX_LISTING_LINE)

    def finish(self) -> list[bytes]:
        """Gives all lines, without their CR LF."""
        rest, self._rest = self._rest, b""
        self._extend([rest])
        return self.lines

    def _extend(self, new: list[bytes]) -> None:
        self.lines.extend(line[:-1] if line[-1:] == b"\r" else line for line in new if line not in (b"", b"\r"))
        if len(self.lines) > MAX_ENTRIES + 3:  # "total", "." and ".."
            raise ListingDoubtful("the listing has more than %d entries" % MAX_ENTRIES)
        if new and max(map(len, new)) > MAX_LISTING_LINE:
            raise ListingDoubtful("a line of the listing is longer than %d bytes" % MAX_LISTING_LINE)


def parse_mlsd(lines: t.Iterable[bytes], encoding: str) -> Listing:
    """Reads the lines of MLSD.

    Parameters:
        lines: without line ends.
        encoding: of the names; others are kept byte by byte.
    Raises:
        ListingDoubtful: see the head of this file.
    """
    return _collect(lines, lambda line, _now: parse_mlsd_line(line), "MLSD", encoding, 0)


def parse_list(lines: t.Iterable[bytes], encoding: str, now: float) -> Listing:
    """Reads the lines of LIST, in the format of Unix or of DOS; the first usable line decides which.

    Parameters:
        lines: without line ends.
        encoding: of the names.
        now: seconds since 1970 UTC; Unix times without a year are taken as the latest possible
            ones that are not more than a day later.
    Raises:
        ListingDoubtful: see the head of this file.
    """
    kept = [line for line in lines if line.strip() and not line.startswith(_NO_ENTRY)]
    parsers: tuple[LineParser, ...] = (parse_unix_line, parse_dos_line)
    for line in kept:
        for parser in parsers:
            if parser(line, now) is not None:
                return _collect(kept, parser, "LIST", encoding, now)
    if kept:
        raise ListingDoubtful("unknown listing format: %s" % _show(kept[0], encoding))
    return Listing([], [], "LIST")


def _collect(lines: t.Iterable[bytes], parser: LineParser, method: str, encoding: str, now: float) -> Listing:
    entries: list[ListedEntry] = []
    problems: list[str] = []
    seen: set[bytes] = set()
    shows_hidden = None
    for line in lines:
        parsed = parser(line, now)
        if parsed is None:
            problems.append("unusable line in the listing: %s" % _show(line, encoding))
            continue
        raw, entry = parsed
        if entry is None or raw in _SELF_AND_PARENT:
            shows_hidden = True if method == "LIST" else shows_hidden
            continue
        reason = unusable_name(raw)
        if reason:
            problems.append("unusable name in the listing, %s: %s" % (reason, _show(raw, encoding)))
            continue
        if raw in seen:
            raise ListingDoubtful("the listing has the same name twice: %s" % _show(raw, encoding))
        seen.add(raw)
        if raw.startswith(b"."):
            shows_hidden = True
        entries.append(ListedEntry(decode_name(raw, encoding), entry))
    if problems and not seen and shows_hidden is None and not any("unusable name" in text for text in problems):
        raise ListingDoubtful("unknown listing format: %s" % problems[0])
    return Listing(entries, _shorten(problems), method, shows_hidden, _doubt(len(entries)))


def unusable_name(raw: bytes) -> str:
    """Tells why bytes cannot be the name of an entry, or gives ""."""
    if raw in (b"",) + _SELF_AND_PARENT:
        return "it is no name"
    if b"/" in raw:
        return "it has a /"
    if b"\0" in raw or b"\r" in raw or b"\n" in raw:
        return "it has a NUL, CR or LF"
    if len(raw) > MAX_NAME:
        return "it is longer than %d bytes" % MAX_NAME
    return ""


def _doubt(count: int) -> str:
    if count not in TYPICAL_CUTS:
        return ""
    return "the listing has %d entries, which is where some servers cut listings short" % count


def _shorten(problems: list[str]) -> list[str]:
    if len(problems) <= MAX_PROBLEMS:
        return problems
    return problems[:MAX_PROBLEMS] + ["… and %d more" % (len(problems) - MAX_PROBLEMS)]


def _show(raw: bytes, encoding: str) -> str:
    return clean(raw[:200].decode(encoding, "replace"))
