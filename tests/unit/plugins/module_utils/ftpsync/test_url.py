# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""URLs of remote folders: what each part means, and that no message shows a secret."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftpsync.errors import UsageError
from ftpsync.url import parse_remote

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("ftp://h", ("none", "h", 21, None, None, "/")),
        ("FTP://H.Example.COM/", ("none", "h.example.com", 21, None, None, "/")),
        ("ftps://h/a/b/", ("explicit", "h", 21, None, None, "/a/b")),
        ("ftps://h:990/a//", ("implicit", "h", 990, None, None, "/a")),
        ("ftps://h:21/", ("explicit", "h", 21, None, None, "/")),
        ("ftpes://h:990/", ("explicit", "h", 990, None, None, "/")),
        ("ftp://h:990/", ("none", "h", 990, None, None, "/")),
        ("ftp://h:/x", ("none", "h", 21, None, None, "/x")),
        ("ftp://joe@h/x", ("none", "h", 21, "joe", None, "/x")),
        ("ftp://joe:@h/x", ("none", "h", 21, "joe", "", "/x")),
        ("ftp://joe:a:b@h", ("none", "h", 21, "joe", "a:b", "/")),
        ("ftp://joe@example.com:pw@h", ("none", "h", 21, "joe@example.com", "pw", "/")),
        (
            "ftp://joe%40example.com:p%2Fw%25%3a%40@h:2121/a%20b",
            ("none", "h", 2121, "joe@example.com", "p/w%:@", "/a b"),
        ),
        ("ftp://dom%5cjoe:100%@h", ("none", "h", 21, "dom\\joe", "100%", "/")),
        ("ftp://h/a b;type=i?x=1#f", ("none", "h", 21, None, None, "/a b;type=i?x=1#f")),
        ("ftp://h/@user/x", ("none", "h", 21, None, None, "/@user/x")),
        ("ftp://h//a", ("none", "h", 21, None, None, "/a")),
        ("ftp://h/a//b/", ("none", "h", 21, None, None, "/a/b")),
        ("ftp://h/%2Fetc", ("none", "h", 21, None, None, "/etc")),  # how curl writes an absolute path
        ("ftp://h/a%2Fb", ("none", "h", 21, None, None, "/a/b")),
        ("ftp://h/%E4%C3%A4", ("none", "h", 21, None, None, "/\udce4ä")),
        ("ftp://[2001:DB8::1]:2121/x", ("none", "2001:db8::1", 2121, None, None, "/x")),
        ("ftp://joe:pw@[::1]", ("none", "::1", 21, "joe", "pw", "/")),
        ("ftp://[fe80::1%25eth0]/", ("none", "fe80::1%eth0", 21, None, None, "/")),
    ],
)
def test_parts(url, parts):
    assert tuple(parse_remote(url)) == parts


@pytest.mark.parametrize(
    ("url", "tls", "expected"),
    [
        ("ftp://h", "explicit", ("explicit", 21)),
        ("ftp://h", "implicit", ("implicit", 990)),
        ("ftps://h", "implicit", ("implicit", 990)),
        ("ftps://h:21", "implicit", ("implicit", 21)),
        ("ftps://h:990", "explicit", ("explicit", 990)),
        ("ftp://h", "none", ("none", 21)),
    ],
)
def test_the_option_tls_wins(url, tls, expected):
    remote = parse_remote(url, tls)
    assert (remote.tls, remote.port) == expected


