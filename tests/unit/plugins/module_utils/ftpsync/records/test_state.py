# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Our folder on a server, as runs leave it that lost their connection or were refused something."""

from __future__ import annotations

import contextlib
import os
import typing as t
from pathlib import Path

import pytest

from ftpsync.errors import ConnectionLost, ListingDoubtful, ManifestError, ServerRefused
from ftpsync.ftp.options import ConnectOptions
from ftpsync.ftp.session import Session
from ftpsync.model import Record
from ftpsync.records import journal as journals
from ftpsync.records import manifest as manifests
from ftpsync.records.copies import Glance
from ftpsync.records.state import State, StateFolder
from tests.faulty import Deny, Drop, EmptyListing, FaultyFtp, Refuse, at_reply, on, on_path, times

FOLDER = StateFolder("/.ftpsync", "/")


def manifest(generation: int) -> manifests.Manifest:
    return manifests.Manifest("/", generation, "", {f"file{generation}": Record("file", 1, "0" * 64)}, {})


def journal(generation: int) -> bytes:
    return journals.dump(journals.Journal(generation, {}, {}))


@pytest.fixture
def server(tmp_path: Path) -> t.Iterator[FaultyFtp]:
    (tmp_path / ".ftpsync").mkdir()
    with FaultyFtp(root=tmp_path) as running:
        yield running


@pytest.fixture
def session(server: FaultyFtp) -> t.Iterator[Session]:
    session = Session(ConnectOptions(server.host, server.port, server.username, server.password, timeout=5))
    session.open()
    session.list_folder("/")
    yield session
    session.close()


def put(server: FaultyFtp, **files: bytes) -> None:
    names = {"new": "manifest.new.json", "previous": "manifest.previous.json"}
    for name, content in files.items():
        (server.root / ".ftpsync" / names.get(name, f"{name}.json")).write_bytes(content)


