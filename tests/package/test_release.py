# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make release`, in a copy: what it makes, and what it refuses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.package.programs import load_script, run

PROGRAMS = Path(sys.executable).parent


release = load_script("release")


@pytest.mark.parametrize(
    ("last", "sections", "version"),
    [
        ("1.4.2", ["bugfixes"], "1.4.3"),
        ("1.4.2", ["security_fixes", "known_issues"], "1.4.3"),
        ("1.4.2", [], "1.4.3"),
        ("1.4.2", ["bugfixes", "minor_changes"], "1.5.0"),
        ("1.4.2", ["deprecated_features"], "1.5.0"),
        ("1.4.2", ["minor_changes", "breaking_changes"], "2.0.0"),
        ("1.4.2", ["removed_features"], "2.0.0"),
        ("0.4.2", ["breaking_changes"], "0.5.0"),
        ("0.4.2", ["bugfixes"], "0.4.3"),
        ("1.9.9", ["bugfixes"], "1.9.10"),
    ],
)
def test_versions_are_semantic(last: str, sections: list[str], version: str) -> None:
    assert release.shown(release.following(release.parse(last), sections)) == version


@pytest.mark.parametrize(
    ("wanted", "released", "sections", "message"),
    [
        ("1.2", [], [], "three numbers"),
        ("1.2.0-beta", [], [], "three numbers"),
        ("0.0.9", [], [], "galaxy.yml says"),
        ("1.0.0", ["1.0.0"], [], "1.0.1 or higher"),
        ("1.0.1", ["1.0.0"], ["minor_changes"], "1.1.0 or higher"),
        ("1.9.0", ["1.0.0", "1.10.0"], [], "1.10.1 or higher"),
        ("1.1.0", ["1.0.0"], ["breaking_changes"], "2.0.0 or higher"),
    ],
)
def test_versions_that_would_mislead_are_refused(
    wanted: str, released: list[str], sections: list[str], message: str
) -> None:
    with pytest.raises(release.Refused, match=message):
        release.choose(wanted, (0, 1, 0), [release.parse(version) for version in released], sections)


class Copy:
    """A repository with the checkout as its only commit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "-q")
        self.git("add", "--all")
        self.git("commit", "-q", "-m", "All of it")

    def git(self, *arguments: str) -> str:
        who = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"]
        return run("git", *who, *arguments, cwd=self.folder)

    def release(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "scripts/release.py", *arguments],
            cwd=self.folder,
            env={**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"},
            text=True,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def text(self, name: str) -> str:
        return (self.folder / name).read_text()

    def galaxy(self) -> dict[str, t.Any]:
        content: dict[str, t.Any] = yaml.safe_load(self.text("galaxy.yml"))
        return content


@pytest.fixture
def copy(checkout: Path, tmp_path: Path) -> Copy:
    return Copy(shutil.copytree(checkout, tmp_path / "checkout", symlinks=True))


@pytest.mark.skipif(not (PROGRAMS / "antsibull-changelog").exists(), reason="needs tests/lint/requirements.txt")
def test_a_release_is_made_and_not_published(copy: Copy) -> None:
    (copy.folder / "changelogs/fragments/new.yml").write_text("minor_changes:\n  - ftp_sync - sings while it works.\n")
    assert "not committed" in copy.release("7.1.0").stdout
    assert copy.galaxy()["version"] != "7.1.0"
    copy.git("add", "--all")
    copy.git("commit", "-q", "--amend", "-m", "All of it, and a fragment")
    before = copy.git("rev-parse", "HEAD")

    made = copy.release("7.1.0")

    assert made.returncode == 0, made.stdout
    assert copy.galaxy()["version"] == "7.1.0"
    assert '__version__ = "7.1.0"' in copy.text("plugins/module_utils/ftpsync/__init__.py")
    assert "sings while it works" in copy.text("CHANGELOG.md")
    assert not list((copy.folder / "changelogs/fragments").glob("*.yml"))
    run("sha256sum", "--check", "webdeploy-ftp-7.1.0.tar.gz.sha256", cwd=copy.folder / "dist")
    with tarfile.open(copy.folder / "dist/webdeploy-ftp-7.1.0.tar.gz") as tarball:
        manifest = tarball.extractfile("MANIFEST.json")
        assert manifest is not None
        assert yaml.safe_load(manifest)["collection_info"]["version"] == "7.1.0"
        assert "CHANGELOG.md" in tarball.getnames()
    assert copy.git("rev-parse", "HEAD") == before
    assert copy.git("tag") == ""
    assert "git tag -a v7.1.0" in made.stdout

    copy.git("add", "--all")
    copy.git("commit", "-q", "-m", "Release 7.1.0")
    assert "dist" not in copy.git("ls-files")
    again = copy.release("7.1.0")
    assert again.returncode != 0
    assert "7.1.1 or higher" in again.stdout
