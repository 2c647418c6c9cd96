# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line beside that of pyftpsync 3.1.0: same arguments, same exit codes, same words on stdout."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import typing as t
from pathlib import Path

import pytest

from tests.compat.conftest import interpreter_or_skip
from tests.compat.places import META, Place
from tests.compat.programs import Ours, command_line
from tests.compat.scenario import NOON

Result = subprocess.CompletedProcess


class Pair:
    """Runs a line by a release and by us on copies of the same folders, and gives both results.

    L and R are folders in `work`; each run sees them under the same path, so that records fit and output is the same.
    """

    def __init__(self, tmp_path: Path, version: str) -> None:
        interpreter_or_skip(version)
        self.version = version
        self.work, self._kept = tmp_path / "work", tmp_path / "kept"
        (self.work / "L").mkdir(parents=True)
        (self.work / "R").mkdir()

    def __call__(self, line: str, **options: t.Any) -> tuple[Result[str], Result[str]]:
        words = [
            {"L": str(self.work / "L"), "R": str(self.work / "R"), "''": ""}.get(word, word) for word in line.split()
        ]
        shutil.rmtree(self._kept, ignore_errors=True)
        shutil.copytree(self.work, self._kept)
        results = []
        for version in (self.version, "ours"):
            results.append(command_line(*words, cwd=self.work, version=version, **options))
            shutil.rmtree(self.work)
            shutil.copytree(self._kept, self.work)
        return results[0], results[1]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path, "3.1.0")


@pytest.fixture
def pair4(tmp_path: Path) -> Pair:
    return Pair(tmp_path, "4.1.0")


@pytest.fixture
def trees(ours: Ours, tmp_path: Path) -> tuple[Place, Place]:
    """Equal with records, then one change of each sort, a conflict among them."""
    local, remote = Place(tmp_path / "work" / "L"), Place(tmp_path / "work" / "R")
    for path in ("both.txt", "same.txt", "left.txt", "right.txt", "gone.txt", "d/e/same.bin", "d/gone/x.txt"):
        local.write(path, "first", NOON)
    assert ours.run("sync", local, remote).error is None
    local.write("both.txt", "changed in L, thousands of bytes" * 100, NOON + 3600)
    remote.write("both.txt", "changed in R, thousands of bytes" * 101, NOON + 3605)
    local.write("left.txt", "changed", NOON + 3600)
    remote.write("right.txt", "changed", NOON + 3600)
    local.delete("gone.txt")
    remote.delete("d/gone")
    local.write("n/new.txt", "new", NOON)
    local.write(".git/config", "not for R", NOON)
    return local, remote


def words(result: Result[str]) -> list[str]:
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", result.stdout).replace("\r", "\n")
    text = re.sub(r"Elap: .*|took [\d.]+ seconds", "...", text).replace(", errors: 0.", ".")
    return [line.rstrip() for line in text.splitlines() if "override_operation(" not in line]


# ------------------------------------------------------------------ exit codes


@pytest.mark.parametrize(
    "line",
    [
        *("", "upload", "upload L", "download L", "sync", "scan", "foo L R", "upload L R R", "scan L R"),
        *("upload L .", "sync L .", "download L .", "upload ftp://host.invalid/x R", "sync ftp://host.invalid/ L"),
        *("upload L R --foo", "upload L R --resolve remote", "download L R --resolve local", "sync L R --resolve x"),
        *("sync L R --force", "sync L R --delete", "scan L --delete", "scan L --resolve skip", "upload L R --list"),
        *("upload L R -v -q", "upload L R --prompt --no-prompt", "run --here --root", "run --resolve skip"),
        *("run", "run task", "upload L R --match", "run --match x", "-v -q --version"),
    ],
)
def test_usage_errors(pair: Pair, line: str) -> None:
    theirs, ours = pair(line)
    assert ours.returncode == theirs.returncode == 2, (theirs.stderr, ours.stderr)
    assert ours.stdout == "" and "error:" in ours.stderr


@pytest.mark.parametrize(
    "line",
    [
        *("--version", "-V", "--help", "-h", "upload -h", "download -h", "sync --help", "run -h", "scan -h"),
        *("upload L R", "download L R", "sync L R --resolve skip", "scan L", "scan R -r --list", "-v upload L R"),
        *("upload L R --dry", "upload L R --delete-unm --no-c --forc", "sync L R --res skip", "upload L R -x ''"),
        *("upload L R -nvv", "upload L R -n -qqq", "sync L R --no-prompt --no-keyring --no-netrc --ftp-active"),
        *("sync L R --migrate --progress --no-color", "scan L --migrate -n --progress", "upload R L"),
        *("upload L R -m *.txt,*.html -x a*,b*", "download L R --resolve remote --force --delete"),
        *("upload L missing", "upload missing R", "scan missing"),
    ],
)
def test_exit_codes(pair: Pair, line: str) -> None:
    theirs, ours = pair(line)
    assert ours.returncode == theirs.returncode, (theirs, ours)
    assert "Traceback" not in ours.stderr


