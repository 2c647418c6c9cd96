# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An FTP server for tests that does all as it should, until it is told not to.

    with FaultyFtp(Drop(at_reply(40), after=True)) as server:
        ...  # server.url, server.root, server.record.commands

Files: `server.py` listens, `session.py` reads commands, `verbs.py` and `transfer.py` carry them out on `disk.py`,
`record.py` keeps what was seen. `fault.py` says what a fault is and when it strikes; the faults are in `control.py`,
`data.py`, `replies.py`, `lies.py`, `limits.py` and `tls.py`. Only the standard library is used.
"""

from __future__ import annotations

from .control import Drip, Drop, DropBefore, Gone, Stall, Strike
from .data import DataDrip, DataDrop, DataStall, NoData, ShortUpload, Which
from .fault import Cut, DataCut, Fault, When, always, at_command, at_reply, from_reply, on, on_path, times
from .lies import (
    CutListing,
    EmptyListing,
    FoldersWithoutEnd,
    HiddenFiles,
    HostileNames,
    Listing,
    LyingFeatures,
    LyingSize,
)
from .limits import FullDisk, MostConnections, MostLogins, NoRenameOntoFiles, Quota, ReadOnly, Without, WriteOnly
from .record import Command, DataSeen, Record, Reply
from .replies import Claim, Deny, Endless, Extra, Late, Oversized, Pieces, Refuse, Say, Twice, Undecodable
from .server import FaultyFtp
from .tls import Injection, NoGoodbye, NoProtection, NoTls, PlainData

__all__ = [
    "Claim",
    "Command",
    "Cut",
    "CutListing",
    "DataCut",
    "DataDrip",
    "DataDrop",
    "DataSeen",
    "DataStall",
    "Deny",
    "Drip",
    "Drop",
    "DropBefore",
    "EmptyListing",
    "Endless",
    "Extra",
    "Fault",
    "FaultyFtp",
    "FoldersWithoutEnd",
    "FullDisk",
    "Gone",
    "HiddenFiles",
    "HostileNames",
    "Injection",
    "Late",
    "Listing",
    "LyingFeatures",
    "LyingSize",
    "MostConnections",
    "MostLogins",
    "NoData",
    "NoGoodbye",
    "NoProtection",
    "NoRenameOntoFiles",
    "NoTls",
    "Oversized",
    "Pieces",
    "PlainData",
    "Quota",
    "ReadOnly",
    "Record",
    "Refuse",
    "Reply",
    "Say",
    "ShortUpload",
    "Stall",
    "Strike",
    "Twice",
    "Undecodable",
    "When",
    "Which",
    "Without",
    "WriteOnly",
    "always",
    "at_command",
    "at_reply",
    "from_reply",
    "on",
    "on_path",
    "times",
]
