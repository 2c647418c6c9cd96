# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""``upload --record server`` and ``--record none``: the engine of the Ansible modules, told as uploads are told.

What it did comes as a plan with results, so the lines are printed at its end, in the plan's order.
"""

from __future__ import annotations

import os
import sys
import typing as t

from .. import engine, report
from ..console.asking import get_credentials_for_url, may_ask, prompt_for_password, save_password
from ..console.messages import write, write_error
from ..errors import AuthenticationError
from ..model import CREATE_DIRECTORY, DELETE_PATH, DIRECTORY, FILE, SET_MODE, UPLOAD, parent
from ..options import validate
from ..pairs.lines import DELETE_IN_REMOTE, TO_LOCAL, TO_REMOTE, action_line, coloured
from ..progress.tally import Tally
from ..url import NONE, base_name
from . import failure
from .job import Job
from .progress import Run, display
from .summary import summary

if t.TYPE_CHECKING:
    from ..ftp.dial import Dial
    from ..result import Result
    from ..url import RemoteUrl

LOGINS = 3  # times that a password is asked for

# Settings of the command line, and the modules' names for them.
SAME = (
    "local", "remote", "match", "exclude", "delete", "timeout", "connections", "retries", "encoding", "tls_fingerprint",
    "tls_server_name",
)  # fmt: skip
RENAMED = {"ca_file": "ca_path", "bwlimit": "bandwidth_limit", "verify": "validate_certs"}


class Line(t.NamedTuple):
    """One action line (behaviour 1.5).

    Attributes:
        level: of output, from which on it is shown.
        action, status: what was done, and to what; together the tag.
        symbol: the direction.
        path: relative to the root.
        kind: FILE or DIRECTORY.
    """

    level: int
    action: str
    status: str
    symbol: str
    path: str
    kind: str = FILE


def deploy(job: Job, document: dict[str, t.Any], there: RemoteUrl, dial: Dial) -> int:
    """Upload by the record on the server, or by none.

    Parameters:
        document: gets what the modules return.
        there: the remote folder.
        dial: a connection to its server, under way.

    Returns:
        the exit code.
    """
    settings = engine_settings(job)
    verbose, dry_run = job.verbose, job.dry_run
    if verbose >= 3:
        write(f"Upload {os.path.abspath(job.local)}\n{'to':>20} {base_name(there.tls != NONE, there.host, there.path)}")
        write(f"Encoding local: {sys.getfilesystemencoding()}, remote: {settings['encoding'] or 'utf-8'}")
    result = _run(job, settings, there, dial)
    answer = report.to_dict(result)
    document.update(answer)
    for line in lines(result, verbose):
        write(_shown(line, dry_run, job.options["no_color"]))
    for warning in report.warnings(result):
        write_error(f"Warning: {failure.advice(warning)}")
    for error in answer["errors"]:
        write_error(f"ERROR: {failure.advice(error['message'])}")
    told = summary(statistics(result), verbose, dry_run)
    if told is not None:
        write(told)
    if result.error is not None:
        document["error"] = failure.advice(result.error)
        if not answer["errors"]:
            write_error(f"ERROR: {document['error']}")
    problems = len(answer["conflicts"]) + len(answer["errors"])
    if job.options.get("report_problems") and problems:
        return failure.PROBLEMS
    return failure.OK if result.error is None else failure.FAILED


def engine_settings(job: Job) -> dict[str, t.Any]:
    """The modules' options for a job, as ``options.validate`` wants them."""
    known = {**job.settings, **job.options, "local": job.local, "remote": job.remote}
    settings = {name: known.get(name) for name in SAME}
    settings.update({ours: known.get(name) for name, ours in RENAMED.items()})
    settings.update(
        force=bool(known.get("force")),
        delete_unmatched=bool(known.get("delete_unmatched")),
        resolve=known["resolve"],
        record=job.record,
        record_cache=_cache_folder(job) or None,
        publish=job.publish,
        scan=known.get("scan"),
        passive=not known.get("ftp_active"),
        create_root=bool(known.get("create_folder")),
        use_netrc=False,  # looked up here, with questions where they are allowed
        use_keyring=False,
    )
    return settings


def _cache_folder(job: Job) -> str:
    """Where copies of manifests lie; "" if none are to be kept.

    By default with other programs' caches (XDG Base Directory Specification), unless they would be uploaded from there.
    """
    if job.record != "server":
        return ""
    if job.settings.get("record_cache") is not None:
        return os.path.expanduser(str(job.settings["record_cache"]))
    base = os.environ.get("XDG_CACHE_HOME", "")
    folder = os.path.join(base if os.path.isabs(base) else os.path.expanduser("~/.cache"), "ftpsync")
    within = os.path.relpath(os.path.realpath(folder), os.path.realpath(job.local))
    return folder if within.split(os.sep, maxsplit=1)[0] == os.pardir else ""