def test_the_version_alone_and_with_more(pair: Pair) -> None:
    for line in ("--version", "-V", "-v --version"):
        theirs, ours = pair(line)
        assert (
            re.sub(r"\d+\.\d+\.\d+\S*", "N", ours.stdout).split()[:1]
            == re.sub(r"\d+\.\d+\.\d+\S*", "N", theirs.stdout).split()[:1]
        )
        assert len(ours.stdout.splitlines()) == 1


# ------------------------------------------------------------------ words


@pytest.mark.parametrize("level", ["", "-v", "-qq"])
@pytest.mark.parametrize(
    "line",
    [
        *("sync L R --resolve skip", "sync L R --resolve local", "upload L R --resolve skip --delete"),
        *("download L R --resolve remote --force", "upload L R --resolve skip -m *.txt --delete-unmatched"),
        *("sync L R --resolve skip -n", "upload L R --resolve local --force --delete --dry-run"),
    ],
)
def test_same_words(pair: Pair, trees: object, line: str, level: str) -> None:
    theirs, ours = pair(f"{line} {level}")
    assert theirs.returncode == ours.returncode == 0
    assert sorted(words(ours)) == sorted(words(theirs))
    # what is said before the first entry, and the result, in their places
    lines = words(theirs)
    assert words(ours)[:3] == lines[:3] or level == "-qq"
    assert words(ours)[-1:] == lines[-1:]


@pytest.mark.parametrize("options", ["", "--list", "-r", "--list -r", "--list -r -x ''", "--list -r -m *.txt -x d"])
def test_scan(pair: Pair, trees: object, options: str) -> None:
    theirs, ours = pair(f"scan L {options}")
    assert theirs.returncode == ours.returncode == 0
    assert sorted(words(ours)) == sorted(words(theirs))


def conversation(result: Result[str]) -> list[str]:
    """Descriptions, prompts, remarks and what became of the conflicts; the words of the help are free."""
    found = []
    for line in words(result):
        *prompts, rest = re.split(r"(?<=Help \?) |(?<=Help\?) ", line + " ")
        found += [prompt.replace("Help?", "Help ?") for prompt in prompts] + [rest.rstrip()]
    outcomes = [line for line in found if re.match(r"[A-Z]+ CONFLICT ", line)]
    talk = [line for line in found if re.match(r"CONFLICT: |    (Orig|Local|Remote|Files)|Use [A-Z].*\?$", line)]
    return talk + outcomes


@pytest.mark.parametrize(
    ("command", "answers"),
    [
        *(("sync", answer + "\n") for answer in ("l", "r", "s", "L", "R", "S", " s ")),
        *(("sync", answers) for answers in ("h\ns\n", "?\ns\n", "b\ns\n", "x\n\ns\n")),
        *(("upload", answers) for answers in ("l\n", "s\n", "r\ns\n", "b\nS\n")),
        *(("download", answers) for answers in ("r\n", "s\n", "l\ns\n", "b\nR\n")),
    ],
)
def test_dialogue(pair: Pair, trees: tuple[Place, Place], command: str, answers: str) -> None:
    theirs, ours = pair(f"{command} L R --resolve ask", answers=answers)
    assert theirs.returncode == ours.returncode == 0, (theirs.stderr, ours.stderr)
    assert conversation(ours) == conversation(theirs)
    assert words(ours)[-1] == words(theirs)[-1]  # without the time, since somebody was asked


def test_the_last_sync_is_that_of_the_file(pair: Pair, trees: tuple[Place, Place]) -> None:
    document = trees[0].meta()
    records = document["peer_sync"][str(trees[1])]
    records[":last_sync"] = NOON + 9000
    records["both.txt"]["u"] = NOON + 8000
    trees[0].write(META, json.dumps(document), NOON)
    theirs, ours = pair("sync L R --resolve ask", answers="s\n")
    assert conversation(ours) == conversation(theirs)


def test_the_end_of_the_input_ends_the_run(pair: Pair, trees: object) -> None:
    theirs, ours = pair("sync L R --resolve ask", answers="")
    assert ours.returncode == theirs.returncode == 1
    assert "Traceback" not in ours.stderr


# ------------------------------------------------------------------ run


GOOD = """
default_task: one
common_config:
  verbose: 4
  exclude: .git,.DS_Store
tasks:
  one:
    command: upload
    remote: REMOTE
    resolve: skip
  two:
    command: sync
    remote: REMOTE
    resolve: skip
    dry_run: true
    match: ["*.txt", "*.bin"]
    verbose: 3
  default:
    command: download
    remote: REMOTE
    resolve: remote
    force: true
"""


