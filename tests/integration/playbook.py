# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run tasks as users do: by ansible-playbook."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

from tests.conftest import COLLECTIONS

Task = t.Dict[str, t.Any]


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

    def run(self, *tasks: Task, arguments: t.Sequence[str] = (), python: str = sys.executable) -> Outcome:
        """Run the tasks, one after the other even if one fails: `{"webdeploy.ftp.ftp_sync": {...}}`."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / "ansible.cfg").touch()
        results = self.folder / "results.json"
        if results.exists():
            results.unlink()
        names = [f"result_{number}" for number in range(len(tasks))]
        play = {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "vars": {"ansible_python_interpreter": python},
            "tasks": [
                *({"ignore_errors": True, **task, "register": name} for task, name in zip(tasks, names)),
                {
                    "ansible.builtin.copy": {
                        "content": "{{ [" + ", ".join(names) + "] | to_json }}",
                        "dest": str(results),
                        "mode": "0600",
                    },
                    "check_mode": False,
                    "diff": False,
                    "no_log": True,
                },
            ],
        }
        playbook = self.folder / "playbook.yml"
        playbook.write_text(json.dumps([play], indent=1))
        done = subprocess.run(
            [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", *arguments, str(playbook)],
            env=self._environment(),
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert results.exists(), done.stdout
        return Outcome(done.returncode, done.stdout, json.loads(results.read_text()))

    def sync(self, *, check: bool = False, diff: bool = False, **options: t.Any) -> dict[str, t.Any]:
        """The result of one `ftp_sync`."""
        task = {"webdeploy.ftp.ftp_sync": options, "check_mode": check, "diff": diff}
        return self.run(task).result

    def _environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        return {
            **own,
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "ansible" / "tmp"),
            "ANSIBLE_REMOTE_TEMP": str(self.folder / "ansible" / "tmp"),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_NOCOLOR": "1",
        }
