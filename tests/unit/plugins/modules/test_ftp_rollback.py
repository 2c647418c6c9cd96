# Copyright (c) 2026, webdeploy.ftp contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ftp_rollback as Ansible runs it, in this process, against an FTP server in a thread."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.webdeploy.ftp.plugins.doc_fragments import attributes, connection
from ansible_collections.webdeploy.ftp.plugins.module_utils import _common
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync import engine, options
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.rollback import (
    report as rollback_report,
)
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.rollback import (
    run as rollback,
)
from ansible_collections.webdeploy.ftp.plugins.modules import ftp_rollback

from .conftest import Run

DOCUMENTATION = yaml.safe_load(ftp_rollback.DOCUMENTATION)
CONNECTION = yaml.safe_load(connection.ModuleDocFragment.DOCUMENTATION)
ATTRIBUTES = yaml.safe_load(attributes.ModuleDocFragment.DOCUMENTATION)
RETURN = yaml.safe_load(ftp_rollback.RETURN)
SPEC = {**_common.connection_spec(), **ftp_rollback.ARGUMENTS}

Answer = t.Tuple[int, t.Dict[str, t.Any], t.List[str]]
Undo = t.Callable[..., Answer]


@pytest.fixture
def run(run_module: Run) -> Undo:
    """Exit status, result and warnings."""

    def runner(**args: t.Any) -> Answer:
        answer = run_module(ftp_rollback, verbosity=0, **args)
        answer.result.pop("invocation", None)
        return answer[:3]

    return runner


# ---------------------------------------------------------------------- documentation


def test_documentation_and_argument_spec_say_the_same() -> None:
    documented = {**CONNECTION["options"], **DOCUMENTATION["options"]}
    assert sorted(documented) == sorted(SPEC)
    for name, spec in SPEC.items():
        for key in ("type", "elements", "default", "choices", "required"):
            assert documented[name].get(key) == spec.get(key), (name, key)


def test_attributes_have_descriptions() -> None:
    assert sorted(DOCUMENTATION["attributes"]) == sorted(ATTRIBUTES["attributes"])


def test_return_values_are_documented() -> None:
    empty = rollback_report.to_dict(ftp_rollback.NOTHING)
    assert {*RETURN, "changed"} == {*empty, "msg"}
    assert set(RETURN["stats"]["contains"]) == set(empty["stats"])


def test_defaults_are_those_of_the_engine() -> None:
    defaults = {name: spec.get("default") for name, spec in SPEC.items()}
    assert rollback.validate({**defaults, "remote": "ftps://h"}) == rollback.validate({"remote": "ftps://h"})


def test_examples_are_valid() -> None:
    outer = yaml.safe_load(ftp_rollback.EXAMPLES)
    tasks = [task for item in outer for task in [*item.get("block", [item]), *item.get("rescue", [])]]
    found = [task["webdeploy.ftp.ftp_rollback"] for task in tasks if "webdeploy.ftp.ftp_rollback" in task]
    assert len(found) == 5
    for args in found:
        result = ArgumentSpecValidator(SPEC).validate({"remote": "ftps://h", **args})
        assert result.error_messages == []


# ---------------------------------------------------------------------- runs


def test_foretells_does_and_is_done(run: Undo, tmp_path: Path, ftp_server: t.Any) -> None:
    server, site = ftp_server(), tmp_path / "site"
    site.mkdir()
    ids = []
    for version in ("one", "two"):
        (site / "index.html").write_text(version)
        (site / f"{version}.html").write_text(version)
        wanted = options.validate({"local": str(site), "backup": 3, "use_netrc": False, **server.connection()})
        ids.append(engine.synchronize(wanted, check=False).backup_id)
        (site / f"{version}.html").unlink()
    server.mark()
    connected = server.connection()
    status, foretold, _warnings = run(check=True, diff=True, **connected)
    assert status == 0 and foretold["changed"] and server.writes() == []
    status, done, _warnings = run(diff=True, **connected)
    assert status == 0
    for name in ("changed", "backup_ids", "restored", "withdrawn", "operations", "backups", "diff"):
        assert done[name] == foretold[name], name
    assert done["backup_ids"] == [ids[1]] and done["restored"] == ["index.html"] and done["withdrawn"] == ["two.html"]
    assert done["diff"]["before"] == "index.html (3 bytes)\ntwo.html (3 bytes)\n"
    assert done["diff"]["after"] == "index.html (3 bytes) – replaced since\n"
    assert server.files()["index.html"] == b"one"
    for key in ("operations", "backups"):
        assert all(set(item) == set(RETURN[key]["contains"]) for item in done[key])
    assert [backup["undone"] for backup in done["backups"]] == [True, False]
    server.mark()
    status, again, _warnings = run(diff=True, backup_id=ids[1], **connected)
    assert (status, again["changed"], again["diff"]["before"], again["diff"]["after"]) == (0, False, "", "")
    assert server.writes() == []
    status, redone, _warnings = run(state="redone", **connected)
    assert redone["backup_ids"] == [ids[1]] and server.files()["two.html"] == b"two"


@pytest.mark.parametrize(
    ("args", "part"),
    [
        ({}, "backup: 3"),
        ({"backup_id": "7"}, "look like"),
        ({"backup_id": "20200101T000000Z-1"}, "there are none"),
        ({"lock_timeout": -1}, "lock_timeout"),
        ({"state_dir": ".."}, "state_dir"),
        ({"remote": "nonsense://h"}, "remote"),
    ],
)
def test_failures_are_one_line_with_all_keys(run: Undo, ftp_server: t.Any, args: dict[str, t.Any], part: str) -> None:
    server = ftp_server()
    status, result, _warnings = run(**{**server.connection(), **args})
    assert status == 1 and part in result["msg"] and "\n" not in result["msg"]
    assert set(RETURN) <= set(result)
    assert server.password not in json.dumps(result)
