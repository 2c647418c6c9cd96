# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import typing as t
from pathlib import Path

from . import content, report
from .clients import CLIENTS, Client
from .clients.ours import Ours
from .clients.pyftpsync import Pyftpsync
from .keeper import Keeper
from .link import KINDS, Line
from .measure import Measurement
from .scenarios import FULL, QUICK, Round, Scenario

SERVERS = ("vsftpd", "proftpd", "pure-ftpd", "pyftpdlib")
_RESULTS = Path(__file__).resolve().parent.parent / "docs" / "performance"
_SLOW = "pyftpsync"  # with one connection; measured in the first round only


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure us beside others.")
    parser.add_argument("--quick", action="store_true", help="smaller trees, one round, two servers: five minutes")
    parser.add_argument("--servers", type=_names, help=", ".join(SERVERS))
    parser.add_argument("--lines", type=_names, help=", ".join(KINDS))
    parser.add_argument("--works", type=_names, help="upload, no-op, change, download")
    parser.add_argument("--scenarios", type=_names, help="site, big, tiny")
    parser.add_argument("--clients", type=_names, help=", ".join(CLIENTS))
    parser.add_argument("--tls", choices=("no", "yes", "both"), help="FTPS instead of or besides plain FTP")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--engine", action="store_true", help="measure our engine without the command line around it")
    parser.add_argument("--output", type=Path, help="a folder; docs/performance unless --quick is given")
    parser.add_argument(
        "--report", nargs="+", type=Path, metavar="JSON", help="measure nothing, write the report of former runs"
    )
    parser.add_argument("--note", help="a sentence about the circumstances, for the report")
    options = parser.parse_args()
    Ours.engine_only = options.engine
    output = options.output or (Path("build/performance") if options.quick else _RESULTS)
    if options.report:
        former = [json.loads(path.read_text()) for path in options.report]
        about = {**former[0]["about"], "note": options.note}
        report.write(output, about, [Measurement(**row) for raw in former for row in raw["measurements"]])
        return
    clients = _clients(options.clients or ([n for n in CLIENTS if n != _SLOW] if options.quick else list(CLIENTS)))
    started = time.time()
    measurements: list[Measurement] = []
    try:
        for done in _measure_all(options, clients):
            measurements.append(done)
            print(_line(done), flush=True)
    except KeyboardInterrupt:
        print("stopped: the report has what was measured by now", flush=True)
    report.write(output, {**_about(clients, started, options.quick), "note": options.note}, measurements)
    print(f"written to {output}")
    if any(row.client == "ours" and row.error not in ("", "not yet") for row in measurements):
        sys.exit("we failed, see above")


def _measure_all(options: argparse.Namespace, clients: list[Client]) -> t.Iterator[Measurement]:
    servers = options.servers or (("vsftpd", "pyftpdlib") if options.quick else SERVERS)
    lines = options.lines or (("60ms", "loopback") if options.quick else list(KINDS))
    scenarios = [s for s in (QUICK if options.quick else FULL) if not options.scenarios or s.name in options.scenarios]
    rounds = options.rounds or (1 if options.quick else 3)
    works = set(options.works or ("upload", "no-op", "change", "download"))
    plain_or_tls = {"no": (False,), "yes": (True,), "both": (False, True), None: (False,)}[options.tls]
    if options.tls is None and not options.quick:
        plain_or_tls = (False, True)
    with tempfile.TemporaryDirectory(prefix="webdeploy-bench-") as folder:
        for scenario in scenarios:
            source = Path(folder) / scenario.name / "source"
            source.mkdir(parents=True)
            content.make(scenario.tree, source)
            for name in lines:
                for tls in plain_or_tls:
                    if not _is_worth_it(scenario, name, tls, options):
                        continue
                    for server in servers:
                        with Line(KINDS[name]) as line, Keeper(line, server, tls) as keeper:
                            yield from _rounds(scenario, source, clients, line, keeper, rounds, works)
            shutil.rmtree(source.parent)


def _is_worth_it(scenario: Scenario, line: str, tls: bool, options: argparse.Namespace) -> bool:
    """By default: the site over 60 ms in cleartext and over 20 ms with TLS; the rest on loopback."""
    if options.lines:
        return True
    if scenario.name == "site":
        return line in scenario.lines and (tls == (line == "20ms") or options.tls == "both" or options.quick)
    return line in scenario.lines and (not tls or scenario.name == "big")


def _rounds(
    scenario: Scenario,
    source: Path,
    clients: list[Client],
    line: Line,
    keeper: Keeper,
    rounds: int,
    works: set[str],
) -> t.Iterator[Measurement]:
    """Each client once a round, and each round another one first, so that no one always meets a warm machine."""
    for number in range(rounds):
        for place in range(len(clients)):
            client = clients[(place + number) % len(clients)]
            if client.name == _SLOW and number > 0:
                continue
            yield from Round(scenario, source, client, line, keeper, number, works).run()


def _clients(names: t.Iterable[str]) -> list[Client]:
    """Those that can run here; what is missing is said, and nothing is installed but into .venv."""
    if os.geteuid():
        sys.exit("This needs root: for network namespaces, and for the servers out of Debian's packages.")
    if not shutil.which("cc"):
        sys.exit("This needs a C compiler for its line simulator: the Debian packages gcc and libc6-dev.")
    found = []
    for name in names:
        client = CLIENTS[name]
        if isinstance(client, Pyftpsync):
            client.install()
        missing = client.missing()
        if missing:
            print(f"left out: {missing}", flush=True)
        else:
            found.append(client)
    return found


def _about(clients: list[Client], started: float, quick: bool) -> dict[str, t.Any]:
    versions = {}
    for client in clients:
        run = subprocess.run(
            client.version(),
            text=True,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        versions[client.name] = (run.stdout.strip().splitlines() or ["?"])[0][:60]
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime(started)),
        "hours": round((time.time() - started) / 3600, 2),
        "quick": quick,
        "python": sys.version.split()[0],
        "kernel": os.uname().release.split("-")[0],
        "cores": os.cpu_count(),
        "versions": versions,
    }


def _line(row: Measurement) -> str:
    where = f"{row.server}{' TLS' if row.tls else ''} {row.line}"
    if row.seconds is None:
        return f"{where:24} {row.work:10} {row.client:11} –  {row.error}"
    commands = sum((row.commands or {}).values())
    return (
        f"{where:24} {row.work:10} {row.client:11} {row.seconds:8.2f} s  cpu {row.cpu:6.2f} s  "
        f"{(row.peak_kb or 0) / 1024:5.0f} MB  {commands:6} commands  {row.turns or 0:6} turns  {row.error}"
    )


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


if __name__ == "__main__":
    main()
