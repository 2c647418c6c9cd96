# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A site that is on the server already is taken over without being sent again."""

from __future__ import annotations

import hashlib
import json
import typing as t
import zlib
from pathlib import Path

import pytest

from ftpsync import options
from ftpsync.records.folder_file import META_FILE_NAME, FolderDocument
from tests.servers import Server

from .conftest import EARLIER, Content, assert_settled, deploy, settings, write_tree


@pytest.mark.parametrize("adopt", ["size", "hash"])
def test_what_is_there_is_taken_over(server: Server, tmp_path: Path, adopt: str) -> None:
    site = tmp_path / "site"
    site.mkdir()
    for name, content in {"same.txt": "same", "other.txt": "ours", "new.txt": "new"}.items():
        (site / name).write_text(content)
    server.put("same.txt", "same")
    server.put("other.txt", "them")  # of equal size
    server.put("foreign.txt", "not ours")
    found = deploy(server, site, adopt=adopt)
    if adopt == "size":
        assert (found["adopted"], found["uploaded"]) == (["other.txt", "same.txt"], ["new.txt"])
    else:
        assert (found["adopted"], found["uploaded"]) == (["same.txt"], ["new.txt", "other.txt"])
    assert found["unmanaged"] == ["foreign.txt"]
    assert_settled(server, site, adopt=adopt)
    (site / "same.txt").unlink()
    assert deploy(server, site, delete=True)["deleted"] == ["same.txt"]


NAMES = ("same.txt", "two  words 1 2.txt", 'say "x".txt', "grüße/a.txt", "empty.txt")


@pytest.mark.real_server
@pytest.mark.parametrize("deny", [(), ("HASH",)])
def test_server_that_computes_digests_is_asked(
    ftp_server: t.Callable[..., Server], tmp_path: Path, deny: tuple[str, ...]
) -> None:
    """What it tells is not read back; what it refuses to tell is, and in the end all is known."""
    server = ftp_server("proftpd", extra=["LoadModule mod_digest.c"], deny=deny)
    site = write_tree(tmp_path / "site", {**{name: name for name in NAMES[:-1]}, "empty.txt": "", "other.txt": "ours"})
    for name in NAMES[:-1]:
        server.put(name, name)
    server.put("empty.txt", "")
    server.put("other.txt", "them")
    server.mark()
    found = deploy(server, site, check=True, adopt="hash")
    assert server.writes() == []
    assert found["adopted"] == sorted(NAMES)
    assert found["uploaded"] == ["other.txt"]
    commands = server.commands()
    read = [line for line in commands if line.startswith("RETR")]
    assert len([line for line in commands if line.startswith("HASH")]) == len(NAMES) + 1
    assert len(read) == (len(NAMES) + 1 if deny else 0)


# ---------------------------------------------------------------------- adopt: records


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sync_state(**files: tuple[int, str]) -> str:
    """What FTP-Deploy-Action leaves on a server."""
    entries: list[dict[str, object]] = [{"type": "folder", "name": "sub"}]
    entries += [
        {"type": "file", "name": name.replace("__", "/").replace("_", "."), "size": size, "hash": digest}
        for name, (size, digest) in files.items()
    ]
    return json.dumps({"description": "x", "version": "1.0.0", "generatedTime": 1598141562251, "data": entries})


def test_what_ftp_deploy_action_has_recorded(server: Server, tmp_path: Path) -> None:
    site = write_tree(
        tmp_path / "site", {"same.txt": "same", "changed.txt": "new text", "foreign.txt": "mine", "sub/a.txt": "a"}
    )
    there = {"same.txt": "same", "changed.txt": "old", "gone.txt": "gone", "cut.txt": "cu", "foreign.txt": "them"}
    for name, content in {**there, "sub/a.txt": "a", "old/deep/b.txt": "b"}.items():
        server.put(name, content)
    claimed = {
        "same_txt": (4, _sha256("same")),
        "changed_txt": (3, _sha256("old")),
        "gone_txt": (4, _sha256("gone")),
        "cut_txt": (3, _sha256("cut")),  # its size is another one by now
        "sub__a_txt": (1, _sha256("a")),
        "old__deep__b_txt": (1, _sha256("b")),
        "missing_txt": (1, _sha256("x")),
    }
    server.put(".ftp-deploy-sync-state.json", _sync_state(**claimed))
    server.mark()
    foretold = deploy(server, site, check=True, adopt="records", delete=True)
    assert server.writes() == []
    done = deploy(server, site, adopt="records", delete=True)
    assert done["adopted"] == ["changed.txt", "gone.txt", "old/deep/b.txt", "same.txt", "sub/a.txt"]
    assert done["uploaded"] == ["changed.txt", "foreign.txt"]
    assert [path for path in done["deleted"] if path.endswith(".txt")] == ["gone.txt", "old/deep/b.txt"]
    assert "cut.txt" in done["unmanaged"]
    for key in ("adopted", "uploaded", "deleted", "operations", "unmanaged", "changed", "warnings"):
        assert foretold[key] == done[key], key
    assert_settled(server, site, adopt="records", delete=True)


