# Copyright (c) 2026, webdeploy.ftp contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ftp_sync as Ansible runs it, in this process, against an FTP server in a thread."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import typing as t
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml

from ansible_collections.webdeploy.ftp.plugins.modules import ftp_sync

from .conftest import Run

RETURN = yaml.safe_load(ftp_sync.RETURN)


@pytest.fixture
def run(run_module: Run) -> Run:
    return functools.partial(run_module, ftp_sync)


def test_foretells_does_and_is_done(run: Run, site: Path, ftp_server: t.Any) -> None:
    server = ftp_server()
    args = {"local": str(site), **server.connection()}
    foretold = run(check=True, diff=True, **args)
    assert foretold.status == 0
    assert foretold.result["changed"] is True
    assert server.files() == {}
    assert server.writes() == []
    done = run(diff=True, **args)
    for name in ("changed", "uploaded", "created_directories", "operations", "diff"):
        assert done.result[name] == foretold.result[name], name
    assert done.result["uploaded"] == ["css/site.css", "index.html"]
    assert server.files()["index.html"] == b"<h1>Hello</h1>"
    server.mark()
    again = run(diff=True, **args)
    assert again.result["changed"] is False
    assert (again.result["diff"]["before"], again.result["diff"]["after"]) == ("", "")
    assert server.writes() == []


def test_what_is_seldom_used_is_read_when_it_is_used() -> None:
    """Ansible runs modules without pyc files, so that each file of ours costs a run milliseconds."""
    program = f"import sys; import {ftp_sync.__name__}; print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=60
    )
    ours = ftp_sync.__name__.replace("modules.ftp_sync", "module_utils.ftpsync.")
    read = {name[len(ours) :] for name in done.stdout.split() if name.startswith(ours)}
    assert {"engine", "plan"} <= read
    assert not {"publication", "apply.phases", "page", "progress.file", "pairs", "scan.cache", "scan.claims"} & read


def test_operations_and_server_are_as_documented(run: Run, site: Path, ftp_server: t.Any) -> None:
    result = run(local=str(site), **ftp_server().connection()).result
    for operation in result["operations"]:
        assert set(operation) == set(RETURN["operations"]["contains"])
    assert "diff" not in result


def test_a_download_foretells_does_and_is_done(run: Run, tmp_path: Path, ftp_server: t.Any) -> None:
    server = ftp_server()
    server.put("logs/access.log", "GET /", 1_700_000_000)
    local = tmp_path / "backup"
    args = {"direction": "download", "local": str(local), **server.connection()}
    foretold = run(check=True, diff=True, **args)
    assert foretold.status == 0 and not local.exists()
    done = run(diff=True, **args)
    for name in ("changed", "downloaded", "created_directories", "operations", "diff"):
        assert done.result[name] == foretold.result[name], name
    assert done.result["downloaded"] == ["logs/access.log"] and done.result["uploaded"] == []
    assert set(done.result["operations"][0]) == set(RETURN["operations"]["contains"])
    assert (local / "logs" / "access.log").read_text() == "GET /"
    assert (
        done.result["diff"]["after"] == "logs/ – only on the server\nlogs/access.log (5 bytes) – only on the server\n"
    )
    again = run(diff=True, **args)
    assert again.result["changed"] is False
    assert (again.result["diff"]["before"], again.result["diff"]["after"]) == ("", "")
    (local / "mine.txt").write_text("mine")
    cleaned = run(diff=True, delete=True, **args)
    assert cleaned.result["deleted"] == ["mine.txt"]
    assert cleaned.result["diff"]["before"] == "mine.txt (4 bytes) – missing on the server\n"
    assert server.writes() == []


def test_a_two_way_run_foretells_does_and_is_done(run: Run, site: Path, ftp_server: t.Any) -> None:
    server = ftp_server()
    server.put("news.txt", "from the partner", 1_700_000_000)
    args = {"direction": "sync", "local": str(site), **server.connection()}
    foretold = run(check=True, diff=True, **args)
    assert server.writes() == [] and sorted(path.name for path in site.iterdir()) == ["css", "index.html"]
    done = run(diff=True, **args)
    for name in ("changed", "uploaded", "downloaded", "operations", "diff"):
        assert done.result[name] == foretold.result[name], name
    assert done.result["uploaded"] == ["css/site.css", "index.html"] and done.result["downloaded"] == ["news.txt"]
    assert [o["side"] for o in done.result["operations"] if o["path"] == "news.txt"] == ["local"]
    (site / "news.txt").write_text("changed here")
    server.put("news.txt", "changed there, too")
    conflict = run(**args)
    assert conflict.status == 0 and conflict.result["changed"] is False
    assert conflict.result["conflicts"] == [{"path": "news.txt", "reason": "changed on both sides"}]
    assert "resolve: local or resolve: remote lets that side win" in conflict.warnings[0]
    assert run(resolve="fail", **args).result["msg"].startswith("1 conflict, nothing was changed: news.txt")


