# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Filters: tables for what is ours, git itself as the judge of gitignore semantics."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftpsync.errors import UsageError
from ftpsync.filters import ALWAYS_IGNORED, Filters, Patterns, parse_ignore_lines

TREE = [
    "a", "b", "ab", "foo", "foo.txt", "x.html", ".hidden", "#hash", "!bang", "a b", "t ", "st*r", "[x]", "ba\\ck",
    "new\nline", "d/a", "d/foo", "d/foo.txt", "d/e/a", "d/e/foo.txt", "d/e/f/a", "d/e/f/x.html", "foodir/d/a", "dd/x",
    "d-e/x", "Zed/A-z", "foo1/bar", "foo1/x/bar", "fo/bar", "build/out/a", "build/out/keep.txt", "build/b",
    "e/d/e/d/e", "1/2/3/4", "^x", "-", "]",
]  # fmt: skip

PATTERNS = [
    "a", "*", "*.txt", "foo*", "d/", "/d", "/a", "d/*", "d/**", "**/a", "**/d/a", "d/**/a", "d/e", "e/", "**/e/",
    "/**/f", "**", "/**", "/*", "/*/", "*/", "**/", "d/e/**", "fo?", "?", "??", "[ab]", "[!a]", "[^a]", "[a-c]",
    "[c-a]", "[]]", "[!]a]", "[a-]", "[\\]]", "[[:alpha:]]", "[![:alnum:]]*", "[[:punct:]]*", "[[:upper:]]ed",
    "[[:space:]]", "*[[:space:]]*", "[[:cntrl:]]", "\\#hash", "\\!bang", "a\\ b", "t\\ ", "st\\*r", "\\[x]", "[[]x]",
    "ba\\\\ck", "foo**/bar", "foo*/bar", "foo**", "fo**/bar", "*o**/bar", "d*/x", "d**/x", "d/***/a", "***/a",
    "d/**e/a", "d/e**/a", "**/**/a", "d/**/**/a", "*a*", "*o*o*", "*f*o*.*t", "d/*/a", "*/*/a", "*/e/*", "build/*",
    "build/**", "build/out", "build/out/", "out", "keep.txt", "build/out/keep.txt", "/build/", "e/d/e", "e/d/e/",
    "**/d/e", "**/d/**", "e/**/e", "d?e", "d?e/x", "d[!x]e", "d[.-0]e/x", "d/e/f/", "Zed/[[:upper:]]-[[:lower:]]",
    "[A-Z]*", "[+--]", "[--0]", "[a-c-e]", "\\a", "d\\/a", "d/**\\/a", "1/**/4", "1/*/4", "1/2/", "1/**/3/",
    "[[:digit:]]/", ".*", ".h*", "[^]]", "[!-]", "\\-", "*?", "?*", "[x[:digit:]]", "[a-\\c]", "[[:xdigit:]]",
    "[[:print:]]", "[[:graph:]]", "[[:blank:]]*", "[[a]", "[[:a]",
]  # fmt: skip


def folders_of(files):
    return sorted({path[:at] for path in files for at, char in enumerate(path) if char == "/"})


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    root = tmp_path_factory.mktemp("repository")
    for path in TREE:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


def ignored_by_git(repository, lines):
    """The paths of TREE that git ignores by an ignore file of these lines."""
    (repository / ".git" / "info" / "exclude").write_bytes(("\n".join(lines) + "\n").encode())
    git = subprocess.run(
        ["git", "-c", "core.ignorecase=false", "check-ignore", "--no-index", "-z", "--stdin"],
        cwd=str(repository),
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
        input="\0".join(TREE + folders_of(TREE)).encode() + b"\0",
        stdout=subprocess.PIPE,
        check=False,
    )
    if git.returncode > 1:  # 1: nothing is ignored
        raise AssertionError(f"git check-ignore failed with {git.returncode}")
    return set(git.stdout.decode().split("\0")[:-1])


def ignored_by_us(patterns):
    filters = Filters(exclude=patterns, default_exclude=())
    folders = folders_of(TREE)
    return {path for path in TREE + folders if not filters.includes(path, path in folders)}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_each_pattern_decides_as_git(repository, pattern):
    assert ignored_by_us([pattern]) == ignored_by_git(repository, [pattern])


def test_lists_with_negation_decide_as_git(repository):
    draw = random.Random(20260)
    for _example in range(250):
        patterns = [("!" if draw.random() < 0.4 else "") + draw.choice(PATTERNS) for dummy in range(draw.randint(2, 6))]
        assert ignored_by_us(patterns) == ignored_by_git(repository, patterns), patterns


def test_invented_patterns_decide_as_git(repository):
    """Any string of the language's characters is decided as by git; what we refuse matches nothing in git."""
    draw = random.Random(7)
    pieces = ["a", "d", "e", "foo", "x", "/", "/", "*", "**", "?", "[", "]", "^", "-", "\\", ".", "[ae]", "[!a]", "txt"]
    for _example in range(400):
        pattern = "".join(draw.choice(pieces) for dummy in range(draw.randint(1, 7)))
        try:
            ours = ignored_by_us([pattern])
        except UsageError:
            ours = set()
        assert ours == ignored_by_git(repository, [pattern]), pattern


IGNORE_LINES = [
    "# no",
    "",
    "  ",
    "a ",
    "b\\ ",
    "t\\ ",
    "t\\  ",
    "foo.txt\r",
    "d/e  ",
    " ab",
    "\\#hash",
    "x.html\\",
    "\t",
    "!d/e/a",
    "e/\r",
]


