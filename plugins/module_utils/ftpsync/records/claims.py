# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What other programs say that they have published: their files in, claims out. Pure.

* ``.ftp-deploy-sync-state.json``, in the root on the server: FTP-Deploy-Action's list of files, with size and SHA-256.
* ``.htdeployment``, in the root on the server: ftp-deployment's list of files with their MD5, deflated.
* ``.pyftpsync-meta.json``, in each local folder: how a file was when both sides were made equal.

A claim is no record. It becomes one only if what the server lists, and the local file where there is one, agree with
it; whatever is in doubt is left as if nobody had claimed it.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import typing as t
import zlib

from ..decide import MTIME_TOLERANCE
from ..errors import FtpSyncError, ManifestError
from ..model import FILE, Entry, Problem, Record, join
from .folder_file import META_FILE_NAME, FolderDocument
from .manifest import checked_path, parse_object

SYNC_STATE = ".ftp-deploy-sync-state.json"
MAX_SYNC_STATE = 64 * 1024 * 1024  # bytes; 100,000 files need some 15 MB

DEPLOYMENT = ".htdeployment"
MAX_DEPLOYMENT = 64 * 1024 * 1024  # bytes once it is inflated

_VERSION = "1.0.0"
_MD5 = re.compile("[0-9a-f]{32}")
_LARGE = 5_000_000  # bytes
_BINARY = re.compile(rb"[^\x09\x0a\x0d\x20-\x7e\x80-\xff]")
_SHA256 = re.compile("[0-9a-f]{64}")


class Claim(t.NamedTuple):
    """What is said of one file.

    Attributes:
        size: bytes.
        sha256: digest of the content, or None: that of the local file if it still is as it was then.
        mtime: seconds UTC of the local file when both sides were made equal; None where ``sha256`` tells.
    """

    size: int
    sha256: str | None = None
    mtime: float | None = None


def from_sync_state(data: bytes) -> tuple[dict[str, Claim], list[Problem]]:
    """Read FTP-Deploy-Action's state file."""
    try:
        content = parse_object(data, SYNC_STATE)
    except ManifestError:
        return {}, [unread(SYNC_STATE, "it is no JSON object")]
    entries = content.get("data")
    if content.get("version") != _VERSION or not isinstance(entries, list):
        why = f"its version is {str(content.get('version'))[:20]!r}, and known is {_VERSION}"
        return {}, [unread(SYNC_STATE, why)]
    claims: dict[str, Claim] = {}
    doubled: set[str] = set()
    for entry in entries:
        path, claim = _claim(entry)
        if claim is None:
            continue
        if claims.setdefault(path, claim) != claim:
            doubled.add(path)
    return {path: claim for path, claim in claims.items() if path not in doubled}, []


def unread(name: str, why: str) -> Problem:
    """What the user reads about a file of claims that is of no use."""
    return Problem(name, f"nothing is taken over from it: {why}")


def from_deployment(data: bytes) -> tuple[dict[str, str], list[Problem]]:
    """Read ftp-deployment's file: a line ``MD5=/path`` for each file, in gzip or bare deflate format.

    Returns:
        by path the MD5, see ``deployed_md5``; and what is wrong with the file.
    """
    for bits in (zlib.MAX_WBITS | 16, -zlib.MAX_WBITS):
        inflater = zlib.decompressobj(bits)
        try:
            content = inflater.decompress(data, MAX_DEPLOYMENT)
        except zlib.error:
            continue
        if inflater.unconsumed_tail:
            return {}, [unread(DEPLOYMENT, "it is too large")]
        if inflater.eof:
            return _deployed(content.decode("utf-8", "surrogateescape")), []
    return {}, [unread(DEPLOYMENT, "it is not in its format")]


def _deployed(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.split("\n"):
        digest, _equals, path = line.partition("=")
        if _MD5.fullmatch(digest) and path.startswith("/"):
            with contextlib.suppress(ValueError):
                found[checked_path(path[1:])] = digest
    return found


def deployed_md5(data: bytes) -> str:
    """The digest of a file as ftp-deployment takes it: of text with bare line feeds, unless it is large."""
    if len(data) <= _LARGE and not _BINARY.search(data):
        data = data.replace(b"\r\n", b"\n")
    return hashlib.md5(data).hexdigest()  # noqa: S324 - theirs, and confirmed by other means


def _claim(entry: object) -> tuple[str, Claim | None]:
    if not isinstance(entry, dict) or entry.get("type") != FILE:
        return "", None
    name, size, digest = entry.get("name"), entry.get("size"), entry.get("hash")
    if not isinstance(name, str) or not isinstance(size, int) or isinstance(size, bool) or size < 0:
        return "", None
    if not isinstance(digest, str) or not _SHA256.fullmatch(digest.lower()):
        return "", None
    try:
        path = checked_path(name[2:] if name.startswith("./") else name)
    except ValueError:
        return "", None
    return path, Claim(size, digest.lower())


def from_folder(data: bytes, folder: str, host: str, root: str) -> dict[str, Claim]:
    """Read the record that pyftpsync keeps in a local folder.

    Parameters:
        folder: relative to the local root; "" for the root itself.
        host, root: the other side; ports and users share their records.
    """
    try:
        document = FolderDocument.parse(data)
    except FtpSyncError:
        return {}
    wanted = _peer(f"{host}{root}")
    claims: dict[str, Claim] = {}
    for peer in document.peer_sync:
        if _peer(peer) != wanted:
            continue
        for name, snapshot in document.snapshots(peer).items():
            if snapshot.size is not None and snapshot.mtime is not None and _is_name(name):
                path = f"{folder}/{name}" if folder else name
                claims[path] = Claim(int(snapshot.size), None, snapshot.mtime)
    return claims


def _is_name(name: str) -> bool:
    return "/" not in name and name not in ("", ".", "..")


def _peer(text: str) -> str:
    host, _slash, path = text.partition("/")
    return join(host.lower(), path)


def meta_file(folder: str) -> str:
    """The path of the record in a local folder."""
    return f"{folder}/{META_FILE_NAME}" if folder else META_FILE_NAME


def confirmed(
    claims: t.Mapping[str, Claim], local: t.Mapping[str, Entry], remote: t.Mapping[str, Entry]
) -> dict[str, Record]:
    """The claims that nothing contradicts, as records.

    Parameters:
        local: with digests of all claimed files.
    """
    found: dict[str, Record] = {}
    for path, claim in claims.items():
        here, there = local.get(path), remote.get(path)
        if there is None or there.kind != FILE or there.size != claim.size:
            continue
        digest = claim.sha256
        if digest is None:
            digest = here.sha256 if here is not None and _is_as_then(here, claim) else None
        if digest is None:
            continue
        same = here is not None and here.sha256 == digest and here.mtime is not None
        source_mtime = int(here.mtime) if same and here is not None and here.mtime is not None else None
        found[path] = Record(FILE, claim.size, digest, there.mtime, int(there.mtime_span), source_mtime=source_mtime)
    return found


def _is_as_then(here: Entry, claim: Claim) -> bool:
    if here.kind != FILE or here.size != claim.size or here.mtime is None or claim.mtime is None:
        return False
    return abs(here.mtime - claim.mtime) <= MTIME_TOLERANCE
