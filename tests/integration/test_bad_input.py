# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users do wrong: one clear line that names the value and the option that helps, and nothing is changed."""

from __future__ import annotations

import json
import socket
import typing as t
from pathlib import Path

import pytest

from tests.integration.playbook import Playbooks
from tests.integration.story import Story, Told
from tests.integration.test_story import write
from tests.servers import Server

SITE = {"index.html": "Home", "a.html": "A", "b.html": "B", "css/site.css": "body {}"}
LISTS = ("uploaded", "deleted", "created_directories", "operations", "errors", "drifted", "unmanaged", "conflicts")
WRONG = "Wrong-Zebra-77"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    write(folder, SITE)
    (tmp_path / "empty").mkdir()
    (tmp_path / "dangling").mkdir()
    (tmp_path / "dangling" / "link").symlink_to("nowhere")
    write(tmp_path / "one", {"index.html": "Home"})
    return folder


def assert_refused(told: Told, *fragments: str) -> None:
    result = told.result
    message = result["msg"]
    assert result["failed"], result
    assert not result["changed"]
    assert "\n" not in message
    assert len(message) <= 500 or message.startswith("Unsupported parameters")  # Ansible's own
    for fragment in fragments:
        assert fragment in message
    for noise in ("Traceback", "MODULE FAILURE", "Task failed", "Error(", "Exception", "[Errno", WRONG):
        assert noise not in message
    assert "Traceback" not in str(result.get("exception"))
    assert [result[key] for key in LISTS] == [[] for key in LISTS]
    told.assert_only_looked()


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return t.cast(int, probe.getsockname()[1])


def bad_inputs(server: Server, site: Path) -> dict[str, tuple[dict[str, t.Any], tuple[str, ...]]]:
    """Options instead of good ones, and what the message has to contain; None removes an option."""
    top, port = site.parent, closed_port()
    fingerprint = str(server.fingerprint)
    plain = server.url.replace("ftps:", "ftp:")
    return {
        "wrong password": ({"password": WRONG}, ("127.0.0.1", "tester", "password")),
        "no password": ({"password": None}, ("tester", "password", "use_netrc")),
        "unknown host": ({"remote": "ftps://no-such-host.invalid/htdocs"}, ("no-such-host.invalid", "remote")),
        "closed port": ({"remote": f"ftps://127.0.0.1:{port}/htdocs"}, (f"127.0.0.1:{port}", "port")),
        "untrusted certificate": ({"ca_path": None}, ("certificate", "tls_fingerprint", "ca_path", fingerprint)),
        "other certificate": ({"ca_path": None, "tls_fingerprint": "ab" * 32}, ("tls_fingerprint", fingerprint)),
        "other name": ({"tls_server_name": "shop.example"}, ("certificate", "tls_server_name", "shop.example")),
        "missing authority": ({"ca_path": "/nowhere/ca.pem"}, ("ca_path", "/nowhere/ca.pem")),
        "TLS required": ({"remote": plain, "tls": "none", "ca_path": None}, ("tls: explicit",)),
        "missing folder": ({"local": str(top / "sight")}, ("local", str(top / "sight"))),
        "not a folder": ({"local": str(site / "index.html")}, ("local", "index.html", "folder")),
        "empty folder": ({"local": str(top / "empty")}, ("local", str(top / "empty"), "delete: false")),
        "all excluded": ({"exclude": ["*"]}, ("local", "delete: false")),
        "dangling link": ({"local": str(top / "dangling")}, ("link", "symlinks: skip")),
        "link refused": ({"local": str(top / "dangling"), "symlinks": "fail"}, ("link", "symlinks")),
        "missing patterns": ({"exclude_from": ["/nowhere/.gitignore"]}, ("exclude_from", "/nowhere/.gitignore")),
        "invalid pattern": ({"exclude": ["*.html", "[a-"]}, ("exclude", "[a-")),
        "empty pattern": ({"protect": [""]}, ("protect",)),
        "pattern of folders": ({"match": ["css/"]}, ("match", "css/")),
        "too many deletions": ({"local": str(top / "one"), "max_delete": 2}, ("max_delete", "3 of 4")),
        "max_delete": ({"max_delete": "lots"}, ("max_delete", "lots", "25%")),
        "delete_unmanaged alone": ({"delete": False, "delete_unmanaged": True}, ("delete_unmanaged", "delete: true")),
        "backup without record": ({"record": "none", "backup": 2}, ("backup: 2", "record: none")),
        "record of another direction": (
            {"direction": "download", "record": "server"},
            ("record: server", "direction: upload", "folder"),
        ),
        "no such choice": ({"publish": "stagd"}, ("publish", "stagd", "staged")),
        "resolve": ({"resolve": "old"}, ("resolve: old", "skip")),
        "http": ({"remote": "http://www.example.com/htdocs"}, ("remote", "http://www.example.com/htdocs", "ftps://")),
        "sftp": ({"remote": "sftp://www.example.com/htdocs"}, ("remote", "sftp://www.example.com/htdocs", "SSH")),
        "no scheme": ({"remote": "www.example.com/htdocs"}, ("remote", "www.example.com/htdocs", "ftps://")),
        "no host": ({"remote": "ftps:///htdocs"}, ("remote", "ftps:///htdocs")),
        "dots": ({"remote": f"{server.url}/../x"}, ("remote", "..")),
        "secret in bad URL": ({"remote": f"http://joe:{WRONG}@www.example.com/"}, ("remote", "ftps://")),
        "secret and bad port": ({"remote": f"ftps://joe:{WRONG}#/@www.example.com:x/"}, ("remote",)),
        "port": ({"port": 70000}, ("port", "70000", "65535")),
        "port is text": ({"port": "ftp"}, ("port", "ftp")),
        "connections": ({"connections": 99}, ("connections", "99", "32")),
        "timeout": ({"timeout": 0}, ("timeout", "0")),
        "encoding": ({"encoding": "klingon"}, ("encoding", "klingon", "utf-8")),
        "bandwidth": ({"bandwidth_limit": "fast"}, ("bandwidth_limit", "fast", "500k")),
        "mode": ({"file_mode": "0888"}, ("file_mode", "0888", "0644")),
        "fingerprint": ({"tls_fingerprint": "xyz"}, ("tls_fingerprint", "xyz")),
        "state_dir": ({"state_dir": ".."}, ("state_dir", "..")),
        "no boolean": ({"delete": "perhaps"}, ("delete", "perhaps")),
        "no such option": ({"deleet": True}, ("deleet",)),
        "no remote": ({"remote": None}, ("remote",)),
    }


