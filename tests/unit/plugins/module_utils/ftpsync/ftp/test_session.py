# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import time
import typing as t
from io import BytesIO

import pytest

from ftpsync.errors import ConnectionLost, ListingDoubtful, LocalError, ServerRefused, TooLarge, UsageError
from ftpsync.ftp.session import Session
from ftpsync.ftp.stat import find_form
from ftpsync.model import DIRECTORY, FILE

from .conftest import LocalServer, ScriptedServer, Talk

TalkTo = t.Callable[..., t.Tuple[Session, ScriptedServer]]


@pytest.fixture
def session(local: LocalServer) -> t.Iterator[Session]:
    session = Session(local.options())
    session.open()
    yield session
    session.close()


def content(session: Session, path: str) -> bytes:
    parts: list[bytes] = []
    session.retrieve(path, parts.append)
    return b"".join(parts)


def test_store_and_retrieve(session: Session, local: LocalServer) -> None:
    told: list[int] = []
    result = session.store(
        "/a.tmp",
        BytesIO(b"x" * 300000),
        300000,
        mtime=1000000000,
        mode=0o600,
        rename_to="/a",
        progress=told.append,
    )
    assert (result.sent, result.size, result.mtime_set, result.mode_set) == (300000, 300000, True, True)
    assert result.renamed is not None
    assert result.renamed.is_ok
    assert sum(told) == 300000
    found = (local.root / "a").stat()
    assert (found.st_size, found.st_mtime, found.st_mode & 0o777) == (300000, 1000000000, 0o600)
    assert content(session, "/a") == b"x" * 300000
    assert session.facts.mtime_settable
    assert session.facts.exact_times


def test_a_port_is_asked_for_in_advance(session: Session, local: LocalServer) -> None:
    for number in range(5):
        session.store("/%d" % number, BytesIO(b"x"), 1, more=True)
    assert len(os.listdir(local.root)) == 5
    assert session.list_folder("/").entries[0].entry.size == 1


def test_names(session: Session, local: LocalServer) -> None:
    names = [" a b ", "-l", "#", "100%", "a;b", "[x]", "*", "~", "'\"", "e\u0301", "\u00e9", "x" * 200, "a -> b"]
    for name in names:
        session.store("/" + name, BytesIO(b""), 0)
    assert sorted(os.listdir(local.root)) == sorted(names)
    assert sorted(entry.name for entry in session.list_folder("/").entries) == sorted(names)


def test_list_folder(session: Session, local: LocalServer) -> None:
    (local.root / "d ").mkdir(mode=0o750)
    (local.root / "d " / ".hidden").write_bytes(b"123")
    (entry,) = session.list_folder("/").entries
    assert (entry.name, entry.entry.kind, entry.entry.mode) == ("d ", DIRECTORY, 0o750)
    listing = session.list_folder("/d ")
    assert (listing.method, listing.shows_hidden) == ("MLSD", True)
    assert [(name, entry.kind, entry.size) for name, entry in listing.entries] == [(".hidden", FILE, 3)]


def test_list_folder_without_mlsd(local: LocalServer) -> None:
    local.handler.proto_cmds = {
        name: value for name, value in local.handler.proto_cmds.items() if name not in ("MLSD", "MLST", "FEAT")
    }
    (local.root / "d").mkdir()
    (local.root / "d" / ".hidden").write_bytes(b"123")
    session = Session(local.options())
    session.open()
    assert [name for name, _entry in session.list_folder("/d").entries] == [".hidden"]
    assert not session.facts.exact_times
    with pytest.raises(ServerRefused, match="CWD /missing"):
        session.list_folder("/missing")
    (local.root / "empty").mkdir()
    assert session.list_folder("/empty").entries == []
    session.close()


