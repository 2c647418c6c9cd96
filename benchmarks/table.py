# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measurements as tables: medians, and how many times as long others take as we do."""

from __future__ import annotations

import statistics
import typing as t

from .clients import CLIENTS
from .measure import Measurement

OURS = "ours"
Key = t.Tuple[str, str, bool, str]  # line, work, TLS, server


class Cell(t.NamedTuple):
    """One client at one work on one server."""

    rows: list[Measurement]

    @property
    def good(self) -> list[Measurement]:
        return [row for row in self.rows if not row.error and row.seconds is not None]

    @property
    def seconds(self) -> float | None:
        return self.median("seconds")

    def median(self, name: str) -> float | None:
        values = [getattr(row, name) for row in self.good if getattr(row, name) is not None]
        return statistics.median(values) if values else None

    @property
    def error(self) -> str:
        return next((row.error for row in self.rows if row.error), "")


class Results:
    """All cells of a run."""

    def __init__(self, rows: t.Iterable[Measurement]) -> None:
        self._cells: dict[tuple[Key, str], Cell] = {}
        for row in rows:
            key = (row.line, row.work, row.tls, row.server)
            self._cells.setdefault((key, row.client), Cell([])).rows.append(row)

    def groups(self) -> list[tuple[str, str, bool]]:
        """Line, work and TLS, in the order in which they were measured."""
        return list(dict.fromkeys(key[:3] for key, _client in self._cells))

    def servers(self, group: tuple[str, str, bool]) -> list[str]:
        return list(dict.fromkeys(key[3] for key, _client in self._cells if key[:3] == group))

    def clients(self, group: tuple[str, str, bool]) -> list[str]:
        there = {client for key, client in self._cells if key[:3] == group}
        return [name for name in CLIENTS if name in there]

    def cell(self, group: tuple[str, str, bool], server: str, client: str) -> Cell:
        return self._cells.get(((*group, server), client), Cell([]))


def speed(results: Results, group: tuple[str, str, bool], floors: t.Mapping[str, float]) -> list[str]:
    """Seconds, and in brackets how many times ours."""
    servers = results.servers(group)
    lines = [_row(["", *servers]), _row(["---", *["---:"] * len(servers)])]
    for client in results.clients(group):
        cells = [_speed(results, group, server, client) for server in servers]
        if any(cells):
            name = f"**{CLIENTS[client].label}**" if client == OURS else CLIENTS[client].label
            lines.append(_row([name, *cells]))
    if any(server in floors for server in servers):
        lines.append(_row(["floor, counted", *(f"{floors[s]:.1f}" if s in floors else "" for s in servers)]))
    return lines


def _speed(results: Results, group: tuple[str, str, bool], server: str, client: str) -> str:
    cell = results.cell(group, server, client)
    if cell.seconds is None:
        return "" if not cell.error or cell.error in ("single files only", "not yet") else _short(cell.error)
    ours = results.cell(group, server, OURS).seconds
    text = _number(cell.seconds)
    return text if client == OURS or not ours else f"{text} ({cell.seconds / ours:.2f})"


def cost(results: Results, group: tuple[str, str, bool]) -> list[str]:
    """What else it takes: processor, memory, commands, turns."""
    lines = [
        _row(["server", "client", "CPU s", "peak MB", "commands per file", "turns per file", "connections"]),
        _row(["---", "---", *["---:"] * 5]),
    ]
    for server in results.servers(group):
        for client in results.clients(group):
            cell = results.cell(group, server, client)
            if cell.seconds is None:
                continue
            files = cell.good[0].files
            commands = statistics.median(sum((row.commands or {}).values()) for row in cell.good)
            turns, peak = cell.median("turns"), cell.median("peak_kb")
            lines.append(
                _row(
                    [
                        server,
                        CLIENTS[client].label,
                        f"{cell.median('cpu') or 0:.2f}",
                        f"{(peak or 0) / 1024:.0f}",
                        f"{commands / files:.2f}",
                        "" if turns is None else f"{turns / files:.2f}",
                        _whole(cell.median("connections")),
                    ]
                )
            )
    return lines


def _number(seconds: float) -> str:
    return f"{seconds:.2f}" if seconds < 10 else f"{seconds:.1f}"


def _whole(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"


def _short(error: str) -> str:
    for sign, words in (("MLSD", "cannot: no MLSD"), ("wrong result", "wrong result"), ("not done", "gave up")):
        if sign in error:
            return words
    return "fails"


def _row(cells: t.Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
