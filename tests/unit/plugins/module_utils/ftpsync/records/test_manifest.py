# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Manifests survive the round trip, and nothing else is taken for one."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
import typing as t
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftpsync.errors import ManifestError
from ftpsync.model import DIRECTORY, FILE, Entry, Record
from ftpsync.records import manifest as manifests
from ftpsync.records.manifest import Head, Manifest, dump, is_of, load, publication_id

DIGEST = "ab" * 32


def _is_a_name(text: str) -> bool:
    """Whether a file can bear it: any bytes, some of which may not be UTF-8."""
    try:
        return text not in (".", "..") and bool(text.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return False


NAMES = st.text(st.characters(blacklist_characters="/\0"), min_size=1).filter(_is_a_name)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
FILES = st.builds(
    Record,
    kind=st.just(FILE),
    size=st.integers(0, 2**50),
    sha256=st.just(DIGEST),
    mtime=st.none() | st.integers(0, 2**33),
    mtime_span=st.sampled_from([1, 60, 86400]),
    mode=st.none() | st.integers(0, 0o7777),
    source_mtime=st.none() | st.integers(0, 2**33),
)
RECORDS = st.dictionaries(PATHS, FILES | st.just(Record(DIRECTORY)))


@given(RECORDS)
def test_what_is_written_is_read(records: dict[str, Record]) -> None:
    manifest = Manifest("/www", 7, "2026-01-02T03:04:05Z", records, {"modes": False})
    assert load(dump(manifest), "/www", "m") == manifest


@pytest.mark.parametrize("count", [1, 500])
@pytest.mark.parametrize("generation", [1, 63, 64, 1000])
def test_the_length_tells_the_generation_and_a_long_one_is_compressed(count: int, generation: int) -> None:
    records = {f"folder-{number % 7}/file-{number}": Record(FILE, number, DIGEST) for number in range(count)}
    manifest = Manifest("/www", generation, "", records, {})
    data = dump(manifest)
    assert load(data, "/www", "m") == manifest
    assert is_of(generation, len(data)) and not is_of(generation + 1, len(data))
    assert (len(data) < 30 * count) == (count == 500), "these digests are all the same"


def test_a_compressed_manifest_that_is_cut_or_altered_is_damaged() -> None:
    records = {f"file-{number}": Record(FILE, number, DIGEST) for number in range(500)}
    data = dump(Manifest("/www", 64, "", records, {})).rstrip(b"\0")
    altered = data[:200] + bytes([data[200] ^ 1]) + data[201:]
    for wrong in (data[: len(data) // 2], data[:-1], altered, data + b"x", data[:2] + b"x"):
        with pytest.raises(ManifestError, match="is damaged"):
            load(wrong, "/www", "m")


def test_backup_sets_are_remembered_and_older_manifests_know_of_none() -> None:
    manifest = Manifest("/www", 7, "", {}, {}, Head("20260314T092650Z-7", False))
    assert load(dump(manifest), "/www", "m") == manifest
    whole = json.loads(dump(manifest))
    del whole["backup"], whole["exact"]
    assert load(json.dumps(whole).encode(), "/www", "m").head == Head(None, True)


def test_names_that_are_not_utf8_keep_their_bytes() -> None:
    name = b"caf\xe9".decode("utf-8", "surrogateescape")
    manifest = Manifest("/", 1, "", {name: Record(FILE, 1, DIGEST)}, {})
    assert list(load(dump(manifest), "/", "m").records) == [name]


def content(**changes: t.Any) -> bytes:
    whole = json.loads(dump(Manifest("/www", 1, "now", {"a": Record(FILE, 1, DIGEST)}, {})))
    whole.update(changes)
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "damaged"),
        (b"\xff\xfe", "damaged"),
        (b"[" * 100_000, "damaged"),
        (b"[]", "damaged"),
        (content()[:-20], "damaged"),
        (content(format=2), "newer version"),
        (content(format="1"), "move it away"),
        (content(site="/other"), "'/other', not to '/www'"),
        (content(count=2), "damaged"),
        (content(generation="x"), "damaged"),
        (content(records=[]), "damaged"),
        (content(records={"../a": {"size": 1, "sha256": DIGEST}}), "damaged"),
        (content(records={"/a": {"size": 1, "sha256": DIGEST}}), "damaged"),
        (content(records={"a\ud800": {"size": 1, "sha256": DIGEST}}), "damaged"),
        (content(records={"a": {"size": -1, "sha256": DIGEST}}), "damaged"),
        (content(records={"a": {"size": True, "sha256": DIGEST}}), "damaged"),
        (content(records={"a": {"size": 1, "sha256": "x"}}), "damaged"),
        (content(records={"a": {"size": 1, "sha256": 5}}), "damaged"),
        (content(records={"a": {"size": 1, "sha256": DIGEST, "mtime": "x"}}), "damaged"),
        (content(records={"a": {"size": 1, "sha256": DIGEST, "mtime": 1e300}}), "damaged"),
        (content(records={"a": {"size": 1, "sha256": DIGEST, "mode": 99999}}), "damaged"),
        (content(records={"a": []}), "damaged"),
        (content(server=[]), "damaged"),
        (content(backup="../x"), "damaged"),
        (content(exact=1), "damaged"),
    ],
)
def test_what_cannot_be_ours_stops_the_run(data: bytes, message: str) -> None:
    with pytest.raises(ManifestError, match=message) as caught:
        load(data, "/www", "/www/.ftpsync/manifest.json")
    assert "/www/.ftpsync/manifest.json" in str(caught.value) and "\n" not in str(caught.value)