def test_lines_of_a_file_are_read_as_git_reads_them(repository):
    draw = random.Random(3)
    for _example in range(100):
        lines = [draw.choice(IGNORE_LINES) for dummy in range(4)]
        try:
            ours = ignored_by_us(parse_ignore_lines("\n".join(lines) + "\n"))
        except UsageError:
            assert "x.html\\" in lines
            continue
        assert ours == ignored_by_git(repository, lines), lines


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("", []),
        ("\ufeffa\nb", ["a", "b"]),
        ("a\r\n\r\nb\r", ["a", "b"]),
        ("# c\n\\#d\n#", ["\\#d"]),
        ("a  \nb\\ \n   \n c\\\\  ", ["a", "b\\ ", " c\\\\"]),
        ("a\x0bb\u2028c", ["a\x0bb\u2028c"]),
    ],
)
def test_parse_ignore_lines(text, patterns):
    assert parse_ignore_lines(text) == patterns


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"exclude": [""]}, ("exclude", "''")),
        ({"exclude": ["!"]}, ("exclude", "'!'")),
        ({"protect": ["/"]}, ("protect", "'/'")),
        ({"protect": ["a//b"]}, ("protect", "'a//b'")),
        ({"exclude": ["./a"]}, ("exclude", "'./a'")),
        ({"exclude": ["a/../b"]}, ("exclude", "'a/../b'")),
        ({"match": ["[a"]}, ("match", "'[a'", "'['")),
        ({"exclude": ["[a\n"]}, ("exclude", r"'[a\n'")),
        ({"exclude": ["a\\"]}, ("exclude", "backslash")),
        ({"exclude": ["[[:letter:]]"]}, ("exclude", "letter", "alpha")),
        ({"match": ["css/"]}, ("match", "'css/**'")),
        ({"match": ["!a"]}, ("match", "exclude")),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(options, named):
    with pytest.raises(UsageError) as caught:
        Filters(**options)
    assert "\n" not in str(caught.value)
    for words in named:
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("match", "path", "included"),
    [
        (["*.html"], "index.html", True),
        (["*.html"], "d/e/index.html", True),
        (["*.html"], "d/e/style.css", False),
        (["css/*.css"], "css/a.css", True),
        (["css/*.css"], "d/css/a.css", False),
        (["css/**"], "css/d/a.css", True),
        (["/index.*"], "d/index.html", False),
        (["*.html", "!draft*"], "draft.html", False),
        (["css"], "css/a.css", False),
        ([], "anything", True),
    ],
)
def test_match_selects_files(match, path, included):
    assert Filters(match=match).includes(path, False) is included


def test_match_never_filters_folders():
    assert Filters(match=["*.html"]).includes("images/deep", True)


def test_default_excludes_can_be_taken_back():
    assert not Filters().includes("d/.git", True)
    assert not Filters().includes(".git/config", False)
    assert not Filters().includes("#recycle/x", False)
    assert Filters(exclude=["!.git"]).includes(".git/config", False)
    assert Filters().includes(".github/x", False)


@pytest.mark.parametrize("name", ALWAYS_IGNORED)
def test_records_are_never_content(name):
    filters = Filters(match=["*"], exclude=["!" + name, "!*"], default_exclude=())
    assert not filters.includes(name, False)
    assert not filters.includes("d/" + name, False)
    assert filters.includes(name + ".txt", False)


@pytest.mark.parametrize(
    ("protect", "path", "is_directory", "protected"),
    [
        (["uploads/"], "uploads", True, True),
        (["uploads/"], "uploads", False, False),
        (["uploads/"], "d/uploads/a/b", False, True),
        (["/uploads/"], "d/uploads/a", False, False),
        (["*.db", "!cache.db"], "d/site.db", False, True),
        (["*.db", "!cache.db"], "d/cache.db", False, False),
        (["uploads/", "!uploads/tmp"], "uploads/tmp", True, True),
        (["uploads/*", "!uploads/tmp"], "uploads/tmp/a", False, False),
        ([], "a", False, False),
    ],
)
def test_protect(protect, path, is_directory, protected):
    assert Filters(protect=protect).protects(path, is_directory) is protected


def test_names_with_line_feeds_and_foreign_bytes():
    patterns = Patterns("exclude", ["*.bak", "d?e", "x/**/z"])
    assert patterns.matches("a\nb.bak", False)
    assert patterns.matches("a\udce4.bak", False)
    assert not patterns.matches("a.bak\n", False)
    assert patterns.matches("d\udcffe", False)
    assert patterns.matches("dße", False)
    assert patterns.matches("x/\n\n/z", False)


@given(
    st.lists(st.text(alphabet="ab/*?[]!^-\\:\n\udc80", max_size=8), max_size=3),
    st.text("ab-\n\udc80", min_size=1, max_size=5),
)
def test_any_pattern_is_refused_or_decides(patterns, name):
    try:
        filters = Filters(exclude=patterns, protect=patterns, default_exclude=())
    except UsageError:
        return
    assert filters.includes(f"d/{name}", False) is not filters.protects(f"d/{name}", False)


@settings(max_examples=30, deadline=1000)
@given(st.integers(2, 30), st.booleans())
def test_no_name_makes_a_pattern_run_wild(stars, on_path):
    pattern = "*a" * stars + "*b"
    patterns = Patterns("exclude", ["d/" + pattern if on_path else pattern])
    assert not patterns.matches("d/" + "a" * 255, False)


def test_a_large_tree_takes_moments():
    filters = Filters(exclude=["node_modules/", "*.map", "/var/*", "!/var/www", "**/cache/*.tmp"], protect=["uploads/"])
    folders = [f"a{one}/b{two}/c/d/e/f/g" for one in range(30) for two in range(30)]
    started = time.perf_counter()
    for folder in folders:
        for number in range(50):
            filters.includes(f"{folder}/file{number}.html", False)
    assert time.perf_counter() - started < 5  # 45,000 paths; about 0.2 s
