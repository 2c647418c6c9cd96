#!/usr/bin/env python
# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""release.py [VERSION]: make a release of what is here, up to the point where it would become public.

Sets the version, turns the fragments into the changelog, and puts the tarball and its checksum into dist/. Without
VERSION it is the next one that the fragments ask for. Nothing is committed, tagged or pushed; what is left to do is
told.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import typing as t
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = {  # the files that name the version, and how
    "galaxy.yml": r"(?m)^(version: )[0-9.]+",
    "plugins/module_utils/ftpsync/__init__.py": r'(?m)^(__version__ = ")[0-9.]+',
}
# Sections of the changelog by the part of the version that they raise: 0 is the major one. What is new is minor.
RAISES = {
    "breaking_changes": 0,
    "removed_features": 0,
    "major_changes": 1,
    "minor_changes": 1,
    "deprecated_features": 1,
}
PATCH = 2

Version = t.Tuple[int, int, int]


class Refused(Exception):
    """It would be no proper release; the text says why."""


def parse(text: str) -> Version:
    if not re.fullmatch(r"\d+\.\d+\.\d+", text):
        raise Refused(f"{text} is no version; it has three numbers, such as 1.2.0")
    major, minor, patch = (int(part) for part in text.split("."))
    return major, minor, patch


def shown(version: Version) -> str:
    return ".".join(str(part) for part in version)


def following(last: Version, sections: t.Iterable[str]) -> Version:
    """The lowest version after the last one that may have such changes (before 1.0.0 a minor one may break things)."""
    part = min((RAISES.get(section, PATCH) for section in sections), default=PATCH)
    if last[0] == 0:
        part = max(part, 1)
    raised = [*last[:part], last[part] + 1, 0, 0]
    return raised[0], raised[1], raised[2]


def choose(wanted: str | None, current: Version, released: t.Sequence[Version], sections: t.Iterable[str]) -> Version:
    """The version to release.

    Parameters:
        wanted: as given, or None.
        current: as it stands in the files.
        released: all that were released.
        sections: of the fragments.
    """
    least = following(max(released), sections) if released else current
    if wanted is None:
        return least
    version = parse(wanted)
    if version < least:
        why = "after the last release and by its changelog fragments" if released else "as galaxy.yml says"
        raise Refused(f"{wanted} is too low; {why} it has to be {shown(least)} or higher")
    return version


def run(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE).stdout


def current_version() -> Version:
    return parse(str(yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"]))


def released_versions() -> list[Version]:
    known = yaml.safe_load((ROOT / "changelogs" / "changelog.yaml").read_text())
    return [parse(version) for version in known["releases"]]


def sections_of_fragments() -> set[str]:
    files = (ROOT / "changelogs" / "fragments").glob("*.yml")
    return {section for file in files for section in yaml.safe_load(file.read_text())}


def set_version(version: Version) -> None:
    for name, pattern in VERSIONS.items():
        file = ROOT / name
        text, count = re.subn(pattern, rf"\g<1>{shown(version)}", file.read_text())
        if count != 1:
            raise Refused(f"{name} does not name the version where it used to")
        file.write_text(text)


def build(version: Version) -> Path:
    run("scripts/build", "dist")
    tarball = ROOT / "dist" / f"webdeploy-ftp-{shown(version)}.tar.gz"
    digest = hashlib.sha256(tarball.read_bytes()).hexdigest()
    tarball.with_name(f"{tarball.name}.sha256").write_text(f"{digest}  {tarball.name}\n")
    return tarball


def release(wanted: str | None) -> str:
    if run("git", "status", "--porcelain"):
        raise Refused("there are changes that are not committed")
    version = choose(wanted, current_version(), released_versions(), sections_of_fragments())
    set_version(version)
    run("antsibull-changelog", "release", "--version", shown(version))
    tarball = build(version)
    tag = f"v{shown(version)}"
    return f"""{tarball.relative_to(ROOT)} and its checksum are made. Look at `git diff` and CHANGELOG.md, and then:

    git add --all && git commit -m "Release {shown(version)}"
    git tag -a {tag} -m "webdeploy.ftp {shown(version)}"
    git push origin HEAD {tag}
    ansible-galaxy collection publish {tarball.relative_to(ROOT)}

To take all of it back instead: git restore . && git clean -f CHANGELOG.md CHANGELOG.rst"""


def main() -> None:
    try:
        print(release(sys.argv[1] if len(sys.argv) > 1 else None))
    except Refused as exc:
        raise SystemExit(f"No release: {exc}.") from None


if __name__ == "__main__":
    main()
