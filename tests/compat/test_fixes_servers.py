# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers that pyftpsync 3.1 has trouble with; the numbers are those of docs/compatibility.md."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import typing as t
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.compat.conftest import on
from tests.compat.places import LOCK, META, Place
from tests.compat.programs import ENGINE, Ours, Running, command_line
from tests.compat.scenario import NOON
from tests.servers import Options, Server
from tests.servers.base import OWNER
from tests.servers.fixtures import start_or_skip
from tests.servers.pyftpdlib_server import PyFtpdlib

Starter = t.Callable[..., Server]
READ_ONLY = ("APPE", "DELE", "MFMT", "MKD", "RMD", "RNFR", "RNTO", "SITE", "STOR", "STOU")


def assert_one_line(result: subprocess.CompletedProcess[str], *words: str) -> None:
    """It failed, and says why in a line."""
    assert result.returncode == 1, result.stdout + result.stderr
    assert len(result.stderr.splitlines()) == 1, result.stderr
    for word in words:
        assert word in result.stderr


# ------------------------------------------------------------------ B23, B24: read-only


def test_b23_download_from_a_read_only_server(ours: Ours, local: Place, ftp_server: Starter) -> None:
    remote = on(ftp_server("pyftpdlib", deny=READ_ONLY))
    remote.write("a.txt", "a", NOON + 5000)
    stale = {"m": NOON, "s": 1, "u": NOON + 9000}
    document = {
        "_file_version": 3,
        "_version": "3.1.0",
        "_time": 0.0,
        "_time_str": "",
        "_disclaimer": "",
        "mtimes": {"a.txt": stale, "gone.txt": stale, "rewritten.txt": stale},
        "peer_sync": {},
    }
    remote.write(META, json.dumps(document), NOON)
    remote.write("rewritten.txt", "longer than recorded", NOON + 9999)
    before = remote.raw()
    result = command_line("download", local, remote)
    assert result.returncode == 0, result.stderr
    assert local.state() == remote.state()
    assert remote.raw() == before
    assert local.mtime("a.txt") == NOON and local.mtime("rewritten.txt") == NOON + 9999
    assert ours.run("download", local, remote).changes == (0, 0, 0, 0)


def test_b23_upload_to_a_read_only_server_fails(local: Place, ftp_server: Starter) -> None:
    remote = on(ftp_server("pyftpdlib", deny=READ_ONLY))
    local.write("a.txt", "a", NOON)
    result = command_line("upload", local, remote)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr and "a.txt" in result.stderr
    assert "a.txt" not in json.dumps(local.meta())


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user, for whom the folder is read-only")
def test_b24_upload_from_a_read_only_folder(ftp: Place) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        local = Place(root / "L")
        local.write("d/a.txt", "a", NOON)
        engine = root / "engine" / "ftpsync"
        shutil.copytree(ENGINE / "ftpsync", engine)
        before = local.raw()
        for warned in (True, False):  # the second time there is nothing to do
            result = subprocess.run(
                ["python3", "-m", "ftpsync.pyftpsync", "upload", str(local), str(ftp)],
                user=OWNER,
                group=0,
                extra_groups=[],
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(engine.parent), "HOME": folder},
                cwd="/",
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            if "Permission denied" in result.stderr and "python" in result.stderr:
                pytest.skip(f"the user {OWNER} cannot run Python here: {result.stderr}")
            assert result.returncode == 0, result.stderr
            assert (META in result.stderr) == warned, result.stderr
        assert ftp.state() == local.state()
        assert local.raw() == before


# ------------------------------------------------------------------ B25: the lock


@pytest.mark.parametrize("arguments", [["upload", "-n"], ["sync", "-n"], ["download", "-n"], ["scan"]])
def test_b25_no_lock_where_nothing_is_written(local: Place, ftp: Place, arguments: list[str]) -> None:
    local.write("a.txt", "a", NOON)
    ftp.write("b.txt", "b", NOON)
    assert ftp.server is not None
    ftp.server.mark()
    command, *options = arguments
    targets = [ftp] if command == "scan" else [local, ftp]
    result = command_line(command, *targets, *options)
    assert result.returncode == 0, result.stderr
    assert ftp.server.writes() == []


