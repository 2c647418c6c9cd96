# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What scripts import and call is there, by the names of 3.1 and of 4.x: asked of the releases themselves."""

from __future__ import annotations

import importlib
import inspect
import json
import subprocess
import sys
import typing as t

import pytest

from tests.compat.conftest import interpreter_or_skip
from tests.compat.programs import ENGINE

MODULES = {
    "ftpsync": "__version__",
    "ftpsync.targets": "make_target FsTarget _Target DirMetadata DirectoryEntry FileEntry _get_encoding_opt",
    "ftpsync.ftp_target": "FtpTarget FTPTarget",
    "ftpsync.synchronizers": "BaseSynchronizer BiDirSynchronizer UploadSynchronizer DownloadSynchronizer match_path"
    " process_options DEFAULT_OMIT ALWAYS_OMIT CONFIG_FILE_NAME",
    "ftpsync.resources": "EntryPair FileEntry DirectoryEntry _Resource operation_map ENTRY_CLASSIFICATIONS"
    " PAIR_OPERATIONS",
    "ftpsync.metadata": "DirMetadata IncompatibleMetadataVersion IncompatibleMetadataVersionError",
    "ftpsync.util": "set_pyftpsync_logger get_pyftpsync_logger write write_error get_option get_credentials_for_url"
    " prompt_for_password save_password pretty_stamp eps_compare byte_compare str_to_bool namespace_to_dict"
    " check_cli_verbose ansi_code DRY_RUN_PREFIX PYTHON_VERSION is_native to_bytes to_native to_unicode"
    " CliSilentRuntimeError DEBUG_FLAGS",
    "ftpsync.compat": "StringIO BytesIO urlparse quote unquote to_bytes to_native to_unicode is_native is_bytes"
    " is_unicode is_basestring configparser queue console_input xrange PY2 PY3",
    "ftpsync.pyftpsync": "run",
    "ftpsync.cli_common": "",
    "ftpsync.run_command": "handle_run_command",
    "ftpsync.scan_command": "scan_handler",
    "ftpsync.tree_command": "",
    "ftpsync.sftp_target": "SFTPTarget",
}
CLASSES = {
    "ftpsync.targets": ["_Target", "FsTarget"],
    "ftpsync.ftp_target": ["FtpTarget"],
    "ftpsync.synchronizers": ["BaseSynchronizer", "BiDirSynchronizer", "UploadSynchronizer", "DownloadSynchronizer"],
    "ftpsync.resources": ["EntryPair", "FileEntry", "DirectoryEntry"],
}
# Not documented, and of no use outside of the package.
INTERNAL = {"FileEntry.set_sync_info", "DirectoryEntry.set_sync_info", "ignore_copy_errors"}
TAKES_LESS = {"_Target.pwd"}  # not that of any target that can be made
# What a script sees of the classes and of objects of them, without reading a line of theirs.
INSPECT = """
import importlib, inspect, json, sys, tempfile
classes = json.loads(sys.argv[1])
found = {"classes": {}, "data": {}, "objects": {}}
for module, names in classes.items():
    for name in names:
        cls = getattr(importlib.import_module(module), name, None) or getattr(
            importlib.import_module(module), name.replace("Ftp", "FTP"))
        found["classes"][name] = {
            attribute: list(inspect.signature(getattr(cls, attribute)).parameters)
            if callable(getattr(cls, attribute)) and attribute != "__class__" else None
            for attribute in dir(cls) if not attribute.startswith("_") or attribute == "__init__"
        }
from ftpsync import resources, synchronizers, targets
found["data"]["operation_map"] = sorted(
    (*key, value if isinstance(value, str) else "nothing") for key, value in resources.operation_map.items())
found["data"]["PAIR_OPERATIONS"] = sorted(map(str, resources.PAIR_OPERATIONS))
with tempfile.TemporaryDirectory() as folder:
    local, remote = targets.make_target(folder), targets.make_target("ftp://user:pass@host.invalid/x")
    for name, thing in [("FsTarget", local), ("FtpTarget", remote)]:
        found["objects"][name] = [attribute for attribute in vars(thing) if not attribute.startswith("_")]
    for name in ("BiDirSynchronizer", "UploadSynchronizer", "DownloadSynchronizer"):
        made = getattr(synchronizers, name)(local, remote, {})
        found["objects"][name] = [attribute for attribute in vars(made) if not attribute.startswith("_")]
        found["data"][name] = sorted(made.get_stats())
print(json.dumps(found))
"""