@pytest.mark.parametrize(
    "line",
    ["run", "run two", "run default", "run one -n", "run two --verbose", "run one -qq", "run three", "run --root"],
)
def test_run(pair: Pair, trees: tuple[Place, Place], line: str) -> None:
    """The configuration lies above L and R; L is what is synchronized."""
    trees[0].delete(".git")  # 3.1 would publish it, since L is new in R (B4)
    text = GOOD.replace("REMOTE", str(trees[1])).replace(".git,.DS_Store", ".git,.DS_Store,R")
    (trees[0].root.parent / ".pyftpsync.yaml").write_text(text)
    theirs, ours = pair(line)
    assert ours.returncode == theirs.returncode, (theirs.stderr, ours.stderr)

    def lines(result: Result[str]) -> list[str]:
        """The notice about dry runs is that of 4.x."""
        found = [line for line in words(result) if not line.startswith("Dry-run mode is configured")]
        return sorted(line.replace("overriden", "overridden") for line in found)

    if theirs.returncode == 0:
        assert lines(ours) == lines(theirs)


@pytest.mark.parametrize(
    "text",
    [
        "tasks: {}",
        "common_config: {verbose: 3}",
        "tasks: {default: {command: upload}}",
        "tasks: {default: {remote: REMOTE}}",
        "tasks: {default: {command: up, remote: REMOTE}}",
        "tasks: {default: {command: upload, remote: REMOTE, colour: true}}",
        "tasks: {default: {command: upload, remote: REMOTE",
        "tasks: [1, 2",
        "default_task: other\ntasks: {default: {command: upload, remote: REMOTE}}",
        "tasks: {default: {command: upload, remote: REMOTE, tls: true}}",
    ],
)
def test_configuration_errors(pair: Pair, trees: tuple[Place, Place], text: str) -> None:
    (trees[0].root.parent / ".pyftpsync.yaml").write_text(text.replace("REMOTE", str(trees[1])))
    theirs, ours = pair("run")
    assert ours.returncode == theirs.returncode == 2, (theirs.stderr, ours.stderr)
    assert "Traceback" not in ours.stderr


# ------------------------------------------------------------------ what 4.x added


@pytest.mark.parametrize(
    "options", ["", "--files", "--sort", "--files --sort", "--files --sort -x ''", "-m *.txt --files"]
)
def test_tree(pair4: Pair, trees: tuple[Place, Place], options: str) -> None:
    theirs, ours = pair4(f"tree L {options}")
    assert theirs.returncode == ours.returncode == 0, (theirs.stderr, ours.stderr)
    if "--sort" in options:
        assert words(ours) == words(theirs)
    else:  # in whatever order, and so with other connectors
        unconnected = [sorted(re.sub(r"^[ |`+-]*", "", line) for line in words(result)) for result in (ours, theirs)]
        assert unconnected[0] == unconnected[1]


@pytest.mark.parametrize(
    "line",
    [
        *("sync L R --case strict --resolve skip --report-problems", "sync L R --case strict --resolve local"),
        *("upload L R --case strict --resolve skip --report-problems", "upload L R --case strict --create-folder -n"),
        *("sync L R --case strict --resolve local --report-problems", "upload L R --case x", "tree", "tree L R"),
        *("download L R --create-folder", "scan L --report-problems", "run --execute"),
    ],
)
def test_exit_codes_of_4(pair4: Pair, trees: tuple[Place, Place], line: str) -> None:
    theirs, ours = pair4(line, answers="S\n")
    assert ours.returncode == theirs.returncode, (theirs, ours)
    assert "Traceback" not in ours.stderr


NEW = """
default_task: one
common_config:
  verbose: 3
  case: strict
  exclude: .git,R
tasks:
  one:
    command: upload
    local: L
    remote: REMOTE
    resolve: skip
    report_problems: true
    dry_run: true
  two:
    command: tree
    local: L
    remote: L
    files: true
    sort: true
"""


@pytest.mark.parametrize("line", ["run", "run one --no-dry-run", "run one --execute --report-problems", "run none"])
def test_run_of_4(pair4: Pair, trees: tuple[Place, Place], line: str) -> None:
    trees[0].delete(".git")
    (pair4.work / "pyftpsync.yaml").write_text(NEW.replace("REMOTE", str(trees[1])))
    theirs, ours = pair4(line)
    assert ours.returncode == theirs.returncode, (theirs, ours)
    if theirs.returncode != 2:
        # that the dry run is off is told by free words
        said = [[line for line in words(result) if "dry" not in line.replace("DRY", "")] for result in (ours, theirs)]
        assert sorted(said[0]) == sorted(said[1])


# ------------------------------------------------------------------ records


@pytest.mark.parametrize("value", ["1", "true", "YES", "on", "0", "off"])
def test_readable_records(tmp_path: Path, value: str) -> None:
    local, remote = Place(tmp_path / "L"), Place(tmp_path / "R")
    local.write("a.txt", "a", NOON)
    result = command_line("upload", local, remote, env={"PYFTPSYNC_VERBOSE_META": value})
    assert result.returncode == 0, result.stderr
    text = (local.root / META).read_text()
    assert ('\n    "_disclaimer"' in text) == (value not in ("0", "off"))
    assert ('"uploaded_str"' in text) == (value not in ("0", "off"))