def test_missing_folders_and_files(session: Session) -> None:
    with pytest.raises(ServerRefused, match="/missing"):
        session.list_folder("/missing")
    with pytest.raises(ServerRefused, match="RETR /missing was refused: 550"):
        session.retrieve("/missing", lambda _data: None)
    assert session.list_folder("/").entries == []
    assert session.facts.listing == "MLSD"


MISSING = b"550 no such folder"


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        # Two commands have said so; Pure-FTPd makes whoever asks again wait, longer each time.
        ({"MLSD": MISSING, "CWD": MISSING}, ["MLSD /x/", "CWD /x"]),
        # Here only one has said anything of the folder.
        ({"MLSD": b"500 what?", "CWD": MISSING}, ["MLSD /x/", "CWD /x", "CWD /x/"]),
    ],
    ids=["both", "no MLSD"],
)
def test_a_missing_folder_is_asked_for_twice(talk_to: TalkTo, answers: dict[str, t.Any], asked: list[str]) -> None:
    session, server = talk_to(answers)
    with pytest.raises(ServerRefused, match="550 no such folder"):
        session.list_folder("/x")
    assert [line for line in server.heard if line.startswith(("MLSD", "LIST", "CWD"))] == asked


def test_empty_mlsd_is_confirmed(talk_to: TalkTo) -> None:
    session, _server = talk_to({"MLSD": Talk.retrieve, "CWD": b"550 no such folder"})
    with pytest.raises(ServerRefused, match="550 no such folder"):
        session.list_folder("/x")


LINES = b"-rw-r--r-- 1 u g 1 Sep 09  2001 a\r\n"


def listed(answers: dict[str, bytes]) -> t.Callable[[Talk, str], None]:
    def answer(talk: Talk, argument: str) -> None:
        talk.stored = answers[argument]
        talk.retrieve(argument)

    return answer


@pytest.mark.parametrize("refusal", [b"500 what?", b"550 Unable to handle command"])
def test_feat_that_lies_about_mlsd(talk_to: TalkTo, refusal: bytes) -> None:
    session, server = talk_to({"MLSD": refusal, "LIST": listed({"-a": LINES})})
    for _number in range(2):
        assert [entry.name for entry in session.list_folder("/x").entries] == ["a"]
    assert sum(line.startswith("MLSD") for line in server.heard) == 1


@pytest.mark.parametrize(
    "answer", [listed({"-a": b"", "": LINES}), listed({"-a": b"ls: -a: none\r\n", "": LINES}), None]
)
def test_servers_that_take_minus_a_for_a_name(talk_to: TalkTo, answer: t.Any) -> None:
    def refuse(talk: Talk, argument: str) -> None:
        if argument:
            talk.say(b"550 no such file\r\n")
        else:
            listed({"": LINES})(talk, argument)

    session, server = talk_to({"FEAT": b"211-x\r\n211 x", "LIST": answer or refuse})
    for _number in range(2):
        assert [entry.name for entry in session.list_folder("/x").entries] == ["a"]
    assert server.heard.count("LIST -a") == 1


def test_a_cut_listing_is_doubtful(talk_to: TalkTo) -> None:
    def mlsd(talk: Talk, _argument: str) -> None:
        with talk.accept() as data:
            talk.say(b"150 go\r\n")
            data.sendall(b"type=file; a\r\n")
        talk.say(b"226 Output truncated to 1 matches\r\n")

    session, _server = talk_to({"MLSD": mlsd})
    with pytest.raises(ListingDoubtful, match="truncated"):
        session.list_folder("/x")


def test_incomplete_downloads_are_noticed(talk_to: TalkTo) -> None:
    session, _server = talk_to({"SIZE": b"213 7"})
    with pytest.raises(ConnectionLost, match="/a has 7 bytes, but 0 arrived"):
        session.retrieve("/a", lambda _data: None)


