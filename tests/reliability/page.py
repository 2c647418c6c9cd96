# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/reliability.md, made of what complete runs have found and of the code's constants."""

from __future__ import annotations

import collections
import typing as t

from tests.reliability import bounds

Results = t.Mapping[str, t.Any]
Rows = t.Iterable[t.Sequence[t.Any]]

_TOP = """\
<!--
Copyright (c) 2026, webdeploy.ftp contributors
SPDX-License-Identifier: GPL-3.0-or-later
-->

# How reliable

This page is written by `make reliability` from what the runs below have found (`tests/reliability/results.json`) and
from the constants of the code. `SECURITY.md` says what is promised.
"""

_MATRIX = """
## The matrix

A run is repeated from the same beginning, and at one point of it something fails: a control connection before or after
a reply (by FIN or by RST; the server goes on with what was sent ahead, or not; or it is gone for good), a data
connection at its beginning, in its middle or at its end, the process of the run by a signal, or the server talks
nonsense. Points are counted in replies, commands and bytes, never in seconds. What has to hold at each of them:

* no file holds partial content under its final name, at any moment, as seen after each command and each block;
* nothing is deleted before all is published, and nothing that was not to be deleted;
* what the run says it has done is so, and what is recorded is so;
* the run recovers by itself (if it has `retries`), or fails and says why; the next run ends as wanted, and one after
  that has nothing to do.
"""

_SAMPLE = """
### In `make test`

A sample of these points, always the same one, with the tests of interrupted runs and short forms of what follows
(`make test-reliability`).
"""

_SOAK = """
## Random deployments

Sites that change at random are deployed through a line that breaks at a random byte of replies, commands or data, by
FIN or RST, or at which the run is killed; publication, backup, connections and retries are random, too. After each
deployment, and one more run where it failed, the server has to hold what was wanted, byte by byte.
"""

_RACE = """
## Races for the lock

Three runs begin at the same time and publish three different versions. In each round the site has to be one of the
three, and no mixture; no lock is left; and each of the three runs has to end well, one after the other.
"""

_COVERAGE = """
## Coverage

Branches that unit tests, engine tests and the fuzz corpus take together (`make coverage`).
"""

_MUTANTS = """
## Deliberate breakages

Each of these changes takes one safety measure out of the code (`tests/reliability/mutants.py`). A change is caught if
the tests named there fail with it (`make mutants`).
"""

_BOUNDS = """
## Bounds

Every wait has a deadline and every loop a bound.
"""

_HOW = """
## How to run it

| command | what it does |
| --- | --- |
| `make test` | a sample of the matrix, always the same one, and short forms of the rest |
| `make test-reliability` | these tests alone |
| `make matrix` | all points; hours. `make matrix every=10` takes each tenth |
| `make soak` | 200 random deployments for each of vsftpd, ProFTPD, Pure-FTPd and pyftpdlib |
| `make race` | 100 rounds for each of them |
| `make coverage` | coverage of branches |
| `make mutants` | the deliberate breakages |
| `make fuzz` | fuzzes what reads foreign input: `fuzz_seconds=3600` |
| `make reliability` | writes this page anew; each of the above that is complete does so, too |

## What this does not show

* A server that carries out half a command line when a connection ends within it (ProFTPD does) does something else than
  was asked for. Clients write whole lines, and no system cuts them there; a proxy that does is not defended against.
* A server that loses what it has confirmed, for instance because its machine loses power, is noticed by the next run
  where size or time of a file differ from the record.
* Without `close_notify` nobody can tell the end of a listing from a cut; where a server sends it otherwise, its absence
  counts as a loss.
"""


def page(results: Results) -> str:
    """The whole page; parts that have not been run are left out."""
    parts = [_TOP]
    for part, text, show in (
        ("matrix", _MATRIX, _matrix),
        ("sample", _SAMPLE, _sample),
        ("soak", _SOAK, _soak),
        ("race", _RACE, _race),
        ("coverage", _COVERAGE, _coverage),
        ("mutants", _MUTANTS, _mutants),
    ):
        if part in results:
            parts += [text, "\n", *show(results[part]), *_remark(results[part])]
    parts += [_BOUNDS, "\n", *_table(["bound", "value"], bounds.rows()), _HOW]
    return "".join(parts)


def _table(head: t.Sequence[str], rows: Rows, right_from: int = 1) -> t.Iterator[str]:
    yield f"| {' | '.join(head)} |\n"
    yield f"| {' | '.join('---' if number < right_from else '---:' for number in range(len(head)))} |\n"
    for row in rows:
        yield f"| {' | '.join(f'{cell:,}' if isinstance(cell, int) else str(cell) for cell in row)} |\n"


def _remark(found: Results) -> t.Iterator[str]:
    """How the run differed from the one that the page describes, as its conductor has noted."""
    if "remark" in found:
        yield f"\n{found['remark']}\n"


def _matrix(found: Results) -> t.Iterator[str]:
    every = found["every"]
    which = "All points" if every == 1 else f"Every {every}th point"
    yield f"{which}, {found['date']}, Python {found['python']}.\n\n"
    heads = ["recovered by itself", "failed, next run finished", "killed, next run finished", "violated"]
    words = ["recovered", "failed", "killed", "violated"]
    for column, title in (("what", "fault"), ("way", "run")):
        counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
        for row in found["points"]:
            for key in (row[column], "all"):
                counts[key][row["came_of_it"]] += row["count"]
        order = [*(key for key in counts if key != "all"), "all"]
        rows = [[key, sum(counts[key].values()), *(counts[key][word] for word in words)] for key in order]
        yield from _table([title, "points", *heads], rows)
        yield "\n"
    yield "With `retries: 0`, which half of the points are tried with, a run that loses a connection has to fail.\n"


def _sample(found: Results) -> t.Iterator[str]:
    minutes, seconds = divmod(found["seconds"], 60)
    yield f"{found['date']}: {found['tests']} tests in {minutes} minutes and {seconds} seconds.\n"


def _soak(found: Results) -> t.Iterator[str]:
    yield f"{found['date']}.\n\n"
    words = ["recovered", "failed", "killed", "unharmed"]
    rows = [
        [server, sum(row.values()), *(row.get(word, 0) for word in words)] for server, row in found["servers"].items()
    ]
    heads = ["recovered by itself", "failed, next run finished", "killed, next run finished", "fault not met"]
    yield from _table(["server", "deployments", *heads], rows)
    yield "\nEach of them ended with the server as wanted.\n"


def _race(found: Results) -> t.Iterator[str]:
    yield f"{found['date']}.\n\n"
    yield from _table(["server", "rounds", "mixtures"], [[server, n, 0] for server, n in found["servers"].items()])


def _coverage(found: Results) -> t.Iterator[str]:
    yield f"{found['date']}.\n\n"
    yield from _table(["part", "branches", "taken", "percent"], found["parts"])
    left = [
        [*(f"`{branch[key]}`".replace("|", "\\|") for key in ("file", "function", "line", "then")), branch["why"]]
        for branch in found.get("left", ())
    ]
    if left:
        yield "\nWhat none of these tests did:\n\n"
        yield from _table(["file", "function", "after this line", "comes this one", "why not"], left, right_from=5)


def _mutants(found: Results) -> t.Iterator[str]:
    yield f"{found['date']}.\n\n"
    yield from _table(["change", "caught"], [[row["what"], "yes" if row["caught"] else "no"] for row in found["tried"]])
