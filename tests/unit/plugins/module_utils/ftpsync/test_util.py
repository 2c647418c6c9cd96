# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Small helpers that user scripts import."""

from __future__ import annotations

import argparse
import importlib
import io
import subprocess
import sys
import time
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ftpsync
from ftpsync import compat, util

NAMES = {
    "util": """set_pyftpsync_logger get_pyftpsync_logger write write_error get_option get_credentials_for_url
        prompt_for_password save_password pretty_stamp eps_compare byte_compare str_to_bool namespace_to_dict
        check_cli_verbose ansi_code DRY_RUN_PREFIX PYTHON_VERSION is_native to_bytes to_native to_unicode
        CliSilentRuntimeError DEBUG_FLAGS""",
    "compat": """StringIO BytesIO urlparse quote unquote to_bytes to_native to_unicode is_native is_bytes is_unicode
        is_basestring configparser queue console_input xrange PY2 PY3""",
    "targets": "make_target FsTarget _Target DirMetadata DirectoryEntry FileEntry _get_encoding_opt",
    "ftp_target": "FtpTarget FTPTarget",
    "metadata": "DirMetadata IncompatibleMetadataVersion IncompatibleMetadataVersionError",
    "resources": "EntryPair FileEntry DirectoryEntry _Resource operation_map ENTRY_CLASSIFICATIONS PAIR_OPERATIONS",
}


@pytest.mark.parametrize(("module", "names"), NAMES.items())
def test_the_names_that_scripts_import_are_there(module: str, names: str) -> None:
    found = importlib.import_module(f"ftpsync.{module}")
    assert [name for name in names.split() if not hasattr(found, name)] == []


@pytest.mark.parametrize(
    "module", ["targets", "ftp_target", "endpoints.folder", "endpoints.base", "resources", "metadata"]
)
def test_each_module_can_be_the_first(module: str) -> None:
    folder = ftpsync.__path__[0].rpartition("/")[0]
    subprocess.run([sys.executable, "-c", f"import ftpsync.{module}"], cwd=folder, check=True)


def test_stamps_are_local_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Etc/GMT-2")
    time.tzset()
    try:
        assert util.pretty_stamp(1388577600) == "2014-01-01 14:00:00"
    finally:
        monkeypatch.undo()
        time.tzset()
    assert util.pretty_stamp(None) == "n.a."
    assert util.pretty_stamp(1e30) == "1e+30 s"


@pytest.mark.parametrize(("first", "expected"), [(1.0, -1), (7.99, 0), (10.0, 0), (12.0, 0), (12.1, 1)])
def test_times_are_compared_with_a_tolerance(first: float, expected: int) -> None:
    assert util.eps_compare(first, 10.0, 2.01) == expected


class Slow(io.BytesIO):
    """Gives what it has in pieces, as pipes do."""

    def read(self, count: t.Any = -1) -> bytes:
        return super().read(min(count, 1000))


@given(st.binary(max_size=20), st.binary(max_size=20), st.integers(0, 200_000))
def test_streams_are_compared(first: bytes, second: bytes, common: int) -> None:
    one, two = b"x" * common + first, b"x" * common + second
    expected = next((i for i in range(min(len(one), len(two))) if one[i] != two[i]), min(len(one), len(two)))
    equal = one == two
    assert util.byte_compare(io.BytesIO(one), Slow(two)) == (equal, 0 if equal else expected)


def test_options_of_the_command_line_are_data_alone() -> None:
    assert util.namespace_to_dict(argparse.Namespace(a=1, command=print, b=None)) == {"a": 1, "b": None}


@pytest.mark.parametrize(
    ("arguments", "level"),
    [
        ("", 3),
        ("upload -vv a b", 5),
        ("-qqq", 0),
        ("--verbose -v --quiet", 4),
        ("-nv -x v,q", 4),
        ("-v -- -v", 4),
        ("--very -", 3),
    ],
)
def test_the_verbosity_is_known_before_arguments_are_parsed(
    monkeypatch: pytest.MonkeyPatch, arguments: str, level: int
) -> None:
    monkeypatch.setattr(sys, "argv", ["pyftpsync", *arguments.split()])
    assert util.check_cli_verbose() == level


def test_text_and_bytes() -> None:
    assert util.to_bytes("é") == b"\xc3\xa9" and util.to_bytes(b"x") == b"x" and util.to_bytes(None) is None
    assert util.to_unicode(b"\xe9", "latin-1") == util.to_native("é") == "é"
    assert util.is_native("") and not util.is_native(b"")
    assert compat.is_bytes(b"") and compat.is_unicode("") and compat.is_basestring("") and not compat.is_bytes("")
    assert compat.PY3 and not compat.PY2 and list(compat.xrange(2)) == [0, 1]
    assert compat.implements_bool(Slow) is compat.implements_to_string(Slow) is Slow
