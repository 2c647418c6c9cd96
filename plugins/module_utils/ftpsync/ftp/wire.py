# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The language of the control connection: bytes in, Reply out; command in, bytes out (RFC 959).

Pure: no sockets and no clock here. Everything a server says is untrusted: limits protect against
endless replies, text is cleaned before anybody sees it, numbers are checked for their range.
Breaking a limit is a ProtocolError, after which the connection cannot be used.
"""

from __future__ import annotations

import re
import typing as t

from ..errors import ProtocolError, ServerRefused, UsageError

MAX_LINE = 8 * 1024  # bytes of one reply line; the longest real line seen is a 2 KB path
MAX_REPLY = 64 * 1024  # bytes of one multi-line reply; FEAT needs about 1 KB
MAX_LISTING = 16 * 1024 * 1024  # bytes of the reply to STAT with a folder
MAX_COMMAND = 8 * 1024  # bytes of one command; servers accept 512 to 4,096
MAX_TEXT = 400  # characters of a reply that go into a message for the user

_LISTING = (b"211", b"212", b"213")  # codes of replies to STAT, which may hold a folder's listing
_FORBIDDEN = re.compile(b"[\x00\r\n]")
_START = re.compile(rb"([1-5][0-9][0-9])(-?)")
# IAC IAC is a byte 255, IAC WILL/WONT/DO/DONT takes one more byte, other Telnet commands none (RFC 854).
# A lone 255 before anything else is a letter of a server that does not double it.
_TELNET = re.compile(b"\xff(?:(\xff)|[\xfb-\xfe].?|[\xf0-\xfa])", re.DOTALL)
# Besides control characters: marks that reverse or hide text in a terminal.
_UNSEEMLY = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


class Command(t.NamedTuple):
    """A command of the control connection.

    Attributes:
        verb: such as ``STOR``; ASCII.
        argument: text after the verb, or None. Paths keep undecodable bytes as lone surrogates.
    """

    verb: str
    argument: str | None = None

    @property
    def label(self) -> str:
        """For messages; never shows a password."""
        if self.argument is None:
            return self.verb
        if self.verb in ("PASS", "ACCT"):
            return self.verb + " ********"
        return clean("%s %s" % (self.verb, self.argument))


class Reply(t.NamedTuple):
    """One answer of the server.

    Attributes:
        code: 100 to 599.
        lines: text without the codes, cleaned for display.
        raw: the same as bytes, lines joined by LF, codes included.
    """

    code: int
    lines: tuple[str, ...]
    raw: bytes = b""

    @property
    def text(self) -> str:
        """One line with the code, such as ``550 No such file``, of at most MAX_TEXT characters."""
        joined = " ".join([str(self.code)] + " ".join(self.lines).split())
        return joined if len(joined) <= MAX_TEXT else joined[: MAX_TEXT - 1] + "…"

    @property
    def is_preliminary(self) -> bool:
        """1yz: another reply to the same command follows."""
        return self.code < 200

    @property
    def is_ok(self) -> bool:
        """2yz: done."""
        return 200 <= self.code < 300

    @property
    def is_done(self) -> bool:
        """A command to change something was carried out; 202 means that the server ignores it."""
        return self.is_ok and self.code != 202

    @property
    def is_transient(self) -> bool:
        """4yz: the same command may work later (RFC 959 section 4.2.1)."""
        return 400 <= self.code < 500

    @property
    def is_unknown_command(self) -> bool:
        """The server does not know the command or this form of it, whatever the argument."""
        return self.code in (202, 500, 501, 502, 504)


def refusal(command: Command, reply: Reply) -> ServerRefused:
    """Gives the error for a command that was not answered as hoped."""
    return ServerRefused("%s was refused: %s" % (command.label, reply.text), reply)


class ReplyReader:
    """Cuts a byte stream into replies, however the network cut it (RFC 959 section 4.2).

    Bare LF and codes without text are accepted, Telnet commands are removed.

    Parameters:
        encoding: how texts are decoded for display; what does not fit is replaced.
        max_line: bytes of a line, LF not counted.
        max_reply: bytes of a whole reply.
    """

    def __init__(self, encoding: str = "utf-8", max_line: int = MAX_LINE, max_reply: int = MAX_REPLY) -> None:
        self._encoding = encoding
        self._max_line = max_line
        self._max_reply = max_reply
        self._rest = b""
        self._lines: list[bytes] = []
        self._size = 0

    @property
    def is_empty(self) -> bool:
        """Whether no part of a reply waits for its rest."""
        return not self._rest and not self._lines

    def feed(self, data: bytes) -> t.Iterator[Reply]:
        """Yields the replies that are complete with ``data``; has to be consumed to its end.

        Raises:
            ProtocolError: a line does not start with a code, or a limit is exceeded.
        """
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            reply = self._take(line)
            if reply is not None:
                yield reply
        if len(self._rest) > self._max_line:
            raise ProtocolError("a reply line of the server is longer than %d bytes" % self._max_line)

    def _take(self, line: bytes) -> Reply | None:
        if len(line) > self._max_line:
            raise ProtocolError("a reply line of the server is longer than %d bytes" % self._max_line)
        if b"\xff" in line:
            line = _TELNET.sub(rb"\1", line)
        line = line.rstrip(b"\r")
        self._size += len(line) + 1
        if self._size > self._max_reply and not self._is_listing:
            raise ProtocolError("a reply of the server is longer than %d bytes" % self._max_reply)
        if not self._lines:
            return self._take_first(line)
        self._lines.append(line)
        if line[:3] == self._lines[0][:3] and line[3:4] in (b" ", b""):
            return self._complete()
        return None

    @property
    def _is_listing(self) -> bool:
        return bool(self._lines) and self._lines[0][:3] in _LISTING and self._size <= MAX_LISTING

    def _take_first(self, line: bytes) -> Reply | None:
        start = _START.match(line)
        if start is None:
            if not line.strip():
                self._size = 0
                return None  # a blank line between two replies
            raise ProtocolError("this is no FTP reply: %s" % clean(line[:80].decode("ascii", "replace")))
        self._lines.append(line)
        return None if start.group(2) else self._complete()

    def _complete(self) -> Reply:
        raw, self._lines, self._size = self._lines, [], 0
        prefix = raw[0][:3]
        if len(raw) == 1 and raw[0][3:4] in (b" ", b""):  # nearly all of them
            return Reply(int(prefix), (clean(raw[0][4:].decode(self._encoding, "replace")),), raw[0])
        texts = (line[4:] if line[:3] == prefix and line[3:4] in (b" ", b"-", b"") else line for line in raw)
        return Reply(
            int(prefix), tuple(clean(text.decode(self._encoding, "replace")) for text in texts), b"\n".join(raw)
        )


def clean(text: str) -> str:
    """Text that is safe in a terminal, a log and a JSON result: one line, no control characters."""
    return text if text.isprintable() else _UNSEEMLY.sub("?", text.replace("\t", " "))


def check_encoding(encoding: str) -> None:
    """Raises UsageError unless ``encoding`` is known and keeps ASCII as it is."""
    ascii_text = "".join(map(chr, range(32, 127)))
    try:
        suitable = ascii_text.encode(encoding) == ascii_text.encode("ascii")
    except (LookupError, UnicodeError):
        suitable = False
    if not suitable:
        raise UsageError("encoding: %r is not an encoding that contains ASCII; use utf-8 or latin-1, say" % encoding)


def encode_name(name: str, encoding: str) -> bytes:
    """Gives the bytes of a name or path; lone surrogates become the bytes they stand for (PEP 383).

    Raises:
        UsageError: the encoding cannot hold the name.
    """
    try:
        return name.encode(encoding, "surrogateescape")
    except UnicodeError:
        raise UsageError("%s cannot be written in %s; set encoding: utf-8" % (clean(name), encoding)) from None


def decode_name(raw: bytes, encoding: str) -> str:
    """Gives the name for bytes such that encode_name returns exactly these bytes.

    Names that are not valid in the encoding are kept byte by byte as lone surrogates.
    """
    try:
        name = raw.decode(encoding)
        if name.encode(encoding) == raw:
            return name
    except UnicodeError:
        pass
    return raw.decode("ascii", "surrogateescape")


def encode_command(verb: str, argument: str | bytes | None, encoding: str) -> bytes:
    """Gives the line to send, with its CR LF; a byte 255 is doubled (RFC 959 section 3.1, Telnet).

    Raises:
        UsageError: the argument has a NUL, CR or LF, cannot be encoded, or is too long. The message
            names it, passwords excepted.
    """
    if argument is None:
        return verb.encode("ascii") + b"\r\n"
    raw = encode_name(argument, encoding) if isinstance(argument, str) else argument
    shown = "the password" if verb in ("PASS", "ACCT") else clean(raw[:200].decode(encoding, "replace"))
    if _FORBIDDEN.search(raw):
        raise UsageError("%s: NUL, CR and LF cannot be sent over FTP (%s)" % (shown, verb))
    line = b"%s %s\r\n" % (verb.encode("ascii"), raw.replace(b"\xff", b"\xff\xff"))
    if len(line) > MAX_COMMAND:
        raise UsageError("%s: longer than %d bytes (%s)" % (shown, MAX_COMMAND, verb))
    return line
