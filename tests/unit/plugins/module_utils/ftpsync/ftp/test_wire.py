# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftpsync.errors import ProtocolError, UsageError
from ftpsync.ftp import replies
from ftpsync.ftp.wire import (
    MAX_COMMAND,
    MAX_LINE,
    Command,
    Reply,
    ReplyReader,
    check_encoding,
    decode_name,
    encode_command,
    encode_name,
)


def read(data: bytes) -> list[Reply]:
    return list(ReplyReader().feed(data))


def one(data: bytes) -> Reply:
    (reply,) = read(data + b"\r\n")
    return reply


REPLIES = [
    ("one line", b"220 hello\r\n", [(220, ("hello",))]),
    ("bare LF", b"220 hello\n", [(220, ("hello",))]),
    ("no text", b"200\r\n", [(200, ("",))]),
    ("no text but a space", b"200 \r\n", [(200, ("",))]),
    ("FEAT", b"211-Features:\r\n MDTM\r\n211 End\r\n", [(211, ("Features:", " MDTM", "End"))]),
    ("each line with its code", b"220-a\r\n220-b\r\n220 c\r\n", [(220, ("a", "b", "c"))]),
    ("another code within", b"211-a\r\n230 b\r\n211 c\r\n", [(211, ("a", "230 b", "c"))]),
    ("end without text", b"211-a\r\n211\r\n", [(211, ("a", ""))]),
    ("blank line within", b"211-a\r\n\r\n211 c\r\n", [(211, ("a", "", "c"))]),
    ("blank line between", b"200 a\r\n\r\n200 b\r\n", [(200, ("a",)), (200, ("b",))]),
    ("several at once", b"150 a\r\n226 b\r\n", [(150, ("a",)), (226, ("b",))]),
    ("not UTF-8", b"250 caf\xe9\r\n", [(250, ("caf\ufffd",))]),
    ("terminal sequence", b"220 \x1b[2Jx\r\n", [(220, ("?[2Jx",))]),
    ("Telnet doubled 255", b"257 \xff\xffx\r\n", [(257, ("\ufffdx",))]),
    ("Telnet WILL", b"220 a\xff\xfb\x01b\r\n", [(220, ("ab",))]),
]


@pytest.mark.parametrize(("data", "expected"), [case[1:] for case in REPLIES], ids=[case[0] for case in REPLIES])
def test_replies(data: bytes, expected: list[tuple[int, tuple[str, ...]]]) -> None:
    assert [(reply.code, reply.lines) for reply in read(data)] == expected


@given(st.lists(st.sampled_from([case[1] for case in REPLIES])), st.lists(st.integers(1, 7)))
def test_any_split_gives_the_same_replies(parts: list[bytes], cuts: list[int]) -> None:
    data = b"".join(parts)
    reader, found, rest = ReplyReader(), [], data
    for cut in cuts:
        found += list(reader.feed(rest[:cut]))
        rest = rest[cut:]
    found += list(reader.feed(rest))
    assert found == read(data)
    assert reader.is_empty


@given(st.binary(max_size=2000))
def test_any_bytes_give_replies_or_a_protocol_error(data: bytes) -> None:
    try:
        for reply in read(data):
            assert 100 <= reply.code <= 599
            assert "\n" not in reply.text
            assert "\x1b" not in reply.text
    except ProtocolError:
        pass


