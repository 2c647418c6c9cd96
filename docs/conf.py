# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Sphinx makes a site of this folder: `make docs`."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path, PurePosixPath

import yaml

if t.TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS = Path(__file__).resolve().parent
GALAXY = yaml.safe_load((DOCS.parent / "galaxy.yml").read_text(encoding="utf-8"))

project = f"{GALAXY['namespace']}.{GALAXY['name']}"
author = ", ".join(GALAXY["authors"])
copyright = f"2026, {author}"  # noqa: A001 - Sphinx's name for it
version = release = GALAXY["version"]

extensions = ["myst_parser", "sphinx_antsibull_ext", "sphinx_copybutton"]
exclude_patterns = ["requirements.txt", "docsite"]
nitpicky = True
# The only ordinary labels are in the reference. Those that are not ours are in Ansible's documentation, and without a
# network there is nothing to look them up in.
nitpick_ignore_regex = [("std:ref", r"(?!.*webdeploy).*")]

myst_heading_anchors = 4
myst_enable_extensions = ["deflist", "colon_fence"]

html_theme = "furo"
html_title = f"{project} {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_use_index = False
antsibull_ext_color_scheme = "none"  # site.css has the colours: it knows of the theme's switch for dark pages

_CONTENTS = re.compile(r"^\.\. contents::\n(?:   :.*\n)*", re.MULTILINE)
_ENTRY = re.compile(r"^(    )(\w+)_(module|filter|role)$", re.MULTILINE)
_LINK = re.compile(r"\]\(((?:\.\./)+[^)\s]+)\)")


def setup(app: Sphinx) -> None:
    """Fit pages to this site that were written for other places, too."""
    app.connect("source-read", _link_to_repository)
    app.connect("source-read", _fit_reference)


def _fit_reference(_app: Sphinx, docname: str, source: list[str]) -> None:
    """Give generated pages short names in the menu, and no table of contents: the theme has its own."""
    if docname.startswith("reference/"):
        source[0] = _CONTENTS.sub("", _ENTRY.sub(r"\1\2 <\2_\3>", source[0]))


def _link_to_repository(_app: Sphinx, docname: str, source: list[str]) -> None:
    """Let links to files that are no part of the site lead to where the project lives."""

    def replaced(match: re.Match[str]) -> str:
        target = (DOCS / PurePosixPath(docname).parent / match[1].partition("#")[0]).resolve()
        if DOCS in target.parents:
            return match[0]
        kind = "tree" if target.is_dir() else "blob"
        return f"]({GALAXY['repository']}/{kind}/main/{target.relative_to(DOCS.parent).as_posix()})"

    source[0] = _LINK.sub(replaced, source[0])
