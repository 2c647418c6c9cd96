# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What pages of documentation show."""

from __future__ import annotations

import re
import typing as t

import yaml

from tests.conftest import ROOT


def examples(document: str) -> list[t.Any]:
    """The YAML in a page of documentation, parsed."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", (ROOT / document).read_text(), re.MULTILINE | re.DOTALL)
    return [yaml.safe_load(block) for block in blocks]


def plays(document: str) -> list[list[dict[str, t.Any]]]:
    return [block for block in examples(document) if isinstance(block, list) and "hosts" in block[0]]


def ten_lines() -> list[dict[str, t.Any]]:
    """The playbook that the role's README begins with."""
    (found,) = (block for block in plays("roles/ftp_deploy/README.md") if block[0]["hosts"] == "www.example.com")
    return found
