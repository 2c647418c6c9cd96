# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A website for tests of the role: its files, how they are deployed, and a web server that shows them."""

from __future__ import annotations

import functools
import http.server
import json
import re
import sys
import threading
import typing as t
from pathlib import Path

from tests.integration.playbook import Playbooks
from tests.integration.story import contents
from tests.servers import Server

PAGES = ("index.html", "about.html", "news/index.html")
HEADER = "X-Deployment"  # requests with it get past the maintenance page
PAGE = "maintenance.html"
HOOKS = [  # the role's, in the order in which they are called
    "before_build",
    "build",
    "after_build",
    "before_stage",
    "after_stage",
    "before_publish",
    "after_publish",
    "before_health",
    "after_health",
    "before_cleanup",
    "after_cleanup",
    "notify",
]


def page(version: str) -> bytes:
    """A page that does not fit into one packet, of which each part tells the version."""
    return b"<html>" + f"version {version} ".encode() * 20_000 + b"</html>"


def version_of(_path: str, body: bytes) -> str:
    """Which version a page is of, all of it; or it is broken."""
    words = body.split(maxsplit=2)
    version = words[1].decode() if len(words) > 1 else ""
    return version if body == page(version) else "broken"


class Site:
    """A site here, the server it goes to, and playbooks that deploy it to the inventory host `shop`."""

    def __init__(self, server: Server, playbooks: Playbooks, folder: str = "") -> None:
        self.server = server
        self.playbooks = playbooks
        self.local = playbooks.folder / "site"
        self.root = server.root / folder
        connection: dict[str, t.Any] = server.connection()
        connection["remote"] += folder
        self.variables = {
            "ftp_deploy_local": "site",
            "ftp_deploy_remote": connection.pop("remote"),
            "ftp_deploy_username": connection.pop("username"),
            "ftp_deploy_password": connection.pop("password"),
            "ftp_deploy_options": connection,
        }

    def write(self, version: str, *others: str) -> None:
        for path in (*PAGES, *others):
            (self.local / path).parent.mkdir(parents=True, exist_ok=True)
            (self.local / path).write_bytes(page(version))

    def deploy(self, *arguments: str, **variables: t.Any) -> Run:
        playbook = self.playbooks.folder / "deploy.yml"
        play = {"hosts": "shop", "gather_facts": False, "roles": [{"role": "webdeploy.ftp.ftp_deploy"}]}
        playbook.write_text(json.dumps([play]))
        return self.play(playbook, *arguments, **variables)

    def play(self, playbook: Path | str, *arguments: str, **variables: t.Any) -> Run:
        file = self.playbooks.folder / "variables.json"
        given = {f"ftp_deploy_{name}": value for name, value in variables.items()}
        python = {"ansible_python_interpreter": sys.executable, "ftp_deploy_hosts": "shop"}
        file.write_text(json.dumps({**self.variables, **python, **given}))
        extra = ["-i", "shop,", "-e", f"@{file}", *arguments]
        # One process a task instead of five: half a second of each deployment. Tests of single modules go without.
        return Run(*self.playbooks.start(Path(playbook), extra, {"ANSIBLE_PIPELINING": "1"}))

    def published(self) -> dict[str, bytes]:
        return contents(self.root)

    def versions(self) -> dict[str, str]:
        """Which version each page on the server has."""
        return {path: content.split()[1].decode() for path, content in self.published().items()}

    def hook(self, name: str, *tasks: dict[str, t.Any]) -> str:
        """A file of tasks that write the hook's name into a log; its relative path."""
        self.variables["ansible_connection"] = "local"  # the runner's inventory names localhost
        log = {"ansible.builtin.shell": f"echo {name} >> {self.playbooks.folder}/log"}
        path = self.playbooks.folder / "hooks" / f"{name}.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps([log, *tasks]))
        return f"hooks/{name}.yml"

    def log(self) -> list[str]:
        """What hooks wrote since the last call."""
        path = self.playbooks.folder / "log"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return lines


class Run(t.NamedTuple):
    """How a playbook went, by what it showed."""

    returncode: int
    output: str

    def recap(self, host: str = "shop") -> dict[str, int]:
        (line,) = re.findall(rf"^{host} +: (ok=.*)$", self.output, re.MULTILINE)
        return {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", line)}

    @property
    def changed(self) -> int:
        assert self.returncode == 0, self.output
        return self.recap()["changed"]

    @property
    def reason(self) -> str:
        """The last message of a failed play."""
        assert self.returncode != 0, self.output
        return re.findall(r'"msg": "((?:[^"\\]|\\.)*)"', self.output)[-1].replace('\\"', '"')


class Web:
    """A web server over the FTP server's folder. Without HEADER it answers 503 while the maintenance page is there."""

    def __init__(self, root: Path) -> None:
        self.told: list[dict[str, t.Any]] = []  # what was posted
        web = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            def do_GET(self) -> None:
                if (root / PAGE).exists() and HEADER not in self.headers:
                    self.send_error(503)
                else:
                    super().do_GET()

            def do_POST(self) -> None:
                web.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        handler = functools.partial(Handler, directory=str(root))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Web:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
