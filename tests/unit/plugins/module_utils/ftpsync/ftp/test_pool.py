# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading
import time
import typing as t
from io import BytesIO

import pytest

from ftpsync.errors import AuthenticationError, ConnectionLost, ServerRefused
from ftpsync.ftp import work
from ftpsync.ftp.persistence import persistently
from ftpsync.ftp.pool import Pool
from ftpsync.ftp.session import Session

from .conftest import LocalServer, ScriptedServer, Talk

Scripted = t.Callable[..., ScriptedServer]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "FIRST_PAUSE", 0.01)


@pytest.fixture
def pool_of(request: pytest.FixtureRequest) -> t.Iterator[t.Callable[..., Pool]]:
    pools: list[Pool] = []

    def make(server: t.Any, connections: int, **changes: t.Any) -> Pool:
        pools.append(Pool(server.options(**changes), connections))
        pools[-1].open()
        return pools[-1]

    yield make
    for pool in pools:
        for session in pool.sessions:
            session.drop()


PoolOf = t.Callable[..., Pool]


def noop(session: Session, item: int, _add: object) -> int:
    session.command("NOOP")
    return item


def test_uploads_over_several_connections(local: LocalServer, pool_of: PoolOf) -> None:
    pool = pool_of(local, 4)

    def store(session: Session, number: int, _add: object) -> int:
        return session.store("/%d" % number, BytesIO(b"x" * number), number, more=session.more).sent

    done = list(pool.work(range(200), store))
    assert sorted(done) == [(number, number, None) for number in range(200)]
    assert 1 < len(pool.sessions) <= 4
    assert len(pool.main.list_folder("/").entries) == 200


def test_one_connection_is_enough_and_keeps_the_order(local: LocalServer, pool_of: PoolOf) -> None:
    pool = pool_of(local, 1)
    assert [item for item, _result, _error in pool.work(range(50), noop)] == list(range(50))
    assert len(pool.sessions) == 1


def test_nothing_to_do(local: LocalServer, pool_of: PoolOf) -> None:
    assert list(pool_of(local, 4).work([], noop)) == []


def test_added_items(local: LocalServer, pool_of: PoolOf) -> None:
    def split(session: Session, depth: int, add: t.Callable[[int], None]) -> int:
        session.command("NOOP")
        if depth:
            add(depth - 1)
            add(depth - 1)
        return depth

    assert len(list(pool_of(local, 3).work([6], split))) == 2**7 - 1


@pytest.mark.parametrize("refusal", [{"BANNER": b"421 too many"}, {"PASS": b"530 too many"}, {"USER": b"421 too many"}])
def test_refused_connections_shrink_the_pool(scripted: Scripted, pool_of: PoolOf, refusal: dict[str, bytes]) -> None:
    server = scripted({}, {}, refusal)
    pool = pool_of(server, 5)

    def slow(session: Session, item: int, _add: object) -> int:
        time.sleep(0.01)
        return noop(session, item, _add)

    done = list(pool.work(range(60), slow))
    assert sorted(item for item, _result, error in done if error is None) == list(range(60))
    assert pool.limit == 2
    logins = len(server.talks)
    list(pool.work(range(60), slow))
    assert len(server.talks) == logins, "the limit is remembered"


def test_a_wrong_password_is_tried_once(scripted: Scripted) -> None:
    server = scripted({"PASS": b"530 no"})
    pool = Pool(server.options(), 4)
    with pytest.raises(AuthenticationError):
        pool.open()
    assert len(server.talks) == 1


def test_lost_connections_are_replaced_and_items_repeated(scripted: Scripted, pool_of: PoolOf) -> None:
    server = scripted({"NOOP": lambda talk, _argument: talk.sock.close()}, {})
    pool = pool_of(server, 1)
    assert list(pool.work(range(3), noop)) == [(0, 0, None), (1, 1, None), (2, 2, None)]
    assert len(server.talks) == 2


def test_attempts_are_bounded(scripted: Scripted, pool_of: PoolOf) -> None:
    server = scripted({"MKD": b"450 busy"})
    pool = pool_of(server, 1, retries=2)
    ((_item, _result, error),) = pool.work(["/a"], lambda session, path, _add: session.command("MKD", path))
    assert isinstance(error, ServerRefused)
    assert server.heard.count("MKD /a") == 3


