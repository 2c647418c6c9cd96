# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The name under which scripts look for SFTP, which is another protocol: told in one line, not by an import error."""

from __future__ import annotations

import typing as t

from .api_errors import InvalidTarget


class SFTPTarget:
    """Not available.

    Raises:
        ValueError: always.
    """

    def __init__(self, *_args: t.Any, **_options: t.Any) -> None:
        raise InvalidTarget("SFTPTarget: SFTP is another protocol (SSH); this speaks FTP and FTPS, use FtpTarget")