def test_limit(session: Session, talk_to: TalkTo) -> None:
    session.store("/a", BytesIO(b"12345"), 5)
    with pytest.raises(TooLarge, match="/a has 5 bytes, more than 4"):
        session.retrieve("/a", lambda _data: None, limit=4)
    assert session.retrieve("/a", lambda _data: None, limit=5) == 5
    other, _server = talk_to({"SIZE": b"500 unknown"})
    other.store("/a", BytesIO(b"12345"), 5)
    with pytest.raises(TooLarge, match="more than 4"):
        other.retrieve("/a", lambda _data: None, limit=4)


def test_a_wrong_size_prevents_the_rename(talk_to: TalkTo) -> None:
    session, server = talk_to({"SIZE": b"213 2"})
    with pytest.raises(ConnectionLost, match="3 bytes were sent, the server has 2"):
        session.store("/a.tmp", BytesIO(b"abc"), 3, rename_to="/a")
    assert not any(line.startswith("RN") for line in server.heard)


def test_a_changed_source_prevents_the_rename(talk_to: TalkTo) -> None:
    session, server = talk_to()
    with pytest.raises(LocalError, match="3 bytes were read instead of 4"):
        session.store("/a.tmp", BytesIO(b"abc"), 4, rename_to="/a")
    assert not any(line.startswith("RN") for line in server.heard)


def test_an_unreadable_source(talk_to: TalkTo) -> None:
    class Broken:
        def read(self, _count: int) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    session, _server = talk_to()
    with pytest.raises(LocalError, match="Input/output error"):
        session.store("/a", Broken(), None)
    session.command("NOOP")


def test_a_refused_rename_is_reported(talk_to: TalkTo) -> None:
    session, _server = talk_to({"RNTO": b"550 exists"})
    result = session.store("/a.tmp", BytesIO(b"abc"), 3, rename_to="/a")
    assert result.renamed is not None
    assert result.renamed.text == "550 exists"


def test_what_follows_the_data_leaves_in_two_writes(talk_to: TalkTo) -> None:
    session, server = talk_to()
    session.facts.note_pace(False, True)
    session.store("/t", BytesIO(b"abc"), 3, mtime=0, mode=0o644, rename_to="/a", more=True)
    session.store("/u", BytesIO(b"abc"), 3)
    assert server.heard[server.heard.index("STOR /t") :] == [
        "STOR /t",
        "SIZE /t",
        "MFMT 19700101000000 /t",
        "SITE CHMOD 644 /t",
        "RNFR /t",
        "RNTO /a",
        "EPSV",
        "STOR /u",
        "SIZE /u",
    ]


@pytest.mark.parametrize(
    ("works", "expected"),
    [
        ("MFF Modify=20010909014640; /a", "MFF"),
        ("SITE UTIME 20010909014640 /a", "SITE UTIME"),
        ("SITE UTIME /a 20010909014640 20010909014640 20010909014640 UTC", "SITE UTIME (5 arguments)"),
        ("MDTM 20010909014640 /a", "MDTM"),
    ],
)
def test_ways_to_set_a_time(talk_to: TalkTo, works: str, expected: str) -> None:
    def answer(verb: str) -> t.Callable[[Talk, str], None]:
        return lambda talk, argument: talk.say(b"213 ok\r\n" if verb + " " + argument == works else b"500 no\r\n")

    verbs = ("MFMT", "MFF", "SITE", "MDTM")
    session, server = talk_to({verb: answer(verb) for verb in verbs})
    assert session.facts.mtime_settable is None
    for _number in range(2):
        assert session.store("/a", BytesIO(b"abc"), 3, mtime=1000000000).mtime_set
    assert session.facts.as_dict()["mtime_command"] == expected
    assert sum(line.split(" ")[0] in verbs for line in server.heard) <= 6, "tried once only"


def test_times_that_cannot_be_set(talk_to: TalkTo) -> None:
    session, server = talk_to(dict.fromkeys(("MFMT", "MFF", "SITE", "MDTM"), b"500 no"))
    for _number in range(4):
        assert not session.store("/a", BytesIO(b"abc"), 3, mtime=1000000000, mode=0o644).mtime_set
    assert session.facts.mtime_settable is False
    assert session.facts.mode_settable is False
    assert server.heard.count("MFMT 20010909014640 /a") == 1


