# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The runner of playbooks itself."""

from __future__ import annotations

import pytest

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


def test_functions_are_called_between_tasks(playbooks: Playbooks) -> None:
    file = playbooks.folder / "made"
    make = {"ansible.builtin.file": {"path": str(file), "state": "touch", "mode": "0644"}}
    seen: list[bool] = []
    outcome = playbooks.run(lambda: seen.append(file.exists()), make, lambda: seen.append(file.exists()))
    assert seen == [False, True]
    assert outcome.result["changed"]


def test_failing_function_ends_the_play(playbooks: Playbooks) -> None:
    def fail() -> None:
        raise ArithmeticError("on purpose")

    never = {"ansible.builtin.file": {"path": str(playbooks.folder / "never"), "state": "touch", "mode": "0644"}}
    with pytest.raises(ArithmeticError):
        playbooks.run(fail, never)
    assert not (playbooks.folder / "never").exists()