@pytest.mark.parametrize("direction", ["upload", "download", "sync"])
def test_diff_names_both_sides_without_the_login(run: Run, site: Path, ftp_server: t.Any, direction: str) -> None:
    server = ftp_server()
    url = server.url.replace("://", f"://{server.username}:{quote(server.password, safe='')}@")
    diff = run(check=True, diff=True, local=str(site), remote=url, direction=direction).result["diff"]
    both = f"{site} <-> {server.url}"
    headers = {"upload": (server.url, str(site)), "download": (str(site), server.url), "sync": (both, both)}
    assert (diff["before_header"], diff["after_header"]) == headers[direction]


@pytest.mark.parametrize("mode", ["0640", 0o640, "640", "0o640"])
def test_modes_as_text_and_as_the_number_that_yaml_makes(run: Run, site: Path, ftp_server: t.Any, mode: object) -> None:
    server = ftp_server()
    run(local=str(site), file_mode=mode, **server.connection())
    assert (server.root / "index.html").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("value", [3, "3", "50%"])
def test_max_delete_as_number_and_as_share(run: Run, site: Path, ftp_server: t.Any, value: object) -> None:
    assert run(local=str(site), max_delete=value, **ftp_server().connection()).status == 0


def test_keys_are_the_same_whatever_happens(run: Run, site: Path, ftp_server: t.Any) -> None:
    server = ftp_server()
    args = {"local": str(site), **server.connection()}
    good = run(diff=True, **args)
    bad = [
        run(diff=True, **{**args, "local": str(site / "nowhere")}),
        run(diff=True, **{**args, "password": "wrong"}),
        run(diff=True, **{**args, "remote": "ftp://127.0.0.1:1/"}),
        run(diff=True, **{**args, "direction": "download", "record": "server"}),
        run(diff=True, **{**args, "direction": "download", "remote": f"{server.url}/nowhere"}),
        run(diff=True, **{**args, "timeout": 0}),
    ]
    for answer in bad:
        assert answer.status == 1
        assert set(answer.result) == {*good.result, "failed", "msg"}
        assert answer.result["changed"] is False
        assert set(answer.result["stats"]) == set(good.result["stats"])
    refused_by_ansible = run(**{**args, "compare": "colour"})
    assert set(refused_by_ansible.result) == {*good.result, "failed", "msg"} - {"diff"}


BAD = [
    ({"remote": "sftp://h/x"}, "remote: 'sftp://h/x'"),
    ({"remote": "www.example.com"}, "www.example.com"),
    ({"remote": ""}, "remote:"),
    ({"remote": "ftp://127.0.0.1:99999/"}, "99999"),
    ({"remote": "ftps://127.0.0.1/", "tls": "none"}, "tls: none"),
    ({"remote": "ftp://127.0.0.1:1/"}, "127.0.0.1:1"),
    ({"remote": "ftp://does-not-exist.invalid/"}, "does-not-exist.invalid"),
    ({"local": "/does/not/exist"}, "/does/not/exist"),
    ({"local": ""}, "local:"),
    ({"local": None}, "local"),
    ({"local": "/dev/null"}, "/dev/null"),
    ({"username": "nobody", "password": None}, "nobody"),
    ({"username": None}, "username"),
    ({"port": 0}, "port: 0"),
    ({"port": "ftp"}, "ftp"),
    ({"tls": "yes please"}, "yes please"),
    ({"ca_path": "/does/not/exist", "tls": "explicit"}, "/does/not/exist"),
    ({"ca_path": "/etc/ssl/certs"}, "ca_path"),
    ({"tls_fingerprint": "AB:CD", "tls": "explicit"}, "AB:CD"),
    ({"timeout": 0}, "timeout: 0"),
    ({"timeout": "soon"}, "soon"),
    ({"connections": 0}, "connections: 0"),
    ({"connections": 1000}, "connections: 1000"),
    ({"retries": -1}, "retries: -1"),
    ({"encoding": "klingon"}, "encoding: 'klingon'"),
    ({"bandwidth_limit": "fast"}, "bandwidth_limit: 'fast'"),
    ({"direction": "download", "record": "server"}, "direction: download"),
    ({"direction": "download", "delete": True, "resolve": "local"}, "resolve: local"),
    ({"direction": "download", "backup": 1}, "backup: 1"),
    ({"direction": "sync", "delete": True}, "delete: true"),
    ({"direction": "sync", "hash_cache": "/tmp/h"}, "hash_cache:"),
    ({"direction": "sync", "compare": "checksum"}, "compare: checksum"),
    ({"direction": "sync", "preserve_mtime": False}, "preserve_mtime: false"),
    ({"direction": "sideways"}, "sideways"),
    ({"record": "folder", "file_mode": "0644"}, "record: server"),
    ({"record": "folder", "adopt": "size"}, "record: folder"),
    ({"match": ["*.html", "img/"]}, "match: 'img/'"),
    ({"exclude": [""]}, "exclude"),
    ({"exclude_from": ["/does/not/exist"]}, "/does/not/exist"),
    ({"delete_unmanaged": True}, "delete_unmanaged: true"),
    ({"max_delete": "half"}, "max_delete: 'half'"),
    ({"max_delete": "101%"}, "max_delete: '101%'"),
    ({"max_delete": True}, "max_delete: 'True'"),
    ({"resolve": "remote"}, "resolve: remote"),
    ({"backup": 2, "record": "none"}, "backup: 2"),
    ({"state_dir": ".."}, "state_dir: '..'"),
    ({"file_mode": "u=rw"}, "file_mode: 'u=rw'"),
    ({"file_mode": 644}, "file_mode: 644"),
    ({"file_mode": "0999"}, "file_mode: '0999'"),
    ({"file_mode": ["0644"]}, "file_mode: ['0644']"),
    ({"directory_mode": True}, "directory_mode: True"),
    ({"symlinks": "keep"}, "keep"),
    ({"lock_timeout": -1}, "lock_timeout: -1"),
    ({"delete": "perhaps"}, "perhaps"),
    ({"report": "deploy.pdf"}, "report: 'deploy.pdf' must end in .html, .md or .json"),
    ({"report": "/tmp/.html"}, "report: '/tmp/.html'"),
    ({"report": "/does/not/exist/deploy.html"}, "/does/not/exist does not exist"),
    ({"colour": "red"}, "colour"),
]


