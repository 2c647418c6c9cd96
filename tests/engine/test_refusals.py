# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One thing is refused, or done otherwise than said, amid a publication that goes well but for that."""

from __future__ import annotations

import shutil
import typing as t
from pathlib import Path

import pytest

from tests.engine import points
from tests.engine.conftest import Content, attempt, deploy, expected, server_tree, write_tree
from tests.faulty import (
    Claim,
    Command,
    Fault,
    FaultyFtp,
    FullDisk,
    HiddenFiles,
    NoRenameOntoFiles,
    Refuse,
    When,
    on,
    on_path,
    times,
)
from tests.servers import Server

MIB = 1024 * 1024

OLD: dict[str, Content] = {"index.html": "old", "gone.txt": "to be deleted", "large.bin": b"o" * (MIB + 1)}
NEW: dict[str, Content] = {
    "index.html": "new content",
    "large.bin": b"n" * (MIB + 5),
    "folder/inside.txt": "x",
    "folder/deep/below.txt": "y",
}


class Site:
    """A server with the old site, and runs that publish the new one."""

    def __init__(self, server: FaultyFtp, folder: Path) -> None:
        self.faulty = server
        self.server = t.cast(Server, server)
        deploy(self.server, write_tree(folder / "old", OLD), **self.options)
        self.local = write_tree(folder / "new", NEW)

    options: t.ClassVar[dict[str, t.Any]] = {"delete": True, "connections": 1, "timeout": 5, "retries": 1}

    def run(self, *faults: Fault, **options: t.Any) -> dict[str, t.Any]:
        self.faulty.misbehave(*faults)
        return attempt(self.server, self.local, **{**self.options, **options})

    def heal(self, **options: t.Any) -> None:
        """Without the fault all becomes as wanted."""
        assert self.run(**options)["error"] is None
        assert server_tree(self.server) == expected(NEW)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Site]:
    points.quick(monkeypatch)
    with FaultyFtp() as server:
        yield Site(server, tmp_path)


def containing(verb: str, part: str) -> When:
    """At commands of this verb about a path that holds some text."""
    return lambda command, _reply: command is not None and command.verb == verb and part in command.argument


@pytest.mark.parametrize("publish", ["staged", "direct"])
def test_a_folder_that_cannot_be_made_keeps_only_its_own_files_back(site: Site, publish: str) -> None:
    found = site.run(Refuse(on_path("MKD", "/folder")), publish=publish)
    assert "folder cannot be created" in found["error"] or found["failed"]
    there = server_tree(site.server)
    assert (there["index.html"], there["large.bin"]) == (b"new content", NEW["large.bin"])
    assert "gone.txt" in there, "nothing is deleted unless all is published"
    assert "folder" not in there
    site.heal(publish=publish)


@pytest.mark.parametrize("refused", [containing("MKD", "/backup/"), on_path("MKD", "/files")])
def test_without_a_place_for_the_old_files_nothing_is_published(site: Site, refused: When) -> None:
    found = site.run(Refuse(refused), backup=1)
    assert "nothing was published" in found["error"]
    assert server_tree(site.server) == expected(OLD)
    site.heal(backup=1)


@pytest.mark.parametrize("publish", ["staged", "direct"])
def test_a_large_file_that_cannot_be_renamed_is_not_published(site: Site, publish: str) -> None:
    # Beside its place: neither onto the old file, alone or with others, nor after that was moved aside.
    when = times(3, on_path("RNTO", "/large.bin")) if publish == "direct" else containing("RNTO", "/stage/")
    found = site.run(Refuse(when), publish=publish)
    assert found["error"] is not None
    assert server_tree(site.server)["large.bin"] == OLD["large.bin"]
    assert "gone.txt" in server_tree(site.server)
    site.heal(publish=publish)


@pytest.mark.parametrize("publish", ["staged", "direct"])
def test_old_files_are_moved_aside_where_renames_do_not_replace(site: Site, publish: str) -> None:
    for _number in range(2):  # the second time it is known
        assert site.run(NoRenameOntoFiles(), publish=publish)["error"] is None
        assert server_tree(site.server) == expected(NEW)
        write_tree(site.local, {"index.html": "newer content!", "large.bin": b"l" * (MIB + 9)})
        assert site.run(NoRenameOntoFiles(), publish=publish)["error"] is None
        write_tree(site.local, NEW)


@pytest.mark.parametrize("publish", ["staged", "direct"])
def test_a_mode_that_is_refused_for_one_file_is_told(site: Site, publish: str) -> None:
    # In the stage the names are others, and both large.bin and index.html are replaced.
    found = site.run(Refuse(containing("SITE", "CHMOD"), "550 Not yours"), publish=publish, file_mode="0640")
    assert found["error"] is None
    assert any("mode 0640 was refused" in warning for warning in found["warnings"]), found["warnings"]
    assert server_tree(site.server) == expected(NEW)


