# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a run: what stands on it, and that nobody's names or replies can become markup."""

from __future__ import annotations

import html
import json
import re
import typing as t
from html.parser import HTMLParser

import pytest

from ftpsync import options
from ftpsync.apply.job import Outcome
from ftpsync.decide import KINDS_DIFFER
from ftpsync.model import (
    CREATE,
    CREATE_DIRECTORY,
    DELETE,
    DELETE_PATH,
    DIRECTORY,
    DOWNLOAD,
    FILE,
    MODES,
    PUBLISH,
    REMOVE,
    SET_MODE,
    UPLOAD,
    Entry,
    Operation,
    Plan,
    Problem,
)
from ftpsync.page import build as report_page
from ftpsync.page import words as report_page_words
from ftpsync.page.markdown import code, text
from ftpsync.result import Result

STARTED = 1773480410.0  # 2026-03-14 09:26:50 UTC

UPLOADED = Operation(PUBLISH, "css/site.css", UPLOAD, FILE, 20412, "content changed")
ENTRY = Operation(PUBLISH, "index.html", UPLOAD, FILE, 5120, "new")
DELETED = Operation(DELETE, "news/old.html", DELETE_PATH, FILE, 10, "removed from the source")
REMOVED = Operation(REMOVE, "news", DELETE_PATH, DIRECTORY, 0, "removed from the source")
CREATED = Operation(CREATE, "css", CREATE_DIRECTORY, DIRECTORY, 0, "new")
MODE = Operation(MODES, "cgi/form.pl", SET_MODE, FILE, 0, "mode is 0644", mode=0o755)


def result(
    *operations: Operation,
    failed: t.Sequence[tuple[Operation, str]] = (),
    skipped: t.Sequence[Operation] = (),
    **changes: t.Any,
) -> Result:
    """A run that did these operations, and failed at or did not try others."""
    outcome = Outcome(records={}, quirks={})
    outcome.done = dict.fromkeys(operations)
    outcome.failed = list(failed)
    outcome.skipped = list(skipped)
    plan_changes = {name: changes.pop(name) for name in ("drifted", "unmanaged", "conflicts") if name in changes}
    planned = (*operations, *(operation for operation, _line in failed), *skipped)
    plan = Plan(planned, (), (), (), (), {}, False)._replace(**plan_changes)
    local = {"css/site.css": Entry(FILE, 20412), "index.html": Entry(FILE, 5120)}
    return Result(plan, outcome, local, dict(local), {}, (), None, None, 1.5)._replace(**changes)


def document(run: Result, *, secrets: t.Sequence[str] = (), **given: t.Any) -> dict[str, t.Any]:
    wanted = options.validate(
        {"local": "/site", "remote": "ftps://joe@www.example.com/htdocs", "password": "Sesame", **given}
    )
    return report_page.document(run, wanted, started=STARTED, finished=STARTED + 2, host="ci-7", secrets=secrets)


def render(run: Result, ending: str, **given: t.Any) -> str:
    return report_page.render(document(run, **given), f"report.{ending}")


VOID = ("meta",)


