# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The commands: what they are for, what they are given, and examples (behaviour 1.2). Data only."""

from __future__ import annotations

import typing as t


class Command(t.NamedTuple):
    """One command.

    Attributes:
        summary: a line of ``pyftpsync --help``.
        positionals: name and explanation of each.
        usage: what follows ``pyftpsync COMMAND [options]``.
        about: the first lines of its help.
        examples: command lines with what they do.
    """

    summary: str
    positionals: tuple[tuple[str, str], ...]
    usage: str
    about: str
    examples: tuple[tuple[str, str], ...]


_LOCAL = "folder on this computer, '.' for the current one (or the URL of another FTP server)"
_REMOTE = "URL such as ftps://joe@ftp.example.com/htdocs, or a folder"
_TARGET = "folder, '.' for the current one, or URL"

COMMANDS: dict[str, Command] = {
    "upload": Command(
        "copy new and changed files to the remote folder",
        (("local", _LOCAL), ("remote", _REMOTE)),
        "LOCAL REMOTE",
        "Copy new and changed files from LOCAL to REMOTE. Nothing in LOCAL is changed.",
        (
            ("pyftpsync upload . ftps://joe@ftp.example.com/htdocs -n", "tell what would be done"),
            ("pyftpsync upload . ftps://ftp.example.com/htdocs --delete -x '.*,node_modules'", ""),
            (
                "pyftpsync upload dist ftps://ftp.example.com/htdocs --force --delete --resolve local",
                "a mirror of dist",
            ),
            (
                "pyftpsync upload dist ftps://ftp.example.com/htdocs --record server --delete",
                "by content, from any computer, all pages at once",
            ),
        ),
    ),
    "download": Command(
        "copy new and changed files from the remote folder",
        (("local", _LOCAL.replace("folder on", "destination: folder on")), ("remote", _REMOTE)),
        "LOCAL REMOTE",
        "Copy new and changed files from REMOTE to LOCAL. Nothing in REMOTE is changed.",
        (
            ("pyftpsync download . ftps://joe@ftp.example.com/htdocs", ""),
            ("pyftpsync download backup ftps://ftp.example.com/htdocs --force --delete --resolve remote", "a mirror"),
        ),
    ),
    "sync": Command(
        "make both folders equal: changes and deletions, both ways",
        (("local", _LOCAL), ("remote", _REMOTE)),
        "LOCAL REMOTE",
        "Carry what was added, changed and deleted since the last time from each side to the other.",
        (
            ("pyftpsync sync . ftps://joe@ftp.example.com/notes", "ask about conflicts"),
            (
                "pyftpsync sync . ftps://ftp.example.com/notes --resolve new --no-prompt",
                "for cron: the newer file wins",
            ),
        ),
    ),
    "run": Command(
        "do what .pyftpsync.yaml says, in this folder or one above",
        (("task", "one of the file's tasks (default: its default_task)"),),
        "[TASK]",
        "Take command and options from .pyftpsync.yaml (or pyftpsync.yaml) in the current folder or one above it.",
        (
            ("pyftpsync run", "the default task"),
            ("pyftpsync run deploy --here -n", "what the task would do for the current folder"),
        ),
    ),
    "scan": Command(
        "list a target, or remove what earlier runs have left in it",
        (("target", _TARGET),),
        "TARGET",
        "Count and list the files of one folder or server; remove metadata files and locks.",
        (
            ("pyftpsync scan ftps://joe@ftp.example.com/htdocs --list -r", ""),
            ("pyftpsync scan . -r --remove-meta -n", "which metadata files there are"),
        ),
    ),
    "tree": Command(
        "show a target as a tree",
        (("target", _TARGET),),
        "TARGET",
        "Draw the folders, and with --files the files, of one folder or server.",
        (("pyftpsync tree ftps://joe@ftp.example.com/htdocs --files --sort", ""),),
    ),
}

ABOUT = "Synchronize folders over FTP and FTPS: upload, download, or both ways."

CLOSING = """\
exit codes:
  0   done; conflicts may have been left alone (see --report-problems)
  1   something failed; one line on stderr says what, -vv adds where
  2   wrong usage or configuration file
  3   interrupted by Ctrl-C
  10  with --report-problems: conflicts were left alone, or entries failed

'pyftpsync COMMAND --help' explains the options of a command."""
