# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run tasks as users do: by ansible-playbook.

Starting it takes a second or two, so a whole story is best told in one play. What a test has to do or to look
at between two tasks is a function among them: the play calls back and waits for it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.server
import json
import os
import subprocess
import sys
import threading
import time
import typing as t
from pathlib import Path

from tests.conftest import COLLECTIONS

Task = t.Dict[str, t.Any]
Step = t.Union[Task, t.Callable[[], object]]


@dataclasses.dataclass
class Outcome:
    returncode: int
    output: str  # standard output and errors, as shown
    results: list[dict[str, t.Any]]  # what each task registered

    @property
    def result(self) -> dict[str, t.Any]:
        """The result of the only task."""
        (result,) = self.results
        return result


class Playbooks:
    """Runs playbooks in a folder of their own, with nothing of the user's configuration."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        (folder / "ansible.cfg").touch()

    def run(
        self,
        *steps: Step,
        arguments: t.Sequence[str] = (),
        python: str = sys.executable,
        environment: t.Mapping[str, str] | None = None,
        watch: t.Callable[[], object] | None = None,
        **play: t.Any,
    ) -> Outcome:
        """Run the tasks, one after the other even if one fails: `{"webdeploy.ftp.ftp_sync": {...}}`.

        Parameters:
            steps: tasks, and functions without arguments to call at their place among the tasks.
            arguments: more arguments of ansible-playbook.
            python: what runs the modules.
            environment: more variables.
            watch: called again and again while the playbook runs.
            play: more keywords of the play.
        """
        results = self.folder / "results.json"
        with contextlib.suppress(FileNotFoundError):
            results.unlink()
        with Callbacks() as callbacks:
            tasks: list[Task] = []
            names: list[str] = []
            for step in steps:
                if callable(step):
                    tasks.append(callbacks.task(step))
                else:
                    names.append(f"result_{len(names)}")
                    tasks.append({"ignore_errors": True, **step, "register": names[-1]})
            tasks.append(_save(names, results))
            playbook = self.folder / "playbook.yml"
            playbook.write_text(json.dumps([self._play(tasks, python, play)], indent=1))
            returncode, output = self.start(playbook, arguments, environment, watch)
        assert results.exists(), output
        return Outcome(returncode, output, json.loads(results.read_text()))

    def sync(self, *, check: bool = False, diff: bool = False, **options: t.Any) -> dict[str, t.Any]:
        """The result of one `ftp_sync`."""
        return self.run(sync(check=check, diff=diff, **options)).result

    def start(
        self,
        playbook: Path,
        arguments: t.Sequence[str] = (),
        environment: t.Mapping[str, str] | None = None,
        watch: t.Callable[[], object] | None = None,
        inventory: str = "localhost,",
    ) -> tuple[int, str]:
        """Run a playbook that is there already. Returns the exit code, and what was shown."""
        shown = self.folder / "output.txt"
        program = str(Path(sys.executable).parent / "ansible-playbook")
        with shown.open("w") as output:
            process = subprocess.Popen(
                [program, "-i", inventory, *arguments, str(playbook)],
                cwd=self.folder,
                env={**self.environment(), **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            try:
                while process.poll() is None:
                    if watch is not None:
                        watch()
                    time.sleep(0.01)
            finally:
                process.kill()
                process.wait()
        return process.returncode, shown.read_text(errors="replace")

    def _play(self, tasks: list[Task], python: str, keywords: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        return {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            **keywords,
            "vars": {"ansible_python_interpreter": python, **keywords.get("vars", {})},
            "tasks": tasks,
        }

    def environment(self) -> dict[str, str]:
        """Of the programs that are run: nothing of the user's configuration."""
        foreign = ("ANSIBLE_", "WEBDEPLOY_")
        own = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        return {
            **own,
            "HOME": str(self.home),
            "COLUMNS": "200",
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "ansible" / "tmp"),
            "ANSIBLE_REMOTE_TEMP": str(self.folder / "ansible" / "tmp"),
            "ANSIBLE_ASYNC_DIR": str(self.folder / "ansible" / "async"),
            "ANSIBLE_ACTION_PLUGINS": str(Path(__file__).parent / "action"),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_NOCOLOR": "1",
        }


def sync(*, check: bool = False, diff: bool = False, **options: t.Any) -> Task:
    """A task with `ftp_sync`."""
    return {"webdeploy.ftp.ftp_sync": options, "check_mode": check, "diff": diff}


def _save(names: t.Sequence[str], path: Path) -> Task:
    content = "{{ [" + ", ".join(names) + "] | to_json }}"
    return {"save_results": {"content": content, "dest": str(path)}, "check_mode": False, "diff": False, "no_log": True}


class Callbacks:
    """Calls functions of a test when a play gets to their place; an error in one of them ends play and test."""

    def __init__(self) -> None:
        self._functions: list[t.Callable[[], object]] = []
        self._error: BaseException | None = None

    def task(self, function: t.Callable[[], object]) -> Task:
        """The task that calls the function and waits for it; it takes the controller some 50 ms."""
        self._functions.append(function)
        address = f"http://127.0.0.1:{self._server.server_address[1]}/{len(self._functions) - 1}"
        lookup = f"lookup('ansible.builtin.url', '{address}', use_proxy=false, timeout=120)"
        return {"ansible.builtin.set_fact": {"called_back": "{{ " + lookup + " }}"}, "no_log": True}

    def call(self, number: int) -> bool:
        if self._error is None:
            try:
                self._functions[number]()
            except BaseException as error:  # noqa: BLE001 - raised again in the test's own thread
                self._error = error
        return self._error is None

    def __enter__(self) -> Callbacks:
        callbacks = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if callbacks.call(int(self.path[1:])) else 500)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        if self._error is not None:
            raise self._error