def test_bad_options(ftp_server: t.Callable[..., Server], site: Path, playbooks: Playbooks) -> None:
    server = ftp_server("pyftpdlib", tls="explicit").at("www")
    story = Story(server)
    good = {**server.connection(), "local": str(site), "delete": True, "timeout": 5, "retries": 0}
    inputs = bad_inputs(server, site)
    first = story.plain_sync(**good)
    told = {}
    for name, (options, _fragments) in inputs.items():
        merged = {**good, **options}
        told[name] = story.plain_sync(**{key: value for key, value in merged.items() if value is not None})
    last = story.plain_sync(**good)
    outcome = story.play(playbooks)
    assert first.result["changed"]
    assert not last.result["changed"]
    for noise in ("Traceback", "MODULE FAILURE", WRONG, server.password):
        assert noise not in outcome.output
    problems = []
    for name, (_options, fragments) in inputs.items():
        try:
            assert_refused(told[name], *fragments)
        except (AssertionError, KeyError) as error:
            problems.append(f"{name}: {told[name].result.get('msg')}\n    {str(error)[:300]}")
    assert not problems, "\n".join(["", *problems])


def test_bad_records(ftp_server: t.Callable[..., Server], site: Path, playbooks: Playbooks) -> None:
    server = ftp_server("pyftpdlib").at("www")
    story = Story(server, local=str(site), delete=True)
    first = story.sync()
    manifest = server.root / ".ftpsync" / "manifest.json"
    good: list[bytes] = []
    story.do(lambda: good.append(manifest.read_bytes()))

    def altered(change: t.Callable[[dict[str, t.Any]], object]) -> t.Callable[[], bytes]:
        def make() -> bytes:
            content = json.loads(good[0])
            change(content)
            return json.dumps(content).encode()

        return make

    bad: dict[str, tuple[t.Callable[[], bytes], str]] = {
        "cut off": (lambda: good[0].rstrip()[:-20], "damaged"),
        "empty": (lambda: b"", "damaged"),
        "not JSON": (lambda: b"<html>Not found</html>", "damaged"),
        "binary": (lambda: bytes(range(256)), "damaged"),
        "deep": (lambda: b"[" * 100_000, "damaged"),
        "a list": (lambda: b"[]", "damaged"),
        "newer": (altered(lambda m: m.update(format=99)), "newer version"),
        "no format": (altered(lambda m: m.pop("format")), "format"),
        "foreign": (altered(lambda m: m.update(site="/elsewhere")), "'/elsewhere', not to '/www'"),
        "lost a record": (altered(lambda m: m["records"].pop("a.html")), "damaged"),
        "leads outside": (altered(lambda m: m["records"].update({"../x": m["records"].pop("a.html")})), "damaged"),
        "odd values": (altered(lambda m: m["records"].update({"a.html": 7})), "damaged"),
        "odd time": (altered(lambda m: m["records"]["a.html"].update(mtime="now")), "damaged"),
    }
    told = {}
    for name, (make, _fragment) in bad.items():
        story.do(lambda make=make: manifest.write_bytes(make()))
        told[name] = story.sync()
    story.do(lambda: manifest.write_bytes(good[0]))
    last = story.sync()
    outcome = story.play(playbooks)
    assert first.result["changed"]
    assert not last.result["changed"]
    assert "Traceback" not in outcome.output
    for name, (_make, fragment) in bad.items():
        assert_refused(told[name], "/www/.ftpsync/manifest.json", fragment)
