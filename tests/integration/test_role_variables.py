# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables of the role ftp_deploy: documented, used, tested; and wrong ones are refused."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.integration.website import HOOKS, Site

ROLE = ROOT / "roles" / "ftp_deploy"
SPECS = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]
DEFAULTS = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
VARIABLES = {name for spec in SPECS.values() for name in spec["options"]}

pytestmark = pytest.mark.integration


def test_defaults_are_those_of_the_documentation() -> None:
    documented = {
        name: option["default"]
        for spec in SPECS.values()
        for name, option in spec["options"].items()
        if "default" in option
    }
    assert documented == DEFAULTS
    required = {name for name in VARIABLES if name not in DEFAULTS}
    assert required == {"ftp_deploy_local", "ftp_deploy_remote"}
    for spec in SPECS.values():
        for name, option in spec["options"].items():
            assert name.startswith("ftp_deploy_")
            assert option["description"]
            assert option.get("required", False) is (name in required)


def test_every_variable_is_used_documented_and_tested() -> None:
    code = "".join(path.read_text() for path in ROLE.rglob("*") if path.parent.name in ("tasks", "vars", "templates"))
    readme = (ROLE / "README.md").read_text()
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_role*.py"))
    for name in VARIABLES:
        one_choice = len(SPECS["main"]["options"].get(name, {}).get("choices", "")) == 1
        assert one_choice or re.search(rf"\b{name}\b", code), f"{name} is not used"
        assert re.search(rf"\b{name}\b", readme), f"{name} is not in the README"
        short = name.replace("ftp_deploy_", "", 1)
        hook = re.fullmatch(r"(\w+)_tasks_file", short)
        assert re.search(rf"\b({name}|{short})\b", tests) or (hook and hook[1] in HOOKS), f"{name} is not tested"


def test_options_of_the_modules_are_known() -> None:
    from ansible_collections.webdeploy.ftp.plugins.module_utils._common import connection_spec
    from ansible_collections.webdeploy.ftp.plugins.modules import ftp_sync

    internal = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())
    shared = set(connection_spec()) - {"remote", "username", "password"} | {"state_dir"}
    assert set(internal["__ftp_deploy_connection_options"]) == shared
    own = internal["__ftp_deploy_own_options"]
    assert set(own) <= {*ftp_sync.ARGUMENTS, *connection_spec()}
    assert set(own.values()) <= VARIABLES


WRONG: dict[str, tuple[dict[str, t.Any], str]] = {
    "no_local": ({"local": None}, "ftp_deploy_local"),
    "empty_local": ({"local": ""}, "ftp_deploy_local is empty; it is the folder to publish"),
    "no_remote": ({"remote": None}, "missing required arguments: ftp_deploy_remote"),
    "empty_remote": ({"remote": ""}, "ftp_deploy_remote is empty; it is the URL"),
    "exclude": ({"exclude": {"a": 1}}, "argument 'ftp_deploy_exclude' is of type dict"),
    "protect": ({"protect": {"a": 1}}, "argument 'ftp_deploy_protect' is of type dict"),
    "delete": ({"delete": "maybe"}, "argument 'ftp_deploy_delete' is of type str"),
    "backups": ({"backups": "many"}, "argument 'ftp_deploy_backups' is of type str"),
    "strategy": ({"strategy": "blue"}, "value of ftp_deploy_strategy must be one of: in_place, swap, got: blue"),
    "shared": ({"shared_paths": {"a": 1}}, "argument 'ftp_deploy_shared_paths' is of type dict"),
    "shared_pattern": ({"shared_paths": ["uploads/*"]}, 'ftp_deploy_shared_paths: "uploads/*" is no path in the site'),
    "shared_root": ({"shared_paths": ["/"]}, 'ftp_deploy_shared_paths: "" is no path in the site'),
    "shared_above": ({"shared_paths": ["a/../../b"]}, 'ftp_deploy_shared_paths: "a/../../b" is no path in the site'),
    "swap_protect": ({"strategy": "swap", "protect": ["x"]}, "ftp_deploy_protect: with ftp_deploy_strategy: swap"),
    "swap_delete": ({"strategy": "swap", "delete": False}, "ftp_deploy_delete: with ftp_deploy_strategy: swap"),
    "swap_record": ({"strategy": "swap", "options": {"record": "none"}}, "record is always server"),
    "prepare": ({"options": {"publish": "prepare"}}, "publish: prepare publishes nothing"),
    "purge_paths": ({"purge_paths": {"a": 1}}, "argument 'ftp_deploy_purge_paths' is of type dict"),
    "purge_pattern": ({"purge_paths": ["cache/*"]}, 'ftp_deploy_purge_paths: "cache/*" is no path in the site'),
    "purge_all": ({"purge_paths": ["."]}, 'ftp_deploy_purge_paths: "." is no path in the site'),
    "few_backups": ({"backups": -1}, "ftp_deploy_backups: -1 is too little, the least is 0"),
    "health_url": ({"health_url": "www.example.com"}, 'ftp_deploy_health_url: "www.example.com" is no address'),
    "health_range": ({"health_status": [200, 2000]}, "ftp_deploy_health_status: 2000 is no status"),
    "few_retries": ({"health_retries": -1}, "ftp_deploy_health_retries: -1 is too little, the least is 0"),
    "no_delay": ({"health_delay": -1}, "ftp_deploy_health_delay: -1 is too little, the least is 0"),
    "no_timeout": ({"health_timeout": 0}, "ftp_deploy_health_timeout: 0 is too little, the least is 1"),
    "build_file": (
        {"health_url": "http://x/", "health_build_file": "../id"},
        'ftp_deploy_health_build_file: "../id" is no path in the site',
    ),
    "build_alone": ({"health_build_file": "id"}, "ftp_deploy_health_build_file: set ftp_deploy_health_url as well"),
    "options": ({"options": ["delete"]}, "argument 'ftp_deploy_options' is of type list"),
    "doubled": ({"options": {"delete": False}}, "ftp_deploy_options: set ftp_deploy_delete instead of delete"),
    "direction": ({"options": {"direction": "download"}}, "ftp_deploy_options: direction is always upload"),
    "health_status": ({"health_status": ["well"]}, "ftp_deploy_health_status"),
    "health_headers": ({"health_headers": ["a"]}, "argument 'ftp_deploy_health_headers' is of type list"),
    "health_retries": ({"health_retries": "often"}, "argument 'ftp_deploy_health_retries' is of type str"),
    "health_delay": ({"health_delay": "long"}, "argument 'ftp_deploy_health_delay' is of type str"),
    "health_timeout": ({"health_timeout": "long"}, "argument 'ftp_deploy_health_timeout' is of type str"),
    "validate_certs": ({"health_validate_certs": "x"}, "argument 'ftp_deploy_health_validate_certs' is of type str"),
    "maintenance_path": (
        {"maintenance_path": "/etc/x"},
        'ftp_deploy_maintenance_path: "/etc/x" is no path in the site',
    ),
    "maintenance_up": ({"maintenance_path": "../x"}, 'ftp_deploy_maintenance_path: "../x" is no path in the site'),
    **{
        f"hook_{name}": ({f"{name}_tasks_file": "nowhere.yml"}, f"ftp_deploy_{name}_tasks_file: there is no file /")
        for name in (*HOOKS, "on_failure")
    },
}

