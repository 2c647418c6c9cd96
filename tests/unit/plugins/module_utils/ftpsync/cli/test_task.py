# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task and the command line become one job: who wins, which folders (behaviour 9.3, 9.4)."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ftpsync.cli import task
from ftpsync.cli.config_file import Task
from ftpsync.cli.parser import parse
from ftpsync.errors import UsageError


def merged(values: dict[str, t.Any], *arguments: str) -> tuple[dict[str, t.Any], list[str]]:
    return task.merge(Task("/p/.pyftpsync.yaml", "t", values), vars(parse(["run", *arguments])))


@pytest.mark.parametrize(
    ("values", "arguments", "name", "result", "line"),
    [
        ({"verbose": 4}, [], "verbose", 4, None),
        ({"verbose": 4}, ["-q"], "verbose", 2, "Yaml entry overriden by --verbose: 4 => 2"),
        ({"verbose": 4}, ["-v"], "verbose", 4, None),
        ({}, ["-v"], "verbose", 4, None),
        ({"dry_run": False}, ["-n"], "dry_run", True, "Yaml entry overriden by --dry-run: False => True"),
        ({"dry_run": True}, [], "dry_run", True, None),
        ({"dry_run": True}, ["--no-dry-run"], "dry_run", False, "Yaml entry overriden by --dry-run: True => False"),
        ({"dry_run": True}, ["--execute"], "dry_run", False, "Yaml entry overriden by --dry-run: True => False"),
        ({"force": False}, ["--force"], "force", True, "Yaml entry overriden by --force: False => True"),
        ({"no_prompt": True}, [], "no_prompt", True, None),
        ({"root": True}, ["--here"], "root", False, "Yaml entry overriden by --root: True => False"),
        ({"here": True}, ["--root"], "here", False, "Yaml entry overriden by --here: True => False"),
        ({"ftp_active": False}, ["--ftp-active"], "ftp_active", False, None),  # the file wins
        ({}, ["--ftp-active"], "ftp_active", True, None),
        ({"timeout": 5}, ["--timeout", "7"], "timeout", 7, "Yaml entry overriden by --timeout: 5 => 7.0"),
        ({"timeout": 5}, [], "timeout", 5, None),
        ({}, [], "resolve", "skip", None),
        ({"resolve": "ask"}, [], "resolve", "ask", None),
        ({"report_problems": False}, ["--report-problems"], "report_problems", True, "report-problems: False => True"),
    ],
)
def test_who_wins(values: dict[str, t.Any], arguments: list[str], name: str, result: object, line: str | None) -> None:
    settings, lines = merged(values, *arguments)
    assert settings[name] == result
    assert len(lines) == (line is not None)
    assert line is None or line in lines[0]


PROJECT = "/p/site"
FTP = "ftp://example.com/www/"


@pytest.mark.parametrize(
    ("settings", "folder", "expected"),
    [
        ({}, "/p/site", ("/p/site", FTP, None)),
        ({"here": True}, "/p/site", ("/p/site", FTP, None)),
        ({"root": True}, "/p/site/a", ("/p/site", FTP, None)),
        ({"here": True}, "/p/site/a/b", ("/p/site/a/b", "ftp://example.com/www/a/b", "a/b of /p/site")),
        ({"here": True}, "/p/site/50%", ("/p/site/50%", "ftp://example.com/www/50%", "50% of /p/site")),
        ({"here": True}, "/p/site/50%25", ("/p/site/50%25", "ftp://example.com/www/50%2525", "50%25")),
        ({"here": True, "remote": "/mnt/x"}, "/p/site/50%25", ("/p/site/50%25", "/mnt/x/50%25", "50%25")),
        ({"remote": "../out"}, "/p/site", ("/p/site", "/p/out", None)),
        ({"local": "dist"}, "/p/site", ("/p/site/dist", FTP, None)),
        ({"local": "dist", "root": True}, "/p/site/a", ("/p/site/dist", FTP, None)),
        ({"local": "dist", "here": True}, "/p/site/dist", ("/p/site/dist", FTP, None)),
        ({"local": "dist", "here": True}, "/p/site/dist/css", ("/p/site/dist/css", f"{FTP}css", "css of /p/site/dist")),
    ],
)
def test_folders(settings: dict[str, t.Any], folder: str, expected: tuple[str, str, str | None]) -> None:
    settings = {"remote": FTP, **settings}
    local, remote, lines = task.place(Task(f"{PROJECT}/.pyftpsync.yaml", "t", settings), settings, folder)
    assert (local, remote) == expected[:2]
    assert bool(lines) == (expected[2] is not None)
    if expected[2] is not None:
        assert lines[0].startswith("Using sub-branch ")
        assert expected[2] in lines[0]


@pytest.mark.parametrize(
    ("settings", "message"),
    [({}, "--root for the whole project (/p/site), or --here"), ({"here": True, "local": "dist"}, "is not within")],
)
def test_folders_that_are_not_clear(settings: dict[str, t.Any], message: str) -> None:
    settings = {"remote": FTP, **settings}
    with pytest.raises(UsageError) as found:
        task.place(Task(f"{PROJECT}/.pyftpsync.yaml", "t", settings), settings, "/p/site/a")
    assert message in str(found.value)


def test_a_job_from_a_file(tmp_path: Path) -> None:
    (tmp_path / ".pyftpsync.yaml").write_text(
        "default_task: t\ntasks:\n  t:\n    command: upload\n    remote: ftp://h/x\n    delete_unmatched: true\n"
        "    dry_run: true\n"
    )
    job, lines = task.prepare(vars(parse(["run"])), str(tmp_path))
    assert (job.command, job.local, job.remote) == ("upload", str(tmp_path), "ftp://h/x")
    assert job.options["delete"] is True
    assert job.options["exclude"] == [".DS_Store", ".git", ".hg", ".svn", "#recycle"]  # B19
    assert lines[0] == f"Running task 't' from {tmp_path}/.pyftpsync.yaml"
    assert "--no-dry-run (or --execute)" in lines[1]


@pytest.mark.parametrize(
    ("given", "arguments", "expected"),
    [("ca.pem", [], "{}/ca.pem"), ("/etc/ca.pem", [], "/etc/ca.pem"), ("ca.pem", ["--ca-file", "x.pem"], "x.pem")],
)
def test_certificates_lie_beside_the_file(tmp_path: Path, given: str, arguments: list[str], expected: str) -> None:
    (tmp_path / "pyftpsync.yaml").write_text(
        f"tasks: {{default: {{command: sync, remote: 'ftps://h/x', ca_file: {given}}}}}\n"
    )
    job, _lines = task.prepare(vars(parse(["run", *arguments])), str(tmp_path))
    assert job.options["ca_file"] == expected.format(tmp_path)


def test_a_tree_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "pyftpsync.yaml").write_text("tasks: {default: {command: tree, remote: 'ftp://h/x', files: true}}\n")
    job, _lines = task.prepare(vars(parse(["run"])), str(tmp_path))
    assert (job.command, job.local, job.settings["files"]) == ("tree", "ftp://h/x", True)
