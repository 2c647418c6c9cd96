# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import calendar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftpsync.errors import ListingDoubtful
from ftpsync.ftp import listing
from ftpsync.ftp.listing import LineSplitter, Listing, parse_list, parse_mlsd, unusable_name
from ftpsync.model import DIRECTORY, FILE, LINK, OTHER, Entry


def utc(*date: int) -> int:
    return calendar.timegm((date + (0, 0, 0))[:6] + (0, 0, 0))


NOW = utc(2026, 7, 15, 12)
DAY = 86400

MLSD = [
    (
        "ProFTPD",
        b"modify=20010909014640;perm=adfrw;size=10;type=file;unique=U1;UNIX.mode=0644;UNIX.owner=1; a.txt",
        ("a.txt", Entry(FILE, 10, 1000000000, 1, 0o644)),
    ),
    (
        "ProFTPD link",
        b"modify=20010909014640;perm=adfrw;size=5;type=OS.unix=symlink;UNIX.mode=0777; l",
        ("l", Entry(LINK, 0, 1000000000, 1, 0o777)),
    ),
    (
        "Pure-FTPd",
        b"type=dir;sizd=4096;modify=20010909014640;UNIX.mode=0755;UNIX.uid=1;UNIX.gid=1;unique=fe; d",
        ("d", Entry(DIRECTORY, 0, 1000000000, 1, 0o755)),
    ),
    (
        "Pure-FTPd link",
        b"type=OS.unix=slink:target;size=6;modify=20010909014640;UNIX.mode=0777; l",
        ("l", Entry(LINK, 0, 1000000000, 1, 0o777)),
    ),
    (
        "pyftpdlib",
        b"modify=20010909014640;size=4096;type=dir;unix.mode=0o755; d",
        ("d", Entry(DIRECTORY, 0, 1000000000, 1, 0o755)),
    ),
    (
        "IIS",
        b"type=file;size=3;modify=20010909014640.123;perm=awr; a.txt",
        ("a.txt", Entry(FILE, 3, 1000000000, 1)),
    ),
    ("capitals", b"Type=FILE;Size=3;Modify=20010909014640; x", ("x", Entry(FILE, 3, 1000000000, 1))),
    ("few facts", b"type=file; x", ("x", Entry(FILE, None, None, 1))),
    ("name with spaces", b"type=file;size=1;  a b ", (" a b ", Entry(FILE, 1, None, 1))),
    ("name with semicolon", b"type=file;size=1; a;b=c; d", ("a;b=c; d", Entry(FILE, 1, None, 1))),
    ("not UTF-8", b"type=file;size=1; caf\xe9", ("caf\udce9", Entry(FILE, 1, None, 1))),
    ("device", b"type=OS.unix=chr-1/3;size=1; null", ("null", Entry(OTHER, 0, None, 1))),
    ("impossible values", b"type=file;size=-1;modify=20019909014640;UNIX.mode=x; a", ("a", Entry(FILE, None, None, 1))),
]
UNIX = [
    (
        "vsftpd",
        b"-rw-r--r--    1 1        1              10 Sep 09  2001 a.txt",
        ("a.txt", Entry(FILE, 10, utc(2001, 9, 9), DAY, 0o644)),
    ),
    (
        "ProFTPD",
        b"drwxr-xr-x   2 daemon   daemon       4096 Jul 14 13:05 d",
        ("d", Entry(DIRECTORY, 0, utc(2026, 7, 14, 13, 5), 60, 0o755)),
    ),
    (
        "Pure-FTPd",
        b"-rw-r--r--    1 1          1                10 Sep  9  2001  a b ",
        (" a b ", Entry(FILE, 10, utc(2001, 9, 9), DAY, 0o644)),
    ),
    (
        "pyftpdlib",
        b"-rw-r--r--   1 root     root            3 Dec 31 23:59 x",
        ("x", Entry(FILE, 3, utc(2025, 12, 31, 23, 59), 60, 0o644)),
    ),
    (
        "link",
        b"lrwxrwxrwx   1 daemon   daemon          6 Sep 09  2001 l -> target",
        ("l", Entry(LINK, 0, utc(2001, 9, 9), DAY, 0o777)),
    ),
    (
        "link whose name has an arrow",
        b"lrwxrwxrwx   1 d d          1 Sep 09  2001 a -> b -> c",
        ("a -> b", Entry(LINK, 0, utc(2001, 9, 9), DAY, 0o777)),
    ),
    (
        "no group",
        b"-rw-r--r--   1 owner        10 Sep 09  2001 x",
        ("x", Entry(FILE, 10, utc(2001, 9, 9), DAY, 0o644)),
    ),
    ("neither", b"-rw-r--r--   10 Sep 09  2001 x", ("x", Entry(FILE, 10, utc(2001, 9, 9), DAY, 0o644))),
    (
        "group of two words (Cygwin)",
        b"-rw-r--r--   1 u Domain Users 10 Sep 09  2001 x",
        ("x", Entry(FILE, 10, utc(2001, 9, 9), DAY, 0o644)),
    ),
    (
        "ACL and sticky bits",
        b"drwxrwsr-t+  1 u g 10 Sep 09  2001 x",
        ("x", Entry(DIRECTORY, 0, utc(2001, 9, 9), DAY, 0o3775)),
    ),
    (
        "device",
        b"crw-rw-rw-   1 root root   1,   3 Sep 09  2001 null",
        ("null", Entry(OTHER, 0, utc(2001, 9, 9), DAY, 0o666)),
    ),
    (
        "day before month",
        b"-rw-r--r--   1 u g 10 9 Sep 2001 x",
        ("x", Entry(FILE, 10, utc(2001, 9, 9), DAY, 0o644)),
    ),
    (
        "ISO time",
        b"-rw-r--r--   1 u g 10 2001-09-09 01:46 x",
        ("x", Entry(FILE, 10, utc(2001, 9, 9, 1, 46), 60, 0o644)),
    ),
    (
        "name that looks like a line",
        b"-rw-r--r--   1 u g 10 Sep 09  2001 5 Sep 10  2002 y",
        ("5 Sep 10  2002 y", Entry(FILE, 10, utc(2001, 9, 9), DAY, 0o644)),
    ),
]
DOS = [
    (
        "IIS folder",
        b"02-25-13  04:55PM       <DIR>          aspnet_client",
        ("aspnet_client", Entry(DIRECTORY, 0, utc(2013, 2, 25, 16, 55), 60)),
    ),
    (
        "IIS file",
        b"02-25-13  12:05AM                 1234 a b.txt",
        ("a b.txt", Entry(FILE, 1234, utc(2013, 2, 25, 0, 5), 60)),
    ),
    (
        "IIS four digits, 24 hours",
        b"02-25-2013  16:55                 1234  x",
        (" x", Entry(FILE, 1234, utc(2013, 2, 25, 16, 55), 60)),
    ),
    ("last century", b"02-25-99  12:05PM     1,234 x", ("x", Entry(FILE, 1234, utc(1999, 2, 25, 12, 5), 60))),
    (
        "IIS link",
        b"02-25-13  04:55PM       <SYMLINKD>     l [C:\\x]",
        ("l", Entry(LINK, 0, utc(2013, 2, 25, 16, 55), 60)),
    ),
]


