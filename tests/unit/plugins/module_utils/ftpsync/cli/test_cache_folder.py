# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the command line keeps copies of records."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ftpsync.cli.deploy import engine_settings
from ftpsync.cli.job import make_job


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    (tmp_path / "home" / "site").mkdir(parents=True)
    return tmp_path / "home"


def folder(local: Path, **given: t.Any) -> str | None:
    settings = {"local": str(local), "remote": "ftp://joe@example.com/", "record": "server", "verbose": 3, **given}
    found: str | None = engine_settings(make_job("upload", settings))["record_cache"]
    return found


def test_by_default_with_other_caches(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder(home / "site") == str(home / ".cache" / "ftpsync")
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache/joe")
    assert folder(home / "site") == "/var/cache/joe/ftpsync"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # counts for nothing, as the specification has it
    assert folder(home / "site") == str(home / ".cache" / "ftpsync")


def test_where_it_is_said(home: Path) -> None:
    assert folder(home / "site", record_cache="~/records") == str(home / "records")
    assert folder(home / "site", record_cache="") is None


def test_not_where_it_would_be_uploaded_or_is_of_no_use(home: Path) -> None:
    assert folder(home) is None
    assert folder(home / "site", record="none", publish="direct") is None
