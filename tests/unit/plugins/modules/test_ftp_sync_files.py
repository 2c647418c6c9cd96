# Copyright (c) 2026, webdeploy.ftp contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that ftp_sync writes beside what it publishes: reports, digests, progress."""

from __future__ import annotations

import functools
import json
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.webdeploy.ftp.plugins.module_utils.ftpsync import options
from ansible_collections.webdeploy.ftp.plugins.modules import ftp_sync

from .conftest import Run


@pytest.fixture
def run(run_module: Run) -> Run:
    return functools.partial(run_module, ftp_sync)


@pytest.mark.parametrize("ending", ["html", "md", "json", "HTML"])
def test_a_report_is_written_after_each_run(
    run: Run, site: Path, tmp_path: Path, ftp_server: t.Any, ending: str
) -> None:
    report_path = tmp_path / f"deployment.{ending}"
    args = {"local": str(site), "report": str(report_path), **ftp_server().connection()}
    assert run(**args).result["changed"] is True
    first = report_path.read_text(encoding="utf-8")
    assert "css/site.css" in first.replace("<span>css/</span>", "css/")
    assert run(**args).result["changed"] is False
    assert report_path.read_text(encoding="utf-8") != first
    assert [path.name for path in tmp_path.iterdir() if "report" in path.name] == []


def test_a_report_tells_of_failures_before_and_after_connecting(
    run: Run, site: Path, tmp_path: Path, ftp_server: t.Any
) -> None:
    report_path = tmp_path / "deployment.json"
    args = {"local": str(site), "report": str(report_path), "retries": 0, **ftp_server().connection()}
    for change in ({"local": str(tmp_path / "nowhere")}, {"port": 1}):
        answer = run(**{**args, **change})
        told = json.loads(report_path.read_text())
        assert (told["outcome"], told["msg"]) == ("failed", answer.result["msg"])
        assert told["operations"] == []
        report_path.unlink()
    (site / "line\nend.txt").write_text("no FTP command can carry this name")
    answer = run(**args)
    told = json.loads(report_path.read_text())
    assert answer.status == 1
    assert told["outcome"] == "failed"
    assert told["uploaded"] == answer.result["uploaded"] == ["css/site.css", "index.html"]
    assert told["warnings"] == answer.warnings


def test_check_mode_writes_no_report(run: Run, site: Path, tmp_path: Path, ftp_server: t.Any) -> None:
    args = {"local": str(site), **ftp_server().connection()}
    assert run(check=True, report=str(tmp_path / "deployment.html"), **args).status == 0
    # A task that makes the folder has not done so in check mode either.
    assert run(check=True, report=str(tmp_path / "reports" / "deployment.html"), **args).status == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "site"]


def test_a_report_is_never_published(run: Run, site: Path, tmp_path: Path, ftp_server: t.Any) -> None:
    server = ftp_server()
    args = {"local": str(site), "report": str(site / "logs" / "deployment.md"), **server.connection()}
    (site / "logs").mkdir()
    (tmp_path / "link").symlink_to(site / "logs")
    for path in (args["report"], str(tmp_path / "link" / "deployment.md")):
        for check in (True, False):
            assert "add /logs/deployment.md to exclude" in run(check=check, **{**args, "report": path}).result["msg"]
    assert not list((site / "logs").iterdir())
    assert server.commands() == []
    for pattern in ("logs/", "*.md", "/logs/deployment.md"):
        assert run(exclude=[pattern], **args).status == 0
        assert list((site / "logs").iterdir())
    published = [path for path in server.files() if not path.startswith(".ftpsync/")]
    assert sorted(published) == ["css/site.css", "index.html"]


def test_a_folder_as_report_is_refused_before_connecting(
    run: Run, site: Path, tmp_path: Path, ftp_server: t.Any
) -> None:
    (tmp_path / "deployment.html").mkdir()
    server = ftp_server()
    answer = run(local=str(site), report=str(tmp_path / "deployment.html"), **server.connection())
    assert "is no file" in answer.result["msg"]
    assert server.commands() == []


def test_a_report_that_cannot_be_written_in_the_end_is_a_warning(
    run: Run, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()

    def vanishing(_wanted: options.SyncOptions, check: bool) -> t.Any:
        folder.rmdir()
        return ftp_sync.NOTHING

    monkeypatch.setattr(ftp_sync, "synchronize", vanishing)
    answer = run(local=str(site), remote="ftp://127.0.0.1/", report=str(folder / "deployment.html"))
    assert answer.status == 0
    (warning,) = answer.warnings
    assert "deployment.html was not written (No such file or directory)" in warning


def test_an_old_report_keeps_its_mode_and_its_link(
    run: Run, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ftp_sync, "synchronize", lambda _wanted, check: ftp_sync.NOTHING)
    kept, link = tmp_path / "kept.html", tmp_path / "link.html"
    kept.write_text("old")
    kept.chmod(0o600)
    link.symlink_to(kept)
    run(local=str(site), remote="ftp://127.0.0.1/", report=str(link))
    assert link.is_symlink()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.read_text().startswith("<!DOCTYPE html>")


def test_hash_cache_reads_in_check_mode_and_writes_in_runs(
    run: Run, site: Path, tmp_path: Path, ftp_server: t.Any
) -> None:
    args = {"local": str(site), "hash_cache": str(tmp_path / "cache" / "hashes"), **ftp_server().connection()}
    answer = run(check=True, **args)  # a task that makes the folder has not done so in check mode either
    assert (answer.status, answer.warnings) == (0, [])
    (tmp_path / "cache").mkdir()
    time.sleep(2.1)  # younger files are not remembered
    assert run(check=True, **args).warnings == []
    assert not list((tmp_path / "cache").iterdir())
    answer = run(**args)
    assert (answer.result["changed"], answer.warnings) == (True, [])
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == ["hashes", "hashes.lock"]
    (tmp_path / "cache" / "hashes").write_bytes(b"no cache")
    answer = run(**args)
    assert answer.result["changed"] is False
    (warning,) = answer.warnings
    assert "hash_cache" in warning
    assert "is another file" in warning


def test_progress_is_written_in_runs_alone_and_never_published(
    run: Run, site: Path, tmp_path: Path, ftp_server: t.Any
) -> None:
    args = {"local": str(site), **ftp_server().connection()}
    inside = str(site / "css" / "progress")
    for check in (True, False):
        message = run(check=check, progress_file=inside, **args).result["msg"]
        assert message.startswith("progress_file: ") and "add /css/progress to exclude" in message
    path = tmp_path / "progress"
    assert run(check=True, progress_file=str(path), **args).status == 0
    assert not path.exists()
    answer = run(progress_file=str(path), **args)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[-1]["phase"] == "done"
    assert lines[-1]["files_done"] == len(answer.result["uploaded"]) > 0
    answer = run(progress_file=str(tmp_path / "missing" / "progress"), **args)
    assert (answer.status, len(answer.warnings)) == (0, 1)
    assert "cannot be written" in answer.warnings[0]


def test_a_hash_cache_is_never_published(run: Run, site: Path, ftp_server: t.Any) -> None:
    server = ftp_server()
    for check in (True, False):
        answer = run(check=check, local=str(site), hash_cache=str(site / "css" / "hashes"), **server.connection())
        assert "add /css/hashes* to exclude" in answer.result["msg"]
    assert server.commands() == []
