# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Whatever lies in another program's file: what is in doubt is claimed by nobody."""

from __future__ import annotations

import gzip
import hashlib
import json
import typing as t
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftpsync.model import DIRECTORY, FILE, Entry
from ftpsync.records.claims import Claim, confirmed, deployed_md5, from_deployment, from_folder, from_sync_state
from ftpsync.records.folder_file import FolderDocument

DIGEST = "ab" * 32
HOST, ROOT = "example.com", "/www"


def state(*entries: t.Any) -> bytes:
    return json.dumps({"version": "1.0.0", "data": entries}).encode()


def entry(**changed: t.Any) -> dict[str, t.Any]:
    return {"type": "file", "name": "a/b.txt", "size": 3, "hash": DIGEST, **changed}


def test_files_are_claimed_and_folders_are_not() -> None:
    claims, problems = from_sync_state(state({"type": "folder", "name": "a"}, entry()))
    assert claims == {"a/b.txt": Claim(3, DIGEST)}
    assert problems == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "../a"},
        {"name": "/etc/passwd"},
        {"name": ""},
        {"name": None},
        {"size": "3"},
        {"size": -1},
        {"size": True},
        {"size": None},
        {"hash": "ab"},
        {"hash": None},
        {"type": "link"},
    ],
)
def test_doubtful_entries_claim_nothing(wrong: dict[str, t.Any]) -> None:
    assert from_sync_state(state(entry(**wrong), entry(name="fine"), 3, None)) == ({"fine": Claim(3, DIGEST)}, [])


def test_two_claims_about_one_file_are_none() -> None:
    assert from_sync_state(state(entry(), entry(size=4), entry()))[0] == {}


@given(data=st.binary(max_size=200))
def test_anything_may_lie_there(data: bytes) -> None:
    assert from_sync_state(data)[0] == {}
    assert from_folder(data, "", HOST, ROOT) == {}


def test_records_of_other_peers_claim_nothing() -> None:
    document = FolderDocument()
    for peer, name in (("Example.COM/www/", "here"), ("example.com/other", "there"), ("example.org/www", "far")):
        document.set_snapshot(peer, name, 1000, 3, 2000)
    document.set_snapshot("example.com/www", "folder", None, None, 2000)
    assert from_folder(document.dump(0, False), "sub", HOST, ROOT) == {"sub/here": Claim(3, None, 1000)}


LOCAL = Entry(FILE, 3, 1000, sha256=DIGEST)
THERE = Entry(FILE, 3, 5000)


@pytest.mark.parametrize(
    ("claim", "local", "remote", "taken"),
    [
        (Claim(3, DIGEST), LOCAL, THERE, True),
        (Claim(3, "cd" * 32), LOCAL, THERE, True),  # ours, and changed here since
        (Claim(3, DIGEST), None, THERE, True),
        (Claim(3, DIGEST), LOCAL, THERE._replace(size=4), False),
        (Claim(3, DIGEST), LOCAL, THERE._replace(size=None), False),
        (Claim(3, DIGEST), LOCAL, Entry(DIRECTORY), False),
        (Claim(3, DIGEST), LOCAL, None, False),
        (Claim(3, None, 1001), LOCAL, THERE, True),
        (Claim(3, None, 1003), LOCAL, THERE, False),
        (Claim(3, None, 1000), LOCAL._replace(size=4), THERE, False),
        (Claim(3, None, 1000), LOCAL._replace(mtime=None), THERE, False),
        (Claim(3, None, 1000), None, THERE, False),
    ],
)
def test_only_what_sizes_confirm_becomes_a_record(
    claim: Claim, local: Entry | None, remote: Entry | None, taken: bool
) -> None:
    here = {"x": local} if local else {}
    there = {"x": remote} if remote else {}
    found = confirmed({"x": claim}, here, there)
    assert set(found) == ({"x"} if taken else set())
    if taken:
        assert (found["x"].size, found["x"].sha256) == (3, claim.sha256 or DIGEST)


def deflated(text: str) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(text.encode()) + packer.flush()


MD5 = "0cc175b9c0f1b6a831c399e269772661"


@pytest.mark.parametrize("pack", [deflated, lambda text: gzip.compress(text.encode())])
def test_a_deployment_file_claims_its_files(pack: t.Callable[[str], bytes]) -> None:
    lines = [f"{MD5}=/a.txt", "1=/sub/", f"{MD5}=/sub/b=c.txt", f"{MD5}=/../out", "x=/d.txt", f"{MD5}=e.txt", ""]
    assert from_deployment(pack("\n".join(lines))) == ({"a.txt": MD5, "sub/b=c.txt": MD5}, [])


@given(st.binary(max_size=200))
def test_any_bytes_may_lie_in_a_deployment_file(data: bytes) -> None:
    claims, problems = from_deployment(data)
    assert not claims or not problems


def test_a_deployment_file_that_inflates_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ftpsync.records.claims.MAX_DEPLOYMENT", 1000)
    claims, problems = from_deployment(deflated(f"{MD5}=/a.txt\n" * 1000))
    assert claims == {} and "too large" in problems[0].message


def test_text_is_digested_with_bare_line_feeds() -> None:
    assert deployed_md5(b"a\r\nb\r\n") == hashlib.md5(b"a\nb\n").hexdigest()
    assert deployed_md5(b"a\r\n\0") == hashlib.md5(b"a\r\n\0").hexdigest()
