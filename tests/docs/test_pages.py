# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What pages tell readers to type works, in the order in which they tell it."""

from __future__ import annotations

import re
import subprocess
import typing as t
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs.blocks import blocks_of
from tests.docs.reader import USER, Reader
from tests.servers import Server

# Pages with a test of their own, since they need more than a folder and an account.
ELSEWHERE = {
    "docs/fleet.md": "tests/integration/test_role_fleet.py",
    "roles/ftp_deploy/README.md": "tests/integration/test_role_readme.py, and test_role_swap.py",
    "CONTRIBUTING.md": "for those who write the project, by make",
}


def _pages() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "docs/*.md", "README.md"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [page for page in sorted(listed.stdout.splitlines()) if page not in ELSEWHERE and blocks_of(ROOT / page)]


@pytest.mark.parametrize("page", _pages())
def test_page(page: str, tmp_path: Path, ftp_server: t.Callable[..., Server]) -> None:
    reader = Reader(tmp_path, ftp_server(tls="explicit", username=USER))
    try:
        for block in blocks_of(ROOT / page):
            try:
                reader.follow(block)
            except (AssertionError, OSError, ValueError) as error:
                raise AssertionError(f"{page}, line {block.line}: {error}") from error
    finally:
        reader.close()


@pytest.mark.parametrize("page", ["README.md", *ELSEWHERE, "SECURITY.md"])
def test_links(page: str) -> None:
    """Outside of the site, where Sphinx does not look: what is linked or shown is there."""
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", text) + re.findall(
        r'(?:src|srcset|href)="(?!https?:)([^"#]+)', text
    )
    missing = [target for target in targets if not ((ROOT / page).parent / target).exists()]
    assert not missing
