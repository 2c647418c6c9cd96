# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What follows from several settings together."""

from __future__ import annotations

import typing as t

import pytest

from ftpsync.cli.job import is_ftp, make_job
from ftpsync.errors import UsageError

FTP = "ftp://example.com/www"


def job(command: str = "upload", remote: str = FTP, **settings: t.Any) -> t.Any:
    values = {"verbose": 3, "local": "site", "remote": remote, **settings}
    return make_job(command, values, settings.pop("environ", {}))


def test_options_are_those_of_synchronizers() -> None:
    options = job(match="*.html, *.css", bwlimit=500, no_verify=True, case=None, delete_unmatched=True).options
    assert options["match"] == ["*.html", "*.css"]
    assert options["exclude"] == [".DS_Store", ".git", ".hg", ".svn", "#recycle"]
    assert (options["bwlimit"], options["verify"], options["delete"]) == (500, False, True)
    assert (options["resolve"], options["no_prompt"], options["ftp_debug"]) == ("ask", False, 0)
    assert not {"case", "timeout", "no_verify", "json"} & set(options)


def test_an_empty_exclusion_excludes_nothing() -> None:
    assert job(exclude="").options["exclude"] == []


def test_the_dialogue_with_the_server_is_shown_from_level_6() -> None:
    assert [job(verbose=level).options["ftp_debug"] for level in (5, 6, 7)] == [0, 1, 1]


@pytest.mark.parametrize(
    ("environ", "flag", "plain"),
    [({}, False, False), ({"NO_COLOR": "1"}, False, True), ({"NO_COLOR": ""}, False, False), ({}, True, True)],
)
def test_no_color(environ: dict[str, str], flag: bool, plain: bool) -> None:
    assert (
        make_job("sync", {"verbose": 3, "local": "a", "remote": "b", "no_color": flag}, environ).options["no_color"]
        is plain
    )


def test_scan_has_one_target() -> None:
    found = make_job("scan", {"verbose": 3, "target": FTP, "recursive": True}, {})
    assert (found.local, found.remote, found.settings["recursive"]) == (FTP, "", True)
    assert "resolve" not in found.options


@pytest.mark.parametrize(
    ("local", "remote", "message"),
    [
        ("site", ".", "'.' is expected to be the local target (not remote)"),
        (FTP, "site", "a file system target is expected to be local"),
        ("site", "sftp://example.com/", "sftp:// is not supported"),
        ("site", "HTTP://example.com/", "http:// is not supported"),
        ("ssh://x", FTP, "ssh:// is not supported"),
    ],
)
def test_targets_that_cannot_be(local: str, remote: str, message: str) -> None:
    with pytest.raises(UsageError) as found:
        job(local=local, remote=remote)
    assert message in str(found.value)


@pytest.mark.parametrize(("local", "remote"), [(FTP, FTP), ("a", "b"), (".", "..")])
def test_targets_that_can_be(local: str, remote: str) -> None:
    assert job("sync", local=local, remote=remote).record == "folder"


def test_what_a_server_is() -> None:
    assert [is_ftp(text) for text in ("ftp://h", "FTPS://h", "ftpes://h", "/ftp://h", "sftp://h", "h")] == [
        *(True, True, True),
        *(False, False, False),
    ]


@pytest.mark.parametrize(
    ("settings", "record", "publish"),
    [
        ({}, "folder", "direct"),
        ({"record": "folder"}, "folder", "direct"),
        ({"record": "server"}, "server", "staged"),
        ({"record": "server", "publish": "direct"}, "server", "direct"),
        ({"record": "none"}, "none", "direct"),
        ({"record": "none", "publish": "staged"}, "none", "staged"),
    ],
)
def test_kinds_of_records(settings: dict[str, str], record: str, publish: str) -> None:
    found = job(**settings)
    assert (found.record, found.publish) == (record, publish)
    assert found.options["resolve"] == ("ask" if record == "folder" else "skip")


@pytest.mark.parametrize(
    ("command", "settings", "message"),
    [
        ("upload", {"publish": "staged"}, "needs --record server"),
        ("upload", {"publish": "staged", "record": "folder"}, "needs --record server"),
        ("upload", {"record": "server", "remote": "folder"}, "from a folder to an FTP server"),
        ("upload", {"record": "server", "local": FTP}, "from a folder to an FTP server"),
        ("upload", {"record": "server", "resolve": "ask"}, "no dialogue"),
        ("upload", {"scan": "trust"}, "--scan trust needs --record server"),
        ("upload", {"scan": "trust", "record": "none"}, "--scan trust needs --record server"),
        ("upload", {"record": "none", "migrate": True}, "--migrate does nothing with --record none"),
        ("download", {"record": "server"}, "for uploads only, not for download"),
        ("sync", {"publish": "staged"}, "for uploads only, not for sync"),
    ],
)
def test_records_that_cannot_be(command: str, settings: dict[str, t.Any], message: str) -> None:
    with pytest.raises(UsageError) as found:
        job(command, **settings)
    assert message in str(found.value)
