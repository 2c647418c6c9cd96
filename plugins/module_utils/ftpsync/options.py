# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The options of a run: what the user wrote in, SyncOptions that can be relied on out.

Whatever cannot be meant ends here, before anything is read or connected: each message names the
option and the value that would do. Pure: no file is opened, no name looked up. Passwords are in no
message and in no ``repr``.
"""

from __future__ import annotations

import codecs
import dataclasses
import math
import re
import typing as t

from . import url
from .errors import UsageError
from .nearest import nearest

CHOICES = {
    "tls": (url.NONE, url.EXPLICIT, url.IMPLICIT),
    "direction": ("upload", "download", "sync"),
    "resolve": ("skip", "fail", "local", "remote", "old", "new"),
    "record": ("auto", "server", "folder", "none"),
    "compare": ("auto", "checksum", "mtime", "size"),
    "scan": ("full", "trust"),
    "publish": ("staged", "direct", "prepare"),
    "adopt": ("none", "size", "hash", "records"),
    "symlinks": ("follow", "skip", "fail"),
}

# Files by which a visitor enters, or which decide how the others are served: published last.
ENTRY_POINTS = (
    "index.*",
    "default.*",
    ".htaccess",
    ".user.ini",
    "web.config",
    "sw.js",
    "service-worker.js",
    "serviceworker.js",
    "*.webmanifest",
    "manifest.json",
)

# What the command line excludes unless it is told otherwise; scripts and modules exclude nothing by default (B19).
DEFAULT_OMIT = [".DS_Store", ".git", ".hg", ".svn", "#recycle"]
STATE_DIR = ".ftpsync"
AUTO_RECORD = {"upload": "server", "download": "folder", "sync": "folder"}  # what ``record: auto`` means
REPORTS = (".html", ".md", ".json")  # formats of a report, as its path ends
MAX_CONNECTIONS = 32  # hosts allow 2 to 20 a user; more is a slip of the keyboard
UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}  # as rsync --bwlimit and curl --limit-rate


class MaxDelete(t.NamedTuple):
    """The most files that a run may delete; at most one of the two is set.

    Attributes:
        files: a number of files.
        percent: a share of the files on the destination, 0 to 100.
    """

    files: int | None = None
    percent: float | None = None

    def allows(self, deleted: int, there: int) -> bool:
        """Whether ``deleted`` of ``there`` files may go."""
        if self.files is not None:
            return deleted <= self.files
        # Multiplied, not divided: 29 of 100 are exactly 29 %, but 0.29 * 100 is less than 29.
        return self.percent is None or deleted * 100 <= self.percent * there

    def __str__(self) -> str:
        if self.files is not None:
            return str(self.files)
        return "no limit" if self.percent is None else f"{self.percent:g}%"


NO_LIMIT = MaxDelete()


@dataclasses.dataclass(frozen=True)
class SyncOptions:
    """The options of ``ftp_sync``, as ``validate`` leaves them.

    What the documentation of the module says of an option is not repeated here; these differ from
    what the user wrote:

    Attributes:
        remote: URL without user and password; ``host`` and ``remote_path`` are its parts.
        username: from the option, else from the URL, else None; ``password`` likewise.
        port, tls: never None.
        timeout: seconds without progress; ``lock_timeout``: seconds to wait for another run.
        bandwidth_limit: bytes a second over all connections, 0 for none.
        tls_fingerprint: SHA-256 of the certificate, 64 hexadecimal digits in lower case.
        record: never ``auto``.
        state_dir: absolute path on the server.
        state_path: that path relative to the root, or None when it lies outside.
        file_mode, directory_mode: permission bits.
    """

    local: str
    remote: str = dataclasses.field(repr=False)
    username: str | None = None
    password: str | None = dataclasses.field(default=None, repr=False)
    port: int | None = None
    tls: str | None = None
    validate_certs: bool = True
    ca_path: str | None = None
    tls_fingerprint: str | None = None
    tls_server_name: str | None = None
    passive: bool = True
    timeout: float = 30.0
    connections: int = 4
    retries: int = 4
    encoding: str = "utf-8"
    bandwidth_limit: int = 0
    use_netrc: bool = True
    use_keyring: bool = False
    direction: str = "upload"
    match: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    exclude_from: tuple[str, ...] = ()
    protect: tuple[str, ...] = ()
    force: bool = True
    delete: bool = False
    delete_unmanaged: bool = False
    delete_unmatched: bool = False
    max_delete: MaxDelete = NO_LIMIT
    resolve: str = "skip"
    record: str = "auto"
    compare: str = "auto"
    scan: str = "full"
    publish: str = "staged"
    adopt: str = "none"
    backup: int = 0
    state_dir: str | None = None
    entry_points: tuple[str, ...] = ENTRY_POINTS
    file_mode: int | None = None
    directory_mode: int | None = None
    preserve_mtime: bool = True
    symlinks: str = "follow"
    create_root: bool = True
    lock_timeout: float = 120
    report: str | None = None
    progress_file: str | None = None
    hash_cache: str | None = None
    record_cache: str | None = None
    host: str = ""
    remote_path: str = ""
    state_path: str | None = None

    @property
    def is_two_sided(self) -> bool:
        """Whether both sides are compared pair by pair, with records in folders or none (design 5)."""
        return self.direction != "upload" or self.record == "folder"


def validate(options: t.Mapping[str, object]) -> SyncOptions:
    """Check options as the user gave them, one by one and together.

    Parameters:
        options: names of ``ftp_sync`` options to their values; None and missing mean the default.
            Numbers may be numbers only, except where a unit belongs to them: ``max_delete`` (10,
            "10" or "25%"), ``bandwidth_limit`` (bytes a second, or "500k", "2M"), modes ("0644").

    Raises:
        UsageError: one line that names the option, without any password.
    """
    for name in options:
        if name not in PARSERS:
            raise UsageError(f"{name}: there is no such option{_nearest(name, PARSERS)}")
    for name in ("local", "remote"):
        if options.get(name) in (None, ""):
            raise UsageError(f"{name}: is missing; give {_MISSING[name]}")
    values: dict[str, t.Any] = {
        name: PARSERS[name](name, value) for name, value in options.items() if value is not None
    }
    wanted = _placed(SyncOptions(**values))
    for contradicts, message in CONTRADICTIONS:
        if contradicts(wanted):
            raise UsageError(message.format(o=wanted))
    return wanted


_MISSING = {"local": "a folder of this host", "remote": f"the URL of a folder on the server, such as {url.EXAMPLE}"}


def _placed(wanted: SyncOptions) -> SyncOptions:
    """Fill in what follows from other options; separate fields win over the URL (field notes 7.8)."""
    there = url.parse_remote(wanted.remote, wanted.tls, wanted.port)
    # The URL's password belongs to the URL's user, not to another one named in its place.
    same_user = wanted.username in (None, there.username)
    username = wanted.username if wanted.username is not None else there.username
    password = wanted.password if wanted.password is not None or not same_user else there.password
    if password is not None and username is None:
        raise UsageError("password: is given without username; name the user, or leave both out for an anonymous login")
    state_dir = _state_dir(wanted.state_dir or STATE_DIR, there.path)
    prefix = there.path.rstrip("/") + "/"
    return dataclasses.replace(
        wanted,
        remote=there.address,
        username=username,
        password=password,
        port=there.port,
        tls=there.tls,
        host=there.host,
        remote_path=there.path,
        record=AUTO_RECORD[wanted.direction] if wanted.record == "auto" else wanted.record,
        state_dir=state_dir,
        state_path=state_dir[len(prefix) :] if state_dir.startswith(prefix) else None,
    )


def _state_dir(text: str, root: str) -> str:
    path = url.clean_path(text)
    if path is None:
        raise UsageError(
            f"state_dir: {text!r} has a '.' or '..' part or a line end; write /private/ftpsync or .ftpsync"
        )
    if not text.startswith("/"):
        path = root.rstrip("/") + path
    # A parent is as bad as the root itself: what denies the folder to visitors would deny the site.
    if (root.rstrip("/") + "/").startswith(path.rstrip("/") + "/"):
        raise UsageError(
            f"state_dir: {text!r} is or contains the remote folder {root!r}; name a folder of its own, such as .ftpsync"
        )
    return path


# Pairs that cannot both be meant.
CONTRADICTIONS: tuple[tuple[t.Callable[[SyncOptions], bool], str], ...] = (
    (
        lambda o: o.delete_unmanaged and not o.delete,
        "delete_unmanaged: true does nothing without delete: true; set both, or neither",
    ),
    (
        lambda o: o.delete_unmatched and not o.delete,
        "delete_unmatched: true does nothing without delete: true; set both, or neither",
    ),
    (
        lambda o: o.delete_unmanaged and o.record != "server",
        "delete_unmanaged: true needs record: server; record: {o.record} knows no owner, there delete: true suffices",
    ),
    (
        lambda o: o.direction == "upload" and o.resolve in ("remote", "old", "new"),
        "resolve: {o.resolve} would change the local side, which direction: upload never does; use skip, fail or local",
    ),
    (
        lambda o: o.direction == "download" and o.resolve in ("local", "old", "new"),
        "resolve: {o.resolve} would change the server, which direction: download never does; use skip, fail or remote",
    ),
    (
        lambda o: o.direction != "upload" and o.record == "server",
        "record: server is for direction: upload; for direction: {o.direction} use folder or none",
    ),
    (
        lambda o: o.direction == "sync" and o.delete,
        "delete: true does nothing with direction: sync, which brings deletions of either side to the other one",
    ),
    (
        lambda o: o.is_two_sided and o.compare in ("checksum", "size"),
        "compare: {o.compare} is for direction: upload with record: server or none; use auto or mtime",
    ),
    (
        lambda o: o.is_two_sided and o.hash_cache is not None,
        "hash_cache: nothing is hashed with direction: {o.direction} and record: {o.record}; leave it out",
    ),
    (
        lambda o: o.record != "server" and o.record_cache is not None,
        "record_cache: copies records of servers, and record: {o.record} keeps none there; leave it out",
    ),
    (
        lambda o: o.is_two_sided and (o.file_mode is not None or o.directory_mode is not None),
        "file_mode, directory_mode: are for direction: upload with record: server or none; leave them out",
    ),
    (
        lambda o: o.is_two_sided and not o.preserve_mtime,
        (
            "preserve_mtime: false is for direction: upload with record: server or none; otherwise the times tell what"
            " has changed; leave it out"
        ),
    ),
    (
        lambda o: o.scan == "trust" and o.record != "server",
        "scan: trust needs record: server; record: {o.record} tells nothing that could be trusted",
    ),
    (
        lambda o: o.scan == "trust" and o.delete_unmanaged,
        "scan: trust finds few files of others, and delete_unmanaged: true is to delete all; leave one of them out",
    ),
    (
        lambda o: o.adopt != "none" and o.record != "server",
        "adopt: {o.adopt} needs record: server; record: {o.record} keeps nothing that could be taken over",
    ),
    (
        lambda o: o.publish == "prepare" and o.record != "server",
        "publish: prepare needs record: server; with record: {o.record} no later run finds what is staged",
    ),
    (
        lambda o: o.backup > 0 and o.record != "server",
        (
            "backup: {o.backup} contradicts record: {o.record}; what is undone must be known: use record: server, or"
            " backup: 0"
        ),
    ),
    (
        lambda o: o.tls == url.NONE and o.ca_path is not None,
        "ca_path: needs TLS; write remote: ftps://... or tls: explicit, or leave ca_path out",
    ),
    (
        lambda o: o.tls == url.NONE and o.tls_fingerprint is not None,
        "tls_fingerprint: needs TLS; write remote: ftps://... or tls: explicit, or leave tls_fingerprint out",
    ),
    (
        lambda o: o.tls == url.NONE and o.tls_server_name is not None,
        "tls_server_name: needs TLS; write remote: ftps://... or tls: explicit, or leave tls_server_name out",
    ),
    (
        lambda o: o.ca_path is not None and not o.validate_certs,
        "ca_path: contradicts validate_certs: false; leave one of them out",
    ),
)


def _choice(name: str, value: object) -> str:
    choices = CHOICES[name]
    if value not in choices:
        raise UsageError(f"{name}: {value!r} is none of {', '.join(choices)}{_nearest(value, choices)}")
    return str(value)


def _nearest(value: object, choices: t.Iterable[str]) -> str:
    near = nearest(str(value).lower(), choices)
    return f"; did you mean {near}?" if near else ""


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"{name}: {value!r} is neither true nor false")
    return value


def _text(name: str, value: object) -> str:
    """Anything that leaves for a server or is opened: the value may be secret and is not shown."""
    if not isinstance(value, str) or (not value and name != "password"):
        raise UsageError(f"{name}: must be a text{'' if name == 'password' else ' that is not empty'}")
    if re.search("[\0\r\n]", value):
        raise UsageError(f"{name}: has a line end or NUL in it")
    return value


def _list(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        raise UsageError(f"{name}: must be a list of texts, not {value!r}")
    return tuple(value)


def _number(low: float, high: float, unit: str, whole: bool = True) -> t.Callable[[str, object], t.Any]:
    """A parser for numbers between two bounds, both included."""

    def parse(name: str, value: object) -> t.Any:
        fits = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
        if not fits or not low <= t.cast(float, value) <= high:
            bounds = f"from {low:g} to {high:g}" if math.isfinite(high) else f"of {low:g} or more"
            raise UsageError(f"{name}: {value!r} is not {'a whole number' if whole else 'a number'} {bounds}{unit}")
        return value

    return parse


def _mode(name: str, value: object) -> int:
    """Permission bits; a number is what YAML made of 0644 (420), or a forgotten zero (644, 400) that is not octal."""
    forgotten = re.fullmatch("[4-7][04-7]{2}", str(value))
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 0o777 and not forgotten:
        return value
    if isinstance(value, str) and re.fullmatch(r"(0o?)?[0-7]{3,4}", value):
        return int(value.replace("o", ""), 8)
    raise UsageError(f"{name}: {value!r} is no mode; write octal digits in quotes, such as '0644' or '0755'")


def _max_delete(name: str, value: object) -> MaxDelete:
    found = re.fullmatch(r"([0-9]{1,9})|([0-9]{1,3}(?:\.[0-9]{1,6})?)\s*%", _digits(value))
    if found is None or float(found.group(2) or 0) > 100:
        raise UsageError(f"{name}: {value!r} is neither a number of files such as 10 nor a share such as '25%'")
    return MaxDelete(files=int(found.group(1))) if found.group(1) else MaxDelete(percent=float(found.group(2)))


def _bandwidth(name: str, value: object) -> int:
    found = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*([kmg]?)", _digits(value).lower())
    if found is None:
        raise UsageError(f"{name}: {value!r} is no rate; write bytes a second, such as 500000, '500k' or '2M'")
    return int(float(found.group(1)) * UNITS[found.group(2)])


def _report(name: str, value: object) -> str:
    path = _text(name, value)
    if not path.lower().endswith(REPORTS) or path.lower().endswith(tuple(f"/{ending}" for ending in REPORTS)):
        raise UsageError(
            f"{name}: {value!r} must end in {', '.join(REPORTS[:-1])} or {REPORTS[-1]}: that is its format"
        )
    return path


def _digits(value: object) -> str:
    """A number or text as text; anything else, true and false included, as one that no pattern takes."""
    return str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else "-"


def _fingerprint(name: str, value: object) -> str:
    digits = value.replace(":", "").strip().lower() if isinstance(value, str) else ""
    if not re.fullmatch("[0-9a-f]{64}", digits):
        raise UsageError(
            f"{name}: {value!r} is no SHA-256 fingerprint: 64 hexadecimal digits, with or without colons, as "
            "'openssl x509 -noout -fingerprint -sha256' prints them"
        )
    return digits


def _encoding(name: str, value: object) -> str:
    """The codec's own name; it must leave the ASCII of commands and foreign bytes (PEP 383) as they are."""
    try:
        found = codecs.lookup(_text(name, value)).name
        if "/ A\r\n\udce4".encode(found, "surrogateescape") == b"/ A\r\n\xe4":
            return found
    except (LookupError, UnicodeError, ValueError):
        pass
    raise UsageError(f"{name}: {value!r} is no encoding for names on FTP; use utf-8, latin-1 or cp1252, for instance")


