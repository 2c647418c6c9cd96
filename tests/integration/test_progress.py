# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is shown while ftp_sync runs, and what Ctrl+C does then."""

from __future__ import annotations

import json
import os
import re
import sys
import time
import typing as t
from pathlib import Path

import pytest
from ansible.plugins.connection import local

from tests.cli.terminal import Terminal
from tests.conftest import ROOT
from tests.integration.playbook import Playbooks
from tests.servers import Server

SIZE = 1_500_000
AMOUNT = r"[\d.]+ (?:bytes|kB|MB)"
LINE = re.compile(
    rf"^(\w+): Copying, \d+/\d+ files, {AMOUNT} of {AMOUNT}(?:, {AMOUNT}/s(?:, \d+:\d\d left)?)?\r?$", re.MULTILINE
)


@pytest.fixture
def server(ftp_server: t.Callable[..., Server]) -> Server:
    return ftp_server("pyftpdlib")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Something to upload that takes almost four seconds as in `task`."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "large").write_bytes(os.urandom(SIZE))
    return folder


def task(server: Server, site: Path, **keywords: t.Any) -> dict[str, t.Any]:
    """Upload it, each host into a folder of its own."""
    login = server.connection()
    remote = login.pop("remote").rstrip("/") + "/{{ inventory_hostname }}{{ item | default('') }}"
    arguments = {**login, "remote": remote, "local": str(site), "bandwidth_limit": "400k", **keywords.pop("args", {})}
    return {"webdeploy.ftp.ftp_sync": arguments, **keywords}


def published(server: Server) -> dict[str, bytes]:
    """What is on the server, without our own folders."""
    return {path: content for path, content in server.files().items() if "/.ftpsync/" not in path}


def arrived(server: Server) -> int:
    """Bytes, also of files that are still on their way."""
    return sum(len(content) for content in server.files().values())


def write_play(playbooks: Playbooks, hosts: t.Mapping[str, t.Mapping[str, t.Any]], *tasks: dict[str, t.Any]) -> Path:
    """A play and its inventory; connection `elsewhere` is `local` by another name, since nobody sees a file there."""
    plugins = playbooks.folder / "connection_plugins"
    plugins.mkdir(exist_ok=True)
    source = Path(local.__file__).read_text()
    (plugins / "elsewhere.py").write_text(source.replace("transport = 'local'", "transport = 'elsewhere'"))
    common = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    (playbooks.folder / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts, "vars": common}}))
    playbook = playbooks.folder / "play.yml"
    playbook.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    return playbook


def in_terminal(playbooks: Playbooks, playbook: Path, **environment: str) -> Terminal:
    program = str(Path(sys.executable).parent / "ansible-playbook")
    command = [program, "-i", "hosts.json", str(playbook)]
    return Terminal(command, playbooks.folder, {**playbooks.environment(), "TERM": "xterm", **environment})


