# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Synchronize folders over FTP and FTPS: the engine of the collection webdeploy.ftp.

Kept free of imports: AnsiballZ bundles whatever is imported from here with every module.
"""

from __future__ import annotations

__version__ = "0.1.0"
