# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""How an action is told in one line, and in which colour (``spec/ftpsync-behaviour.md`` 1.5)."""

from __future__ import annotations

from ..console.terminal import ERASE_LINE_END, ansi_code, is_terminal
from ..model import shown

DRY_RUN_PREFIX = "(DRY-RUN) "
SYMBOL_WIDTH = 3
TAG_WIDTH = 16

# Symbols of three columns; shorter ones are centred.
TO_REMOTE, TO_LOCAL = ">", "<"
DELETE_IN_LOCAL, DELETE_IN_REMOTE = "X< ", " >X"


def action_line(action: str, status: str, symbol: str, path: str, is_dir: bool, dry_run: bool) -> str:
    """One action as a line, without colour.

    Parameters:
        action, status: such as ``copy``, ``new``.
        path: relative to the target's root.
    """
    tag = f"{action} {status}".upper()
    name = f"[{shown(path)}]" if is_dir else shown(path)
    prefix = DRY_RUN_PREFIX if dry_run else ""
    return f"{prefix}{tag:<{TAG_WIDTH}} {symbol:^{SYMBOL_WIDTH}} {name}"


def coloured(line: str, action: str, status: str, symbol: str, plain: bool) -> str:
    """The line as a terminal shows it; elsewhere unchanged.

    Parameters:
        plain: no colours are wanted.
    """
    if not is_terminal():
        return line
    if plain:
        return line + ERASE_LINE_END
    return f"{_colour(action, status, symbol)}{line}{ansi_code('Style.RESET_ALL')}{ERASE_LINE_END}"


def _colour(action: str, status: str, symbol: str) -> str:
    if action == "delete":
        return ansi_code("Fore.RED")
    if action in ("copy", "restore"):
        colour = ansi_code("Fore.GREEN") if "<" in symbol else ansi_code("Fore.CYAN")
        return colour + (ansi_code("Style.BRIGHT") if status == "new" else "")
    if (action, status) == ("skip", "conflict"):
        return ansi_code("Fore.LIGHTRED_EX")
    return ansi_code("Fore.LIGHTBLACK_EX")
