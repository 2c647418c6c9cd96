# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The twenty most likely mistakes of a beginner, by module and by command line: what is read says what to do."""

from __future__ import annotations

import dataclasses
import typing as t
from pathlib import Path

import pytest

from tests.cli.conftest import Caller, address
from tests.integration.playbook import Playbooks
from tests.servers import Server
from tests.servers.base import free_port

WRONG = "Wrong-Zebra-77"


@dataclasses.dataclass
class World:
    """A folder with a site, and servers of several sorts."""

    folder: Path
    plain: Server
    tls: Server
    implicit: Server
    read_only: Server


@dataclasses.dataclass
class Mistake:
    """What is done wrong, and words that the message has to have.

    Attributes:
        options: of the module, by which good ones are replaced; None: not possible there.
        line: arguments of the command after `upload`, likewise; `{}` before them is the site.
        seen, printed: words of the module's message, and of the command's.
    """

    options: dict[str, t.Any] | None = None
    seen: tuple[str, ...] = ()
    line: t.Sequence[str] | None = None
    printed: tuple[str, ...] = ()


def mistakes(world: World) -> dict[str, Mistake]:
    closed = free_port()
    plain, tls, implicit, read_only = (
        address(server, "/www") for server in (world.plain, world.tls, world.implicit, world.read_only)
    )
    return {
        "wrong password": Mistake(
            {"password": WRONG}, ("refused user tester", "password"),
            ("site", address(world.plain, "/www", WRONG), "--no-prompt"), ("refused user", "password in the URL"),
        ),
        "no user": Mistake(
            {"username": None, "password": None}, ("anonymous", "username"),
            ("site", world.plain.url, "--no-prompt"), ("anonymous", "password"),
        ),
        "unknown host": Mistake(
            {"remote": "ftps://www.exmaple.invalid/www"}, ("unknown host www.exmaple.invalid", "check the host"),
            ("site", "ftps://joe@www.exmaple.invalid/www", "--no-prompt"), ("no password for 'joe'",),
        ),
        "typo in the scheme": Mistake(
            {"remote": "fpts://ftp.example.com/www"}, ("did you mean ftps://", "for instance"),
            ("site", "fpts://ftp.example.com/www"), ("fpts:// is not supported", "ftps://"),
        ),
        "another protocol": Mistake(
            {"remote": "sftp://ftp.example.com/www"}, ("must start with ftp://", "SSH"),
            ("site", "sftp://ftp.example.com/www"), ("sftp:// is not supported",),
        ),
        "as scp has it": Mistake(
            {"remote": "ftp://ftp.example.com:www"}, ("no valid port", "after a slash"),
            ("site", "joe@ftp.example.com:www"), ("is not a directory", "ftps://HOST/PATH"),
        ),
        "no address": Mistake(
            {"remote": "www/"}, ("must start with ftp://", "ftps://ftp.example.com/htdocs"),
            ("site", "www/"), ("www' is not a directory",),
        ),
        "dots in the path": Mistake(
            {"remote": f"{plain}/../www"}, ("'..'", "such as /htdocs"),
            ("site", f"{plain}/../www"), ("'..'", "from the server's root"),
        ),
        "missing local folder": Mistake(
            {"local": "stie"}, ("local:", "stie", "does not exist", "delegate_to"),
            ("stie", plain), ("stie' is not a directory",),
        ),
        "a file instead of a folder": Mistake(
            {"local": "site/index.html"}, ("not a folder", "match"),
            ("site/index.html", plain), ("index.html' is not a directory",),
        ),
        "sides exchanged": Mistake(
            {"local": plain, "remote": "site"}, ("remote: 'site' must start with ftp://",),
            (plain, "site"), ("LOCAL comes first",),
        ),
        "closed port": Mistake(
            {"remote": f"ftp://127.0.0.1:{closed}/"}, (f"127.0.0.1:{closed}", "refused", "check host and port"),
            ("site", f"ftp://joe:x@127.0.0.1:{closed}/"), (f"127.0.0.1:{closed}", "refused", "check host and port"),
        ),
        "self-signed certificate": Mistake(
            {"remote": tls}, ("not trusted", "tls_fingerprint", str(world.tls.fingerprint)),
            ("site", tls), ("not trusted", "--tls-fingerprint", str(world.tls.fingerprint)),
        ),
        "TLS is demanded": Mistake(
            {"remote": tls.replace("ftps:", "ftp:")}, ("refused user", "tls: explicit"),
            ("site", tls.replace("ftps:", "ftp:"), "--no-prompt"), ("refused user", "ftps:// instead of ftp://"),
        ),
        "TLS is not there": Mistake(
            {"remote": plain.replace("ftp:", "ftps:")}, ("does not offer TLS", "Check port and tls"),
            ("site", plain.replace("ftp:", "ftps:")), ("does not offer TLS", "scheme"),
        ),
        "no TLS at the port of implicit TLS": Mistake(
            {"remote": implicit.replace("ftps:", "ftp:")}, ("no answer", "check host, port and tls"),
            ("site", implicit.replace("ftps:", "ftp:")), ("no answer", "check host, port"),
        ),
        "option misspelt": Mistake(
            {"exlude": ["*.map"]}, ("Unsupported parameters", "exlude", "exclude"),
            ("site", plain, "--exlude", "*.map"), ("unrecognized arguments", "did you mean --exclude?"),
        ),
        "value misspelt": Mistake(
            {"publish": "stagd"}, ("publish", "stagd", "staged"),
            ("site", plain, "--publish", "stagd"), ("publish", "stagd", "staged"),
        ),
        "permissions without quotes": Mistake({"file_mode": 644}, ("file_mode", "in quotes")),
        "all would be deleted": Mistake(
            {"local": "empty", "delete": True}, ("holds no files", "delete: false"),
            ("empty", plain, "--record", "server", "--delete"), ("holds no files",),
        ),
        "read-only account": Mistake(
            {"remote": read_only}, ("cannot be created", "may this account write there?"),
            ("site", address(world.read_only, "/"), "--record", "server"), ("may this account write there?",),
        ),
    }  # fmt: skip


