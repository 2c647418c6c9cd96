# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: BSD-2-Clause

"""The live display on a terminal: bar, files, bytes, rate, remaining time; needs the package rich.

While it is shown, stdout and stderr are replaced: whole lines go above it, and a line without end, which is
a question, takes its place until it is answered. (rich and not tqdm: it draws from a thread of its own, so
that rate and remaining time go on while one large file is under way, and it fits itself to the terminal.)
"""

from __future__ import annotations

import io
import sys
import threading
import time
import typing as t

from ..console.terminal import is_terminal, without_colour
from ..model import shown
from ..progress.figures import Pace, snapshot

if t.TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from .progress import Run

REFRESH = 8  # times a second


class Live:
    """The display, to be used around a run.

    Parameters:
        run: what is to be seen of it.
        options: its options: ``no_color``, ``dry_run``.
    """

    def __init__(self, run: Run, options: t.Mapping[str, t.Any]) -> None:
        from rich.console import Console
        from rich.live import Live as RichLive

        self._run = run
        self._dry_run = bool(options.get("dry_run"))
        self._pace = Pace()
        self._console: Console = Console(file=sys.stdout, no_color=bool(options.get("no_color")), highlight=False)
        self._live = RichLive(
            get_renderable=self._picture,
            console=self._console,
            refresh_per_second=REFRESH,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._replaced: tuple[t.TextIO, t.TextIO, t.TextIO] | None = None
        self._mutex = threading.Lock()
        self._is_asking = False
        self._is_open = False
        self._over = threading.Event()
        self._opening = threading.Thread(target=self._await_targets, name="progress", daemon=True)

    def __enter__(self) -> None:
        self._replaced = (sys.stdin, sys.stdout, sys.stderr)
        stdin, stdout, stderr = self._replaced
        sys.stdin = t.cast(t.TextIO, _Answers(stdin, self))
        sys.stdout = t.cast(t.TextIO, _Above(stdout, self._console))
        if is_terminal(stderr):
            sys.stderr = t.cast(t.TextIO, _Above(stderr, self._console))
        self._opening.start()

    def __exit__(self, *error: object) -> None:
        if self._replaced is None:
            return
        self._over.set()
        self._opening.join()
        replaced, (sys.stdin, sys.stdout, sys.stderr) = (sys.stdout, sys.stderr), self._replaced
        self._replaced = None
        self._live.stop()
        for stream in replaced:
            if isinstance(stream, _Above):
                stream.finish()

    def pause(self) -> None:
        """Leave the terminal to a question, and show it."""
        with self._mutex:
            self._is_asking = True
            self._live.stop()
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, _Above):
                stream.finish()

    def resume(self) -> None:
        """Come back."""
        with self._mutex:
            self._is_asking = False
            if self._is_open and self._replaced is not None:
                self._live.start(refresh=True)

    def _await_targets(self) -> None:
        """Begin once both targets are open: until then somebody may be asked for a password, past our streams."""
        while not self._over.wait(0.1):
            if self._run.is_open():
                with self._mutex:
                    self._is_open = True
                    if not self._is_asking:
                        self._live.start(refresh=True)
                return

    # ------------------------------------------------------------------ the picture

    def _picture(self) -> RenderableType:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.spinner import Spinner
        from rich.table import Table
        from rich.text import Text

        now = snapshot(self._run.tally, self._pace, time.monotonic())
        name = ("(DRY-RUN) " if self._dry_run else "") + now.name
        row = Table.grid(padding=(0, 1))
        if now.phase != "transfer":
            seen = self._run.entries_seen()
            row.add_row(Spinner("dots"), Text(name, style="bold"), Text("" if seen is None else f"{seen} entries"))
            return row
        filling = ProgressBar(
            total=max(now.bytes_total, 1), completed=now.bytes_done, width=24 if self._console.width >= 80 else 8
        )
        row.add_row(
            Text(name, style="bold"), filling, Text("  ".join(now.amounts()), no_wrap=True, overflow="ellipsis")
        )
        path = Text(f"  {shown(self._run.tally.current)}", style="bright_black", no_wrap=True, overflow="ellipsis")
        return Group(row, path)


class _Above(io.TextIOBase):
    """A stream whose lines are put above the display.

    It has no file number, so that ``input()`` writes its question here and not past it.

    Parameters:
        stream: the real one.
    """

    def __init__(self, stream: t.TextIO, console: Console) -> None:
        self._stream = stream
        self._console = console
        self._pending = ""

    @property
    def encoding(self) -> str:  # type: ignore[override] # io declares an attribute, which could not follow the stream
        """That of the real stream."""
        return self._stream.encoding

    def isatty(self) -> bool:
        """As the real stream."""
        return self._stream.isatty()

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, text: str) -> int:
        """Take text in; lines that want to be overwritten are progress of another kind, and left out."""
        from rich.text import Text

        if not text.endswith("\r"):
            *lines, self._pending = (self._pending + text).split("\n")
            for line in lines:
                # Sequences other than colours would go astray.
                told = Text.from_ansi(_colours_only(line))
                self._console.print(told, soft_wrap=True)
        return len(text)

    def flush(self) -> None:
        """Nothing: a line without end is a question, and shown when the answer is read.

        What ``input()`` meets while it flushes it ignores, even Ctrl+C.
        """

    def finish(self) -> None:
        """Write what there is."""
        self._stream.write(self._pending)
        self._stream.flush()
        self._pending = ""


class _Answers(io.TextIOBase):
    """stdin that makes room for a question until its answer has come."""

    def __init__(self, stream: t.TextIO, display: Live) -> None:
        self._stream = stream
        self._display = display

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override] # of text, as input() wants it
        """The user's answer."""
        try:
            self._display.pause()
            return self._stream.readline(-1 if size is None else size)
        finally:
            self._display.resume()

    def isatty(self) -> bool:
        """As the real stream."""
        return self._stream.isatty()


def _colours_only(text: str) -> str:
    """Text with its colours, and without sequences that move the cursor or erase."""
    parts = text.split("\x1b[")
    kept = [parts[0]]
    for part in parts[1:]:
        digits = part.lstrip("0123456789;")
        end = len(part) - len(digits) + 1
        kept.append(f"\x1b[{part}" if digits[:1] == "m" else without_colour(part[end:]))
    return "".join(kept)
