"""A view: what shows a run while it lasts.

A view is a context manager: it is entered before the run is followed, and leaving it removes what it still shows. A
caller with something to put in its place calls `clear` first, so the place is empty only while that is drawn.
"""

from typing import Protocol, Self

from imgmagic.domain.progress import Progress

TICK_S = 0.25  # how often a view's seconds move


class View(Protocol):
    """Shows a run while it lasts."""

    def __enter__(self) -> Self:
        """Start showing, and return the view."""

    def __exit__(self, *_: object) -> None:
        """Remove everything, and release what it held."""

    def update(self, progress: Progress, elapsed_s: float) -> None:
        """Show how far the run is."""

    def clear(self) -> None:
        """Make room for what stays; calling it twice is harmless."""


class NoView:
    """Show nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def update(self, progress: Progress, elapsed_s: float) -> None:
        """Show nothing."""

    def clear(self) -> None:
        """Remove nothing."""