@pytest.fixture
def world(tmp_path: Path, ftp_server: t.Callable[..., Server]) -> World:
    folder = tmp_path / "work"
    for name in ("home", "work/site", "work/empty"):
        (tmp_path / name).mkdir(parents=True)
    (folder / "site" / "index.html").write_text("Home")
    writing = ["STOR", "MKD", "XMKD", "DELE", "RMD", "RNFR", "RNTO", "APPE", "STOU"]
    made = World(
        folder,
        ftp_server(),
        ftp_server(tls="explicit"),
        ftp_server(tls="implicit"),
        ftp_server(deny=writing),
    )
    (made.plain.root / "www").mkdir()
    return made


def problems(found: dict[str, str], wanted: dict[str, tuple[str, ...]]) -> list[str]:
    return [
        f"{name}: {lacking} not in: {found[name]}"
        for name, words in wanted.items()
        for lacking in [[word for word in (*words, "") if word not in found[name]]]
        if lacking or WRONG in found[name] or "Traceback" in found[name] or not found[name]
    ]


def test_by_module(world: World, playbooks: Playbooks) -> None:
    good = {"local": "site", "remote": f"{world.plain.url}/www", "retries": 0, "timeout": 3, "use_netrc": False}
    login = {"username": world.plain.username, "password": world.plain.password}
    tried = {name: mistake for name, mistake in mistakes(world).items() if mistake.options is not None}
    for name in ("site", "empty"):
        (playbooks.folder / name).symlink_to(world.folder / name)
    tasks = []
    for mistake in tried.values():
        merged = {**good, **login, **t.cast("dict[str, t.Any]", mistake.options)}
        tasks.append({"webdeploy.ftp.ftp_sync": {key: value for key, value in merged.items() if value is not None}})
    outcome = playbooks.run(*tasks)
    assert all(result["failed"] and not result["changed"] for result in outcome.results)
    found = {name: result["msg"] for name, result in zip(tried, outcome.results)}
    assert not problems(found, {name: mistake.seen for name, mistake in tried.items()})
    assert world.plain.writes() == []


def test_by_command_line(world: World) -> None:
    pyftpsync = Caller(world.folder.parent / "home", world.folder)
    tried = {name: mistake for name, mistake in mistakes(world).items() if mistake.line is not None}
    found = {}
    for name, mistake in tried.items():
        done = pyftpsync("upload", *t.cast("t.Sequence[str]", mistake.line), "--retries", "0", "--timeout", "3")
        assert done.code in (1, 2), name
        found[name] = done.err.splitlines()[-1]
    assert not problems(found, {name: mistake.printed for name, mistake in tried.items()})
    assert world.plain.writes() == []


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("tasks:\n\tdeploy:\n", "line 2: is no valid YAML"),
        ("tasks:\ndeploy:\n  command: upload\n", "line 1: tasks: holds no task; indent them below it"),
        ("task:\n  deploy:\n    command: upload\n", "'tasks' is missing; did you mean 'task'?"),
        (
            "default_task: d\ntasks:\n  d:\n    comand: upload\n",
            "line 4: tasks.d.comand: there is no such key; did you mean 'command'?",
        ),
        ("default_task: d\ntasks:\n  d:\n    command: upload\n", "tasks.d.remote: is missing"),
    ],
)
def test_in_a_task_file(world: World, file: str, words: str) -> None:
    (world.folder / "pyftpsync.yaml").write_text(file)
    done = Caller(world.folder.parent / "home", world.folder)("run")
    assert done.code == 2
    assert words in done.err.splitlines()[-1]


def test_in_the_role(world: World, playbooks: Playbooks) -> None:
    """What is required and not there, by name."""
    playbook = playbooks.folder / "role.yml"
    playbook.write_text(
        "[{hosts: localhost, gather_facts: false,"
        " roles: [{role: webdeploy.ftp.ftp_deploy, ftp_deploy_locale: site, ftp_deploy_remote: 'ftp://h/'}]}]"
    )
    code, shown = playbooks.start(playbook)
    assert code != 0
    assert "missing required arguments: ftp_deploy_local" in shown
