# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file of `pyftpsync run`: which one, what it says, which mistakes are named how (behaviour 9)."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ftpsync.cli import config_file
from ftpsync.errors import UsageError

TASK = """default_task: deploy
common_config:
  verbose: 4
  exclude: build,*.tmp
tasks:
  deploy:
    command: upload
    remote: ftp://example.com/www
    delete_unmatched: true
  mirror:
    command: download
    remote: ftp://example.com/www
    exclude: [a, b]
    verbose: null
"""


def parse(content: str, wanted: str | None = None) -> config_file.Task:
    return config_file.parse(content, "/p/.pyftpsync.yaml", wanted)


def complaint(content: str, wanted: str | None = None) -> str:
    with pytest.raises(UsageError) as found:
        parse(content, wanted)
    assert "\n" not in str(found.value)
    return str(found.value)


def test_the_task_lies_over_the_common_part() -> None:
    assert parse(TASK).values == {
        "verbose": 4,
        "exclude": ["build", "*.tmp"],
        "command": "upload",
        "remote": "ftp://example.com/www",
        "delete_unmatched": True,
    }
    mirror = parse(TASK, "mirror")
    assert (mirror.name, mirror.values["exclude"], mirror.values["verbose"]) == ("mirror", ["a", "b"], 4)


def test_a_task_called_default_needs_no_name() -> None:
    assert parse("tasks: {default: {command: sync, remote: x}}").name == "default"


def test_anchors_and_merges() -> None:
    content = "x-base: &base {command: upload, remote: r}\ntasks:\n  t:\n    <<: *base\n    force: true\n"
    assert parse(content, "t").values == {"command": "upload", "remote": "r", "force": True}


def test_a_mistake_in_another_task_does_not_matter() -> None:
    assert parse(TASK.replace("command: download", "command: sftp")).name == "deploy"


BASE = "tasks:\n  t:\n    command: upload\n    remote: r\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("frob: true", ", line 5: tasks.t.frob: there is no such key"),
        ("dryrun: true", "tasks.t.dryrun: there is no such key; did you mean 'dry_run'?"),
        ("delete-unmatched: true", "there is no such key; did you mean 'delete_unmatched'?"),
        ("delete: 'yes'", ", line 5: tasks.t.delete: 'yes' is neither true nor false"),
        ("verbose: loud", "tasks.t.verbose: 'loud' is not a whole number"),
        ("verbose: true", "tasks.t.verbose: True is not a whole number"),
        ("match: 7", "tasks.t.match: must be a text such as"),
        ("exclude: [1]", "tasks.t.exclude: must be a text such as"),
        ("resolve: newest", "'newest' is none of old, new, local"),
        ("resolve: remote", ", line 5: tasks.t.resolve: 'remote' does not suit 'upload'; choose from local, skip, ask"),
        ("no_dry_run: true", "tasks.t.no_dry_run: belongs to the command line; write 'dry_run: false'"),
        ("store_password: true", "give --store-password once on the command line"),
        ("timeout: 0", "tasks.t.timeout: 0 is not a number from 1"),
        ("bwlimit: fast", "tasks.t.bwlimit: 'fast' is no rate"),
        ("local: 5", "tasks.t.local: must be a text"),
    ],
)
def test_mistakes_in_a_task(line: str, message: str) -> None:
    told = complaint(f"{BASE}    {line}\n", "t")
    assert told.startswith("/p/.pyftpsync.yaml, line 5: ")
    assert message in told


