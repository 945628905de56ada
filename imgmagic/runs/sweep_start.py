"""What a sweep begins with: the cells that are already there, and those still to be drawn."""

from dataclasses import dataclass

from imgmagic.domain.sweep import Sweep
from imgmagic.domain.sweep_progress import SweepProgress


@dataclass(frozen=True, kw_only=True)
class SweepStart:
    """Hold what a sweep begins with.

    Args:
        sweep: the sweep with what has been drawn.
        todo: the numbers of the cells to draw, in order.
        parallel: how many cells may run at a time.
        progress: how far it is.
    """

    sweep: Sweep
    todo: tuple[int, ...]
    parallel: int
    progress: SweepProgress
