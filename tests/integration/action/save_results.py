# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write what tasks registered into a file of the controller; ansible.builtin.copy takes a second for it."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):  # type: ignore[misc]
    """Arguments: content, dest."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        Path(self._task.args["dest"]).write_text(self._task.args["content"])
        return {**super().run(tmp, task_vars), "changed": False}
