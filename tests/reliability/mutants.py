# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deliberate breakages of what keeps content safe, each with tests that have to fail then: `make mutants`.

They are tried in a copy of the checkout. One whose text is not in the code any more is a mistake here.
"""

from __future__ import annotations

import datetime
import glob
import os
import shutil
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

from tests.conftest import ROOT
from tests.reliability import results

_ENGINE = "plugins/module_utils/ftpsync"
_UNIT = "tests/unit/plugins/module_utils/ftpsync"
_DROPS = "tests/engine/test_drop_matrix.py"
_HOSTILE = "tests/engine/test_hostile_server.py"
_TWO = "tests/engine/test_two_sided*.py"
_RESUME = "tests/engine/test_resume.py"
_DOWNLOAD = "tests/engine/test_resume_download.py"
_MEANWHILE = "tests/engine/test_meanwhile.py"


class Mutant(t.NamedTuple):
    """One change.

    Attributes:
        what: is taken away, for people.
        file: within the engine.
        old, new: text; the old one is there once.
        tests: arguments of pytest, with patterns of files.
    """

    what: str
    file: str
    old: str
    new: str
    tests: str


def _if_false(what: str, file: str, condition: str, tests: str) -> Mutant:
    return Mutant(what, file, f"if {condition}:", "if False:", tests)


MUTANTS = [
    _if_false(
        "small files are not compared with what was planned before they are sent",
        "apply/send.py",
        "len(data) != operation.size or hashlib.sha256(data).hexdigest() != sha256",
        "tests/engine/test_bad_input.py -k changes_after_the_plan",
    ),
    _if_false(
        "large files are not compared with what was planned after they were sent",
        "apply/send.py",
        "source.digest() != job.local[operation.path].sha256",
        "tests/engine/test_interruption.py -k written_while",
    ),
    Mutant(
        "what could not be sent does not keep the rest from being published",
        "apply/send.py",
        "    return len(outcome.failed) == failed_before",
        "    return True",
        f"{_HOSTILE} -k unless_all_is_sent",
    ),
    _if_false(
        "an unheard rename does not keep the journal",
        "apply/send.py",
        "unheard is not None",
        f"{_DROPS} -k unheard",
    ),
    _if_false(
        "the size of an upload is not asked for",
        "ftp/carry.py",
        "trailer.size != sent and (trailer.size is not None or offset)",
        f"{_HOSTILE} -k lies",
    ),
    _if_false(
        "a listing over TLS may end without a word",
        "ftp/carry.py",
        "not end.ended_properly and session.facts.says_goodbye",
        f"{_DROPS} -k staged-tls",
    ),
    _if_false(
        "a download may be shorter than SIZE says",
        "ftp/carry.py",
        "size is not None and size != end.received",
        f"{_UNIT}/ftp",
    ),
    _if_false(
        "a failed publication does not keep files from being deleted",
        "apply/phases.py",
        "any(operation.phase != MODES for operation, _line in outcome.failed)",
        f"{_HOSTILE} -k refused",
    ),
    Mutant(
        "the size that the server lists after a publication is not looked at",
        "apply/verify.py",
        "entry.kind == FILE and entry.size in (operation.size, None)",
        "entry.kind == FILE",
        f"{_UNIT}/apply {_HOSTILE}",
    ),
    Mutant(
        "a deletion that the server only claims is believed",
        "apply/verify.py",
        "        if path in listed and (listed",
        "        if False and (listed",
        f"{_HOSTILE} -k refused",
    ),
    Mutant(
        "a lock is taken over that has become somebody else's",
        "records/lock.py",
        "if _read_owner(session, grave) == dead.content:",
        "if True:",
        f"{_UNIT}/records/test_lock.py",
    ),
    Mutant(
        "runs of the same process count as dead",
        "records/lock.py",
        'return owner.get("run") not in _LIVING',
        "return True",
        f"{_UNIT}/records/test_lock.py",
    ),
    Mutant(
        "living processes count as dead",
        "records/lock.py",
        "return pid > 0 and not _alive(pid)",
        "return pid > 0",
        "tests/engine/test_two_runs.py -k living",
    ),
    Mutant(
        "recorded files that a listing lacks are not asked for by name",
        "scan/remote.py",
        "    _confirm_missing(pool, root, crawl, records)\n",
        "",
        f"{_HOSTILE} -k lies",
    ),
    Mutant(
        "a folder counts as unchanged when the recorded names are not the listed ones",
        "scan/recheck.py",
        "there.keys() != inside.keys() or not",
        "not",
        f"{_UNIT}/scan/test_recheck.py tests/engine/test_recheck.py",
    ),
    Mutant(
        "a file that has changed between two attempts is pieced together",
        "ftp/resume.py",
        "if self._marks[:count] != known[:count] or self._read != self._offset:",
        "if False:",
        _RESUME,
    ),
    Mutant(
        "an upload goes on wherever the server says that it is",
        "ftp/resume.py",
        "if self._offset <= lies <= self._read else 0",
        "if lies else 0",
        _RESUME,
    ),
    Mutant(
        "what a dead run left is gone on with",
        "ftp/resume.py",
        "self._trusted = is_new",
        "self._trusted = True",
        _RESUME,
    ),
    Mutant(
        "a download goes on with a file that has become another one",
        "ftp/resume_download.py",
        "return self._mtime is not None and self._look(session) == (self._size, self._mtime)",
        "return True",
        _DOWNLOAD,
    ),
    _if_false(
        "a download that went on is not compared with the file afterwards",
        "ftp/resume_download.py",
        "not self._is_unchanged(session)",
        _DOWNLOAD,
    ),
    _if_false(
        "a download in pieces may have another digest than the file",
        "ftp/resume_download.py",
        "told is not None and told != arrived.digest()",
        _DOWNLOAD,
    ),
    _if_false(
        "a download in pieces may be shorter than the file",
        "ftp/resume_download.py",
        "arrived.count != size",
        _DOWNLOAD,
    ),
    Mutant(
        "a look at the server is believed that another run's publication got in the way of",
        "apply/exclusive.py",
        "            if not _was_overtaken(pool, folder, seen, lock):\n                raise\n",
        "            raise\n",
        _MEANWHILE,
    ),
    Mutant(
        "what is wrong for other reasons is looked at again without need",
        "apply/exclusive.py",
        "return seen is None or (now.manifest, now.journal) != (seen.manifest, seen.journal)",
        "return True",
        _MEANWHILE,
    ),
    Mutant(
        "a file that changes while it is sent in a two-sided run is published",
        "sides/copying.py",
        "if (status.st_size, status.st_mtime) != (entry.size, entry.mtime):",
        "if False:",
        f"{_TWO} -k while_it_is_sent",
    ),
    Mutant(
        "a download writes records on the server",
        "pairs/recorder.py",
        "idle = not self._touched if side == LOCAL else side not in self._touched",
        "idle = False",
        f"{_TWO} -k writes_nothing",
    ),
    Mutant(
        "what was on its way when a two-sided run failed stays",
        "pairs/performing.py",
        "            self._tidy_up()\n",
        "            pass\n",
        _TWO,
    ),
    Mutant(
        "a server that shows other times than were set is believed",
        "pairs/performing.py",
        "        self._check_times()\n",
        "",
        _TWO,
    ),
    Mutant(
        "links in a circle are followed",
        "sides/folder.py",
        "elif identity in above:",
        "elif False:",
        "tests/engine/test_sides.py -k folder_above",
    ),
    Mutant(
        "a local file that somebody has changed meanwhile is replaced or deleted",
        "sides/folder.py",
        "if seen is not None and (entry is None or seen != (entry.size, entry.mtime)):",
        "if False:",
        f"{_TWO} -k meanwhile",
    ),
    Mutant(
        "cleartext after the agreement to TLS is read on",
        "ftp/connection.py",
        "if self._queue or not self._reader.is_empty:",
        "if False:",
        f"{_UNIT}/ftp",
    ),
    Mutant(
        "a pinned certificate may be another one",
        "ftp/tls.py",
        "if self._pin and fingerprint(sock) != self._pin:",
        "if False:",
        f"{_UNIT}/ftp/test_tls.py",
    ),
    Mutant(
        "names with a slash are taken from listings",
        "ftp/listing.py",
        'if b"/" in raw:',
        "if False:",
        f"{_UNIT}/ftp/test_listing.py",
    ),
    Mutant(
        "anybody may open the data connection",
        "ftp/data.py",
        "if address[0] != self._peer:",
        "if False:",
        f"{_UNIT}/ftp",
    ),
    Mutant(
        "a server that loses transfers with commands behind them gets more of these",
        "ftp/pace.py",
        "            self.doubt()\n            raise",
        "            raise",
        f"{_UNIT}/ftp/test_pace.py",
    ),
    Mutant(
        "an upload that an RST has cut short is refused for good",
        "ftp/transfer.py",
        "if error.reply.code in _BROKEN and (self.guessed or self._reset):",
        "if False:",
        f"{_UNIT}/ftp/test_pace.py",
    ),
    Mutant(
        "an answer to what was guessed passes for harmless",
        "ftp/transfer.py",
        "if len(self._after) == 1 and not self.guessed:",
        "if len(self._after) == 1:",
        f"{_UNIT}/ftp/test_pace.py",
    ),
    Mutant(
        "a manifest of a newer format is read",
        "records/manifest.py",
        'if content.get("format") != FORMAT:',
        "if False:",
        f"{_UNIT}/records",
    ),
    Mutant(
        "more may be deleted than max_delete allows",
        "plan.py",
        "if not rules.max_delete.allows(len(deleted), there):",
        "if False:",
        f"{_UNIT}/test_plan.py",
    ),
    Mutant(
        "a copy of a record counts whatever the server tells of the record",
        "records/copies.py",
        "return data if head == _head(glance, data) else None",
        "return data or None",
        f"tests/engine/test_record_cache.py {_UNIT}/records/test_copies.py",
    ),
    Mutant(
        "a data connection that the server has closed or spoken on is used",
        "ftp/ports.py",
        "(data.is_untouched or not self._facts.passive_proven)",
        "True",
        f"{_UNIT}/ftp/test_ports.py",
    ),
    Mutant(
        "renames that a lost connection leaves open, among several, are sent again without a look",
        "apply/publish.py",
        "if attempt or unheard:",
        "if attempt:",
        "tests/engine/test_spread.py",
    ),
    Mutant(
        "pages are published beside what they refer to, not after it",
        "apply/publish.py",
        "key=lambda move: move.operation.rank):",
        "key=lambda move: 0):",
        "tests/engine/test_spread.py",
    ),
    Mutant(
        "what the server said of the record when the lock was taken is believed of any record",
        "records/state.py",
        "if self.glance(replies[:3]) != seen.glance:",
        "if False:",
        f"{_UNIT}/records/test_state.py",
    ),
]


def _caught(folder: Path, mutant: Mutant) -> bool:
    path = folder / _ENGINE / mutant.file
    original = path.read_text(encoding="utf-8")
    if original.count(mutant.old) != 1:
        raise SystemExit(f"mutants: {mutant.file} has {original.count(mutant.old)} times: {mutant.old}")
    try:
        path.write_text(original.replace(mutant.old, mutant.new), encoding="utf-8")
        tests = [
            word
            for pattern in mutant.tests.split()
            for word in sorted(glob.glob(pattern, root_dir=folder)) or [pattern]
        ]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
        ended = subprocess.run(command, cwd=folder, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    finally:
        path.write_text(original, encoding="utf-8")
    if ended.returncode not in (0, 1):
        raise SystemExit(f"mutants: {' '.join(command)}\n{ended.stdout.decode()}")
    return ended.returncode == 1


def main() -> None:
    """Tries all, or those whose files are named."""
    wanted = [mutant for mutant in MUTANTS if not sys.argv[1:] or mutant.file in sys.argv[1:]]
    tried = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "copy"
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".venv", ".git", "collections", ".cache", "dist"))
        for mutant in wanted:
            caught = _caught(folder, mutant)
            print("caught  " if caught else "SURVIVED", mutant.what, flush=True)
            tried.append({"what": mutant.what, "file": mutant.file, "caught": caught})
    if len(wanted) == len(MUTANTS):
        today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
        results.store("mutants", {"date": today, "tried": tried})
    if not all(row["caught"] for row in tried):
        os._exit(1)


if __name__ == "__main__":
    main()
