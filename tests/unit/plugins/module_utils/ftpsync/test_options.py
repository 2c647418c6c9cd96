# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Options: what each value becomes, what is refused, and that no message shows a secret."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftpsync.errors import UsageError
from ftpsync.options import CHOICES, ENTRY_POINTS, PARSERS, MaxDelete, SyncOptions, validate

SECRET = "s3cr3t"


def options(**given_options):
    return validate({"local": "dist", "remote": "ftps://h/www", **given_options})


def test_defaults():
    assert options() == SyncOptions(
        local="dist",
        remote="ftps://h/www",
        port=21,
        tls="explicit",
        record="server",
        state_dir="/www/.ftpsync",
        state_path=".ftpsync",
        host="h",
        remote_path="/www",
    )
    assert options().entry_points == ENTRY_POINTS


def test_none_means_the_default():
    assert options(**dict.fromkeys(set(PARSERS) - {"local", "remote"})) == options()


def test_every_option_has_a_parser():
    derived = {"host", "remote_path", "state_path"}
    assert set(PARSERS) == set(SyncOptions.__dataclass_fields__) - derived


@pytest.mark.parametrize(
    ("given_options", "name", "value"),
    [
        ({"remote": "ftp://joe:pw@h/"}, "remote", "ftp://h/"),
        ({"remote": "ftp://joe:pw@h/"}, "username", "joe"),
        ({"remote": "ftp://joe:pw@h/"}, "password", "pw"),
        ({"remote": "ftp://joe:pw@h/", "password": "other"}, "password", "other"),
        ({"remote": "ftp://joe:pw@h/", "username": "joe"}, "password", "pw"),
        ({"remote": "ftp://joe:pw@h/", "username": "ann"}, "username", "ann"),
        ({"remote": "ftp://joe:pw@h/", "username": "ann"}, "password", None),
        ({"username": "ann", "password": ""}, "password", ""),
        ({"port": 2121}, "port", 2121),
        ({"port": 2121}, "remote", "ftps://h:2121/www"),
        ({"remote": "ftp://h:2121", "port": 2122}, "port", 2122),
        ({"port": 990}, "tls", "implicit"),
        ({"tls": "implicit"}, "port", 990),
        ({"remote": "ftp://h", "tls": "explicit"}, "tls", "explicit"),
        ({"remote": "ftp://h"}, "tls", "none"),
        ({"record": "none"}, "record", "none"),
        ({"record": "folder"}, "record", "folder"),
        ({"direction": "download"}, "record", "folder"),
        ({"direction": "sync"}, "record", "folder"),
        ({"direction": "sync", "record": "none"}, "record", "none"),
        ({"direction": "sync", "resolve": "new"}, "resolve", "new"),
        ({"direction": "download", "resolve": "remote"}, "resolve", "remote"),
        ({"direction": "download", "delete": True, "delete_unmatched": True}, "delete_unmatched", True),
        ({}, "is_two_sided", False),
        ({"record": "none"}, "is_two_sided", False),
        ({"record": "folder"}, "is_two_sided", True),
        ({"direction": "download", "record": "none"}, "is_two_sided", True),
        ({"direction": "sync"}, "is_two_sided", True),
        ({"timeout": 2}, "timeout", 2),
        ({"lock_timeout": 0}, "lock_timeout", 0),
        ({"file_mode": "0644"}, "file_mode", 0o644),
        ({"file_mode": "640"}, "file_mode", 0o640),
        ({"file_mode": "0o644"}, "file_mode", 0o644),
        ({"file_mode": 0o644}, "file_mode", 0o644),
        ({"directory_mode": "2775"}, "directory_mode", 0o2775),
        ({"max_delete": 0}, "max_delete", MaxDelete(files=0)),
        ({"max_delete": "10"}, "max_delete", MaxDelete(files=10)),
        ({"max_delete": "25%"}, "max_delete", MaxDelete(percent=25)),
        ({"max_delete": "0.5 %"}, "max_delete", MaxDelete(percent=0.5)),
        ({"bandwidth_limit": 500000}, "bandwidth_limit", 500000),
        ({"bandwidth_limit": "500k"}, "bandwidth_limit", 512000),
        ({"bandwidth_limit": "1.5M"}, "bandwidth_limit", 1572864),
        ({"tls_fingerprint": ":".join(["aB"] * 32)}, "tls_fingerprint", "ab" * 32),
        ({"encoding": "Latin1"}, "encoding", "iso8859-1"),
        ({"encoding": "UTF8"}, "encoding", "utf-8"),
        ({"match": ["*.html"]}, "match", ("*.html",)),
        ({"entry_points": []}, "entry_points", ()),
        ({"state_dir": "private/state/"}, "state_dir", "/www/private/state"),
        ({"state_dir": "private/state/"}, "state_path", "private/state"),
        ({"state_dir": "/state"}, "state_dir", "/state"),
        ({"state_dir": "/state"}, "state_path", None),
        ({"state_dir": "/www2"}, "state_path", None),
        ({"remote": "ftps://h"}, "state_dir", "/.ftpsync"),
        ({"remote": "ftps://h", "state_dir": "/a/b"}, "state_path", "a/b"),
        ({"validate_certs": False, "tls_fingerprint": "a" * 64}, "validate_certs", False),
    ],
)
def test_values_become(given_options, name, value):
    assert getattr(options(**given_options), name) == value