@pytest.mark.parametrize(
    "data",
    [
        b"hello\r\n",
        b"20\r\n",
        b"999 x\r\n",
        b"220 " + b"x" * MAX_LINE + b"\r\n",
        b"220-" + b"x" * (MAX_LINE + 1),
        b"220-x\r\n" + b" 0123456789\r\n" * 7000,
    ],
    ids=["no code", "short", "no such class", "long line", "long unfinished line", "long reply"],
)
def test_breaches_are_protocol_errors(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        read(data)


def test_text_is_one_short_line_with_the_code() -> None:
    assert one(b"550-No\r\n such\tfile\r\n550 x").text == "550 No such file x"
    assert len(one(b"550 " + b"x" * 4000).text) == 400


def test_commands() -> None:
    assert encode_command("NOOP", None, "utf-8") == b"NOOP\r\n"
    assert encode_command("STOR", " a b ", "utf-8") == b"STOR  a b \r\n"
    assert encode_command("STOR", "é", "latin-1") == b"STOR \xe9\r\n"
    assert encode_command("STOR", "ÿ", "latin-1") == b"STOR \xff\xff\r\n"
    assert encode_command("STOR", b"\xe9", "utf-8") == b"STOR \xe9\r\n"


@pytest.mark.parametrize("bad", ["a\rb", "a\nb", "a\0b"])
def test_line_ends_are_refused_and_named(bad: str) -> None:
    with pytest.raises(UsageError, match=r"a\?b.*STOR"):
        encode_command("STOR", bad, "utf-8")


def test_passwords_are_refused_unnamed() -> None:
    with pytest.raises(UsageError) as caught:
        encode_command("PASS", "geheim\n", "utf-8")
    assert "geheim" not in str(caught.value)
    assert "geheim" not in Command("PASS", "geheim").label


def test_long_commands_are_refused() -> None:
    with pytest.raises(UsageError, match="longer"):
        encode_command("STOR", "x" * MAX_COMMAND, "utf-8")


@given(st.binary(), st.sampled_from(["utf-8", "latin-1", "cp1252", "shift_jis", "gbk", "euc-jp"]))
def test_every_name_goes_there_and_back(raw: bytes, encoding: str) -> None:
    assert encode_name(decode_name(raw, encoding), encoding) == raw


def test_names_that_the_encoding_cannot_hold() -> None:
    with pytest.raises(UsageError, match="日本 cannot be written in latin-1; set encoding: utf-8"):
        encode_name("日本", "latin-1")


@pytest.mark.parametrize("encoding", ["utf-16", "nonsense", "cp037"])
def test_unusable_encodings(encoding: str) -> None:
    with pytest.raises(UsageError, match="encoding"):
        check_encoding(encoding)


@pytest.mark.parametrize(
    ("text", "port"),
    [
        (b"229 Entering Extended Passive Mode (|||6446|)", 6446),
        (b"229 ok (!!!6446!)", 6446),
        (b"229 ok |||21|", 21),
        (b"229 ok (|2|::1|6446|)", 6446),
        (b"229 ok (||1|6446|)", 6446),
        (b"229-|1|\r\n229 |||21|", 21),
    ],
)
def test_epsv(text: bytes, port: int) -> None:
    assert replies.parse_epsv(one(text)) == port


@pytest.mark.parametrize(
    "text",
    [
        b"229 ok (|||0|)",
        b"229 ok (|||65536|)",
        b"229 ok",
        b"229 (|||99999999999|)",
        b"200 ok (|||21|)",
        b"229 | | |21|",
        pytest.param(b"229 " + b"|" * 8000, id="which an expression could look through for days"),
    ],
)
def test_wrong_epsv(text: bytes) -> None:
    with pytest.raises(ProtocolError):
        replies.parse_epsv(one(text))


@pytest.mark.parametrize(
    "text",
    [b"227 Entering Passive Mode (10,0,0,1,25,46).", b"227 Entering 10,0,0,1,25,46", b"227 =10, 0, 0, 1, 25, 46"],
)
def test_pasv(text: bytes) -> None:
    assert replies.parse_pasv(one(text)) == 6446


@pytest.mark.parametrize("text", [b"227 1,2,3,4,256,1", b"227 1,2,3,4,0,0", b"227 ok", b"227 1,2,3,4,5"])
def test_wrong_pasv(text: bytes) -> None:
    with pytest.raises(ProtocolError):
        replies.parse_pasv(one(text))


def test_feat() -> None:
    features = replies.parse_feat(
        one(b"211-x\r\n AUTH TLS\r\n AUTH SSL\r\n mlst Type*;Size*;\r\nREST STREAM\r\n211 end")
    )
    assert features.known
    assert features.parameters == {"AUTH": "TLS;SSL", "MLST": "Type*;Size*;", "REST": "STREAM"}
    assert not replies.parse_feat(one(b"500 what?")).known


def test_size_and_times() -> None:
    assert replies.parse_size(one(b"213 1234567890123")) == 1234567890123
    assert replies.parse_mdtm(one(b"213 20010909014640")) == 1000000000
    assert replies.parse_mdtm(one(b"213 20010909014640.999")) == 1000000000
    assert replies.parse_mdtm(one(b"213 20011309014640")) is None
    assert replies.format_stamp(1000000000.9) == "20010909014640"
    for text in (b"213 -1", b"213 x", b"226 12", b"213"):
        with pytest.raises(ProtocolError):
            replies.parse_size(one(text))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (b'257 "/" is cwd', "/"),
        (b'257 "/a""b" is cwd', '/a"b'),
        (b'257 "/caf\xe9"', "/caf\udce9"),
        (b"257 /no quotes", None),
    ],
)
def test_pwd(text: bytes, path: str | None) -> None:
    assert replies.parse_pwd(one(text), "utf-8") == path


def test_bytes_that_an_encoding_writes_otherwise_are_kept() -> None:
    """Two codes of CP932 stand for the same character."""
    raw = b"\x87\x90"
    assert raw.decode("cp932").encode("cp932") != raw
    assert encode_name(decode_name(raw, "cp932"), "cp932") == raw
