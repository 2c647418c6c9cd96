# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long the playbook `webdeploy.ftp.deploy` takes for how many accounts:  python -m benchmarks.accounts"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import typing as t
from pathlib import Path

from tests.conftest import COLLECTIONS, ROOT
from tests.servers import Server, start

from . import svg

FORKS = 20
WORKS = {"first": "first deployment", "again": "again, nothing changed"}
_RESULTS = ROOT / "docs" / "performance"
_HEAD = """<!--
Copyright (c) 2026, webdeploy.ftp contributors
SPDX-License-Identifier: GPL-3.0-or-later
-->

# How fast many accounts are deployed

Written by `make bench-accounts`. Seconds of `ansible-playbook webdeploy.ftp.deploy --forks {forks}` as a whole, with
the role's defaults. The site is that of `examples/demo/`, five files, the same for each account. The accounts are
folders on one vsftpd on the same machine, so that no line slows anything down: what is measured is the controller's
work.

* Measured {date} on {cores} cores, Python {python}, ansible-core {ansible}.
* Processes that ran or waited for these cores before it began: {load}.

![Seconds by number of accounts](accounts.svg)

| accounts | first deployment | again, nothing changed | seconds per account, first and again |
| ---: | ---: | ---: | ---: |
"""


class Row(t.NamedTuple):
    """Seconds of two runs with so many accounts."""

    accounts: int
    first: float
    again: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accounts", description=__doc__)
    parser.add_argument("numbers", type=int, nargs="*", default=[1, 10, 30, 100], help="how many accounts")
    parser.add_argument("--server", default="vsftpd")
    parser.add_argument("--output", type=Path, default=_RESULTS)
    options = parser.parse_args()
    about = {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "cores": os.cpu_count(),
        "python": sys.version.split()[0],
        "ansible": _version(),
        "load": f"{os.getloadavg()[0]:.0f}",
        "forks": FORKS,
    }
    rows = []
    with start(options.server) as server:
        for number in options.numbers:
            rows.append(measure(server.at(f"of{number}"), number))
            print(f"{number:4} accounts: {rows[-1].first:6.1f} s, again {rows[-1].again:6.1f} s", flush=True)
    write(options.output, about, rows)


def measure(server: Server, number: int) -> Row:
    """Deploy to new accounts, and again; all of them have to be deployed then."""
    hosts = {f"site{n:03}": {"ftp_deploy_remote": f"{server.url}/{n:03}"} for n in range(1, number + 1)}
    variables = {
        "ftp_deploy_local": str(ROOT / "examples" / "demo" / "site"),
        "ftp_deploy_username": server.username,
        "ftp_deploy_password": server.password,
        "ansible_python_interpreter": sys.executable,
    }
    with tempfile.TemporaryDirectory(prefix="webdeploy-bench-") as folder:
        inventory = Path(folder) / "inventory.json"
        inventory.write_text(json.dumps({"all": {"hosts": hosts, "vars": variables}}))
        first, again = (_play(inventory) for dummy in WORKS)
    there = len(list(server.root.glob("*/index.html")))
    if there != number:
        sys.exit(f"{there} of {number} accounts have their site")
    return Row(number, first, again)


def _play(inventory: Path) -> float:
    program = Path(sys.executable).parent / "ansible-playbook"
    foreign = ("ANSIBLE_", "WEBDEPLOY_")
    own = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    began = time.monotonic()
    run = subprocess.run(
        [str(program), "-i", str(inventory), "--forks", str(FORKS), "webdeploy.ftp.deploy"],
        cwd=inventory.parent,
        env={**own, "HOME": str(inventory.parent), "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)},
        text=True,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if run.returncode:
        sys.exit(run.stdout)
    return time.monotonic() - began


def write(output: Path, about: t.Mapping[str, t.Any], rows: t.Sequence[Row]) -> None:
    """The page, its chart, and the raw numbers."""
    output.mkdir(parents=True, exist_ok=True)
    lines = [f"| {row.accounts} | {row.first:.1f} | {row.again:.1f} | {_each(row)} |\n" for row in rows]
    (output / "accounts.md").write_text(_HEAD.format(**about) + "".join(lines))
    groups = [
        (f"{row.accounts}", [svg.Bar(WORKS[name], seconds) for name, seconds in zip(WORKS, row[1:])]) for row in rows
    ]
    (output / "accounts.svg").write_text(svg.chart("Seconds by number of accounts", "s", groups, {}))
    raw = {"about": dict(about), "rows": [row._asdict() for row in rows]}
    (output / "accounts.json").write_text(json.dumps(raw, indent=1) + "\n")


def _each(row: Row) -> str:
    return f"{row.first / row.accounts:.2f}, {row.again / row.accounts:.2f}"


def _version() -> str:
    import ansible.release

    return str(ansible.release.__version__)


if __name__ == "__main__":
    main()
