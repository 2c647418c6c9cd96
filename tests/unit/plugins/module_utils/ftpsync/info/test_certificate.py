# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates as bytes: what they say, and that nothing they hold can do harm."""

from __future__ import annotations

import ssl

import trustme
from hypothesis import given
from hypothesis import strategies as st

from ftpsync.info import certificate


def der_of(*names: str, common_name: str | None = None) -> bytes:
    issued = trustme.CA(organization_name="Us & Co").issue_cert(*names, common_name=common_name)
    return ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode())


def test_what_a_certificate_says() -> None:
    read = certificate.read(der_of("www.example.com", "127.0.0.1", common_name="www.example.com"))
    assert read is not None
    assert "CN=www.example.com" in read.subject
    assert "O=Us & Co" in read.issuer
    assert read.names == ("www.example.com", "127.0.0.1")
    assert read.not_before == "2000-01-01T00:00:00Z"
    assert read.not_after in (
        "3000-01-01T00:00:00Z",
        "2038-01-01T00:00:00Z",
    )  # the latter from the trustme of Python 3.8


DER = der_of("www.example.com")


@given(st.binary(max_size=200))
def test_nonsense_is_none(data: bytes) -> None:
    assert certificate.read(data) is None


@given(st.integers(0, len(DER) - 1), st.integers(0, 255))
def test_a_damaged_one_is_read_or_not_but_never_fails(at: int, value: int) -> None:
    certificate.read(DER[:at] + bytes([value]) + DER[at + 1 :])


@given(st.integers(0, len(DER) - 1))
def test_a_cut_one_is_none(length: int) -> None:
    assert certificate.read(DER[:length]) is None