PARSERS: dict[str, t.Callable[[str, object], t.Any]] = {
    **dict.fromkeys(("local", "remote", "username", "password", "ca_path", "tls_server_name", "state_dir"), _text),
    **dict.fromkeys(CHOICES, _choice),
    **dict.fromkeys(("match", "exclude", "exclude_from", "protect", "entry_points"), _list),
    **dict.fromkeys(("validate_certs", "passive", "use_netrc", "use_keyring", "force", "delete"), _flag),
    **dict.fromkeys(("delete_unmanaged", "delete_unmatched", "preserve_mtime", "create_root"), _flag),
    **dict.fromkeys(("file_mode", "directory_mode"), _mode),
    "tls_fingerprint": _fingerprint,
    "encoding": _encoding,
    "bandwidth_limit": _bandwidth,
    "max_delete": _max_delete,
    "report": _report,
    **dict.fromkeys(("hash_cache", "progress_file", "record_cache"), _text),
    "port": _number(1, 65535, ""),
    "connections": _number(1, MAX_CONNECTIONS, ""),
    "retries": _number(0, 100, ""),
    "backup": _number(0, 10000, " backup sets"),
    "timeout": _number(1, 86400, " seconds", whole=False),
    "lock_timeout": _number(0, math.inf, " seconds", whole=False),
}
