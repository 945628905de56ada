"""The view of a run without widgets: one line in a terminal that rewrites itself, or nothing at all."""

import sys
from typing import Self, TextIO

from imgmagic.display.sanitize import shorten, strip_control
from imgmagic.display.status import run_line
from imgmagic.domain.progress import Progress


class LineView:
    """Show a run as one line that rewrites itself, in a terminal; in a pipe, nothing."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._wide = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def update(self, progress: Progress, elapsed_s: float) -> None:
        """Show how far the run is."""
        self.rewrite(f"{elapsed_s:.1f} s, {run_line(progress, elapsed_s)}")

    def rewrite(self, text: str) -> None:
        """Replace the line with a text."""
        self._write(f"imagine: {text}")

    def clear(self) -> None:
        """Remove the line; what stays is printed below."""
        self._write("")
        if self._stream.isatty():
            self._stream.write("\r")

    def say(self, line: str) -> None:
        """Print a line that stays."""
        if self._stream.isatty():
            self._stream.write(f"{strip_control(line)}\n")

    def _write(self, line: str) -> None:
        if self._stream.isatty():
            line = shorten(line, 119)
            self._stream.write("\r" + line.ljust(self._wide))
            self._stream.flush()
            self._wide = len(line)
