# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The tables of options and commands as an argparse parser."""

from __future__ import annotations

import argparse
import typing as t

from ..console.terminal import columns
from ..nearest import nearest
from .commands import ABOUT, CLOSING, COMMANDS, Command
from .options import GROUPS, OPTIONS, RUN, Option, dest, options_of

PROGRAM = "pyftpsync"
OPTIONAL = RUN  # the commands whose positional may be left out


class Parser(argparse.ArgumentParser):
    """A parser that keeps abbreviations of 3.1's options valid, and is brief about mistakes.

    Attributes:
        old_flags: long options that 3.1 has: an abbreviation that fits one of them means it, although
            newer options begin alike.
    """

    old_flags: frozenset[str] = frozenset()

    def _get_option_tuples(self, option_string: str) -> list[t.Any]:
        # argparse's own place for the question what an abbreviation may stand for.
        found: list[t.Any] = list(super()._get_option_tuples(option_string))
        old = [item for item in found if self.old_flags.intersection(item[0].option_strings)]
        return old if len(old) == 1 else found

    def error(self, message: str) -> t.NoReturn:
        """Say what is wrong, in two lines, and exit with 2."""
        self.exit(2, f"{self.format_usage()}{self.prog}: error: {message}\n")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26, width=columns() - 2)


def make_parser() -> Parser:
    """The parser of the whole command line."""
    parser = Parser(
        prog=PROGRAM,
        usage=f"{PROGRAM} COMMAND [options] ...",
        description=ABOUT,
        epilog=CLOSING,
        formatter_class=_Formatter,
    )
    level = parser.add_mutually_exclusive_group()
    # Names of their own: a sub-parser's defaults would overwrite what stands in front of the command.
    level.add_argument("-v", "--verbose", dest="front_verbose", action="count", default=0, help="tell more")
    level.add_argument("-q", "--quiet", dest="front_quiet", action="count", default=0, help="tell less")
    parser.add_argument(
        "-V", "--version", action="store_true", help="print the version; with -v that of Python and the system, too"
    )
    commands = parser.add_subparsers(dest="command", title="commands", metavar="COMMAND", parser_class=Parser)
    for name in COMMANDS:
        add_command(commands, name)
    return parser


def add_command(commands: argparse._SubParsersAction[t.Any], name: str) -> Parser:
    """Add the parser of one command.

    Parameters:
        commands: what ``add_subparsers`` has returned.
        name: one of COMMANDS.
    """
    command = COMMANDS[name]
    # The keywords are typed loosely by argparse's stubs, since they go to the class above.
    made: Parser = commands.add_parser(
        name,
        prog=f"{PROGRAM} {name}",
        help=command.summary,
        usage=f"{PROGRAM} {name} [options] {command.usage}",
        description=command.about,
        epilog=_examples(command),
        formatter_class=_Formatter,
    )
    for positional, text in command.positionals:
        made.add_argument(positional, metavar=positional.upper(), help=text, nargs="?" if name in OPTIONAL else None)
    rows = options_of(name)
    made.old_flags = frozenset(flag for row in rows if name in row.old for flag in row.flags)
    add_options(made, rows)
    made.set_defaults(parser=made)
    return made


def add_options(parser: argparse.ArgumentParser, rows: t.Sequence[Option]) -> None:
    """Add options in the groups of the help."""
    for title in GROUPS:
        members = [row for row in rows if row.group == title]
        if not members:
            continue
        group = parser.add_argument_group(title)
        exclusive: dict[str, argparse._MutuallyExclusiveGroup] = {}
        for row in members:
            place: argparse._ActionsContainer = group
            if row.exclusive:
                if row.exclusive not in exclusive:
                    exclusive[row.exclusive] = group.add_mutually_exclusive_group()
                place = exclusive[row.exclusive]
            place.add_argument(*row.flags, dest=dest(row), help=row.help, **row.keywords)


def _examples(command: Command) -> str:
    lines = ["examples:"]
    for line, meaning in command.examples:
        lines.append(f"  {line}" + (f"\n      {meaning}" if meaning else ""))
    return "\n".join(lines).replace("%", "%%")


def parse(argv: t.Sequence[str]) -> argparse.Namespace:
    """Parse a command line.

    Returns:
        ``command`` and the values of its options; ``parser`` is the command's, for further usage errors;
        ``verbose`` is the level: 3, more with each -v and less with each -q, before or after the command.
        With ``version`` there may be no command.

    Raises:
        SystemExit: usage error (2), or help was printed (0).
    """
    parser = make_parser()
    args, unknown = parser.parse_known_args(argv)
    if args.command is None:
        args.parser, args.verbose, args.quiet = parser, 0, 0
        if not args.version:
            parser.error(f"missing command (choose from {', '.join(map(repr, COMMANDS))})")
    if unknown:
        hint = _hint(unknown[0], args.command) if args.command else ""
        args.parser.error(f"unrecognized arguments: {' '.join(unknown)}{hint}")
    args.verbose = 3 + args.verbose + args.front_verbose - args.quiet - args.front_quiet
    return args


def _hint(argument: str, command: str) -> str:
    """What may have been meant by an argument that the command does not know."""
    flag = argument.partition("=")[0]
    having = sorted({name for row in OPTIONS if flag in row.flags for name in row.commands})
    if having:
        return f" ({flag} belongs to {', '.join(having)})"
    known = [name for row in options_of(command) for name in row.flags if name.startswith("--")]
    near = nearest(flag, known) if flag.startswith("--") else None
    return f" (did you mean {near}?)" if near else ""
