#!/usr/bin/env python
# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""judges.py LOGS PAGE: write what the sessions of noxfile.py have logged into a page of the documentation.

A log is named after its session, `units-2.18.log`. What is missing or has not ended well is shown as such.
"""

from __future__ import annotations

import datetime
import re
import sys
import typing as t
from pathlib import Path

PAGE = """<!--
Copyright (c) 2026, webdeploy.ftp contributors
SPDX-License-Identifier: GPL-3.0-or-later
Made by scripts/judges.py; do not edit.
-->

# What the judges say

`nox` runs the checks of the Ansible community on every supported ansible-core, on each Python that ansible-core
supports and the machine has, without ignore files. This is what it said {when}.

| ansible-core | sanity | units | integration | first example |
| --- | --- | --- | --- | --- |
{rows}

* **sanity**: `ansible-test sanity`, every test that applies.
* **units**: `ansible-test units`; the tests of modules and `module_utils` on the Pythons of managed hosts, too.
* **integration**: `ansible-test integration` with the targets in `tests/integration/targets`, by the oldest Pythons for
  controller and managed host, and by the newest.
* **first example**: `ansible-galaxy collection install` of the tarball into an empty home, then the first example of
  the README against an FTP server, as check, for real, and again.

Pythons that `ansible-test` looked for and did not find: {missing}.

## Linters

```text
{lint}
```

## Unit tests in full

```text
{units}
```
"""

NOT_RUN = "not run"
Logs = t.Dict[t.Tuple[str, ...], str]  # ("units", "2.18"), ("integration", "2.18", "3.11", "3.8"), ("lint",)
Judge = t.Callable[[str], str]


def sanity(log: str) -> str:
    if not _passed(log):
        return "**failed**"
    tests = set(re.findall(r'^Running sanity test "([\w-]+)"', log, re.MULTILINE))
    return f"{len(tests)} tests{_span(re.findall(r'on Python ([0-9.]+)$', log, re.MULTILINE))}: passed"


def units(log: str) -> str:
    if not _passed(log):
        return "**failed**"
    passed = sum(int(count) for count in re.findall(r"^=+ (?:.* )?(\d+) passed", log, re.MULTILINE))
    return f"{passed:,} tests{_span(re.findall(r'^Unit test .* Python ([0-9.]+)$', log, re.MULTILINE))}: passed"


def integration(log: str) -> str:
    if not _passed(log):
        return "**failed**"
    return f"{len(re.findall(r'^PLAY RECAP', log, re.MULTILINE))} targets passed"


def install(log: str) -> str:
    return "passed" if re.search(r"^=* ?\d+ passed", log, re.MULTILINE) else "**failed**"


def _passed(log: str) -> bool:
    """Whether scripts/ansible-test came to its last line."""
    return re.search(r"^ansible-core .*: passed", log, re.MULTILINE) is not None


def _span(versions: t.Iterable[str]) -> str:
    ordered = sorted(set(versions), key=_key)
    if not ordered:
        return ""
    return f" on Python {ordered[0]} to {ordered[-1]}" if len(ordered) > 1 else f" on Python {ordered[0]}"


def _key(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def row(logs: Logs, core: str) -> str:
    def judged(command: str, judge: Judge) -> str:
        return judge(logs[command, core]) if (command, core) in logs else NOT_RUN

    pairs = sorted((key for key in logs if key[:2] == ("integration", core)), key=lambda key: _key(key[2]))
    cells = [
        _release(logs, core),
        judged("sanity", sanity),
        judged("units", units),
        "; ".join(f"{' to '.join(key[2:])}: {integration(logs[key])}" for key in pairs) or NOT_RUN,
        judged("install", install),
    ]
    return f"| {' | '.join(cells)} |"


def _release(logs: Logs, core: str) -> str:
    """The exact release, as scripts/ansible-test tells it."""
    text = "\n".join(log for key, log in logs.items() if core in key[1:2])
    found = re.search(r"^ansible-core ([0-9.a-z]+),", text, re.MULTILINE)
    return found[1] if found else core


def render(logs: Logs, days: t.Collection[datetime.date]) -> str:
    cores = sorted({key[1] for key in logs if len(key) > 1}, key=_key)
    absent = re.compile(r"on Python ([0-9.]+) because it could not be found")
    missing = {version for log in logs.values() for version in absent.findall(log)}
    return PAGE.format(
        when=_when(days),
        rows="\n".join(row(logs, core) for core in cores),
        missing=", ".join(f"Python {version}" for version in sorted(missing, key=_key)) or "none named",
        lint=_lint(logs.get(("lint",), NOT_RUN)),
        units="\n".join(line for core in cores for line in _counted(core, logs.get(("units", core), ""))) or NOT_RUN,
    )


def _when(days: t.Collection[datetime.date]) -> str:
    first, last = (f"{day:%-d %B %Y}" for day in (min(days), max(days)))
    return f"on {first}" if first == last else f"from {first} to {last}"


def _counted(core: str, log: str) -> t.Iterator[str]:
    """pytest's last line on each Python."""
    runs = re.compile(
        r"^Unit test (\w+) with Python ([0-9.]+)$.*?^=+ ([^=\n]* in [^=\n]*) =+$", re.MULTILINE | re.DOTALL
    )
    for kind, python, result in runs.findall(log):
        yield f"ansible-core {core}, {kind}, Python {python}: {result}"


def _lint(log: str) -> str:
    """The last lines of each linter, without what speaks of this machine."""
    return "\n".join(line for line in log.splitlines() if not re.search(r"/|^\s*$|^WARNING|^\*|\bmake\b", line))


def main(logs: Path, page: Path) -> None:
    files = list(logs.glob("*.log"))
    texts = {tuple(file.name[: -len(".log")].split("-")): file.read_text(errors="replace") for file in files}
    days = {datetime.date.fromtimestamp(file.stat().st_mtime) for file in files}
    page.write_text(render(texts, days))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
