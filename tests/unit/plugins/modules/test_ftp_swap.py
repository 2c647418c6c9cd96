# Copyright (c) 2026, webdeploy.ftp contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ftp_swap says of itself what it does."""

from __future__ import annotations

import typing as t

import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.webdeploy.ftp.plugins.doc_fragments import attributes, connection
from ansible_collections.webdeploy.ftp.plugins.module_utils import _common
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync import target
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.slots import plan
from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync.slots import run as slots
from ansible_collections.webdeploy.ftp.plugins.modules import ftp_swap

DOCUMENTATION = yaml.safe_load(ftp_swap.DOCUMENTATION)
RETURN = yaml.safe_load(ftp_swap.RETURN)
SPEC = {**_common.connection_spec(), **ftp_swap.ARGUMENTS}


def test_documentation_and_argument_spec_say_the_same() -> None:
    fragment = yaml.safe_load(connection.ModuleDocFragment.DOCUMENTATION)["options"]
    documented = {**fragment, **DOCUMENTATION["options"]}
    assert sorted(documented) == sorted(SPEC)
    for name, spec in SPEC.items():
        for key in ("type", "elements", "default", "choices", "required"):
            assert documented[name].get(key) == spec.get(key), (name, key)


def test_attributes_have_descriptions() -> None:
    described = yaml.safe_load(attributes.ModuleDocFragment.DOCUMENTATION)["attributes"]
    assert sorted(DOCUMENTATION["attributes"]) == sorted(described)


def test_return_values_are_documented() -> None:
    renames = (plan.Rename("/a", "/b", "why"),)
    empty: dict[str, t.Any] = slots.to_dict(None, slots.Result(renames=renames))
    assert {*RETURN, "changed"} == {*empty, "msg"}
    for slot in ("live", "spare"):
        assert set(RETURN[slot]["contains"]) == set(empty[slot])
    assert set(RETURN["renames"]["contains"]) == set(empty["renames"][0])


def test_examples_are_valid() -> None:
    tasks = [task.get("webdeploy.ftp.ftp_swap") for task in yaml.safe_load(ftp_swap.EXAMPLES)]
    given = [task for task in tasks if task]
    assert len(given) >= 3
    for args in given:
        result = ArgumentSpecValidator(SPEC).validate(args)
        assert result.error_messages == []
        plan.validate(result.validated_parameters, target.validate(result.validated_parameters))
