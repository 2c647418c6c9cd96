# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Large uploads go on where a lost connection has ended them, if that is sure to give the same file; else anew."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest

from tests.engine import points
from tests.engine.conftest import STATE, attempt, deploy, server_tree, tree_of, write_tree
from tests.faulty import (
    Command,
    Cut,
    DataStall,
    Fault,
    FaultyFtp,
    LyingSize,
    Refuse,
    Which,
    Without,
    on,
)
from tests.faulty.record import Reply
from tests.reliability.proxy import Break, Line
from tests.servers import Server

MIB = 1024 * 1024
SIZE = 5 * MIB + 12_345
CONTENT = os.urandom(SIZE)
WAYS: list[dict[str, t.Any]] = [
    {"publish": "staged"},
    {"publish": "direct"},
    {"direction": "upload", "record": "folder"},
    {"direction": "sync"},
]


def first_large(command: Command | None, _reply: Reply | None = None) -> bool:
    """The first upload of the large file; those that follow go on with it."""
    is_large = command is not None and command.verb == "STOR" and command.argument.endswith(".part")
    return is_large and command is not None and command.nth == _nth_of_first.setdefault(0, command.nth)


_nth_of_first: dict[int, int] = {}


class RefuseResumed(Fault):
    """STOR after REST is refused."""

    def __init__(self, says: str) -> None:
        self._says = says

    def commanded(self, session: t.Any, command: Command) -> str | None:
        if command.verb != "STOR" or not session.offset:
            return None
        session.offset = 0
        return self._says


class Middle(Fault):
    """Large uploads are cut in their middle, with the control connection; the first few of them only."""

    def __init__(self, *after: int) -> None:
        self._after = list(after)

    def block(self, transfer: t.Any, block: bytes) -> bytes:
        if transfer.incoming and self._after and transfer.count + len(block) > self._after[0]:
            transfer.keep(block[: max(0, self._after.pop(0) - transfer.count)])
            raise Cut
        return block


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[FaultyFtp]:
    points.quick(monkeypatch)
    _nth_of_first.clear()
    (tmp_path / "server").mkdir()
    with FaultyFtp(root=tmp_path / "server") as running:
        yield running


@pytest.fixture
def local(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "local", {"big.bin": CONTENT})


def run(server: FaultyFtp, local: Path, *faults: Fault, **options: t.Any) -> dict[str, t.Any]:
    server.misbehave(*faults)
    found = attempt(t.cast(t.Any, server), local, **{"connections": 1, "timeout": 5, "retries": 2, **options})
    server.settle()
    return found


def sent(server: FaultyFtp) -> list[int]:
    """Bytes of each large upload."""
    return [seen.count for seen in server.record.data if seen.command.verb == "STOR" and seen.count > 100_000]


def rests(server: FaultyFtp) -> list[int]:
    return [int(command.argument) for command in server.record.commands if command.verb == "REST"]


def content(server: FaultyFtp) -> bytes | None:
    return tree_of(server.root).get("big.bin")


@pytest.mark.parametrize("options", WAYS, ids=str)
def test_an_upload_goes_on_where_it_was_cut(server: FaultyFtp, local: Path, options: dict[str, t.Any]) -> None:
    found = run(server, local, Middle(3 * MIB + 7), **options)
    assert found["error"] is None and content(server) == CONTENT
    assert rests(server) == [3 * MIB]
    assert sent(server) == [3 * MIB + 7, SIZE - 3 * MIB]


@pytest.mark.parametrize("options", WAYS, ids=str)
def test_it_may_be_cut_again(server: FaultyFtp, local: Path, options: dict[str, t.Any]) -> None:
    found = run(server, local, Middle(2 * MIB, MIB + 9), **options)
    assert found["error"] is None and content(server) == CONTENT
    assert rests(server) == [2 * MIB, 3 * MIB]


def test_one_that_stands_still_is_abandoned_and_goes_on(server: FaultyFtp, local: Path) -> None:
    server.misbehave(DataStall(Which(when=first_large), 2 * MIB))
    found = attempt(t.cast(t.Any, server), local, connections=1, timeout=1, retries=2)
    assert found["error"] is None and content(server) == CONTENT
    assert len(rests(server)) == 1 and rests(server)[0] >= MIB


def test_only_the_end_is_sent_where_the_answer_was_not_heard(server: FaultyFtp, local: Path) -> None:
    class Unheard(Fault):
        left = 1

        def before_reply(self, session: t.Any, reply: Reply, data: bytes) -> bytes:
            big = any(seen.count == SIZE for seen in session.server.record.data)
            if self.left and big and data[:3] == b"226":
                self.left = 0
                raise Cut
            return data

    found = run(server, local, Unheard())
    assert found["error"] is None and content(server) == CONTENT
    assert sent(server) == [SIZE, SIZE - 5 * MIB] or rests(server) == [5 * MIB]