def test_b25_name_place_and_content(local: Place, ftp: Place) -> None:
    """Kept: peers rely on it."""
    local.write("d/big.bin", os.urandom(2_000_000), NOON)
    with Running("upload", local, ftp, "--bwlimit", "200k") as run:
        run.wait_until(lambda: any(len(found) > 10_000 for found, dummy in ftp.raw().values()), "content")
        document = json.loads((ftp.root / LOCK).read_text())
        assert set(document) == {"lock_time", "lock_holder"}
        assert isinstance(document["lock_time"], float) and document["lock_holder"] is None
        assert run.end(signal.SIGINT) == 3
    assert LOCK not in ftp.raw()


def test_b25_an_old_lock_is_no_obstacle(local: Place, ftp: Place) -> None:
    local.write("a.txt", "a", NOON)
    ftp.write(LOCK, json.dumps({"lock_time": NOON, "lock_holder": None}), NOON)
    result = command_line("upload", local, ftp)
    assert result.returncode == 0, result.stderr
    assert ftp.state() == {"a.txt": b"a"} and LOCK not in ftp.raw()


# ------------------------------------------------------------------ B26, B27: TLS, patience


@pytest.fixture(scope="module")
def tls() -> t.Iterator[Server]:
    with start_or_skip("pyftpdlib", tls="explicit") as server:
        yield server


def test_b26_certificates_are_verified(local: Place, tls: Server) -> None:
    remote = on(tls)
    local.write("a.txt", "a", NOON)
    result = command_line("upload", local, remote)
    assert_one_line(result, "--ca-file", "--tls-fingerprint", "--no-verify")
    assert remote.state() == {}
    assert tls.password not in result.stdout + result.stderr


def test_b26_ways_to_trust(local: Place, tls: Server) -> None:
    local.write("a.txt", "a", NOON)
    assert tls.fingerprint is not None
    for trust in (["--ca-file", tls.certificate], ["--tls-fingerprint", tls.fingerprint], ["--no-verify"]):
        remote = on(tls)
        result = command_line("upload", local, remote, *trust)
        assert result.returncode == 0, result.stderr
        assert remote.state() == {"a.txt": b"a"}


def test_b26_implicit_tls_at_port_990(local: Place) -> None:
    server = PyFtpdlib(Options(tls="implicit"))
    server.port = 990
    try:
        server.start()
    except OSError as exc:
        pytest.skip(f"port 990 cannot be used: {exc}")
    with server:
        remote = on(server)
        local.write("a.txt", "a", NOON)
        result = command_line("upload", local, remote, "--ca-file", server.certificate)
        assert result.returncode == 0, result.stderr
        assert remote.state() == {"a.txt": b"a"}


