# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start a server by hand:  python -m tests.servers start vsftpd --tls explicit"""

from __future__ import annotations

import argparse
import signal

from . import KINDS, CannotStart, start
from .fetch import PACKAGES, fetch


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description="FTP servers for tests.")
    commands = parser.add_subparsers(dest="command", required=True)
    fetching = commands.add_parser("fetch", help="download the servers that come from Debian's packages")
    fetching.add_argument("kinds", nargs="*", metavar="SERVER", help=", ".join(PACKAGES))
    starting = commands.add_parser("start", help="start a server, and stop it at Ctrl-C")
    starting.add_argument("kind", choices=KINDS)
    starting.add_argument("--tls", choices=("explicit", "implicit"))
    starting.add_argument("--hidden", action="store_true", help="listings show dot files")
    starting.add_argument("--deny", default="", metavar="MLSD,...", help="commands to refuse")
    arguments = parser.parse_args()
    try:
        if arguments.command == "fetch":
            for kind in arguments.kinds or PACKAGES:
                print(fetch(kind).binary)
        else:
            deny = tuple(arguments.deny.upper().split(",")) if arguments.deny else ()
            _run(arguments.kind, tls=arguments.tls, hidden=arguments.hidden, deny=deny)
    except CannotStart as exc:
        parser.exit(1, f"{exc}\n")


def _run(kind: str, **options: object) -> None:
    with start(kind, **options) as server:
        print(f"{server.url}  username {server.username}  password {server.password}")
        print(f"its files: {server.root}")
        if server.certificate:
            print(f"to trust: {server.certificate}")
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("stopped")


if __name__ == "__main__":
    main()
