# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A visitor of a website who looks at its pages again and again, and notices what is wrong with them."""

from __future__ import annotations

import collections
import http.client
import threading
import time
import typing as t


class Visitor:
    """Looks at pages, one after the other, from `with` to its end.

    Parameters:
        address: of the website.
        paths: the pages, without a slash before them.
        version_of: which version a page is of, by path and content; "broken" if it is none as a whole.

    Attributes:
        seen: how often: path, status, version.
        order: the versions in the order in which they were seen, without repetitions.
        gaps: path, and seconds for which it was not found between two visits.
    """

    def __init__(self, address: str, paths: t.Sequence[str], version_of: t.Callable[[str, bytes], str]) -> None:
        self.seen: collections.Counter[tuple[str, int, str]] = collections.Counter()
        self.order: list[str] = []
        self.gaps: list[tuple[str, float]] = []
        self._host = address.partition("://")[2]
        self._paths = paths
        self._version_of = version_of
        self._missing: dict[str, float] = {}
        self._end = threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._visit)

    def measured(self) -> str:
        """What was seen, in a line for people."""
        longest = max((seconds for _path, seconds in self.gaps), default=0.0)
        return (
            f"{self.seen.total()} visits; a page was not found {len(self.gaps)} times, "
            f"for {longest:.3f} s at most between two visits"
        )

    def gap_count(self, path: str) -> int:
        """How many times a page was not found that had been there."""
        return sum(1 for there, _seconds in self.gaps if there == path)

    def outcomes(self) -> set[tuple[int, str]]:
        """Status and version of all that was seen."""
        return {(status, version) for _path, status, version in self.seen}

    def _visit(self) -> None:
        there: set[str] = set()
        try:
            while not self._end.is_set():
                for path in self._paths:
                    self._look(path, there)
                    time.sleep(0.01)  # deploying needs the processor, too
        except (OSError, http.client.HTTPException) as error:
            self._error = error

    def _look(self, path: str, there: set[str]) -> None:
        status, body = self._get(path)
        version = self._version_of(path, body) if status == 200 else ""
        self.seen[path, status, version] += 1
        if status == 200:
            there.add(path)
            if self.order[-1:] != [version]:
                self.order.append(version)
            if path in self._missing:
                self.gaps.append((path, time.monotonic() - self._missing.pop(path)))
        elif path in there:
            self._missing.setdefault(path, time.monotonic())

    def _get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self._host, timeout=60)
        try:
            connection.request("GET", f"/{path}")
            response = connection.getresponse()
            return response.status, response.read()  # less than announced is an IncompleteRead
        finally:
            connection.close()

    def __enter__(self) -> Visitor:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._end.set()
        self._thread.join()
        if self._error is not None:
            raise self._error