@pytest.fixture
def silent() -> t.Iterator[str]:
    """A server that accepts connections and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"ftp://user:secret-word@127.0.0.1:{listener.getsockname()[1]}/"


def test_b27_a_dead_server_ends_the_run(local: Place, silent: str) -> None:
    result = command_line("upload", local, silent, "--timeout", "1", "--retries", "1")
    assert_one_line(result, "127.0.0.1")
    assert "secret-word" not in result.stdout + result.stderr


# ------------------------------------------------------------------ B28: LIST


@pytest.mark.parametrize("kind", ["pyftpdlib", "proftpd"])
def test_b28_servers_without_mlsd(ours: Ours, local: Place, ftp_server: Starter, kind: str) -> None:
    remote = on(ftp_server(kind, deny=("MLSD", "MLST")))
    for place, side in ((local, "L"), (remote, "R")):
        place.write(f"{side} with blanks.txt", side, NOON)
        place.write(f"{side}/deep/größe.txt", side, NOON + 100)
        place.write("both.txt", "in " + side, NOON + (100 if side == "R" else 0))
    outcome = ours.run("sync", local, remote)
    assert outcome.error is None, outcome
    assert local.state() == remote.state()
    assert local.state()["both.txt"] == b"in R"
    assert local.mtime("R/deep/größe.txt") == NOON + 100
    assert ours.run("sync", local, remote).changes == (0, 0, 0, 0)


# ------------------------------------------------------------------ B31 to B33: addresses


@pytest.mark.parametrize("form", ["/{}/", "//{}", "/./{}", "/link-to-{}"])
def test_b31_any_path_that_leads_there(ours: Ours, local: Place, ftp: Place, form: str) -> None:
    assert ftp.server is not None
    name = str(ftp.server.folder).strip("/")
    (ftp.root / "d").mkdir()
    (ftp.root.parent / f"link-to-{name}").symlink_to(name)
    local.write("a.txt", "a", NOON)
    path = form.format(name)
    url = str(ftp).replace(str(ftp.server.folder), path)
    outcome = ours.run("upload", local, url)
    assert outcome.error is None, outcome
    assert ftp.state() == {"a.txt": b"a", "d": None}
    assert set(local.meta()["peer_sync"]) == {"127.0.0.1" + path.rstrip("/")}  # as configured
    assert ours.run("upload", local, url).changes == (0, 0, 0, 0)


def test_b32_urls_are_decoded(ours: Ours, local: Place, ftp_server: Starter) -> None:
    server = ftp_server("pyftpdlib", username="jo e@example.com", password="p:/@%40#?")
    remote = on(server)
    for folder in ("with blank", "a;b?c#d", "100%", "größe"):
        (remote.root / folder).mkdir()
        local.write("a.txt", "a", NOON)
        login = f"{quote(server.username, safe='')}:{quote(server.password, safe='')}"
        path = f"{server.at(remote.root.name).folder}/{quote(folder)}"
        outcome = ours.run("upload", local, f"ftp://{login}@{server.host}:{server.port}{path}")
        assert outcome.error is None, outcome
        assert remote.state()[f"{folder}/a.txt"] == b"a"
        assert f"127.0.0.1{path}" in local.meta()["peer_sync"]  # as written, so that older records are found


def test_b32_what_needs_no_decoding_is_taken_as_it_is(ours: Ours, local: Place, ftp: Place) -> None:
    local.write("a.txt", "a", NOON)
    for folder in ("x;y", "x?y", "x#y", "x y", "100%"):
        (ftp.root / folder).mkdir()
        outcome = ours.run("upload", local, f"{ftp}/{folder}")
        assert outcome.error is None, outcome
        assert ftp.state()[f"{folder}/a.txt"] == b"a"


def test_b33_a_user_without_password_is_looked_up(local: Place, ftp: Place, tmp_path: Path) -> None:
    assert ftp.server is not None
    server = ftp.server
    local.write("a.txt", "a", NOON)
    netrc = tmp_path / ".netrc"
    netrc.write_text(f"machine {server.host} login {server.username} password {server.password}\n")
    netrc.chmod(0o600)
    url = server.url.replace("://", f"://{server.username}@", 1)
    result = command_line("upload", local, url, env={"HOME": str(tmp_path)})
    assert result.returncode == 0, result.stderr
    assert ftp.state() == {"a.txt": b"a"}


def test_b33_the_entry_of_another_user_is_not_taken(local: Place, ftp: Place, tmp_path: Path) -> None:
    assert ftp.server is not None
    server = ftp.server
    local.write("a.txt", "a", NOON)
    netrc = tmp_path / ".netrc"
    netrc.write_text(f"machine {server.host} login somebody password {server.password}\n")
    netrc.chmod(0o600)
    url = server.url.replace("://", f"://{server.username}@", 1)
    result = command_line("upload", local, url, "--no-prompt", env={"HOME": str(tmp_path)})
    assert_one_line(result)
    asked = command_line("upload", local, url, env={"HOME": str(tmp_path)}, answers=server.password + "\n")
    assert asked.returncode == 0, asked.stderr
    said = asked.stdout + asked.stderr
    assert "Enter username" not in said
    assert f"Enter password for {server.username}@{server.host}" in said
    assert ftp.state() == {"a.txt": b"a"}


def test_b34_an_empty_password_is_one(local: Place, ftp_server: Starter) -> None:
    """Kept as in 3.1."""
    remote = on(ftp_server("pyftpdlib", username="anonymous", password=""))
    local.write("a.txt", "a", NOON)
    assert remote.server is not None
    result = command_line("upload", local, remote.server.url.replace("://", "://anonymous:@"))
    assert result.returncode == 0, result.stderr
    assert remote.state() == {"a.txt": b"a"}


def test_b36_wrong_passwords_are_not_asked_for_without_end(local: Place, ftp: Place) -> None:
    assert ftp.server is not None
    url = ftp.server.url.replace("://", f"://{ftp.server.username}@", 1)
    result = command_line("upload", local, url, answers="not-this-one\n" * 50)
    assert result.returncode == 1
    said = result.stdout + result.stderr
    assert said.count(f"Enter password for {ftp.server.username}@{ftp.server.host}") == 4  # and again, three times
    assert "Traceback" not in said and "not-this-one" not in said


# ------------------------------------------------------------------ B44 to B47, B54, B63 to B65


def test_b44_names_that_differ_in_case(ours: Ours, local: Place, ftp: Place) -> None:
    local.write("a.txt", "small", NOON)
    ftp.write("A.txt", "capital", NOON)
    local.write("Folder/x.txt", "x", NOON)
    outcome = ours.run("sync", local, ftp)
    assert outcome.error is None, outcome
    assert local.state() == ftp.state()
    assert {"a.txt", "A.txt", "Folder/x.txt"} < set(local.state())
    local.write("Folder/x.txt", "changed", NOON + 100)
    assert ours.run("sync", local, ftp).counters[0] == 1


@pytest.mark.parametrize(("case", "names"), [("local", ("a.txt", "D/x.txt")), ("remote", ("A.txt", "d/x.txt"))])
def test_b44_names_paired_in_any_case(ours: Ours, local: Place, ftp: Place, case: str, names: tuple[str, str]) -> None:
    for place, paths in ((local, ("a.txt", "D/x.txt")), (ftp, ("A.txt", "d/x.txt"))):
        for path in paths:
            place.write(path, "the same", NOON)
    spellings = set(local.state()), set(ftp.state())
    local.write("D/x.txt", "changed in L", NOON + 100)
    ftp.write("A.txt", "changed remotely", NOON + 100)
    outcome = ours.run("sync", local, ftp, case=case)
    assert outcome.error is None, outcome
    assert outcome.changes == (2, 0, 0, 0), outcome.output
    assert (set(local.state()), set(ftp.state())) == spellings
    assert local.state()["a.txt"] == b"changed remotely" and ftp.state()["d/x.txt"] == b"changed in L"
    assert all(f" {name}" in outcome.output for name in names)
    assert ours.run("sync", local, ftp, case=case).changes == (0, 0, 0, 0)


def test_b45_times_are_set_on_the_server(ours: Ours, local: Place, mlsd: Place) -> None:
    local.write("d/a.txt", "a", NOON)
    assert ours.run("upload", local, mlsd).error is None
    assert mlsd.mtime("d/a.txt") == NOON


def test_b46_access_times_are_sane(ours: Ours, local: Place, ftp: Place) -> None:
    ftp.write("a.txt", "a", NOON)
    assert ours.run("download", local, ftp).error is None
    assert (local.root / "a.txt").stat().st_mtime == NOON
    assert (local.root / "a.txt").stat().st_atime >= NOON


def test_b47_records_know_no_port(ours: Ours, local: Place, ftp: Place) -> None:
    """Kept: records are found again only by this name."""
    local.write("a.txt", "a", NOON)
    assert ours.run("upload", local, ftp).error is None
    assert ftp.server is not None
    assert set(local.meta()["peer_sync"]) == {f"127.0.0.1{ftp.server.folder}"}


@pytest.mark.parametrize("kind", ["proftpd", "vsftpd", "pure-ftpd", "pyftpdlib"])
def test_b54_folders_with_dot_files_are_deleted(ours: Ours, local: Place, ftp_server: Starter, kind: str) -> None:
    remote = on(ftp_server(kind))
    for path in ("d/.htaccess", "d/.well-known/x/y.txt", "d/a.txt", "kept.txt"):
        local.write(path, path, NOON)
    assert ours.run("sync", local, remote).error is None
    assert remote.state() == local.state()
    remote.write(f"d/{META}", json.dumps({"_file_version": 3, "mtimes": {}, "peer_sync": {}}), NOON)
    local.delete("d")
    outcome = ours.run("sync", local, remote)
    assert outcome.error is None, outcome
    assert remote.state() == {"kept.txt": b"kept.txt"}
    assert not (remote.root / "d").exists()


def test_b63_folders_are_created_on_request(local: Place, ftp: Place) -> None:
    local.write("a.txt", "a", NOON)
    missing = f"{ftp}/new/with/parents"
    result = command_line("upload", local, missing)
    assert_one_line(result, "--create-folder")
    assert ftp.state() == {}
    result = command_line("upload", local, missing, "--create-folder", "-n")
    assert result.returncode == 0, result.stderr
    assert ftp.state() == {}
    result = command_line("upload", local, missing, "--create-folder")
    assert result.returncode == 0, result.stderr
    assert ftp.state()["new/with/parents/a.txt"] == b"a"


def test_b64_targets_serve_several_synchronizers(ftp: Place, local: Place, tmp_path: Path) -> None:
    """Kept."""
    from ftpsync.synchronizers import BiDirSynchronizer, DownloadSynchronizer, UploadSynchronizer
    from ftpsync.targets import make_target

    local.write("a.txt", "a", NOON)
    other = Place(tmp_path / "other")
    first, remote, second = (make_target(str(place)) for place in (local, ftp, other))
    UploadSynchronizer(first, remote, {}).run()
    DownloadSynchronizer(second, remote, {}).run()
    BiDirSynchronizer(first, second, {}).run()
    assert local.state() == ftp.state() == other.state() == {"a.txt": b"a"}
    assert not remote.connected and remote.peer is None


def test_b65_servers_with_another_encoding(local: Place, ftp_server: Starter) -> None:
    remote = on(ftp_server("proftpd"))
    remote.write(os.fsdecode("grüße.txt".encode("cp1252")), "there", NOON)
    local.write("maß.txt", "here", NOON)
    result = command_line("sync", local, remote, "--encoding", "cp1252")
    assert result.returncode == 0, result.stderr
    assert set(local.state()) == {"grüße.txt", "maß.txt"}
    assert {os.fsencode(path) for path in remote.state()} == {name.encode("cp1252") for name in local.state()}
    again = command_line("sync", local, remote, "--encoding", "cp1252")
    assert again.stdout.splitlines()[-1].startswith("Wrote 0/2 files"), again.stdout


def test_b65_as_an_option_of_a_target(local: Place, ftp_server: Starter) -> None:
    from ftpsync.synchronizers import BiDirSynchronizer
    from ftpsync.targets import make_target

    remote = on(ftp_server("proftpd"))
    remote.write(os.fsdecode("привет.txt".encode("cp1251")), "there", NOON)
    target = make_target(str(remote), {"encoding": "cp1251"})
    BiDirSynchronizer(make_target(str(local)), target, {}).run()
    assert local.state() == {"привет.txt": b"there"}
