# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Remembered digests: never a wrong one, whatever becomes of the files, of the cache, and of other processes."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftpsync import private_file
from ftpsync.errors import LocalError, UsageError
from ftpsync.filters import Filters
from ftpsync.model import FILE
from ftpsync.scan import cache, digests
from ftpsync.scan.cache import HashCache
from ftpsync.scan.digests import hash_files
from ftpsync.scan.local import scan_local

fork = multiprocessing.get_context("fork")
FILES = {"a.txt": b"alpha", "d/b.txt": b"beta", "d/\udce4.txt": b"", "e\tf\u2028.txt": b"tab"}


def digest(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(name="site")
def _site(tmp_path):
    (tmp_path / "site/d").mkdir(parents=True)
    for path, content in FILES.items():
        with open(os.path.join(str(tmp_path / "site"), path), "wb") as file:
            file.write(content)
    return tmp_path / "site"


@pytest.fixture(name="at_once")
def _at_once(monkeypatch):
    """Files of this very moment are remembered, too."""
    monkeypatch.setattr(cache, "RACY", -60_000_000_000)


@pytest.fixture(name="reads")
def _reads(monkeypatch):
    """The paths that were read."""
    found = []
    real = digests._read

    def read(root, path, *arguments):
        found.append(path)
        return real(root, path, *arguments)

    monkeypatch.setattr(digests, "_read", read)
    return found


def files_of(site):
    entries = scan_local(str(site), Filters(), "follow", None).entries
    return {path: entry for path, entry in entries.items() if entry.kind == FILE}


def run(site, check=False, **where):
    """One run; its digests, and what it has to tell."""
    path = where.get("path", site.parent / "hashes")
    remembered = HashCache(str(path), str(site), read_only=check)
    hashed = hash_files(str(site), files_of(site), cache=remembered)
    assert hashed == hash_files(str(site), files_of(site)), "the cache has changed a result"
    assert list(hashed) == list(files_of(site))
    return [problem.message for problem in remembered.problems]


def read_by(reads, site, **options):
    """What one run reads because of the cache (each also reads everything again to compare)."""
    del reads[:]
    told = run(site, **options)
    return sorted(reads[: len(reads) - len(files_of(site))]), told


# ---------------------------------------------------------------------- hits and misses


def test_a_second_run_reads_nothing(site, at_once, reads):
    assert read_by(reads, site) == (sorted(FILES), [])
    assert read_by(reads, site) == ([], [])


def test_a_run_that_learns_nothing_writes_nothing(site, at_once):
    run(site)
    before = trace(site.parent)
    assert run(site) == []
    assert trace(site.parent) == before


def test_mode_and_owner_of_the_cache(site, at_once):
    mask = os.umask(0)
    try:
        run(site)
    finally:
        os.umask(mask)
    found = {path.name: path.stat() for path in site.parent.iterdir()}
    assert sorted(found) == ["hashes", "hashes.lock", "site"]
    assert [found[name].st_mode & 0o7777 for name in ("hashes", "hashes.lock")] == [0o600, 0o600]
    assert found["hashes.lock"].st_size == 0


def append(path):
    path.write_bytes(path.read_bytes() + b"!")


def edit_in_place(path):
    """The change that size and time do not show."""
    before = path.stat()
    path.write_bytes(b"ALPHA")
    os.utime(str(path), ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def replace_with_a_twin(path):
    before = path.stat()
    twin = path.with_name("twin")
    twin.write_bytes(b"ALPHA")
    os.utime(str(twin), ns=(before.st_atime_ns, before.st_mtime_ns))
    twin.replace(path)


def touch(path):
    os.utime(str(path), (5, 5))


def change_mode(path):
    path.chmod(0o640)


@pytest.mark.parametrize("change", [append, edit_in_place, replace_with_a_twin, touch, change_mode])
def test_a_changed_file_is_read_again(site, at_once, reads, change):
    run(site)
    time.sleep(0.02)  # more than one tick of the kernel's clock
    change(site / "a.txt")
    assert read_by(reads, site) == (["a.txt"], [])
    assert read_by(reads, site) == ([], [])


def stored(site):
    (line,) = HashCache(str(site.parent / "hashes"), str(site))._lines().values()
    return cache._files(line)


def store(site, files, day=None):
    """Write entries as they are."""
    folder = os.path.realpath(str(site))
    today = int(time.time() // 86400)
    line = cache._new_line(folder, today if day is None else day, files)
    hashes = str(site.parent / "hashes")
    private_file.replace(hashes, cache.HEAD + line + b"\n", hashes + cache.NEW)


@pytest.mark.parametrize("part", ["device", "inode", "size", "mtime_ns", "ctime_ns"])
def test_each_part_of_the_key_counts_on_its_own(site, at_once, reads, part):
    run(site)
    files = stored(site)
    store(site, files)
    assert read_by(reads, site) == ([], [])
    files["a.txt"] = files["a.txt"]._replace(**{part: getattr(files["a.txt"], part) + 1})
    store(site, files)
    assert read_by(reads, site) == (["a.txt"], [])


def test_another_path_to_the_same_folder_is_the_same_folder(site, at_once, reads):
    run(site)
    link = site.parent / "link"
    link.symlink_to(site)
    assert read_by(reads, link) == ([], [])


def test_another_folder_is_another_folder(site, at_once, reads):
    run(site)
    os.rename(str(site), str(site.parent / "moved"))
    assert len(read_by(reads, site.parent / "moved")[0]) == len(FILES)


def test_a_link_that_leads_elsewhere_now(site, at_once, reads):
    (site / "b").write_bytes(b"ALPHA")
    (site / "link").symlink_to("a.txt")
    run(site)
    (site / "link").unlink()
    (site / "link").symlink_to("b")
    assert read_by(reads, site) == (["link"], [])


def test_a_vanished_file_is_an_error_as_ever(site, at_once):
    run(site)
    entries = files_of(site)
    (site / "a.txt").unlink()
    with pytest.raises(LocalError, match=r"'a\.txt': the file cannot be read: No such file"):
        hash_files(str(site), entries, cache=HashCache(str(site.parent / "hashes"), str(site)))


def test_a_pipe_in_the_place_of_a_file_is_no_hit(site, at_once, monkeypatch):
    run(site)
    entries = files_of(site)
    (site / "a.txt").unlink()
    os.mkfifo(str(site / "a.txt"))
    monkeypatch.setattr(cache, "identity", lambda status: stored_identity)
    stored_identity = tuple(stored(site)["a.txt"][:5])
    assert "a.txt" not in HashCache(str(site.parent / "hashes"), str(site)).find(entries)


# ---------------------------------------------------------------------- racy files


def test_a_fresh_file_is_not_remembered_and_an_older_one_is(site, reads):
    assert read_by(reads, site)[0] == sorted(FILES)
    assert not (site.parent / "hashes").exists()
    time.sleep(2.1)
    (site / "a.txt").write_bytes(b"fresh")
    assert read_by(reads, site)[0] == sorted(FILES)
    assert sorted(stored(site)) == sorted(set(FILES) - {"a.txt"})
    assert read_by(reads, site)[0] == ["a.txt"]


@pytest.mark.parametrize(("age", "kept"), [(-3600, False), (0, False), (1.99, False), (2.01, True), (3600, True)])
def test_how_old_a_change_must_be(site, age, kept):
    status = os.stat(str(site / "a.txt"))
    remembered = HashCache(str(site.parent / "hashes"), str(site))
    remembered.note("a.txt", status.st_ctime_ns + int(age * 1e9), status, status, digest(b"alpha"))
    assert bool(remembered._news) is kept


def test_a_file_whose_ctime_moved_while_it_was_read_is_not_remembered(site, at_once):
    before = os.stat(str(site / "a.txt"))
    time.sleep(0.02)
    (site / "a.txt").chmod(0o600)
    remembered = HashCache(str(site.parent / "hashes"), str(site))
    remembered.note("a.txt", time.time_ns(), before, os.stat(str(site / "a.txt")), digest(b"alpha"))
    assert not remembered._news


# ---------------------------------------------------------------------- check mode


def trace(folder):
    """All that a write would change; a file that came and went shows in its folder's time."""
    found = {}
    for path in [folder, *folder.rglob("*")]:
        status = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        found[str(path)] = (status.st_ino, status.st_mode, status.st_mtime_ns, status.st_ctime_ns, content)
    return found


@pytest.mark.parametrize("before", ["nothing", "complete", "stale", "damaged", "foreign"])
def test_check_mode_reads_and_leaves_no_trace(site, at_once, reads, before):
    path = site.parent / "hashes"
    if before != "nothing":
        run(site)
    if before == "stale":
        append(site / "a.txt")
        store(site, {name: seen._replace(day=seen.day - 1) for name, seen in stored(site).items()})
    elif before == "damaged":
        path.write_bytes(path.read_bytes()[:-9])
    elif before == "foreign":
        path.write_bytes(b"somebody's")
    seen = trace(site.parent)
    read, told = read_by(reads, site, check=True)
    assert trace(site.parent) == seen
    assert read == {"complete": [], "stale": ["a.txt"]}.get(before, sorted(FILES))
    assert len(told) == (before in ("damaged", "foreign"))


# ---------------------------------------------------------------------- what is wrong with the cache


@pytest.mark.parametrize(
    "content",
    [b"<html>", b"\0" * 5000, cache.HEAD[:-1], cache.HEAD.replace(b" 1", b" 2"), b"\n" + cache.HEAD],
    ids=["another file", "zeros", "cut head", "newer", "shifted"],
)
def test_what_is_no_cache_is_never_overwritten(site, at_once, content):
    path = site.parent / "hashes"
    path.write_bytes(content)
    (told,) = run(site)
    assert f"hash_cache: {path} is another file, or damaged, or of another version" in told
    assert path.read_bytes() == content


@pytest.mark.parametrize("content", [b"", cache.HEAD], ids=["nothing", "head only"])
def test_an_empty_cache_is_filled(site, at_once, reads, content):
    (site.parent / "hashes").write_bytes(content)
    assert run(site) == []
    assert read_by(reads, site) == ([], [])


def test_damage_is_told_once_and_repaired(site, at_once, reads):
    run(site)
    path = site.parent / "hashes"
    content = path.read_bytes()
    path.write_bytes(content.replace(digest(b"alpha").encode(), digest(b"forged").encode()))
    read, (told,) = read_by(reads, site)
    assert read == sorted(FILES)
    assert told.startswith(f"hash_cache: {path} is damaged")
    assert read_by(reads, site) == ([], [])


def test_damage_of_one_folder_leaves_the_others_alone(site, at_once, reads):
    other = site.parent / "other"
    other.mkdir()
    (other / "x").write_bytes(b"x")
    run(site)
    run(other)
    path = site.parent / "hashes"
    path.write_bytes(path.read_bytes().replace(digest(b"x").encode(), digest(b"y").encode()))
    assert read_by(reads, site)[0] == []
    assert read_by(reads, other)[0] == ["x"]


@pytest.mark.parametrize("files", [b"[]", b"{", b'{"a.txt":[1]}', b'{"a.txt":7}', b"null"])
def test_a_line_that_is_intact_and_yet_senseless(site, at_once, reads, files):
    rest = b"99999\t1\t" + b'"' + os.fsencode(os.path.realpath(str(site))) + b'"\t' + files
    line = hashlib.sha256(rest).hexdigest().encode() + b"\t" + rest + b"\n"
    (site.parent / "hashes").write_bytes(cache.HEAD + line)
    (site.parent / "hashes").chmod(0o600)
    assert read_by(reads, site)[0] == sorted(FILES)
    assert read_by(reads, site) == ([], [])


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_damage_changes_a_result(site, at_once, data):
    path = site.parent / "hashes"
    path.unlink() if path.exists() else None
    run(site)
    content = bytearray(path.read_bytes())
    for _number in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content) - 1))
        way = data.draw(st.sampled_from(["flip", "cut", "drop", "double"]))
        if way == "flip":
            content[place] ^= 1 << data.draw(st.integers(0, 7))
        elif way == "cut":
            del content[max(place, 1) :]
        elif way == "drop":
            del content[place : place + data.draw(st.integers(1, 40))]
        else:
            content[place:place] = content[place : place + data.draw(st.integers(1, 400))]
        content = content or bytearray(b"x")
    path.write_bytes(bytes(content))
    run(site)  # compares


