# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every message with which the role and the playbooks fail, found in their templates and tasks.

Each way through a template is a message. Values in it are shown as `…`.
"""

from __future__ import annotations

import itertools
import typing as t
from pathlib import Path

import yaml
from jinja2 import Environment, nodes

from tests.conftest import ROOT

VALUE = "…"
ROLE = ROOT / "roles" / "ftp_deploy"
REPORTS = ("sets.j2", "summary.j2")  # of what went well
FAILING = {"ansible.builtin.assert": "fail_msg", "ansible.builtin.fail": "msg"}  # modules, and which option is read
_JINJA = Environment(trim_blocks=True, autoescape=False)  # as Ansible has it


def role_messages() -> t.Iterator[tuple[str, Path]]:
    """Each with its file, as it stands there: not all are sentences."""
    for path in sorted((ROLE / "templates").glob("*.j2")):
        if path.name not in REPORTS:
            yield from ((text, path) for text in readings(path.read_text(encoding="utf-8")))
    for path in sorted([*(ROLE / "tasks").glob("*.yml"), *(ROOT / "playbooks").glob("*.yml")]):
        for template in _failures(yaml.safe_load(path.read_text(encoding="utf-8"))):
            yield from ((text, path) for text in readings(template))


def readings(template: str) -> list[str]:
    """What a template may say."""
    return _together(_JINJA.parse(template).body)


def _failures(part: t.Any) -> t.Iterator[str]:
    """The messages of tasks that fail, at any depth of blocks."""
    if isinstance(part, list):
        for item in part:
            yield from _failures(item)
    elif isinstance(part, dict):
        yield from (part[module][option] for module, option in FAILING.items() if module in part)
        for value in part.values():
            yield from _failures(value)


def _together(parts: t.Iterable[nodes.Node]) -> list[str]:
    """What is said one after the other."""
    return ["".join(choice) for choice in itertools.product(*map(_said, parts))]


def _said(node: nodes.Node) -> list[str]:
    if isinstance(node, nodes.TemplateData):
        return [node.data]
    if isinstance(node, nodes.Const):
        return [str(node.value)]
    if isinstance(node, (nodes.Output, nodes.Concat)):
        return _together(node.nodes)
    if isinstance(node, nodes.If):
        branches = (node.body, *(other.body for other in node.elif_), node.else_)
        return [text for branch in branches for text in _together(branch)]
    if isinstance(node, nodes.Filter) and node.name == "default":
        return [VALUE, *filter(None, (text for other in node.args[:1] for text in _said(other)))]
    return [VALUE] if isinstance(node, nodes.Expr) else [""]