def ids(table: list[tuple[str, bytes, object]]) -> list[str]:
    return [row[0] for row in table]


@pytest.mark.parametrize(("_server", "line", "expected"), MLSD, ids=ids(MLSD))
def test_mlsd(_server: str, line: bytes, expected: tuple[str, Entry]) -> None:
    assert parse_mlsd([line], "utf-8") == Listing([expected], [], "MLSD", None)  # type: ignore[list-item]


@pytest.mark.parametrize(("_server", "line", "expected"), UNIX + DOS, ids=ids(UNIX + DOS))
def test_list(_server: str, line: bytes, expected: tuple[str, Entry]) -> None:
    assert parse_list([line], "utf-8", NOW) == Listing([expected], [], "LIST", None)  # type: ignore[list-item]


def test_total_and_the_folder_itself_are_left_out() -> None:
    found = parse_list(
        [b"total 8", b"drwxr-xr-x 2 u g 4096 Sep 09  2001 .", b"drwxr-xr-x 2 u g 4096 Sep 09  2001 .."], "utf-8", NOW
    )
    assert found == Listing([], [], "LIST", True)
    assert parse_mlsd([b"type=cdir; /", b"type=pdir; /.."], "utf-8") == Listing([], [], "MLSD", None)
    assert parse_list([], "utf-8", NOW) == Listing([], [], "LIST", None)


def test_dot_names_show_that_hidden_files_are_visible() -> None:
    assert parse_mlsd([b"type=file; .htaccess"], "utf-8").shows_hidden


@pytest.mark.parametrize(
    ("now", "line", "expected"),
    [
        (utc(2026, 1, 2), "Dec 31 23:00", utc(2025, 12, 31, 23)),
        (utc(2025, 12, 31, 23), "Jan 01 05:00", utc(2026, 1, 1, 5)),  # the server's zone is ahead
        (utc(2026, 7, 15), "Jul 16 01:00", utc(2025, 7, 16, 1)),
        (utc(2024, 3, 1), "Feb 29 10:00", utc(2024, 2, 29, 10)),
    ],
)
def test_the_year_is_the_latest_that_is_not_in_the_future(now: int, line: str, expected: int) -> None:
    text = b"-rw-r--r-- 1 u g 1 %s x" % line.encode()
    assert parse_list([text], "utf-8", now).entries[0].entry.mtime == expected


