# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`upload --record server` and `--record none`: the modules' engine under the command line."""

from __future__ import annotations

import json
import time
import typing as t
from pathlib import Path

import pytest

from tests.cli.conftest import Caller, address, content, write
from tests.faulty import FaultyFtp
from tests.servers import Server


@pytest.fixture
def site(ftp_server: t.Callable[..., Server]) -> Server:
    return ftp_server()


def published(server: Server) -> dict[str, str]:
    return {path: text for path, text in content(server.root).items() if not path.startswith(".ftpsync/")}


def test_an_upload(pyftpsync: Caller, local: Path, site: Server) -> None:
    record = ("--record", "server")
    dry = pyftpsync("upload", local, address(site), *record, "-n")
    assert site.writes() == []
    assert "(DRY-RUN) COPY NEW          >  a.txt" in dry.lines
    done = pyftpsync("upload", local, address(site), *record)
    assert (done.code, done.err) == (0, "")
    assert done.lines[:2] == [f"Upload {local}", f"{'to':>20} ftp://{site.host}/"]
    assert sorted(done.lines[3:6]) == [
        *("COPY NEW          >  [d]", "COPY NEW          >  a.txt", "COPY NEW          >  b.txt"),
    ]
    assert done.lines[-1].startswith("Wrote 3/3 files in 1 directories, skipped: 0. Elap: ")
    assert published(site) == content(local)
    assert not list(local.rglob(".pyftpsync-meta.json"))
    again = pyftpsync("upload", local, address(site), *record, "-v")
    assert "EQUAL             =  a.txt" in again.lines
    assert again.lines[-1].startswith("Wrote 0/3 files")


def test_a_run_without_changes_reads_no_module_in_vain(pyftpsync: Caller, local: Path, site: Server) -> None:
    pyftpsync("upload", local, address(site), "--record", "server")
    done = pyftpsync("upload", local, address(site), "--record", "server", PYTHONPROFILEIMPORTTIME="1")
    assert done.lines[-1].startswith("Wrote 0/3 files")
    read = {line.rpartition("|")[2].strip() for line in done.err.splitlines() if line.startswith("import time:")}
    assert {"socket", "ftpsync.engine"} <= read
    # Each costs such a run milliseconds, and helps mistakes, questions, transfers or other commands alone.
    spared = {"configparser", "concurrent.futures", "difflib", "logging", "netrc", "shutil", "tempfile", "uuid"}
    assert not spared & read
    rooms = ("apply.", "endpoints", "page", "pairs.", "publication", "sides", "scan.cache", "scan.claims")
    needed = {"ftpsync.apply.exclusive", "ftpsync.pairs.lines"}
    assert not {name for name in read if name.startswith(tuple(f"ftpsync.{room}" for room in rooms))} - needed


def test_deletions_are_those_of_our_own_files(pyftpsync: Caller, local: Path, site: Server) -> None:
    pyftpsync("upload", local, address(site), "--record", "server")
    site.put("foreign.txt", "f")
    (local / "b.txt").unlink()
    write(local / "a.txt", "newer")
    done = pyftpsync("upload", local, address(site), "--record", "server", "--delete")
    assert {"COPY MODIFIED     >  a.txt", "DELETE MISSING    >X b.txt"} <= set(done.lines)
    assert set(published(site)) == {"a.txt", "d/c.txt", "foreign.txt"}


def test_what_others_changed_stays_unless_forced(pyftpsync: Caller, local: Path, site: Server) -> None:
    pyftpsync("upload", local, address(site), "--record", "server")
    site.put("a.txt", "theirs", mtime=time.time() - 3600)
    site.put("b.txt", "theirs", mtime=time.time() - 3600)
    write(local / "b.txt", "ours")
    done = pyftpsync("upload", local, address(site), "--record", "server", "--report-problems")
    assert done.code == 10
    assert {"SKIP DOWNLOAD     <  a.txt", "SKIP CONFLICT    *?* b.txt"} <= set(done.lines)
    assert done.err.count("Warning: ") == 2
    quiet = pyftpsync("upload", local, address(site), "--record", "server", "-q")
    assert quiet.lines[0] == "SKIP CONFLICT    *?* b.txt"
    pyftpsync("upload", local, address(site), "--record", "server", "--force", "--resolve", "local")
    assert published(site) == content(local)


def test_without_any_record(pyftpsync: Caller, local: Path, site: Server) -> None:
    done = pyftpsync("upload", local, address(site), "--record", "none", "--json")
    assert json.loads(done.out)["uploaded"] == ["a.txt", "b.txt", "d/c.txt"]
    assert content(site.root) == content(local)


def test_passwords_from_netrc_and_questions(pyftpsync: Caller, local: Path, site: Server, tmp_path: Path) -> None:
    url = f"ftp://{site.host}:{site.port}/"
    netrc = tmp_path / "home" / ".netrc"
    netrc.write_text(f"machine {site.host} login {site.username} password {site.password}\n")
    netrc.chmod(0o600)
    assert pyftpsync("upload", local, url, "--record", "server", "-n").code == 0
    done = pyftpsync("upload", local, url, "--record", "server", "-n", "--no-netrc", "--no-prompt")
    assert done.code == 1
    assert done.err.count("\n") == 1


def test_a_missing_folder(pyftpsync: Caller, local: Path, site: Server) -> None:
    done = pyftpsync("upload", local, address(site, "/x"), "--record", "server")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "use --create-folder" in done.err
    assert pyftpsync("upload", local, address(site, "/x"), "--record", "server", "--create-folder").code == 0


def test_the_server_is_dialled_once(pyftpsync: Caller, local: Path, tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    with FaultyFtp(root=tmp_path / "server") as faulty_one:
        server = t.cast(Server, faulty_one)
        for number in (1, 2):  # the second run has nothing to do
            record = faulty_one.misbehave()
            done = pyftpsync("upload", local, address(server), "--record", "server", "--connections", "1")
            assert (done.code, done.err) == (0, "")
            assert {command.connection for command in record.commands} == {number}
