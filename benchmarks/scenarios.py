# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The works, in the order in which one follows from the other; after each the contents are compared."""

from __future__ import annotations

import dataclasses
import os
import shutil
import time
import typing as t
from pathlib import Path

from . import content
from .clients import Client, Place
from .clients.base import CHANGE, DOWNLOAD, NO_OP, UPLOAD
from .keeper import Keeper
from .link import SERVER, Line
from .measure import Measurement, measure

# Seconds after which a change of a file shows in its times for certain: large files that are not so old are read twice.
_SETTLED = 2.5
# Seconds after the work before: while ProFTPD still reaps its sessions, it greets anybody 0.2 or 0.4 seconds late.
_REST = 1.0
_WORKS = {"site": (UPLOAD, NO_OP, CHANGE, DOWNLOAD), "big": (UPLOAD, DOWNLOAD), "tiny": (UPLOAD, NO_OP)}


@dataclasses.dataclass(frozen=True)
class Scenario:
    """A tree and what is done with it."""

    name: str
    tree: content.Tree
    lines: tuple[str, ...]  # where it is worth its time

    @property
    def works(self) -> tuple[str, ...]:
        return _WORKS[self.name]


FULL = (
    Scenario("site", content.SITE, ("20ms", "60ms")),
    Scenario("big", content.GIB, ("loopback",)),
    Scenario("tiny", content.TINY, ("loopback",)),
)
QUICK = (
    Scenario("site", content.SMALL_SITE, ("20ms", "60ms")),
    Scenario("big", content.EIGHTH, ("loopback",)),
    Scenario("tiny", content.FEW_TINY, ("loopback",)),
)


class Round:
    """One client's turn at one scenario."""

    def __init__(
        self, scenario: Scenario, source: Path, client: Client, line: Line, keeper: Keeper, number: int, works: set[str]
    ) -> None:
        self._scenario = scenario
        self._source = source
        self._client = client
        self._line = line
        self._keeper = keeper
        self._number = number
        self._works = works
        self._remote = f"{scenario.name}-{client.name}-{number}"
        self._local = source.parent / self._remote
        self._fetched = source.parent / f"{self._remote}-fetched"

    def run(self) -> t.Iterator[Measurement]:
        """Do the works, as long as they succeed; what is not wanted but needed by later ones is done, too."""
        there = self._keeper.root / self._remote
        _prepare_target(self._keeper.root, there)
        content.copy(self._source, self._local)
        if self._scenario.name == "big":
            time.sleep(_SETTLED)
        try:
            wanted = [work for work in self._scenario.works if work in self._works]
            last = max((self._scenario.works.index(work) for work in wanted), default=-1)
            for work in self._scenario.works[: last + 1]:
                if work not in self._works and work != UPLOAD:
                    continue
                about = self._one(work, there)
                if work in self._works or about.error:
                    yield about
                if about.error:
                    return
        finally:
            for folder in (self._local, self._fetched, there):
                shutil.rmtree(folder, ignore_errors=True)

    def _one(self, work: str, there: Path) -> Measurement:
        client, keeper = self._client, self._keeper
        sizes = self._scenario.tree.sizes()
        local = self._local
        if work == CHANGE:
            content.change(local, f"round {self._number}")
        elif work == DOWNLOAD:
            local = self._fetched
            local.mkdir()
        name = work if self._scenario.name == "site" else f"{self._scenario.name} {work}"
        about = Measurement(
            *(keeper.kind, keeper.tls, self._line.kind.name, name, client.name, self._number, len(sizes), sum(sizes))
        )
        place = Place(
            kind=keeper.kind,
            host=SERVER,
            port=keeper.port,
            username=keeper.username,
            password=keeper.password,
            certificate=keeper.certificate,
            remote=f"/{self._remote}",
            local=local,
            file=_only_file(self._source) if self._scenario.name == "big" else None,
        )
        about.error = client.cannot(work, place)
        if about.error:
            return about
        time.sleep(_REST)
        # What only has to be done before is done beside the server.
        side = self._line.client_side if work in self._works else self._line.server_side
        measure(client, work, place, self._line, side, keeper, about)
        if not about.error:
            wrong = content.difference(self._local, local if work == DOWNLOAD else there, client.own)
            about.error = f"wrong result: {wrong}" if wrong else ""
        return about


def _prepare_target(root: Path, there: Path) -> None:
    """An empty folder whose owner is that of the server's files."""
    there.mkdir()
    owner = root.stat()
    os.chown(there, owner.st_uid, owner.st_gid)


def _only_file(source: Path) -> str:
    (path,) = source.iterdir()
    return path.name
