# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of an account: the environment before the file, and words that mean yes or no."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftpsync.console.settings import get_option, str_to_bool, verbose_meta

NAME = "PYFTPSYNC_VERBOSE_META"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv(NAME, raising=False)


@pytest.mark.parametrize("word", ["1", "true", "on", "yes", "TRUE", " Yes ", True])
def test_yes(word: str | bool) -> None:
    assert str_to_bool(word) is True


@pytest.mark.parametrize("word", ["0", "false", "off", "no", "OFF", False])
def test_no(word: str | bool) -> None:
    assert str_to_bool(word) is False


@pytest.mark.parametrize("word", ["", "2", "maybe", "y"])
def test_neither(word: str) -> None:
    with pytest.raises(ValueError, match="neither yes nor no"):
        str_to_bool(word)


def test_the_environment_comes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verbose_meta() is False
    (tmp_path / ".pyftpsyncrc").write_text("[debug]\nverbose_meta = on\nshow = 100%\n")
    assert verbose_meta() is True
    assert get_option(None, "debug", "show") == "100%"
    assert get_option("NO_SUCH", "debug", "missing", "x") == get_option("NO_SUCH", "nothing", "missing", "x") == "x"
    monkeypatch.setenv(NAME, "No")
    assert verbose_meta() is False


def test_a_wrong_word_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "perhaps")
    with pytest.raises(ValueError, match=f"^{NAME} .*'perhaps'"):
        verbose_meta()


@pytest.mark.parametrize("content", [b"verbose_meta = on\n", b"[debug\n", b"\xff\xfe\x00"])
def test_a_broken_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".pyftpsyncrc").write_bytes(content)
    with pytest.raises(ValueError, match=r"~/\.pyftpsyncrc") as caught:
        verbose_meta()
    assert "\n" not in str(caught.value)
