# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""From options of a module to those of the client; user and password are looked up on the way."""

from __future__ import annotations

import typing as t

from . import credentials
from .ftp.options import ConnectOptions
from .options import SyncOptions


def connect_options(options: SyncOptions) -> ConnectOptions:
    """What the client needs to know.

    Raises:
        AuthenticationError, LocalError, UsageError: no usable user and password.
    """
    username, password = credentials.resolve(
        options.host, options.username, options.password, options.use_netrc, options.use_keyring
    )
    return ConnectOptions(
        host=options.host,
        port=t.cast(int, options.port),
        username=username,
        password=password,
        tls=t.cast(str, options.tls),
        validate_certs=options.validate_certs,
        ca_path=options.ca_path,
        tls_fingerprint=options.tls_fingerprint,
        tls_server_name=options.tls_server_name,
        passive=options.passive,
        timeout=options.timeout,
        encoding=options.encoding,
        retries=options.retries,
        bandwidth_limit=options.bandwidth_limit,
    )
