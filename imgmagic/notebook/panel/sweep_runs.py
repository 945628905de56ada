"""A sweep as one run of a panel: a tile per picture; in the end the records of its cells take their place."""

from collections.abc import Iterator

from imgmagic.display.sweep_line import describe_progress, describe_sweep
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.sweep import SweptCell
from imgmagic.domain.sweep_progress import CellState, SweepProgress
from imgmagic.errors import StoreError
from imgmagic.notebook.output.figure import shown_preview
from imgmagic.notebook.panel import to_page
from imgmagic.runs.sweep_job import SweepJob
from imgmagic.runs.sweep_plan import SweepPlan

MOST_TILES = 100
_PREVIEW_SIDE = 480


def first_request(plan: SweepPlan) -> ImageRequest:
    """Return the request of the first cell, whose shape the tiles take."""
    return plan.plans[1].request


def takes(plan: SweepPlan) -> int:
    """Return how many pictures each cell has at most."""
    return max(each.request.n for each in plan.plans.values())


def tile_lines(plan: SweepPlan, progress: SweepProgress | None = None) -> tuple[str, ...]:
    """Return what is said below each tile: the values of its cell, and how far that is."""
    return tuple(_lines(plan, progress))[:MOST_TILES]


def line_of(job: SweepJob) -> str:
    """Return how far a sweep is, or what it came to."""
    return describe_sweep(job.sweep) if job.done else describe_progress(job.progress)


def tiles_of(run: int, plan: SweepPlan, cell: SweptCell) -> Iterator[tuple[to_page.Tile, bytes]]:
    """Yield the pictures of a cell that has ended, each with the place of its tile."""
    images = () if cell.generation is None else cell.generation.images
    for take in range(len(images)):
        index = (cell.cell.number - 1) * takes(plan) + take
        try:
            preview = shown_preview(images[take], longest_side=_PREVIEW_SIDE, quality=80)
        except StoreError:  # the record says why
            continue
        if index < MOST_TILES:
            yield to_page.Tile(run=run, index=index, format=preview.format), preview.data


def _lines(plan: SweepPlan, progress: SweepProgress | None) -> Iterator[str]:
    for cell in plan.cells[:MOST_TILES]:
        state = progress.states[cell.number] if progress else CellState.WAITING
        for _ in range(takes(plan)):
            yield f"{cell.title}: {state}"
