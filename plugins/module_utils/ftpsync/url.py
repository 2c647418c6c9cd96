# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""Where the server is: the option ``remote`` in, a RemoteUrl out.

Pure: no name is looked up here. No message shows a password: from whatever looks like an address,
everything before its last ``@`` is left out.
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import unquote

from .errors import UsageError
from .nearest import nearest

NONE = "none"
EXPLICIT = "explicit"
IMPLICIT = "implicit"

# "ftps" means AUTH TLS, as in pyftpsync; port 990 speaks TLS from the first byte (IANA "ftps").
SCHEMES = {"ftp": NONE, "ftps": EXPLICIT, "ftpes": EXPLICIT}
IMPLICIT_PORT = 990
DEFAULT_PORT = {NONE: 21, EXPLICIT: 21, IMPLICIT: IMPLICIT_PORT}

# What people write instead, and what to tell them.
OTHER_SCHEMES = {
    "sftp": "SFTP is another protocol (SSH); this speaks FTP and FTPS",
    "ssh": "SSH is another protocol; this speaks FTP and FTPS",
    "scp": "SCP is another protocol (SSH); this speaks FTP and FTPS",
    "http": "HTTP is another protocol; the FTP server often has the same host name",
    "https": "HTTPS is another protocol; the FTP server often has the same host name",
    "file": "a local folder is no server",
}

EXAMPLE = "ftps://ftp.example.com/htdocs"


class RemoteUrl(t.NamedTuple):
    """A folder on a server.

    Attributes:
        tls: NONE, EXPLICIT (AUTH TLS) or IMPLICIT.
        host: name in lower case, or address without brackets.
        port: 1 to 65535.
        username: None when the URL has none.
        password: None when the URL has none; "" when it is given and empty.
        path: absolute, without trailing slash unless it is the root.
    """

    tls: str
    host: str
    port: int
    username: str | None
    password: str | None
    path: str

    def __repr__(self) -> str:
        return f"RemoteUrl({self.tls}, {self.username!r}, {self.address!r})"

    @property
    def address(self) -> str:
        """The URL without user and password, for messages and records."""
        scheme = {NONE: "ftp", EXPLICIT: "ftpes" if self.port == IMPLICIT_PORT else "ftps", IMPLICIT: "ftps"}[self.tls]
        host = _bracketed(self.host)
        port = "" if self.port == DEFAULT_PORT[EXPLICIT] else f":{self.port}"
        return f"{scheme}://{host}{port}{self.path}"


def parse_remote(url: str, tls: str | None = None, port: int | None = None) -> RemoteUrl:
    """Take the URL of a remote folder apart.

    User, password and path are percent-decoded (RFC 3986 section 2.1); bytes that are not UTF-8 become lone
    surrogates. ``?``, ``;`` and ``#`` belong to the path, which is absolute from the server's root. The user
    ends at the first colon before the last ``@`` of the authority, so that users may hold an ``@``.

    Parameters:
        url: ``ftp://`` (no TLS), ``ftps://`` (AUTH TLS, at port 990 implicit) or ``ftpes://`` (AUTH TLS).
        tls, port: the options of these names; what they say wins.

    Raises:
        UsageError: one line, without any password.
    """
    scheme, separator, rest = url.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in SCHEMES:
        raise UsageError(_wrong_scheme(url, scheme if separator else ""))
    authority, _slash, path = rest.partition("/")
    login, at, server = authority.rpartition("@")
    username, password = _login(url, login) if at else (None, None)
    if password is not None and "@" in path:  # most likely the rest of a password that holds a slash
        raise UsageError(
            f"remote: {_shown(url)} has an '@' after the login; write %2F for '/' and %40 for '@' in user, password and"
            " path, or use the options username and password"
        )
    host, url_port = _server(url, server)
    port = port or url_port
    tls = _tls(url, scheme, port, tls)
    return RemoteUrl(tls, host, port or DEFAULT_PORT[tls], username, password, _path(url, path))


