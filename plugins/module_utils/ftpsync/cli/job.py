# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What one call is to do: settings, from the command line or a task, checked together.

Settings are a dictionary with the long names of options, as in the configuration file. What leaves here is
what synchronizers and targets understand (behaviour 10.6), with ours beside it.
"""

from __future__ import annotations

import os
import re
import typing as t

from ..errors import UsageError
from .options import DEFAULT_EXCLUDE, OPTIONS, TRANSFERS, dest
from .values import split_patterns

NAMES = frozenset(dest(row) for row in OPTIONS)

# Settings with another name, or the opposite meaning, in the engine.
_RENAMED = frozenset({"no_verify", "json", "no_dry_run", "here", "root", "quiet"})

# What --record server and none do without: each belongs to the other kind of record.
_FOLDER_ONLY = {"migrate": "--migrate", "case": "--case", "debug": "--debug"}

_FTP = re.compile("(ftp|ftps|ftpes)://", re.IGNORECASE)
_SCHEME = re.compile("([a-z][a-z0-9+.-]+)://", re.IGNORECASE)


class Job(t.NamedTuple):
    """One synchronization or listing.

    Attributes:
        command: upload, download, sync, scan or tree.
        local, remote: the targets as the user names them; for scan and tree, ``local`` is the target.
        options: for synchronizers and targets.
        settings: everything, by the names of the options.
        record: folder, server or none.
        publish: direct or staged.
    """

    command: str
    local: str
    remote: str
    options: dict[str, t.Any]
    settings: dict[str, t.Any]
    record: str = "folder"
    publish: str = "direct"

    @property
    def verbose(self) -> int:
        """The level of output (behaviour 1.5)."""
        return int(self.options["verbose"])

    @property
    def dry_run(self) -> bool:
        """Whether nothing may be changed."""
        return bool(self.options.get("dry_run"))


def is_ftp(text: str) -> bool:
    """Whether a target is a server (behaviour 2.1)."""
    return _FTP.match(text) is not None


def make_job(command: str, settings: t.Mapping[str, t.Any], environ: t.Mapping[str, str] | None = None) -> Job:
    """Settle what follows from several settings together.

    Parameters:
        command: upload, download, sync, scan or tree.
        settings: values by option name; ``local`` and ``remote``, or ``target``. None counts as not given.
        environ: NO_COLOR is looked up here (https://no-color.org); by default the process's.

    Raises:
        UsageError: settings contradict each other.
    """
    environ = os.environ if environ is None else environ
    given = {name: value for name, value in settings.items() if value is not None}
    local, remote = str(given.get("local", given.get("target", ""))), str(given.get("remote", ""))
    _check_targets(command, local, remote)
    record, publish = _manner(command, given, remote)
    options = {name: value for name, value in given.items() if name in NAMES - _RENAMED}
    options.update(
        match=_patterns(given.get("match")),
        exclude=_patterns(given.get("exclude", DEFAULT_EXCLUDE)),
        delete=bool(given.get("delete") or given.get("delete_unmatched")),
        migrate=bool(given.get("migrate") or given.get("remove_meta")),  # what shall go needs not be readable
        no_prompt=bool(given.get("no_prompt")),  # False is not the default of the library
        no_color=bool(given.get("no_color") or environ.get("NO_COLOR")),
        verify=not given.get("no_verify"),
        ftp_debug=int(given["verbose"] >= 6),
    )
    if command in TRANSFERS and "resolve" not in given:
        options["resolve"] = "ask" if record == "folder" else "skip"
    return Job(command, local, remote, options, dict(given), record, publish)


def _patterns(value: t.Any) -> list[str]:
    return split_patterns(value) if isinstance(value, str) else list(value or ())


def _check_targets(command: str, local: str, remote: str) -> None:
    for target in filter(None, (local, remote)):
        scheme = _SCHEME.match(target)
        if scheme is not None and not is_ftp(target):
            raise UsageError(f"{scheme[1].lower()}:// is not supported: give a folder, or a URL with ftp:// or ftps://")
    if command not in TRANSFERS:
        return
    if remote == ".":
        raise UsageError("'.' is expected to be the local target (not remote)")
    if is_ftp(local) and not is_ftp(remote):
        raise UsageError(
            "a file system target is expected to be local: LOCAL comes first, and 'download' turns the direction"
        )


def _manner(command: str, given: t.Mapping[str, t.Any], remote: str) -> tuple[str, str]:
    """Which kind of record, and how files are published."""
    record = str(given.get("record", "folder"))
    publish = str(given.get("publish", "staged" if record == "server" else "direct"))
    if given.get("scan") == "trust" and record != "server":
        raise UsageError("--scan trust needs --record server: no other record tells what lies on the server")
    if (record, publish) == ("folder", "direct"):
        return record, publish
    if command != "upload":
        raise UsageError(f"record: {record} and publish: {publish} are for uploads only, not for {command}")
    if record == "folder":
        raise UsageError("--publish staged needs --record server: files can be staged only by what the server records")
    if not is_ftp(remote) or is_ftp(str(given.get("local", ""))):
        raise UsageError(f"--record {record} uploads from a folder to an FTP server; use --record folder for others")
    if given.get("resolve") == "ask":
        raise UsageError(f"--record {record} has no dialogue: use --resolve skip or --resolve local")
    for name, flag in _FOLDER_ONLY.items():
        if given.get(name):
            raise UsageError(f"{flag} does nothing with --record {record}; leave it out")
    return record, publish
