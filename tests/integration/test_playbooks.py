# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The runner of playbooks itself."""

from __future__ import annotations

from tests.integration.playbook import Playbooks


def test_results_of_all_tasks_are_returned(playbooks: Playbooks) -> None:
    outcome = playbooks.run(
        {"ansible.builtin.command": {"argv": ["echo", "a"]}},
        {"ansible.builtin.fail": {"msg": "on purpose"}},
        {"ansible.builtin.command": {"argv": ["echo", "b"]}, "check_mode": True},
        arguments=["-v"],
    )
    assert outcome.returncode == 0
    assert outcome.results[0]["stdout"] == "a"
    assert outcome.results[1]["failed"]
    assert outcome.results[1]["msg"] == "on purpose"
    assert outcome.results[2]["skipped"]
    assert "TASK" in outcome.output
