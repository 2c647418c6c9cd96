# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drive the whole engine against a server, and look at both sides from outside."""

from __future__ import annotations

import itertools
import os
import time
import typing as t
from pathlib import Path
from urllib.parse import quote

import pytest

from ftpsync import engine, options, report
from ftpsync.errors import FtpSyncError
from ftpsync.ftp_target import FtpTarget
from ftpsync.targets import make_target
from tests.servers import Server
from tests.servers.fixtures import COMBINATIONS, start_or_skip

Content = t.Union[str, bytes, None]
Tree = t.Dict[str, t.Optional[bytes]]  # by path; None is a folder
Deploy = t.Callable[..., t.Dict[str, t.Any]]

STATE = ".ftpsync"
_numbers = itertools.count(1)
# Local files are older than any run, so that no run has to wait for the end of the second they were written in.
EARLIER = int(time.time()) - 100_000

SITE: dict[str, Content] = {
    "index.html": "<html>",
    ".htaccess": "Options -Indexes",
    "css/a.css": "a{}",
    "css/deep/b.css": "b{}",
    "img/x.bin": bytes(range(256)) * 40,
    "empty": None,
    "zero.txt": "",
}


def write_tree(root: Path, tree: t.Mapping[str, Content], mtime: int = EARLIER) -> Path:
    """Files with their content, folders for None; all of them with the same old time."""
    root.mkdir(parents=True, exist_ok=True)
    for path, content in tree.items():
        there = root / path
        if content is None:
            there.mkdir(parents=True, exist_ok=True)
            continue
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content)
        os.utime(there, (mtime, mtime))
    return root


def expected(tree: t.Mapping[str, Content]) -> Tree:
    """What `tree_of` shows of such a tree."""
    found: Tree = {}
    for path, content in tree.items():
        found[path] = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
        for folder in list(Path(path).parents)[:-1]:
            found[folder.as_posix()] = None
    return found


def tree_of(root: Path) -> Tree:
    """Everything below a folder; links as files with their target."""
    found: Tree = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            relative = os.path.relpath(path, root)
            if os.path.islink(path):
                found[relative] = b"-> " + os.fsencode(os.readlink(path))
            elif os.path.isdir(path):
                found[relative] = None
            else:
                with open(path, "rb") as file:
                    found[relative] = file.read()
    return found


def server_tree(server: Server, *, state: bool = False) -> Tree:
    """What the server holds, without our own folder."""
    found = tree_of(server.root)
    return {p: c for p, c in found.items() if state or p.split("/")[0] != STATE}


def times(root: Path) -> dict[str, int]:
    """Modification times to the nanosecond, by path: what a check must not change."""
    return {
        os.path.join(folder, name): os.lstat(os.path.join(folder, name)).st_mtime_ns
        for folder, folders, files in os.walk(root)
        for name in folders + files
    }


def settings(server: Server, tree: Path, **changed: t.Any) -> dict[str, t.Any]:
    return {"local": str(tree), "use_netrc": False, **server.connection(), **changed}


def attempt(server: Server, tree: Path, *, check: bool = False, **changed: t.Any) -> dict[str, t.Any]:
    """One run by validate, synchronize and to_dict; its failure, of either sort, is `error`, one line."""
    try:
        wanted = options.validate(settings(server, tree, **changed))
        result = engine.synchronize(wanted, check=check)
    except FtpSyncError as error:
        found: dict[str, t.Any] = {"error": str(error), "warnings": [], "raised": type(error).__name__}
    else:
        told = report.warnings(result, wanted.direction)
        found = {**report.to_dict(result), "error": result.error, "warnings": told, "raised": None}
    if found["error"] is not None:
        assert "\n" not in found["error"] and "Traceback" not in found["error"], found["error"]
        assert server.password not in found["error"]
    return found


def deploy(server: Server, tree: Path, *, check: bool = False, **changed: t.Any) -> dict[str, t.Any]:
    """A run that has to succeed."""
    found = attempt(server, tree, check=check, **changed)
    assert found["error"] is None, found
    return found


def foretold(server: Server, tree: Path, **changed: t.Any) -> dict[str, t.Any]:
    """A run after its check, which must have told all of it and changed nothing on either side."""
    before = server_tree(server, state=True), times(server.root), times(tree)
    shown = deploy(server, tree, check=True, **changed)
    assert (server_tree(server, state=True), times(server.root), times(tree)) == before
    local = times(tree)
    done = deploy(server, tree, **changed)
    for key in ("operations", "uploaded", "deleted", "created_directories", "drifted", "unmanaged", "conflicts"):
        assert done[key] == shown[key], key
    assert done["changed"] == shown["changed"] == bool(done["operations"])
    assert times(tree) == local
    return done


def write_commands(server: Server) -> list[str]:
    """The commands since `server.mark()` that could have changed something."""
    return server.writes()


def assert_settled(server: Server, tree: Path, **changed: t.Any) -> dict[str, t.Any]:
    """Another run has nothing to do, and sends not one command that writes."""
    server.mark()
    found = deploy(server, tree, **changed)
    assert found["operations"] == [] and found["changed"] is False
    assert found["drifted"] == [] and found["conflicts"] == []
    assert write_commands(server) == []
    return found


@pytest.fixture(scope="session", params=[p for p in COMBINATIONS if p.values[0][1] is None])
def running_plain_server(request: pytest.FixtureRequest) -> t.Iterator[Server]:
    """Each of the four servers, without TLS."""
    with start_or_skip(request.param[0]) as running:
        yield running


@pytest.fixture
def plain_server(running_plain_server: Server) -> Server:
    """One of them, seen from a new, empty folder: for what has nothing to do with TLS."""
    return running_plain_server.at(f"p{next(_numbers)}")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A small website."""
    return write_tree(tmp_path / "site", SITE)


def url_of(server: Server, user: str | None = None, password: str | None = None, path: str = "") -> str:
    login = quote(user or server.username, "")
    if password is not None:
        login += ":" + quote(password, "")
    return server.url.replace("://", f"://{login}@") + path


def target_at(server: Server, path: str = "", **options: t.Any) -> FtpTarget:
    if server.certificate is not None:
        options.setdefault("ca_file", str(server.certificate))
    target = make_target(url_of(server, password=server.password, path=path), options)
    assert isinstance(target, FtpTarget)
    return target


@pytest.fixture
def local(tmp_path: Path) -> Path:
    """An empty folder."""
    folder = tmp_path / "local"
    folder.mkdir()
    return folder


def put_tree(server: Server, tree: t.Mapping[str, Content], mtime: int = EARLIER) -> None:
    for path, content in tree.items():
        if content is None:
            (server.root / path).mkdir(parents=True, exist_ok=True)
            server._give_away(server.root / path)
        else:
            server.put(path, content, mtime)


@pytest.fixture
def shared(plain_server: Server, local: Path) -> Server:
    """A server that shares SITE with the local folder, by an earlier run in both directions."""
    put_tree(plain_server, SITE)
    deploy(plain_server, local, direction="sync")
    return plain_server
