# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scripts as users have written them for pyftpsync: they run as they are, in a process of their own.

Those of the 4.x spelling differ by the name of a class. Connections to the tests' servers need a port, and TLS the
authority's certificate; nothing else is said that a user would not say.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import typing as t
from pathlib import Path

import pytest

from tests.compat.conftest import interpreter_or_skip, on
from tests.compat.places import META, Place
from tests.compat.programs import ENGINE
from tests.compat.scenario import NOON
from tests.servers import Server


class Run:
    """Runs scripts: `run(script, L, R)` gives what a script prints on its last line, as JSON.

    LOCAL, PATH, HOST, PORT, USER, PASSWORD and CA are set for it.
    """

    def __init__(self, folder: Path, version: str = "ours") -> None:
        self.folder = folder
        self.stderr = ""
        self._python, self._path = Path(sys.executable), str(ENGINE)
        if version != "ours":
            self._python, self._path = interpreter_or_skip(version), ""

    def __call__(self, script: str, local: Place, remote: Place, *, fails: bool = False) -> t.Any:
        server = remote.server
        assert server is not None
        values = {
            "LOCAL": str(local),
            "PATH": str(server.folder),
            "HOST": server.host,
            "PORT": server.port,
            "USER": server.username,
            "PASSWORD": server.password,
            "CA": str(server.certificate),
        }
        head = "".join(f"{name} = {value!r}\n" for name, value in values.items())
        file = self.folder / "script.py"
        file.write_text(head + textwrap.dedent(script), encoding="utf-8")
        done = subprocess.run(
            [str(self._python), "-W", "ignore", str(file)],
            env={**os.environ, "PYTHONPATH": self._path, "HOME": str(self.folder)},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        self.stderr = done.stderr
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return None if fails else json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


@pytest.fixture(params=["ours", "3.1.0"])
def run_both(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """For scripts that do the same with pyftpsync 3.1.0: what is expected of us is what it does."""
    return Run(tmp_path, request.param)


@pytest.fixture
def site(local: Place) -> Place:
    local.write("index.html", "<html>", NOON)
    local.write("css/a.css", "a{}", NOON)
    local.write(".git/config", "not to be published", NOON)
    return local


# ------------------------------------------------------- the three documented forms


def upload(run: Run, site: Place, ftp: Place, name: str) -> None:
    script = f"""
        import json
        from ftpsync.targets import FsTarget
        from ftpsync.ftp_target import {name} as FtpTarget
        from ftpsync.synchronizers import UploadSynchronizer

        local = FsTarget(LOCAL)
        remote = FtpTarget(PATH, HOST, port=PORT, username=USER, password=PASSWORD)
        opts = {{"force": False, "delete_unmatched": True, "verbose": 3, "exclude": ".git,.hg"}}
        s = UploadSynchronizer(local, remote, opts)
        s.run()
        print(json.dumps(s.get_stats()))
    """
    stats = run(script, site, ftp)
    assert stats["upload_files_written"] == stats["files_written"] == 2
    assert stats["dirs_created"] == 1 and stats["elap_secs"] > 0
    assert ftp.state() == {"index.html": b"<html>", "css": None, "css/a.css": b"a{}"}
    assert run(script, site, ftp)["files_written"] == 0


def test_upload(site: Place, ftp: Place, run_both: Run) -> None:
    upload(run_both, site, ftp, "FtpTarget")


def test_upload_by_the_name_of_4_x(site: Place, ftp: Place, run: Run) -> None:
    upload(run, site, ftp, "FTPTarget")


def test_two_ways_over_tls(site: Place, running_tls_server: Server, run: Run) -> None:
    remote = on(running_tls_server)
    remote.write("data/r.txt", "remote", NOON)
    script = """
        import json
        from ftpsync.targets import FsTarget
        from ftpsync.ftp_target import FtpTarget
        from ftpsync.synchronizers import BiDirSynchronizer

        local = FsTarget(LOCAL)
        remote = FtpTarget(path=PATH, host=HOST, port=PORT, username=USER, password=PASSWORD, tls=True,
                           extra_opts={"ca_file": CA})
        opts = {"resolve": "skip", "verbose": 1}
        s = BiDirSynchronizer(local, remote, opts)
        s.run()
        print(json.dumps(s.get_stats()))
    """
    stats = run(script, site, remote)
    assert (stats["upload_files_written"], stats["download_files_written"]) == (3, 1)
    assert site.state() == remote.state()
    assert ".git/config" in remote.state()  # the library excludes nothing by itself (B19)


def test_an_unknown_certificate_is_refused(site: Place, ftp_server: t.Callable[..., Server], run: Run) -> None:
    remote = on(ftp_server("pyftpdlib", tls="explicit"))
    script = """
        from ftpsync.targets import FsTarget
        from ftpsync.ftp_target import FtpTarget
        from ftpsync.synchronizers import BiDirSynchronizer

        remote = FtpTarget(PATH, HOST, PORT, USER, PASSWORD, True, None, %s)
        BiDirSynchronizer(FsTarget(LOCAL), remote, {"resolve": "skip"}).run()
        print("{}")
    """
    run(script % "None", site, remote, fails=True)
    assert "certificate" in run.stderr.lower()
    assert remote.state() == {}
    run(script % '{"verify": False}', site, remote)
    assert remote.state() == site.state()


def test_custom_logger(site: Place, ftp: Place, run: Run) -> None:
    script = """
        import json
        import logging
        import logging.handlers
        from ftpsync.targets import FsTarget
        from ftpsync.ftp_target import FtpTarget
        from ftpsync.synchronizers import UploadSynchronizer
        from ftpsync.util import set_pyftpsync_logger

        custom_logger = logging.getLogger("my.logger")
        log_path = LOCAL + "/../my.log"
        handler = logging.handlers.WatchedFileHandler(log_path)
        formatter = logging.Formatter(logging.BASIC_FORMAT)
        handler.setFormatter(formatter)
        custom_logger.addHandler(handler)
        custom_logger.propagate = False
        custom_logger.setLevel(logging.DEBUG)
        former = set_pyftpsync_logger(custom_logger)

        local = FsTarget(LOCAL)
        remote = FtpTarget(PATH, HOST, PORT, USER, PASSWORD)
        opts = {"verbose": 4, "exclude": [".git"], "progress": True}
        s = UploadSynchronizer(local, remote, opts)
        s.run()
        print(json.dumps([former.name, open(log_path).read()]))
    """
    former, log = run(script, site, ftp)
    assert former == "pyftpsync"
    assert "INFO:my.logger:COPY EXISTING     >  index.html\n" in log
    assert "COPY UNMODIFIED   >  [css]\n" in log
    assert "\x1b" not in log
    assert "index.html" not in run.stderr


def test_without_a_logger_lines_go_to_stderr(site: Place, ftp: Place, run: Run) -> None:
    script = """
        from ftpsync.targets import FsTarget
        from ftpsync.ftp_target import FtpTarget
        from ftpsync.synchronizers import UploadSynchronizer

        UploadSynchronizer(FsTarget(LOCAL), FtpTarget(PATH, HOST, PORT, USER, PASSWORD), {"no_color": True}).run()
        print("{}")
    """
    run(script, site, ftp)
    assert "INFO:pyftpsync:COPY EXISTING     >  index.html\n" in run.stderr


# ------------------------------------------------------------------ subclasses

HEAD = """
    import json
    from ftpsync.targets import FsTarget, make_target
    from ftpsync.ftp_target import FtpTarget
    from ftpsync.synchronizers import BiDirSynchronizer, DownloadSynchronizer, UploadSynchronizer
    from ftpsync.util import set_pyftpsync_logger

    set_pyftpsync_logger(None)
    local = FsTarget(LOCAL)
    remote = FtpTarget(PATH, HOST, PORT, USER, PASSWORD)
    seen = []
"""


def prepare(run: Run, local: Place, remote: Place) -> None:
    """Equal trees with records, then changes on both sides of three files, and of one on each side."""
    for name in ("both.txt", "theirs.txt", "mine.txt", "left.txt", "right.txt", "d/deep.txt", "d/both.txt"):
        local.write(name, "first", NOON)
    run(HEAD + "    BiDirSynchronizer(local, remote, {}).run()\n    print('{}')", local, remote)
    for name in ("both.txt", "theirs.txt", "mine.txt", "left.txt", "d/both.txt"):
        local.write(name, "changed in L", NOON + 100)
    for name in ("both.txt", "theirs.txt", "mine.txt", "right.txt", "d/both.txt"):
        remote.write(name, "changed remotely", NOON + 200)


def test_on_conflict(local: Place, ftp: Place, run_both: Run) -> None:
    """Decided file by file; what the hook leaves to its parent is decided by `resolve`."""
    prepare(run_both, local, ftp)
    script = """
    class Mine(BiDirSynchronizer):
        def on_conflict(self, pair):
            seen.append([str(pair), pair.is_conflict(), pair.local.size, pair.remote.size, pair.rel_path])
            if pair.name == "theirs.txt":
                pair.override_operation("copy_remote", "theirs is better")
                return self.on_copy_remote(pair)
            if pair.name == "mine.txt":
                return self.on_copy_local(pair)
            return super().on_conflict(pair)

    s = Mine(local, remote, {"resolve": "skip"})
    s.run()
    print(json.dumps([seen, s.get_stats()]))
    """
    seen, stats = run_both(HEAD + script, local, ftp)
    assert sorted(entry[4] for entry in seen) == ["both.txt", "d/both.txt", "mine.txt", "theirs.txt"]
    assert ["<EntryPair(both.txt)>: (modified, modified) => conflict", True, 12, 16, "both.txt"] in seen
    for place in (local, ftp):
        state = place.state()
        assert state["theirs.txt"] == b"changed remotely" and state["mine.txt"] == b"changed in L"
        assert state["left.txt"] == b"changed in L" and state["right.txt"] == b"changed remotely"
    assert local.state()["both.txt"] == local.state()["d/both.txt"] == b"changed in L"
    assert ftp.state()["both.txt"] == b"changed remotely"
    assert (stats["upload_files_written"], stats["download_files_written"]) == (2, 2)
    assert stats["conflict_files_skipped"] == 2


def test_re_classify_pair(local: Place, ftp: Place, run_both: Run) -> None:
    prepare(run_both, local, ftp)
    script = """
    class Mine(BiDirSynchronizer):
        def re_classify_pair(self, pair):
            seen.append([pair.rel_path, pair.is_dir, pair.local_classification, pair.remote_classification,
                         pair.operation])
            if pair.name == "left.txt":
                return False
            if pair.is_conflict():
                pair.override_operation("copy_local", "L is always right")
            return super().re_classify_pair(pair)

    s = Mine(local, remote, {"resolve": "skip"})
    s.run()
    print(json.dumps([seen, s.get_stats()]))
    """
    seen, stats = run_both(HEAD + script, local, ftp)
    assert ["both.txt", False, "modified", "modified", "conflict"] in seen
    assert ["right.txt", False, "unmodified", "modified", "copy_remote"] in seen
    assert ["d", True, "unmodified", "unmodified", "equal"] in seen
    assert ["d/deep.txt", False, "unmodified", "unmodified", "equal"] in seen
    assert local.state()["left.txt"] == b"changed in L" and ftp.state()["left.txt"] == b"first"
    for name in ("both.txt", "theirs.txt", "mine.txt", "d/both.txt"):
        assert local.state()[name] == ftp.state()[name] == b"changed in L"
    assert stats["upload_files_written"] == 4 and stats["conflict_files"] == 0


def test_before_sync(local: Place, ftp: Place, run_both: Run) -> None:
    """False leaves an entry out, on whichever side it is; a folder with all that it holds."""
    local.write("big.bin", "x" * 5000, NOON)
    local.write("small.bin", "x", NOON)
    local.write("private/a.txt", "a", NOON)
    local.write("public/private.txt", "b", NOON)
    ftp.write("remote big.bin", "x" * 5000, NOON)
    ftp.write("r/small.bin", "x", NOON)
    script = """
    class Mine(BiDirSynchronizer):
        def _before_sync(self, entry):
            seen.append([entry.name, entry.is_dir(), entry.is_local(), entry.size, entry.get_rel_path()])
            return super()._before_sync(entry) and entry.size < 1000 and entry.name != "private"

    s = Mine(local, remote, {})
    s.run()
    print(json.dumps([seen, s.get_stats()]))
    """
    seen, stats = run_both(HEAD + script, local, ftp)
    assert ["big.bin", False, True, 5000, "big.bin"] in seen
    assert ["remote big.bin", False, False, 5000, "remote big.bin"] in seen
    assert ["private", True, True, 0, "private"] in seen
    assert stats["files_written"] == 3
    assert set(ftp.state()) == {
        *("remote big.bin", "r", "r/small.bin", "small.bin", "public", "public/private.txt"),
    }
    assert "remote big.bin" not in local.state() and "r/small.bin" in local.state()


@pytest.mark.parametrize("answer", [True, False])
def test_on_error(local: Place, ftp: Place, run: Run, answer: bool) -> None:
    """True goes on and is silent; otherwise the error comes out of `run`. Either way all else is done, and recorded."""
    for number in range(5):
        local.write(f"{number}.txt", "x", NOON)
    local.write("2\n.txt", "a name that cannot be sent", NOON)
    script = f"""
    class Mine(BiDirSynchronizer):
        def on_error(self, exc, pair):
            seen.append([str(exc), pair.name])
            return {answer}

    s = Mine(local, remote, {{}})
    raised = False
    try:
        s.run()
    except Exception as exc:
        raised = True
    print(json.dumps([seen, raised, s.get_stats()]))
    """
    seen, raised, stats = run(HEAD + script, local, ftp)
    assert [name for dummy, name in seen] == ["2\n.txt"]
    assert raised is not answer
    assert stats["files_written"] == 5
    assert set(ftp.state()) == {f"{number}.txt" for number in range(5)}
    assert set(local.meta()["peer_sync"][ftp.peer_id]) == {*ftp.state(), ":last_sync"}


def test_operations_by_name(local: Place, ftp: Place, run_both: Run) -> None:
    """Each operation's hook is called with its pair, and does it; one that is overridden with nothing does nothing."""
    prepare(run_both, local, ftp)
    local.delete("d/deep.txt")
    script = """
    class Mine(BiDirSynchronizer):
        def on_copy_local(self, pair):
            seen.append(["copy_local", pair.rel_path])
            return super().on_copy_local(pair)
        def on_copy_remote(self, pair):
            seen.append(["copy_remote", pair.rel_path])
        def on_delete_remote(self, pair):
            seen.append(["delete_remote", pair.rel_path])
            return super().on_delete_remote(pair)
        def on_equal(self, pair):
            seen.append(["equal", pair.rel_path])
            return super().on_equal(pair)

    s = Mine(local, remote, {"resolve": "skip"})
    s.run()
    print(json.dumps([seen, s.get_stats()]))
    """
    seen, stats = run_both(HEAD + script, local, ftp)
    assert ["copy_local", "left.txt"] in seen
    assert ["copy_remote", "right.txt"] in seen
    assert ["delete_remote", "d/deep.txt"] in seen
    assert ["equal", "d"] in seen
    assert ftp.state()["left.txt"] == b"changed in L"
    assert "d/deep.txt" not in ftp.state()
    assert local.state()["right.txt"] == b"first"
    assert (stats["files_written"], stats["files_deleted"]) == (1, 1)


def test_need_compare_and_mismatch(local: Place, ftp: Place, run_both: Run) -> None:
    local.write("a.txt", "a", NOON)
    ftp.write("a.txt", "a, but longer", NOON + 100)
    local.write("b.bak", "b", NOON)
    script = """
    class Mine(BiDirSynchronizer):
        def on_need_compare(self, pair):
            seen.append(["compare", pair.name, pair.local_classification, pair.remote_classification])
            return super().on_need_compare(pair)
        def on_mismatch(self, pair):
            seen.append(["mismatch", pair.name])
            return super().on_mismatch(pair)

    s = Mine(local, remote, {"exclude": "*.bak"})
    s.run()
    print(json.dumps([seen, s.get_stats()]))
    """
    seen, stats = run_both(HEAD + script, local, ftp)
    assert sorted(seen) == [["compare", "a.txt", "existing", "existing"], ["mismatch", "b.bak"]]
    assert stats["download_files_written"] == 1
    assert local.state()["a.txt"] == b"a, but longer" and set(ftp.state()) == {"a.txt"}


def test_stopping_from_outside(local: Place, ftp: Place, run_both: Run) -> None:
    """Raising in `_tick` ends a run; the lock is gone then."""
    for number in range(20):
        local.write(f"{number}.txt", "x", NOON)
    script = """
    class Stop(Exception):
        pass

    class Mine(UploadSynchronizer):
        def _tick(self):
            super()._tick()
            seen.append(1)
            if len(seen) == 7:
                raise Stop

    s = Mine(local, remote, {})
    stopped = False
    try:
        s.run()
    except Stop:
        stopped = True
    print(json.dumps([len(seen), stopped]))
    """
    count, stopped = run_both(HEAD + script, local, ftp)
    assert (count, stopped) == (7, True)
    assert {path for path in ftp.raw() if path.startswith(".")} <= {META}
    assert set(ftp.state()) < {f"{number}.txt" for number in range(20)}


def test_targets_by_hand(local: Place, ftp: Place, run: Run) -> None:
    """A target without a synchronizer: list, read, write, walk."""
    ftp.write("d/a.txt", "content", NOON)
    script = """
    import io

    with_folder = remote
    with_folder.open()
    try:
        with_folder.write_text("new.txt", "größer")
        with_folder.mkdir("sub")
        names = sorted((e.name, e.is_dir(), e.size) for e in with_folder.get_dir())
        with_folder.cwd("d")
        where = with_folder.pwd()
        content = with_folder.open_readable("a.txt").read().decode()
        with_folder.cwd("..")
        walked = sorted(e.get_rel_path() for e in with_folder.walk())
        with_folder.write_file("up.bin", io.BytesIO(b"12345"))
        copy = io.BytesIO()
        with_folder.copy_to_file("up.bin", copy)
        text = with_folder.read_text("new.txt")
        with_folder.remove_file("new.txt")
        with_folder.rmdir("sub")
        base, id_ = with_folder.get_base_name(), with_folder.get_id()
    finally:
        with_folder.close()
    print(json.dumps([names, where, content, walked, copy.getvalue().decode(), text, base, id_]))
    """
    names, where, content, walked, copy, text, base, id_ = run(HEAD + script, local, ftp)
    assert names == [["d", True, 0], ["new.txt", False, 8], ["sub", True, 0]]
    assert ftp.server is not None
    assert where == f"{ftp.server.folder}/d" and content == "content" and copy == "12345" and text == "größer"
    assert walked == ["d", "d/a.txt", "new.txt", "sub"]
    assert base == f"ftp://127.0.0.1{ftp.server.folder}" and id_ == ftp.peer_id
    assert ftp.state() == {"d": None, "d/a.txt": b"content", "up.bin": b"12345"}
