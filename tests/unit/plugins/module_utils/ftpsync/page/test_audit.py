# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""One page about many sites: every site is on it, and no name becomes markup."""

from __future__ import annotations

import html.parser
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftpsync.page.audit import MOST, Site, render, site_from

WRITTEN = "2026-03-14 09:26 UTC"
texts = st.text(max_size=20)
sites = st.builds(
    Site,
    texts,
    texts,
    texts,
    texts,
    st.integers(0, 10**6),
    *(st.lists(texts, max_size=3).map(tuple) for _list in range(3)),
)


class Balanced(html.parser.HTMLParser):
    """Fails where tags do not match, and knows which there are."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: t.Any) -> None:
        self.seen.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@given(found=st.lists(sites, max_size=4))
def test_whatever_names_are_made_of(found: list[Site]) -> None:
    parser = Balanced()
    parser.feed(render(found, WRITTEN))
    parser.close()
    assert parser.open == []
    assert not parser.seen & {"script", "a", "img", "link"}
    render(found, WRITTEN).encode("utf-8")


@pytest.mark.parametrize(
    ("found", "headline"),
    [
        ([Site("a")], "All is as it was published"),
        ([Site("a", problem="530 no")], "Not all could be looked at"),
        ([Site("a", drifted=("x",)), Site("b", problem="530 no")], "Something is not as it was published"),
        ([Site("a", missing=("x",))], "Something is not as it was published"),
        ([Site("a", unmanaged=("x",))], "All is as it was published"),
    ],
)
def test_the_headline_tells_the_worst(found: list[Site], headline: str) -> None:
    assert headline in render(found, WRITTEN)


def test_sites_come_from_what_the_module_returned() -> None:
    audit = {
        "manifest": {"written": "2026-03-14T09:26:50Z", "files": 3},
        "drifted": ["index.html"],
        "missing": [],
        "unmanaged": ["<b>"],
    }
    site = site_from("shop", "ftps://joe:secret@www.example.com/htdocs", audit)
    assert site == Site(
        "shop", "ftps://www.example.com/htdocs", "", "2026-03-14T09:26:50Z", 3, ("index.html",), (), ("<b>",)
    )
    page = render([site], WRITTEN)
    assert "secret" not in page and "&lt;b&gt;" in page and "1 changed" in page
    assert site_from("a", "", {"msg": "two\nlines"}).problem == "two lines"
    assert site_from("a", "", {}).problem == "failed"
    never = site_from("a", "ftp://h/", {"manifest": {"written": None, "files": 0}})
    assert "never published from here" in render([never], WRITTEN)


def test_a_long_list_is_cut() -> None:
    page = render([Site("a", unmanaged=tuple(f"file-{n}" for n in range(MOST + 5)))], WRITTEN)
    assert "and 5 more" in page and f"file-{MOST}" not in page
