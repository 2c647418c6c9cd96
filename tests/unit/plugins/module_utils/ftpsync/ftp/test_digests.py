# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What servers say of the content of files, and what of it is no answer."""

from __future__ import annotations

import hashlib
import typing as t

import pytest

from ftpsync.ftp.digests import digests

from .conftest import Answer, ScriptedServer, Session, Talk

TalkTo = t.Callable[..., t.Tuple[Session, ScriptedServer]]


SUM = hashlib.sha256(b"hello").hexdigest()


def feat(*lines: str) -> bytes:
    return "\r\n ".join(["211-Features:", *lines]).encode() + b"\r\n211 End"


def hash_answer(text: str) -> Answer:
    def answer(talk: Talk, argument: str) -> None:
        talk.say(text.replace("PATH", argument).replace("SUM", SUM).encode() + b"\r\n")

    return answer


HASH = "HASH CRC32;MD5;SHA-1*;SHA-256;SHA-512;"


@pytest.mark.parametrize(
    "text",
    [
        "213 SHA-256 0-5 SUM PATH",
        "213-Computing SHA-256 digest\r\n213 SHA-256 0-5 SUM PATH",
        "213 sha-256 0-4 SUM",
    ],
)
def test_hash(talk_to: TalkTo, text: str) -> None:
    session, server = talk_to({"FEAT": feat(HASH), "HASH": hash_answer(text)})
    assert digests(session, ["/a b 1 2", '/say "x"']) == [SUM, SUM]
    assert server.heard[-3:] == ["OPTS HASH SHA-256", "HASH /a b 1 2", 'HASH /say "x"']


@pytest.mark.parametrize(
    "text",
    [
        "550 no such file",
        "213 SHA-1 0-5 aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d PATH",
        f"213 SHA-512 0-5 {'ab' * 64} PATH",
        "213 SHA-256 2-5 SUM PATH",
        "213-SHA-256 0-5 SUM PATH\r\n213 failed",
        "250 SUM",
        "213 SHA-256 0-5 SUMab PATH",
    ],
)
def test_what_is_no_sha_256_of_all_of_it_is_no_answer(talk_to: TalkTo, text: str) -> None:
    session, _server = talk_to({"FEAT": feat(HASH), "HASH": hash_answer(text)})
    assert digests(session, ["/a"]) == [None]


def test_xsha256(talk_to: TalkTo) -> None:
    """What follows a path would be a range; so it is quoted, and one that has quotes is found under no other name."""
    answers = {"FEAT": feat("XSHA256"), "XSHA256": hash_answer(f"250-Computing\r\n250 {SUM.upper()}")}
    session, server = talk_to(answers)
    assert digests(session, ["/a 1 2"]) == [SUM]
    assert server.heard[-1] == 'XSHA256 "/a 1 2"'
    assert digests(session, ['/say "x" 0 1', "/b"]) == [None, SUM]
    assert server.heard[-1] == 'XSHA256 "/b"'


@pytest.mark.parametrize("offered", ["HASH SHA-1*;MD5;SHA-2560", "XSHA1", "XMD5", "XCRC"])
def test_who_has_no_sha_256_is_not_asked(talk_to: TalkTo, offered: str) -> None:
    session, server = talk_to({"FEAT": feat(offered)})
    heard = len(server.heard)
    assert digests(session, ["/a", "/b"]) == [None, None]
    assert len(server.heard) == heard


def test_algorithm_that_cannot_be_selected(talk_to: TalkTo) -> None:
    session, server = talk_to({"FEAT": feat(HASH), "OPTS": b"501 no", "HASH": hash_answer("213 SHA-256 0-5 SUM PATH")})
    assert digests(session, ["/a"]) == [None]
    assert not any(line.startswith("HASH") for line in server.heard)
