# Copyright (c) 2026, webdeploy.ftp contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules ftp_info and ftp_file as Ansible runs them, in this process, against an FTP server in a thread."""

from __future__ import annotations

import types
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.webdeploy.ftp.plugins.doc_fragments import attributes, connection
from ansible_collections.webdeploy.ftp.plugins.module_utils import _common
from ansible_collections.webdeploy.ftp.plugins.modules import ftp_file, ftp_info

from .conftest import Run

MODULES = pytest.mark.parametrize("module", [ftp_info, ftp_file], ids=["ftp_info", "ftp_file"])
CONNECTION = yaml.safe_load(connection.ModuleDocFragment.DOCUMENTATION)
ATTRIBUTES = yaml.safe_load(attributes.ModuleDocFragment.DOCUMENTATION)


@pytest.fixture
def run(run_module: Run) -> Run:
    return run_module


# ---------------------------------------------------------------------- documentation


def spec_of(module: types.ModuleType) -> dict[str, t.Any]:
    return {**_common.connection_spec(), **module.ARGUMENTS}


@MODULES
def test_documentation_and_argument_spec_say_the_same(module: types.ModuleType) -> None:
    documented = {**CONNECTION["options"], **yaml.safe_load(module.DOCUMENTATION)["options"]}
    assert sorted(documented) == sorted(spec_of(module))
    for name, spec in spec_of(module).items():
        for key in ("type", "elements", "default", "choices", "required"):
            assert documented[name].get(key) == spec.get(key), (name, key)


@MODULES
def test_attributes_are_those_that_there_are(module: types.ModuleType) -> None:
    assert sorted(yaml.safe_load(module.DOCUMENTATION)["attributes"]) == sorted(ATTRIBUTES["attributes"])


@MODULES
def test_the_modules_are_in_the_action_group(module: types.ModuleType) -> None:
    runtime = yaml.safe_load((Path(__file__).parents[4] / "meta/runtime.yml").read_text())
    assert module.__name__.rpartition(".")[2] in runtime["action_groups"]["all"]


@MODULES
def test_examples_are_valid(module: types.ModuleType) -> None:
    name = f"webdeploy.ftp.{module.__name__.rpartition('.')[2]}"
    tasks = [task[name] for task in yaml.safe_load(module.EXAMPLES) if name in task]
    assert tasks
    for args in tasks:
        result = ArgumentSpecValidator(spec_of(module)).validate(args)
        assert result.error_messages == []
        site = ftp_file.target.validate(result.validated_parameters)
        validate = ftp_file.validate if module is ftp_file else ftp_info.info.validate
        validate(result.validated_parameters, site)


# ---------------------------------------------------------------------- runs


def returned(module: types.ModuleType) -> set[str]:
    return {*yaml.safe_load(module.RETURN), "changed"} - {"msg"}


@MODULES
def test_keys_are_the_same_whatever_happens(run: Run, module: types.ModuleType, ftp_server: t.Any) -> None:
    args = {"path": "x", **({"content": "x"} if module is ftp_file else {})}
    server = ftp_server()
    args = {**server.connection(), "retries": 0, "timeout": 5, **args}
    status, good, _warnings, _output = run(module, **args)
    assert status == 0 and set(good) - {"invocation", "warnings"} == returned(module)
    for wrong in (
        {"password": "wrong"},
        {"remote": "ftp://127.0.0.1:1/"},
        {"remote": "sftp://h"},
        {"timeout": 0},
        {"path": "../x"},
        {"tls": "colour"},
    ):
        status, answer, _warnings, output = run(module, **{**args, **wrong})
        assert status == 1
        assert set(answer) == {*good, "failed", "msg"}
        assert answer["changed"] is False
        assert "\n" not in answer["msg"] and "Traceback" not in output


def test_what_is_documented_about_a_server_is_returned(run: Run, ftp_server: t.Any) -> None:
    server = ftp_server()
    _status, answer, _warnings, _output = run(ftp_info, probe=True, path=".", **server.connection())
    documented = yaml.safe_load(ftp_info.RETURN)
    for name in ("server", "manifest", "probe"):
        assert set(answer[name]) == set(documented[name]["contains"]), name


def test_what_is_documented_about_operations_is_returned(run: Run, ftp_server: t.Any) -> None:
    server = ftp_server()
    _status, answer, _warnings, _output = run(ftp_file, path="x", content="x", **server.connection())
    (operation,) = answer["operations"]
    assert set(operation) == set(yaml.safe_load(ftp_file.RETURN)["operations"]["contains"])


@MODULES
def test_the_password_appears_nowhere(run: Run, module: types.ModuleType, ftp_server: t.Any) -> None:
    server = ftp_server(password="k9-Sesame:open")
    remote = server.url.replace("://", "://tester:k9-Sesame%3Aopen@")
    args = {"path": "x", **({"content": "x"} if module is ftp_file else {})}
    for changed in ({}, {"remote": remote + "/nowhere"}, {"path": ".."}, {"port": 1}):
        _status, _answer, _warnings, output = run(module, diff=True, **{"remote": remote, **args, **changed})
        assert "Sesame" not in output


@pytest.mark.parametrize("mode", ["0640", 0o640, "640"])
def test_modes_as_text_and_as_the_number_that_yaml_makes(run: Run, ftp_server: t.Any, mode: object) -> None:
    server = ftp_server()
    status, _answer, _warnings, _output = run(ftp_file, path="x", content="x", mode=mode, **server.connection())
    assert status == 0 and (server.root / "x").stat().st_mode & 0o777 == 0o640


def test_a_diff_and_a_warning(run: Run, ftp_server: t.Any) -> None:
    server = ftp_server()
    _status, answer, _warnings, _output = run(ftp_file, True, True, path="x", content="new\n", **server.connection())
    assert answer["diff"] == [{"before_header": "/x", "after_header": "/x", "before": "", "after": "new\n"}]
    assert server.files() == {}
    _status, answer, warnings, _output = run(ftp_info, check=True, probe=True, **server.connection())
    assert answer["probe"] is None and any("check mode" in line for line in warnings)
