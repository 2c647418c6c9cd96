# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which target a URL means, and folders of this machine as targets."""

from __future__ import annotations

import io
import os
import time
import typing as t
from pathlib import Path

import pytest

from ftpsync.console.messages import set_pyftpsync_logger
from ftpsync.endpoints.folder import FsTarget
from ftpsync.ftp_target import FTPTarget, FtpTarget
from ftpsync.metadata import DirMetadata, IncompatibleMetadataVersion, IncompatibleMetadataVersionError
from ftpsync.sftp_target import SFTPTarget
from ftpsync.targets import DirectoryEntry, _get_encoding_opt, make_target

META = ".pyftpsync-meta.json"


class Run:
    """As much of a synchronizer as targets know."""

    def __init__(self, local: t.Any, remote: t.Any, **options: t.Any) -> None:
        self.local, self.remote, self.options = local, remote, options
        for target, peer in ((local, remote), (remote, local)):
            target.synchronizer, target.peer = self, peer


@pytest.fixture
def folder(tmp_path: Path) -> t.Iterator[FsTarget]:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "x.txt").write_text("xx")
    (tmp_path / "a" / "y.txt").write_text("yyy")
    (tmp_path / "a" / "b" / "z.txt").write_text("z")
    target = FsTarget(str(tmp_path))
    target.open()
    yield target
    target.close()


# ---------------------------------------------------------------------- URLs


@pytest.mark.parametrize(
    ("url", "host", "port", "login", "root", "peer", "shown", "mode"),
    [
        ("ftp://h", "h", 21, (None, None), "/", "h/", "ftp://h/", "none"),
        ("FTP://H.Example.com/www/", "h.example.com", 21, (None, None), "/www", "h.example.com/www", None, "none"),
        ("ftps://h:2121/www", "h", 2121, (None, None), "/www", "h/www", "ftps://h/www", "explicit"),
        ("ftps://h:990/www", "h", 990, (None, None), "/www", "h/www", "ftps://h/www", "implicit"),
        ("ftpes://h:990/www", "h", 990, (None, None), "/www", "h/www", "ftps://h/www", "explicit"),
        ("ftp://u@d.com:p:w@h/a@b", "h", 21, ("u@d.com", "p:w"), "/a@b", "h/a@b", "ftp://h/a@b", "none"),
        ("ftp://u:@h/", "h", 21, ("u", ""), "/", "h/", "ftp://h/", "none"),
        ("ftp://u%40x:p%2Fw@h/a%20b%C3%A9", "h", 21, ("u@x", "p/w"), "/a bé", "h/a%20b%C3%A9", "ftp://h/a bé", "none"),
        ("ftp://h/a;b?c#d", "h", 21, (None, None), "/a;b?c#d", "h/a;b?c#d", None, "none"),
        ("ftp://h//a/./b", "h", 21, (None, None), "/a/b", "h//a/./b", "ftp://h/a/b", "none"),
        ("ftp://[::1]:21/w", "::1", 21, (None, None), "/w", "::1/w", "ftp://[::1]/w", "none"),
    ],
)
def test_urls(url, host, port, login, root, peer, shown, mode):
    target = make_target(url, {"timeout": 3})
    assert isinstance(target, FtpTarget)
    assert (target.host, target.port, target.username, target.password) == (host, port, *login)
    assert (target.root_dir, target.get_id(), target.tls_mode) == (root, peer, mode)
    assert target.tls is (mode != "none")
    assert shown is None or target.get_base_name() == shown
    assert str(target) == f"<{target.get_base_name()} + .>"
    assert target.extra_opts == {"timeout": 3} and target.encoding == "utf-8"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sftp://joe:s3cr3t@h/www", ["SFTP is another protocol"]),
        ("http://joe:s3cr3t@h/www", ["HTTP"]),
        ("ftsp://joe:s3cr3t@h/www", ["ftp:// or ftps://"]),
        ("ftp://joe:s3cr3t@h:port/www", ["no valid port"]),
        ("ftp://", ["names no host"]),
        ("ftp://h/a/../b", ["'..'"]),
        ("ftp://h/a%0Ab", ["line end"]),
        ("/no/such/folder", ["'/no/such/folder' is not a directory"]),
    ],
)
def test_what_is_no_target(url: str, words: list[str]) -> None:
    with pytest.raises(ValueError) as caught:
        make_target(url)
    text = str(caught.value)
    assert all(word in text for word in words) and "s3cr3t" not in text and "\n" not in text


def test_sftp_is_named() -> None:
    with pytest.raises(ValueError, match="SFTP is another protocol"):
        SFTPTarget("/", "h", username="u", password="s3cr3t")


