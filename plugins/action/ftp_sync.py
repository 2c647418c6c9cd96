# Copyright (c) 2026, webdeploy.ftp contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Show how far ftp_sync is while it runs: a thread follows the module's ``progress_file``.

The module itself runs as any other, so that Ctrl+C ends it, and ``async``, ``delegate_to`` and loops work as
ever. What decides about the lines is documented with the module's option.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import typing as t

from ansible import constants as C  # noqa: N812 - its name everywhere in Ansible
from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.utils.display import Display

from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.progress.file import newest

display = Display()

VARIABLE = "webdeploy_ftp_progress"
# Ansible's main process loads this file, and then starts workers, which have no terminal of their own any more.
ON_TERMINAL = sys.stdout.isatty()
FOR_PEOPLE = ("default", "ansible.builtin.default")  # callbacks between whose lines others do no harm
SHORTEST, LONGEST = 3.0, 30.0  # seconds between two lines
LAST_LINE = 2.0  # seconds that a line may take to be shown
GLANCE = 1.0  # seconds between two looks whether Ansible is still there
PACE = 20  # of lines: the longer it has taken, the rarer they get


class ActionModule(NormalAction):
    """Runs the module, with a display beside it where one is wanted and possible."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the task.

        Parameters:
            tmp: of no effect, as in Ansible itself.
            task_vars: the host's variables.
        """
        variables = task_vars or {}
        if not (self._is_possible() and self._is_wanted(variables)):
            return super().run(tmp, task_vars)
        folder = tempfile.mkdtemp(prefix="ftp_sync-", dir=C.DEFAULT_LOCAL_TMP)
        arguments = self._task.args
        follower = Follower(os.path.join(folder, "progress"), variables.get("inventory_hostname", "localhost"))
        self._task.args = {**arguments, "progress_file": follower.path}
        follower.start()
        try:
            return super().run(tmp, task_vars)
        finally:
            self._task.args = arguments
            follower.finish()
            shutil.rmtree(folder, ignore_errors=True)

    def _is_possible(self) -> bool:
        """Whether the module writes where we read, while we wait for it, and may be told of."""
        task = self._task
        return (
            self._connection.transport == "local"
            and not (task.async_val or task.check_mode or task.no_log)
            and task.args.get("progress_file") is None
            and not self._is_become_unprivileged()
        )

    def _is_wanted(self, variables: dict[str, t.Any]) -> bool:
        for choice in (self._templar.template(variables.get(VARIABLE)), os.environ.get(VARIABLE.upper())):
            if choice not in (None, ""):
                return boolean(choice, strict=False)
        return ON_TERMINAL and C.DEFAULT_STDOUT_CALLBACK in FOR_PEOPLE and _shows_results()


def _shows_results() -> bool:
    """Whether the callback tells of tasks that go well."""
    try:
        return bool(C.config.get_config_value("display_ok_hosts", plugin_type="callback", plugin_name="default"))
    except AnsibleError:  # it is not in use, as with the command ansible
        return True


class Follower(threading.Thread):
    """Shows the newest line of a progress file now and then.

    Parameters:
        path: of the file, which need not be there yet.
        host: by which lines of several hosts are told apart.
    """

    def __init__(self, path: str, host: str) -> None:
        super().__init__(name="progress", daemon=True)
        self.path = path
        self._host = host
        self._shown = ""
        self._over = threading.Event()
        self._ansible = os.getppid()

    def run(self) -> None:
        """Follow until it is enough."""
        started = time.monotonic()
        while not self._pause(min(LONGEST, max(SHORTEST, (time.monotonic() - started) / PACE))):
            self._show()

    def _pause(self, seconds: float) -> bool:
        """Whether it is enough; looks meanwhile whether Ansible still is there to take the result."""
        until = time.monotonic() + seconds
        while not self._over.wait(min(GLANCE, max(0.0, until - time.monotonic()))):
            # As its own signals do; where workers have no group of their own, Ctrl+C has reached the module already.
            if os.getppid() != self._ansible and os.getpgrp() == os.getpid():
                os.kill(os.getpid(), signal.SIGINT)
            if time.monotonic() >= until:
                return False
        return True

    def finish(self) -> None:
        """It is enough. After Ctrl+C nobody may take a line any more, so that is not waited for."""
        self._over.set()
        self.join(LAST_LINE)

    def _show(self) -> None:
        now = newest(self.path)
        if now is None or now.phase == "done":
            return
        line = ", ".join([now.name, *(now.amounts() if now.phase == "transfer" else ())])
        if line != self._shown:
            display.display(f"{self._host}: {line}")
            self._shown = line
