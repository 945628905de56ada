"""A sweep as one run of a panel: a tile per picture; in the end the records of its cells take their place."""

from collections.abc import Iterator
from itertools import chain, islice

from imgmagic.display.sweep_line import describe_progress, describe_sweep
from imgmagic.domain.sweep import SweptCell
from imgmagic.domain.sweep_progress import CellState, SweepProgress
from imgmagic.errors import StoreError
from imgmagic.notebook.output.figure import shown_preview
from imgmagic.notebook.panel import to_page
from imgmagic.runs.sweep_job import SweepJob
from imgmagic.runs.sweep_plan import SweepPlan

MOST_TILES = 100
_PREVIEW_SIDE = 480


def takes(plan: SweepPlan) -> int:
    """Return how many pictures each cell has at most."""
    return max(each.request.n for each in plan.plans.values())


def tile_lines(plan: SweepPlan, progress: SweepProgress | None = None) -> tuple[str, ...]:
    """Return what is said below each tile: the values of its cell, and how far that is."""
    states = progress.states if progress else {}
    lines = ((f"{cell.title}: {states.get(cell.number, CellState.WAITING)}",) * takes(plan) for cell in plan.cells)
    return tuple(islice(chain.from_iterable(lines), MOST_TILES))


def line_of(job: SweepJob) -> str:
    """Return how far a sweep is, or what it came to."""
    return describe_sweep(job.sweep) if job.done else describe_progress(job.progress)


def tiles_of(run: int, plan: SweepPlan, cell: SweptCell) -> Iterator[tuple[to_page.Tile, bytes]]:
    """Yield the pictures of a cell that has ended, each with the place of its tile."""
    images = () if cell.generation is None else cell.generation.images
    first = (cell.cell.number - 1) * takes(plan)
    for take in range(min(len(images), MOST_TILES - first)):
        try:
            preview = shown_preview(images[take], longest_side=_PREVIEW_SIDE, quality=80)
        except StoreError:  # the record says why
            continue
        yield to_page.Tile(run=run, index=first + take, format=preview.format), preview.data
