# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Manifests survive the round trip, and nothing else is taken for one."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftpsync.errors import ManifestError
from ftpsync.model import DIRECTORY, FILE, Record
from ftpsync.records.manifest import Head, Manifest, dump, is_of, load

DIGEST = "ab" * 32
NAMES = st.text(st.characters(blacklist_characters="/\0"), min_size=1).filter(lambda name: name not in (".", ".."))
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
