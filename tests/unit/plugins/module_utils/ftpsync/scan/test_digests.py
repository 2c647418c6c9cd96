# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Digests of real files, also of such that change, vanish or become something else while they are read."""

from __future__ import annotations

import hashlib
import os
import threading

import pytest

from ftpsync.errors import LocalError
from ftpsync.filters import Filters
from ftpsync.model import FILE, Entry
from ftpsync.scan import digests
from ftpsync.scan.digests import hash_files
from ftpsync.scan.local import scan_local


def make(root, *paths):
    """Create files whose content is their path."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(path.encode())


def scan(root):
    return scan_local(str(root), Filters(), "follow", None).entries


@pytest.mark.parametrize("size", [0, 1, digests.BLOCK - 1, digests.BLOCK, digests.BLOCK + 1, 3 * digests.BLOCK])
def test_digest(tmp_path, size):
    content = os.urandom(size)
    (tmp_path / "x").write_bytes(content)
    entry = hash_files(str(tmp_path), scan(tmp_path))["x"]
    assert entry == scan(tmp_path)["x"]._replace(sha256=hashlib.sha256(content).hexdigest())


@pytest.fixture(name="readers")
def _readers(monkeypatch):
    """What thread has read which file, in the order of reading."""
    readers = {}
    real = digests._hash_file

    def hash_file(root, path, *rest):
        readers[path] = threading.current_thread().name
        return real(root, path, *rest)

    monkeypatch.setattr(digests, "_hash_file", hash_file)
    return readers


@pytest.mark.parametrize("waiting", [0, 1e9], ids=["slow disk", "in memory"])
def test_many_files_keep_their_digests_apart(tmp_path, monkeypatch, waiting):
    monkeypatch.setattr(digests, "WAITING", waiting)
    make(tmp_path, *(f"d{number % 7}/f{number}" for number in range(3 * digests.BATCH_FILES + 1)))
    files = {path: entry for path, entry in scan(tmp_path).items() if entry.kind == FILE}
    hashed = hash_files(str(tmp_path), files)
    assert list(hashed) == list(files)
    assert all(entry.sha256 == hashlib.sha256(path.encode()).hexdigest() for path, entry in hashed.items())


def test_small_files_are_read_by_one_thread(tmp_path, monkeypatch, readers):
    monkeypatch.setattr(digests, "WAITING", 1e9)
    make(tmp_path, *map(str, range(2 * digests.BATCH_FILES)))
    hash_files(str(tmp_path), scan(tmp_path))
    assert set(readers.values()) == {threading.current_thread().name}


def test_small_files_of_a_slow_disk_are_read_by_two(tmp_path, monkeypatch):
    make(tmp_path, *map(str, range(3 * digests.BATCH_FILES)))
    monkeypatch.setattr(digests, "WAITING", 0)
    both = threading.Barrier(2, timeout=5)
    real = digests._hash_file

    def hash_file(root, path, *rest):
        if path in first:
            both.wait()
        return real(root, path, *rest)

    names = list(scan(tmp_path))
    first = {names[digests.BATCH_FILES], names[2 * digests.BATCH_FILES]}  # of the second and the third batch
    monkeypatch.setattr(digests, "_hash_file", hash_file)
    assert list(hash_files(str(tmp_path), scan(tmp_path))) == names


def test_large_files_are_read_side_by_side(tmp_path, monkeypatch):
    make(tmp_path, "a", "b")
    both = threading.Barrier(2, timeout=5)
    real = digests._hash_file
    monkeypatch.setattr(digests, "_hash_file", lambda *arguments: both.wait() < 0 or real(*arguments))
    entries = {path: Entry(FILE, digests.BATCH_BYTES) for path in ("a", "b")}
    assert hash_files(str(tmp_path), entries)["b"].sha256 == hashlib.sha256(b"b").hexdigest()


@pytest.mark.parametrize("missing", ["large", "small"])
def test_what_one_thread_cannot_read_ends_the_other(tmp_path, readers, missing):
    make(tmp_path, *(f"{kind}-{number}" for kind in ("large", "small") for number in range(1000)))
    entries = {
        path: entry._replace(size=digests.BATCH_BYTES if path.startswith("large") else entry.size)
        for path, entry in scan(tmp_path).items()
    }
    (tmp_path / f"{missing}-0").unlink()
    with pytest.raises(LocalError, match=rf"'{missing}-0': the file cannot be read: No such file"):
        hash_files(str(tmp_path), entries)
    assert len(readers) < len(entries), "went on reading"
    assert not [thread for thread in threading.enumerate() if thread.name == "hash"]


def test_nothing_to_hash(tmp_path):
    assert hash_files(str(tmp_path), {}) == {}


def test_a_file_that_changed_since_the_scan_is_taken_as_it_is_now(tmp_path):
    make(tmp_path, "x")
    entries = scan(tmp_path)
    (tmp_path / "x").write_bytes(b"longer")
    os.utime(str(tmp_path / "x"), (9, 9))
    entry = hash_files(str(tmp_path), entries)["x"]
    assert (entry.size, entry.mtime, entry.sha256) == (6, 9.0, hashlib.sha256(b"longer").hexdigest())


@pytest.fixture(name="meddle")
def _meddle(monkeypatch):
    """Calls a function in the middle of each attempt to read, as another program would act."""

    def install(act):
        real = os.fstat
        calls = []

        def fstat(descriptor):
            status = real(descriptor)
            calls.append(descriptor)
            if len(calls) % 2:
                act(len(calls) // 2)
            return status

        monkeypatch.setattr(os, "fstat", fstat)

    return install


def test_a_file_that_changes_once_is_read_again(tmp_path, meddle):
    make(tmp_path, "x")
    entries = scan(tmp_path)
    meddle(lambda attempt: attempt == 0 and (tmp_path / "x").write_bytes(b"now"))
    assert hash_files(str(tmp_path), entries)["x"].sha256 == hashlib.sha256(b"now").hexdigest()


@pytest.mark.parametrize("way", ["append", "touch", "replace"])
def test_a_file_that_keeps_changing_is_refused(tmp_path, meddle, way):
    make(tmp_path, "x")
    entries = scan(tmp_path)

    def act(attempt):
        if way == "append":
            (tmp_path / "x").write_bytes(b"x" * (attempt + 5))
        elif way == "touch":
            os.utime(str(tmp_path / "x"), (attempt, attempt))
        else:
            (tmp_path / "new").write_bytes(b"x")
            os.utime(str(tmp_path / "new"), (entries["x"].mtime, entries["x"].mtime))
            (tmp_path / "new").replace(tmp_path / "x")

    meddle(act)
    with pytest.raises(LocalError, match="'x': changed while it was read"):
        hash_files(str(tmp_path), entries)


def test_a_pipe_in_the_place_of_a_file_does_not_hold_us_up(tmp_path):
    os.mkfifo(str(tmp_path / "x"))
    with pytest.raises(LocalError, match="changed while it was read"):
        hash_files(str(tmp_path), {"x": Entry(FILE)})


def test_foreign_bytes_in_names(tmp_path):
    with open(os.path.join(os.fsencode(str(tmp_path)), b"\xe4.txt"), "wb"):
        pass
    assert hash_files(str(tmp_path), scan(tmp_path))["\udce4.txt"].sha256 == hashlib.sha256().hexdigest()


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    make(tmp_path, "secret")

    def forbidden(path, *_flags):  # root may read everything
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "open", forbidden)
    with pytest.raises(LocalError, match=r"'secret': the file cannot be read: Permission denied.*exclude"):
        hash_files(str(tmp_path), {"secret": Entry(FILE)})