def test_pipeline(session: Session, local: LocalServer) -> None:
    replies = session.pipeline(("MKD", "/%d" % number) for number in range(3000))
    assert all(reply.code == 257 for reply in replies)
    assert len(os.listdir(local.root)) == 3000
    assert session.sizes(["/0", "/missing"]) == [None, None]


def test_pipeline_reads_its_commands_as_replies_come(talk_to: TalkTo) -> None:
    session, server = talk_to()
    read: list[int] = []

    def commands() -> t.Iterator[tuple[str, None]]:
        for number in range(5000):
            read.append(number)
            yield "NOOP", None

    replies = session.pipeline(commands())
    next(replies)
    assert len(read) <= 1000
    replies.close()  # type: ignore[attr-defined]
    assert session.command("PWD").code == 257, "an abandoned stream is replaced"
    assert len(server.talks) == 2


def test_pipeline_with_a_bad_name_sends_nothing_of_its_batch(talk_to: TalkTo) -> None:
    session, server = talk_to()
    with pytest.raises(UsageError):
        list(session.pipeline([("DELE", "/a"), ("DELE", "/a\nDELE /b")]))
    assert not any(line.startswith("DELE") for line in server.heard)
    assert session.command("NOOP").code == 200


def test_sizes_and_mtimes(session: Session) -> None:
    session.store("/a", BytesIO(b"12345"), 5, mtime=1000000000)
    assert session.sizes(["/a", "/missing"]) == [5, None]
    assert session.mtimes(["/a", "/missing"]) == [1000000000, None]


def test_sizes_refused_otherwise_than_by_550(talk_to: TalkTo) -> None:
    session, _server = talk_to({"SIZE": b"450 busy"})
    with pytest.raises(ServerRefused, match="SIZE /a was refused: 450 busy"):
        session.sizes(["/a"])


@pytest.mark.parametrize("reply", [b"425 no data connection", b"426 aborted", b"451 local error"])
@pytest.mark.parametrize("verb", ["MLSD", "RETR"])
def test_a_broken_download_is_no_answer_to_what_is_there(talk_to: TalkTo, verb: str, reply: bytes) -> None:
    """As a refusal it would mean: this is not there, or forbidden."""
    session, _server = talk_to({verb: reply})
    with pytest.raises(ConnectionLost, match=reply.decode()):
        session.list_folder("/a") if verb == "MLSD" else content(session, "/a")


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"MLSD": b"550 no", "CWD": b"550 no"}, ServerRefused),
        ({"MLSD": b"503 no", "CWD": b"250 ok"}, ListingDoubtful),
        ({"MLSD": b"450 busy", "CWD": b"250 ok"}, ConnectionLost),
    ],
)
def test_a_folder_that_cannot_be_listed_is_not_there_if_it_cannot_be_entered(
    talk_to: TalkTo, answers: dict[str, bytes], error: type[Exception]
) -> None:
    session, _server = talk_to(answers)
    session.facts.listing_proven = True
    with pytest.raises(error):
        session.list_folder("/a")


def test_set_modes_and_mtimes(session: Session, local: LocalServer) -> None:
    for name in "abc":
        session.store("/" + name, BytesIO(b""), 0)
    assert [reply.is_done for reply in session.set_modes([("/" + name, 0o604) for name in "abc"])] == [True] * 3
    assert session.set_mtimes([("/" + name, 5) for name in "abcd"]) == [True] * 3 + [False]
    assert {(local.root / name).stat().st_mode & 0o777 for name in "abc"} == {0o604}
    assert {(local.root / name).stat().st_mtime for name in "abc"} == {5}


