# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Somebody who follows a page from top to bottom, in a folder of his own.

Pages are about joe, who has an FTP account and a website at example.com. What differs here:

* `ftps://HOST.example.com` and `ftp://...` lead to one FTP server, `https://HOST.example.com` to a web server that
  shows its folder /htdocs;
* what readers keep in a vault, `vault_ftp_password` and `partner_fingerprint`, is given to each playbook; ~/.netrc has
  the password, too.

All else is done as it is written. A block whose first line is a comment with a path is that file.
"""

from __future__ import annotations

import functools
import http.server
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import typing as t
from pathlib import Path

import yaml

from tests.conftest import COLLECTIONS, ROOT
from tests.docs.blocks import Block, missing_lines
from tests.servers import Server

USER = "joe"
FOLDERS = ("htdocs", "www", "inbox", "outbox", "exchange", "private")  # of the account
_FTP = re.compile(r"(ftps?://)(\w+@)?[\w.-]*example\.(?:com|org)(?::\d+)?")
_WEB = re.compile(r"https://[\w.-]*example\.com")
_MACHINE = re.compile(r"\bmachine [\w.-]*example\.com")


class Reader:
    """Follows a page.

    Parameters:
        home: an empty folder.
        server: whose user is USER.
    """

    def __init__(self, home: Path, server: Server) -> None:
        self.home = home
        self.folder = home / "work"
        self._server = server
        self._printed = ""
        shutil.copytree(ROOT / "examples" / "demo" / "site", self.folder / "site")
        shutil.copytree(self.folder / "site", self.folder / "build")
        (self.folder / "exchange").mkdir()
        for name in FOLDERS:
            server.at(name)
        self._web = _serve(server.root / "htdocs")
        self._variables = {
            "vault_ftp_password": server.password,
            "partner_fingerprint": server.fingerprint,
            "ansible_python_interpreter": sys.executable,
            "webdeploy_ftp_progress": False,  # its lines come by the clock
        }
        self._equip()

    def close(self) -> None:
        self._web.shutdown()
        self._web.server_close()

    def follow(self, block: Block) -> None:
        """Do what a block says; an AssertionError if that does not go as the page has it."""
        if block.note == "output":
            missing = list(missing_lines(self._here(block.text), self._printed))
            assert not missing, f"not printed: {missing}\nbut: {self._printed}"
        elif block.language in ("shell", "bash"):
            self._shell(block)
        elif block.language == "yaml":
            self._yaml(block)
        elif block.language == "python":
            if not block.note:
                self._run(block, [sys.executable, "-c", self._here(block.text)])
        else:
            assert block.language in NOT_RUN, f"{block.language}: how is that run? NOT_RUN says why it is not"
            if block.file:
                self._save(block)

    def _shell(self, block: Block) -> None:
        arguments = ["-n"] if block.note == "not run" else []
        self._run(block, ["bash", "-euo", "pipefail", *arguments, "-c", self._here(block.text)])

    def _yaml(self, block: Block) -> None:
        content = yaml.safe_load(block.text)
        assert content, "empty"
        if block.file:
            self._save(block)
        elif block.note != "not run":
            assert isinstance(content, list), "not a playbook; name its file in the first line, or say: not run"
            tasks = {"hosts": "localhost", "gather_facts": False, "tasks": "TASKS"}
            text = block.text
            if "hosts" not in content[0]:
                text = json.dumps([tasks]).replace('"TASKS"', json.dumps(content))
            playbook = self.folder / "as-shown.yml"
            playbook.write_text(self._here(text))
            self._run(block, ["ansible-playbook", str(playbook)])

    def _save(self, block: Block) -> None:
        path = self.folder / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._here(block.text))

    def _run(self, block: Block, command: list[str]) -> None:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        self._printed = done.stdout
        assert self._server.password not in done.stdout
        assert (done.returncode != 0) == (block.note == "fails"), done.stdout
        if block.note == "fails":
            assert block.detail in " ".join(done.stdout.split()), done.stdout

    def _here(self, text: str) -> str:
        """With our own addresses instead of examples."""
        place = f"{self._server.host}:{self._server.port}"
        text = _FTP.sub(lambda match: f"{match[1]}{match[2] or ''}{place}", text)
        text = _MACHINE.sub(f"machine {self._server.host}", text)
        return _WEB.sub(f"http://127.0.0.1:{self._web.server_address[1]}", text)

    def _equip(self) -> None:
        """The programs that readers have installed, and their home."""
        programs = self.home / "bin"
        programs.mkdir()
        variables = self.home / "variables.json"
        variables.write_text(json.dumps(self._variables))
        ansible = Path(sys.executable).parent / "ansible-playbook"
        for name, command in {
            "ansible-playbook": [str(ansible), "-e", f"@{variables}"],
            "pyftpsync": [sys.executable, "-m", "ftpsync.pyftpsync"],
        }.items():
            script = programs / name
            script.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
            script.chmod(0o755)
        netrc = self.home / ".netrc"
        netrc.touch(mode=0o600)
        netrc.write_text(f"machine {self._server.host} login {USER} password {self._server.password}\n")
        foreign = ("ANSIBLE_", "WEBDEPLOY_", "NO_COLOR", "COLUMNS")
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(foreign)},
            "PATH": os.pathsep.join([str(programs), str(ansible.parent), os.environ["PATH"]]),
            "PYTHONPATH": str(ROOT / "plugins" / "module_utils"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "HOME": str(self.home),
            "TZ": "UTC",
            "COLUMNS": "160",
            "SSL_CERT_FILE": str(self._server.certificate),  # as if a known authority had issued it
            "ANSIBLE_HOME": str(self.home / "ansible"),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_NOCOLOR": "1",
        }


# Languages of blocks that nothing here can run, and why.
NOT_RUN = {
    "": "a drawing, or what is printed elsewhere",
    "text": "a drawing, or what is printed elsewhere",
    "apache": "of a web server",
    "nginx": "of a web server",
    "ini": "a file",
}


def _serve(folder: Path) -> http.server.ThreadingHTTPServer:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: t.Any) -> None:
            pass

    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=web.serve_forever, args=(0.05,), daemon=True).start()
    return web
