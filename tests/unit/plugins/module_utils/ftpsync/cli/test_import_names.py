# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules of the command line that scripts import (behaviour 10)."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pytest

from ftpsync import cli_common, run_command, scan_command, synchronizers, tree_command
from ftpsync.console.messages import set_pyftpsync_logger


def test_parents_for_parsers_of_ones_own() -> None:
    parents = [
        cli_common.verbose_parser,
        cli_common.common_parser,
        cli_common.matcher_parser,
        cli_common.creds_parser,
    ]
    args = argparse.ArgumentParser(parents=parents).parse_args(["-v", "-n", "-x", "a", "--no-prompt", "--timeout", "5"])
    assert (args.verbose, args.dry_run, args.exclude, args.no_prompt, args.timeout) == (1, True, "a", True, 5)
    assert cli_common.DEFAULT_OMIT is synchronizers.DEFAULT_OMIT


def parsed(module: object, name: str, *arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    getattr(module, f"add_{name}_parser")(parser.add_subparsers(dest="command"))
    args = parser.parse_args([name, *arguments])
    args.verbose = 3
    return args


def test_handlers_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("a")
    before = set_pyftpsync_logger(None)
    try:
        args = parsed(scan_command, "scan", str(tmp_path), "--list")
        scan_command.scan_handler(args.parser, args)
        args = parsed(tree_command, "tree", str(tmp_path), "--files")
        tree_command.tree_handler(args.parser, args)
    finally:
        set_pyftpsync_logger(before)
    told = capsys.readouterr().out
    assert " a.txt      " in told
    assert " `- a.txt      " in told


def test_the_run_handler_puts_a_task_into_the_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / run_command.CONFIG_FILE_NAME).write_text(
        "tasks: {default: {command: download, remote: 'ftp://h/', delete: true}}\n"
    )
    monkeypatch.chdir(tmp_path)
    args = parsed(run_command, "run")
    run_command.handle_run_command(args.parser, args)
    assert (args.command, args.local, args.remote) == ("download", os.getcwd(), "ftp://h/")
    assert (args.delete, args.resolve) == (True, "skip")


def test_mistakes_are_usage_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    args = parsed(run_command, "run")
    with pytest.raises(SystemExit) as end:
        run_command.handle_run_command(args.parser, args)
    assert end.value.code == 2