def test_who_gets_lines(playbooks: Playbooks, server: Server, site: Path, tmp_path: Path) -> None:
    """Many hosts at once, on a pipe, each of another kind; all but one are done as ever."""
    file = str(tmp_path / "progress.jsonl")
    hosts: dict[str, dict[str, t.Any]] = {
        "plain": {},
        "looping": {"names": ["", "2"]},
        "delegating": {"ansible_connection": "elsewhere", "at": "localhost"},
        "sudo": {"other": "root"},
        "retrying": {"attempts": 2},
        "silent": {"webdeploy_ftp_progress": False},
        "remote": {"ansible_connection": "elsewhere"},
        "secret": {"hide": True},
        "detached": {"seconds": 60},
        "checking": {"check": True},
        "own": {"file": file},
        "failing": {"file": str(tmp_path / "missing" / "progress")},
    }
    upload = task(
        server,
        site,
        args={"progress_file": "{{ file | default(omit) }}"},
        loop="{{ names | default(['']) }}",
        delegate_to="{{ at | default(inventory_hostname) }}",
        become="{{ other is defined }}",
        become_method="ansible.builtin.su",
        no_log="{{ hide | default(false) }}",
        check_mode="{{ check | default(false) }}",
        poll=1,
        until="done.attempts | default(1) >= attempts | default(1)",
        retries=1,
        delay=0,
        register="done",
    )
    upload["async"] = "{{ seconds | default(0) }}"
    upload["vars"] = {"ansible_python_interpreter": sys.executable}
    playbook = write_play(playbooks, hosts, upload)
    environment = {"WEBDEPLOY_FTP_PROGRESS": "yes", "ANSIBLE_FORKS": str(len(hosts))}
    code, output = playbooks.start(playbook, environment=environment, inventory="hosts.json")
    assert code == 0, output
    assert set(LINE.findall(output)) == {"plain", "looping", "delegating", "sudo", "retrying"}, output
    assert " of 1.5 MB" in output
    assert "looping: " in output.partition("changed: [looping] => (item=)")[2]  # the second item has lines, too
    assert set(published(server)) == {f"{host}/large" for host in {*hosts, "looping2"} - {"checking"}}
    told = [json.loads(line) for line in Path(file).read_text().splitlines()]
    assert [told[0]["phase"], told[-1]["phase"], told[-1]["bytes_done"]] == ["scan", "done", SIZE]
    assert output.count("progress_file: ") == 1  # a warning
    assert not list(playbooks.folder.rglob("ftp_sync-*"))


def test_the_guide_shows_such_lines() -> None:
    text = (ROOT / "docs" / "guide" / "start.md").read_text(encoding="utf-8")
    shown = [line for line in text.splitlines() if line.startswith("localhost: Copying")]
    assert len(shown) == len(LINE.findall("\n".join(shown))) > 1


def test_ctrl_c_ends_the_transfer(playbooks: Playbooks, server: Server, site: Path) -> None:
    hosts: dict[str, dict[str, t.Any]] = {"one": {}, "two": {}}
    playbook = write_play(playbooks, hosts, task(server, site, args={"bandwidth_limit": "20k"}))  # over a minute
    terminal = in_terminal(playbooks, playbook)
    for _host in ("one", "two"):
        terminal.expect(": Copying, 0/1 files, ")
    assert set(LINE.findall(terminal.text)) <= {"one", "two"}
    time.sleep(0.5)  # Ansible itself may hang where a worker ends while it hands over a line
    for _press in range(3):  # as people do where Ansible, on a machine with much to do, does not hear the first
        terminal.type("\x03")
        if terminal.ends_within(20):
            break
    assert terminal.end() != 0
    time.sleep(3)  # what is under way in buffers, and a worker that was overlooked
    before = arrived(server)
    time.sleep(1)
    assert 0 < before == arrived(server) < 2 * SIZE
    assert not list(playbooks.folder.rglob("ftp_sync-*"))
    content = os.urandom(SIZE)
    (site / "large").write_bytes(content)
    playbook = write_play(playbooks, hosts, task(server, site))
    terminal = in_terminal(playbooks, playbook, ANSIBLE_DISPLAY_OK_HOSTS="no")
    assert terminal.end() == 0
    assert "Copying" not in terminal.text
    assert published(server) == {"one/large": content, "two/large": content}


def test_the_transfer_ends_with_ansible(playbooks: Playbooks, server: Server, site: Path) -> None:
    """However that ends: Ctrl+C while it is busy kills it without its workers now and then."""
    playbook = write_play(playbooks, {"one": {}}, task(server, site, args={"bandwidth_limit": "20k"}))
    terminal = in_terminal(playbooks, playbook)
    terminal.expect(": Copying, 0/1 files, ")
    terminal.close()  # by SIGKILL, which it cannot hand on
    time.sleep(3)
    before = arrived(server)
    time.sleep(2)
    assert 0 < before == arrived(server) < SIZE


def test_other_callbacks_get_no_lines(playbooks: Playbooks, server: Server, site: Path) -> None:
    playbook = write_play(playbooks, {"one": {}}, task(server, site))
    terminal = in_terminal(playbooks, playbook, ANSIBLE_STDOUT_CALLBACK="minimal")
    assert terminal.end() == 0
    assert "Copying" not in terminal.text
    assert set(published(server)) == {"one/large"}