class OldAndNew(Fault):
    """What a lost connection has still carried is written while its successor is at work already."""

    def __init__(self, server: FaultyFtp) -> None:
        self._server = server
        self._again = 0

    def block(self, transfer: t.Any, block: bytes) -> bytes:
        if transfer.incoming and transfer.command.argument.endswith(".part"):
            real = transfer.session.server.disk.real(transfer.command.argument)
            if os.path.getsize(real) > 4 * MIB and self._again < 3:
                self._again += 1
                with open(real, "r+b") as file:  # the bytes after the place where it was cut
                    file.seek(2 * MIB)
                    file.write(CONTENT[2 * MIB : 2 * MIB + 300_000])
        return block


def test_a_server_that_is_still_busy_with_the_lost_connection_changes_nothing(server: FaultyFtp, local: Path) -> None:
    found = run(server, local, Middle(2 * MIB), OldAndNew(server))
    assert found["error"] is None and content(server) == CONTENT


REFUSALS: list[tuple[str, list[Fault]]] = [
    ("no REST in FEAT", [Without("REST")]),
    ("REST is refused", [Refuse(on("REST"), "502 No")]),
    ("STOR after REST is refused", [RefuseResumed("451 Append/Restart not permitted, try again")]),
    ("STOR after REST is refused for good", [RefuseResumed("550 No")]),
    ("more is there than was sent", [LyingSize(lambda size: size + 4 * MIB if size == 2 * MIB else size)]),
    ("SIZE says no", [Refuse(on("SIZE"), "550 No")]),
]


@pytest.mark.parametrize("options", WAYS, ids=str)
@pytest.mark.parametrize(("what", "faults"), REFUSALS, ids=[what for what, _faults in REFUSALS])
def test_it_begins_anew_where_going_on_is_in_doubt(
    server: FaultyFtp, local: Path, what: str, faults: list[Fault], options: dict[str, t.Any]
) -> None:
    found = run(server, local, Middle(2 * MIB), *faults, **{**options, "retries": 3})
    assert found["error"] is None, found["error"]
    assert content(server) == CONTENT


class Forgets(Fault):
    """The server says that it goes on, and begins anew; or it adds to the end."""

    def __init__(self, adds: bool) -> None:
        self._adds = adds

    def carried_out(self, session: t.Any, command: Command, reply: str) -> str:
        if command.verb == "REST":
            session.offset = 0
            if self._adds:
                session.server.adds = True
        return reply


def test_a_server_that_forgets_where_to_go_on_gets_all_of_it(server: FaultyFtp, local: Path) -> None:
    found = run(server, local, Middle(4 * MIB), Forgets(False), retries=3)
    assert found["error"] is None and content(server) == CONTENT
    assert sent(server)[-1] == SIZE


def test_what_a_dead_run_left_is_not_gone_on_with(server: FaultyFtp, local: Path) -> None:
    """Its bytes may be of a file that had changed while it was sent."""
    run(server, local, Middle(3 * MIB), retries=0)
    (part,) = (server.root / STATE / "stage").iterdir()
    assert part.name.endswith(".part")
    part.write_bytes(b"of another content" * 200_000)
    found = run(server, local, Middle(2 * MIB))
    assert found["error"] is None and content(server) == CONTENT and rests(server) == []


@pytest.mark.parametrize("options", WAYS, ids=str)
def test_a_file_that_changes_between_two_attempts_is_not_pieced_together(
    server: FaultyFtp, local: Path, options: dict[str, t.Any]
) -> None:
    class Changes(Fault):
        def commanded(self, session: t.Any, command: Command) -> None:
            if command.verb == "SIZE" and sent(session.server):
                status = (local / "big.bin").stat()
                with (local / "big.bin").open("r+b") as file:
                    file.write(b"another beginning")
                os.utime(local / "big.bin", ns=(status.st_atime_ns, status.st_mtime_ns))

    found = run(server, local, Middle(3 * MIB), Changes(), **options)
    assert "big.bin" in found["error"] and "changed" in found["error"]
    assert content(server) is None


@pytest.mark.parametrize("publish", ["staged", "direct"])
def test_on_real_servers(plain_server: Server, tmp_path: Path, publish: str) -> None:
    local = write_tree(tmp_path / "local", {"big.bin": CONTENT, "index.html": "x"})
    scheme, _slashes, rest = plain_server.connection()["remote"].partition("//")
    with Line(plain_server.port) as line:
        remote = f"{scheme}//127.0.0.1:{line.port}/{rest.split('/', 1)[1]}"
        line.begin(Break("data", 3 * MIB + MIB // 2))
        found = deploy(plain_server, local, remote=remote, publish=publish, connections=1, retries=3)
        assert found["uploaded"] == ["big.bin", "index.html"]
        assert server_tree(plain_server)["big.bin"] == CONTENT
        line.begin()
