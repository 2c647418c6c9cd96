# Copyright (c) 2026, webdeploy.ftp contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ftp_sync as Ansible runs it, in this process, against an FTP server in a thread."""

from __future__ import annotations

import contextlib
import html
import json
import sys
import tempfile
import time
import types
import typing as t
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from ansible.module_utils import basic
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.webdeploy.ftp.plugins.doc_fragments import attributes, connection
from ansible_collections.webdeploy.ftp.plugins.module_utils import _common
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync import filters, options, report
from ansible_collections.webdeploy.ftp.plugins.modules import ftp_sync

SECRET = "k9-Sesame:open/@ %41"  # everything that has to be encoded in a URL; also looks encoded itself
DOCUMENTATION = yaml.safe_load(ftp_sync.DOCUMENTATION)
CONNECTION = yaml.safe_load(connection.ModuleDocFragment.DOCUMENTATION)
ATTRIBUTES = yaml.safe_load(attributes.ModuleDocFragment.DOCUMENTATION)
RETURN = yaml.safe_load(ftp_sync.RETURN)
SPEC = {**_common.connection_spec(), **ftp_sync.ARGUMENTS}


class Answer(t.NamedTuple):
    """What came out of a run: exit status, result, warnings, and all that was printed."""

    status: int
    result: dict[str, t.Any]
    warnings: list[str]
    output: str


Run = t.Callable[..., Answer]


@contextlib.contextmanager
def module_args(args: dict[str, t.Any]) -> t.Iterator[None]:
    args = {"_ansible_remote_tmp": tempfile.gettempdir(), "_ansible_keep_remote_files": False, **args}
    try:
        from ansible.module_utils.testing import patch_module_args  # ansible-core 2.19 and later
    except ImportError:
        basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode()
        yield
        return
    with patch_module_args(args):
        yield


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No netrc and no environment of the person who runs the tests."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for variable in _common.ENVIRONMENT.values():
        monkeypatch.delenv(variable, raising=False)
    return folder


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    warnings: list[str] = []
    # Ansible collects them for the whole process.
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda self, warning: warnings.append(warning))

    def runner(check: bool = False, diff: bool = False, verbosity: int = 3, **args: t.Any) -> Answer:
        warnings.clear()
        internal = {"_ansible_check_mode": check, "_ansible_diff": diff, "_ansible_verbosity": verbosity}
        with module_args({**internal, **args}), pytest.raises(SystemExit) as stopped:
            ftp_sync.main()
        printed = capfd.readouterr()
        status = stopped.value.code
        assert isinstance(status, int)
        return Answer(status, json.loads(printed.out), list(warnings), printed.out + printed.err)

    return runner


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "css").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>Hello</h1>")
    (folder / "css" / "site.css").write_text("h1 { color: red }")
    return folder


# ---------------------------------------------------------------------- documentation


def documented() -> dict[str, dict[str, t.Any]]:
    return {**CONNECTION["options"], **DOCUMENTATION["options"]}


def test_every_option_is_documented_and_nothing_else() -> None:
    assert sorted(documented()) == sorted(SPEC)


@pytest.mark.parametrize("name", sorted(SPEC))
def test_documentation_and_argument_spec_say_the_same(name: str) -> None:
    doc, spec = documented()[name], SPEC[name]
    for key in ("type", "elements", "default", "choices", "required"):
        assert doc.get(key) == spec.get(key), key


@pytest.mark.parametrize("name", sorted(set(SPEC) - {"local", "remote"}))
def test_defaults_are_those_of_the_engine(name: str) -> None:
    given = options.validate({"local": "x", "remote": "ftps://h", name: SPEC[name].get("default")})
    assert given == options.validate({"local": "x", "remote": "ftps://h"})


def test_every_default_exclude_is_documented() -> None:
    text = " ".join(DOCUMENTATION["options"]["exclude"]["description"])
    assert [pattern for pattern in filters.DEFAULT_EXCLUDE if f"V({pattern})" not in text] == []


def test_attributes_have_descriptions() -> None:
    assert sorted(DOCUMENTATION["attributes"]) == sorted(ATTRIBUTES["attributes"])