@pytest.mark.parametrize(
    ("given_options", "words"),
    [
        ({"local": ""}, ("local:", "folder of this host")),
        ({"local": None}, ("local:",)),
        ({"remote": None}, ("remote:", "ftps://")),
        ({"remote": "/srv"}, ("remote:", "ftp://")),
        ({"conections": 3}, ("conections:", "connections?")),
        ({"host": "h"}, ("host:", "no such option")),
        ({"resolve": "skp"}, ("resolve:", "'skp'", "skip, fail", "mean skip?")),
        ({"record": 5}, ("record:", "auto")),
        ({"publish": "Direct"}, ("publish:", "mean direct?")),
        ({"direction": "both"}, ("direction:", "upload, download, sync")),
        ({"tls": "starttls"}, ("tls:", "explicit")),
        ({"delete": "yes"}, ("delete:", "true nor false")),
        ({"port": 0}, ("port:", "1 to 65535")),
        ({"port": 70000}, ("port:", "70000")),
        ({"port": True}, ("port:",)),
        ({"connections": 0}, ("connections:", "1 to 32")),
        ({"connections": 33}, ("connections:", "1 to 32")),
        ({"connections": 1.5}, ("connections:", "whole")),
        ({"timeout": 0}, ("timeout:", "seconds")),
        ({"timeout": -1.0}, ("timeout:",)),
        ({"timeout": float("nan")}, ("timeout:",)),
        ({"retries": -1}, ("retries:",)),
        ({"backup": -1}, ("backup:",)),
        ({"lock_timeout": -1}, ("lock_timeout:", "0 or more")),
        ({"match": "*.html"}, ("match:", "list")),
        ({"exclude": [1]}, ("exclude:", "list")),
        ({"file_mode": "u=rw"}, ("file_mode:", "octal", "'0644'")),
        ({"file_mode": "0888"}, ("file_mode:", "octal")),
        ({"file_mode": 644}, ("file_mode:", "quotes")),
        ({"file_mode": 400}, ("file_mode:", "quotes")),
        ({"directory_mode": 755}, ("directory_mode:", "quotes")),
        ({"file_mode": True}, ("file_mode:",)),
        ({"max_delete": "101%"}, ("max_delete:", "25%")),
        ({"max_delete": -1}, ("max_delete:",)),
        ({"max_delete": "many"}, ("max_delete:", "'many'")),
        ({"max_delete": True}, ("max_delete:",)),
        ({"bandwidth_limit": "fast"}, ("bandwidth_limit:", "500k")),
        ({"bandwidth_limit": -5}, ("bandwidth_limit:",)),
        ({"tls_fingerprint": "ab:cd"}, ("tls_fingerprint:", "openssl")),
        ({"encoding": "klingon"}, ("encoding:", "utf-8")),
        ({"encoding": "utf-16"}, ("encoding:", "latin-1")),
        ({"encoding": "base64"}, ("encoding:",)),
        ({"encoding": "idna"}, ("encoding:",)),
        ({"username": ""}, ("username:", "empty")),
        ({"username": "a\r\nDELE x", "password": SECRET}, ("username:", "line end")),
        ({"username": "joe", "password": SECRET + "\n"}, ("password:", "line end")),
        ({"password": SECRET}, ("password:", "username")),
        ({"password": 5}, ("password:", "text")),
        ({"state_dir": "/www"}, ("state_dir:", "'/www'")),
        ({"state_dir": "/"}, ("state_dir:", "contains")),
        ({"state_dir": "../state"}, ("state_dir:", "'..'")),
        ({"state_dir": "."}, ("state_dir:",)),
        ({"delete_unmanaged": True}, ("delete_unmanaged:", "delete: true")),
        ({"delete_unmatched": True}, ("delete_unmatched:", "delete: true")),
        ({"delete_unmanaged": True, "delete": True, "record": "none"}, ("delete_unmanaged:", "record: none")),
        ({"resolve": "new"}, ("resolve: new", "direction: upload")),
        ({"resolve": "remote"}, ("resolve: remote", "direction: upload")),
        ({"direction": "download", "resolve": "local"}, ("resolve: local", "direction: download", "remote")),
        ({"direction": "download", "resolve": "old"}, ("resolve: old", "direction: download")),
        ({"direction": "download", "resolve": "new"}, ("resolve: new", "direction: download")),
        ({"direction": "download", "record": "server"}, ("record: server", "direction: download", "folder or none")),
        ({"direction": "sync", "record": "server"}, ("record: server", "direction: sync", "folder or none")),
        ({"direction": "sync", "delete": True}, ("delete: true", "direction: sync")),
        ({"direction": "sync", "delete_unmatched": True}, ("delete_unmatched:", "delete: true")),
        ({"direction": "download", "delete_unmanaged": True, "delete": True}, ("delete_unmanaged:", "record: folder")),
        ({"direction": "download", "compare": "checksum"}, ("compare: checksum", "auto or mtime")),
        ({"direction": "sync", "compare": "size"}, ("compare: size", "auto or mtime")),
        ({"record": "folder", "compare": "checksum"}, ("compare: checksum", "auto or mtime")),
        ({"direction": "download", "hash_cache": "h"}, ("hash_cache:", "direction: download", "record: folder")),
        ({"direction": "sync", "record": "none", "hash_cache": "h"}, ("hash_cache:", "record: none")),
        ({"record": "folder", "file_mode": "0644"}, ("file_mode", "leave them out")),
        ({"direction": "download", "directory_mode": "0755"}, ("directory_mode", "leave them out")),
        ({"direction": "download", "preserve_mtime": False}, ("preserve_mtime: false", "direction: upload")),
        ({"direction": "sync", "preserve_mtime": False}, ("preserve_mtime: false", "times")),
        ({"record": "folder", "preserve_mtime": False}, ("preserve_mtime: false", "record: server or none")),
        ({"direction": "sync", "adopt": "size"}, ("adopt: size", "record: folder")),
        ({"record": "none", "adopt": "hash"}, ("adopt: hash", "record: none")),
        ({"direction": "download", "backup": 2}, ("backup: 2", "record: folder")),
        ({"backup": 3, "record": "none"}, ("backup: 3", "record: none")),
        ({"remote": "ftp://h", "ca_path": "/ca"}, ("ca_path:", "ftps://")),
        ({"remote": "ftp://h", "tls_fingerprint": "a" * 64}, ("tls_fingerprint:", "tls: explicit")),
        ({"remote": "ftp://h", "tls_server_name": "x"}, ("tls_server_name:",)),
        ({"tls": "none"}, ("tls: none", "remote")),
        ({"ca_path": "/ca", "validate_certs": False}, ("ca_path:", "validate_certs: false")),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(given_options, words):
    with pytest.raises(UsageError) as caught:
        options(**given_options)
    assert str(caught.value).isprintable()
    assert SECRET not in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_repr_has_no_password():
    shown = repr(options(remote=f"ftp://joe:{SECRET}@h/")) + repr(
        SyncOptions("d", f"ftp://joe:{SECRET}@h", "j", SECRET)
    )
    assert SECRET not in shown


@pytest.mark.parametrize(
    ("limit", "deleted", "there", "allowed"),
    [
        (MaxDelete(), 100, 100, True),
        (MaxDelete(files=2), 2, 100, True),
        (MaxDelete(files=2), 3, 100, False),
        (MaxDelete(files=0), 0, 0, True),
        (MaxDelete(percent=25), 25, 100, True),
        (MaxDelete(percent=25), 26, 100, False),
        (MaxDelete(percent=0), 0, 0, True),
        (MaxDelete(percent=0), 1, 100, False),
    ],
)
def test_max_delete(limit, deleted, there, allowed):
    assert limit.allows(deleted, there) is allowed


@pytest.mark.parametrize(
    ("limit", "text"), [(MaxDelete(), "no limit"), (MaxDelete(files=3), "3"), (MaxDelete(percent=12.5), "12.5%")]
)
def test_max_delete_reads_as_it_is_written(limit, text):
    assert str(limit) == text


@given(st.integers(0, 100), st.integers(0, 1000))
def test_whole_percents_are_exact(percent, hundreds):
    assert MaxDelete(percent=percent).allows(percent * hundreds, 100 * hundreds)
    assert not MaxDelete(percent=percent).allows(percent * hundreds + 1, 100 * hundreds)


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.lists(st.text(max_size=3)),
    st.binary(max_size=3), st.sampled_from(sorted({choice for choices in CHOICES.values() for choice in choices})),
)  # fmt: skip


@settings(deadline=None)  # the first look at a codec loads it
@given(st.dictionaries(st.sampled_from(sorted(PARSERS)), ANYTHING, max_size=4))
def test_any_value_is_refused_or_understood(given_options):
    try:
        understood = options(**given_options)
    except UsageError:
        return
    assert understood.tls in CHOICES["tls"]
    assert 0 < understood.port < 65536
