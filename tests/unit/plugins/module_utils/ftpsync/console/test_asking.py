# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom people log in as: where it is looked up, when they are asked, what is stored, and that nothing is shown."""

from __future__ import annotations

import getpass
import io
import sys
import types
import typing as t
from pathlib import Path

import pytest

from ftpsync.console.asking import get_credentials_for_url, prompt_for_password, save_password
from ftpsync.console.messages import get_pyftpsync_logger, set_pyftpsync_logger
from ftpsync.errors import AuthenticationError

SECRET = "s3cr3t"
HOST = "h.example.com"
ASK: dict[str, t.Any] = {"no_prompt": False}
QUIET: dict[str, t.Any] = {"verbose": 2}

Entries = t.Dict[t.Tuple[str, str], t.Any]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Path]:
    monkeypatch.setenv("HOME", str(tmp_path))
    previous = set_pyftpsync_logger(None)
    yield tmp_path
    set_pyftpsync_logger(previous)
    assert get_pyftpsync_logger() is previous


@pytest.fixture(autouse=True)
def entries(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Entries]:
    """A keyring in memory, by the real package where that is installed; an exception in it is raised."""
    held: Entries = {}
    try:
        keyring: t.Any = __import__("keyring")
        base: t.Any = keyring.backend.KeyringBackend
    except ImportError:
        keyring, base = types.ModuleType("keyring"), object
        errors = types.SimpleNamespace(KeyringError=type("KeyringError", (Exception,), {}))
        errors.PasswordDeleteError = type("PasswordDeleteError", (errors.KeyringError,), {})
        keyring.errors = errors
        keyring.get_keyring = lambda: None

        def set_keyring(backend: t.Any) -> None:
            for name in ("get_password", "set_password", "delete_password"):
                setattr(keyring, name, getattr(backend, name, None))

        keyring.set_keyring = set_keyring
        monkeypatch.setitem(sys.modules, "keyring", keyring)

    class Memory(base):  # type: ignore[misc]
        priority = 1

        def get_password(self, service: str, username: str) -> t.Any:
            value = held.get((service, username))
            if isinstance(value, str) and value.startswith("raise "):
                raise type(value[6:], (keyring.errors.KeyringError,), {})(SECRET)
            return value

        def set_password(self, service: str, username: str, password: str) -> None:
            self.get_password(service, username)
            held[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            if held.pop((service, username), None) is None:
                raise keyring.errors.PasswordDeleteError(SECRET)

    previous = keyring.get_keyring()
    keyring.set_keyring(Memory())
    yield held
    keyring.set_keyring(previous)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> t.Callable[..., list[str]]:
    """Answers to questions: names by stdin, passwords by getpass. Gives the questions for passwords."""

    def give(*names: str, passwords: t.Sequence[str] = ()) -> list[str]:
        asked: list[str] = []
        left = list(passwords)

        def ask(prompt: str) -> str:
            asked.append(prompt)
            if not left:
                raise EOFError
            return left.pop(0)

        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{name}\n" for name in names)))
        monkeypatch.setattr(getpass, "getpass", ask)
        monkeypatch.setattr(getpass, "getuser", lambda: "os-user")
        return asked

    return give


def netrc(home: Path, content: str = f"machine {HOST} login joe password {SECRET}\n", mode: int = 0o600) -> None:
    (home / ".netrc").write_text(content)
    (home / ".netrc").chmod(mode)


def test_nothing_known_and_nobody_asked_means_anonymous() -> None:
    assert get_credentials_for_url(HOST, {}) is None
    assert get_credentials_for_url(HOST, {"no_prompt": True, "verbose": None}) is None


def test_the_keyring_comes_before_netrc(home: Path, entries: Entries, capsys: pytest.CaptureFixture[str]) -> None:
    netrc(home)
    entries["pyftpsync", HOST] = f"ann:{SECRET}:x"
    assert get_credentials_for_url(HOST, {}) == ("ann", f"{SECRET}:x")
    assert get_credentials_for_url(f"ftp://{HOST}:2121/www", {}) == ("ann", f"{SECRET}:x")
    assert capsys.readouterr().out == f"Using credentials from keyring('pyftpsync', '{HOST}'): ann:***.\n" * 2
    assert get_credentials_for_url(HOST, {"no_keyring": True}) == ("joe", SECRET)
    assert get_credentials_for_url(HOST, {"no_keyring": True, "no_netrc": True}) is None
    assert SECRET not in "".join(capsys.readouterr())


def test_entries_of_another_user_do_not_count(home: Path, entries: Entries) -> None:
    netrc(home)
    entries["pyftpsync", HOST] = "ann:pw"
    assert get_credentials_for_url(HOST, {}, "joe") == ("joe", SECRET)
    assert get_credentials_for_url(HOST, {}, "ann") == ("ann", "pw")


def test_a_user_without_password_is_an_error_if_nobody_may_be_asked() -> None:
    with pytest.raises(RuntimeError, match=f"no password for 'bob' on {HOST}.*--no-prompt") as caught:
        get_credentials_for_url(HOST, {}, "bob")
    assert isinstance(caught.value, AuthenticationError) and "\n" not in str(caught.value)


@pytest.mark.parametrize("options", [{}, ASK])
def test_the_anonymous_user_needs_no_password(options: dict[str, t.Any]) -> None:
    assert get_credentials_for_url(HOST, options, "anonymous") == ("anonymous", "anonymous@")


def test_questions(answers: t.Any, capsys: pytest.CaptureFixture[str]) -> None:
    asked = answers("", passwords=[""])
    assert get_credentials_for_url(HOST, ASK) == ("os-user", "")
    assert capsys.readouterr().out == f"Enter username for {HOST} [os-user]: "
    assert asked == [f"Enter password for os-user@{HOST} (Ctrl+C to abort): "]


def test_only_the_password_is_asked_for_if_the_user_is_known(
    answers: t.Any, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = answers(passwords=[SECRET])
    assert get_credentials_for_url(HOST, ASK, "joe") == ("joe", SECRET)
    assert asked == [f"Enter password for joe@{HOST} (Ctrl+C to abort): "]
    assert capsys.readouterr().out == ""


def test_who_is_found_is_not_asked_unless_that_is_wanted(home: Path, answers: t.Any) -> None:
    netrc(home)
    answers("", passwords=["other"])
    assert get_credentials_for_url(HOST, {**QUIET, **ASK}) == ("joe", SECRET)
    assert get_credentials_for_url(HOST, {**QUIET, **ASK, "prompt": True}) == ("joe", "other")
    assert get_credentials_for_url(HOST, {**QUIET, "prompt": True}) == ("joe", SECRET)  # nobody may be asked


def test_nobody_there_to_answer(answers: t.Any) -> None:
    answers()
    with pytest.raises(EOFError):
        prompt_for_password(HOST)


@pytest.mark.parametrize(
    ("content", "mode"), [("nonsense here", 0o600), (f"machine {HOST} login joe password {SECRET}\n", 0o644)]
)
def test_a_netrc_that_cannot_be_used_is_reported_and_passed_over(
    home: Path, capsys: pytest.CaptureFixture[str], content: str, mode: int
) -> None:
    netrc(home, content, mode)
    assert get_credentials_for_url(HOST, {}) is None
    shown = capsys.readouterr().err
    assert shown.startswith("Could not use .netrc file: ~/.netrc") and SECRET not in shown


@pytest.mark.parametrize("entry", ["raise KeyringLocked", SECRET])
def test_a_keyring_that_cannot_be_used_is_reported_and_passed_over(
    entries: Entries, capsys: pytest.CaptureFixture[str], entry: str
) -> None:
    entries["pyftpsync", HOST] = entry
    assert get_credentials_for_url(HOST, {}) is None
    shown = capsys.readouterr().err
    assert "Could not use keyring" in shown and SECRET not in shown


@pytest.mark.parametrize("package", [True, False])
def test_having_no_keyring_at_all_is_mentioned_to_those_who_ask(
    entries: Entries, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], package: bool
) -> None:
    entries["pyftpsync", HOST] = "raise NoKeyringError"
    if not package:
        monkeypatch.setitem(sys.modules, "keyring", None)
    assert get_credentials_for_url(HOST, {}) is None
    assert capsys.readouterr() == ("", "")
    assert get_credentials_for_url(HOST, {"verbose": 4}) is None
    shown = capsys.readouterr()
    assert shown.out.startswith("No keyring: ") and "No credentials" in shown.out and shown.err == ""


def test_passwords_of_version_1_are_not_forgotten(home: Path) -> None:
    (home / "pyftpsync.pw").write_text("")
    with pytest.raises(RuntimeError, match=r"pyftpsync\.pw.*--store-password"):
        get_credentials_for_url(HOST, {})


def test_storing(entries: Entries, capsys: pytest.CaptureFixture[str]) -> None:
    save_password(HOST, "joe", f"{SECRET}:x")
    assert entries == {("pyftpsync", HOST): f"joe:{SECRET}:x"}
    assert capsys.readouterr().out == f"Store credentials in keyring ({HOST}, joe:***).\n"
    save_password(HOST, "joe", "new", quiet=True)
    assert capsys.readouterr().out == ""
    save_password(HOST, "joe", None)
    assert entries == {}


def test_what_cannot_be_stored(entries: Entries, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError, match="colon"):
        save_password(HOST, "a:b", SECRET)
    save_password(HOST, None, None)
    save_password(HOST, "joe", None)  # there is none to delete
    entries["pyftpsync", HOST] = "raise PasswordSetError"
    save_password(HOST, "joe", SECRET)
    shown = capsys.readouterr()
    assert shown.out == "" and SECRET not in shown.err
    assert [line.partition(":")[0] for line in shown.err.splitlines()] == [
        f"Anonymous login at {HOST}",
        f"Could not store credentials of {HOST}",
        f"Could not store credentials of {HOST}",
    ]


def test_storing_without_keyring(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    save_password(HOST, "joe", SECRET)
    assert "package keyring is missing" in capsys.readouterr().err


def test_an_account_without_name(monkeypatch: pytest.MonkeyPatch, answers: t.Any) -> None:
    answers("ann", passwords=["x"])

    def nobody() -> str:
        raise KeyError("uid 4711")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert prompt_for_password(HOST) == ("ann", "x")
