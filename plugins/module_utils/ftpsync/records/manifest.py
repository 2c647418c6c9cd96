# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The manifest: what we published on a server, as bytes and as a value.

Pure: bytes in, ``Manifest`` out, and back. It is read back from a server, so every value in it is
checked before it is believed. Names carry lone surrogates where they are not UTF-8; JSON's escapes
keep them. What is longer than a first flight of packets is compressed, since each run waits for it.
What looks as ``dump`` writes it is read block by block, so that the text of a large one is never in memory as a whole;
any other JSON of the same meaning is understood as well.
"""

from __future__ import annotations

import json
import re
import typing as t
import zlib
from types import MappingProxyType

from ..errors import ManifestError
from ..model import DIRECTORY, FILE, Entry, Record
from ..slots.names import site_of

FORMAT = 1

MAX_BYTES = 256 * 1024 * 1024  # as JSON; a million paths need about 200 MB
_BLOCK = 16 * 1024  # bytes that are unpacked, and parsed, at once
_MAX_LINE = 1024 * 1024  # bytes of text; with longer lines it is read as a whole
_PLAIN = 12 * 1024  # bytes up to which it stays readable as it is: less than the ten packets that TCP sends at first
_GZIP = 31  # zlib's name for the format with gzip's header and checksum (RFC 1952)
_PACKED = b"\x1f\x8b"  # what it begins with
# The length tells the generation, modulo this: so a glance shows that a manifest is not the one before or after.
TURN = 64

# A backup set: when it was made, and the generation of the manifest that records its publication.
_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9]{1,12}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_MAX_MODE = 0o7777
_MAX_TIME = 2**40  # seconds; what is later is nonsense, and overflows date arithmetic


class Head(t.NamedTuple):
    """The publication that a site is at.

    Attributes:
        id: its backup set, or None if there is none to go back from.
        exact: nothing was published since without a backup set.
    """

    id: str | None = None
    exact: bool = True


# A quirk: when this was written, something on the server was not as recorded, or had not been looked at. So the time of
# writing says nothing about how old somebody's edit can be at most.
UNSURE = "unsure"


class Manifest(t.NamedTuple):
    """All that is recorded about one target.

    Attributes:
        site: the folder on the server that the record is about, as its login sees it.
        generation: counts the publications, from 1.
        written: when, ISO 8601 in UTC, by the client's clock; informational.
        records: by path.
        server: quirks that were learned and would otherwise be tried anew by every run.
        head: the backup set of the publication that the site is at.
    """

    site: str
    generation: int
    written: str
    records: dict[str, Record]
    server: dict[str, t.Any]
    head: Head = Head()


def dump(manifest: Manifest) -> bytes:
    """The manifest as it lies on a server: JSON, one path a line, compressed by gzip if that is long."""
    text = _to_json(manifest)
    if len(text) <= _PLAIN:
        return text + b"\n" * ((manifest.generation - len(text)) % TURN)
    packer = zlib.compressobj(wbits=_GZIP)
    data = packer.compress(text) + packer.flush()
    return data + b"\0" * ((manifest.generation - len(data)) % TURN)


def is_of(generation: int, size: int) -> bool:
    """Whether a manifest of so many bytes may be that of a generation; of its neighbours, only one can be."""
    return size % TURN == generation % TURN


def _unpacked(data: bytes, where: str) -> bytes:
    if data[:2] != _PACKED:
        return data
    unpacker = zlib.decompressobj(wbits=_GZIP)
    try:
        text = unpacker.decompress(data, MAX_BYTES)
    except zlib.error:
        raise damaged(where, "not gzip") from None
    if not unpacker.eof or unpacker.unused_data.strip(b"\0"):
        raise damaged(where, "cut, or too long")
    return text


def _to_json(manifest: Manifest) -> bytes:
    head = {
        "format": FORMAT,
        "site": manifest.site,
        "generation": manifest.generation,
        "written": manifest.written,
        "server": manifest.server,
        "backup": manifest.head.id,
        "exact": manifest.head.exact,
        "count": len(manifest.records),
    }
    body = ",\n".join(
        f"{json.dumps(path)}:{json.dumps(record_to_json(record), separators=(',', ':'))}"
        for path, record in sorted(manifest.records.items())
    )
    return f'{json.dumps(head)[:-1]},"records":{{\n{body}\n}}}}\n'.encode("ascii")


def load(data: bytes, site: str, where: str, local: t.Mapping[str, Entry] = MappingProxyType({})) -> Manifest:
    """Read a manifest.

    Parameters:
        data: the file's content.
        site: the folder that it has to be about.
        where: the file's path on the server, for messages.
        local: the local tree, whose paths and digests most records have: they are held once.

    Raises:
        ManifestError: damaged, of another site, or of a newer format; nothing may be done then,
            because without the record a run would publish all anew and know nothing to delete.
    """
    content = _by_blocks(data, local) or parse_object(_unpacked(data, where), where, _as_record)
    if content.get("format") != FORMAT:
        newer = isinstance(content.get("format"), int) and content["format"] > FORMAT
        raise ManifestError(
            f"{where} has format {str(content.get('format'))[:20]!r}, this version reads {FORMAT}: "
            + ("use the newer version of the collection that wrote it" if newer else _REMEDY)
        )
    if site_of(str(content.get("site"))) != site_of(site):  # a slot takes its record along
        raise ManifestError(
            f"{where} belongs to the site {str(content.get('site'))[:200]!r}, not to {site!r}:"
            f" if the folder was moved or copied, {_REMEDY}, and all files are sent anew"
        )
    try:
        records = records_from_json(content["records"])
        generation, written, server = content["generation"], content["written"], content["server"]
        if content["count"] != len(records) or generation < 0 or not isinstance(server, dict):
            raise ValueError("counts do not agree")
        head = head_from_json(content.get("backup"), content.get("exact", True))
        return Manifest(site, int(generation), str(written), records, server, head)
    except (KeyError, TypeError, ValueError, OverflowError) as error:  # the last one by Infinity
        raise damaged(where, str(error)) from None


def publication_id(manifest: Manifest) -> str | None:
    """What tells one publication of a site from all others; None if the record does not say when it was made.

    Two slots of a site may well be published in the same second, so the content counts as well.
    """
    name = f"{re.sub('[-:]', '', manifest.written)}-{manifest.generation}"
    if not is_id(name):
        return None
    content = 0
    for number, path in enumerate(sorted(manifest.records)):
        line = f"{path}\0{manifest.records[path].sha256}"
        content = zlib.crc32((f"\n{line}" if number else line).encode("utf-8", "surrogateescape"), content)
    return f"{name}-{content:08x}"


def is_id(name: str) -> bool:
    """Whether a name is that of a backup set."""
    return _ID.match(name) is not None


def head_from_json(backup_id: t.Any, exact: t.Any) -> Head:
    """A Head as it lies in a manifest or a backup set.

    Raises:
        TypeError, ValueError: it is none.
    """
    if not isinstance(exact, bool) or not (backup_id is None or (isinstance(backup_id, str) and is_id(backup_id))):
        raise ValueError("backup")
    return Head(backup_id, exact)


_REMEDY = "move it away on the server"


def damaged(where: str, why: str) -> ManifestError:
    """The error for a file of ours on the server that cannot be what we wrote."""
    return ManifestError(
        f"{where} is damaged ({why[:100]}): restore it from a backup, or {_REMEDY}; nothing was changed"
    )


def _by_blocks(data: bytes, local: t.Mapping[str, Entry]) -> dict[str, t.Any] | None:
    """The manifest's object, if it looks as ``dump`` writes it; None if it has to be read as a whole.

    JSON's strings hold no line ends, so cuts at the end of lines are never within one. And where each block is valid as
    the inside of an object, all together are the inside of that object, whatever they say.
    """
    paths = {path: path for path in local}
    records: dict[str, t.Any] = {}
    try:
        blocks = _blocks(data)
        content = json.loads(next(blocks) + "}}", object_hook=_as_record)
        if not isinstance(content, dict) or list(content)[-1:] != ["records"] or content["records"] != {}:
            return None
        for block in blocks:
            found = json.loads(f"{{{block}}}", object_hook=_as_record)
            if not isinstance(found, dict) or not found:
                return None
            for path, record in found.items():
                entry = local.get(path)
                if entry is not None and isinstance(record, Record) and record.sha256 == entry.sha256:
                    record = record._replace(sha256=entry.sha256)
                records[paths.setdefault(path, path)] = record
    except (ValueError, RecursionError, zlib.error):
        return None
    return {**content, "records": records}


def _blocks(data: bytes) -> t.Iterator[str]:
    """What stands ahead of the records, then the records, many at once, without the commas between the blocks.

    Raises:
        ValueError, zlib.error: it is not as ``dump`` writes it.
    """
    pieces = _pieces(data)
    head, _end, rest = next(pieces, b"").partition(b"\n")
    yield head.decode("utf-8")
    for piece in pieces:
        block, comma, rest = (rest + piece).rpartition(b",\n")
        if comma:
            yield block.decode("utf-8")
        if len(rest) > _MAX_LINE:
            raise ValueError("a long line")
    rest = rest.rstrip(b" \t\r\n")
    if not rest.endswith(b"}}"):
        raise ValueError("the end")
    yield rest[:-2].decode("utf-8")


def _pieces(data: bytes) -> t.Iterator[bytes]:
    """The text, a piece at a time."""
    if data[:2] != _PACKED:
        yield data
        return
    unpacker = zlib.decompressobj(wbits=_GZIP)
    room = MAX_BYTES
    for start in range(0, len(data), _BLOCK):
        piece = unpacker.decompress(data[start : start + _BLOCK])
        room -= len(piece)
        if room < 0:
            raise ValueError("too long")
        yield piece
    if not unpacker.eof or unpacker.unused_data.strip(b"\0"):
        raise ValueError("cut")


def parse_object(
    data: bytes, where: str, hook: t.Callable[[dict[str, t.Any]], t.Any] | None = None
) -> dict[str, t.Any]:
    """Parse a JSON object that lay on a server.

    Parameters:
        hook: what becomes of each object within.
    Raises:
        ManifestError: it is not one.
    """
    try:
        text = data.decode("utf-8")
        del data  # which may be as large as all that comes of it
        content = json.loads(text, object_hook=hook)
    except (ValueError, RecursionError):
        raise damaged(where, "not JSON") from None
    if not isinstance(content, dict):
        raise damaged(where, "not a JSON object")
    return content


def record_to_json(record: Record) -> dict[str, t.Any]:
    """A record as a JSON object; what has its default is left out."""
    if record.kind == DIRECTORY:
        values: dict[str, t.Any] = {"kind": DIRECTORY}
    else:
        values = {"size": record.size, "sha256": record.sha256}
    optional = {"mtime": record.mtime, "mode": record.mode, "source_mtime": record.source_mtime}
    values.update((key, value) for key, value in optional.items() if value is not None)
    if record.mtime_span != 1:
        values["mtime_span"] = record.mtime_span
    return values


def records_from_json(values: t.Any) -> dict[str, Record]:
    """The inverse of ``record_to_json`` for a whole object of paths.

    Raises:
        TypeError, ValueError, KeyError: a value is not what we write.
    """
    if not isinstance(values, dict):
        raise TypeError("records")
    return {checked_path(path): _record(value) for path, value in values.items()}


def _as_record(value: dict[str, t.Any]) -> t.Any:
    """Turn objects that look like records into such while they are parsed, which needs a third of the room."""
    if "sha256" not in value:
        return value
    try:
        return _record(value)
    except (KeyError, TypeError, ValueError, OverflowError):
        return value  # whoever needs a record there says what is wrong


def _record(value: t.Any) -> Record:
    if isinstance(value, Record):
        return value
    if not isinstance(value, dict):
        raise TypeError("record")
    kind = value.get("kind", FILE)
    size, sha256 = (value["size"], value["sha256"]) if kind == FILE else (0, "")
    mtime, span = value.get("mtime"), value.get("mtime_span", 1)
    mode, source_mtime = value.get("mode"), value.get("source_mtime")
    if kind not in (FILE, DIRECTORY) or not _whole(size) or (kind == FILE and not _SHA256.match(sha256)):
        raise ValueError("kind, size or digest")
    if not (_time(mtime) and _time(source_mtime) and _whole(span)):
        raise ValueError("time")
    if mode is not None and not (_whole(mode) and mode <= _MAX_MODE):
        raise ValueError("mode")
    return Record(kind, size, sha256, mtime, span, mode, source_mtime)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _time(value: object) -> bool:
    return value is None or (isinstance(value, (int, float)) and abs(value) < _MAX_TIME)


def checked_path(path: str) -> str:
    """A relative path without tricks, or ValueError: it is going to be deleted or renamed by this name."""
    if not path or "\0" in path or any(part in ("", ".", "..") for part in path.split("/")):
        raise ValueError(f"path {path[:100]!r}")
    if not path.isascii():
        path.encode("utf-8", "surrogateescape")  # else it is the name of no file, and raises a ValueError
    return path
