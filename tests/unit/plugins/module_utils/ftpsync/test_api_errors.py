# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors are what scripts catch, and what the engine knows."""

from __future__ import annotations

import ftplib

import pytest

from ftpsync import errors
from ftpsync.api_errors import as_promised, promised
from ftpsync.ftp.wire import Reply
from ftpsync.records.folder_file import IncompatibleVersion


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.UsageError("x"), ValueError),
        (errors.ConnectError("x"), ConnectionError),
        (errors.ConnectionLost("x"), ConnectionError),
        (errors.TooManyConnections("x"), OSError),
        (errors.CertificateError("x"), OSError),
        (errors.AuthenticationError("x"), ftplib.error_perm),
        (errors.ProtocolError("x"), ftplib.error_proto),
        (errors.ServerRefused("x", Reply(550, ("no",))), ftplib.error_perm),
        (errors.ServerRefused("x", Reply(450, ("busy",))), ftplib.error_temp),
        (errors.LocalError("x"), OSError),
        (errors.ListingDoubtful("x"), RuntimeError),
        (IncompatibleVersion("x"), RuntimeError),
    ],
)
def test_classes(error: errors.FtpSyncError, expected: type[Exception]) -> None:
    found = promised(error)
    assert isinstance(found, expected) and isinstance(found, type(error)) and str(found) == "x"
    assert promised(found) is found
    with pytest.raises(expected, match=r"^x$"), as_promised():
        raise error


def test_other_errors_pass() -> None:
    with pytest.raises(KeyError), as_promised():
        raise KeyError("x")
    error = errors.LockHeld("x")
    assert promised(error) is error


def test_options_are_those_of_the_command_line() -> None:
    error = errors.CertificateError(
        "set tls_fingerprint, ca_path or tls_server_name; validate_certs: false accepts all"
    )
    assert str(promised(error)) == "set --tls-fingerprint, --ca-file or --tls-server-name; --no-verify accepts all"
