"""How far a sweep is: the state of each cell and what is spent, for views to draw."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from imgmagic.domain.generation import Status
from imgmagic.domain.sweep import SweptCell


class CellState(StrEnum):
    """How far one cell is."""

    WAITING = "waiting"
    RUNNING = "running"
    ELSEWHERE = "drawn by another kernel"
    FOUND = "drawn before"
    COMPLETED = "done"
    FAILED = "failed"
    CANCELLED = "stopped"


UNDER_WAY = frozenset({CellState.RUNNING, CellState.ELSEWHERE})
_STATE_BY_STATUS = {
    Status.COMPLETED: CellState.COMPLETED,
    Status.PARTIAL: CellState.FAILED,
    Status.FAILED: CellState.FAILED,
    Status.CANCELLED: CellState.CANCELLED,
    Status.INTERRUPTED: CellState.CANCELLED,
    Status.RUNNING: CellState.ELSEWHERE,
}


def state_of(cell: SweptCell) -> CellState:
    """Return the state of a cell that is not running."""
    if cell.is_found and cell.is_complete:
        return CellState.FOUND
    return CellState.WAITING if cell.status is None else _STATE_BY_STATUS[cell.status]


@dataclass(kw_only=True)
class SweepProgress:
    """Hold how far a sweep is; it changes as its cells do.

    Args:
        states: by cell number.
        limited: until when (in seconds of the sweep) a running cell is held back, and why, by cell number.
        spent: the known cost of the cells that ended, in US dollars.
        likely: the likely cost of the whole sweep, in US dollars; None if unknown.
    """

    states: dict[int, CellState]
    limited: dict[int, tuple[float, str]] = field(default_factory=dict)
    spent: Decimal | None = None
    likely: Decimal | None = None
    elapsed_s: float = 0.0

    @classmethod
    def start(cls, cells: Iterable[SweptCell], *, likely: Decimal | None = None) -> "SweepProgress":
        """Return the progress of a sweep that is about to begin."""
        return cls(states={cell.cell.number: state_of(cell) for cell in cells}, likely=likely)

    def spend(self, cost: Decimal | None) -> None:
        """Add what a cell cost, if that is known."""
        if cost is not None:
            self.spent = (self.spent or Decimal(0)) + cost

    @property
    def counts(self) -> Counter[CellState]:
        """Return how many cells are in each state."""
        return Counter(self.states.values())

    @property
    def left_s(self) -> float | None:
        """Estimate how many seconds are left from what has been drawn; None if nothing has."""
        counts = self.counts
        drawn = counts[CellState.COMPLETED] + counts[CellState.FAILED]
        left = counts[CellState.WAITING] + sum(counts[state] for state in UNDER_WAY)
        return self.elapsed_s * left / drawn if drawn and left else None
