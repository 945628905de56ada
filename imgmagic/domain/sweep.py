"""A sweep: the results of its cells, as a value; what writes files or draws again is passed in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import reduce
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from imgmagic.domain.axes import Axis
from imgmagic.domain.generation import Generation, Status
from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.sweep_shape import Cell, SweepShape
from imgmagic.domain.usage import Usage
from imgmagic.domain.wording import closest, count_noun, listed
from imgmagic.errors import ImgmagicError, RequestInvalid, StoreError

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, kw_only=True)
class SweptCell:
    """One cell of a sweep and its generation.

    Args:
        cell: its place and its values.
        prompt: the text that was sent, or would be.
        generation: its generation; None if nothing was requested.
        is_found: whether an earlier run of the sweep had drawn it, so nothing was spent on it now.
        note: why nothing was requested, if nothing was.
    """

    cell: Cell
    prompt: str = ""
    generation: Generation | None = None
    is_found: bool = False
    note: str = ""

    @property
    def values(self) -> dict[str, JsonValue]:
        """Return its values, by axis."""
        return self.cell.plain

    @property
    def labels(self) -> dict[str, str]:
        """Return the labels of its values, by axis."""
        return self.cell.labels

    @property
    def status(self) -> Status | None:
        """Return how its generation ended; None if nothing was requested."""
        return None if self.generation is None else self.generation.status

    @property
    def error(self) -> ImgmagicError | None:
        """Return why pictures of it are missing; None if none are missing or the reason is unknown."""
        return None if self.generation is None else self.generation.error

    @property
    def is_complete(self) -> bool:
        """Return whether every picture of it is there."""
        return self.status is Status.COMPLETED

    def __repr__(self) -> str:
        number = "" if self.generation is None or self.generation.id is None else f" #{self.generation.id}"
        return f"<SweptCell {self.cell.title}:{number} {self.status or self.note or 'not drawn'}>"


class SweepTools(Protocol):
    """Does for sweeps what needs a disk, pandas, Pillow or a server, of which values know nothing."""

    def save(self, sweep: "Sweep", folder: str | Path, *, overwrite: bool = False) -> tuple[Path, ...]:
        """Write every original into a folder, and return where they are."""

    def contact_sheet(
        self, sweep: "Sweep", path: str | Path, *, title: str = "", date: str | None = None, overwrite: bool = False
    ) -> Path:
        """Write the labelled grid to a file, and return where it is."""

    def to_pandas(self, sweep: "Sweep") -> "pandas.DataFrame":
        """Return a table with one row per picture."""

    def retry(self, sweep: "Sweep") -> "Sweep":
        """Ask for every cell that is not complete, and return the sweep as it is then."""


class NoSweepTools:
    """The tools of a sweep without a session."""

    def save(self, sweep: "Sweep", folder: str | Path, *, overwrite: bool = False) -> tuple[Path, ...]:
        """Refuse."""
        del sweep, overwrite
        raise _homeless(f"{folder} was not written")

    def contact_sheet(
        self, sweep: "Sweep", path: str | Path, *, title: str = "", date: str | None = None, overwrite: bool = False
    ) -> Path:
        """Refuse."""
        del sweep, title, date, overwrite
        raise _homeless(f"{path} was not written")

    def to_pandas(self, sweep: "Sweep") -> "pandas.DataFrame":
        """Refuse."""
        del sweep
        raise _homeless("no table was made")

    def retry(self, sweep: "Sweep") -> "Sweep":
        """Refuse."""
        del sweep
        raise _homeless("nothing was sent")


def _homeless(what: str) -> StoreError:
    return StoreError(f"{what}: this sweep does not belong to a session.", remedy="Use imgmagic.history.sweeps.")


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """Hold a set of requests that differ in a few values, and their results.

    Args:
        id: its number in the history; None when it could not be recorded.
        template: the prompt as typed.
        shape: the axes, and how they go together.
        cells: every cell in the order in which they are drawn.
        created_at: when it was first run.
        elapsed_s: seconds that the last run took; 0 for a sweep that is read from the history.
        error: what ended the whole sweep; None if each cell ended by itself.
        alt: alternative text of the pictures; None means each cell's prompt.
        notices: what went wrong apart from the cells themselves.
    """

    template: str
    shape: SweepShape
    cells: tuple[SweptCell, ...]
    created_at: datetime
    id: int | None = None
    elapsed_s: float = 0.0
    error: ImgmagicError | None = None
    alt: str | None = None
    notices: tuple[str, ...] = ()
    tools: SweepTools = field(default_factory=NoSweepTools, repr=False, compare=False)

    @property
    def axes(self) -> tuple[Axis, ...]:
        """Return what was varied."""
        return self.shape.axes

    @property
    def generations(self) -> tuple[Generation, ...]:
        """Return the generations, in the order of their cells."""
        return tuple(cell.generation for cell in self.cells if cell.generation is not None)

    @property
    def failed(self) -> tuple[SweptCell, ...]:
        """Return the cells whose generation failed, wholly or in part."""
        return tuple(cell for cell in self.cells if cell.status in (Status.FAILED, Status.PARTIAL))

    @property
    def missing(self) -> tuple[SweptCell, ...]:
        """Return the cells that running the sweep again would request: not drawn, and certainly not billed."""
        return tuple(cell for cell in self.cells if not cell.is_complete)

    @property
    def status(self) -> Status:
        """Return how the sweep ended as a whole."""
        states = {cell.status for cell in self.cells}
        if states == {Status.COMPLETED}:
            return Status.COMPLETED
        if states & {None, Status.CANCELLED, Status.INTERRUPTED} and self.error is None:
            return Status.CANCELLED
        return Status.PARTIAL if states & {Status.COMPLETED, Status.PARTIAL} else Status.FAILED

    @property
    def usage(self) -> Usage | None:
        """Return the tokens of all cells; None if no server counted any."""
        counted = [each.usage for each in self.generations if each.usage is not None]
        return reduce(add, counted) if counted else None

    @property
    def cost(self) -> Decimal | None:
        """Return what all cells cost in US dollars; None if the cost of a requested cell is unknown."""
        asked = [each for each in self.generations if not (each.simulated or each.replayed or each.reused)]
        known = [each.cost for each in asked if each.cost is not None]
        return sum(known, Decimal(0)) if len(known) == len(asked) else None

    def __len__(self) -> int:
        return len(self.cells)

    def __iter__(self) -> Iterator[SweptCell]:
        return iter(self.cells)

    def _require_mapping(self, values: object) -> None:
        if isinstance(values, Mapping):
            return
        axis = self.axes[0]
        example = f'sweep[{{"{axis.name}": "{axis.labels[0]}"}}]'
        raise RequestInvalid(
            f"a cell is looked up by its axis values, not by {values!r}.", remedy=f"Write {example}, or sweep.cells[0]."
        )

    def __getitem__(self, values: Mapping[str, object]) -> SweptCell:
        """Return the cell with these axis values, given as values or as labels.

        Raises:
            RequestInvalid: an axis or value does not exist, or the values match several cells.
        """
        self._require_mapping(values)
        for name, value in values.items():
            self._require(name, value)
        found = [cell for cell in self.cells if all(_fits(cell.cell, *each) for each in values.items())]
        if len(found) != 1:
            left = [axis.name for axis in self.axes if axis.name not in values]
            raise RequestInvalid(
                f"{count_noun(len(found), 'cell')} match.", remedy=f"Also name a value of {listed(left)}."
            )
        return found[0]

    def retry(self) -> "Sweep":
        """Ask again for every cell that is not complete, even those that may have been billed."""
        return self.tools.retry(self)

    def save(self, folder: str | Path, *, overwrite: bool = False) -> tuple[Path, ...]:
        """Save every original into a folder, made if it does not exist; the names carry the axis values.

        Raises:
            StoreError: a file already exists and `overwrite` is not set, or the system refused.
        """
        return self.tools.save(self, folder, overwrite=overwrite)

    def contact_sheet(
        self, path: str | Path, *, title: str = "", date: str | None = None, overwrite: bool = False
    ) -> Path:
        """Write the labelled grid to a file: .png, .pdf or .html.

        Args:
            path: the file; its ending says the format.
            title: what stands above the prompt.
            date: what stands below it in place of the day on which the sweep was begun; empty for none.
            overwrite: whether a file that exists is replaced.

        Raises:
            StoreError: the ending is unknown, the file already exists and `overwrite` is not set, or no font on this
                machine has the letters of a label.
        """
        return self.tools.contact_sheet(self, path, title=title, date=date, overwrite=overwrite)

    def to_pandas(self) -> "pandas.DataFrame":
        """Return a tidy table: one row per picture, or per cell without one; a column per axis, typed.

        Raises:
            SettingsError: pandas is not installed.
        """
        return self.tools.to_pandas(self)

    def __repr__(self) -> str:
        named = "Sweep" if self.id is None else f"Sweep #{self.id}"
        axes = " × ".join(f"{len(axis)} {axis.name}" for axis in self.axes)
        return f"<{named}, {axes}, {self.status}>"

    def _require(self, name: str, value: object) -> None:
        axis = next((axis for axis in self.axes if axis.name == name), None)
        if axis is None:
            names = [each.name for each in self.axes]
            raise RequestInvalid(
                f"this sweep has no axis {name!r}.{closest(name, names)}", remedy=f"Its axes: {listed(names)}."
            )
        if not any(value in (each.value, each.label) for each in axis.values):
            raise RequestInvalid(
                f"{name} has no value {value!r}.{closest(str(value), axis.labels)}",
                remedy=f"Its values: {listed(axis.labels)}.",
            )


def _fits(cell: Cell, name: str, value: object) -> bool:
    return value in (cell.values[name].value, cell.values[name].label)
