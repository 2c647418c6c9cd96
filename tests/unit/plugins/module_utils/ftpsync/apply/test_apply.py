# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Phases of a publication against a server that loses connections, lies or refuses, just when it hurts."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest

from ftpsync import engine, options, report
from ftpsync.errors import ConnectionLost
from ftpsync.ftp.session import Session
from tests.servers import Server

OLD = 1_600_000_000
Pairs = t.List[t.Tuple[str, t.Optional[str]]]


class Site:
    """A local folder, a server, and runs from one to the other."""

    def __init__(self, server: Server, local: Path) -> None:
        self.server = server
        self.local = local
        self.set(a="1", b="1", index="1")
        assert self.run()["error"] is None

    def set(self, **files: str) -> None:
        self.local.mkdir(exist_ok=True)
        for name, content in files.items():
            (self.local / name).write_text(content)
            os.utime(self.local / name, (OLD, OLD))

    def run(self, **changed: t.Any) -> dict[str, t.Any]:
        wanted = {"local": str(self.local), "use_netrc": False, "delete": True, "connections": 1}
        result = engine.synchronize(options.validate({**wanted, **self.server.connection(), **changed}), check=False)
        return {**report.to_dict(result), "error": result.error}

    def there(self) -> dict[str, bytes]:
        return {p: c for p, c in self.server.files().items() if not p.startswith(".ftpsync/")}

    def settled(self) -> bool:
        self.server.mark()
        return not self.run()["changed"] and self.server.writes() == []


@pytest.fixture
def site(ftp_server: t.Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setattr("ftpsync.apply.exclusive.MOMENT", 0.001)  # nothing goes on behind a lost connection here
    return Site(ftp_server(), tmp_path / "site")


@pytest.mark.parametrize("backup", [0, 1])
@pytest.mark.parametrize("answers", range(7))
def test_a_connection_lost_amid_the_renames(
    site: Site, monkeypatch: pytest.MonkeyPatch, answers: int, backup: int
) -> None:
    """All renames were carried out, but only some of the answers came: none is repeated, none is forgotten."""
    site.set(a="2", b="2", index="2")
    original = Session.pipeline
    lost = []

    def lose(
        self: Session, commands: t.Iterable[tuple[str, str | None]], *how: t.Any, **hows: t.Any
    ) -> t.Iterator[t.Any]:
        wanted = list(commands)
        publishes = any(verb == "RNTO" and path == "/index" for verb, path in wanted)
        if not publishes or lost:
            yield from original(self, wanted, *how, **hows)
            return
        lost.append(True)
        for number, reply in enumerate(list(original(self, wanted))):
            if number == answers:
                self.drop()
                raise ConnectionLost("cut")
            yield reply

    monkeypatch.setattr(Session, "pipeline", lose)
    done = site.run(backup=backup)
    assert lost and done["error"] is None and done["uploaded"] == ["a", "b", "index"]
    assert site.there() == {"a": b"2", "b": b"2", "index": b"2"}
    if backup:
        kept = site.server.root / ".ftpsync" / "backup" / done["backup_id"] / "files"
        assert sorted(path.name for path in kept.iterdir()) == ["a", "b", "index"]
    assert site.settled()


@pytest.mark.parametrize("backup", [0, 1])
@pytest.mark.parametrize("carried_out", range(7))
def test_renames_that_never_arrived_are_sent_again(
    site: Site, monkeypatch: pytest.MonkeyPatch, carried_out: int, backup: int
) -> None:
    site.set(a="2", b="2", index="2")
    original = Session.pipeline
    lost = []

    def lose(
        self: Session, commands: t.Iterable[tuple[str, str | None]], *how: t.Any, **hows: t.Any
    ) -> t.Iterator[t.Any]:
        wanted = list(commands)
        if lost or not any(verb == "RNTO" and path == "/index" for verb, path in wanted):
            yield from original(self, wanted, *how, **hows)
            return
        lost.append(True)
        list(original(self, wanted[:carried_out]))
        self.drop()
        raise ConnectionLost("cut")

    monkeypatch.setattr(Session, "pipeline", lose)
    done = site.run(backup=backup)
    assert lost and done["error"] is None, done["error"]
    assert site.there() == {"a": b"2", "b": b"2", "index": b"2"}
    assert site.settled()


def test_what_lies_in_the_stage_is_not_sent_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def die(*_args: t.Any) -> t.NoReturn:
        raise Killed

    site.set(a="2", b="2", index="2")
    with monkeypatch.context() as patch:
        patch.setattr("ftpsync.apply.publish.publish", die)
        with pytest.raises(Killed):
            site.run()
    site.set(b="3")
    done = site.run()
    assert done["stats"]["reused"] == 2 and done["stats"]["sent_bytes"] == 1
    assert site.there() == {"a": b"2", "b": b"3", "index": b"2"}
    assert os.listdir(site.server.root / ".ftpsync" / "stage") == []
    assert site.settled()


def test_a_stage_of_lies_is_not_published(site: Site) -> None:
    """Somebody's file under the name of ours, of another size, is sent over."""
    site.set(a="22")
    from ftpsync.apply.job import Job

    job = t.cast(t.Any, Job.__new__(Job))
    object.__setattr__(job, "local", {"a": t.cast(t.Any, _Entry(_sha256("22")))})
    site.server.put(f".ftpsync/stage/{job.stage_name('a')}", "x")
    assert site.run()["stats"]["reused"] == 0
    assert site.there()["a"] == b"22"


class _Entry(t.NamedTuple):
    sha256: str


def _sha256(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("verb", ["RNTO", "DELE"])
def test_a_server_that_says_done_and_does_nothing(site: Site, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    """Field notes 4.5: no reply makes a record."""
    site.set(a="2!")
    (site.local / "b").unlink()
    original = Session.pipeline

    def lie(
        self: Session, commands: t.Iterable[tuple[str, str | None]], *how: t.Any, **hows: t.Any
    ) -> t.Iterator[t.Any]:
        victim = "/a" if verb == "RNTO" else "/b"
        told = [("NOOP", None) if (v, p) == (verb, victim) else (v, p) for v, p in commands]
        yield from original(self, told, *how, **hows)

    with monkeypatch.context() as patch:
        patch.setattr(Session, "pipeline", lie)
        done = site.run()
    assert done["error"] is not None and done["errors"][0]["path"] == ("a" if verb == "RNTO" else "b")
    assert site.run()["error"] is None
    assert site.there() == {"a": b"2!", "index": b"1"}
    assert site.settled()
