"""Views of a sweep without widgets: nothing, and one line of a terminal."""

from typing import Protocol, Self

from imgmagic.display.line_view import LineView
from imgmagic.display.sweep_line import describe_progress
from imgmagic.domain.sweep import SweptCell
from imgmagic.domain.sweep_progress import SweepProgress
from imgmagic.notebook.cell.sweep_view import PLACE
from imgmagic.notebook.show import show


class AnySweepView(Protocol):
    """Shows a sweep while it lasts."""

    def __enter__(self) -> Self:
        """Start showing, and return the view."""

    def __exit__(self, *_: object) -> None:
        """Remove everything."""

    def update(self, progress: SweepProgress) -> None:
        """Show how far the sweep is."""

    def show(self, cell: SweptCell) -> None:
        """Show a cell that has ended."""

    def clear(self) -> None:
        """Make room for what stays."""


class NoSweepView:
    """Show nothing; with a place like that of a live view."""

    def __init__(self, *, place: bool = False) -> None:
        if place:
            show(PLACE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def update(self, progress: SweepProgress) -> None:
        """Show nothing."""

    def show(self, cell: SweptCell) -> None:
        """Show nothing."""

    def clear(self) -> None:
        """Remove nothing."""


class SweepLineView(NoSweepView):
    """Show a sweep as one line of a terminal."""

    def __init__(self) -> None:
        super().__init__()
        self._line = LineView()

    def update(self, progress: SweepProgress) -> None:
        """Show how far the sweep is."""
        self._line.rewrite(f"{progress.elapsed_s:.0f} s, {describe_progress(progress)}")

    def clear(self) -> None:
        """Remove the line."""
        self._line.clear()
