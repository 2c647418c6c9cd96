# Copyright (c) 2026, webdeploy.ftp contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules as Ansible runs them, in this process."""

from __future__ import annotations

import contextlib
import json
import signal
import tempfile
import types
import typing as t
from pathlib import Path

import pytest
from ansible.module_utils import basic

from ansible_collections.webdeploy.ftp.plugins.module_utils import _common


class Answer(t.NamedTuple):
    """What came out of a run: exit status, result, warnings, and all that was printed."""

    status: int
    result: dict[str, t.Any]
    warnings: list[str]
    output: str


Run = t.Callable[..., Answer]


@contextlib.contextmanager
def module_args(args: dict[str, t.Any]) -> t.Iterator[None]:
    args = {"_ansible_remote_tmp": tempfile.gettempdir(), "_ansible_keep_remote_files": False, **args}
    try:
        from ansible.module_utils.testing import patch_module_args  # ansible-core 2.19 and later
    except ImportError:
        basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode()
        yield
        return
    with patch_module_args(args):
        yield


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No netrc and no environment of the person who runs the tests."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for variable in _common.ENVIRONMENT.values():
        monkeypatch.delenv(variable, raising=False)
    return folder


@pytest.fixture
def run_module(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Run]:
    """Runs a module: `run_module(ftp_sync, check=True, local=..., remote=...)`."""
    warnings: list[str] = []
    # Ansible collects them for the whole process.
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda self, warning: warnings.append(warning))
    handler = signal.getsignal(signal.SIGTERM)

    def runner(
        module: types.ModuleType, check: bool = False, diff: bool = False, verbosity: int = 3, **args: t.Any
    ) -> Answer:
        warnings.clear()
        internal = {"_ansible_check_mode": check, "_ansible_diff": diff, "_ansible_verbosity": verbosity}
        with module_args({**internal, **args}), pytest.raises(SystemExit) as stopped:
            module.main()
        printed = capfd.readouterr()
        status = stopped.value.code
        assert isinstance(status, int)
        return Answer(status, json.loads(printed.out), list(warnings), printed.out + printed.err)

    yield runner
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "css").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>Hello</h1>")
    (folder / "css" / "site.css").write_text("h1 { color: red }")
    return folder