@pytest.mark.parametrize("reply", [b"550 no", b"452 disk full", b"552 quota"])
def test_final_refusals_are_not_repeated(scripted: Scripted, pool_of: PoolOf, reply: bytes) -> None:
    server = scripted({"MKD": reply})
    pool = pool_of(server, 1)
    ((_item, _result, error),) = pool.work(["/a"], lambda session, path, _add: session.command("MKD", path))
    assert isinstance(error, ServerRefused)
    assert server.heard.count("MKD /a") == 1


def test_a_server_that_is_gone_ends_the_run(
    scripted: Scripted, pool_of: PoolOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "STALL", 0.0)
    server = scripted({"NOOP": lambda talk, _argument: talk.sock.close()})
    pool = pool_of(server, 2)
    with pytest.raises(ConnectionLost, match="nothing has gone on for 0 seconds"):
        list(pool.work(range(1000), noop))


def test_bugs_and_broken_iterables_reach_the_caller(local: LocalServer, pool_of: PoolOf) -> None:
    pool = pool_of(local, 3)

    def items() -> t.Iterator[int]:
        yield from range(5)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(pool.work(items(), noop))
    with pytest.raises(ZeroDivisionError):
        list(pool.work(range(10), lambda _session, item, _add: 1 // (item - 5)))
    assert len(list(pool.work(range(10), noop))) == 10


def test_a_consumer_that_stops_ends_the_threads(scripted: Scripted, pool_of: PoolOf) -> None:
    def hang(talk: Talk, argument: str) -> None:
        if argument != "0":
            time.sleep(3)
        talk.say(b"257 ok\r\n")

    server = scripted({"MKD": hang})
    pool = pool_of(server, 3, timeout=30)
    before = threading.active_count()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        for _outcome in pool.work(range(100), lambda session, item, _add: session.command("MKD", str(item))):
            raise KeyboardInterrupt
    assert time.monotonic() - start < 2
    assert not any(thread.name == "ftp" and thread.is_alive() for thread in threading.enumerate())
    assert threading.active_count() <= before + 2 * len(server.talks)
    assert not any(session.is_open for session in pool.sessions)


def test_a_slow_consumer_holds_the_workers_back(scripted: Scripted, pool_of: PoolOf) -> None:
    pool = pool_of(scripted(), 2)
    read: list[int] = []

    def items() -> t.Iterator[int]:
        for number in range(2000):
            read.append(number)
            yield number

    results = pool.work(items(), noop)
    next(results)
    time.sleep(0.5)
    assert len(read) < work.MAX_RESULTS + 10
    assert len(list(results)) == 1999


def test_the_bandwidth_limit_is_for_all_together(local: LocalServer, pool_of: PoolOf) -> None:
    pool = pool_of(local, 4, bandwidth_limit=1000000)
    start = time.monotonic()
    done = list(
        pool.work(range(8), lambda session, item, _add: session.store("/%d" % item, BytesIO(b"x" * 100000), None))
    )
    assert all(error is None for _item, _result, error in done)
    assert time.monotonic() - start > 0.4


def test_sessions_log_in_while_something_else_goes_on(scripted: Scripted, pool_of: PoolOf) -> None:
    server = scripted({})
    pool = pool_of(server, 3)
    pool.warm(8)
    assert len(pool.sessions) == 3
    for session in pool.sessions:
        session.begun()
    assert len(server.talks) == 3 and all(session.is_open for session in pool.sessions)
    assert [number for number, _result, error in pool.work(range(20), noop) if error] == []
    assert len(server.talks) == 3, "those that are there are used"


def test_work_waits_for_a_login_that_has_begun(scripted: Scripted, pool_of: PoolOf) -> None:
    go_on = threading.Event()

    def user(talk: Talk, _argument: str) -> None:
        go_on.wait(10)
        talk.say(b"331 password?\r\n")

    server = scripted({}, {"USER": user})
    pool = pool_of(server, 2)
    pool.warm(2)

    def both(session: Session, item: int, _add: object) -> int:
        if session is pool.main:
            threading.Timer(0.1, go_on.set).start()
            pool.sessions[1].begun()
        return noop(session, item, _add)

    assert sorted(number for number, _result, error in pool.work(range(4), both) if error is None) == [0, 1, 2, 3]
    assert len(server.talks) == 2, "nobody logs in twice"


def test_no_more_sessions_are_begun_than_there_is_work_for(scripted: Scripted, pool_of: PoolOf) -> None:
    pool = pool_of(scripted({}), 4)
    for items in (0, 1):
        pool.warm(items)
        assert len(pool.sessions) == 1


def test_a_session_that_cannot_be_begun_harms_nobody(scripted: Scripted, pool_of: PoolOf) -> None:
    pool = pool_of(scripted({}, {"BANNER": b"421 too many connections"}), 3)
    pool.warm(3)
    assert sorted(number for number, _result, error in pool.work(range(9), noop) if error is None) == list(range(9))
    assert not any(session.is_open for session in pool.sessions[1:])


def test_closing_waits_for_no_login(scripted: Scripted, pool_of: PoolOf) -> None:
    go_on = threading.Event()

    def user(talk: Talk, _argument: str) -> None:
        go_on.wait(10)
        talk.say(b"331 password?\r\n")

    pool = pool_of(scripted({}, {"USER": user}), 2)
    pool.warm(2)
    late = pool.sessions[1]
    pool.close()
    go_on.set()
    late.begun()
    assert not late.is_open


def test_a_step_that_fails_for_good_fails(scripted: Scripted, pool_of: PoolOf) -> None:
    pool = pool_of(scripted({"MKD": b"550 no"}), 1)
    assert persistently(pool, lambda session: session.command("NOOP").code) == 200
    with pytest.raises(ServerRefused, match="550 no"):
        persistently(pool, lambda session: session.command("MKD", "/a"))
    assert persistently(pool, lambda session: session.command("NOOP").code) == 200


@pytest.mark.parametrize(
    ("again", "left"),
    [
        ({"BANNER": b"421 full"}, 1),  # the pool shrinks to the last session, which has to say so
        ({"TYPE": b"504 text only"}, 2),  # no want of room: nothing to shrink for
    ],
)
def test_a_server_that_takes_nobody_in_again(
    scripted: Scripted, pool_of: PoolOf, again: dict[str, bytes], left: int
) -> None:
    both = threading.Barrier(2)

    def hang_up(talk: Talk, _argument: str) -> None:
        both.wait(5)
        talk.sock.close()

    pool = pool_of(scripted({"MKD": hang_up}, {"MKD": hang_up}, again), 2, retries=1)
    outcomes = list(pool.work(range(4), lambda session, _item, _add: session.command("MKD", "/a")))
    assert len(outcomes) == 4
    assert all(error is not None for _item, _result, error in outcomes)
    assert len(pool.sessions) == left


def test_ctrl_c_while_a_thread_is_started(local: LocalServer, pool_of: PoolOf, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = pool_of(local, 2)

    def interrupted(_thread: threading.Thread) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", interrupted)
        with pytest.raises(KeyboardInterrupt):
            persistently(pool, lambda session: session.list_folder("/"))
        with pytest.raises(KeyboardInterrupt):
            pool.warm(2)
    assert persistently(pool, lambda session: session.list_folder("/").entries) is not None


def test_a_step_aside_takes_a_connection_of_its_own(local: LocalServer, pool_of: PoolOf) -> None:
    pool = pool_of(local, 3)
    assert pool.aside(lambda session: session) is None, "there is no second one"
    pool.warm(2)
    for session in pool.sessions:
        session.begun()
    go_on = threading.Event()

    def step(session: Session) -> Session:
        go_on.wait(5)
        session.list_folder("/")
        return session

    aside = pool.aside(step)
    assert aside is not None and len(pool.sessions) == 1
    others = {session for _item, session, _error in pool.work(range(9), lambda session, _item, _add: session)}
    assert len(others) <= 2, "three in all"
    go_on.set()
    assert aside.result() not in (None, pool.main) and aside.result() in pool.sessions
    assert pool.limit == 3 and len(pool.sessions) <= 3


def test_a_step_aside_may_fail_or_be_given_up(local: LocalServer, pool_of: PoolOf) -> None:
    pool = pool_of(local, 2)
    pool.warm(2)
    for session in pool.sessions:
        session.begun()

    def fail(_session: Session) -> None:
        raise ConnectionLost("on purpose")

    aside = pool.aside(fail)
    assert aside is not None and aside.result() is None
    assert len(pool.sessions) == 2 and not pool.sessions[1].is_open
    pool.sessions[1].open()
    waiting = threading.Event()

    def wait(session: Session) -> object:
        return session.retrieve("/endless", lambda _data: waiting.set() or time.sleep(0.05))

    (local.root / "endless").write_bytes(b"x" * 50_000_000)
    given_up = pool.aside(wait)
    assert given_up is not None and waiting.wait(5)
    pool.close()
    assert given_up.result() is None
