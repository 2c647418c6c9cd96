# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""``pyftpsync run``: a task of the configuration file and the command line become one job (behaviour 9.3, 9.4)."""

from __future__ import annotations

import os
import re
import typing as t

from ..errors import UsageError
from . import config_file
from .config_file import Task
from .job import Job, is_ftp, make_job

# What was given on the command line wins: flags, which can only switch on, and values.
WINNING_FLAGS = (
    "dry_run", "force", "no_color", "no_keyring", "no_netrc", "no_prompt", "progress",
    "report_problems", "create_folder", "files", "sort", "no_verify",
)  # fmt: skip
WINNING_VALUES = (
    "timeout",
    "connections",
    "retries",
    "bwlimit",
    "encoding",
    "ca_file",
    "tls_fingerprint",
    "tls_server_name",
)
DEFAULT_LEVEL = 3


class Prepared(t.NamedTuple):
    """A job, and what to tell about how it came about, at every level of output."""

    job: Job
    lines: list[str]


def prepare(args: t.Mapping[str, t.Any], folder: str) -> Prepared:
    """Read the configuration file and settle what the call means.

    Parameters:
        args: values of the command line by option name, and ``task``.
        folder: the current one.

    Raises:
        LocalError, UsageError: one line.
    """
    path = config_file.find(folder)
    task = config_file.parse(config_file.read(path), path, args.get("task"))
    lines = [f"Running task '{task.name}' from {path}"]
    settings, overridden = merge(task, args)
    lines += overridden
    if settings.get("dry_run") and not args.get("dry_run"):
        lines.append("Dry-run mode is configured: pass --no-dry-run (or --execute) to enable write operations")
    local, remote, branch = place(task, settings, os.path.abspath(folder))
    lines += branch
    if task.values.get("ca_file") and not args.get("ca_file"):
        settings["ca_file"] = os.path.join(os.path.dirname(path), os.path.expanduser(task.values["ca_file"]))
    settings.update(local=local, remote=remote, target=remote if settings["command"] == "tree" else None)
    command = settings.pop("command")
    if command == "tree":
        del settings["local"]
    return Prepared(make_job(command, settings), lines)


def merge(task: Task, args: t.Mapping[str, t.Any]) -> tuple[dict[str, t.Any], list[str]]:
    """The task's settings with those of the command line; and a line for each that the latter has changed."""
    settings = dict(task.values)
    lines: list[str] = []

    def override(name: str, value: t.Any) -> None:
        if name in settings and settings[name] != value:
            lines.append(f"Yaml entry overriden by --{name.replace('_', '-')}: {settings[name]} => {value}")
        settings[name] = value

    if args.get("here") or args.get("root"):
        for name in ("here", "root"):
            override(name, bool(args.get(name)))
    if args["verbose"] != DEFAULT_LEVEL:
        override("verbose", args["verbose"])
    for name in WINNING_FLAGS:
        if args.get(name):
            override(name, True)
    for name in WINNING_VALUES:
        if args.get(name) is not None:
            override(name, args[name])
    if args.get("no_dry_run"):
        override("dry_run", False)
    for name, value in args.items():
        settings.setdefault(name, value)
    # What `run` alone has no option for falls to the library's default, a dialogue only where it is asked for.
    settings.setdefault("resolve", "skip")
    return settings, lines


def place(task: Task, settings: t.Mapping[str, t.Any], folder: str) -> tuple[str, str, list[str]]:
    """The two folders: the project's, or with ``here`` the current one and its counterpart.

    Parameters:
        folder: the current one, absolute.

    Returns:
        local, remote, and lines to tell.

    Raises:
        UsageError: it is not clear which of the two is meant.
    """
    project = os.path.dirname(task.path)
    root = os.path.normpath(os.path.join(project, os.path.expanduser(settings.get("local") or ".")))
    remote = str(settings["remote"])
    if not is_ftp(remote) and "://" not in remote:
        remote = os.path.normpath(os.path.join(project, os.path.expanduser(remote)))
    if folder == project or settings.get("root"):
        return root, remote, []
    if not settings.get("here"):
        raise UsageError(
            f"the configuration file lies in a parent folder, so say what is meant: --root for the whole project "
            f"({root}), or --here for this branch of it ({folder})"
        )
    branch = os.path.relpath(folder, root)
    if branch.split(os.sep, maxsplit=1)[0] == os.pardir:
        raise UsageError(f"--here: the current folder {folder} is not within the task's local folder {root}")
    if branch == os.curdir:
        return root, remote, []
    branch = branch.replace(os.sep, "/")
    return (
        folder,
        f"{remote.rstrip('/')}/{_as_url(branch) if is_ftp(remote) else branch}",
        [f"Using sub-branch {branch} of {root}"],
    )


def _as_url(path: str) -> str:
    """A path as a part of a URL, changed only where decoding would change it: it is in the names of records."""
    return re.sub("%(?=[0-9A-Fa-f]{2})", "%25", path)
