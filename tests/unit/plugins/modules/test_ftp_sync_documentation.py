# Copyright (c) 2026, webdeploy.ftp contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ftp_sync documents is what it has."""

from __future__ import annotations

import json
import typing as t

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.webdeploy.ftp.plugins.doc_fragments import attributes, connection
from ansible_collections.webdeploy.ftp.plugins.module_utils import _common
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync import filters, options, report
from ansible_collections.webdeploy.ftp.plugins.modules import ftp_sync

DOCUMENTATION = yaml.safe_load(ftp_sync.DOCUMENTATION)
CONNECTION = yaml.safe_load(connection.ModuleDocFragment.DOCUMENTATION)
ATTRIBUTES = yaml.safe_load(attributes.ModuleDocFragment.DOCUMENTATION)
RETURN = yaml.safe_load(ftp_sync.RETURN)
SPEC = {**_common.connection_spec(), **ftp_sync.ARGUMENTS}


def documented() -> dict[str, dict[str, t.Any]]:
    return {**CONNECTION["options"], **DOCUMENTATION["options"]}


def test_every_option_is_documented_and_nothing_else() -> None:
    assert sorted(documented()) == sorted(SPEC)


@pytest.mark.parametrize("name", sorted(SPEC))
def test_documentation_and_argument_spec_say_the_same(name: str) -> None:
    doc, spec = documented()[name], SPEC[name]
    for key in ("type", "elements", "default", "choices", "required"):
        assert doc.get(key) == spec.get(key), key


@pytest.mark.parametrize("name", sorted(set(SPEC) - {"local", "remote"}))
def test_defaults_are_those_of_the_engine(name: str) -> None:
    given = options.validate({"local": "x", "remote": "ftps://h", name: SPEC[name].get("default")})
    assert given == options.validate({"local": "x", "remote": "ftps://h"})


def test_every_default_exclude_is_documented() -> None:
    text = " ".join(DOCUMENTATION["options"]["exclude"]["description"])
    assert [pattern for pattern in filters.DEFAULT_EXCLUDE if f"V({pattern})" not in text] == []


def test_attributes_have_descriptions() -> None:
    assert sorted(DOCUMENTATION["attributes"]) == sorted(ATTRIBUTES["attributes"])


def test_return_values_are_documented() -> None:
    empty = report.to_dict(ftp_sync.NOTHING)
    assert {*RETURN, "changed"} == {*empty, "msg"}
    assert set(RETURN["stats"]["contains"]) == set(empty["stats"])


EXAMPLES = [
    task
    for outer in yaml.safe_load(ftp_sync.EXAMPLES)
    for task in outer.get("block", [outer])
    if "webdeploy.ftp.ftp_sync" in task
]


@pytest.mark.parametrize("task", EXAMPLES, ids=lambda task: task["name"])
def test_examples_are_valid(task: dict[str, t.Any]) -> None:
    args = task["webdeploy.ftp.ftp_sync"]
    values = {"item": "www.example.com", "inventory_hostname": "www.example.com", "playbook_dir": "/tmp"}
    text = json.dumps(args)
    for name, value in values.items():
        text = text.replace(f"{{{{ {name} }}}}", value)
    args = json.loads(text)
    result = ArgumentSpecValidator(SPEC).validate(args)
    assert result.error_messages == []
    options.validate({"username": "joe", **result.validated_parameters})