WHOLE = manifests.dump(manifest(2))
HALF = WHOLE[: len(WHOLE) // 2]


def test_the_first_manifest_was_not_finished(server: FaultyFtp, session: Session) -> None:
    for half in (b"", HALF):
        put(server, new=half, journal=journal(0))
        state = FOLDER.read(session)
        assert state.manifest is None and state.journal is not None


def test_a_further_manifest_was_not_finished(server: FaultyFtp, session: Session) -> None:
    put(server, new=HALF, previous=manifests.dump(manifest(1)), journal=journal(1))
    state = FOLDER.read(session)
    assert state.manifest == manifest(1) and state.journal is not None


@pytest.mark.parametrize(
    "files", [{}, {"journal": journal(1)}, {"journal": b"{"}, {"previous": manifests.dump(manifest(1))}]
)
def test_a_damaged_manifest_that_no_journal_explains(
    server: FaultyFtp, session: Session, files: dict[str, bytes]
) -> None:
    put(server, new=HALF, **files)
    with pytest.raises(ManifestError, match=r"manifest\.new\.json is damaged"):
        FOLDER.read(session)


def test_a_finished_one_counts_before_its_rename(server: FaultyFtp, session: Session) -> None:
    put(server, new=manifests.dump(manifest(2)), previous=manifests.dump(manifest(1)), journal=journal(1))
    state = FOLDER.read(session)
    assert state.manifest == manifest(2) and state.journal is None


@pytest.mark.parametrize("generation", [1, 2])
def test_the_journal_stays_until_the_manifest_is_there(server: FaultyFtp, session: Session, generation: int) -> None:
    put(server, journal=journal(generation - 1))
    if generation > 1:
        put(server, manifest=manifests.dump(manifest(generation - 1)))
    server.faults = (Refuse(on_path("RNTO", "/manifest.json")),)
    with pytest.raises(ServerRefused, match="cannot be replaced: 550"):
        FOLDER.write_manifest(session, manifest(generation))
    assert (server.root / ".ftpsync/journal.json").exists()
    server.faults = ()
    FOLDER.write_manifest(session, manifest(generation))
    assert not (server.root / ".ftpsync/journal.json").exists()
    assert FOLDER.read(session).manifest == manifest(generation)


def test_a_journal_that_cannot_be_read_is_none_that_is_damaged(server: FaultyFtp, session: Session) -> None:
    put(server, manifest=manifests.dump(manifest(1)), journal=journal(1))
    server.faults = (Refuse(on_path("RETR", "journal.json")),)
    with pytest.raises(ManifestError, match=r"journal\.json is there but cannot be read"):
        FOLDER.read(session)


def test_another_run_makes_the_folder_between_two_looks(server: FaultyFtp, session: Session) -> None:
    put(server, manifest=manifests.dump(manifest(1)))
    server.faults = (Refuse(times(1, on_path("MLSD", "/.ftpsync/"))), Refuse(times(1, on("CWD"))))
    assert FOLDER.read(session).manifest == manifest(1)
    server.faults = (Refuse(on_path("MLSD", "/.ftpsync/")), Refuse(on("CWD")))
    with pytest.raises(ManifestError, match="is there but cannot be listed"):
        FOLDER.read(session)


def test_a_listing_that_hides_the_manifest(server: FaultyFtp, session: Session) -> None:
    put(server, manifest=manifests.dump(manifest(1)))
    server.faults = (EmptyListing("/.ftpsync"),)
    with pytest.raises(ListingDoubtful, match=r"lacks manifest\.json, which is there"):
        FOLDER.read(session)


def glance(session: Session) -> Glance | None:
    return FOLDER.glance(list(session.pipeline(FOLDER.questions())))


def test_a_glance_tells_that_only_the_manifest_has_to_be_read(server: FaultyFtp, session: Session) -> None:
    assert glance(session) is None, "there is none"
    put(server, manifest=manifests.dump(manifest(1)))
    seen = glance(session)
    assert seen is not None and seen.size == (server.root / ".ftpsync/manifest.json").stat().st_size
    before = len(server.record.commands)
    state = FOLDER.read(session, seen)
    assert state.manifest == manifest(1) and state.names is None and state.holds("stage")
    assert not {command.verb for command in server.record.commands[before:]}.intersection(("MLSD", "LIST"))
    put(server, journal=journal(1))
    assert glance(session) is None, "a journal has to be looked at"


@pytest.mark.parametrize("verb", ["SIZE", "MDTM"])
def test_a_server_without_an_answer_gives_no_glance_or_no_time(server: FaultyFtp, session: Session, verb: str) -> None:
    put(server, manifest=manifests.dump(manifest(1)))
    server.faults = (Deny(on(verb)),)
    seen = glance(session)
    assert seen is None if verb == "SIZE" else seen is not None and seen.mtime is None


def looked(session: Session) -> State:
    """Our folder as a run reads it that glanced at it when it logged in."""
    seen = glance(session)
    assert seen is not None
    return FOLDER.read(session, seen)


@pytest.mark.parametrize("form", ["%s", ""])
def test_a_manifest_that_is_the_same_is_not_read_again(server: FaultyFtp, session: Session, form: str) -> None:
    put(server, manifest=manifests.dump(manifest(1)))
    (server.root / ".ftpsync/stage").mkdir()
    (server.root / ".ftpsync/stage/left").write_bytes(b"four")
    state = looked(session)
    session.facts.stat_form = form
    before = len(server.record.commands)
    again = FOLDER.read_again(session, state)
    assert "RETR" not in [command.verb for command in server.record.commands[before:]]
    assert again.manifest == manifest(1) and again.names == {"manifest.json", "stage"}
    assert again.lying in ({"left": 4}, None)


def test_answers_to_earlier_questions_count(server: FaultyFtp, session: Session) -> None:
    """A lock asks them when it is taken; those that are not complete are asked again."""
    put(server, manifest=manifests.dump(manifest(1)))
    state = looked(session)
    session.facts.stat_form = "%s"
    questions = FOLDER.look_again(session.facts, state)
    answers = list(session.pipeline(questions))
    before = len(server.record.commands)
    assert FOLDER.read_again(session, state, answers).manifest == manifest(1)
    assert not {"SIZE", "MDTM", "STAT", "RETR"} & {command.verb for command in server.record.commands[before:]}
    put(server, manifest=manifests.dump(manifest(2)))
    newer = list(session.pipeline(questions))
    assert FOLDER.read_again(session, state, newer).manifest == manifest(2)
    assert FOLDER.read_again(session, state, answers[:-1]).manifest == manifest(2)


NEW = State(exists=False)


def test_a_folder_that_is_still_new_is_not_listed(server: FaultyFtp, session: Session) -> None:
    FOLDER.prepare(session, NEW)
    server.record.commands.clear()
    fresh = FOLDER.read_again(session, NEW)
    assert {command.verb for command in server.record.commands} == {"SIZE", "MDTM"}
    assert fresh == State(True, frozenset({"lock", "stage", "backup", ".htaccess"}), lying={})


def test_what_an_earlier_run_left_in_the_stage_is_for_a_listing_to_tell(server: FaultyFtp, session: Session) -> None:
    seen = State(True, frozenset({"stage"}))
    FOLDER.prepare(session, seen)
    assert FOLDER.read_again(session, seen).lying is None


@pytest.mark.parametrize("files", [{"manifest": WHOLE}, {"new": WHOLE, "journal": journal(1)}, {"journal": journal(0)}])
def test_a_new_folder_in_which_another_run_was_faster(
    server: FaultyFtp, session: Session, files: dict[str, bytes]
) -> None:
    FOLDER.prepare(session, NEW)
    put(server, **files)
    fresh = FOLDER.read_again(session, NEW)
    assert fresh == FOLDER.read(session)
    assert fresh.manifest is not None or fresh.journal is not None


@pytest.mark.parametrize("fault", [Refuse(on("SIZE")), Refuse(on("SIZE"), "502 Unknown")])
def test_a_server_that_tells_no_sizes_says_nothing_of_a_new_folder(
    server: FaultyFtp, session: Session, fault: Refuse
) -> None:
    FOLDER.prepare(session, NEW)
    server.faults = (fault,)
    put(server, manifest=WHOLE)
    with contextlib.suppress(ServerRefused):  # where it denies what its listing shows
        assert FOLDER.read_again(session, NEW).manifest == manifest(2)


@pytest.mark.parametrize("number", range(1, 4))
def test_a_connection_that_is_lost_while_the_folder_is_made(server: FaultyFtp, session: Session, number: int) -> None:
    """What was not heard of is made again."""
    (server.root / ".ftpsync").rmdir()
    server.faults = (Drop(at_reply(len(server.record.replies) + number)),)
    with pytest.raises(ConnectionLost):
        FOLDER.prepare(session, NEW)
    server.faults = ()
    session.reopen()
    FOLDER.prepare(session, NEW)
    assert set(os.listdir(server.root / ".ftpsync")) == {"stage", "backup", ".htaccess"}


@pytest.mark.parametrize("generation", [2, 3])
def test_a_manifest_of_another_generation_is_read(server: FaultyFtp, session: Session, generation: int) -> None:
    """Within the same second, and with content of the same length."""
    file = server.root / ".ftpsync/manifest.json"
    put(server, manifest=manifests.dump(manifest(1)))
    before = file.stat()
    state = looked(session)
    other = manifest(1)._replace(generation=generation)
    put(server, manifest=manifests.dump(other))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert FOLDER.read_again(session, state).manifest == other


def test_a_manifest_that_is_replaced_between_glance_and_look(server: FaultyFtp, session: Session) -> None:
    put(server, manifest=manifests.dump(manifest(1)))
    seen = glance(session)
    folder = server.root / ".ftpsync"
    (folder / "manifest.json").rename(folder / "manifest.previous.json")
    put(server, new=manifests.dump(manifest(2)))
    assert FOLDER.read(session, seen).manifest == manifest(2)


def test_a_damaged_manifest_is_no_better_for_a_glance(server: FaultyFtp, session: Session) -> None:
    put(server, manifest=HALF)
    with pytest.raises(ManifestError, match=r"manifest\.json is damaged"):
        FOLDER.read(session, glance(session))


def test_what_a_run_has_left_meanwhile_is_seen(server: FaultyFtp, session: Session) -> None:
    put(server, manifest=manifests.dump(manifest(1)))
    state = looked(session)
    put(server, journal=journal(1))
    again = FOLDER.read_again(session, state)
    assert again.journal is not None and again.names == {"manifest.json", "journal.json"}
    server.faults = (Refuse(on_path("SIZE", "/journal.json")),)
    assert FOLDER.read_again(session, state).journal is not None, "a listing is believed more than a refusal"
    server.faults = ()
    (server.root / ".ftpsync/journal.json").unlink()
    (server.root / ".ftpsync/manifest.json").rename(server.root / ".ftpsync/manifest.previous.json")
    assert FOLDER.read_again(session, state).names == {"manifest.previous.json"}


@pytest.mark.parametrize("used", [False, True])
def test_a_folder_that_holds_something_stays_closed_to_visitors(
    server: FaultyFtp, session: Session, used: bool
) -> None:
    FOLDER.prepare(session, FOLDER.read(session))
    ours = server.root / ".ftpsync"
    if used:
        (ours / "backup/kept").touch()
    FOLDER.remove(session)
    assert (ours / ".htaccess").exists() == ours.exists() == used
