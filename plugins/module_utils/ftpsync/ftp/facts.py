# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What was learned about one server, shared by all its sessions.

Each fact is found out once and spares the others the attempt. Attributes are replaced as a whole, so
that threads may read them at any time; what takes several steps holds the lock. No sockets here.
"""

from __future__ import annotations

import threading
import typing as t
import zlib

from .ladder import MODE_RUNGS, MTIME_RUNGS, Ladder, Rung
from .replies import Features
from .wire import Reply

STAT_FORMS = ("%s", "-a %s")  # of STAT's argument: some servers show hidden files only if asked to
MLSD = "MLSD"
LIST = "LIST"
EPSV = "EPSV"
PASV = "PASV"


# Bytes of commands under way: enough to hide a round trip of 300 ms, and small enough for the buffers of both
# systems, so that neither side ever waits for the other to read.
WINDOW_BYTES = 48 * 1024
ONE_READ = 3500


class Wager:
    """A short cut that saves a round trip when it goes well, as nearly always, and else costs a login and a file."""

    _PRICE = 12  # round trips that a lost one costs

    def __init__(self) -> None:
        self._won = 0
        self._lost = 0
        self._lock = threading.Lock()

    def note(self, won: bool) -> None:
        """Takes how one went."""
        with self._lock:
            self._won += won
            self._lost += not won

    @property
    def pays(self) -> bool:
        """Whether to go on; not if the first one was lost."""
        return not self._lost or self._lost * self._PRICE < self._won + self._PRICE


class ServerFacts:
    """Quirks and abilities of a server.

    Attributes:
        banner: the first reply, without code.
        system: the reply to SYST, without code.
        features: FEAT, as far as it was answered.
        authenticated: whether a login succeeded; a later 530 then means too many connections.
        wants_password: whether a user was answered 331, as nearly everywhere, now or by an earlier run.
        home: the working directory after login, or None.
        tls_version: such as ``TLSv1.3``, or "".
        certificate_sha256: 64 hexadecimal digits, or "".
        key_group: OpenSSL's name of the group that the server chooses in TLS handshakes, "" where that is offered
            anyway; None while unknown.
        passive: EPSV or PASV: the one to try, and, once ``passive_proven``, the one that works.
        listing: MLSD or LIST, once ``listing_proven``: a listing succeeded with it; before, None means undecided.
        list_all: whether ``LIST -a`` shows hidden names; None while unknown.
        stat_form: the argument with which STAT lists a folder completely, "" where none does; None while unknown.
        size_works: whether SIZE is known to the server.
        uploads_resume: whether STOR after REST is worth an attempt, if FEAT names it.
        downloads_resume: the same of RETR.
        says_goodbye: whether a data connection ended as it should; over TLS one that does not may be cut then.
        one_at_a_time: whether the server reads no command before the transfer ahead of it has ended; None while
            unknown (pace.py).
        reads_one_at_a_time: the same, as far as listings and downloads tell.
        asks_early: an event-driven server may be asked for the next port before all data of a download are here.
        guesses: an event-driven server may be told what comes next when a transfer should be over for it.
        resets: vsftpd may be sent an RST behind the end of an upload.
        half_closes: downloads work, too, with our side of the data connection closed from the start; None while
            unknown.
    """

    def __init__(self) -> None:
        self.banner = ""
        self.system = ""
        self.features: Features | None = None
        self.utf8: bool | None = None
        self.authenticated = False
        self.wants_password = False
        self.home: str | None = None
        self.tls_version = ""
        self.certificate_sha256 = ""
        self.key_group: str | None = None
        self.passive = EPSV
        self.passive_proven = False
        self.listing: str | None = None
        self.listing_proven = False
        self.list_all: bool | None = None
        self.stat_form: str | None = None
        self.size_works = True
        self.uploads_resume = True
        self.downloads_resume = True
        self.says_goodbye = False
        self.one_at_a_time: bool | None = None
        self.reads_one_at_a_time: bool | None = None
        self.asks_early = True
        self.guesses = Wager()
        self.resets = Wager()
        self.half_closes: bool | None = None
        self._lock = threading.Lock()
        self._mtime = Ladder(MTIME_RUNGS)
        self._mode = Ladder(MODE_RUNGS)

    def learn_features(self, features: Features) -> None:
        """Takes the answer to FEAT; what it says is where attempts start, not what is believed."""
        with self._lock:
            self.features = features
            self._mtime.learn(features)
            self._mode.learn(features)
            if self.listing is None:
                offers_mlsd = not features.known or features.has("MLST") or features.has("MLSD")
                self.listing = MLSD if offers_mlsd else LIST

    def mtime_rungs(self) -> list[Rung]:
        """Gives the ways to set a time that are worth an attempt, best first."""
        with self._lock:
            return self._mtime.candidates()

    def mode_rungs(self) -> list[Rung]:
        """Gives the ways to set a mode that are worth an attempt, best first."""
        with self._lock:
            return self._mode.candidates()

    def note_mtime(self, outcomes: t.Sequence[tuple[Rung, Reply]]) -> bool:
        """Takes the outcome of setting one file's time; tells whether it is set."""
        with self._lock:
            return self._mtime.note(outcomes)

    def note_mode(self, outcomes: t.Sequence[tuple[Rung, Reply]]) -> bool:
        """Takes the outcome of setting one file's mode; tells whether it is set."""
        with self._lock:
            return self._mode.note(outcomes)

    def learned(self) -> dict[str, t.Any]:
        """What trials have shown, for ``recall`` by a later run."""
        return {
            "server": self._signature,
            "stat_form": self.stat_form,
            "one_at_a_time": self.one_at_a_time,
            "mtime_command": self._mtime.method,
        }

    def recall(self, learned: object) -> None:
        """Takes what an earlier run has learned, unless the server is another one or its software has changed.

        Whatever behaves otherwise now is found out as in the first place. That something does not work is not taken
        over: the trial may have failed for another reason, a lost connection for instance.
        """
        if not isinstance(learned, dict) or learned.get("server") != self._signature:
            return
        with self._lock:
            if self.stat_form is None and learned.get("stat_form") in STAT_FORMS:
                self.stat_form = learned["stat_form"]
            if learned.get("one_at_a_time") is True and self.one_at_a_time is None:
                self.one_at_a_time = True
            self._mtime.prefer(learned.get("mtime_command"))

    @property
    def _signature(self) -> str:
        """Tells one server's software from another; a banner may tell the time of day."""
        offered = sorted(self.features.parameters.items()) if self.features else []
        return "%08x" % zlib.crc32(repr((self.system, offered)).encode("utf-8", "surrogateescape"))

    def note_pace(self, one_at_a_time: bool, writing: bool) -> None:
        """Takes what a transfer showed; that a server does several things at a time is never forgotten."""
        with self._lock:
            if self.reads_one_at_a_time is not False:
                self.reads_one_at_a_time = one_at_a_time
            if writing and self.one_at_a_time is not False:
                self.one_at_a_time = one_at_a_time

    @property
    def window_bytes(self) -> int:
        """How many bytes of commands may be under way without their replies.

        ProFTPD (seen with 1.3.8) reads some 4,000 bytes at a time, and takes two commands for one if they end
        between CR and LF. So it never gets more than one read holds; under TLS it reads by records, which end
        where commands do.
        """
        return ONE_READ if self.is_proftpd and not self.tls_version else WINDOW_BYTES

    @property
    def is_proftpd(self) -> bool:
        """Whether the server is ProFTPD, by its banner or by what only ProFTPD offers."""
        mff = self.features.parameters.get("MFF", "") if self.features else ""
        return "ProFTPD" in self.banner or "unix.mode" in mff.lower()

    @property
    def is_vsftpd(self) -> bool:
        """Whether the server is vsftpd, by its banner."""
        return "vsFTPd" in self.banner

    @property
    def mtime_settable(self) -> bool | None:
        """Whether times can be set; None while unknown."""
        return self._mtime.works

    @property
    def mode_settable(self) -> bool | None:
        """Whether modes can be set; None while unknown."""
        return self._mode.works

    @property
    def exact_times(self) -> bool:
        """Whether listings have times to the second, in UTC (MLSD)."""
        return self.listing == MLSD

    def as_dict(self) -> dict[str, t.Any]:
        """Gives the facts for a result."""
        return {
            "banner": self.banner,
            "system": self.system,
            "features": sorted(self.features.parameters) if self.features else [],
            "tls": self.tls_version or None,
            "certificate_sha256": self.certificate_sha256 or None,
            "data_connections": self.passive if self.passive_proven else None,
            "listing": self.listing,
            "hidden_files": self.list_all if self.listing == LIST else None,
            "utf8": self.utf8,
            "mtime_settable": self.mtime_settable,
            "mtime_command": self._mtime.method or None,
            "mode_settable": self.mode_settable,
        }
