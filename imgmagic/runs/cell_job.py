"""A running cell, as a sweep sees it: drawn by a job here, or by a worker elsewhere."""

from typing import Protocol

from imgmagic.domain.generation import Generation
from imgmagic.domain.progress import Progress


class WorkerLost(Exception):
    """A worker died, or was taken away, while it drew a cell."""


class NotBegun(Exception):
    """A cell was stopped before it was begun."""


class CellJob(Protocol):
    """A running cell, here or in a worker."""

    @property
    def progress(self) -> Progress:
        """Return its progress, as far as it is known here."""

    @property
    def elapsed_s(self) -> float:
        """Return how many seconds it has taken."""

    def cancel(self) -> None:
        """Stop it."""

    async def ended(self) -> Generation:
        """Wait for the end, and return the generation.

        Raises:
            CellTaken, BudgetExceeded, ImgmagicError: a worker could not begin it.
            WorkerLost: its worker died.
            NotBegun: it was stopped before a worker began it.
        """


class Cells(Protocol):
    """Does for a sweep what needs the session: begins the jobs of cells, and knows what others have drawn."""

    def start(self, number: int) -> CellJob:
        """Begin a cell.

        Raises:
            CellTaken: somebody has drawn it, or is drawing it.
            BudgetExceeded: it does not fit now.
        """

    def look(self, generation_id: int) -> Generation | None:
        """Return a generation that has ended; None while it runs."""

    def keep(self, generation: Generation) -> Generation:
        """Return an ended generation without its bytes, which are in the store."""

    def stop(self) -> None:
        """Tell the workers that the sweep was stopped."""

    def end(self) -> None:
        """Remove what no cell needs, now that all have ended."""