def test_the_constructor_takes_everything_literally() -> None:
    target = FTPTarget("/a%20b/", "Host", username="u", password="", tls=True)
    assert (target.root_dir, target.host, target.port, target.tls_mode) == ("/a%20b", "Host", 21, "explicit")
    assert (
        target.get_id() == "Host/a%20b" and FtpTarget("", "h").root_dir == "/" and FtpTarget("w", "h").root_dir == "/w"
    )
    assert (target.ftp, target.ftp_socket_connected, target.syst_response, target.feat_response) == (
        None,
        False,
        None,
        None,
    )
    assert target.support_utf8 is None and target.lock_data is None and target.server_time_ofs is None
    assert "''" not in repr(target)


@pytest.mark.parametrize(("option", "codec"), [(None, "utf-8"), ("UTF8", "utf-8"), ("latin_1", "iso8859-1")])
def test_encodings_have_one_name(option: str | None, codec: str) -> None:
    assert _get_encoding_opt(None, {"encoding": option}, "utf-8") == codec
    assert FtpTarget("/", "h", extra_opts={"encoding": option}).encoding == codec


def test_an_unknown_encoding_is_named() -> None:
    with pytest.raises(ValueError, match="'klingon'"):
        make_target("ftp://h/", {"encoding": "klingon"})


def test_a_wrong_setting_is_told_before_anything_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYFTPSYNC_VERBOSE_META", "perhaps")
    with pytest.raises(ValueError, match="PYFTPSYNC_VERBOSE_META"):
        make_target(str(tmp_path))


# ---------------------------------------------------------------------- all targets


def test_paths_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "site").mkdir()
    target = make_target("~/site/")
    assert target.root_dir == target.get_id() == target.get_base_name() == str(tmp_path / "site")
    assert str(target) == f"<FS:{tmp_path}/site + .>"
    monkeypatch.chdir(tmp_path)
    assert make_target("site").root_dir == str(tmp_path / "site")
    with pytest.raises(TypeError):
        FtpTarget.__mro__[1](b"/x", None)


def test_open_and_close(tmp_path: Path) -> None:
    target = FsTarget(str(tmp_path))
    assert target.cur_dir is None and not target.connected
    with pytest.raises(RuntimeError, match="not open"):
        target.get_dir()
    for _round in range(2):
        target.open()
        assert target.pwd() == str(tmp_path) and target.connected
        with pytest.raises(RuntimeError, match="open already"):
            target.open()
        target.readonly = True
        target.close()
        target.close()
        assert not target.connected and not target.readonly


def test_options(tmp_path: Path) -> None:
    one, two = FsTarget(str(tmp_path), {"a": 1, "n": None}), FsTarget(str(tmp_path))
    assert one.is_unbound() and one.get_option("b", 5) == 5 and one.get_options_dict() == {"a": 1, "n": None}
    for error in (RuntimeError, AttributeError):
        with pytest.raises(error):
            one.is_local()
    assert one.is_remote(or_unbound=True)
    run = Run(one, two, a=2, b=3, n=4)
    assert (one.get_option("a"), one.get_option("b"), one.get_option("n"), two.get_option("a")) == (1, 3, 4, 2)
    assert two.get_options_dict() == run.options and one.get_options_dict()["a"] == 1 and run.options["a"] == 2
    assert one.is_local() and two.is_remote() and not one.is_remote() and not one.is_unbound()


def test_moving_about(folder: FsTarget, tmp_path: Path) -> None:
    assert folder.cwd("a") == str(tmp_path / "a") == folder.cur_dir
    assert str(folder) == f"<FS:{tmp_path} + a>" and folder.inside("n") == "a/n"
    assert folder.cwd("b") == str(tmp_path / "a" / "b")
    assert folder.cwd("..") == str(tmp_path / "a")
    assert folder.cwd("..") == str(tmp_path)
    assert folder.cwd("missing") == str(tmp_path / "missing")  # not looked at
    folder.cwd("..")
    for name in ("..", f"../{tmp_path.name}-2", "/", "a/../.."):
        with pytest.raises(RuntimeError, match="outside"):
            folder.cwd(name)


def test_walking(folder: FsTarget, tmp_path: Path) -> None:
    seen = [(entry.get_rel_path(), folder.cur_dir) for entry in folder.walk()]
    assert seen == [
        ("a", str(tmp_path)),
        ("a/b", str(tmp_path / "a")),
        ("a/b/z.txt", str(tmp_path / "a" / "b")),
        ("a/y.txt", str(tmp_path / "a")),
        ("x.txt", str(tmp_path)),
    ]
    assert folder.cur_dir == str(tmp_path) and folder.meta_stack == []
    assert [entry.name for entry in folder.walk(recursive=False)] == ["a", "x.txt"]
    assert [entry.name for entry in folder.walk(lambda entry: entry.name != "b")] == ["a", "y.txt", "x.txt"]
    assert len(list(folder.walk(lambda entry: None))) == 5
    assert next(folder.walk()).name == "a" and folder.cur_dir == str(tmp_path)