def test_return_values_are_documented() -> None:
    empty = report.to_dict(ftp_sync.NOTHING)
    assert {*RETURN, "changed"} == {*empty, "msg"}
    assert set(RETURN["stats"]["contains"]) == set(empty["stats"])


EXAMPLES = [
    task
    for outer in yaml.safe_load(ftp_sync.EXAMPLES)
    for task in outer.get("block", [outer])
    if "webdeploy.ftp.ftp_sync" in task
]


@pytest.mark.parametrize("task", EXAMPLES, ids=lambda task: task["name"])
def test_examples_are_valid(task: dict[str, t.Any]) -> None:
    args = task["webdeploy.ftp.ftp_sync"]
    values = {"item": "www.example.com", "inventory_hostname": "www.example.com", "playbook_dir": "/tmp"}
    text = json.dumps(args)
    for name, value in values.items():
        text = text.replace(f"{{{{ {name} }}}}", value)
    args = json.loads(text)
    result = ArgumentSpecValidator(SPEC).validate(args)
    assert result.error_messages == []
    options.validate({"username": "joe", **result.validated_parameters})


# ---------------------------------------------------------------------- a run


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


# ---------------------------------------------------------------------- failures


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


# ---------------------------------------------------------------------- passwords


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


# ---------------------------------------------------------------------- warnings

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


# ---------------------------------------------------------------------- the report


@pytest.mark.parametrize("ending", ["html", "md", "json", "HTML"])
def test_a_report_is_written_after_each_run(
    run: Run, site: Path, tmp_path: Path, ftp_server: t.Any, ending: str
) -> None:
    report_path = tmp_path / f"deployment.{ending}"
    args = {"local": str(site), "report": str(report_path), **ftp_server().connection()}
    assert run(**args).result["changed"] is True
    first = report_path.read_text(encoding="utf-8")
    assert "css/site.css" in first.replace("<span>css/</span>", "css/")
    assert run(**args).result["changed"] is False
    assert report_path.read_text(encoding="utf-8") != first
    assert [path.name for path in tmp_path.iterdir() if "report" in path.name] == []


def test_a_report_tells_of_failures_before_and_after_connecting(
    run: Run, site: Path, tmp_path: Path, ftp_server: t.Any
) -> None:
    report_path = tmp_path / "deployment.json"
    args = {"local": str(site), "report": str(report_path), "retries": 0, **ftp_server().connection()}
    for change in ({"local": str(tmp_path / "nowhere")}, {"port": 1}):
        answer = run(**{**args, **change})
        told = json.loads(report_path.read_text())
        assert (told["outcome"], told["msg"]) == ("failed", answer.result["msg"])
        assert told["operations"] == []
        report_path.unlink()
    (site / "line\nend.txt").write_text("no FTP command can carry this name")
    answer = run(**args)
    told = json.loads(report_path.read_text())
    assert answer.status == 1
    assert told["outcome"] == "failed"
    assert told["uploaded"] == answer.result["uploaded"] == ["css/site.css", "index.html"]
    assert told["warnings"] == answer.warnings


def test_check_mode_writes_no_report(run: Run, site: Path, tmp_path: Path, ftp_server: t.Any) -> None:
    args = {"local": str(site), **ftp_server().connection()}
    assert run(check=True, report=str(tmp_path / "deployment.html"), **args).status == 0
    # A task that makes the folder has not done so in check mode either.
    assert run(check=True, report=str(tmp_path / "reports" / "deployment.html"), **args).status == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "site"]


def test_a_report_is_never_published(run: Run, site: Path, tmp_path: Path, ftp_server: t.Any) -> None:
    server = ftp_server()
    args = {"local": str(site), "report": str(site / "logs" / "deployment.md"), **server.connection()}
    (site / "logs").mkdir()
    (tmp_path / "link").symlink_to(site / "logs")
    for path in (args["report"], str(tmp_path / "link" / "deployment.md")):
        for check in (True, False):
            assert "add /logs/deployment.md to exclude" in run(check=check, **{**args, "report": path}).result["msg"]
    assert not list((site / "logs").iterdir())
    assert server.commands() == []
    for pattern in ("logs/", "*.md", "/logs/deployment.md"):
        assert run(exclude=[pattern], **args).status == 0
        assert list((site / "logs").iterdir())
    published = [path for path in server.files() if not path.startswith(".ftpsync/")]
    assert sorted(published) == ["css/site.css", "index.html"]


