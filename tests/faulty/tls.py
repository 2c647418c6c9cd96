# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS in disrepair: refused, spoken over, or ended without a word."""

from __future__ import annotations

import typing as t

from .fault import DataCut, Fault
from .record import Command, Reply

if t.TYPE_CHECKING:
    from .session import Session
    from .transfer import Transfer


class NoTls(Fault):
    """AUTH is refused."""

    def __init__(self, says: str = "502 No TLS here") -> None:
        self._says = says

    def commanded(self, session: Session, command: Command) -> str | None:
        return self._says if command.verb == "AUTH" else None


class NoProtection(Fault):
    """PROT P is refused: data connections would be in clear."""

    def commanded(self, session: Session, command: Command) -> str | None:
        return "534 Not here" if command.verb == "PROT" else None


class Injection(Fault):
    """Cleartext follows the agreement to TLS in the same packet, as an attacker would add it.

    Parameters:
        text: without CR LF.
    """

    def __init__(self, text: str = "230 Welcome") -> None:
        self._text = text

    def before_reply(self, session: Session, reply: Reply, data: bytes) -> bytes:
        is_auth = reply.command is not None and reply.command.verb == "AUTH"
        return data + self._text.encode() + b"\r\n" if is_auth else data


class PlainData(Fault):
    """PROT P is agreed to, and data connections come in clear nevertheless."""

    def carried_out(self, session: Session, command: Command, reply: str) -> str:
        if command.verb == "PROT":
            session.protected = False
        return reply


class NoGoodbye(Fault):
    """Data connections end without close_notify, so that nobody can tell the end from a cut."""

    def data_ended(self, transfer: Transfer) -> None:
        raise DataCut(says=None, quietly=True)
