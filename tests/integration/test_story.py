# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The main job on every server: what is foretold is done, once, and nobody else's files are touched."""

from __future__ import annotations

import os
import shutil
import typing as t
import unicodedata
from pathlib import Path

import pytest

from tests.integration.playbook import Playbooks
from tests.integration.story import Snapshot, Story, contents, snapshot
from tests.servers import Server

SITE = {
    "index.html": "<h1>Home</h1>",
    "about.html": "About us",
    "contact.html": "Write to us",
    "guestbook.html": "No entries yet",
    "old.html": "Last year",
    "css/site.css": "body { color: red }",
    "css/print.css": "body { color: black }",
    "css/site.css.map": "{}",
    "img/2026/logo.bin": bytes(range(256)) * 20,
    "news/index.html": "News",
    "news/2025/a.html": "A",
    "news/2025/b.html": "B",
    "uploads/seed.txt": "first",
    "empty.txt": "",
}
FOLDERS = ["bare", "css", "img", "img/2026", "news", "news/2025", "uploads"]  # "bare" has nothing in it
UPLOADS = sorted(path for path in SITE if not path.endswith(".map"))
LONG_AGO = 1_600_000_000


def write(folder: Path, files: dict[str, str | bytes], mtime: float = LONG_AGO) -> None:
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(file, (mtime, mtime))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    write(folder, SITE)
    (folder / "bare").mkdir()
    return folder


def test_whole_story(server: Server, site: Path, playbooks: Playbooks) -> None:
    checkout = site.parent / "checkout"
    server.put("google123.html", "proof of ownership")
    server.put("cgi-bin/counter.pl", "#!/usr/bin/perl")
    foreign = contents(server.root)
    story = Story(server, local=str(site), exclude=["*.map"])

    refused = story.sync(password="Wrong-Zebra-77")
    site_before = snapshot(site)
    first = story.case()
    site_after: list[Snapshot] = []
    story.do(lambda: site_after.append(snapshot(site)))

    story.do(lambda: shutil.copytree(site, checkout, copy_function=shutil.copyfile))
    fresh_check = story.sync(check=True, local=str(checkout))
    fresh = story.sync(local=str(checkout))

    story.do(lambda: write(site, {"css/site.css": "body { color: tan }"}))  # as long as it was, and as old
    edited = story.case()

    def meddle() -> None:
        server.put("about.html", "ABOUT US")  # as long as it was
        server.put("contact.html", "Buy pills at http://pills.example")
        (server.root / "css" / "print.css").unlink()

    drifted = ["about.html", "contact.html", "css/print.css"]
    story.do(meddle)
    left = story.sync(force=False)
    righted = story.case()

    def tidy_up() -> None:
        shutil.rmtree(site / "news")
        shutil.rmtree(site / "uploads")
        (site / "old.html").unlink()
        (site / "guestbook.html").unlink()
        server.put("guestbook.html", "Hello from Ada")
        server.put("uploads/visitor.txt", "mine")

    story.do(tidy_up)
    kept = story.sync()
    cleaned = story.case(delete=True, protect=["/uploads/"])

    outcome = story.play(playbooks)
    assert outcome.returncode == 0

    refused.assert_only_looked()
    assert refused.result["failed"]
    assert "tester" in refused.result["msg"]
    assert "password" in refused.result["msg"]

    first.assert_exact()
    assert site_after == [site_before]
    assert first.done.result["uploaded"] == UPLOADS
    assert first.done.result["created_directories"] == FOLDERS
    assert first.done.result["deleted"] == []
    assert first.done.result["drifted"] == []
    assert first.done.result["unmanaged"] == ["cgi-bin", "google123.html"]
    assert first.done.content == {**foreign, **{path: as_bytes(SITE[path]) for path in UPLOADS}}
    assert (server.root / "bare").is_dir()
    assert first.done.result["stats"]["local_files"] == len(UPLOADS)

    for told in (fresh_check, fresh):
        assert not told.result["changed"]
        assert told.result["operations"] == []
        assert told.result["unmanaged"] == ["cgi-bin", "google123.html"]
        told.assert_only_looked()

    edited.assert_exact()
    assert edited.done.result["uploaded"] == ["css/site.css"]
    assert [o["reason"] for o in edited.done.result["operations"]] == ["content changed"]
    assert edited.done.content["css/site.css"] == b"body { color: tan }"
    assert edited.done.content.keys() == first.done.content.keys()
    diff = edited.done.result["diff"]
    assert diff["before"].startswith("css/site.css (19 bytes")
    assert diff["after"].startswith("css/site.css (19 bytes")
    assert diff["after"].endswith("– content changed\n")
    assert diff["before_header"] == server.url
    assert f"\n+{diff['after']}" in outcome.output

    left.assert_only_looked()
    assert not left.result["changed"]
    assert left.result["drifted"] == drifted
    (warning,) = left.result["warnings"]
    assert all(path in warning for path in drifted)
    assert "force: true" in warning
    assert warning in " ".join(outcome.output.split())

    righted.assert_exact()
    assert righted.done.result["drifted"] == drifted
    assert righted.done.result["uploaded"] == drifted
    assert {o["path"]: o["reason"] for o in righted.done.result["operations"]} == {
        "about.html": "changed on the server",
        "contact.html": "changed on the server",
        "css/print.css": "missing on the server",
    }
    assert righted.done.content == edited.done.content
    assert righted.again.result["drifted"] == []

    assert not kept.result["changed"]  # without `delete` nothing goes
    assert kept.result["operations"] == []

    cleaned.assert_exact()
    gone = ["news/2025/a.html", "news/2025/b.html", "news/index.html", "old.html"]
    assert cleaned.done.result["deleted"] == [*gone, "news/2025", "news"]
    assert [c["path"] for c in cleaned.done.result["conflicts"]] == ["guestbook.html"]
    assert cleaned.again.result["conflicts"] == cleaned.done.result["conflicts"]
    assert cleaned.done.result["unmanaged"] == ["cgi-bin", "google123.html"]
    expected = {path: content for path, content in righted.done.content.items() if path not in gone}
    expected.update({"guestbook.html": b"Hello from Ada", "uploads/visitor.txt": b"mine"})
    assert cleaned.done.content == expected
    assert not (server.root / "news").exists()

    assert list(playbooks.home.iterdir()) == []  # nothing is kept on the host that runs the module


