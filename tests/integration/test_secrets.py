# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The password is nowhere: not in output with -vvv, results, the list of processes, nor on the server."""

from __future__ import annotations

import dataclasses
import json
import typing as t
from pathlib import Path

import pytest

from tests.integration.playbook import Outcome, Playbooks, Step
from tests.integration.test_story import write
from tests.servers import Server

PASSWORD = "qz@Vaulted/7%pony:Kr0ne"
ENCODED = "qz%40Vaulted%2F7%25pony%3AKr0ne"
WRONG = "Wr0ng@Zebra/77%mule"
WRONG_ENCODED = "Wr0ng%40Zebra%2F77%25mule"
# What would give it away, in parts, so that another way of quoting it does not hide it from the test.
TRACES = ("Vaulted", "Kr0ne", "Zebra", "mule")


@dataclasses.dataclass
class Processes:
    """Looks at what the command lines of processes tell while something runs."""

    samples: int = 0
    seen: set[str] = dataclasses.field(default_factory=set)
    modules: int = 0

    def look(self) -> None:
        self.samples += 1
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    line = (folder / "cmdline").read_bytes().decode(errors="replace")
                except OSError:
                    continue
                self.modules += "AnsiballZ_ftp_sync" in line
                self.seen.update(traces_in(line))


def traces_in(text: str) -> list[str]:
    return [trace for trace in TRACES if trace.lower() in text.lower()]  # hosts are shown in lower case


def files_with_traces(folder: Path, but: t.Container[str] = ()) -> list[str]:
    return [
        f"{path}: {found}"
        for path in folder.rglob("*")
        if path.is_file() and path.name not in but
        for found in [traces_in(f"{path.name} {path.read_bytes().decode(errors='replace')}")]
        if found
    ]


@pytest.fixture(params=[None, "explicit"], ids=["plain", "tls"])
def server(request: pytest.FixtureRequest, ftp_server: t.Callable[..., Server]) -> Server:
    return ftp_server("pyftpdlib", tls=request.param, password=PASSWORD)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    write(tmp_path / "site", {"index.html": "Home", "css/site.css": "body {}"})
    return tmp_path / "site"


def task(site: Path, server: Server, more: dict[str, t.Any], **keywords: t.Any) -> Step:
    connection = server.connection()
    for name in ("username", "password"):
        del connection[name]
    options = {**connection, "local": str(site), "timeout": 10, "retries": 0, "use_netrc": False, **more}
    return {"webdeploy.ftp.ftp_sync": options, **keywords}


def with_login(server: Server, folder: str, login: str) -> dict[str, str]:
    """The URL of a folder of its own, with user and password in it."""
    scheme, _separator, rest = server.at(folder).url.partition("://")
    return {"remote": f"{scheme}://{login}@{rest}"}


def assert_secret(outcome: Outcome, processes: Processes, server: Server, playbooks: Playbooks) -> None:
    assert traces_in(outcome.output) == []
    assert traces_in(json.dumps(outcome.results)) == []
    assert processes.modules > 0, "no module was seen running: the sampling is at fault"
    assert processes.seen == set()
    assert files_with_traces(server.root) == []
    assert files_with_traces(playbooks.folder, but=("secrets.json", ".netrc")) == []


def test_password_is_nowhere(server: Server, site: Path, playbooks: Playbooks) -> None:
    """Given as option, in the URL, percent-encoded or not, and by netrc; right and wrong; in every mode."""
    secrets = playbooks.folder / "secrets.json"
    urls = {
        "in_url": with_login(server, "url", f"tester:{ENCODED}"),
        "wrong_url": with_login(server, "url", f"tester:{WRONG_ENCODED}"),
        "http": {"remote": f"http://tester:{ENCODED}@127.0.0.1/"},
    }
    values = {"right": PASSWORD, "wrong": WRONG, **{name: url["remote"] for name, url in urls.items()}}
    secrets.write_text(json.dumps(values))
    (playbooks.home / ".netrc").write_text(f"machine 127.0.0.1 login tester password {PASSWORD}\n")
    (playbooks.home / ".netrc").chmod(0o600)
    option = {"username": "tester", "password": "{{ right }}"}
    good: list[Step] = [
        task(site, server.at("option"), option, check_mode=True, diff=True),
        task(site, server.at("option"), {**option, "backup": 2}, diff=True),
        task(site, server.at("option"), option),
        task(site, server, {"remote": "{{ in_url }}"}),
        task(site, server.at("netrc"), {"use_netrc": True}),
        task(site, server.at("async"), option, **{"async": 60, "poll": 1}),
    ]
    bad: list[Step] = [
        task(site, server, {"username": "tester", "password": "{{ wrong }}"}, diff=True),
        task(site, server, {"remote": "{{ wrong_url }}"}),
        task(site, server, {"remote": "{{ http }}"}),
        task(site, server, {**option, "connections": "many"}),
        task(site, server, {**option, "remote": "{{ in_url }}", "tls": "none", "ca_path": "/nowhere"}),
        task(site, server, {**option, "local": "/nowhere", "no_such_option": 1}),
        task(site, server, {"username": "{{ right }}", "password": "{{ right }}"}),
    ]
    processes = Processes()
    arguments = ["-vvv", "-e", f"@{secrets}"]
    outcome = playbooks.run(*good, *bad, arguments=arguments, watch=processes.look)
    failed = [bool(result.get("failed")) for result in outcome.results]
    assert failed == [False] * len(good) + [True] * len(bad), [result.get("msg") for result in outcome.results]
    assert_secret(outcome, processes, server, playbooks)


BADLY_ENCODED = (
    f"tester:{WRONG}",  # the slash ends the host: what follows looks like a path
    "tester:Zebra/mule",
    "tester:Zebra#mule?",
    "tester:Zebra%mule%zz",
    "tester:Zebra[mule",
    ":Zebra-mule",
)


def test_badly_encoded_password_is_not_shown(
    ftp_server: t.Callable[..., Server], site: Path, playbooks: Playbooks
) -> None:
    """Whatever a password in a URL makes of the URL."""
    server = ftp_server("pyftpdlib")
    secrets = playbooks.folder / "secrets.json"
    urls = [with_login(server, "raw", login)["remote"] for login in BADLY_ENCODED]
    secrets.write_text(json.dumps({"urls": urls}))
    processes = Processes()
    outcome = playbooks.run(
        *[task(site, server, {"remote": f"{{{{ urls[{number}] }}}}"}) for number in range(len(urls))],
        arguments=["-vvv", "-e", f"@{secrets}"],
        watch=processes.look,
    )
    assert all(result["failed"] for result in outcome.results)
    assert_secret(outcome, processes, server, playbooks)


def test_password_from_environment_is_nowhere(server: Server, site: Path, playbooks: Playbooks) -> None:
    processes = Processes()
    environment = {"WEBDEPLOY_FTP_USERNAME": "tester", "WEBDEPLOY_FTP_PASSWORD": PASSWORD}
    outcome = playbooks.run(
        task(site, server.at("a"), {}, diff=True),
        task(site, server.at("b"), {"username": "tester"}, check_mode=True),
        task(site, server.at("c"), {"username": "joe"}),  # not joe's
        environment=environment,
        arguments=["-vvv"],
        watch=processes.look,
    )
    assert [bool(result.get("failed")) for result in outcome.results] == [False, False, True]
    assert "password for 'joe'" in outcome.results[2]["msg"]
    assert_secret(outcome, processes, server, playbooks)
    assert outcome.results[0]["uploaded"] == ["css/site.css", "index.html"]  # nothing was masked by mistake