def test_a_file_that_others_may_write_to_is_not_trusted(site, at_once, reads):
    run(site)
    (site.parent / "hashes").chmod(0o620)
    read, (told,) = read_by(reads, site)
    assert read == sorted(FILES)
    assert "others may write to it" in told


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_of_another_user_is_not_trusted(site, at_once, reads):
    run(site)
    os.chown(str(site.parent / "hashes"), 12345, -1)
    read, (told,) = read_by(reads, site)
    assert read == sorted(FILES)
    assert "belongs to another user" in told


def test_places_where_nothing_can_be_read_or_written(site, at_once):
    (site.parent / "folder").mkdir()
    (site.parent / "file").write_bytes(b"")
    os.mkfifo(str(site.parent / "pipe"))
    for name in ("folder", "pipe", "none/hashes", "file/hashes", "x" * 300):
        (told,) = run(site, path=site.parent / name)
        assert "cannot be" in told
        assert "the result is not affected" in told
    assert sorted(path.name for path in site.parent.iterdir()) == ["file", "folder", "pipe", "site"]


def test_a_full_disk(site, at_once, monkeypatch):
    def replace(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", replace)
    (told,) = run(site)
    assert "cannot be written: No space left on device" in told
    assert sorted(path.name for path in site.parent.iterdir()) == ["hashes.lock", "site"]


def test_what_a_killed_writer_left_is_removed(site, at_once):
    (site.parent / "hashes.new").write_bytes(b"half")
    assert run(site) == []
    assert sorted(path.name for path in site.parent.iterdir()) == ["hashes", "hashes.lock", "site"]


def test_a_cache_behind_a_link_stays_where_it_is(site, at_once, reads):
    (site.parent / "there").mkdir()
    (site.parent / "hashes").symlink_to(site.parent / "there/real")
    run(site)
    assert (site.parent / "hashes").is_symlink()
    assert read_by(reads, site) == ([], [])


def test_no_cache_where_it_would_be_published(site):
    for name in ("hashes", "d/hashes", "d/e/hashes"):
        with pytest.raises(UsageError, match=rf"add /{name}\* to exclude"):
            HashCache(str(site / name), str(site)).check_place(Filters())
    for pattern in ("hashes*", "/d/", "/d/hashes*"):
        HashCache(str(site / "d/hashes"), str(site)).check_place(Filters(exclude=[pattern]))
    with pytest.raises(UsageError):  # its lock would be
        HashCache(str(site / "hashes"), str(site)).check_place(Filters(exclude=["/hashes"]))
    HashCache(str(site.parent / "hashes"), str(site)).check_place(Filters())
    HashCache(str(site.parent / "site-hashes"), str(site)).check_place(Filters())


# ---------------------------------------------------------------------- bounds


def test_what_was_of_no_use_for_long_is_dropped(site, at_once):
    run(site)
    files, today = stored(site), int(time.time() // 86400)
    files["old"] = files["a.txt"]._replace(day=today - cache.MAX_AGE - 1)
    files["recent"] = files["a.txt"]._replace(day=today - cache.MAX_AGE)
    files["a.txt"] = files["a.txt"]._replace(day=today - cache.MAX_AGE - 1)
    store(site, files)
    run(site)
    assert sorted(stored(site)) == sorted([*FILES, "recent"])
    assert stored(site)["a.txt"].day == today


def test_folders_that_were_of_no_use_for_long_are_dropped(site, at_once):
    run(site)
    store(site, stored(site), day=int(time.time() // 86400) - cache.MAX_AGE - 1)
    other = site.parent / "other"
    other.mkdir()
    (other / "x").write_bytes(b"x")
    run(other)
    assert list(HashCache(str(site.parent / "hashes"), str(other))._lines()) == [os.path.realpath(str(other))]


def test_the_number_of_files_is_bounded(site, at_once, monkeypatch, reads):
    monkeypatch.setattr(cache, "MAX_FILES", 3)
    run(site)
    assert len(stored(site)) == 3
    assert len(read_by(reads, site)[0]) == 1
    assert len(stored(site)) == 3
    other = site.parent / "other"
    other.mkdir()
    (other / "x").write_bytes(b"x")
    run(other)  # leaves no room for the older one
    assert list(HashCache(str(site.parent / "hashes"), str(other))._lines()) == [os.path.realpath(str(other))]


# ---------------------------------------------------------------------- many at once


def in_processes(count, work, *arguments):
    """Run a function in so many processes, all of which begin at once; what they return."""
    barrier, answers = fork.Barrier(count), fork.Queue()

    def begin(number):
        barrier.wait(30)
        try:
            answers.put((number, work(number, *arguments)))
        except BaseException as error:  # noqa: BLE001 - the parent is to know
            answers.put((number, repr(error)))

    processes = [fork.Process(target=begin, args=(number,)) for number in range(count)]
    for process in processes:
        process.start()
    found = dict(answers.get(timeout=60) for _process in processes)
    for process in processes:
        process.join(30)
    return [found[number] for number in range(count)]


def hash_once(number, site, path):
    read = []
    real = digests._read
    digests._read = lambda root, name, *arguments: read.append(name) or real(root, name, *arguments)
    remembered = HashCache(path, str(site))
    hashed = hash_files(str(site), files_of(site), cache=remembered)
    return {name: entry.sha256 for name, entry in hashed.items()}, read, remembered.problems


def test_many_processes_hash_a_folder_once(site, at_once):
    for number in range(200):
        (site / f"f{number}").write_bytes(b"%d" % number * 1000)
    expected = {path: entry.sha256 for path, entry in hash_files(str(site), files_of(site)).items()}
    answers = in_processes(8, hash_once, site, str(site.parent / "hashes"))
    assert [digests for digests, _read, _problems in answers] == [expected] * 8
    assert sorted(name for _digests, read, _problems in answers for name in read) == sorted(expected)
    assert [problems for _digests, _read, problems in answers] == [[]] * 8


def hash_own(number, sites, path):
    return hash_once(number, sites[number], path)


def test_many_processes_lose_nothing_of_each_other(tmp_path, at_once):
    sites = []
    for number in range(20):
        sites.append(tmp_path / f"site{number}")
        sites[-1].mkdir()
        for name in "abc":
            (sites[-1] / name).write_bytes(b"%d" % number + name.encode())
    answers = in_processes(20, hash_own, sites, str(tmp_path / "hashes"))
    assert [problems for _digests, _read, problems in answers] == [[]] * 20
    answers = in_processes(20, hash_own, sites, str(tmp_path / "hashes"))
    assert [read for _digests, read, _problems in answers] == [[]] * 20
    assert not (tmp_path / "hashes.new").exists()


def hash_and_edit(number, site, path):
    """Each edits a file of its own again and again, keeping size and time."""
    mine = site / f"mine{number}"
    for turn in range(12):
        content = digest(b"%d %d" % (number, turn)).encode()
        time.sleep(0.02)
        mine.write_bytes(content)
        os.utime(str(mine), (5, 5))
        entries = {mine.name: files_of(site)[mine.name], "a.txt": files_of(site)["a.txt"]}
        remembered = HashCache(path, str(site))
        hashed = hash_files(str(site), entries, cache=remembered)
        if (hashed[mine.name].sha256, hashed["a.txt"].sha256) != (digest(content), digest(b"alpha")):
            return f"wrong in turn {turn}"
        if remembered.problems:
            return remembered.problems
    return None


def test_many_processes_that_edit_never_see_what_was(site, at_once):
    for number in range(8):
        (site / f"mine{number}").write_bytes(b"0" * 64)
    assert in_processes(8, hash_and_edit, site, str(site.parent / "hashes")) == [None] * 8


def hold(path, root, place, ready):
    """Take a lock, and never give it back."""
    with HashCache(path, root)._locked(place, 1):
        ready.set()
        time.sleep(600)


@pytest.fixture(name="holder")
def _holder(site, monkeypatch):
    """Begins a process that holds a lock: that of writing, or that of the folder."""
    began = []

    def begin(place):
        if place is None:
            place = 1 + int.from_bytes(hashlib.sha256(os.fsencode(os.path.realpath(str(site)))).digest()[:6], "big")
        ready = fork.Event()
        process = fork.Process(target=hold, args=(str(site.parent / "hashes"), str(site), place, ready))
        began.append(process)
        process.start()
        assert ready.wait(30)
        return process

    yield begin
    for process in began:
        process.kill()
        process.join(30)


def test_a_writer_that_stands_still_holds_nobody_up(site, at_once, holder, monkeypatch):
    monkeypatch.setattr(cache, "WRITE_WAIT", 0.1)
    holder(cache.WRITING)
    (told,) = run(site)
    assert "is written by another process since 0.1 seconds" in told
    assert not (site.parent / "hashes").exists()


def test_a_run_that_stands_still_holds_nobody_up(site, at_once, holder, monkeypatch, reads):
    monkeypatch.setattr(cache, "HASH_WAIT", 0.1)
    holder(None)
    assert read_by(reads, site) == (sorted(FILES), [])
    assert read_by(reads, site) == ([], [])


def test_a_killed_run_holds_nobody_up(site, at_once, holder, monkeypatch):
    monkeypatch.setattr(cache, "HASH_WAIT", 1000.0)
    os.kill(holder(None).pid, signal.SIGKILL)
    assert run(site) == []


def test_a_drive_without_locks(site, at_once, monkeypatch, reads):
    def lockf(*arguments):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(cache.fcntl, "lockf", lockf)
    assert run(site) == []
    assert read_by(reads, site) == ([], [])