def test_walking_as_a_tree(tmp_path: Path) -> None:
    for name in ("x.txt", "a/one", "B/y.txt", "B/c/z.txt", "B/d/e/f"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    target = make_target(str(tmp_path))
    target.open()
    assert [lines + entry.name for lines, entry in target.walk_tree(files=True)] == [
        " +- x.txt",
        " +- a",
        " |   `- one",
        " `- B",
        "     +- y.txt",
        "     +- c",
        "     |   `- z.txt",
        "     `- d",
        "         `- e",
        "             `- f",
    ]
    assert [lines + entry.name for lines, entry in target.walk_tree(pred=lambda entry: entry.name != "d")] == [
        " +- a",
        " `- B",
        "     `- c",
    ]
    assert [entry.name for _lines, entry in target.walk_tree(sort=False)] == ["B", "c", "d", "e", "a"]


def test_walking_comes_to_an_end(tmp_path: Path) -> None:
    class Endless(FsTarget):
        """As servers that show a link to a parent as a folder."""

        def get_dir(self) -> t.Any:
            return [DirectoryEntry(self, self.pwd(), "d")]

    target = Endless(str(tmp_path))
    target.open()
    for walk in (target.walk, target.walk_tree):
        with pytest.raises(RuntimeError, match="more than 100 levels"):
            list(walk())
        assert target.cur_dir == str(tmp_path)


# ---------------------------------------------------------------------- folders of this machine


def test_what_is_listed(folder: FsTarget, tmp_path: Path) -> None:
    os.utime(tmp_path / "x.txt", (1, 1000.5))
    (tmp_path / META).write_text("{}")
    (tmp_path / ".pyftpsync-lock.json").write_text("")
    (tmp_path / "link").symlink_to("a/y.txt")
    (tmp_path / "broken").symlink_to("nowhere")
    (tmp_path / "circle").symlink_to(tmp_path)
    (tmp_path / "a" / "up").symlink_to("..")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / META).write_bytes(b'{"_file_version": 3}')
    found = {entry.name: entry for entry in folder.get_dir()}
    assert sorted(found) == [".pyftpsync-lock.json", "a", "link", "x.txt"]
    assert (found["link"].size, found["x.txt"].size, found["a"].size) == (3, 2, 0)
    assert found["x.txt"].mtime == found["x.txt"].mtime_org == 1000.5
    assert found["x.txt"].unique == str((tmp_path / "x.txt").stat().st_ino)
    assert isinstance(folder.cur_dir_meta, DirMetadata) and folder.cur_dir_meta.was_read
    assert [entry.name for entry in folder.walk()].count("up") == 0


def test_changing(folder: FsTarget, tmp_path: Path) -> None:
    pieces: list[bytes] = []
    (tmp_path / "run.sh").write_text("old")
    (tmp_path / "run.sh").chmod(0o750)
    folder.write_file("run.sh", io.BytesIO(b"abcde"), blocksize=2, callback=pieces.append)
    assert pieces == [b"ab", b"cd", b"e"]
    assert (tmp_path / "run.sh").read_bytes() == b"abcde" and (tmp_path / "run.sh").stat().st_mode & 0o777 == 0o750
    folder.set_mtime("run.sh", 1388577600.25, 5)
    status = (tmp_path / "run.sh").stat()
    assert status.st_mtime == 1388577600.25 and abs(status.st_atime - time.time()) < 60
    folder.mkdir("new")
    folder.cwd("new")
    folder.write_text("t.txt", "é")
    assert folder.read_text("t.txt") == "é" and (tmp_path / "new" / "t.txt").read_bytes() == b"\xc3\xa9"
    with folder.open_writable("w") as file:
        file.write(b"w")
    with folder.open_readable("w") as file:
        assert file.read() == b"w"
    folder.remove_file("w")
    folder.cwd("..")
    (tmp_path / "linked").symlink_to("a")
    folder.rmdir("linked")
    folder.rmdir("new")
    assert sorted(os.listdir(tmp_path)) == ["a", "run.sh", "x.txt"] and sorted(os.listdir(tmp_path / "a")) == [
        "b",
        "y.txt",
    ]


