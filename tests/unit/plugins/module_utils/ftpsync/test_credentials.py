# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Where user and password come from, in which order, and that nothing of them comes out."""

from __future__ import annotations

import builtins
import sys
import types

import pytest

from ftpsync.credentials import resolve
from ftpsync.errors import AuthenticationError, UsageError

SECRET = "s3cr3t"

NETRC = f"""
machine H.example.com login joe password {SECRET}-netrc
machine other.example.com login ann password x
default login any password {SECRET}-default
"""


class KeyringError(Exception):
    pass


@pytest.fixture(name="netrc_path")
def _netrc_path(tmp_path):
    path = tmp_path / "netrc"
    path.write_text(NETRC)
    return str(path)


@pytest.fixture(name="keyring")
def _keyring(monkeypatch):
    """A keyring of one's own: what is put into the dictionary is in it."""
    entries = {}

    def get_password(service, host):
        value = entries.get((service, host))
        if isinstance(value, Exception):
            raise value
        return value

    module = types.ModuleType("keyring")
    module.get_password = get_password
    module.errors = types.SimpleNamespace(KeyringError=KeyringError)
    monkeypatch.setitem(sys.modules, "keyring", module)
    return entries


@pytest.mark.parametrize(
    ("host", "username", "password", "expected"),
    [
        ("h.example.com", "ann", "pw", ("ann", "pw")),
        ("h.example.com", "ann", "", ("ann", "")),
        ("h.example.com", None, None, ("joe", f"{SECRET}-netrc")),
        ("h.example.com", "joe", None, ("joe", f"{SECRET}-netrc")),
        ("unknown.example.com", None, None, ("anonymous", "anonymous@")),
        ("default", None, None, ("anonymous", "anonymous@")),
        ("unknown.example.com", "anonymous", None, ("anonymous", "anonymous@")),
        ("unknown.example.com", "ftp", None, ("ftp", "anonymous@")),
    ],
)
def test_netrc(netrc_path, host, username, password, expected):
    assert resolve(host, username, password, True, False, netrc_path) == expected


@pytest.mark.parametrize("host", ["h.example.com", "unknown.example.com"])
def test_a_user_without_password_is_refused(netrc_path, host):
    with pytest.raises(AuthenticationError) as caught:
        resolve(host, "bob", None, True, False, netrc_path)
    for word in ("'bob'", host, "option password", "use_netrc", "use_keyring"):
        assert word in str(caught.value)
    assert SECRET not in str(caught.value)


def test_an_entry_without_password_gives_none(tmp_path):
    (tmp_path / "netrc").write_text("machine h.example.com login joe\n")
    # To Python before 3.11 such a file is invalid.
    with pytest.raises((AuthenticationError, UsageError)):
        resolve("h.example.com", "joe", None, True, False, str(tmp_path / "netrc"))


def test_netrc_can_be_switched_off(netrc_path):
    assert resolve("h.example.com", None, None, False, False, netrc_path)[0] == "anonymous"


def test_netrc_need_not_exist(tmp_path):
    assert resolve("h.example.com", None, None, True, False, str(tmp_path / "none"))[0] == "anonymous"


@pytest.fixture(name="home")
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_netrc_of_the_home_folder(home):
    assert resolve("h.example.com", None, None, True, False)[0] == "anonymous"
    (home / ".netrc").write_text(NETRC)
    (home / ".netrc").chmod(0o600)
    assert resolve("h.example.com", None, None, True, False)[0] == "joe"


def test_netrc_of_the_home_folder_must_be_private(home):
    (home / ".netrc").write_text(NETRC)
    (home / ".netrc").chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600"):
        resolve("h.example.com", None, None, True, False)


@pytest.mark.parametrize(
    "content",
    [
        f"machine h.example.com login joe {SECRET} x".encode(),
        f"{SECRET}\n".encode(),
        f"machine h.example.com login joe password {SECRET}".encode() + b"\x81\xff\n",
    ],
)
def test_an_invalid_netrc_is_not_quoted(tmp_path, monkeypatch, content):
    (tmp_path / "netrc").write_bytes(content)
    # Python 3.8 and 3.9 read it in the encoding of the locale.
    real_open = builtins.open
    monkeypatch.setattr(builtins, "open", lambda path, *mode, **_encoding: real_open(path, *mode, encoding="utf-8"))
    with pytest.raises(UsageError) as caught:
        resolve("h.example.com", None, None, True, False, str(tmp_path / "netrc"))
    assert str(caught.value).startswith("use_netrc: ")
    assert str(caught.value).isprintable()
    assert SECRET not in str(caught.value)


def test_an_unreadable_netrc_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"^use_netrc: .* cannot be read: Is a directory"):
        resolve("h.example.com", None, None, True, False, str(tmp_path))


def test_keyring_comes_before_netrc(keyring, netrc_path):
    keyring["pyftpsync", "h.example.com"] = "ann:p:w"
    assert resolve("h.example.com", None, None, True, True, netrc_path) == ("ann", "p:w")
    assert resolve("h.example.com", None, None, True, False, netrc_path)[0] == "joe"


def test_keyring_of_another_user_is_passed_over(keyring, netrc_path):
    keyring["pyftpsync", "h.example.com"] = "ann:pw"
    assert resolve("h.example.com", "joe", None, True, True, netrc_path) == ("joe", f"{SECRET}-netrc")


def test_keyring_without_entry(keyring, netrc_path):
    assert resolve("h.example.com", None, None, False, True, netrc_path)[0] == "anonymous"


def test_what_is_given_needs_no_keyring(keyring):
    keyring["pyftpsync", "h.example.com"] = KeyringError()
    assert resolve("h.example.com", "joe", "pw", True, True) == ("joe", "pw")


@pytest.mark.parametrize("entry", [SECRET, ":" + SECRET, "", KeyringError(SECRET)])
def test_a_useless_keyring_is_not_quoted(keyring, entry):
    keyring["pyftpsync", "h.example.com"] = entry
    with pytest.raises(UsageError) as caught:
        resolve("h.example.com", None, None, False, True)
    assert str(caught.value).startswith("use_keyring: ")
    assert SECRET not in str(caught.value)


def test_missing_keyring(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(UsageError, match="use_keyring: the Python package keyring is missing"):
        resolve("h.example.com", None, None, False, True)
