"""The live view of a sweep: the grid, whose tiles fill in place, and the bar with what goes on and Stop.

For a large sweep it shows the same even sample as the durable grid, so memory and the page stay small; the bar counts
all cells. Previews are sent to the page; of the originals only the names, as in the durable grid, and the page asks for
the one that is opened.
"""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ipywidgets
from IPython.core.getipython import get_ipython
from IPython.display import display

from imgmagic.display.sanitize import shorten, strip_control
from imgmagic.display.sweep_line import describe_progress
from imgmagic.domain.sweep import SweptCell
from imgmagic.domain.sweep_progress import CellState, SweepProgress
from imgmagic.domain.sweep_shape import Cell, SweepGrid, SweepShape
from imgmagic.errors import StoreError
from imgmagic.notebook.cell.stop_bar import Bar
from imgmagic.notebook.cell.sweep_grid import make_grid_widget
from imgmagic.notebook.output.figure import original_hash, shown_preview
from imgmagic.notebook.output.grid import MOST_TILES, cell_words, tile_side
from imgmagic.notebook.shell import Marks, front_end, kernel_id

_PREVIEW_SIDE = 512  # pixels; if the page does not ask for originals, a click opens the tile in this size
_MOST_BYTES = 40_000
_QUALITY = 75
# What a saved notebook has instead of the live view; always the same, because nbval compares it.
PLACE = {"text/html": "", "text/plain": "<imgmagic run>"}
_WORDS = {CellState.RUNNING: "drawing", CellState.ELSEWHERE: "another kernel is drawing it"}


@dataclass(frozen=True, kw_only=True)
class SweepToShow:
    """What a view must know about a sweep before it begins.

    Args:
        shape: its axes.
        prompts: the text of each cell by its number.
        takes: pictures per cell.
        aspect: width to height of a tile.
        alt: alternative text of the pictures; None means each cell's prompt.
        known: what is known about the price.
    """

    shape: SweepShape
    prompts: Mapping[int, str]
    takes: int = 1
    aspect: tuple[int, int] = (1, 1)
    alt: str | None = None
    known: str = ""