@pytest.mark.parametrize(
    ("url", "hints"),
    [
        ("", ("ftp://", "ftps://")),
        ("/var/www", ("'/var/www'", "ftps://")),
        ("joe:s3cr3t@h/x", ("h/x", "ftps://")),
        ("h:s3cr3t", ("ftps://",)),
        ("http://joe:s3cr3t@h", ("http://***@h", "HTTP is another protocol")),
        ("sftp://joe:s3cr3t@h", ("SSH",)),
        ("fpt://joe:s3cr3t@h", ("fpt://***@h", "ftps://")),
        ("ftp:/joe:s3cr3t@h", ("***@h",)),
        ("ftp://", ("host",)),
        ("ftp:///x", ("host",)),
        ("ftp://joe:x@h2/s3cr3t@h/", ("%40", "%2F")),
        ("ftp://joe:s3cr3t@", ("host",)),
        ("ftp://joe:s3cr3t@/x", ("host",)),
        ("ftp://joe:s3cr3t", ("port", "%2F")),
        ("ftp://joe:s3cr3t/x@h/", ("port", "%2F")),
        ("ftp://joe:s3cr3t:2@h:x", ("port",)),
        ("ftp://h:0/", ("1 to 65535",)),
        ("ftp://h:65536/", ("1 to 65535",)),
        ("ftp://h:12345678901234567890/", ("1 to 65535",)),
        ("ftp://h:²/", ("1 to 65535",)),
        ("ftp://2001:db8::1/", ("brackets",)),
        ("ftp://[::1/", ("brackets",)),
        ("ftp://[::1]21/", ("host",)),
        ("ftp://[h]/", ("host",)),
        ("ftp://[]/", ("host",)),
        ("ftp://h?x", ("host",)),
        ("ftp://h\\x", ("host",)),
        ("ftp:// h/", ("host",)),
        ("ftp://h\n/", ("host",)),
        ("ftp://@h/", ("USER@HOST",)),
        ("ftp://:s3cr3t@h/", ("USER@HOST",)),
        ("ftp://joe:s3cr3t%0d@h/", ("line end",)),
        ("ftp://jo%00e:s3cr3t@h/", ("NUL",)),
        ("ftp://h/./a", ("'.'",)),
        ("ftp://joe:s3cr3t@h/a/%2e%2E", ("'..'",)),
        ("ftp://h/a%0D%0ADELE x", ("line end",)),
        ("ftp://h/a%00", ("NUL",)),
    ],
)
def test_wrong_values_are_named_without_secrets(url, hints):
    with pytest.raises(UsageError) as caught:
        parse_remote(url)
    message = str(caught.value)
    assert message.startswith("remote: ")
    assert message.isprintable()
    assert SECRET not in message
    for hint in hints:
        assert hint in message


@pytest.mark.parametrize(("url", "tls"), [("ftps://joe:s3cr3t@h", "none"), ("ftpes://joe:s3cr3t@h", "implicit")])
def test_contradictions_of_scheme_and_tls(url, tls):
    with pytest.raises(UsageError, match=f"^tls: {tls} contradicts remote: ") as caught:
        parse_remote(url, tls)
    assert SECRET not in str(caught.value)


def test_repr_has_no_password():
    remote = parse_remote("ftps://joe:s3cr3t@[::1]:2121/x")
    assert repr(remote) == "RemoteUrl(explicit, 'joe', 'ftps://[::1]:2121/x')"
    assert SECRET not in f"{remote} {remote!r}"


@pytest.mark.parametrize(
    "url", ["ftp://h", "ftp://h:990/x", "ftps://h:2121/", "ftps://h:990/x", "ftpes://h:990/", "ftp://[::1]:2121/"]
)
def test_address_is_the_url_without_login(url):
    remote = parse_remote(url)
    again = parse_remote(remote.address)
    assert again == remote


TEXT = st.text(st.characters(blacklist_characters="\0\r\n", blacklist_categories=["Cs"]), min_size=1)


@given(TEXT, TEXT, st.lists(st.text("ab.%#?;@: ä\udcff", min_size=1).filter(lambda part: part not in (".", ".."))))
def test_what_is_percent_encoded_comes_back(username, password, parts):
    path = "/".join(quote(part, "", "utf-8", "surrogateescape") for part in parts)
    remote = parse_remote(f"ftp://{quote(username, '')}:{quote(password, '')}@h/{path}")
    assert (remote.username, remote.password) == (username, password)
    assert remote.path == "/" + "/".join(parts)


@given(st.text("ftps:/@[]%0aA1?#\n\0.", max_size=30))
def test_any_text_is_refused_or_understood(text):
    try:
        remote = parse_remote(text)
    except UsageError:
        return
    assert remote.host
    assert remote.path.startswith("/")
    assert not set("\0\r\n") & set(remote.path + remote.host)