def test_modes_alone_that_are_refused_for_one_file(site: Site) -> None:
    site.heal()
    found = site.run(Refuse(containing("SITE", "/large.bin"), "550 Not yours"), file_mode="0600")
    assert "large.bin: mode 0600 refused: 550 Not yours" in str(found)
    modes = {path: (site.faulty.root / path).stat().st_mode & 0o777 for path in ("index.html", "folder/inside.txt")}
    assert set(modes.values()) == {0o600}


def test_a_server_without_modes(site: Site) -> None:
    site.heal()
    found = site.run(Refuse(containing("SITE", "CHMOD"), "502 What?"), file_mode="0600", directory_mode="0700")
    assert found["error"] is None
    assert any("no SITE CHMOD" in warning for warning in found["warnings"])


class Replace(Fault):
    """Somebody else puts something in the place of a file as soon as it is published."""

    def __init__(self, path: str, content: bytes | None) -> None:
        self._path = path
        self._content = content

    def carried_out(self, session: t.Any, command: Command, reply: str) -> str:
        if command.verb == "RNTO" and command.argument == self._path:
            there = Path(session.server.disk.real(self._path))
            there.unlink()
            if self._content is None:
                there.mkdir()
            else:
                there.write_bytes(self._content)
        return reply


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"somebody else's", "but the server lists 15: written by somebody else"), (None, "lists a directory there")],
)
def test_what_somebody_else_puts_in_the_place_is_not_recorded(site: Site, content: bytes | None, message: str) -> None:
    found = site.run(Replace("/index.html", content))
    assert message in str(found), found
    assert "gone.txt" in server_tree(site.server)
    site.heal()


def test_a_server_that_is_full_is_not_sent_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    points.quick(monkeypatch)
    with FaultyFtp(FullDisk(3000)) as server:
        local = write_tree(tmp_path / "many", {f"{number}.txt": "content" * 50 for number in range(200)})
        found = attempt(t.cast(Server, server), local, connections=1, retries=0)
        assert found["error"] is not None
        assert any("no room left" in warning for warning in found["warnings"])
        sent = sum(command.verb == "STOR" and "/stage/" in command.argument for command in server.record.commands)
        assert sent < 150
        assert server_tree(t.cast(Server, server)) == {}


def test_hidden_files_that_are_not_listed_are_asked_for(site: Site) -> None:
    write_tree(site.local, {".htaccess": "Options -Indexes", "folder/.hidden": "x"})
    found = site.run(HiddenFiles())
    assert found["error"] is None and ".htaccess" in found["uploaded"]
    again = site.run(HiddenFiles())
    assert again["error"] is None and not again["changed"], again


@pytest.mark.parametrize("record", ["none", "server"])
def test_a_folder_that_is_only_said_to_be_deleted_is_told(site: Site, record: str) -> None:
    site.heal()
    shutil.rmtree(site.local / "folder")
    found = site.run(Claim(on("RMD")), record=record)
    assert "the server says it is deleted, but still lists it" in str(found)
    assert "folder" in server_tree(site.server)
    assert site.run(record=record)["error"] is None
    assert "folder" not in server_tree(site.server)


def test_a_folder_that_can_neither_be_made_nor_renamed_into_place(site: Site) -> None:
    write_tree(site.local, {"folder/über uns/x.txt": "x"})
    found = site.run(Refuse(containing("MKD", "über")), Refuse(containing("RNTO", "über")))
    assert "the folder cannot be created" in str(found)
    assert not any("über" in path for path in server_tree(site.server))
    assert not list((site.faulty.root / ".ftpsync/stage").glob("*.folder"))
    write_tree(site.local, NEW)
    assert site.run()["error"] is None


def test_a_new_folder_whose_mode_is_refused_is_there_all_the_same(site: Site) -> None:
    found = site.run(Refuse(containing("SITE", "/deep"), "550 Not yours"), directory_mode="0750")
    assert found["error"] is None
    assert server_tree(site.server) == expected(NEW)
    assert (site.faulty.root / "folder").stat().st_mode & 0o777 == 0o750


def test_without_a_record_and_a_stage_nothing_of_ours_is_left(tmp_path: Path) -> None:
    with FaultyFtp() as server:
        found = deploy(t.cast(Server, server), write_tree(tmp_path / "new", NEW), publish="direct", record="none")
        assert found["changed"]
        assert server_tree(t.cast(Server, server), state=True) == expected(NEW)
