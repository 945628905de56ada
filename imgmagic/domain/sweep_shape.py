"""A sweep's shape: its axes, the cells that they span, and the layout of the cells in labelled grids."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from imgmagic.domain.axes import Axis, AxisValue
from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.wording import listed
from imgmagic.errors import RequestInvalid

MOST_AXES = 4


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One combination of axis values.

    Args:
        number: from 1, in the order in which cells are drawn: the first row of the first grid comes first.
        place: the index of its value on each axis, in the order of the axes.
        values: its value on each axis by the axis' name.
    """

    number: int
    place: tuple[int, ...]
    values: Mapping[str, AxisValue]

    @property
    def plain(self) -> dict[str, JsonValue]:
        """Return its values alone, by axis."""
        return {name: value.value for name, value in self.values.items()}

    @property
    def labels(self) -> dict[str, str]:
        """Return its labels, by axis."""
        return {name: value.label for name, value in self.values.items()}

    @property
    def title(self) -> str:
        """Return its labels in words: size 1024x1024, quality low."""
        return ", ".join(f"{name} {value.label}" for name, value in self.values.items())


@dataclass(frozen=True, kw_only=True)
class SweepGrid:
    """One labelled grid of a sweep: columns for the first axis, rows for the second.

    Args:
        title: the labels of the other axes; empty if there are none.
        across, down: the names of the axes; empty if there is no such axis.
        columns, rows: labels; a sweep of one axis has one row without a label.
        cells: by row and column.
    """

    title: str
    across: str
    down: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]

    def __len__(self) -> int:
        return len(self.columns) * len(self.rows)


@dataclass(frozen=True, kw_only=True)
class SweepShape:
    """The axes of a sweep, crossed or, with `zipped`, taken side by side."""

    axes: tuple[Axis, ...]
    zipped: bool = False

    def __post_init__(self) -> None:
        _check(self.axes, zipped=self.zipped)

    def __len__(self) -> int:
        if self.zipped:
            return len(self.axes[0])
        return math.prod(len(axis) for axis in self.axes)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Return every cell, in the order in which they are drawn."""
        return tuple(
            Cell(
                number=number,
                place=place,
                values={axis.name: axis.values[index] for axis, index in zip(self.axes, place, strict=True)},
            )
            for number, place in enumerate(self._places(), 1)
        )

    @property
    def grids(self) -> tuple[SweepGrid, ...]:
        """Return the cells as labelled grids: the third axis and any other after it make one grid per value."""
        return self.sample(len(self))

    def sample(self, limit: int) -> tuple[SweepGrid, ...]:
        """Return at most `limit` cells as labelled grids, taken evenly from each axis, both ends included."""
        if self.zipped:
            picked = _evenly(len(self), limit)
            return (_strip(self.axes, tuple(cell for cell in self.cells if cell.place[0] in picked)),)
        counts = _shrunk([len(axis) for axis in self.axes], limit)
        kept = [_evenly(len(axis), count) for axis, count in zip(self.axes, counts, strict=True)]
        axes = [
            replace(axis, values=tuple(axis.values[index] for index in sorted(indexes)))
            for axis, indexes in zip(self.axes, kept, strict=True)
        ]
        cells = [
            cell
            for cell in self.cells
            if all(index in indexes for index, indexes in zip(cell.place, kept, strict=True))
        ]
        step = counts[0] * (counts[1] if len(counts) > 1 else 1)
        return tuple(_grid(axes, cells[start : start + step]) for start in range(0, len(cells), step))

    def _places(self) -> list[tuple[int, ...]]:
        if self.zipped:
            return [(index,) * len(self.axes) for index in range(len(self))]
        backwards = itertools.product(*(range(len(axis)) for axis in reversed(self.axes)))  # the first axis is fastest
        return [place[::-1] for place in backwards]


def _grid(axes: Sequence[Axis], cells: Sequence[Cell]) -> SweepGrid:
    across, *further = axes
    down = further[0] if further else None
    named = [f"{axis.name} {cells[0].values[axis.name].label}" for axis in further[1:]]
    wide = len(across)
    return SweepGrid(
        title=", ".join(named),
        across=across.name,
        down=down.name if down else "",
        columns=across.labels,
        rows=down.labels if down else ("",),
        cells=tuple(tuple(cells[start : start + wide]) for start in range(0, len(cells), wide)),
    )


def _shrunk(counts: list[int], limit: int) -> list[int]:
    """Return smaller counts whose product is at most `limit`: the largest axis shrinks first."""
    while math.prod(counts) > max(limit, 1):
        place = counts.index(max(counts))
        counts[place] -= max(1, counts[place] // 10)
    return counts


def _evenly(count: int, wanted: int) -> frozenset[int]:
    """Return indexes spread over `count`, the first and the last included."""
    wanted = max(1, min(count, wanted))
    return frozenset(round(step * (count - 1) / max(wanted - 1, 1)) for step in range(wanted))


def _strip(axes: Sequence[Axis], cells: tuple[Cell, ...]) -> SweepGrid:
    """Return axes that go side by side as one row, whose heads name the values of all of them."""
    columns = tuple(", ".join(cell.labels.values()) for cell in cells)
    across = ", ".join(axis.name for axis in axes)
    return SweepGrid(title="", across=across, down="", columns=columns, rows=("",), cells=(cells,))


def _check(axes: Sequence[Axis], *, zipped: bool) -> None:
    names = [axis.name for axis in axes]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if not axes:
        raise RequestInvalid("nothing was sent: there is no axis to vary.", remedy="Name one, such as size.")
    if twice:
        raise RequestInvalid(
            f"nothing was sent: {listed(twice)} is varied twice.", remedy="Put all its values into one list."
        )
    if len(axes) > MOST_AXES:
        raise RequestInvalid(
            f"nothing was sent: {len(axes)} axes are too many; {MOST_AXES} are allowed.",
            remedy="Vary fewer, or take some side by side in a separate sweep.",
        )
    lengths = {axis.name: len(axis) for axis in axes}
    if zipped and len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise RequestInvalid(
            f"nothing was sent: axes that go side by side need the same number of values, but {told}.",
            remedy="Make them the same length, or cross them.",
        )
