# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A site without a local folder, and paths on it."""

from __future__ import annotations

import pytest

from ftpsync import target
from ftpsync.errors import UsageError


def test_other_options_are_left_alone() -> None:
    site = target.validate({"remote": "ftps://h/htdocs", "path": 7, "state": "file", "mode": None, "port": 2121})
    assert (site.host, site.port, site.remote_path, site.state_dir) == ("h", 2121, "/htdocs", "/htdocs/.ftpsync")
    assert site.local == ""


def test_options_of_the_connection_are_checked() -> None:
    with pytest.raises(UsageError, match="timeout: 0"):
        target.validate({"remote": "ftps://h/", "timeout": 0})
    with pytest.raises(UsageError, match="remote: is missing"):
        target.validate({})


@pytest.mark.parametrize(
    ("value", "root", "path"),
    [
        ("", "/r", "/r"),
        (".", "/r", "/r"),
        ("a/b", "/r", "/r/a/b"),
        ("a/b/", "/r", "/r/a/b"),
        ("/a", "/r", "/a"),
        ("/", "/r", "/"),
        ("a", "/", "/a"),
        (" a ", "/r", "/r/ a "),
    ],
)
def test_places(value: str, root: str, path: str) -> None:
    assert target.place("path", value, root) == path


@pytest.mark.parametrize("value", ["..", "a/../b", "./a", "a\nb"])
def test_places_that_no_name_can_be(value: str) -> None:
    with pytest.raises(UsageError, match="path: "):
        target.place("path", value, "/r")


@pytest.mark.parametrize(
    ("path", "folder", "inner"),
    [
        ("/r", "/r", ""),
        ("/r/a/b", "/r", "a/b"),
        ("/rr", "/r", None),
        ("/", "/r", None),
        ("/a", "/", "a"),
        ("/", "/", ""),
    ],
)
def test_inside(path: str, folder: str, inner: str | None) -> None:
    assert target.relative(path, folder) == inner
    assert target.is_within(path, folder) is (inner is not None)