def test_a_failed_write_leaves_the_old_file(folder: FsTarget, tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, count: t.Any = -1) -> bytes:
            if self.tell():
                raise OSError("broken")
            return super().read(2)

    with pytest.raises(OSError, match="broken"):
        folder.write_file("x.txt", Broken(b"abcdef"))
    assert (tmp_path / "x.txt").read_text() == "xx" and sorted(os.listdir(tmp_path)) == ["a", "x.txt"]


def test_read_only(folder: FsTarget, tmp_path: Path) -> None:
    folder.readonly = True
    for action in (
        lambda: folder.mkdir("n"),
        lambda: folder.rmdir("a"),
        lambda: folder.remove_file("x.txt"),
        lambda: folder.write_file("n", io.BytesIO()),
        lambda: folder.write_text("n", ""),
        lambda: folder.set_mtime("x.txt", 1, 2),
    ):
        with pytest.raises(RuntimeError, match="read-only"):
            action()
    folder.check_write(META)
    folder.check_write(".pyftpsync-lock.json")
    assert sorted(os.listdir(tmp_path)) == ["a", "x.txt"]


def test_errors_are_those_of_the_system(folder: FsTarget) -> None:
    with pytest.raises(FileNotFoundError):
        folder.remove_file("missing")
    with pytest.raises(FileExistsError):
        folder.mkdir("a")
    with pytest.raises(NotImplementedError):
        folder.copy_to_file("x.txt", io.BytesIO())
    folder.cwd("missing")
    with pytest.raises(FileNotFoundError):
        folder.get_dir()


# ---------------------------------------------------------------------- records


def test_records_of_a_folder_pair(folder: FsTarget, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        folder.get_sync_info("x.txt")
    remote = FtpTarget("/www", "example.com")
    Run(folder, remote)
    assert folder.get_sync_info("x.txt") is None  # nothing was read yet
    entry = next(entry for entry in folder.get_dir() if entry.name == "x.txt")
    before = time.time()
    remote.set_sync_info("x.txt", 1000, 2)
    folder.set_sync_info("a", None, None)
    assert folder.get_sync_info("x.txt", "m") == remote.get_sync_info("x.txt", "m") == 1000
    assert entry.get_sync_info("s") == 2 and folder.get_sync_info("a")["m"] is None
    assert folder.get_sync_info(":last_sync") is None and folder.get_sync_info("x") is None
    assert set(folder.get_sync_info(None)) == {"x.txt", "a", ":last_sync"}
    assert before <= folder.get_sync_info("x.txt", "u") <= time.time()
    folder.remove_sync_info("a")
    folder.dry_run = True
    folder.flush_meta()
    assert not (tmp_path / META).exists()
    folder.dry_run = False
    folder.flush_meta()
    folder.get_dir()
    assert set(folder.get_sync_info(None)) == {"x.txt", ":last_sync"}
    content = (tmp_path / META).read_bytes()
    folder.flush_meta()
    assert (tmp_path / META).read_bytes() == content
    folder.push_meta()
    assert folder.cur_dir_meta is None
    folder.pop_meta()
    assert folder.get_sync_info("x.txt", "s") == 2


def test_people_can_read_records_if_they_want(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYFTPSYNC_VERBOSE_META", "on")
    one, two = FsTarget(str(tmp_path)), FsTarget(str(tmp_path))
    Run(one, two)
    one.open()
    one.get_dir()
    one.set_sync_info("f", 1, 1)
    one.flush_meta()
    assert '\n    "peer_sync": {' in (tmp_path / META).read_text()


def test_an_empty_or_broken_record_goes(folder: FsTarget, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    previous = set_pyftpsync_logger(None)
    try:
        for content in (b'{"_file_version": 3, "mtimes": {}}', b"broken"):
            (tmp_path / META).write_bytes(content)
            folder.get_dir()
            folder.flush_meta()
            assert not (tmp_path / META).exists()
    finally:
        set_pyftpsync_logger(previous)
    assert capsys.readouterr().err.count("is not JSON") == 1


def test_records_of_another_format(folder: FsTarget, tmp_path: Path) -> None:
    (tmp_path / META).write_bytes(b'{"_file_version": 2, "mtimes": {"x": {}}}')
    for error in (IncompatibleMetadataVersion, IncompatibleMetadataVersionError, RuntimeError):
        with pytest.raises(error, match="--migrate"):
            folder.get_dir()
    folder.extra_opts["migrate"] = True
    Run(folder, FsTarget(str(tmp_path)))
    folder.get_dir()
    folder.set_sync_info("x.txt", 1, 2)
    folder.flush_meta()
    del folder.extra_opts["migrate"]
    folder.get_dir()
    assert folder.get_sync_info("x.txt", "m") == 1
