"""A figure: one thing measured, what it is held against, and the line that it makes in the table."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

HEADS = ("name", "ours", "baseline", "ratio", "target", "holds")

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Hold a figure: a value, and either a baseline and the most that their ratio may be, or the most that it may be.

    Args:
        name: what was measured.
        ours: how much, in `unit`.
        baseline: how much the other way took in the same run.
        most: the target: of the ratio where there is a baseline, else of the value; None where none was set.
    """

    name: str
    ours: float
    unit: str
    baseline: float | None = None
    most: float | None = None

    @property
    def ratio(self) -> float | None:
        """Return ours in parts of the baseline."""
        return None if self.baseline is None else self.ours / self.baseline

    @property
    def holds(self) -> bool:
        """Return whether the target is met; what has none is."""
        reached = self.ours if self.ratio is None else self.ratio
        return self.most is None or reached <= self.most

    def cells(self) -> tuple[str, ...]:
        """Return the line of the table."""
        unit = "" if self.ratio is not None else f" {self.unit}"
        target = "-" if self.most is None else f"<= {self.most:g}{unit}"
        holds = "-" if self.most is None else "yes" if self.holds else "NO"
        ratio = "-" if self.ratio is None else f"{self.ratio:.2f}"
        return self.name, self._amount(self.ours), self._amount(self.baseline), ratio, target, holds

    def _amount(self, value: float | None) -> str:
        return "-" if value is None else f"{value:.1f} {self.unit}"


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as a table in plain text."""
    lines = [HEADS, *(figure.cells() for figure in figures)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def alternating(steps: Sequence[Callable[[], Value]], rounds: int) -> list[list[Value]]:
    """Return what each step gave in each round; the steps take turns, so that a noisy moment hits them all alike."""
    taken = [[step() for step in steps] for _ in range(rounds)]
    return [list(column) for column in zip(*taken, strict=True)]


def medians(steps: Sequence[Callable[[], float]], rounds: int) -> list[float]:
    """Return the median of each step over the rounds."""
    return [statistics.median(column) for column in alternating(steps, rounds)]