@pytest.mark.parametrize("name", [b"a/b", b"/", b"a\0b", b"a\rb", b"x" * 5000])
def test_names_that_are_no_plain_component_become_problems(name: bytes) -> None:
    for found in (
        parse_mlsd([b"type=file; good", b"type=file; " + name], "utf-8"),
        parse_list([b"-rw-r--r-- 1 u g 1 Sep 09  2001 good", b"-rw-r--r-- 1 u g 1 Sep 09  2001 " + name], "utf-8", NOW),
    ):
        assert [entry.name for entry in found.entries] == ["good"]
        assert len(found.problems) == 1


def test_unusable_lines_become_problems() -> None:
    assert len(parse_mlsd([b"type=file; a", b"size=1; no type", b"nonsense"], "utf-8").problems) == 2
    assert len(parse_list([UNIX[0][1], b"ls: b: Permission denied"], "utf-8", NOW).problems) == 1


@pytest.mark.parametrize(
    "line", [b"a.txt", b"-rw-r--r-- u g", b"[R----F--] jrd 1930 Sep 9 2001 netware", b"README.TXT;1 2 9-SEP-2001"]
)
def test_unknown_formats_are_refused(line: bytes) -> None:
    with pytest.raises(ListingDoubtful, match="unknown listing format"):
        parse_list([line], "utf-8", NOW)
    with pytest.raises(ListingDoubtful, match="unknown listing format"):
        parse_mlsd([b"total 3"], "utf-8")


def test_the_same_name_twice_is_doubtful() -> None:
    with pytest.raises(ListingDoubtful, match="twice: a"):
        parse_mlsd([b"type=file; a", b"type=dir; a"], "utf-8")


def test_round_numbers_raise_a_doubt() -> None:
    lines = [b"type=file; %d" % number for number in range(2000)]
    assert "2000" in parse_mlsd(lines, "utf-8").doubt
    assert not parse_mlsd(lines[1:], "utf-8").doubt


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MAX_ENTRIES", 10)
    with pytest.raises(ListingDoubtful, match="more than 10 entries"):
        LineSplitter().feed(b"x\r\n" * 14)
    with pytest.raises(ListingDoubtful, match="longer"):
        LineSplitter().feed(b"x" * 6000)
    with pytest.raises(ListingDoubtful, match="longer"):
        LineSplitter().feed(b"x" * 6000 + b"\n")


def test_a_hostile_line_costs_no_time() -> None:
    assert len(parse_list([UNIX[0][1]] + [b"-rw-r--r-- " + b"1 " * 2500] * 200, "utf-8", NOW).problems) == 101


SOME = b"".join(row[1].replace(b" a", b" %d" % number) + b"\r\n" for number, row in enumerate(MLSD))


@given(st.lists(st.integers(1, 40)))
def test_any_split_gives_the_same_lines(cuts: list[int]) -> None:
    splitter, rest = LineSplitter(), SOME + b"last"
    for cut in cuts:
        splitter.feed(rest[:cut])
        rest = rest[cut:]
    splitter.feed(rest)
    assert splitter.finish() == SOME.split(b"\r\n")[:-1] + [b"last"]


@given(st.lists(st.binary(max_size=80)), st.sampled_from([b"type=file; ", b"-rw-r--r-- 1 u g 1 Sep 09  2001 ", b""]))
def test_no_name_is_ever_more_than_one_component(names: list[bytes], start: bytes) -> None:
    lines = [start + name for name in names]
    for parse in (lambda: parse_mlsd(lines, "utf-8"), lambda: parse_list(lines, "utf-8", NOW)):
        try:
            found = parse()
        except ListingDoubtful:
            continue
        for name, _entry in found.entries:
            assert name not in ("", ".", "..")
            assert not set(name) & set("/\0\r\n")


def test_an_entry_without_a_name_is_a_problem() -> None:
    found = parse_mlsd([b"type=file; good", b"type=file; "], "utf-8")
    assert ([entry.name for entry in found.entries], len(found.problems)) == (["good"], 1)


def test_what_leads_nowhere_or_up_is_no_name() -> None:
    """No parser gives such names to whoever asks; nothing must depend on that."""
    assert [bool(unusable_name(raw)) for raw in (b"", b".", b"..", b"...", b"a")] == [True, True, True, False, False]


def test_links_with_arrows_in_name_and_target() -> None:
    """The size of a link is the length of its target; where it fits nowhere, nobody knows the name."""
    line = b"lrwxrwxrwx 1 u g %d Sep 09  2001 a -> b -> c"
    assert [parse_list([line % size], "utf-8", NOW).entries[0].name for size in (1, 6)] == ["a -> b", "a"]
    assert len(parse_list([UNIX[0][1], line % 3], "utf-8", NOW).problems) == 1


def test_a_day_that_no_year_has_is_no_time() -> None:
    (found,) = parse_list([b"-rw-r--r-- 1 u g 1 Feb 30 12:00 a"], "utf-8", NOW).entries
    assert (found.name, found.entry.mtime) == ("a", None)