class Outline(HTMLParser):
    """Fails on tags that are not balanced; keeps tags, attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.classes: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _value in attrs)
        self.classes.update(value or "" for name, value in attrs if name == "class")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data if "style" not in self.open else ""


# Everything a page of ours may consist of: whatever is not here came from a name.
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "section", "article", "footer"),
    *("h1", "h2", "h3", "p", "small", "span", "code", "pre", "ul", "li", "dl", "div", "dt", "dd", "details", "summary"),
}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "title", "tabindex", "aria-hidden"}

HOSTILE = [
    "<script>alert(1)</script>.html",
    '"><img src=x onerror=alert(1)>.html',
    "' onmouseover='alert(1)",
    "</code></li></ul><style>*{display:none}</style>",
    "a|b|c.html",
    "tick`and``ticks```.html",
    "`",
    "![x](https://evil.example/x.png)",
    "<https://evil.example>",
    "@everyone",
    "# headline",
    "back\\slash\\|pipe",
    "*bold* _it_ ~~x~~ &lt; &amp;",
    "$math$",
]


def everywhere(name: str) -> Result:
    """A run in which one text stands wherever a server, a folder or a person could put it."""
    upload, delete = UPLOADED._replace(path=name), DELETED._replace(path=f"folder/{name}")
    return result(
        upload,
        delete,
        failed=[(ENTRY._replace(path=name + "2"), name)],
        skipped=[CREATED._replace(path=name + "3")],
        drifted=(name,),
        unmanaged=(name,),
        conflicts=(Problem(name, name),),
        warnings=(name,),
        error=name,
        backup_id="20260314T092650Z-7",
        server={"banner": name, "features": [name], name: name},
    )


# ---------------------------------------------------------------------- HTML


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_html(name: str) -> None:
    outline = Outline(render(everywhere(name), "html"))
    assert outline.tags <= TAGS
    assert outline.attributes <= ATTRIBUTES
    assert outline.text.count(name) >= 8


def test_an_html_page_is_well_formed_and_loads_nothing() -> None:
    page = render(everywhere("plain.html"), "html")
    outline = Outline(page)
    assert outline.tags <= TAGS - {"details", "summary"}
    assert not re.search(r"https?://|url\(|@import|<script|<link|src=|href=", page)
    assert "Content-Security-Policy" in page
    assert "default-src 'none'" in page
    assert "prefers-color-scheme: dark" in page
    assert 'content="width=device-width' in page
    assert "@media print" in page


def test_control_characters_and_marks_that_reverse_text_are_written_out() -> None:
    name = "a\x1b[31m\r\n\x00b\x85.html"
    for ending in ("html", "md", "json"):
        page = render(everywhere(name), ending)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", page)
        assert "x1b" in page
    for ending in ("html", "md"):
        page = render(everywhere("invoice\u202egpj.exe"), ending)
        assert "\u202e" not in page
        assert "u202egpj.exe" in page


def test_bytes_that_are_no_text_can_be_written() -> None:
    for ending in ("html", "md", "json"):
        assert b"xe9" in render(everywhere("caf\udce9.html"), ending).encode("utf-8")


# ---------------------------------------------------------------------- Markdown


# A small part of GitHub's rules, enough to see what a reader sees.
def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


@pytest.mark.parametrize(
    "name", [*HOSTILE, "plain.html", "a  b", " lead", "1. one", "- dash", "+", "2) x", "www.a.example"]
)
def test_no_name_becomes_markdown(name: str) -> None:
    page = re.sub("(?s)```yaml.*```", "", render(everywhere(name), "md"))
    for line in page.splitlines():
        if line.startswith("| ") and "---" not in line:
            assert len(cells(line)) in (2, 3, 5, 6), line
        bare = re.sub(r"`[^`]*`|</?code>", "", line)
        assert not re.search(r"(?<!\\)[<\[`]|(?<!\\)!\[|[@$]|https?://", bare), line
    assert seen(code(name)) == name
    assert seen(text(name)) == " ".join(name.split())


def seen(markup: str) -> str:
    if markup.startswith("`"):
        return markup[1:-1]
    plain = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markup) if not markup.startswith("<code>") else markup[6:-7]
    return html.unescape(plain)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("css/site.css", "`css/site.css`"),
        ("é/日本 1.html", "`é/日本 1.html`"),
        ("a|b", "<code>a&#124;b</code>"),
        ("a`b", "<code>a&#96;b</code>"),
        ("", ""),
    ],
)
def test_code_spans_stay_readable(given: str, expected: str) -> None:
    assert code(given) == expected


# ---------------------------------------------------------------------- what stands on it

SECTIONS = [
    ("Uploaded", {}, [UPLOADED]),
    ("Deleted", {}, [DELETED]),
    ("Folders created", {}, [CREATED]),
    ("Permissions set", {}, [MODE]),
    ("Failed", {"failed": [(ENTRY, "552 Quota exceeded")], "error": "failed"}, []),
    ("Not tried", {"skipped": [ENTRY], "error": "failed"}, []),
    ("Conflicts", {"conflicts": (Problem("a", "changed on both sides"),)}, []),
    ("Drifted", {"drifted": ("a",)}, []),
    ("Unmanaged", {"unmanaged": ("a",)}, []),
]


@pytest.mark.parametrize(("title", "changes", "operations"), SECTIONS, ids=[row[0] for row in SECTIONS])
def test_a_list_is_there_when_it_has_something(
    title: str, changes: dict[str, t.Any], operations: list[Operation]
) -> None:
    page = report_page.page(document(result(*operations, **changes)))
    assert [section.title for group in page.groups for section in group.sections] == [title]
    for ending, mark in (("html", f"<h3>{title} "), ("md", f"### {title}:")):
        assert mark in render(result(*operations, **changes), ending)
        assert mark not in render(result(), ending)


def test_the_rest_is_there_when_it_has_something() -> None:
    full = result(UPLOADED, warnings=("beware",), backup_id="20260314T092650Z-7", server={"banner": "hello"})
    for ending, marks in (
        ("html", ('class="warnings"', "<h2>Server</h2>", "How to undo it", 'class="numbers"')),
        ("md", ("## Warnings", "## Server", "## How to undo it", "| Uploaded |")),
    ):
        empty = render(result(local={}, remote={}), ending)
        for mark in marks:
            assert mark in render(full, ending)
            assert mark not in empty


@pytest.mark.parametrize(
    ("run", "outcome", "summary"),
    [
        (result(UPLOADED, ENTRY), "deployed", "2 files uploaded (26 kB)."),
        (
            result(UPLOADED, DELETED, REMOVED, CREATED, MODE),
            "deployed",
            "1 file uploaded (20 kB), 1 file and 1 folder deleted, 1 folder created, permissions of 1 path set.",
        ),
        (result(), "nothing_to_do", "2 files already up to date on the server."),
        (result(local={}), "nothing_to_do", "There were no files to upload."),
        (result(error="530 Login incorrect"), "failed", "Nothing was published."),
        (
            result(UPLOADED, failed=[(ENTRY, "552")], skipped=[DELETED, REMOVED], error="552"),
            "failed",
            "1 file uploaded (20 kB). 1 operation failed, 2 operations not tried.",
        ),
        (result(failed=[(ENTRY, "552")], error="552"), "failed", "No change is confirmed. 1 operation failed."),
    ],
)
def test_the_headline_says_what_came_of_it(run: Result, outcome: str, summary: str) -> None:
    page = report_page.page(document(run))
    assert (page.outcome, page.summary, page.message) == (outcome, summary, run.error or "")
    assert page.site == "www.example.com/htdocs"
    assert page.about[0] == ("From", "/site on ci-7")
    assert page.about[1:] == (
        ("To", "ftps://www.example.com/htdocs"),
        ("When", "2026-03-14 09:26:50 to 09:26:52 UTC"),
    )


FETCHED = Operation(PUBLISH, "logs/access.log", DOWNLOAD, FILE, 1_500_000, "new on the server", side="local")
DROPPED = Operation(DELETE, "logs/old.log", DELETE_PATH, FILE, 10, "deleted on the server", side="local")
MADE = Operation(CREATE, "logs", CREATE_DIRECTORY, DIRECTORY, 0, "new on the server", side="local")


@pytest.mark.parametrize(
    ("direction", "run", "outcome", "summary"),
    [
        (
            "download",
            result(FETCHED, DROPPED, MADE),
            "downloaded",
            "1 file downloaded (1.5 MB), 1 file deleted, 1 folder created.",
        ),
        (
            "sync",
            result(UPLOADED, FETCHED, DELETED, DROPPED),
            "synchronized",
            "1 file uploaded (20 kB), 1 file downloaded (1.5 MB), 2 files deleted.",
        ),
        ("download", result(), "nothing_to_do", "2 files already equal on both sides."),
        ("sync", result(local={}), "nothing_to_do", "There were no files to transfer."),
        ("download", result(error="530 Login incorrect"), "failed", "Nothing was changed."),
        (
            "sync",
            result(FETCHED, failed=[(UPLOADED, "552")], skipped=[DROPPED], error="552"),
            "failed",
            "1 file downloaded (1.5 MB). 1 operation failed, 1 operation not tried.",
        ),
    ],
)
def test_the_headline_of_other_directions(direction: str, run: Result, outcome: str, summary: str) -> None:
    told = document(run, direction=direction)
    page = report_page.page(told)
    assert (told["outcome"], told["direction"], page.summary) == (outcome, direction, summary)
    assert page.outcome in ("deployed", "nothing_to_do", "failed")  # what style and icons know
    if outcome not in ("failed", "nothing_to_do"):
        assert page.headline.lower() == outcome


@pytest.mark.parametrize(
    ("direction", "sides"),
    [
        ("upload", [("From", "/site on ci-7"), ("To", "ftps://www.example.com/htdocs")]),
        ("download", [("From", "ftps://www.example.com/htdocs"), ("To", "/site on ci-7")]),
        ("sync", [("Here", "/site on ci-7"), ("There", "ftps://www.example.com/htdocs")]),
    ],
)
def test_a_page_says_from_where_to_where(direction: str, sides: list[tuple[str, str]]) -> None:
    page = report_page.page(document(result(), direction=direction))
    assert list(page.about[:2]) == sides


def test_lists_of_a_sync_say_which_side_they_are_about() -> None:
    run = result(UPLOADED, FETCHED, DELETED, DROPPED, REMOVED, CREATED, MADE)
    (changed,) = report_page.page(document(run, direction="sync")).groups
    assert {section.title: [row.path for row in section.rows] for section in changed.sections} == {
        "Uploaded": ["css/site.css"],
        "Downloaded": ["logs/access.log"],
        "Deleted on the server": ["news/old.html", "news/"],
        "Deleted here": ["logs/old.log"],
        "Folders created on the server": ["css/"],
        "Folders created here": ["logs/"],
    }
    (changed,) = report_page.page(document(result(FETCHED, DROPPED, MADE), direction="download")).groups
    assert [section.title for section in changed.sections] == ["Downloaded", "Deleted", "Folders created"]
    assert changed.sections[0].rows[0].size == FETCHED.size


@pytest.mark.parametrize(
    ("direction", "labels"),
    [
        ("upload", ["Uploaded", "Deleted", "Unchanged", "Sent", "Took"]),
        ("download", ["Downloaded", "Deleted", "Unchanged", "Received", "Took"]),
        ("sync", ["Uploaded", "Downloaded", "Deleted", "Unchanged", "Took"]),
    ],
)
def test_numbers_are_those_of_the_direction(direction: str, labels: list[str]) -> None:
    numbers = report_page.page(document(result(UPLOADED, FETCHED), direction=direction)).numbers
    assert [number.label for number in numbers] == labels
    details = {number.label: (number.value, number.detail) for number in numbers}
    if direction == "download":
        assert details["Downloaded"] == ("1", "of 2 on the server") and details["Received"][0] == "1.5 MB"
    elif direction == "sync":
        assert (details["Downloaded"], details["Uploaded"]) == (("1", "1.5 MB"), ("1", "20 kB"))


@pytest.mark.parametrize(
    ("direction", "helps"), [("upload", "local"), ("download", "remote"), ("sync", "local or resolve: remote")]
)
def test_advice_on_conflicts_fits_the_direction(direction: str, helps: str) -> None:
    conflicts = (Problem("a", "changed on both sides"), Problem("b", KINDS_DIFFER))
    told = document(result(conflicts=conflicts), direction=direction)
    (warning,) = told["warnings"]
    assert f"a (changed on both sides); resolve: {helps} lets" in warning and "b" not in warning.split()
    assert [conflict["path"] for conflict in told["conflicts"]] == ["a", "b"]


def test_what_failed_before_anything_was_tried_is_an_error() -> None:
    told = document(result(problems=(Problem("secret", "secret: cannot be listed: 550"),), error="x"), direction="sync")
    assert told["errors"] == [{"path": "secret", "operation": "plan", "message": "secret: cannot be listed: 550"}]
    (group,) = report_page.page(told).groups
    assert [(s.title, s.rows[0].path, s.rows[0].note) for s in group.sections] == [
        ("Failed", "secret", "cannot be listed: 550")
    ]


def test_paths_have_their_reasons_and_sizes() -> None:
    page = report_page.page(document(result(UPLOADED, DELETED, REMOVED)))
    (uploaded, deleted) = page.groups[0].sections
    assert uploaded.rows == (("css/site.css", "content changed", 20412),)
    assert deleted.rows == (
        ("news/old.html", "removed from the source", 10),
        ("news/", "removed from the source", None),
    )


def test_drift_says_what_became_of_it() -> None:
    page = report_page.page(document(result(UPLOADED, drifted=("css/site.css", "robots.txt"))))
    (drifted,) = page.groups[1].sections
    assert [row.note for row in drifted.rows] == ["put right", "left alone"]


def test_long_lists_are_folded_and_very_long_ones_cut() -> None:
    def of(number: int) -> Result:
        return result(*(ENTRY._replace(path=f"f{index:05}") for index in range(number)))

    assert "<details>" not in render(of(15), "html")
    folded = render(of(16), "html")
    assert "<summary>6 more</summary>" in folded
    assert "f00015" in folded
    cut = render(of(2345), "html")
    Outline(cut)
    assert "2,345 files" in cut
    assert "<summary>2,335 more</summary>" in cut
    assert "and 1,345 more, which this page does not list" in cut
    assert "f00999" in cut
    assert "f01000" not in cut
    assert "… and 1,345 more" in render(of(2345), "md")
    assert len(json.loads(render(of(2345), "json"))["operations"]) == 2345


def test_a_backup_set_comes_with_the_task_that_undoes_it() -> None:
    run = result(UPLOADED, backup_id="20260314T092650Z-7")
    task = report_page.page(document(run)).rollback
    assert task.splitlines()[:4] == [
        "- name: Undo this deployment",
        "  webdeploy.ftp.ftp_rollback:",
        '    remote: "ftps://www.example.com/htdocs"',
        '    backup_id: "20260314T092650Z-7"',
    ]
    assert "joe" not in task
    other = document(run, state_dir="/private", tls="implicit", port=2121, encoding="latin-1", validate_certs=False)
    assert other["rollback"] == {
        "remote": "ftps://www.example.com:2121/htdocs",
        "backup_id": "20260314T092650Z-7",
        "tls": "implicit",
        "state_dir": "/private",
        "validate_certs": False,
        "encoding": "iso8859-1",
    }
    # If nothing took place there is nothing to undo.
    assert document(result(backup_id="20260314T092650Z-7", error="552"))["rollback"] is None


# ---------------------------------------------------------------------- JSON, secrets, equality


def test_json_is_the_result_with_its_context() -> None:
    told = json.loads(render(result(UPLOADED), "json"))
    assert told["uploaded"] == ["css/site.css"]
    assert told["outcome"] == "deployed"
    assert (told["started"], told["finished"]) == ("2026-03-14T09:26:50Z", "2026-03-14T09:26:52Z")
    assert (told["local"], told["host"], told["remote"]) == ("/site", "ci-7", "ftps://www.example.com/htdocs")
    assert "joe" not in json.dumps(told)


@pytest.mark.parametrize("ending", ["html", "md", "json"])
def test_secrets_are_masked_wherever_they_turn_up(ending: str) -> None:
    run = everywhere("x-Sesame-x")._replace(server={"banner": "Sesame", "features": ["Sesame"]})
    page = render(run, ending, secrets=["Sesame", "Ses"])
    assert "Sesame" not in re.sub("[\\\\*]", "", page)
    # Words of ours stay, even where somebody chose them as a password.
    for word in ("upload", "uploaded", "deployed", "file", "path"):
        assert "uploaded" in render(result(UPLOADED), ending, secrets=[word]).lower()


@pytest.mark.parametrize("ending", ["html", "md", "json"])
def test_equal_runs_give_equal_pages(ending: str) -> None:
    assert render(everywhere("a"), ending) == render(everywhere("a"), ending)


# ---------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9949, "9.9 kB"),
        (9950, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (4_215_330, "4.2 MB"),
        (64 * 10**9, "64 GB"),
        (5 * 10**16, "50,000 TB"),
    ],
)
def test_sizes_for_people(size: int, expected: str) -> None:
    assert report_page_words.bytes_of(size) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.0, "0.00 s"),
        (1.499, "1.50 s"),
        (9.996, "10.0 s"),
        (59.96, "1:00 min"),
        (192.4, "3:12 min"),
        (7260, "2:01 h"),
    ],
)
def test_times_for_people(seconds: float, expected: str) -> None:
    assert report_page_words.duration(seconds) == expected
