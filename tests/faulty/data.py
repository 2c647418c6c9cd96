# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of data connections: they are not opened, end early, stall or drip, or carry less than is said."""

from __future__ import annotations

import typing as t

from .fault import Cut, DataCut, Fault, When, always
from .record import Command

if t.TYPE_CHECKING:
    from .session import Session
    from .transfer import Transfer


class Which(t.NamedTuple):
    """Chooses data connections.

    Attributes:
        number: the n-th of the server, or 0 for all.
        when: further, by its command.
    """

    number: int = 0
    when: When = always

    def holds(self, transfer: Transfer) -> bool:
        return self.number in (0, transfer.number) and self.when(transfer.command, None)


class DataDrop(Fault):
    """A data connection ends after some bytes, by RST.

    Parameters:
        which: which one.
        after: bytes that get through.
        says: the final reply; None for that of a complete transfer.
        quietly: it ends by FIN, as if that were all: a file or listing is cut short.
        control: "" leaves the control connection; "drop" and "reset" end it as well.
        action: called before, for instance to kill the client.
    """

    def __init__(
        self,
        which: Which,
        after: int = 0,
        *,
        says: str | None = "426 Data connection broken",
        quietly: bool = False,
        control: str = "",
        action: t.Callable[[], object] = bool,
    ) -> None:
        self._which = which
        self._after = after
        self._says = says
        self._quietly = quietly
        self._control = control
        self._action = action

    def _cut(self, transfer: Transfer, block: bytes) -> Exception:
        self._action()
        if not self._control:
            return DataCut(block, self._says, self._quietly)
        transfer.keep(block)
        return Cut(reset=self._control == "reset")

    def data_opened(self, transfer: Transfer) -> None:
        if self._after == 0 and self._which.holds(transfer):
            raise self._cut(transfer, b"")

    def block(self, transfer: Transfer, block: bytes) -> bytes:
        left = self._after - transfer.count
        if self._which.holds(transfer) and left <= len(block):
            raise self._cut(transfer, block[:left])
        return block


class DataStall(Fault):
    """A data connection stands still after some bytes, and stays open."""

    def __init__(self, which: Which, after: int = 0) -> None:
        self._which = which
        self._after = after

    def block(self, transfer: Transfer, block: bytes) -> bytes:
        if self._which.holds(transfer) and transfer.count + len(block) > self._after:
            transfer.session.wait_for_end(60)
            raise Cut
        return block


class DataDrip(Fault):
    """Content comes in small pieces.

    Parameters:
        size: bytes of a piece.
        pause: seconds between two of them.
    """

    def __init__(self, which: Which, size: int, pause: float) -> None:
        self._which = which
        self._size = size
        self._pause = pause

    def block(self, transfer: Transfer, block: bytes) -> bytes:
        if not self._which.holds(transfer) or transfer.incoming:
            return block
        for start in range(0, len(block), self._size):
            transfer.sock.sendall(block[start : start + self._size])
            if transfer.session.wait_for_end(self._pause):
                break
        return b""


class NoData(Fault):
    """A port is named at which nobody answers."""

    def __init__(self, when: When) -> None:
        self._when = when

    def carried_out(self, session: Session, command: Command, reply: str) -> str:
        if command.verb in ("EPSV", "PASV") and self._when(command, None):
            session.close_listener()
        return reply


class ShortUpload(Fault):
    """The end of an upload is lost, and the server says that it has all of it.

    Parameters:
        keep: bytes that are kept.
    """

    def __init__(self, which: Which, keep: int) -> None:
        self._which = which
        self._keep = keep

    def block(self, transfer: Transfer, block: bytes) -> bytes:
        if transfer.incoming and self._which.holds(transfer):
            return block[: max(0, self._keep - transfer.count)]
        return block
