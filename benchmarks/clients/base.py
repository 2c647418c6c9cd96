# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every client has to tell: which command does which work."""

from __future__ import annotations

import abc
import dataclasses
import shutil
import typing as t
from pathlib import Path

CONNECTIONS = 8

UPLOAD = "upload"
NO_OP = "no-op"
CHANGE = "change"
DOWNLOAD = "download"


@dataclasses.dataclass(frozen=True)
class Place:
    """What a client has to know."""

    kind: str  # of the server
    host: str
    port: int
    username: str
    password: str
    certificate: str | None  # whom to trust; None: no TLS
    remote: str  # absolute path of a folder
    local: Path  # a folder
    file: str | None = None  # the only file in it, if it is a matter of one large file

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"


class Client(abc.ABC):
    """One program, set up in one way."""

    name = ""
    label = ""
    needs = ""  # how to get it
    program = ""

    def missing(self) -> str:
        """Why it cannot run on this machine, or ""."""
        return "" if shutil.which(self.program) else f"{self.name} needs {self.needs}"

    def version(self) -> list[str]:
        """A command that tells the version in the first line of its output."""
        return [self.program, "--version"]

    def cannot(self, work: str, place: Place) -> str:
        """Why it cannot do a work there, or ""."""
        return ""

    @abc.abstractmethod
    def command(self, work: str, place: Place) -> list[str]:
        """The command for UPLOAD (also of what is there already) or DOWNLOAD."""

    def environment(self, place: Place) -> dict[str, str]:
        return {}

    def own(self, path: str) -> bool:
        """Whether a file on either side is the client's own record."""
        return False

    def after(self, work: str, output: str) -> str:
        """What is wrong by the client's own words, or ""."""
        return ""


def direction(work: str) -> t.Literal["upload", "download"]:
    return "download" if work == DOWNLOAD else "upload"