@pytest.mark.parametrize(("changes", "named"), BAD, ids=[str(changes) for changes, _named in BAD])
def test_bad_input_is_one_line_that_names_it(
    run: Run, site: Path, ftp_server: t.Any, changes: dict[str, t.Any], named: str
) -> None:
    server = ftp_server()
    args = {"local": str(site), **server.connection(), "timeout": 5, "retries": 0, **changes}
    answer = run(**{name: value for name, value in args.items() if value is not None})
    assert answer.status == 1
    assert answer.result["failed"] is True
    assert named in answer.result["msg"]
    assert "\n" not in answer.result["msg"]
    assert "Traceback" not in answer.output
    assert "exception" not in answer.result
    assert server.files() == {}
    assert server.writes() == []


def test_an_empty_folder_with_delete_is_refused(run: Run, tmp_path: Path, ftp_server: t.Any) -> None:
    server = ftp_server()
    server.put("index.html", "there")
    (tmp_path / "empty").mkdir()
    answer = run(local=str(tmp_path / "empty"), delete=True, **server.connection())
    assert answer.result["msg"].startswith("local:")
    assert server.commands() == []


def test_an_error_after_the_plan_keeps_the_lists(run: Run, site: Path, ftp_server: t.Any) -> None:
    (site / "line\nend.txt").write_text("no FTP command can carry this name")
    answer = run(local=str(site), **ftp_server().connection())
    assert answer.status == 1
    assert answer.result["uploaded"] == ["css/site.css", "index.html"]
    assert "\n" not in answer.result["msg"]


TLS = "without TLS"
ANY = "accepts any certificate"


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"remote": "ftp://www.example.com/"}, [TLS]),
        ({"remote": "ftp://192.0.2.1/"}, [TLS]),
        ({"remote": "ftp://[2001:db8::1]/"}, [TLS]),
        ({"remote": "ftp://127.0.0.1/"}, []),
        ({"remote": "ftp://localhost/"}, []),
        ({"remote": "ftp://[::1]/"}, []),
        ({"remote": "ftp://www.example.com/", "validate_certs": False}, [TLS]),
        ({"remote": "ftp://www.example.com/", "tls": "explicit"}, []),
        ({"remote": "ftps://www.example.com/"}, []),
        ({"remote": "ftps://www.example.com/", "validate_certs": False}, [ANY]),
        ({"remote": "ftps://127.0.0.1/", "validate_certs": False}, [ANY]),
        ({"remote": "ftps://www.example.com/", "validate_certs": False, "tls_fingerprint": "ab" * 32}, []),
    ],
)
def test_what_is_dangerous_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, args: dict[str, t.Any], expected: list[str]
) -> None:
    monkeypatch.setattr(ftp_sync, "synchronize", lambda _wanted, check: ftp_sync.NOTHING)
    warnings = run(local="x", username="joe", password="9-Sesame", **args).warnings
    assert len(warnings) == len(expected)
    assert all(part in warning for part, warning in zip(expected, warnings))
