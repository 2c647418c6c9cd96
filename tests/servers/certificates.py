# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates for the servers, made anew in each run by an authority that nobody trusts."""

from __future__ import annotations

import atexit
import dataclasses
import datetime
import functools
import hashlib
import shutil
import ssl
import tempfile
from pathlib import Path

import trustme


@dataclasses.dataclass(frozen=True)
class Certificate:
    authority: Path  # what a client has to trust
    chain: Path
    key: Path
    both: Path  # key and chain in one file
    fingerprint: str


@functools.lru_cache(maxsize=None)
def _authority() -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.RSA)


@functools.lru_cache(maxsize=None)
def _folder() -> Path:
    folder = tempfile.mkdtemp(prefix="webdeploy-ftp-tls-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def server_context() -> ssl.SSLContext:
    """For a server written in Python, with a valid certificate."""
    certificate = issue("valid")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    return context


@functools.lru_cache(maxsize=None)
def issue(flavour: str) -> Certificate:
    """A certificate for localhost: "valid"; "expired"; or for "other-host", other.example.

    It is made once: without a default, since the cache would tell `issue()` from `issue("valid")`, and the second
    of them would write over files that a server is yet to read.
    """
    names = ["other.example"] if flavour == "other-host" else ["localhost", "127.0.0.1", "::1"]
    moment = datetime.datetime(2020, 1, 1) if flavour == "expired" else None
    issued = _authority().issue_cert(*names, not_after=moment, key_type=trustme.KeyType.RSA)
    stem = _folder() / flavour
    made = Certificate(
        authority=_folder() / "authority.pem",
        chain=stem.with_suffix(".chain.pem"),
        key=stem.with_suffix(".key.pem"),
        both=stem.with_suffix(".pem"),
        fingerprint=hashlib.sha256(ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode())).hexdigest(),
    )
    _authority().cert_pem.write_to_path(str(made.authority))
    made.authority.chmod(0o644)
    _folder().chmod(0o755)  # the user of the server, or of a test, has to get in
    chain = b"".join(pem.bytes() for pem in issued.cert_chain_pems)
    for path, content in (
        (made.chain, chain),
        (made.key, issued.private_key_pem.bytes()),
        (made.both, issued.private_key_pem.bytes() + chain),
    ):
        path.touch(mode=0o600)
        path.write_bytes(content)
    return made
