# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Every option of every command, as one table (behaviour 1.3, 13.2). Data only.

A row says which commands have the option, what argparse has to know, and in which group of the help it
stands. Where one name means different things (``--resolve``), there is a row for each.
"""

from __future__ import annotations

import typing as t

from ..options import DEFAULT_OMIT
from .values import from_text

# Exclusions that every command has unless others are given; an empty --exclude has none.
DEFAULT_EXCLUDE = ",".join(DEFAULT_OMIT)

TRANSFERS = frozenset({"upload", "download", "sync"})
LISTS = frozenset({"scan", "tree"})
ALL = TRANSFERS | LISTS | {"run"}
DIRECTED = frozenset({"upload", "download"})
UPLOAD, DOWNLOAD, SYNC, RUN, SCAN, TREE = (
    frozenset({name}) for name in ("upload", "download", "sync", "run", "scan", "tree")
)
NONE: frozenset[str] = frozenset()

# Groups of the help, in this order.
WHAT, DELETING, CONFLICTS, LISTING, TASK, LOGIN, SERVER, OUTPUT = (
    "what is looked at",
    "deleting",
    "when both sides differ",
    "listing",
    "the task",
    "user and password",
    "server and connection",
    "output and dry run",
)
GROUPS = (WHAT, DELETING, CONFLICTS, LISTING, TASK, LOGIN, SERVER, OUTPUT)


class Option(t.NamedTuple):
    """One row.

    Attributes:
        flags: spellings, the long one first named in messages.
        commands: which have it.
        group: under which heading of the help.
        help: one sentence; "%(default)s" is argparse's.
        keywords: further arguments of ``add_argument``.
        old: commands whose 3.1 form has it: what abbreviates one of those goes on abbreviating it.
        exclusive: of the options that share this word, one may be given.
    """

    flags: tuple[str, ...]
    commands: t.AbstractSet[str]
    group: str
    help: str
    keywords: t.Mapping[str, t.Any]
    old: t.AbstractSet[str] = NONE
    exclusive: str = ""


FLAG: t.Mapping[str, t.Any] = {"action": "store_true"}
COUNT: t.Mapping[str, t.Any] = {"action": "count", "default": 0}


def _choice(*choices: str, **more: t.Any) -> t.Mapping[str, t.Any]:
    return {"choices": choices, **more}


OPTIONS: tuple[Option, ...] = (
    # ---- what is looked at
    Option(
        ("-m", "--match"), ALL - RUN, WHAT,
        "only files with these names: wildcards, separated by commas (default: all). Folders are always entered",
        {"metavar": "PATTERNS"}, old=ALL - RUN,
    ),
    Option(
        ("-x", "--exclude"), ALL - RUN, WHAT,
        f"no files and folders with these names (default: {DEFAULT_EXCLUDE}); '' excludes nothing",
        {"metavar": "PATTERNS", "default": DEFAULT_EXCLUDE}, old=ALL - RUN,
    ),
    Option(
        ("--case",), ALL, WHAT,
        "names that differ only in case: strict takes them for different files, local and remote go by the spelling "
        "of that side",
        _choice("strict", "local", "remote"),
    ),
    Option(
        ("--create-folder",), UPLOAD | SYNC, WHAT,
        "create the remote folder, with its parents, if it does not exist", FLAG,
    ),
    Option(
        ("--record",), UPLOAD, WHAT,
        "where to remember what was transferred: in .pyftpsync-meta.json files in each local folder (default), in one "
        "manifest on the server, as the Ansible modules do, or nowhere",
        _choice("folder", "server", "none"),
    ),
    Option(
        ("--record-cache",), UPLOAD, WHAT,
        "folder of this computer for copies of manifests on servers, so that an unchanged one is not fetched again "
        "(default: ~/.cache/ftpsync); '' keeps none",
        {"metavar": "FOLDER"},
    ),
    Option(
        ("--scan",), UPLOAD, WHAT,
        "full: look at all of the server (default). trust: with --record server, look at those folders only in which "
        "something changed here, and believe the record of all others",
        _choice("full", "trust"),
    ),
    Option(
        ("--publish",), UPLOAD, WHAT,
        "direct: file by file, each by a temporary name. staged: all content first, then all names in one burst "
        "(default with --record server)",
        _choice("direct", "staged"),
    ),
    # ---- deleting
    Option(
        ("--delete",), UPLOAD, DELETING, "remove remote files that do not exist locally", FLAG, old=UPLOAD
    ),
    Option(
        ("--delete",), DOWNLOAD, DELETING, "remove local files that do not exist on the remote side", FLAG, old=DOWNLOAD
    ),
    Option(
        ("--delete-unmatched",), UPLOAD, DELETING,
        "also remove remote files that --match and --exclude leave out; implies --delete", FLAG, old=UPLOAD,
    ),
    Option(
        ("--delete-unmatched",), DOWNLOAD, DELETING,
        "also remove local files that --match and --exclude leave out; implies --delete", FLAG, old=DOWNLOAD,
    ),
    # ---- when both sides differ
    Option(
        ("--resolve",), UPLOAD, CONFLICTS, "if both sides have changed (default: ask)",
        _choice("local", "skip", "ask"), old=UPLOAD,
    ),
    Option(
        ("--resolve",), DOWNLOAD, CONFLICTS, "if both sides have changed (default: ask)",
        _choice("remote", "skip", "ask"), old=DOWNLOAD,
    ),
    Option(
        ("--resolve",), SYNC, CONFLICTS, "if both sides have changed (default: ask)",
        _choice("old", "new", "local", "remote", "skip", "ask"), old=SYNC,
    ),
    Option(
        ("--force",), UPLOAD, CONFLICTS,
        "overwrite remote files that are newer or were changed, without asking", FLAG, old=UPLOAD,
    ),
    Option(
        ("--force",), DOWNLOAD, CONFLICTS,
        "overwrite local files that are newer or were changed, without asking", FLAG, old=DOWNLOAD,
    ),
    Option(
        ("--report-problems",), TRANSFERS | RUN, CONFLICTS,
        "exit with 10 if a conflict was left alone or an entry failed", FLAG,
    ),
    Option(
        ("--migrate",), ALL, CONFLICTS,
        "replace .pyftpsync-meta.json files of other versions; what they remember is discarded", FLAG, old=ALL,
    ),
    # ---- listing
    Option(("--list",), SCAN, LISTING, "print each file and folder", FLAG, old=SCAN),
    Option(("-r", "--recursive"), SCAN, LISTING, "look into folders, too", FLAG, old=SCAN),
    Option(("--remove-meta",), SCAN, LISTING, "delete the .pyftpsync-meta.json files", FLAG, old=SCAN),
    Option(("--remove-locks",), SCAN, LISTING, "delete the .pyftpsync-lock.json files", FLAG, old=SCAN),
    Option(("--files",), TREE | RUN, LISTING, "show files, too", FLAG),
    Option(("--sort",), TREE | RUN, LISTING, "sort by name, in any case; files before folders", FLAG),
    # ---- the task
    Option(("--here",), RUN, TASK, "only the current folder, with the remote folder that belongs to it", FLAG,
           old=RUN, exclusive="place"),
    Option(("--root",), RUN, TASK, "all of the folder in which the configuration file lies", FLAG,
           old=RUN, exclusive="place"),
    Option(("--no-dry-run", "--execute"), RUN, TASK, "really do it, although the file says 'dry_run: true'", FLAG),
    Option(("--create-folder",), RUN, TASK, "as if the file said 'create_folder: true'", FLAG),
    Option(("--force",), RUN, TASK, "as if the file said 'force: true'", FLAG),
    # ---- user and password
    Option(("--prompt",), ALL, LOGIN, "always ask for the password", FLAG, old=ALL, exclusive="prompt"),
    Option(("--no-prompt",), ALL, LOGIN, "never ask for it", FLAG, old=ALL, exclusive="prompt"),
    Option(("--no-keyring",), ALL, LOGIN, "do not look for the password in the system's keyring", FLAG, old=ALL),
    Option(("--no-netrc",), ALL, LOGIN, "do not look for the password in ~/.netrc", FLAG, old=ALL),
    Option(("--store-password",), ALL, LOGIN, "put the password into the keyring once it has worked", FLAG, old=ALL),
    # ---- server and connection
    Option(("--ca-file",), ALL, SERVER, "trust the certificate authorities of this PEM file", {"metavar": "FILE"}),
    Option(
        ("--tls-fingerprint",), ALL, SERVER,
        "accept this one certificate, whoever issued it: SHA-256, as openssl prints it",
        {"metavar": "HEX", "type": from_text("tls_fingerprint")},
    ),
    Option(
        ("--tls-server-name",), ALL, SERVER, "name that the certificate has to have, if not that of the URL",
        {"metavar": "HOST"},
    ),
    Option(("--no-verify",), ALL, SERVER, "accept any certificate: anybody on the way can read the password", FLAG),
    Option(("--ftp-active",), ALL, SERVER, "active mode: the server connects to this computer", FLAG, old=ALL),
    Option(
        ("--timeout",), ALL, SERVER, "give up after so many seconds without any progress (default: 30)",
        {"metavar": "SECONDS", "type": from_text("timeout", float)},
    ),
    Option(
        ("--connections",), ALL, SERVER, "use up to so many connections at once (default: 4)",
        {"metavar": "N", "type": from_text("connections", int)},
    ),
    Option(
        ("--retries",), ALL, SERVER, "try so many times again what a broken connection has interrupted (default: 4)",
        {"metavar": "N", "type": from_text("retries", int)},
    ),
    Option(
        ("--bwlimit",), ALL, SERVER, "bytes a second over all connections, such as 500k or 2M (default: no limit)",
        {"metavar": "RATE", "type": from_text("bandwidth_limit")},
    ),
    Option(
        ("--encoding",), ALL, SERVER, "encoding of names on the server (default: utf-8)",
        {"metavar": "NAME", "type": from_text("encoding")},
    ),
    # ---- output and dry run
    Option(("-n", "--dry-run"), ALL, OUTPUT, "only tell what would be done", FLAG, old=ALL),
    Option(("-v", "--verbose"), ALL, OUTPUT,
           "tell more: equal files; twice: reasons and statistics; three times: the dialogue with the server",
           COUNT, old=ALL, exclusive="level"),
    Option(("-q", "--quiet"), ALL, OUTPUT, "tell less: conflicts and the summary; twice: the summary; three times: "
           "nothing", COUNT, old=ALL, exclusive="level"),
    Option(("--progress",), ALL, OUTPUT, "show the progress on a pipe, too", FLAG, old=ALL),
    Option(("--no-color",), ALL, OUTPUT, "no colours, as with the environment variable NO_COLOR", FLAG, old=ALL),
    Option(("--json",), ALL, OUTPUT, "one JSON document on stdout; all else goes to stderr", FLAG),
    Option(("--debug",), ALL, OUTPUT, "classify: tell how each entry was judged (needs -v)", _choice("classify")),
)  # fmt: skip


def options_of(command: str) -> list[Option]:
    """The rows of a command, in the order of the table."""
    return [option for option in OPTIONS if command in option.commands]


def dest(option: Option) -> str:
    """The name of the option's value: its first long spelling with underscores, as in the configuration file."""
    return next(flag for flag in option.flags if flag.startswith("--"))[2:].replace("-", "_")
