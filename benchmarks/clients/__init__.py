# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is measured: us and others, each with eight connections where it can."""

from __future__ import annotations

from .base import Client, Place
from .curl import Curl
from .lftp import Lftp, TunedLftp
from .ours import Ours
from .pyftpsync import Pyftpsync
from .rclone import Rclone

CLIENTS: dict[str, Client] = {
    client.name: client for client in (Ours(), Lftp(), TunedLftp(), Rclone(), Pyftpsync(), Curl())
}

__all__ = ["CLIENTS", "Client", "Place"]