# Any text is right as far as validation goes; the server, or whoever opens the file, says otherwise.
TEXTS = {"username", "password", "report", "health_content", "maintenance_src", "rollback_id"}

# Of the other entry points: playbook, variables, what is said.
WRONG_ELSEWHERE: list[tuple[str, dict[str, t.Any], str]] = [
    (
        "rollback",
        {"rollback_state": "maybe"},
        "ftp_deploy_rollback_state must be one of: undone, redone, listed",
    ),
    ("rollback", {"strategy": "blue"}, "value of ftp_deploy_strategy must be one of: in_place, swap, got: blue"),
    ("rollback", {"remote": "no address"}, "remote: "),
    ("audit", {"audit_drift": "slow"}, "value of ftp_deploy_audit_drift must be one of: quick, deep, got: slow"),
    ("audit", {"exclude": {"a": 1}}, "argument 'ftp_deploy_exclude' is of type dict"),
]


def test_each_variable_has_a_wrong_value() -> None:
    tried = {name for wrong, _message in WRONG.values() for name in wrong}
    tried |= {name for _playbook, wrong, _message in WRONG_ELSEWHERE for name in wrong}
    assert {name.replace("ftp_deploy_", "", 1) for name in VARIABLES} == tried | TEXTS
    assert not tried & TEXTS


@pytest.mark.parametrize(("playbook", "wrong", "message"), WRONG_ELSEWHERE)
def test_wrong_values_of_other_entry_points(plain: Site, playbook: str, wrong: dict[str, t.Any], message: str) -> None:
    run = plain.play(f"webdeploy.ftp.{playbook}", **wrong)
    assert run.returncode != 0
    assert message in run.output.replace('\\"', '"')
    assert plain.server.commands() == []


def test_wrong_values_are_refused_before_anything_happens(plain: Site) -> None:
    right = {name: value for name, value in plain.variables.items() if name != "ftp_deploy_options"}
    right["ftp_deploy_build_tasks_file"] = plain.hook("build")
    hosts: dict[str, t.Any] = {}
    for host, (wrong, _message) in WRONG.items():
        named = {f"ftp_deploy_{name}": value for name, value in wrong.items()}
        hosts[host] = {name: value for name, value in {**right, **named}.items() if value is not None}
    inventory = plain.playbooks.folder / "inventory.json"
    inventory.write_text(json.dumps({"all": {"hosts": hosts}}))
    plain.variables = {}
    run = plain.play("webdeploy.ftp.deploy", "-i", str(inventory), "-e", "ftp_deploy_hosts=all:!localhost:!shop")
    assert run.returncode != 0
    for host, (_wrong, message) in WRONG.items():
        assert run.recap(host)["failed"] == 1, run.output
        (said,) = re.findall(rf"^fatal: \[{host}(?: -> [^]]*)?\]: .*$", run.output, re.MULTILINE)
        assert message in said.replace('\\"', '"'), host
    assert plain.log() == []
    assert plain.server.commands() == []
