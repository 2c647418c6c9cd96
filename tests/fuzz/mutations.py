# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inputs made from others, always the same ones: for a Python that atheris is not made for, and for a first look."""

from __future__ import annotations

import random
import re
import typing as t

MOST = 20_000  # bytes of one input
# What parsers stumble over: numbers at limits, line ends, separators, other alphabets, JSON of the wrong kind.
WORDS: t.Sequence[bytes] = (
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"\xff\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\xc3",
    b"\t",
    b" ",
    b"  ",
    b"/",
    b"..",
    b"../",
    b"\\",
    b"-1",
    b"0",
    b"9" * 25,
    b"9" * 5000,
    b"1e999",
    b"NaN",
    b"Infinity",
    b"-0",
    b"1.5",
    b"null",
    b"true",
    b"[]",
    b"{}",
    b'""',
    b'"\\ud800"',
    b"[" * 3000,
    b"*",
    b"**/",
    b"?",
    b"[!a-]",
    b"!",
    b"%00",
    b"%2F",
    b"@",
    b":",
    b";",
    b"|",
    b"226 ",
    b"226-",
    b" -> ",
    b"Feb 30 25:61",
    b"99991231235959",
)
_NUMBER = re.compile(rb"[0-9]+")


def mutated(seeds: t.Sequence[bytes], count: int, number: int) -> t.Iterator[bytes]:
    """Gives inputs that differ a little from the seeds, or much.

    Parameters:
        number: other numbers give other inputs.
    """
    chance = random.Random(number)
    for _turn in range(count):
        data = chance.choice(seeds)
        for _change in range(chance.choice((1, 1, 1, 2, 4, 8))):
            data = chance.choice(_CHANGES)(data, seeds, chance)
        yield data[:MOST]


def _place(data: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randint(0, len(data))
    return start, min(len(data), start + chance.choice((1, 1, 2, 4, 16, 64)))


def _insert(data: bytes, _seeds: t.Sequence[bytes], chance: random.Random) -> bytes:
    start, _end = _place(data, chance)
    return data[:start] + chance.choice(WORDS) + data[start:]


def _replace(data: bytes, _seeds: t.Sequence[bytes], chance: random.Random) -> bytes:
    start, end = _place(data, chance)
    return data[:start] + chance.choice(WORDS) + data[end:]


def _remove(data: bytes, _seeds: t.Sequence[bytes], chance: random.Random) -> bytes:
    start, end = _place(data, chance)
    return data[:start] + data[end:]


def _repeat(data: bytes, _seeds: t.Sequence[bytes], chance: random.Random) -> bytes:
    start, end = _place(data, chance)
    return data[:start] + data[start:end] * chance.choice((2, 3, 100, 4000)) + data[end:]


def _flip(data: bytes, _seeds: t.Sequence[bytes], chance: random.Random) -> bytes:
    if not data:
        return bytes((chance.randrange(256),))
    start = chance.randrange(len(data))
    return data[:start] + bytes((chance.randrange(256),)) + data[start + 1 :]


def _renumber(data: bytes, _seeds: t.Sequence[bytes], chance: random.Random) -> bytes:
    found = list(_NUMBER.finditer(data))
    if not found:
        return data
    one = chance.choice(found)
    value = chance.choice((b"0", b"-1", b"1", b"255", b"256", b"65535", b"65536", b"4294967296", b"9" * 20, b"1e400"))
    return data[: one.start()] + value + data[one.end() :]


def _splice(data: bytes, seeds: t.Sequence[bytes], chance: random.Random) -> bytes:
    other = chance.choice(seeds)
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(other)) :]


_CHANGES = (_insert, _replace, _remove, _repeat, _flip, _renumber, _splice)