@given(st.binary())
def test_any_bytes_are_a_manifest_or_a_clear_error(data: bytes) -> None:
    with pytest.raises(ManifestError):
        load(data, "/www", "m")


@pytest.mark.parametrize(("written", "read"), [("/www", "/www.ftpsync-next"), ("/www.ftpsync-away", "/www")])
def test_a_slot_takes_its_record_along(written: str, read: str) -> None:
    data = dump(Manifest(written, 1, "2026-03-14T09:26:50Z", {}, {}))
    assert load(data, read, "manifest.json").site == read
    with pytest.raises(ManifestError, match="belongs to the site"):
        load(data, "/www/sub", "manifest.json")


# ---------------------------------------------------------------------- large ones are read block by block

ENTRY = f'{{"size":1,"sha256":"{DIGEST}"}}'
STRAY = st.sampled_from(
    [
        "",
        ",",
        "{",
        "}",
        "}}",
        "}}}",
        "\x0b",
        '"',
        '},"x":{',
        '}},"server":{},"records":{"a":{',
        '}},"records":{',
        '"kind":"directory",',
        f'"sha256":"{DIGEST}",',
        f'"sha256":{ENTRY},',
        f'"size":{ENTRY},',
        f'"a":{ENTRY},',
        f'"a":{ENTRY}',
        f'"b":{ENTRY},\n"b":{{"kind":"directory"}},',
        f'"b":\n{ENTRY}\n,',
        f'"b\n":{ENTRY},',
        '"b":5,',
        '"count":1,',
    ]
)
EDITS = st.lists(st.tuples(st.integers(0, 8), st.booleans(), STRAY), max_size=3)


def _outcome(data: bytes) -> t.Any:
    try:
        return load(data, "/www", "m")
    except ManifestError as error:
        return "is damaged" if "is damaged" in str(error) else str(error)


@given(st.dictionaries(PATHS, FILES | st.just(Record(DIRECTORY)), max_size=4), EDITS)
def test_block_by_block_any_text_says_what_it_says_as_a_whole(
    records: dict[str, Record], edits: list[tuple[int, bool, str]]
) -> None:
    lines = dump(Manifest("/www", 7, "", records, {})).decode().rstrip("\n").split("\n")
    for place, replaces, stray in edits:
        lines[place : place + replaces] = [stray]
    text = "\n".join(lines).encode()
    packer = zlib.compressobj(level=0, wbits=31)  # stored as it is, so that cuts may fall anywhere
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifests, "_BLOCK", 1)
        in_blocks = _outcome(packer.compress(text) + packer.flush())
    as_a_whole = _outcome(b"\n" + text)  # not as dump writes it
    assert in_blocks == as_a_whole


def test_a_long_line_is_read_as_a_whole() -> None:
    long = "/".join(["x" * 4000] * 300)
    manifest = Manifest("/www", 7, "", {"a": Record(FILE, 1, DIGEST), long: Record(FILE, 2, DIGEST)}, {})
    assert load(dump(manifest), "/www", "m") == manifest


def _digest(number: int) -> str:
    return hashlib.sha256(b"%d" % number).hexdigest()


def _large(count: int) -> tuple[bytes, dict[str, Entry]]:
    paths = [f"section-{number % 50}/folder-{number // 20}/page-{number}.html" for number in range(count)]
    records = {path: Record(FILE, number, _digest(number), 1_600_000_000 + number) for number, path in enumerate(paths)}
    local = {path: Entry(FILE, number, 1.5, sha256=_digest(number)) for number, path in enumerate(paths)}
    return dump(Manifest("/www", 1, "", records, {})), local


def test_paths_and_digests_of_local_files_are_held_once() -> None:
    data, local = _large(500)
    records = load(data, "/www", "m", local).records
    paths = {path: path for path in local}
    assert len(records) == 500
    for path, record in records.items():
        assert path is paths[path] and record.sha256 is local[path].sha256


def test_reading_a_large_one_takes_little_more_room_than_what_comes_of_it() -> None:
    data, local = _large(5000)
    tracemalloc.start()
    try:
        manifest = load(data, "/www", "m", local)
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(manifest.records) == 5000
    assert peak < 430 * 5000, f"{peak / 5000:.0f} bytes a file, of which {kept / 5000:.0f} stay"


def test_a_publication_is_told_by_its_content() -> None:
    records = {"b": Record(FILE, 1, DIGEST), "a\udcff": Record(FILE, 2, DIGEST), "a": Record(DIRECTORY)}
    content = "\n".join(f"{path}\0{record.sha256}" for path, record in sorted(records.items()))
    crc = zlib.crc32(content.encode("utf-8", "surrogateescape"))
    manifest = Manifest("/www", 7, "2026-01-02T03:04:05Z", records, {})
    assert publication_id(manifest) == f"20260102T030405Z-7-{crc:08x}"
