# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""A run as a document to keep: Result in, text of an HTML, Markdown or JSON file out. Pure.

    Result ─ document ─► dict ─ page ─► Page ─ report_page_html, report_page_markdown ─► text

The dict is what the JSON file holds. Everything that any format shows is decided on the way from it to
the Page; the two renderers only lay out and escape. Equal input gives equal text.
"""

from __future__ import annotations

import dataclasses
import json
import os.path
import re
import time
import typing as t

from .. import __version__, report, url
from ..model import CREATE_DIRECTORY, DELETE_PATH, DIRECTORY, DOWNLOAD, SET_MODE, UPLOAD, join, shown
from ..options import STATE_DIR, SyncOptions
from . import html as report_page_html
from . import markdown as report_page_markdown
from .model import DEPLOYED, FAILED, NOTHING_TO_DO, Group, Number, Page, Row, Section
from .words import bytes_of, count, duration, sentence

if t.TYPE_CHECKING:
    from ..result import Result

# Rows of one list on a page. 1000 are what a browser lays out at once and a person may still search;
# beyond, a page only grows. The JSON file is never cut.
MAX_ROWS = 1000

MASK = "********"


def render(document: t.Mapping[str, t.Any], path: str) -> str:
    """The text of a report file; the ending of its path says in which format."""
    ending = os.path.splitext(path)[1].lower()
    if ending == ".json":
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return _RENDERERS[ending](page(document))


_RENDERERS = {".html": report_page_html.render, ".md": report_page_markdown.render}


# ---------------------------------------------------------------------- Result to dict


def document(
    result: Result,
    options: SyncOptions,
    *,
    started: float,
    finished: float,
    host: str = "",
    secrets: t.Iterable[str] = (),
) -> dict[str, t.Any]:
    """The lists and numbers of ``report.to_dict``, and where, when and with which outcome they came about.

    Parameters:
        started, finished: seconds since 1970.
        host: name of the machine that ran it.
        secrets: texts that must not be in it, even if a server puts them into its replies.
    """
    done = report.to_dict(result)
    outcome = FAILED if result.error is not None else _OUTCOMES[options.direction] if done["changed"] else NOTHING_TO_DO
    found = {
        "outcome": outcome,
        "msg": result.error,
        "warnings": report.warnings(result, options.direction),
        "direction": options.direction,
        "local": options.local,
        "host": host,
        "remote": options.remote,
        "started": _timestamp(started),
        "finished": _timestamp(finished),
        **done,
        "rollback": _rollback(options, result.backup_id) if result.backup_id and done["changed"] else None,
        "generator": f"webdeploy.ftp {__version__}",
    }
    # The longest first: one secret may be the beginning of another.
    hidden = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
    return t.cast("dict[str, t.Any]", _clean(found, hidden))


# What a run that changed something came to, by its direction.
_OUTCOMES = {"upload": DEPLOYED, "download": "downloaded", "sync": "synchronized"}

# Words of ours, which a password might happen to be.
_OURS = ("outcome", "direction", "operation", "side", "kind")


def _clean(value: t.Any, hidden: t.Sequence[str]) -> t.Any:
    """The same without secrets, without control characters and without what UTF-8 cannot carry."""
    if isinstance(value, str):
        for secret in hidden:
            value = value.replace(secret, MASK)
        return shown(re.sub(r"\s*[\r\n]+\s*", " ", value).strip())
    if isinstance(value, dict):
        return {_clean(key, ()): item if key in _OURS else _clean(item, hidden) for key, item in value.items()}
    return [_clean(item, hidden) for item in value] if isinstance(value, (list, tuple)) else value


def _timestamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


# Options without which the same server would be met differently.
_CONNECTION = ("validate_certs", "ca_path", "tls_fingerprint", "tls_server_name", "passive", "encoding")


def _rollback(options: SyncOptions, backup_id: str) -> dict[str, t.Any]:
    """The options of ``ftp_rollback`` that undo this run; user and password are for the reader to add."""
    defaults = {field.name: field.default for field in dataclasses.fields(SyncOptions)}
    found: dict[str, t.Any] = {"remote": options.remote, "backup_id": backup_id}
    if options.tls != url.parse_remote(options.remote).tls:
        found["tls"] = options.tls
    if options.state_dir != join(options.remote_path, STATE_DIR):
        found["state_dir"] = options.state_dir
    found.update((name, getattr(options, name)) for name in _CONNECTION if getattr(options, name) != defaults[name])
    return found


# ---------------------------------------------------------------------- dict to Page

# What stands at the top of a page, and of which sort it is.
_HEADLINES = {
    DEPLOYED: ("Deployed", DEPLOYED),
    "downloaded": ("Downloaded", DEPLOYED),
    "synchronized": ("Synchronized", DEPLOYED),
    NOTHING_TO_DO: ("Nothing to do", NOTHING_TO_DO),
    FAILED: ("Failed", FAILED),
}

# operation: title, whether sizes mean something
_DONE = {
    UPLOAD: ("Uploaded", True),
    DOWNLOAD: ("Downloaded", True),
    DELETE_PATH: ("Deleted", True),
    CREATE_DIRECTORY: ("Folders created", False),
    SET_MODE: ("Permissions set", False),
}

_COPIES = (UPLOAD, DOWNLOAD)

_FACTS = {
    "banner": "Greeting",
    "system": "System",
    "tls": "TLS",
    "certificate_sha256": "Certificate (SHA-256)",
    "data_connections": "Data connections",
    "listing": "Listings",
    "hidden_files": "Lists hidden files",
    "utf8": "Names in UTF-8",
    "mtime_settable": "Times can be set",
    "mtime_command": "Times are set by",
    "mode_settable": "Permissions can be set",
    "features": "Features",
}


def page(document: t.Mapping[str, t.Any]) -> Page:
    """What a page shows of a document, in order."""
    headline, outcome = _HEADLINES[document["outcome"]]
    return Page(
        outcome=outcome,
        headline=headline,
        site=document["remote"].partition("://")[2],
        summary=_summary(document),
        message=document["msg"] or "",
        about=(*_sides(document), ("When", _when(document["started"], document["finished"]))),
        numbers=tuple(_numbers(document)),
        warnings=tuple(document["warnings"]),
        groups=tuple(_groups(document)),
        backup_id=document["backup_id"] or "",
        rollback=_task(document["rollback"]) if document["rollback"] else "",
        server=tuple(_facts(document["server"])),
        generator=document["generator"],
    )


def _sides(document: t.Mapping[str, t.Any]) -> list[tuple[str, str]]:
    where = " on " + document["host"] if document["host"] else ""
    here, there = document["local"] + where, document["remote"]
    if document["direction"] == "sync":
        return [("Here", here), ("There", there)]
    return [("From", there), ("To", here)] if document["direction"] == "download" else [("From", here), ("To", there)]


def _when(started: str, finished: str) -> str:
    begin, end = (text.replace("T", " ").replace("Z", "") for text in (started, finished))
    day = begin[: len("2026-01-01")]
    return f"{begin} to {end[len(day) + 1 :] if end.startswith(day) else end} UTC" if begin != end else f"{begin} UTC"


def _summary(document: t.Mapping[str, t.Any]) -> str:
    done, stats, failed = document["operations"], document["stats"], document["outcome"] == FAILED
    deleted = _deleted(document)
    modes = sum(1 for o in done if o["operation"] == SET_MODE)
    parts = [
        *(
            stats[done] and f"{count(stats[done], 'file')} {done} ({bytes_of(stats[f'{done}_bytes'])})"
            for done in ("uploaded", "downloaded")
        ),
        deleted and f"{' and '.join(deleted)} deleted",
        stats["created_directories"] and f"{count(stats['created_directories'], 'folder')} created",
        modes and f"permissions of {count(modes, 'path')} set",
    ]
    if any(parts):
        said = sentence(parts)
    elif failed:
        # After errors of single operations nobody knows for sure what the server did of them.
        nothing = "Nothing was published." if document["direction"] == "upload" else "Nothing was changed."
        said = "No change is confirmed." if document["errors"] else nothing
    elif stats["unchanged"]:
        where = "up to date on the server" if document["direction"] == "upload" else "equal on both sides"
        said = f"{count(stats['unchanged'], 'file')} already {where}."
    elif stats["local_files"]:
        said = "No file needed anything."
    else:
        said = f"There were no files to {'upload' if document['direction'] == 'upload' else 'transfer'}."
    errors, skipped = len(document["errors"]), len(document["skipped_operations"])
    undone = [
        errors and f"{count(errors, 'operation')} failed",
        skipped and f"{count(skipped, 'operation')} not tried",
    ]
    return f"{said} {sentence(undone)}" if any(undone) else said


def _deleted(document: t.Mapping[str, t.Any]) -> list[str]:
    kinds = [o["kind"] for o in document["operations"] if o["operation"] == DELETE_PATH]
    folders = kinds.count(DIRECTORY)
    return [count(n, noun) for n, noun in ((len(kinds) - folders, "file"), (folders, "folder")) if n]


def _numbers(document: t.Mapping[str, t.Any]) -> t.Iterator[Number]:
    stats = document["stats"]
    if not any(value for name, value in stats.items() if name != "seconds"):
        return  # it never came so far that there was anything to count
    direction, kinds = document["direction"], _deleted(document)
    here, there = f"of {stats['local_files']:,} here", f"of {stats['remote_files']:,} on the server"
    copied = {  # where there are two of them, sizes stand beside them
        "upload": [("uploaded", f"of {count(stats['local_files'], 'file')}")],
        "download": [("downloaded", there)],
        "sync": [(name, bytes_of(stats[f"{name}_bytes"])) for name in ("uploaded", "downloaded")],
    }
    for name, detail in copied[direction]:
        yield Number(name.capitalize(), f"{stats[name]:,}", detail)
    share = {"upload": there, "download": here, "sync": "on either side"}[direction]
    yield Number("Deleted", f"{stats['deleted']:,}", ", ".join(kinds) if len(kinds) > 1 else share)
    yield Number("Unchanged", f"{stats['unchanged']:,}", "already up to date")
    if direction == "upload":
        reused = f"{count(stats['reused'], 'file')} sent by an earlier run" if stats["reused"] else "of content"
        yield Number("Sent", bytes_of(stats["sent_bytes"]), reused)
    elif direction == "download":
        yield Number("Received", bytes_of(stats["downloaded_bytes"]), "of content")
    if document["errors"]:
        yield Number("Failed", f"{len(document['errors']):,}", f"of {count(_attempted(document), 'operation')}")
    yield Number("Took", duration(stats["seconds"]), "in all")


def _attempted(document: t.Mapping[str, t.Any]) -> int:
    return sum(len(document[name]) for name in ("operations", "errors", "skipped_operations"))


def _groups(document: t.Mapping[str, t.Any]) -> t.Iterator[Group]:
    for title, sections in (
        ("What was not done", _not_done(document)),
        ("What changed", _changed(document)),
        ("What differs on the server" if document["direction"] == "upload" else "What differs", _differing(document)),
    ):
        found = tuple(sections)
        if found:
            yield Group(title, found)


def _not_done(document: t.Mapping[str, t.Any]) -> t.Iterator[Section]:
    verbs = {CREATE_DIRECTORY: "create folder", SET_MODE: "set permissions"}
    failed = [Row(error["path"], _without(error["path"], error["message"])) for error in document["errors"]]
    if failed:
        yield _section("Failed", "operation", "", failed)
    skipped = [
        Row(_path(o), verbs.get(o["operation"], o["operation"]), o["size"] if o["operation"] in _COPIES else None)
        for o in document["skipped_operations"]
    ]
    if skipped:
        yield _section("Not tried", "operation", "Left for the next run because of the error.", skipped)


def _without(path: str, message: str) -> str:
    """The message, if it says first what stands beside it anyway, without that."""
    return message[len(path) + 2 :] if message.startswith(f"{path}: ") else message


def _changed(document: t.Mapping[str, t.Any]) -> t.Iterator[Section]:
    # Where both sides may change, a list is about one of them; what is copied says so itself.
    both = {"remote": " on the server", "local": " here"} if document["direction"] == "sync" else {"": ""}
    for action, (title, sized) in _DONE.items():
        for side, where in both.items():
            rows = [
                Row(_path(o), o["reason"], o["size"] if sized and o["kind"] != DIRECTORY else None)
                for o in document["operations"]
                if o["operation"] == action and side in ("", o["side"])
            ]
            copied = action in _COPIES
            if rows:
                yield _section(title + ("" if copied else where), "file" if copied else "path", "", rows, sized)


def _differing(document: t.Mapping[str, t.Any]) -> t.Iterator[Section]:
    conflicts = [Row(conflict["path"], conflict["reason"]) for conflict in document["conflicts"]]
    if conflicts:
        yield _section("Conflicts", "path", "Left alone, since both sides have a claim.", conflicts)
    settled = {operation["path"] for operation in document["operations"]}
    drifted = [Row(path, "put right" if path in settled else "left alone") for path in document["drifted"]]
    if drifted:
        since = "Changed or removed by somebody else since they were published."
        here = "Changed or removed here since they were downloaded."
        yield _section("Drifted", "path", since if document["direction"] == "upload" else here, drifted)
    unmanaged = [Row(path, "removed" if path in settled else "") for path in document["unmanaged"]]
    if unmanaged:
        intro = "Never published from here. A folder stands for all that is in it."
        yield _section("Unmanaged", "path", intro, unmanaged)


def _section(title: str, noun: str, intro: str, rows: t.Sequence[Row], sized: bool = False) -> Section:
    size = sum(row.size or 0 for row in rows)
    summary = count(len(rows), noun) + (f", {bytes_of(size)}" if sized and size else "")
    return Section(title, summary, intro, tuple(rows[:MAX_ROWS]), max(0, len(rows) - MAX_ROWS))


def _path(operation: t.Mapping[str, t.Any]) -> str:
    return t.cast(str, operation["path"]) + ("/" if operation["kind"] == DIRECTORY else "")


def _task(rollback: t.Mapping[str, t.Any]) -> str:
    """A task in YAML; each value is JSON, which YAML includes."""
    lines = [f"    {name}: {json.dumps(value, ensure_ascii=False)}" for name, value in rollback.items()]
    return "\n".join(
        [
            "- name: Undo this deployment",
            "  webdeploy.ftp.ftp_rollback:",
            *lines,
            '    username: "{{ ftp_username }}"',
            '    password: "{{ ftp_password }}"',
            "  delegate_to: localhost",
        ]
    )


def _facts(server: t.Mapping[str, t.Any]) -> t.Iterator[tuple[str, str]]:
    for name in [*_FACTS, *(name for name in server if name not in _FACTS)]:
        value = server.get(name)
        if isinstance(value, (list, tuple)):
            value = ", ".join(str(item) for item in value)
        if value not in (None, ""):
            said = {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
            yield _FACTS.get(name, name.replace("_", " ").capitalize()), said