def test_what_ftp_deployment_has_recorded(server: Server, tmp_path: Path) -> None:
    """What the source still has, and the server has in the same size, is ours; of all else nothing is known."""
    tree: dict[str, Content] = {"same.txt": "a\r\n", "changed.txt": "new", "resized.txt": "text", "sub/a.txt": "a"}
    site = write_tree(tmp_path / "site", tree)
    for name, content in {
        "same.txt": "a\r\n",
        "changed.txt": "old",
        "resized.txt": "tex",
        "gone.txt": "gone",
        "sub/a.txt": "a",
    }.items():
        server.put(name, content)
    claimed = {
        "same.txt": b"a\n",
        "changed.txt": b"old",
        "resized.txt": b"text",
        "gone.txt": b"gone",
        "sub/a.txt": b"a",
    }
    lines = [f"{hashlib.md5(content).hexdigest()}=/{path}" for path, content in claimed.items()]
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    server.put(".htdeployment", packer.compress("\n".join([*lines, "1=/sub/", ""]).encode()) + packer.flush())
    foretold = deploy(server, site, check=True, adopt="records", delete=True)
    done = deploy(server, site, adopt="records", delete=True)
    assert done["adopted"] == foretold["adopted"] == ["same.txt", "sub/a.txt"]
    assert done["uploaded"] == foretold["uploaded"] == ["changed.txt", "resized.txt"]
    assert done["deleted"] == [] and "gone.txt" in done["unmanaged"]
    assert_settled(server, site, adopt="records", delete=True)


def test_old_claims_count_only_as_long_as_there_is_no_record(server: Server, tmp_path: Path) -> None:
    site = write_tree(tmp_path / "site", {"same.txt": "same", "gone.txt": "gone"})
    server.put(".ftp-deploy-sync-state.json", _sync_state(gone_txt=(4, _sha256("gone"))))
    deploy(server, site, adopt="records", delete=True)
    (site / "gone.txt").unlink()
    assert deploy(server, site, adopt="records", delete=True)["deleted"] == ["gone.txt"]
    server.put("gone.txt", "back")
    found = deploy(server, site, adopt="records", delete=True)
    assert found["deleted"] == [] and "gone.txt" in found["unmanaged"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("<html>", "it is no JSON object"),
        ('{"version": "2.0.0", "data": []}', "its version is '2.0.0'"),
        ('{"version": "1.0.0", "data": {}}', "its version is"),
    ],
)
def test_state_file_that_cannot_be_read(plain_server: Server, tmp_path: Path, content: str, why: str) -> None:
    site = write_tree(tmp_path / "site", {"same.txt": "same"})
    plain_server.put("same.txt", "them")
    plain_server.put(".ftp-deploy-sync-state.json", content)
    found = deploy(plain_server, site, adopt="records")
    assert found["adopted"] == [] and found["uploaded"] == ["same.txt"]
    assert any("nothing is taken over from it" in line and why in line for line in found["warnings"])


def test_what_pyftpsync_has_recorded(server: Server, tmp_path: Path) -> None:
    tree: dict[str, Content] = dict.fromkeys(("same.txt", "edited.txt", "other.txt", "sub/a.txt"), "text")
    site = write_tree(tmp_path / "site", {**tree, "new.txt": "text"})
    for name in (*tree, "gone.txt"):
        server.put(name, "text" if name != "other.txt" else "longer text")
    target = options.validate(settings(server, site))
    peer = f"{target.host}{target.remote_path}"
    for folder, names in {"": ("same.txt", "edited.txt", "other.txt", "gone.txt"), "sub": ("a.txt",)}.items():
        document = FolderDocument()
        for name in names:
            document.set_snapshot(peer, name, EARLIER, 4, EARLIER)
            document.set_snapshot("elsewhere/www", "new.txt", EARLIER, 4, EARLIER)
        (site / folder / META_FILE_NAME).write_bytes(document.dump(EARLIER, False))
    write_tree(site, {"edited.txt": "TEXT"}, EARLIER + 100)
    done = deploy(server, site, adopt="records", delete=True)
    assert done["adopted"] == ["same.txt", "sub/a.txt"]
    assert done["uploaded"] == ["edited.txt", "new.txt", "other.txt"]
    assert done["deleted"] == [] and "gone.txt" in done["unmanaged"]
    assert_settled(server, site, adopt="records", delete=True)