@pytest.mark.parametrize(
    ("content", "wanted", "message"),
    [
        ("", None, "/p/.pyftpsync.yaml: is empty; it needs 'tasks' with a task"),
        ("- a\n", None, "/p/.pyftpsync.yaml: has no keys"),
        ("taks: {}\n", None, "'tasks' is missing"),
        ("task:\n  a: 1\n", None, "'tasks' is missing; did you mean 'task'?"),
        ("tasks: 7\n", None, ", line 1: tasks: must hold keys with values, indented below it"),
        ("tasks:\n  t: upload\n", "t", ", line 2: tasks.t: must hold keys"),
        ("tasks:\n  t:\n", "t", ", line 2: tasks.t: has no settings"),
        (BASE, None, "has no default_task; name a task: t"),
        (BASE, "tt", "there is no task 'tt' in /p/.pyftpsync.yaml; did you mean 't'?; tasks: t"),
        (f"default_task: u\n{BASE}", None, ", line 1: default_task: there is no task 'u'; tasks: t"),
        ("tasks:\n  t:\n    remote: r\n", "t", ", line 3: tasks.t.command: is missing, here and in common_config"),
        ("tasks:\n  t:\n    command: sync\n", "t", "tasks.t.remote: is missing"),
        ("tasks:\n  t:\n    command: frob\n    remote: r\n", "t", "'frob' is none of upload, download, sync, tree"),
        ("common_config:\n  resolve: new\n" + BASE, "t", ", line 2: common_config.resolve: 'new' does not suit"),
        ("common_config: [a]\n" + BASE, "t", ", line 1: common_config: must hold keys"),
        ("a: [b\nc", None, ", line 2: is no valid YAML: expected ',' or ']'"),
        ("a: *b\n", None, ", line 1: is no valid YAML: found undefined alias 'b'"),
        ("a: !!python/object:os.system {}\n", None, "is no valid YAML: could not determine a constructor"),
        ("a: \0\n", None, "is no valid YAML"),
        ("{a: b}: c\n", None, "is no valid YAML: found unhashable key"),
    ],
)
def test_mistakes_in_the_file(content: str, wanted: str | None, message: str) -> None:
    assert message in complaint(content, wanted)


def test_no_message_shows_a_password() -> None:
    content = BASE.replace("remote: r", "remote: [ftp://joe:sesame@h/]")
    assert "sesame" not in complaint(content, "t")


def test_without_yaml_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "yaml", t.cast(t.Any, None))
    assert "pip install PyYAML" in complaint(BASE, "t")


def test_the_nearest_file_counts(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (tmp_path / "pyftpsync.yaml").touch()
    assert config_file.find(str(below)) == str(tmp_path / "pyftpsync.yaml")
    (tmp_path / ".pyftpsync.yaml").touch()
    assert config_file.find(str(below)) == str(tmp_path / ".pyftpsync.yaml")
    (tmp_path / "a" / "pyftpsync.yaml").touch()
    assert config_file.find(str(below)) == str(tmp_path / "a" / "pyftpsync.yaml")
    (tmp_path / "a" / "b" / ".pyftpsync.yaml").mkdir()
    assert config_file.find(str(below)) == str(tmp_path / "a" / "pyftpsync.yaml")


def test_fifteen_folders_up_and_no_more(tmp_path: Path) -> None:
    (tmp_path / ".pyftpsync.yaml").touch()
    far = tmp_path.joinpath(*"123456789abcdef")
    far.mkdir(parents=True)
    assert config_file.find(str(far)) == str(tmp_path / ".pyftpsync.yaml")
    (far / "g").mkdir()
    with pytest.raises(UsageError, match=r"could not find \.pyftpsync\.yaml or pyftpsync\.yaml in .* 15 folders above"):
        config_file.find(str(far / "g"))


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"a: 1\nb: \xff\n", ", line 2: is not UTF-8"), (b"#" * (1 << 20) + b"#", "has more than 1048576 bytes")],
)
def test_files_that_are_no_text(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "pyftpsync.yaml"
    file.write_bytes(content)
    with pytest.raises(UsageError) as found:
        config_file.read(str(file))
    assert message in str(found.value)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    file = tmp_path / "pyftpsync.yaml"
    file.write_bytes(b"\xef\xbb\xbftasks:\n")
    assert config_file.read(str(file)) == "tasks:\n"