def test_a_reopened_session_has_its_settings_again(talk_to: TalkTo) -> None:
    session, server = talk_to()
    session.reopen()
    for talk in server.talks:
        assert {"TYPE I", "OPTS UTF8 ON"} <= set(talk.heard)
    assert "FEAT" not in server.talks[1].heard


def test_other_encodings(talk_to: TalkTo) -> None:
    session, server = talk_to(encoding="latin-1")
    session.command("CWD", "/é")
    assert "OPTS UTF8 ON" not in server.heard
    assert "CWD /\udce9" in server.heard


def test_bandwidth_limit(local: LocalServer) -> None:
    session = Session(local.options(bandwidth_limit=1000000))
    session.open()
    start = time.monotonic()
    session.store("/a", BytesIO(b"x" * 600000), None)
    assert 0.25 < time.monotonic() - start < 2
    session.close()


def test_questions_that_a_server_does_not_know(talk_to: TalkTo) -> None:
    session, _server = talk_to({"SIZE": b"502 no", "MDTM": b"500 what?"})
    assert session.mtimes(["/a", "/b"]) == [None, None]
    assert session.facts.size_works
    assert session.sizes(["/a"]) == [None]
    assert not session.facts.size_works


def test_uploads_to_a_server_that_does_not_know_sizes(talk_to: TalkTo) -> None:
    session, server = talk_to({"SIZE": b"500 what?"})
    for _number in range(2):
        assert session.store("/a", BytesIO(b"abc"), 3).size is None
    assert sum(line.startswith("SIZE") for line in server.heard) == 1


def test_a_size_that_is_refused_for_one_file_is_asked_for_again(talk_to: TalkTo) -> None:
    session, server = talk_to({"SIZE": b"550 not for you"})
    for _number in range(2):
        assert session.store("/a", BytesIO(b"abc"), 3).size is None
    assert sum(line.startswith("SIZE") for line in server.heard) == 2


def test_an_abandoned_pipeline_gives_its_replies_to_nobody_else(talk_to: TalkTo) -> None:
    def make(talk: Talk, argument: str) -> None:
        if argument == "/0":
            talk.say(b"250 made\r\n")

    session, server = talk_to({"MKD": make})
    replies = session.pipeline(("MKD", f"/{number}") for number in range(9))
    assert next(replies).code == 250
    assert session.command("PWD").code == 257
    assert len(server.talks) == 2
    with pytest.raises(ConnectionLost):
        list(replies)


def test_nothing_to_set_is_no_command(talk_to: TalkTo) -> None:
    session, server = talk_to()
    before = [*server.heard]
    assert session.set_modes([]) == []
    assert session.set_mtimes([]) == []
    assert server.heard == before


def test_what_cannot_be_set_is_given_up(talk_to: TalkTo) -> None:
    session, server = talk_to({"MFMT": b"502 no", "SITE": b"502 no"})
    assert session.set_modes([("/a", 0o644)])[0].is_unknown_command
    assert session.set_mtimes([("/a", 0.0)]) == [False]
    before = [*server.heard]
    assert [reply.code for reply in session.set_modes([("/a", 0o644), ("/b", 0o755)])] == [502, 502]
    assert session.set_mtimes([("/a", 0.0), ("/b", 0.0)]) == [False, False]
    assert server.heard == before


def test_an_empty_folder_tells_nothing_of_minus_a(talk_to: TalkTo) -> None:
    session, _server = talk_to({"MLSD": b"500 what?", "LIST": Talk.retrieve})
    for _number in range(2):
        assert session.list_folder("/x").entries == []
        assert session.facts.list_all is None


def test_stat_out_of_step_is_not_asked_again(talk_to: TalkTo) -> None:
    session, _server = talk_to({"STAT": b"502 no", "NOOP": b"550 what?"})
    assert find_form(session, "/") is None
    assert not session.is_open, "the reply may have been to an earlier question"
    assert session.facts.stat_form == ""
