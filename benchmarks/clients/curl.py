# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""curl: one file, up or down."""

from __future__ import annotations

from .base import Client, Place, direction


class Curl(Client):
    name = "curl"
    label = "curl"
    needs = "the Debian package curl"
    program = "curl"

    def cannot(self, work: str, place: Place) -> str:
        return "" if place.file else "single files only"

    def command(self, work: str, place: Place) -> list[str]:
        local = str(place.local / (place.file or ""))
        url = f"ftp://{place.address}/{place.remote}/{place.file}"
        return [
            *("curl", "--silent", "--show-error", "--user", f"{place.username}:{place.password}"),
            *(["--ssl-reqd", "--insecure"] if place.certificate else []),
            *(["--output", local, url] if direction(work) == "download" else ["--upload-file", local, url]),
            *([] if direction(work) == "download" else ["--ftp-create-dirs"]),
        ]
