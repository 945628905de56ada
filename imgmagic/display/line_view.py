"""The view of a run where there are no widgets: one line in a terminal that rewrites itself, or nothing at all."""

import sys
from collections.abc import Callable
from typing import Protocol, TextIO

from imgmagic.display.sanitize import plain, shortened
from imgmagic.display.status import run_line
from imgmagic.domain.progress import Progress

TICK_S = 0.25  # how often a view's seconds move


def nothing() -> None:
    """Show nothing."""


class View(Protocol):
    """Shows a run while it lasts."""

    def update(self, progress: Progress, elapsed_s: float) -> None:
        """Show how far the run is."""

    def close(self, show: Callable[[], None] = nothing) -> None:
        """Take everything away, and let `show` put what stays in its place."""


class LineView:
    """Show a run as one line that rewrites itself, in a terminal; in a pipe, nothing."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._wide = 0

    def update(self, progress: Progress, elapsed_s: float) -> None:
        """Show how far the run is."""
        self._write(f"imagine: {elapsed_s:.1f} s, {run_line(progress, elapsed_s)}")

    def close(self, show: Callable[[], None] = nothing) -> None:
        """Take the line away; what stays comes below."""
        self._write("")
        if self._stream.isatty():
            self._stream.write("\r")
        show()

    def say(self, line: str) -> None:
        """Leave one line behind."""
        if self._stream.isatty():
            self._stream.write(f"{plain(line)}\n")

    def _write(self, line: str) -> None:
        if self._stream.isatty():
            line = shortened(line, 119)
            self._stream.write("\r" + line.ljust(self._wide))
            self._stream.flush()
            self._wide = len(line)


class NoView:
    """Show nothing."""

    def update(self, progress: Progress, elapsed_s: float) -> None:
        """Show nothing."""

    def close(self, show: Callable[[], None] = nothing) -> None:
        """Take nothing away."""
        show()