class SweepView:
    """Show a sweep with widgets in the cell's output.

    Args:
        sweep: what will be drawn.
        on_stop: called when Stop is clicked in a background run; None when the cell waits and Stop interrupts it.
    """

    def __init__(self, sweep: SweepToShow, *, on_stop: Callable[[], None] | None = None) -> None:
        self._sweep = sweep
        grids = sweep.shape.sample(max(1, MOST_TILES // sweep.takes))
        cells = [cell for grid in grids for row in grid.cells for cell in row]
        self._slots = {cell.number: place * sweep.takes for place, cell in enumerate(cells)}
        self._cells = {cell.number: cell for cell in cells}
        self._shown: dict[int, CellState] = {}
        self._bar = Bar(
            kernel_id=kernel_id(get_ipython()),
            hint=front_end(Marks(names=getattr(get_ipython(), "user_ns", ()))).interrupt,
            background=on_stop is not None,
            alt="",
            known=strip_control(sweep.known),
            clock="0.0 s",
            text="sending",
            said="sending",
            layout=ipywidgets.Layout(height="48px", margin="4px 0 0"),
        )
        if on_stop is not None:
            self._bar.on_msg(lambda *_: on_stop())
        side = tile_side(len(cells) * sweep.takes)
        width, height = sweep.aspect
        self._grid = make_grid_widget(
            len(cells) * sweep.takes,
            grids=[self._describe(grid) for grid in grids],
            tiles={},
            side=max(48, round(side * width / max(width, height))),
            aspect=width / height,
        )
        # An ipywidgets box scrolls by default; then Stop would be out of sight below a tall grid.
        layout = ipywidgets.Layout(padding="0 20px 0 0", overflow="visible")
        self._box = ipywidgets.VBox([self._grid, self._bar], layout=layout)
        self._box.add_class("imgmagic-run")
        self._handle = display({**self._box._repr_mimebundle_(), **PLACE}, raw=True, display_id=True)

    def __enter__(self) -> "SweepView":
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()
        for widget in (self._bar, self._grid, self._box):
            widget.layout.close()
            widget.close()

    def update(self, progress: SweepProgress) -> None:
        """Show how far the sweep is; send only the tiles that have changed."""
        text = strip_control(describe_progress(progress))
        with self._bar.hold_sync():
            self._bar.text = text
            self._bar.said = strip_control(describe_progress(progress).partition(",")[0])
            self._bar.clock = f"{progress.elapsed_s:.1f} s"
        changed = {n: progress.states[n] for n in self._cells if progress.states[n] is not self._shown.get(n)}
        if changed:
            self._shown |= changed
            states = {
                str(slot): {**self._tile(self._cells[number], state), "words": _WORDS.get(state, "")}
                for number, state in changed.items()
                if state not in (CellState.COMPLETED, CellState.FOUND, CellState.FAILED)
                for slot in self._range(number)
            }
            self._grid.tiles = {**self._grid.tiles, **states}

    def show(self, cell: SweptCell) -> None:
        """Put a finished cell's pictures into its tiles, or why they are missing."""
        number = cell.cell.number
        if number not in self._slots:
            return
        state = "done" if cell.is_complete else "stopped" if cell.error is None else "failed"
        tile = {**self._tile(cell.cell, state), "words": shorten(cell_words(cell), 200), "about": _about(cell)}
        tiles = {str(slot): tile for slot in self._range(number)}
        pictures: dict[str, bytes] = {}
        images = () if cell.generation is None else cell.generation.images
        for take in range(min(len(images), self._sweep.takes)):
            slot = self._slots[number] + take
            with contextlib.suppress(StoreError):  # the durable grid says why
                image = images[take]
                preview = shown_preview(image, longest_side=_PREVIEW_SIDE, quality=_QUALITY, most_bytes=_MOST_BYTES)
                tiles[str(slot)] = {**tile, "format": preview.format, "sha256": original_hash(image)}
                pictures[f"picture_{slot}"] = preview.data
        with self._grid.hold_sync():
            self._grid.tiles = {**self._grid.tiles, **tiles}
            for name, data in pictures.items():
                # One trait per picture: in a list, all pictures would be sent again with each new one.
                setattr(self._grid, name, data)

    def clear(self) -> None:
        """Make room for what stays; calling it twice is harmless."""
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.update(PLACE, raw=True)

    def _range(self, number: int) -> range:
        return range(self._slots[number], self._slots[number] + self._sweep.takes)

    def _tile(self, cell: Cell, state: str) -> dict[str, str]:
        alt = f"{self._sweep.alt or self._sweep.prompts.get(cell.number, '')} ({cell.title})"
        return {"state": str(state), "words": "", "about": "", "alt": strip_control(alt)}

    def _describe(self, grid: SweepGrid) -> dict[str, object]:
        rows = [
            {"label": strip_control(label), "cells": [list(self._range(cell.number)) for cell in cells]}
            for label, cells in zip(grid.rows, grid.cells, strict=True)
        ]
        corner = f"{grid.across} →" + (f" {grid.down} ↓" if grid.down else "")
        columns = [strip_control(label) for label in grid.columns]
        return {"title": strip_control(grid.title), "corner": corner, "columns": columns, "rows": rows}


def _about(cell: SweptCell) -> str:
    generation = cell.generation
    if generation is None:
        return cell.cell.title
    facts = [f"#{generation.id}" if generation.id is not None else "", generation.model or ""]
    facts += [f"{generation.elapsed_s:.1f} s", "" if generation.cost is None else f"${generation.cost:.4f}"]
    lines = [cell.cell.title, " · ".join(filter(None, facts)), f"prompt: {cell.prompt}"]
    options = ", ".join(f"{name} {value}" for name, value in generation.request.options.items())
    return strip_control("\n".join([*lines, f"options: {options}" if options else ""]).strip())
