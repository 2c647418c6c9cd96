# Copyright (c) 2026, webdeploy.ftp contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Passwords for ftp_sync: where they come from, and that nothing shows them."""

from __future__ import annotations

import functools
import html
import json
import sys
import types
import typing as t
from pathlib import Path
from urllib.parse import quote

import pytest
from ansible.module_utils import basic

from ansible_collections.webdeploy.ftp.plugins.module_utils import _common
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync import options
from ansible_collections.webdeploy.ftp.plugins.modules import ftp_sync

from .conftest import Run

SECRET = "k9-Sesame:open/@ %41"  # everything that has to be encoded in a URL; also looks encoded itself


@pytest.fixture
def run(run_module: Run) -> Run:
    return functools.partial(run_module, ftp_sync)


def in_options(server: t.Any, _home: Path, _monkeypatch: pytest.MonkeyPatch) -> dict[str, t.Any]:
    return {"remote": server.url, "username": server.username, "password": SECRET}


def in_the_url(server: t.Any, _home: Path, _monkeypatch: pytest.MonkeyPatch) -> dict[str, t.Any]:
    return {"remote": server.url.replace("://", f"://{server.username}:{quote(SECRET, safe='')}@")}


def in_netrc(server: t.Any, home: Path, _monkeypatch: pytest.MonkeyPatch) -> dict[str, t.Any]:
    if sys.version_info < (3, 11):
        pytest.skip("before 3.11 Python reads no quotes in a netrc file, and so no spaces in passwords")
    netrc = home / ".netrc"
    netrc.write_text(f'machine {server.host} login {server.username} password "{SECRET}"\n')
    netrc.chmod(0o600)
    return {"remote": server.url}


def in_the_keyring(server: t.Any, _home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, t.Any]:
    keyring: t.Any = types.ModuleType("keyring")
    keyring.get_password = lambda _service, _host: f"{server.username}:{SECRET}"
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    return {"remote": server.url, "use_keyring": True}


def in_the_environment(server: t.Any, _home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, t.Any]:
    monkeypatch.setenv("WEBDEPLOY_FTP_USERNAME", server.username)
    monkeypatch.setenv("WEBDEPLOY_FTP_PASSWORD", SECRET)
    return {"remote": server.url}


PLACES = [in_options, in_the_url, in_netrc, in_the_keyring, in_the_environment]
OUTCOMES: dict[str, dict[str, t.Any]] = {
    "success": {},
    "missing folder": {"local": "/does/not/exist"},
    "refused by Ansible": {"compare": "colour"},
    "refused by the engine": {"file_mode": "u=rw"},
    "unknown option": {"colour": "red"},
    "not connected": {"port": 1},
}


def assert_no_secret(output: str) -> None:
    for form in (SECRET, quote(SECRET, safe=""), json.dumps(SECRET)[1:-1], "Sesame"):
        assert form not in output


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("place", PLACES)
def test_the_password_is_shown_nowhere(
    run: Run, site: Path, ftp_server: t.Any, home: Path, monkeypatch: pytest.MonkeyPatch, place: t.Any, outcome: str
) -> None:
    server = ftp_server(password=SECRET)
    args = {"local": str(site), "retries": 0, **place(server, home, monkeypatch), **OUTCOMES[outcome]}
    answer = run(diff=True, **args)
    assert answer.status == (0 if outcome == "success" else 1), answer.output
    assert_no_secret(answer.output + " ".join(answer.warnings))
    for path in (Path(server.root), site, home):
        for file in path.rglob("*"):
            assert file.name == ".netrc" or not file.is_file() or b"Sesame" not in file.read_bytes()


@pytest.mark.parametrize(
    "remote",
    [
        f"ftp://joe:{SECRET}@127.0.0.1/",  # not encoded
        f"joe:{SECRET}@127.0.0.1/",
        f"jo:{SECRET}@127.0.0.1/",
        f"ftp://joe:{SECRET}",
        "ftp://joe:k9-Sesame",
        f"sftp://joe:{SECRET}@127.0.0.1/",
        f"ftp://joe:{quote(SECRET, safe='')}@127.0.0.1:port/",
        f"ftp://:{quote(SECRET, safe='')}@127.0.0.1/",
        f"ftp://joe:{quote(SECRET, safe='')}@127.0.0.1/../x",
    ],
)
def test_the_password_of_a_malformed_url_is_shown_nowhere(
    run: Run, site: Path, monkeypatch: pytest.MonkeyPatch, remote: str
) -> None:
    logged: list[str] = []
    monkeypatch.setattr(basic, "has_journal", False)
    monkeypatch.setattr(basic.syslog, "syslog", lambda _priority, line: logged.append(line))
    answer = run(local=str(site), remote=remote)
    assert answer.status == 1
    assert_no_secret(answer.output + " ".join(logged))
    assert logged
    assert_no_secret(run(local=str(site), remote=remote, colour="red").output)