def look(python: str, path: str) -> dict[str, t.Any]:
    done = subprocess.run(
        [python, "-W", "ignore", "-c", INSPECT, json.dumps(CLASSES)],
        env={"PYTHONPATH": path},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return t.cast(t.Dict[str, t.Any], json.loads(done.stdout))


@pytest.fixture(scope="module")
def mine() -> dict[str, t.Any]:
    return look(sys.executable, str(ENGINE))


@pytest.fixture(scope="module", params=["3.1.0", "4.1.0"])
def theirs(request: pytest.FixtureRequest) -> dict[str, t.Any]:
    return look(str(interpreter_or_skip(request.param)), "")


@pytest.mark.parametrize("module", MODULES)
def test_names(module: str) -> None:
    found = importlib.import_module(module)
    assert [name for name in MODULES[module].split() if not hasattr(found, name)] == []


def test_both_names_are_the_same_class() -> None:
    from ftpsync import ftp_target, metadata

    assert ftp_target.FTPTarget is ftp_target.FtpTarget
    assert metadata.IncompatibleMetadataVersion is metadata.IncompatibleMetadataVersionError
    assert issubclass(metadata.IncompatibleMetadataVersion, RuntimeError)


def test_methods_and_their_parameters(mine: dict[str, t.Any], theirs: dict[str, t.Any]) -> None:
    missing, fewer = [], []
    for name, attributes in theirs["classes"].items():
        for attribute, parameters in attributes.items():
            there = f"{name}.{attribute}"
            if attribute not in mine["classes"][name]:
                missing.append(there)
            elif parameters is not None and there not in TAKES_LESS:
                public = [parameter for parameter in parameters if not parameter.startswith("_")]
                if len(mine["classes"][name][attribute]) < len(public):
                    fewer.append((there, public))
    assert (set(missing) - INTERNAL, fewer) == (set(), [])


def test_attributes(mine: dict[str, t.Any], theirs: dict[str, t.Any]) -> None:
    missing = [
        f"{name}.{attribute}"
        for name, attributes in theirs["objects"].items()
        for attribute in attributes
        if attribute not in mine["objects"][name]
        and attribute not in mine["classes"][name]
        and attribute not in INTERNAL
    ]
    assert missing == []


def test_tables_and_statistics(mine: dict[str, t.Any], theirs: dict[str, t.Any]) -> None:
    for name, value in theirs["data"].items():
        if name.endswith("Synchronizer"):
            assert set(value) <= set(mine["data"][name])
        else:
            assert mine["data"][name] == value, name


def test_constructing_needs_no_network() -> None:
    from ftpsync.ftp_target import FtpTarget
    from ftpsync.targets import make_target

    assert isinstance(make_target("FTP://user:pass@host.invalid/x"), FtpTarget)
    assert make_target("ftps://host.invalid").tls is True
    assert make_target("ftp://host.invalid:2121/x/").get_id() == "host.invalid/x"
    assert make_target("ftp://host.invalid").get_id() == "host.invalid/"
    with pytest.raises(ValueError):
        make_target("ftp://host.invalid:port/x")
    with pytest.raises(ValueError):
        make_target("/no/such/folder")
    assert list(inspect.signature(FtpTarget).parameters)[:8] == [
        *("path", "host", "port", "username", "password", "tls", "timeout", "extra_opts")
    ]
