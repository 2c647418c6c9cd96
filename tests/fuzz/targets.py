# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is fuzzed: each function takes any bytes, and fails by an exception where the engine breaks a promise.

The promises: of all exceptions only FtpSyncError comes out; a listed name is one plain component; what was read can
be written and read again; the network may cut bytes anywhere. That nothing takes long is seen to by who calls.
"""

from __future__ import annotations

import contextlib
import functools
import json
import re
import typing as t

from ftpsync.errors import FtpSyncError, UsageError
from ftpsync.filters import Filters, Patterns, parse_ignore_lines
from ftpsync.ftp import replies
from ftpsync.ftp.list_dos import parse_dos_line
from ftpsync.ftp.list_unix import parse_unix_line
from ftpsync.ftp.listing import LineSplitter, Listing, parse_list, parse_mlsd, unusable_name
from ftpsync.ftp.mlsd import parse_mlsd_line
from ftpsync.ftp.wire import Reply, ReplyReader, clean, encode_command, encode_name
from ftpsync.model import FILE, Entry
from ftpsync.records import backup, claims, journal, manifest
from ftpsync.records.folder_file import FolderDocument
from ftpsync.records.lock import Holder
from ftpsync.url import parse_remote

Target = t.Callable[[bytes], None]

NOW = 1_700_000_000.0
ENCODINGS = ("utf-8", "latin-1", "ascii", "cp1252")
MOST_SECONDS = 1e13  # beyond any date that a listing can name
BACKUP_ID = "20260101T000000Z-1"

MOST_LEVELS = 100  # of folders; deeper ones are refused before patterns are asked about them
# What must not reach a terminal: control characters, and marks that reverse text.
_UNSEEMLY = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

_expected = functools.partial(contextlib.suppress, FtpSyncError)


def _is_seemly(*texts: str) -> bool:
    return not any(_UNSEEMLY.search(text) for text in texts)


def _pieces(data: bytes) -> list[bytes]:
    """The same bytes, cut as the network might cut them: at places that the bytes themselves choose."""
    size = 1 + (data[0] if data else 0) % 7
    return [data[start : start + size] for start in range(0, len(data), size)]


# ---------------------------------------------------------------------- what a server says


def _all_replies(pieces: t.Iterable[bytes], encoding: str = "utf-8") -> tuple[list[Reply], str]:
    reader, found = ReplyReader(encoding), []
    try:
        for piece in pieces:
            for reply in reader.feed(piece):
                found.append(reply)
    except FtpSyncError as error:
        return found, str(error)
    return found, ""


def reply(data: bytes) -> None:
    """A control connection."""
    whole, cut = _all_replies([data]), _all_replies(_pieces(data))
    assert whole == cut, "it depends on where the network cuts"
    for one in whole[0]:
        assert 100 <= one.code < 600 and _is_seemly(one.text, *one.lines)


def answer(data: bytes) -> None:
    """What particular replies say: FEAT, EPSV, PASV, SIZE, MDTM, PWD."""
    for one in _all_replies([data])[0]:
        features = replies.parse_feat(one)
        assert all(name == name.upper() for name in features.parameters)
        for parse in (replies.parse_epsv, replies.parse_pasv):
            with _expected():
                assert 0 < parse(one) < 65536
        with _expected():
            assert replies.parse_size(one) >= 0
        with _expected():
            stamp = replies.parse_mdtm(one)
            assert stamp is None or abs(stamp) < MOST_SECONDS
        for encoding in ENCODINGS:
            path = replies.parse_pwd(one, encoding)
            assert path is None or encode_name(path, encoding) in one.raw.replace(b'""', b'"')


# ---------------------------------------------------------------------- listings


def _check_entry(entry: Entry) -> None:
    assert entry.size is None or 0 <= entry.size < 10**20
    assert entry.mtime is None or abs(entry.mtime) < MOST_SECONDS
    assert entry.mode is None or 0 <= entry.mode <= 0o7777


def _check_listing(listing: Listing, encoding: str) -> None:
    for name, entry in listing.entries:
        raw = encode_name(name, encoding)
        assert not unusable_name(raw) and "/" not in name and name not in ("", ".", "..") and "\0" not in name
        assert not re.search("[\r\n]", name)
        _check_entry(entry)
    names = [name for name, _entry in listing.entries]
    assert len(set(names)) == len(names), "one name twice"
    assert _is_seemly(*listing.problems)


def _lines(data: bytes) -> list[bytes]:
    whole, cut = LineSplitter(), LineSplitter()
    whole.feed(data)
    for piece in _pieces(data):
        cut.feed(piece)
    lines = whole.finish()
    assert lines == cut.finish(), "it depends on where the network cuts"
    return lines


def _listing(data: bytes, read: t.Callable[[list[bytes], str], Listing]) -> None:
    with _expected():
        lines = _lines(data)
        for encoding in ENCODINGS:
            with _expected():
                _check_listing(read(lines, encoding), encoding)


def mlsd(data: bytes) -> None:
    """A listing by MLSD."""
    _listing(data, parse_mlsd)
    for line in data.split(b"\n"):
        parse_mlsd_line(line)


def list_unix(data: bytes) -> None:
    """A listing by LIST, whichever format the bytes make it, and lines as those of Unix."""
    _listing(data, lambda lines, encoding: parse_list(lines, encoding, NOW))
    for line in data.split(b"\n"):
        found = parse_unix_line(line, NOW)
        if found is not None:
            _check_entry(found[1])


def list_dos(data: bytes) -> None:
    """Lines as those of DOS."""
    _listing(b"01-31-26  11:59PM  1 x\r\n" + data, lambda lines, encoding: parse_list(lines, encoding, NOW))
    for line in data.split(b"\n"):
        found = parse_dos_line(line, NOW)
        if found is not None:
            _check_entry(found[1])


# ---------------------------------------------------------------------- records


def records_manifest(data: bytes) -> None:
    """The manifest."""
    with _expected():
        found = manifest.load(data, "/", "manifest.json")
        again = manifest.load(manifest.dump(found), "/", "manifest.json")
        assert again == found
        for path in found.records:
            assert path and not path.startswith("/") and ".." not in path.split("/")


def records_journal(data: bytes) -> None:
    """The journal of a publication."""
    with _expected():
        found = journal.load(data, "journal.json")
        assert journal.load(journal.dump(found), "journal.json") == found


def records_backup(data: bytes) -> None:
    """A backup set."""
    with _expected():
        found = backup.load(data, BACKUP_ID, "backup.json")
        assert backup.load(backup.dump(found), BACKUP_ID, "backup.json") == found


def records_folder(data: bytes) -> None:
    """The records of a folder, ``.pyftpsync-meta.json``."""
    with _expected():
        found = FolderDocument.parse(data)
        listing = {name: Entry(FILE, 1, NOW) for name in found.mtimes}
        found.adjust(listing)
        for peer in found.peer_sync:
            found.last_sync(peer)
            found.snapshots(peer)
        for verbose in (False, True):
            content = found.dump(NOW, verbose)
            json.loads(content)
            again = FolderDocument.parse(content)
            assert {peer: again.snapshots(peer) for peer in again.peer_sync} == {
                peer: found.snapshots(peer) for peer in found.peer_sync
            }


def records_holder(data: bytes) -> None:
    """Who holds a lock."""
    holder = Holder(data, ())
    assert _is_seemly(holder.name())
    assert isinstance(holder.is_dead(), bool) and not holder.is_run("ba9876543210-x")


def records_claims(data: bytes) -> None:
    """What other programs have recorded."""
    found: dict[str, claims.Claim] = {}
    with _expected():
        found.update(claims.from_sync_state(data)[0])
    with _expected():
        found.update(claims.from_folder(data, "a/b", "h", "/p"))
    for path in found:
        assert path and not path.startswith("/") and ".." not in path.split("/")


# ---------------------------------------------------------------------- what users write


def url(data: bytes) -> None:
    """The URL of a remote folder."""
    text = data.decode("utf-8", "surrogateescape")
    found, told = None, ""
    try:
        found = parse_remote(text)
    except UsageError as error:
        told = str(error)
    assert "\n" not in told
    if found is None:
        return
    assert found.path.startswith("/") and ".." not in found.path.split("/")
    assert 0 < found.port < 65536 and found.host
    assert parse_remote(found.address.replace("%", "%25") if "%" in found.path else found.address).host == found.host


def command(data: bytes) -> None:
    """A name as the argument of a command: one line, and no second one."""
    for encoding in ENCODINGS:
        with _expected():
            line = encode_command("DELE", data.decode("utf-8", "surrogateescape"), encoding)
            assert line.count(b"\n") == line.count(b"\r") == 1 and line.endswith(b"\r\n") and b"\0" not in line
    assert _is_seemly(clean(data.decode("latin-1")), clean(data.decode("utf-8", "surrogateescape")))


def ignore(data: bytes) -> None:
    """Patterns as in a .gitignore, and paths that they are asked about: what follows the first NUL."""
    first, _nul, rest = data.partition(b"\0")
    with _expected():
        lines = parse_ignore_lines(first.decode("utf-8", "surrogateescape"))
        patterns = Patterns("exclude", lines)
        filters = Filters(exclude=lines, protect=lines)
        for path in rest.decode("utf-8", "surrogateescape").split("\0"):
            if path.count("/") > MOST_LEVELS:
                continue
            for is_folder in (False, True):
                covered = patterns.covers(path, is_folder)
                assert covered == patterns.covers(path, is_folder) == filters.protects(path, is_folder)
                filters.includes(path, is_folder)


TARGETS: dict[str, Target] = {
    function.__name__: function
    for function in (
        reply,
        answer,
        mlsd,
        list_unix,
        list_dos,
        records_manifest,
        records_journal,
        records_backup,
        records_folder,
        records_holder,
        records_claims,
        url,
        command,
        ignore,
    )
}
