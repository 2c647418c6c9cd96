# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`pyftpsync run`, from a file to a result (behaviour 9)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Caller, content, write

FILE = """\
default_task: deploy
common_config:
  verbose: 4
tasks:
  deploy:
    command: upload
    remote: ../remote
    delete_unmatched: true
    exclude: build,*.tmp
  careful:
    command: upload
    remote: ../remote
    dry_run: true
  back:
    command: download
    remote: ../remote
    resolve: remote
  show:
    command: tree
    remote: ../remote
    files: true
"""


@pytest.fixture
def project(pyftpsync: Caller, local: Path, remote: Path) -> Path:
    write(local / ".pyftpsync.yaml", FILE)
    write(local / ".git" / "config", "secret")
    write(local / "build" / "x", "x")
    write(remote / "old.txt", "old")
    pyftpsync.folder = local
    return local


def test_the_default_task(pyftpsync: Caller, project: Path, remote: Path) -> None:
    done = pyftpsync("run")
    assert (done.code, done.err) == (0, "")
    assert done.lines[:2] == [f"Running task 'deploy' from {project}/.pyftpsync.yaml", f"Upload {project}"]
    assert done.lines[-1].startswith("Wrote ")
    assert set(content(remote)) >= {"a.txt", "b.txt", "d/c.txt"}
    assert not set(content(remote)) & {"old.txt", "build/x", ".pyftpsync.yaml"}


def test_default_exclusions_hold_here_too(pyftpsync: Caller, project: Path, remote: Path) -> None:
    write(project / ".pyftpsync.yaml", FILE.replace("    exclude: build,*.tmp\n", ""))
    assert pyftpsync("run").code == 0
    assert set(content(remote)) == {"a.txt", "b.txt", "d/c.txt", "build/x"}  # B19


def test_levels_and_what_was_overridden(pyftpsync: Caller, project: Path) -> None:
    done = pyftpsync("run", "-qqq")
    assert done.lines == [
        f"Running task 'deploy' from {project}/.pyftpsync.yaml",
        "Yaml entry overriden by --verbose: 4 => 0",
    ]


def test_dry_run_of_the_file(pyftpsync: Caller, project: Path, remote: Path) -> None:
    done = pyftpsync("run", "careful")
    assert "pass --no-dry-run (or --execute) to enable write operations" in done.lines[1]
    assert set(content(remote)) == {"old.txt"}
    pyftpsync("run", "careful", "--execute")
    assert "a.txt" in content(remote)


def test_in_a_folder_below(pyftpsync: Caller, project: Path, remote: Path) -> None:
    pyftpsync.folder = project / "d"
    done = pyftpsync("run")
    assert done.code == 2
    assert "--root for the whole project" in done.err
    (remote / "d").mkdir()
    done = pyftpsync("run", "--here")
    assert done.lines[1] == f"Using sub-branch d of {project}"
    assert set(content(remote)) == {"old.txt", "d/c.txt"}
    assert pyftpsync("run", "--root").code == 0
    assert "a.txt" in content(remote)


def test_other_commands(pyftpsync: Caller, project: Path, remote: Path) -> None:
    assert pyftpsync("run", "back", "-q").code == 0
    assert content(project)["old.txt"] == "old"
    assert " `- old.txt             " in pyftpsync("run", "show").out


def test_both_names_of_the_file(pyftpsync: Caller, project: Path) -> None:
    (project / ".pyftpsync.yaml").rename(project / "pyftpsync.yaml")
    assert pyftpsync("run", "-n").lines[0] == f"Running task 'deploy' from {project}/pyftpsync.yaml"


def test_mistakes_name_line_and_key(pyftpsync: Caller, project: Path) -> None:
    write(project / ".pyftpsync.yaml", FILE.replace("delete_unmatched", "delete_unmatchd"))
    done = pyftpsync("run")
    assert done.code == 2
    assert done.err.splitlines()[1] == (
        f"pyftpsync run: error: {project}/.pyftpsync.yaml, line 8: tasks.deploy.delete_unmatchd: there is no such key; "
        "did you mean 'delete_unmatched'?"
    )
    assert "tasks: deploy, careful, back, show" in pyftpsync("run", "carefull").err
