# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""What was found at many sites, as one HTML page of the same kind as a report. Pure."""

from __future__ import annotations

import typing as t

from .html import LONG, esc, frame
from .words import count, visible

MOST = 500  # paths that are shown of one list

_BODY = """\
<header>
<p class="outcome"><span class="icon" aria-hidden="true">{icon}</span>{headline}</p>
<h1>FTP audit</h1>
<p class="summary">{summary}</p>
</header>
<main>
{body}
</main>
<footer>Written by webdeploy.ftp</footer>"""

_OWN_STYLE = """\
.rows code { grid-column: 1 / -1; }
article > p + details { margin-top: .5rem; }
"""

_LISTS = (
    ("drifted", "Changed on the server", "changed"),
    ("missing", "Missing on the server", "missing"),
    ("unmanaged", "Not published by us; a folder stands for all that is in it", "not ours"),
)


class Site(t.NamedTuple):
    """What is known of one site.

    Attributes:
        name: for people.
        remote: URL without user and password, or "".
        problem: why it could not be looked at, or "".
        published: when, or "" for never.
        files: how many are on record.
        drifted, missing, unmanaged: paths.
    """

    name: str
    remote: str = ""
    problem: str = ""
    published: str = ""
    files: int = 0
    drifted: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unmanaged: tuple[str, ...] = ()

    @property
    def has_drift(self) -> bool:
        """Whether what was published is another by now."""
        return bool(self.drifted or self.missing)


def render(sites: t.Sequence[Site], written: str) -> str:
    """The whole file.

    Parameters:
        written: when, for people.
    """
    broken = [site for site in sites if site.problem]
    drifting = [site for site in sites if site.has_drift]
    bad = bool(broken or drifting)
    headline = "Something is not as it was published" if drifting else "Not all could be looked at" if broken else ""
    numbers = (
        ("Sites", len(sites)),
        ("Without drift", sum(not site.has_drift and not site.problem for site in sites)),
        ("With drift", len(drifting)),
        ("Not looked at", len(broken)),
    )
    cells = "".join(f'<div><dt>{label}</dt><dd class="value">{number:,}</dd></div>' for label, number in numbers)
    parts = [
        f'<dl class="numbers">{cells}</dl>',
        _group("Could not be looked at", broken),
        _group("With drift", drifting),
        _group("Without drift", [site for site in sites if not site.has_drift and not site.problem]),
    ]
    body = _BODY.format(
        icon="!" if bad else "✓",
        headline=esc(headline or "All is as it was published"),
        summary=esc(f"{count(len(sites), 'site')}, {written}"),
        body="\n".join(part for part in parts if part),
    )
    return frame("FTP audit", "failed" if bad else "deployed", body, _OWN_STYLE)


def _group(title: str, sites: t.Sequence[Site]) -> str:
    if not sites:
        return ""
    return f"<h2>{esc(title)} <small>{len(sites):,}</small></h2>\n" + "\n".join(_site(site) for site in sites)


def _site(site: Site) -> str:
    if site.problem:
        about = [site.problem]
    else:
        found = [f"{len(getattr(site, name)):,} {short}" for name, _title, short in _LISTS if getattr(site, name)]
        about = [f"published {site.published}" if site.published else "never published from here"]
        about += [count(site.files, "file"), *found]
    state = ' class="failed"' if site.problem or site.has_drift else ""
    lists = "".join(_list(title, getattr(site, name)) for name, title, _short in _LISTS)
    return (
        f"<article{state}><h3>{esc(site.name)}<small>{esc(site.remote)}</small></h3>\n"
        f"<p>{esc(', '.join(about))}</p>\n{lists}</article>"
    )


def _list(title: str, paths: t.Sequence[str]) -> str:
    if not paths:
        return ""
    rows = "".join(f"<li><code>{esc(path)}</code></li>" for path in paths[:MOST])
    more = f'<p class="cut">and {len(paths) - MOST:,} more</p>' if len(paths) > MOST else ""
    is_open = " open" if len(paths) <= LONG else ""
    summary = f"<summary>{esc(title)} ({len(paths):,})</summary>"
    return f'<details{is_open}>{summary}<ul class="rows">{rows}</ul>{more}</details>\n'


def site_from(name: str, remote: str, audit: t.Mapping[str, t.Any]) -> Site:
    """A site from what ``ftp_info`` returned, or from the message of its failure."""
    address = remote.partition("://")
    remote = f"{address[0]}://{address[2].rpartition('@')[2]}" if address[1] else ""
    if audit.get("msg") or "manifest" not in audit:
        return Site(name, remote, problem=" ".join(visible(str(audit.get("msg") or "failed")).split()))
    manifest = audit["manifest"]
    lists = {key: tuple(str(path) for path in audit.get(key) or ()) for key, _title, _short in _LISTS}
    return Site(name, remote, "", str(manifest.get("written") or ""), int(manifest.get("files") or 0), **lists)