def _run(job: Job, settings: dict[str, t.Any], there: RemoteUrl, dial: Dial) -> Result:
    """Run, with a user and password that the server accepts."""
    username, password = there.username, there.password
    if username is None or password is None:
        login = get_credentials_for_url(there.host, job.options, username)
        if login is not None:
            username, password = login
    tally = Tally()
    attempts = LOGINS if may_ask(job.options) and username is not None else 1
    for attempt in range(attempts):
        wanted = validate({**settings, "username": username, "password": password})
        try:
            with display(Run(tally, lambda: True, lambda: None), job.options):
                result = engine.synchronize(wanted, check=job.dry_run, tally=tally, dial=None if attempt else dial)
        except AuthenticationError as error:
            if attempt == attempts - 1:
                raise
            write_error(f"Could not login to {username}@{there.host}: {error}")
            username, password = prompt_for_password(there.host, username)
        else:
            break
    if job.settings.get("store_password"):
        save_password(there.host, username, password)
    return result


def lines(result: Result, verbose: int) -> list[Line]:
    """What was done and what was left alone, as lines of this level. Pure."""
    return [line for line in _lines(result) if line.level <= verbose]


def _lines(result: Result) -> t.Iterator[Line]:
    plan, outcome = result.plan, result.outcome
    done = [o for o in plan.operations if outcome is None or o in outcome.done]
    new_folders = {o.path for o in done if o.action == CREATE_DIRECTORY}
    for operation in done:
        path, kind = operation.path, operation.kind
        if operation.action == DELETE_PATH:
            yield Line(3, "delete", "missing", DELETE_IN_REMOTE, path, kind)
        elif operation.action == SET_MODE:
            yield Line(3, "set", "mode", TO_REMOTE, path, kind)
        elif operation.replaces:
            yield Line(3, "copy", "modified", TO_REMOTE, path, kind)
        else:
            # What is part of a new folder has no line of its own (behaviour 1.5).
            yield Line(4 if parent(path) in new_folders else 3, "copy", "new", TO_REMOTE, path, kind)
    for path, _message in plan.conflicts:
        yield Line(2, "skip", "conflict", "*?*", path)
    touched = {o.path for o in plan.operations} | {problem.path for problem in plan.conflicts}
    for path in plan.drifted:
        if path not in touched:
            yield Line(3, "skip", "download", TO_LOCAL, path)
    for path in plan.unmanaged:
        yield Line(4, "skip", "remote del.", DELETE_IN_REMOTE, path)
    touched.update(plan.drifted)
    for path, entry in result.local.items():
        if path not in touched:
            yield Line(4, "equal", "", "=", path, entry.kind)


def _shown(line: Line, dry_run: bool, no_color: bool) -> str:
    text = action_line(line.action, line.status, line.symbol, line.path, line.kind == DIRECTORY, dry_run)
    return coloured(text, line.action, line.status, line.symbol, no_color)


def statistics(result: Result) -> dict[str, t.Any]:
    """The numbers of a run by the names of behaviour 10.7, as far as they are known."""
    outcome = result.outcome
    done = [o for o in result.plan.operations if outcome is None or o in outcome.done]
    sent = [o for o in done if o.action == UPLOAD]
    gone = [o for o in done if o.action == DELETE_PATH]
    written = 0 if outcome is None else sum(o.size for o in sent)
    failed = 0 if outcome is None else len(outcome.failed)
    kinds = [entry.kind for entry in result.local.values()]
    remote_kinds = [entry.kind for entry in result.remote.values()]
    return {
        "bytes_written": written,
        "conflict_files": len(result.plan.conflicts),
        "conflict_files_skipped": len(result.plan.conflicts),
        "dirs_created": sum(o.action == CREATE_DIRECTORY for o in done),
        "dirs_deleted": sum(o.kind == DIRECTORY for o in gone),
        "elap_secs": result.seconds,
        "elap_str": f"{result.seconds:.2f} sec",
        "errors": failed,
        "files_deleted": sum(o.kind != DIRECTORY for o in gone),
        "files_written": len(sent),
        "local_dirs": kinds.count(DIRECTORY),
        "local_files": kinds.count(FILE),
        "remote_dirs": remote_kinds.count(DIRECTORY),
        "remote_files": remote_kinds.count(FILE),
        "upload_bytes_written": written,
        "upload_files_written": len(sent),
    }
