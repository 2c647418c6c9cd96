# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start a server by hand:  python -m tests.servers start vsftpd --tls explicit"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import typing as t
from pathlib import Path

from . import KINDS, CannotStart, Server, start
from .fetch import PACKAGES, fetch
from .nginx import nginx


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
    starting.add_argument(
        "--host",
        type=Path,
        metavar="FILE",
        help="with a website, by nginx; write variables for playbooks to FILE",
    )
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if arguments.command == "fetch":
            for kind in arguments.kinds or PACKAGES:
                print(fetch(kind).binary)
        else:
            deny = tuple(arguments.deny.upper().split(",")) if arguments.deny else ()
            options = {"tls": arguments.tls, "hidden": arguments.hidden, "deny": deny}
            run = _run if arguments.host is None else _host(arguments.host)
            with start(arguments.kind, **options) as server:
                run(server)
    except CannotStart as exc:
        parser.exit(1, f"{exc}\n")


def _run(server: Server) -> None:
    print(f"{server.url}  username {server.username}  password {server.password}")
    print(f"its files: {server.root}")
    if server.certificate:
        print(f"to trust: {server.certificate}")
    _wait()


def _host(file: Path) -> t.Callable[[Server], None]:
    """The whole of a web host, and a file with what the role has to know of it."""

    def run(whole: Server) -> None:
        server = whole.at("htdocs")
        with nginx(server.root, server.private) as port:
            address = f"http://{server.host}:{port}/"
            variables = {
                "ftp_deploy_remote": server.url,
                "ftp_deploy_username": server.username,
                "vault_ftp_password": server.password,  # as the role's README calls it
                "ftp_deploy_options": {"ca_path": str(server.certificate)} if server.certificate else {},
                "ftp_deploy_health_url": address,
            }
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(variables, indent=2) + "\n")
            print(f"FTP server  {server.url}, which shows {server.root}")
            print(f"website     {address}")
            print(f"variables   {file}: ansible-playbook -e @{file}")
            try:
                _wait()
            finally:
                file.unlink(missing_ok=True)

    return run


def _wait() -> None:
    sys.stdout.flush()
    try:
        signal.pause()
    except KeyboardInterrupt:
        print("stopped")


if __name__ == "__main__":
    main()
