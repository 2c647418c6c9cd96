# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The style sheet of the HTML report. A constant: AnsiballZ bundles no data files."""

from __future__ import annotations

# Colours are chosen for a contrast of 4.5:1 and more with what they stand on (WCAG 2.1 AA).
STYLE = """\
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --line: #e1e5ea; --text: #1b2129; --soft: #5b6673;
  --good: #14733f; --good-soft: #e4f4ea; --bad: #b3261e; --bad-soft: #fcebea;
  --calm: #4a5663; --calm-soft: #e9edf1; --warn: #8a5200; --warn-soft: #fff4de;
  --outcome: var(--calm); --outcome-soft: var(--calm-soft);
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161b; --card: #1a2027; --line: #2c343e; --text: #e6eaef; --soft: #98a4b1;
    --good: #6bd598; --good-soft: #16301f; --bad: #ff9189; --bad-soft: #3a1c1a;
    --calm: #b4bfca; --calm-soft: #262e37; --warn: #f2bd66; --warn-soft: #33270f;
  }
}
body.deployed { --outcome: var(--good); --outcome-soft: var(--good-soft); }
body.failed { --outcome: var(--bad); --outcome-soft: var(--bad-soft); }
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2.5rem 1.25rem 3rem; max-width: 60rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  overflow-wrap: anywhere; -webkit-text-size-adjust: 100%;
}
body::before { content: ""; position: fixed; inset: 0 0 auto; height: 4px; background: var(--outcome); }
h1, h2, h3, p, ul, dl, dd, pre { margin: 0; padding: 0; }
ul { list-style: none; }
code, pre { font-family: var(--mono); font-size: .875em; }
pre code { font-size: 1em; }
small { font-weight: 400; color: var(--soft); }
h1 { margin-top: .75rem; font-size: clamp(1.5rem, 5vw, 2.125rem); line-height: 1.2; letter-spacing: -.015em; }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.25rem; line-height: 1.3; letter-spacing: -.01em; }
h3 { font-size: 1rem; }
h3 small { margin-left: .375rem; font-size: .875rem; }
.outcome {
  display: inline-flex; align-items: center; gap: .5rem; padding: .25rem .875rem .25rem .3125rem;
  border-radius: 2rem; background: var(--outcome-soft); color: var(--outcome); font-weight: 650;
}
.icon {
  display: inline-grid; place-items: center; width: 1.5rem; height: 1.5rem; border-radius: 50%;
  background: var(--outcome); color: var(--card); font-size: .875rem; font-weight: 800; line-height: 1;
}
.summary { margin-top: .375rem; font-size: 1.0625rem; color: var(--soft); }
.message + .summary { margin-top: .875rem; }
.message {
  margin-top: 1rem; padding: .75rem 1rem; border-left: 4px solid var(--bad);
  border-radius: .25rem .625rem .625rem .25rem; background: var(--bad-soft); font-weight: 550;
}
.about { margin-top: 1.25rem; }
.about > div { display: grid; grid-template-columns: 3.5rem 1fr; }
.about dt, .facts dt { color: var(--soft); }
.numbers {
  display: flex; flex-wrap: wrap; gap: 1px; margin-top: 1.75rem;
  overflow: hidden; border: 1px solid var(--line); border-radius: .75rem; background: var(--line);
}
.numbers > div { flex: 1 1 9rem; padding: .875rem 1rem; background: var(--card); }
.numbers dt { font-size: .875rem; color: var(--soft); }
.numbers .value { font-size: 1.625rem; font-weight: 650; line-height: 1.25; font-variant-numeric: tabular-nums; }
.numbers .value small { font-size: 1rem; }
.numbers .detail { font-size: .8125rem; line-height: 1.4; color: var(--soft); }
article, .facts, pre {
  padding: .875rem 1rem; border: 1px solid var(--line); border-radius: .75rem; background: var(--card);
}
article + article { margin-top: .75rem; }
article.failed { border-color: var(--bad); }
article > p { font-size: .875rem; color: var(--soft); }
.warnings { margin-top: 1.75rem; padding: .875rem 1rem; border-radius: .75rem; background: var(--warn-soft); }
.warnings h2 { margin: 0; font-size: 1rem; color: var(--warn); letter-spacing: 0; }
.warnings li { margin-top: .25rem; padding-left: 1.125rem; text-indent: -1.125rem; }
.warnings li::before { content: "•"; display: inline-block; width: 1.125rem; text-indent: 0; color: var(--warn); }
.rows { margin-top: .5rem; }
.rows li {
  display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 15rem) 5rem; column-gap: 1rem; align-items: baseline;
  padding: .3125rem 0; border-top: 1px solid var(--line);
}
.rows code { grid-column: 1; }
.rows code span { color: var(--soft); }
.rows .note { grid-column: 2; font-size: .875rem; color: var(--soft); }
.rows .size { grid-column: 3; text-align: right; font-size: .875rem; font-variant-numeric: tabular-nums; }
article.failed .rows li { grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); }
article.failed .rows .note { color: var(--bad); }
details > .rows { margin-top: 0; }
summary {
  padding: .4375rem 0 .125rem; border-top: 1px solid var(--line);
  color: var(--soft); font-size: .875rem; cursor: pointer;
}
summary:hover { color: var(--text); }
details[open] > summary { padding-bottom: .4375rem; }
.cut { padding-top: .4375rem; border-top: 1px solid var(--line); font-size: .875rem; color: var(--soft); }
pre { margin-top: .75rem; overflow-x: auto; overflow-wrap: normal; line-height: 1.6; }
.facts { font-size: .9375rem; }
.facts > div { display: grid; grid-template-columns: 12rem minmax(0, 1fr); column-gap: 1rem; padding: .1875rem 0; }
footer { margin-top: 2.5rem; font-size: .8125rem; color: var(--soft); }
:focus-visible { outline: 2px solid var(--outcome); outline-offset: 2px; }
@media (max-width: 40rem) {
  body { padding: 1.5rem 1rem 2rem; }
  .numbers > div { flex-basis: 40%; }
  .rows li, article.failed .rows li { grid-template-columns: minmax(0, 1fr) auto; }
  .rows code { grid-column: 1 / -1; }
  .rows .note { grid-column: 1; }
  .rows .size { grid-column: 2; color: var(--soft); }
  .facts > div { grid-template-columns: 1fr; padding: .3125rem 0; }
}
@media print {
  :root {
    color-scheme: light;
    --page: #fff; --card: #fff; --line: #ccc; --text: #000; --soft: #444;
    --good: #0b5a2e; --bad: #94150e; --calm: #333; --warn: #6b3f00;
    --good-soft: #fff; --bad-soft: #fff; --calm-soft: #fff; --warn-soft: #fff;
  }
  body { max-width: none; padding: 0; font-size: 10pt; }
  body::before { display: none; }
  .outcome, .icon, .warnings { border: 1px solid currentColor; }
  .icon { background: none; color: inherit; }
  .numbers > div { flex-basis: 5.5rem; padding: .5rem .625rem; }
  .numbers .value { font-size: 1.25rem; white-space: nowrap; }
  .rows li, .numbers, .facts > div, .message { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  pre { white-space: pre-wrap; }
}
"""
