# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Passwords as the servers' password files want them."""

from __future__ import annotations

import ctypes
import secrets


def hashed(password: str) -> str:
    """By the C library's crypt(3), SHA-512. Python's own module for it is gone since 3.13."""
    crypt = ctypes.CDLL("libcrypt.so.1").crypt
    crypt.restype = ctypes.c_char_p
    result: bytes = crypt(password.encode(), f"$6${secrets.token_hex(8)}".encode())
    return result.decode()
