# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which command has which option (behaviour 1.3, 13.2), levels, abbreviations, mistakes."""

from __future__ import annotations

import typing as t

import pytest

from ftpsync.cli.options import OPTIONS, dest
from ftpsync.cli.parser import parse

COMMANDS = ("upload", "download", "sync", "run", "scan", "tree")
POSITIONALS = {"run": [], "scan": ["T"], "tree": ["T"]}

# upload, download, sync, run, scan, tree; with a value that is accepted, or "" for a flag.
TABLE = """
--verbose            ++++++
-v                   ++++++
--quiet              ++++++
-q                   ++++++
--dry-run            ++++++
-n                   ++++++
--progress           ++++++
--no-color           ++++++
--ftp-active         ++++++
--migrate            ++++++
--match              +++-++  *.html
-m                   +++-++  *.html
--exclude            +++-++  *.tmp
-x                   +++-++  *.tmp
--prompt             ++++++
--no-prompt          ++++++
--no-keyring         ++++++
--no-netrc           ++++++
--store-password     ++++++
--force              ++-+--
--resolve            +-+---  local
--resolve            -++---  remote
--resolve            --+---  old
--resolve            --+---  new
--resolve            +++---  skip
--resolve            +++---  ask
--delete             ++----
--delete-unmatched   ++----
--here               ---+--
--root               ---+--
--list               ----+-
--recursive          ----+-
-r                   ----+-
--remove-meta        ----+-
--remove-locks       ----+-
--files              ---+-+
--sort               ---+-+
--create-folder      +-++--
--report-problems    ++++--
--case               ++++++  strict
--debug              ++++++  classify
--no-dry-run         ---+--
--execute            ---+--
--ca-file            ++++++  ca.pem
--no-verify          ++++++
--tls-fingerprint    ++++++  abababababababababababababababababababababababababababababababab
--tls-server-name    ++++++  example.com
--timeout            ++++++  2.5
--connections        ++++++  8
--retries            ++++++  0
--bwlimit            ++++++  500k
--encoding           ++++++  cp1252
--record             +-----  server
--record-cache       +-----  cache
--scan               +-----  trust
--publish            +-----  staged
--json               ++++++
"""


def rows() -> t.Iterator[tuple[str, str, list[str], bool]]:
    for line in TABLE.split("\n"):
        if line:
            flag, commands, *value = line.split()
            for command, mark in zip(COMMANDS, commands):
                yield command, flag, value, mark == "+"


def arguments(command: str, *more: str) -> list[str]:
    return [command, *POSITIONALS.get(command, ["L", "R"]), *more]


@pytest.mark.parametrize(("command", "flag", "value", "has"), list(rows()))
def test_each_command_has_its_options(
    command: str, flag: str, value: list[str], has: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    if has:
        parse(arguments(command, flag, *value))
    else:
        with pytest.raises(SystemExit) as end:
            parse(arguments(command, flag, *value))
        assert end.value.code == 2
        assert "error: " in capsys.readouterr().err


def test_the_table_above_is_complete() -> None:
    listed = {line.split()[0] for line in TABLE.split("\n") if line}
    assert listed == {flag for option in OPTIONS for flag in option.flags}


@pytest.mark.parametrize("command", COMMANDS)
def test_defaults(command: str) -> None:
    args = vars(parse(arguments(command)))
    assert args["verbose"] == 3
    given = {dest(option): args[dest(option)] for option in OPTIONS if dest(option) in args}
    differing = {name: value for name, value in given.items() if value not in (None, False, 0)}
    assert differing.pop("verbose") == 3
    assert differing == ({} if command == "run" else {"exclude": ".DS_Store,.git,.hg,.svn,#recycle"})


@pytest.mark.parametrize(
    ("arguments", "level"),
    [
        ("upload L R -v", 4),
        ("upload -vvv L R", 6),
        ("upload L -q R", 2),
        ("upload L R -qqqqq", -2),
        ("-v upload L R", 4),
        ("-v upload L R -v", 5),
        ("-q upload L R", 2),
        ("--quiet --quiet scan T --verbose", 2),
        ("-vV", 4),
        ("-V -v", 4),
    ],
)
def test_levels_count_before_and_after_the_command(arguments: str, level: int) -> None:
    assert parse(arguments.split()).verbose == level


@pytest.mark.parametrize(
    ("given", "name", "value"),
    [
        ("--dry", "dry_run", True),
        ("--re=skip", "resolve", "skip"),  # --record, --retries and --report-problems did not exist in 3.1
        ("--res=skip", "resolve", "skip"),
        ("--ftp", "ftp_active", True),
        ("--no-k", "no_keyring", True),
        ("--mat=x", "match", "x"),
        ("--e=x", "exclude", "x"),
        ("--st", "store_password", True),
        ("--conn=3", "connections", 3),
        ("--bw=2M", "bwlimit", 2 << 20),
    ],
)
def test_abbreviations(given: str, name: str, value: object) -> None:
    assert vars(parse(["upload", "L", "R", given]))[name] == value


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "missing command (choose from 'upload', 'download', 'sync', 'run', 'scan', 'tree')"),
        ("frob", "invalid choice: 'frob'"),
        ("upload", "pyftpsync upload: error: the following arguments are required: LOCAL, REMOTE"),
        ("upload L", "the following arguments are required: REMOTE"),
        ("scan", "the following arguments are required: TARGET"),
        ("upload L R -v -q", "-q/--quiet: not allowed with argument -v/--verbose"),
        ("upload L R --prompt --no-prompt", "not allowed with argument --prompt"),
        ("run --here --root", "--root: not allowed with argument --here"),
        ("upload L R --list", "--list (--list belongs to scan)"),
        ("sync L R --delete", "(--delete belongs to download, upload)"),
        ("upload L R --delete-unmatchd", "(did you mean --delete-unmatched?)"),
        ("upload L R X", "unrecognized arguments: X"),
        ("upload L R --de", "ambiguous option: --de could match"),
        ("upload L R --resolve new", "--resolve: invalid choice: 'new'"),
        ("upload L R --timeout soon", "--timeout: 'soon' is no number"),
        ("upload L R --timeout 0", "--timeout: 0.0 is not a number from 1 to"),
        ("upload L R --connections 99", "--connections: 99 is not a whole number from 1 to"),
        ("upload L R --connections 1.5", "--connections: '1.5' is no number"),
        ("upload L R --bwlimit fast", "--bwlimit: 'fast' is no rate"),
        ("upload L R --encoding utf-7", "--encoding: 'utf-7' is no encoding"),
        ("upload L R --tls-fingerprint ab", "--tls-fingerprint: 'ab' is no SHA-256 fingerprint"),
    ],
)
def test_mistakes(line: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parse(line.split())
    told = capsys.readouterr().err
    assert end.value.code == 2
    assert message in told
    assert told.count("\n") == 2  # usage, error


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_every_option_and_gives_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parse([command, "--help"])
    told = capsys.readouterr().out
    assert end.value.code in (0, None)
    assert f"usage: pyftpsync {command} [options]" in told
    assert f"  pyftpsync {command}" in told.partition("examples:")[2]
    for option in OPTIONS:
        if command in option.commands:
            assert option.flags[-1] in told


def test_examples_can_be_typed(capsys: pytest.CaptureFixture[str]) -> None:
    import shlex

    from ftpsync.cli.commands import COMMANDS as TEXTS

    for command in TEXTS.values():
        for line, _meaning in command.examples:
            parse(shlex.split(line)[1:])
    assert capsys.readouterr().err == ""