def test_folder_on_server_is_made(ftp_server: t.Callable[..., Server], site: Path, playbooks: Playbooks) -> None:
    server = ftp_server("pyftpdlib").at("www")
    story = Story(server, local=str(site), remote=f"{server.url}/not/there/yet")
    check = story.sync(check=True)
    refused = story.sync(create_root=False)
    done = story.sync()
    story.play(playbooks)
    check.assert_only_looked()
    refused.assert_only_looked()
    assert refused.result["failed"]
    assert "create_root: true" in refused.result["msg"]
    assert check.result["operations"] == done.result["operations"]
    assert (server.root / "not/there/yet/index.html").read_bytes() == as_bytes(SITE["index.html"])


NAMES = [
    " leading",
    "trailing ",
    "  both  ",
    "in  side",
    'double"quote',
    '""',
    "single'quote",
    "back`tick",
    "hash#tag",
    "per%cent",
    "100%25",
    "semi;colon",
    "br[ack]et",
    "[abc]",
    "st*r",
    "wh?t",
    "-rf",
    "--help",
    "~tilde",
    "$HOME",
    "{{ mustache }}",
    "{% raw %}",
    "back\\slash",
    "am&p<b>",
    "pipe|",
    "colon:c",
    "a=b",
    "comma,",
    "!bang",
    "..dots",
    "...",
    ".hidden",
    "123",
    "true",
    "12 Jan  2020 x",
    unicodedata.normalize("NFC", "Käse.html"),
    unicodedata.normalize("NFD", "Käse.html"),
    "日本語",
    "Ελλάδα",
    "😀.png",
    "x" * 200,
    "é" * 100,
]


def unholdable(server: Server, name: str) -> bool:
    """Names that a server alters or refuses (spec/ftp-servers.md): these shall fail alone."""
    return server.kind == "pure-ftpd" and (name.endswith(" ") or "\\" in name)


def test_names(server: Server, playbooks: Playbooks, tmp_path: Path) -> None:
    local, refused = tmp_path / "odd names", tmp_path / "refused"
    names = [name for name in NAMES if not unholdable(server, name)]
    bad = sorted({*NAMES} - {*names})
    for name in names:
        write(local, {name: f"content of {name}", f"folder {name}/{name}": name})
    write(refused, {**dict.fromkeys(bad, "bad"), "good.html": "good"})
    story = Story(server, local=str(local), delete=True)
    foretold, done, again = story.sync(check=True), story.sync(), story.sync()
    changed = {name: f"later {name}" for name in names}
    story.do(lambda: write(local, changed))
    story.do(lambda: [shutil.rmtree(local / f"folder {name}") for name in names])
    half_foretold, half, half_again = story.sync(check=True), story.sync(), story.sync()
    rest = story.sync(local=str(refused), remote=f"{server.url}/rest")
    story.play(playbooks)
    expected = {name: as_bytes(f"content of {name}") for name in names}
    deep = {f"folder {name}/{name}": name.encode() for name in names}
    for told in (foretold, again, half_foretold, half_again):
        told.assert_only_looked()
    assert done.result["errors"] == []
    assert foretold.result["operations"] == done.result["operations"]
    assert done.content == {**expected, **deep}
    assert sorted(done.result["uploaded"]) == sorted([*expected, *deep])
    assert half.result["errors"] == []
    assert half_foretold.result["operations"] == half.result["operations"]
    assert half.content == {name: as_bytes(text) for name, text in changed.items()}
    assert not again.result["changed"]
    assert not half_again.result["changed"]
    folders = {path.name for path in server.root.iterdir() if path.is_dir()}
    assert folders == {".ftpsync", "rest"}
    assert rest.result.get("failed", False) is bool(bad)
    assert sorted(error["path"] for error in rest.result["errors"]) == bad
    assert rest.result["uploaded"] == ["good.html"]
    assert all("rename it" in error["message"] for error in rest.result["errors"])


def as_bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
