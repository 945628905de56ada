"""A view: what shows a run while it lasts.

A view is a context: it is opened before the run is followed, and leaving it takes away what it still shows. Whoever has
something to put in its place calls `clear` first, so that the place is never empty for longer than it takes to draw.
"""

from typing import Protocol, Self

from imgmagic.domain.progress import Progress

TICK_S = 0.25  # how often a view's seconds move


class View(Protocol):
    """Shows a run while it lasts."""

    def __enter__(self) -> Self:
        """Return the view, which shows already."""

    def __exit__(self, *_: object) -> None:
        """Take everything away, and give back what it held."""

    def update(self, progress: Progress, elapsed_s: float) -> None:
        """Show how far the run is."""

    def clear(self) -> None:
        """Make room for what stays; twice is once."""


class NoView:
    """Show nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def update(self, progress: Progress, elapsed_s: float) -> None:
        """Show nothing."""

    def clear(self) -> None:
        """Take nothing away."""
