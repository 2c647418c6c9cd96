# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The configuration file of ``pyftpsync run`` (behaviour 9): found, read, checked.

Each complaint names file, line and key, and the key that was probably meant. Only the chosen task and the
common part are checked: a mistake in one task does not keep the others from running.
"""

from __future__ import annotations

import os
import typing as t

from ..errors import LocalError, UsageError
from ..nearest import nearest
from ..options import PARSERS
from .values import Check, flag, one_of, patterns, text, text_or_nothing, whole

FILE_NAMES = (".pyftpsync.yaml", "pyftpsync.yaml")  # 3.1's name, 4.x's
MAX_FOLDERS = 15  # as far up as 3.1 looks
MAX_SIZE = 1 << 20  # bytes; a task takes about a hundred

COMMANDS = ("upload", "download", "sync", "tree")
MANDATORY = ("command", "remote")
RESOLVE = {
    "upload": ("local", "skip", "ask"),
    "download": ("remote", "skip", "ask"),
    "sync": ("old", "new", "local", "remote", "skip", "ask"),
}

_FLAGS = (
    "create_folder", "delete", "delete_unmatched", "dry_run", "files", "force", "ftp_active", "here", "migrate",
    "no_color", "no_keyring", "no_netrc", "no_prompt", "no_verify", "no_verify_host_keys", "progress", "prompt",
    "report_problems", "root", "sort",
)  # fmt: skip

KEYS: dict[str, Check] = {
    **dict.fromkeys(_FLAGS, flag),
    **dict.fromkeys(("remote", "local", "ca_file", "tls_server_name"), text),
    **dict.fromkeys(("match", "exclude"), patterns),
    **{name: PARSERS[name] for name in ("timeout", "connections", "retries", "encoding", "tls_fingerprint")},
    "record_cache": text_or_nothing,
    "bwlimit": PARSERS["bandwidth_limit"],
    "verbose": whole,
    "command": one_of(*COMMANDS),
    "resolve": one_of(*RESOLVE["sync"]),
    "case": one_of("strict", "local", "remote"),
    "debug": one_of("classify"),
    "record": one_of("folder", "server", "none"),
    "publish": one_of("direct", "staged"),
    "scan": one_of("full", "trust"),
}

# Options of the command line that a file cannot have, and what to write instead.
INSTEAD = {
    "no_dry_run": "write 'dry_run: false'",
    "execute": "write 'dry_run: false'",
    "store_password": "give --store-password once on the command line",
    "json": "give --json on the command line",
    "quiet": "write 'verbose: 2'",
}


class Task(t.NamedTuple):
    """One task, with the common part beneath it.

    Attributes:
        path: the configuration file.
        name: of the task.
        values: checked settings; keys without value are left out.
    """

    path: str
    name: str
    values: dict[str, t.Any]


class _Section(t.NamedTuple):
    """A mapping of the file: its values, and the line of each key, counted from 1."""

    name: str
    values: dict[str, t.Any]
    lines: dict[str, int]


def find(folder: str) -> str:
    """The configuration file for a folder: the nearest one above it.

    Raises:
        UsageError: there is none.
    """
    folders = [os.path.abspath(folder)]
    while len(folders) <= MAX_FOLDERS and os.path.dirname(folders[-1]) != folders[-1]:
        folders.append(os.path.dirname(folders[-1]))
    for path in (os.path.join(place, name) for place in folders for name in FILE_NAMES):
        if os.path.isfile(path):
            return path
    raise UsageError(f"could not find {' or '.join(FILE_NAMES)} in {folders[0]} or {len(folders) - 1} folders above it")


def read(path: str) -> str:
    """The text of a configuration file.

    Raises:
        LocalError: it cannot be read.
        UsageError: it is no text, or far too large.
    """
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_SIZE + 1)
    except OSError as error:
        raise LocalError(f"{path} cannot be read: {error.strerror}") from None
    try:
        if len(content) <= MAX_SIZE:
            return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UsageError(f"{path}, line {line}: is not UTF-8") from None
    raise UsageError(f"{path} has more than {MAX_SIZE} bytes; is it a configuration file?")


def parse(content: str, path: str, wanted: str | None) -> Task:
    """Find a task in the file and check it.

    Parameters:
        content: of the file.
        path: its name, for messages.
        wanted: name of the task; None for the default one.

    Raises:
        UsageError: one line with file, line and key.
    """
    top = _load(content, path)
    tasks = _section(top, "tasks", path)
    if tasks is None and "tasks" in top.values:
        raise UsageError(f"{path}, line {top.lines['tasks']}: tasks: holds no task; indent them below it")
    if tasks is None:
        raise UsageError(f"{path}: 'tasks' is missing{_nearest('tasks', top.values)}")
    name = _choose(wanted, top, tasks, path)
    task = _section(tasks, name, path)
    if task is None:
        raise UsageError(f"{path}, line {tasks.lines[name]}: tasks.{name}: has no settings")
    common = _section(top, "common_config", path)
    values: dict[str, t.Any] = {}
    for section in (common, task):
        if section is not None:
            values.update(_checked(section, path))
    _check_together(values, task, common, path)
    return Task(path, name, values)


def _load(content: str, path: str) -> _Section:
    try:
        import yaml
    except ImportError:
        raise UsageError("'run' needs the Python package PyYAML, which is missing: pip install PyYAML") from None
    try:
        loader = yaml.SafeLoader(content)
        node = loader.get_single_node()
        data = loader.construct_document(node) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f", line {mark.line + 1}" if mark is not None else ""
        raise UsageError(f"{path}{place}: is no valid YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(error).splitlines() or [type(error).__name__]
        raise UsageError(f"{path}: is no valid YAML: {reason[0]}") from None
    if not isinstance(data, dict):
        raise UsageError(f"{path}: is empty; it needs 'tasks' with a task" if data is None else f"{path}: has no keys")
    return _Section("", _named(data, node), _lines(data, node))


class _Nested(t.Dict[str, t.Any]):
    """A mapping within the file, which knows the lines of its keys."""

    def __init__(self, section: _Section) -> None:
        super().__init__(section.values)
        self.section = section


def _named(data: dict[t.Any, t.Any], node: t.Any) -> dict[str, t.Any]:
    """A mapping with texts as keys; mappings in it know their lines."""
    below = {str(key.value): value for key, value in node.value}
    found: dict[str, t.Any] = {}
    for key, value in data.items():
        if isinstance(value, dict) and str(key) in below:
            inner = below[str(key)]
            value = _Nested(_Section(str(key), _named(value, inner), _lines(value, inner)))
        found[str(key)] = value
    return found


def _lines(data: dict[t.Any, t.Any], node: t.Any) -> dict[str, int]:
    known = {str(key.value): key.start_mark.line + 1 for key, dummy in node.value}
    return {str(key): known.get(str(key), node.start_mark.line + 1) for key in data}


def _section(parent: _Section, name: str, path: str) -> _Section | None:
    """A mapping by its key; None if it is missing or empty."""
    value = parent.values.get(name)
    if value is None:
        return None
    where = f"{parent.name}.{name}" if parent.name else name
    if not isinstance(value, _Nested):
        raise UsageError(f"{path}, line {parent.lines[name]}: {where}: must hold keys with values, indented below it")
    return value.section._replace(name=where)


def _choose(wanted: str | None, top: _Section, tasks: _Section, path: str) -> str:
    """The task that was asked for, else the default one, else the one called "default"."""
    names = ", ".join(tasks.values) or "none"
    default = top.values.get("default_task")
    if wanted is not None:
        if wanted not in tasks.values:
            raise UsageError(f"there is no task {wanted!r} in {path}{_nearest(wanted, tasks.values)}; tasks: {names}")
        return wanted
    if default is not None:
        if str(default) not in tasks.values:
            line = top.lines["default_task"]
            raise UsageError(f"{path}, line {line}: default_task: there is no task {str(default)!r}; tasks: {names}")
        return str(default)
    if "default" in tasks.values:
        return "default"
    raise UsageError(f"{path}: has no default_task; name a task: {names}")


def _checked(section: _Section, path: str) -> dict[str, t.Any]:
    """The values of a section that are given; raises UsageError for what a file cannot have."""
    found = {}
    for key, value in section.values.items():
        where = f"{path}, line {section.lines[key]}: {section.name}.{key}"
        if key in INSTEAD:
            raise UsageError(f"{where}: belongs to the command line; {INSTEAD[key]}")
        if key not in KEYS:
            raise UsageError(f"{where}: there is no such key{_nearest(key, KEYS)}")
        if value is not None:
            found[key] = KEYS[key](where, value)
    return found


def _check_together(values: dict[str, t.Any], task: _Section, common: _Section | None, path: str) -> None:
    """What a task needs, and what suits its command."""
    for key in MANDATORY:
        if key not in values:
            line = min(task.lines.values(), default=1)
            raise UsageError(f"{path}, line {line}: {task.name}.{key}: is missing, here and in common_config")
    choices = RESOLVE.get(values["command"])
    if "resolve" in values and choices and values["resolve"] not in choices:
        where = task if task.values.get("resolve") is not None or common is None else common
        raise UsageError(
            f"{path}, line {where.lines['resolve']}: {where.name}.resolve: {values['resolve']!r} does not suit "
            f"{values['command']!r}; choose from {', '.join(choices)}"
        )


def _nearest(word: str, known: t.Iterable[str]) -> str:
    found = nearest(word.replace("-", "_"), known)
    return f"; did you mean {found!r}?" if found else ""