def base_name(is_secure: bool, host: str, path: str) -> str:
    """What a folder on a server is called in messages: scheme, host and path."""
    return f"{'ftps' if is_secure else 'ftp'}://{_bracketed(host)}{path}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def clean_path(text: str) -> str | None:
    """An absolute path in its one spelling, or None if it has parts that no name can be.

    Parameters:
        text: with or without leading and trailing slashes; several slashes, as joined URLs have them, are one.
    """
    parts = [part for part in text.split("/") if part]
    if any(part in (".", "..") for part in parts) or _CONTROL.search(text):
        return None
    return "/" + "/".join(parts)


_CONTROL = re.compile("[\0\r\n]")
_NO_PORT = re.compile(r"^([^/:\[]*):(?!\d{0,5}(?:/|$)).*", re.DOTALL)
_HOST = re.compile(r"[^\s\x00-\x20\x7f:@/\\\[\]?#;%]+")
_PORT = re.compile("[1-9][0-9]{0,4}")
_ADDRESS = re.compile(r"[0-9A-Fa-f:.]+(%[0-9A-Za-z._~-]+)?")


def _shown(url: str) -> str:
    """The URL as a message may show it: no user, no password, not even when the host was forgotten."""
    scheme, separator, rest = url.partition("://")
    rest = rest if separator else url
    _login, at, rest = rest.rpartition("@")
    return repr((scheme + separator if separator else "") + ("***@" if at else "") + _NO_PORT.sub(r"\1:***", rest))


def _wrong_scheme(url: str, scheme: str) -> str:
    near = nearest(scheme, SCHEMES)
    meant = OTHER_SCHEMES.get(scheme) or (f"did you mean {near}://?" if near else "")
    hint = f" ({meant})" if meant else ""
    return f"remote: {_shown(url)} must start with ftp:// or ftps://{hint}, for instance {EXAMPLE}"


def _login(url: str, login: str) -> tuple[str, str | None]:
    username, colon, password = login.partition(":")
    name, secret = _decoded(username), _decoded(password)
    if not name:
        raise UsageError(f"remote: {_shown(url)} has an '@' but no user before it; write ftps://USER@HOST/PATH")
    if _CONTROL.search(name) or _CONTROL.search(secret):
        raise UsageError(f"remote: {_shown(url)} has a user or password with a line end or NUL, which FTP cannot send")
    return name, secret if colon else None


def _server(url: str, server: str) -> tuple[str, int | None]:
    if server.startswith("["):
        host, bracket, port = server[1:].partition("]")
        host = host.replace("%25", "%", 1)  # the zone of a link-local address (RFC 6874)
        valid = bool(bracket and ":" in host and _ADDRESS.fullmatch(host)) and (not port or port.startswith(":"))
        port = port[1:]
    else:
        host, _colon, port = server.partition(":")
        valid = _HOST.fullmatch(host) is not None
    if not host:
        raise UsageError(f"remote: {_shown(url)} names no host; write for instance {EXAMPLE}")
    if not valid or ":" in port:
        raise UsageError(
            f"remote: {_shown(url)} names no valid host; put an IPv6 address in brackets, and special characters of "
            "user and password as %40 for '@', %2F for '/', or use the options username and password"
        )
    if port and not (_PORT.fullmatch(port) and int(port) < 65536):
        raise UsageError(
            f"remote: {_shown(url)} has no valid port, which is a number from 1 to 65535; write a path after a slash, "
            "and in user and password %2F for '/' and %40 for '@', or use the options username and password"
        )
    return host.lower(), int(port) if port else None


def _tls(url: str, scheme: str, port: int | None, option: str | None) -> str:
    if option is None:
        return IMPLICIT if scheme == "ftps" and port == IMPLICIT_PORT else SCHEMES[scheme]
    if option == NONE and SCHEMES[scheme] != NONE:
        raise UsageError(f"tls: none contradicts remote: {_shown(url)} asks for TLS; write ftp:// or leave tls out")
    if option == IMPLICIT and scheme == "ftpes":
        raise UsageError(f"tls: implicit contradicts remote: {_shown(url)} means explicit TLS; write ftps://")
    return option


def _path(url: str, text: str) -> str:
    path = clean_path("/" + _decoded(text))
    if path is None:
        raise UsageError(
            f"remote: the path of {_shown(url)} has a '.' or '..' part, a line end or NUL; "
            "write the path from the server's root, such as /htdocs"
        )
    return path


def _decoded(text: str) -> str:
    return unquote(text, "utf-8", "surrogateescape")