def test_a_url_without_password_is_shown_as_it_is() -> None:
    for remote in ("ftp://h/a:b@c", "ftp://joe@h:2121/x", "ftps://h", "ftp://[::1]:21/a@b"):
        assert _common.secrets_of(remote) == set()


def test_a_password_that_occurs_in_paths_is_told(run: Run, site: Path, ftp_server: t.Any) -> None:
    answer = run(local=str(site), **ftp_server(password="css").connection())
    assert any("occurs in 2 of the paths" in warning for warning in answer.warnings)
    assert answer.result["created_directories"] == ["VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"]
    assert not any("occurs in" in line for line in run(local=str(site), **ftp_server().connection()).warnings)


def test_the_password_of_anonymous_is_no_secret(run: Run, site: Path, ftp_server: t.Any) -> None:
    (site / "anonymous@example.html").write_text("hello")
    answer = run(local=str(site), remote=ftp_server().url)
    assert "refused user anonymous" in answer.result["msg"]


LOGINS = [
    # remote, options, environment, what is used
    ("ftp://h/", {}, {"username": "eve", "password": "E"}, ("eve", "E")),
    ("ftp://h/", {"username": "joe", "password": "J"}, {"username": "eve", "password": "E"}, ("joe", "J")),
    ("ftp://url:U@h/", {}, {"username": "eve", "password": "E"}, ("url", "U")),
    ("ftp://url:U@h/", {}, {"password": "E"}, ("url", "U")),
    ("ftp://url@h/", {}, {"password": "E"}, ("url", "E")),
    ("ftp://url@h/", {}, {"username": "url", "password": "E"}, ("url", "E")),
    ("ftp://h/", {"username": "joe"}, {"password": "E"}, ("joe", "E")),
    ("ftp://url:U@h/", {"username": "joe", "password": "J"}, {}, ("joe", "J")),
    ("ftp://url:U@h/", {"password": "J"}, {}, ("url", "J")),
    ("ftp://h/", {"password": "J"}, {"username": "eve", "password": "E"}, ("eve", "J")),
    ("ftp://url@h/", {}, {"username": "eve", "password": "E"}, "there is no password for 'url'"),
    ("ftp://h/", {"username": "joe"}, {"username": "eve", "password": "E"}, "there is no password for 'joe'"),
    ("ftp://url:U@h/", {"username": "joe"}, {}, "there is no password for 'joe'"),
    ("ftp://h/", {}, {}, ("anonymous", "anonymous@")),
]


@pytest.mark.parametrize(("remote", "given", "environment", "expected"), LOGINS)
def test_who_logs_in(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    remote: str,
    given: dict[str, str],
    environment: dict[str, str],
    expected: tuple[str, str] | str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(_common.ENVIRONMENT[name], value)
    seen: list[options.SyncOptions] = []
    monkeypatch.setattr(ftp_sync, "synchronize", lambda wanted, check: seen.append(wanted) or ftp_sync.NOTHING)
    answer = run(local="x", remote=remote, **given)
    if isinstance(expected, str):
        assert expected in answer.result["msg"]
    else:
        assert [(wanted.username, wanted.password) for wanted in seen] == [expected]


@pytest.mark.parametrize("ending", ["html", "md", "json"])
def test_what_a_server_says_of_the_password_is_masked_in_the_report(
    run: Run, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    result = ftp_sync.NOTHING._replace(
        error=f"530 {SECRET} is wrong", warnings=(f"so it is: {SECRET}",), server={"banner": SECRET}
    )
    monkeypatch.setattr(ftp_sync, "synchronize", lambda _wanted, check: result)
    path = tmp_path / f"deployment.{ending}"
    run(local=str(site), remote="ftp://127.0.0.1/", username="joe", password=SECRET, report=str(path))
    assert_no_secret(html.unescape(path.read_text().replace("\\", "")))
    assert "530" in path.read_text()