def test_a_folder_as_report_is_refused_before_connecting(
    run: Run, site: Path, tmp_path: Path, ftp_server: t.Any
) -> None:
    (tmp_path / "deployment.html").mkdir()
    server = ftp_server()
    answer = run(local=str(site), report=str(tmp_path / "deployment.html"), **server.connection())
    assert "is no file" in answer.result["msg"]
    assert server.commands() == []


def test_a_report_that_cannot_be_written_in_the_end_is_a_warning(
    run: Run, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()

    def vanishing(_wanted: options.SyncOptions, check: bool) -> t.Any:
        folder.rmdir()
        return ftp_sync.NOTHING

    monkeypatch.setattr(ftp_sync, "synchronize", vanishing)
    answer = run(local=str(site), remote="ftp://127.0.0.1/", report=str(folder / "deployment.html"))
    assert answer.status == 0
    (warning,) = answer.warnings
    assert "deployment.html was not written (No such file or directory)" in warning


def test_an_old_report_keeps_its_mode_and_its_link(
    run: Run, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ftp_sync, "synchronize", lambda _wanted, check: ftp_sync.NOTHING)
    kept, link = tmp_path / "kept.html", tmp_path / "link.html"
    kept.write_text("old")
    kept.chmod(0o600)
    link.symlink_to(kept)
    run(local=str(site), remote="ftp://127.0.0.1/", report=str(link))
    assert link.is_symlink()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.read_text().startswith("<!DOCTYPE html>")


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


# ---------------------------------------------------------------------- digests from run to run


def test_hash_cache_reads_in_check_mode_and_writes_in_runs(
    run: Run, site: Path, tmp_path: Path, ftp_server: t.Any
) -> None:
    args = {"local": str(site), "hash_cache": str(tmp_path / "cache" / "hashes"), **ftp_server().connection()}
    answer = run(check=True, **args)  # a task that makes the folder has not done so in check mode either
    assert (answer.status, answer.warnings) == (0, [])
    (tmp_path / "cache").mkdir()
    time.sleep(2.1)  # younger files are not remembered
    assert run(check=True, **args).warnings == []
    assert not list((tmp_path / "cache").iterdir())
    answer = run(**args)
    assert (answer.result["changed"], answer.warnings) == (True, [])
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == ["hashes", "hashes.lock"]
    (tmp_path / "cache" / "hashes").write_bytes(b"no cache")
    answer = run(**args)
    assert answer.result["changed"] is False
    (warning,) = answer.warnings
    assert "hash_cache" in warning
    assert "is another file" in warning


def test_progress_is_written_in_runs_alone_and_never_published(
    run: Run, site: Path, tmp_path: Path, ftp_server: t.Any
) -> None:
    args = {"local": str(site), **ftp_server().connection()}
    inside = str(site / "css" / "progress")
    for check in (True, False):
        message = run(check=check, progress_file=inside, **args).result["msg"]
        assert message.startswith("progress_file: ") and "add /css/progress to exclude" in message
    path = tmp_path / "progress"
    assert run(check=True, progress_file=str(path), **args).status == 0
    assert not path.exists()
    answer = run(progress_file=str(path), **args)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[-1]["phase"] == "done"
    assert lines[-1]["files_done"] == len(answer.result["uploaded"]) > 0
    answer = run(progress_file=str(tmp_path / "missing" / "progress"), **args)
    assert (answer.status, len(answer.warnings)) == (0, 1)
    assert "cannot be written" in answer.warnings[0]


def test_a_hash_cache_is_never_published(run: Run, site: Path, ftp_server: t.Any) -> None:
    server = ftp_server()
    for check in (True, False):
        answer = run(check=check, local=str(site), hash_cache=str(site / "css" / "hashes"), **server.connection())
        assert "add /css/hashes* to exclude" in answer.result["msg"]
    assert server.commands() == []
