# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""lftp's mirror: as it comes, and tuned by hand as far as it helps."""

from __future__ import annotations

from .base import CONNECTIONS, Client, Place, direction


class Lftp(Client):
    name = "lftp"
    label = "lftp, defaults"
    needs = "the Debian package lftp"
    program = "lftp"
    settings: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    def command(self, work: str, place: Place) -> list[str]:
        settings = [
            *(f"set {line}" for line in self.settings),
            "set net:max-retries 3",
            "set cmd:fail-exit yes",
            f"set ftp:ssl-force {'yes' if place.certificate else 'no'}",
            f"set ftp:ssl-allow {'yes' if place.certificate else 'no'}",
            "set ftp:ssl-protect-data yes",
            "set ssl:verify-certificate no",
            f"open -u {place.username},{place.password} ftp://{place.address}",
        ]
        return ["lftp", "--norc", "-c", "; ".join([*settings, self._transfer(work, place)])]

    def _transfer(self, work: str, place: Place) -> str:
        down = direction(work) == "download"
        if place.file is not None:
            paths = (f"{place.remote}/{place.file}", str(place.local / place.file))
            verb = "get" if down else "put"
            return f"{verb} {paths[0 if down else 1]} -o {paths[1 if down else 0]}"
        mirror = ["mirror", f"--parallel={CONNECTIONS}", "--delete", *self.options]
        pair = [place.remote, str(place.local)]
        return " ".join([*mirror, *(pair if down else ["-R", *reversed(pair)])])


class TunedLftp(Lftp):
    name = "lftp-tuned"
    label = "lftp, tuned"
    settings = (
        "ftp:sync-mode off",
        "ftp:use-feat no",
        "ftp:use-allo no",
        "ftp:use-site-utime no",
        "ftp:use-site-utime2 no",
        "ftp:use-stat-for-list yes",
        "ftp:use-mlsd yes",
        "ftp:use-size no",
        "ftp:use-quit no",
        "ftp:stat-interval 0",
        f"net:connection-limit {CONNECTIONS}",
        "mirror:set-permissions no",
    )
    options = ("--use-cache", "--no-perms", "--no-umask")
