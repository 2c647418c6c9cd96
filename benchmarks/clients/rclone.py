# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""rclone sync, set up by its command line alone."""

from __future__ import annotations

import subprocess

from .base import CONNECTIONS, Client, Place, direction


class Rclone(Client):
    name = "rclone"
    label = "rclone"
    needs = "the Debian package rclone"
    program = "rclone"

    def command(self, work: str, place: Place) -> list[str]:
        hidden = subprocess.run(
            ["rclone", "obscure", place.password], check=True, text=True, stdout=subprocess.PIPE
        ).stdout.strip()
        remote = ":ftp:" + place.remote
        down = direction(work) == "download"
        if place.file is not None:
            verb, pair = "copyto", [f"{remote}/{place.file}", str(place.local / place.file)]
        else:
            verb, pair = "sync", [remote, str(place.local)]
        return [
            *("rclone", verb, *(pair if down else reversed(pair))),
            *("--ftp-host", place.host, "--ftp-port", str(place.port)),
            *("--ftp-user", place.username, "--ftp-pass", hidden),
            *("--transfers", str(CONNECTIONS), "--checkers", str(CONNECTIONS)),
            *(["--ftp-explicit-tls", "--no-check-certificate"] if place.certificate else []),
            # vsftpd sets times by MDTM, which rclone does not try by itself.
            *(["--ftp-writing-mdtm"] if place.kind == "vsftpd" else []),
        ]

    def environment(self, place: Place) -> dict[str, str]:
        return {"RCLONE_CONFIG": "/dev/null"}
