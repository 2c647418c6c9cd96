# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every message that users may get to read, found in the code.

A message is the text of an error of the engine, wherever one is made, and of what is handed to `Problem` or to a
function that warns. Values in it are shown as `…`. Python's own exceptions are for programmers, and no messages. What
the role says is found by role_messages.py.
"""

from __future__ import annotations

import ast
import functools
import itertools
import re
import typing as t
from pathlib import Path

from tests.conftest import ROOT
from tests.docs.role_messages import VALUE, role_messages

PAGE = ROOT / "docs" / "messages.md"
CODE = ROOT / "plugins"

# What makes a message of its arguments, besides the classes of errors.
MAKERS = {
    "Problem", "ArgumentTypeError", "warn", "damaged", "lost", "promised", "refusal", "refused", "_changed", "_stalled",
    "_unreachable", "_doubt", "_warn", "error", "fail", "problem", "warn_once",
}  # fmt: skip
# Lists to which lines are appended that users read.
LISTS = ("warnings", "problems", "found", "unsendable")
BASES = {"FtpSyncError", "CliSilentRuntimeError", "SourceUnusable"}
_PERCENT = re.compile(r"%[-+ #0]*\d*(?:\.\d+)?[sdrgfx]")
_BRACES = re.compile(r"\{[^{}]*\}")


class Module:
    """One file: its constants, functions, and places where messages are made."""

    def __init__(self, path: Path) -> None:
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.functions = {n.name: n for n in ast.walk(self.tree) if isinstance(n, ast.FunctionDef)}
        self.constants = {name: value for node in self.tree.body for name, value in _assigned(node)}
        self.bases = {
            n.name: {_name(base) for base in n.bases} for n in ast.walk(self.tree) if isinstance(n, ast.ClassDef)
        }

    def messages(self, makers: t.Container[str]) -> t.Iterator[str]:
        for function in [self.tree, *self.functions.values()]:
            nodes = list(ast.walk(function))
            local = {name: value for node in nodes for name, value in _assigned(node)}
            for node in nodes:
                if isinstance(node, ast.Call):
                    for argument in self._spoken(node, makers):
                        yield from self.texts(argument, local)

    def rules(self) -> t.Iterator[str]:
        """Messages that stand in a table, each beside the rule that it tells of."""
        table = self.constants.get("CONTRADICTIONS")
        if isinstance(table, ast.Tuple):
            for rule in table.elts:
                assert isinstance(rule, ast.Tuple) and isinstance(rule.elts[1], ast.Constant), ast.dump(rule)
                yield _BRACES.sub(VALUE, str(rule.elts[1].value))

    def _spoken(self, call: ast.Call, makers: t.Container[str]) -> list[ast.expr]:
        if _name(call.func) in makers:
            return [*call.args, *(keyword.value for keyword in call.keywords)]
        if isinstance(call.func, ast.Attribute) and call.func.attr == "append" and _name(call.func.value) in LISTS:
            return call.args
        return []

    def texts(self, node: ast.expr | None, local: t.Mapping[str, ast.expr], depth: int = 0) -> list[str]:
        """What an expression may say; nothing if that is decided elsewhere."""
        if node is None or depth > 4:
            return []

        def more(inner: ast.expr | None) -> list[str]:
            return self.texts(inner, local, depth + 1)

        if isinstance(node, ast.Constant):
            return [node.value] if isinstance(node.value, str) else []
        if isinstance(node, ast.JoinedStr):
            parts = [self._part(value, local, depth) for value in node.values]
            return ["".join(choice) for choice in itertools.product(*parts)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            return [_PERCENT.sub(VALUE, text) for text in more(node.left)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = more(node.left), more(node.right)
            return [a + b for a, b in itertools.product(left or [VALUE], right or [VALUE])] if left or right else []
        if isinstance(node, ast.IfExp):
            return [*more(node.body), *more(node.orelse)]
        if isinstance(node, ast.Call):
            return self._called(node, more)
        if isinstance(node, ast.Name) and local.get(node.id, self.constants.get(node.id)) is not None:
            return more(local.get(node.id, self.constants.get(node.id)))
        return []

    def _part(self, value: ast.expr, local: t.Mapping[str, ast.expr], depth: int) -> list[str]:
        """A piece of an f-string: its words, or those of a constant, or a value."""
        if isinstance(value, ast.FormattedValue):
            constant = isinstance(value.value, ast.Name) and self.constants.get(value.value.id)
            return self.texts(constant or None, local, depth + 1) or [VALUE]
        return self.texts(value, local, depth + 1)

    def _called(self, call: ast.Call, more: t.Callable[[ast.expr | None], list[str]]) -> list[str]:
        if isinstance(call.func, ast.Attribute) and call.func.attr == "format":
            return [_BRACES.sub(VALUE, text) for text in more(call.func.value)]
        if _name(call.func) in ("shown", "clean"):
            return more(call.args[0])
        function = self.functions.get(_name(call.func))
        if function is None:
            return []
        returns = [n.value for n in ast.walk(function) if isinstance(n, ast.Return)]
        return [text for value in returns for text in more(value)]


def _assigned(node: ast.AST) -> t.Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        yield node.targets[0].id, node.value
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        yield node.target.id, node.value


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


@functools.lru_cache(maxsize=None)
def messages() -> dict[str, Path]:
    """All of them, each with the first file that has it."""
    modules = {path: Module(path) for path in sorted(CODE.rglob("*.py"))}
    makers = {*MAKERS, *_errors(modules.values())}
    found: dict[str, Path] = {}
    spoken = ((text, path) for path, module in modules.items() for text in (*module.messages(makers), *module.rules()))
    for text, path in itertools.chain(spoken, role_messages()):
        if _is_sentence(text):
            found.setdefault(_tidy(text), path)
    return found


def _errors(modules: t.Collection[Module]) -> set[str]:
    """The engine's classes of errors."""
    errors = set(BASES)
    while True:
        derived = {name for module in modules for name, bases in module.bases.items() if bases & errors}
        if derived <= errors:
            return errors
        errors |= derived


def _tidy(text: str) -> str:
    return re.sub(f"{VALUE}+", VALUE, " ".join(text.split()))


def _is_sentence(text: str) -> bool:
    """Words of our own, and not only a name or a value; what ends in dots tells how far a run is."""
    return not text.endswith("...") and len(re.findall(r"[a-z]{2,}", text.replace(VALUE, " "))) >= 3
