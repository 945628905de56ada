"""Sweeps in marimo: a line and the pictures that are finished while it runs, then the labelled grid."""

import contextlib
from collections.abc import Mapping
from typing import Final, Unpack

from imgmagic import api
from imgmagic.display.sweep_line import describe_progress
from imgmagic.display.view import TICK_S
from imgmagic.domain.sweep import Sweep, SweptCell
from imgmagic.errors import StoreError
from imgmagic.notebook.marimo import host
from imgmagic.notebook.marimo.run_widget import RunView
from imgmagic.notebook.output.figure import shown_preview
from imgmagic.notebook.output.formatters import sweep_page
from imgmagic.notebook.output.grid import grid_html
from imgmagic.runs.follow import cancelled_at_exit
from imgmagic.runs.interrupts import Cancelled, Interrupts
from imgmagic.runs.sweep_job import SweepJob
from imgmagic.runs.sweep_plan import SweepOptions
from imgmagic.session import default_session

_MOST_TILES: Final = 24
_SIDE: Final = 256


def sweep(prompt: str, vary: Mapping[str, object], *, show: bool = True, **options: Unpack[SweepOptions]) -> Sweep:
    """Draw a sweep as `imgmagic.api.sweep` does, and show the run and its grid in the cell's output."""
    if not show or not host.is_running():
        return api.sweep(prompt, vary, show=show, **options)
    with Interrupts() as interrupts:
        job = interrupts.watch(api.start_sweep(prompt, vary, **options))
        with cancelled_at_exit(job), RunView(0, alt=prompt, hint=host.interrupt_hint()) as view:
            host.append(view.widget)
            follow_sweep(job, view)
            grid = grid_within_cap(job.sweep)
            view.clear()
            host.append(grid)
    if interrupts.seen:
        raise Cancelled
    return job.sweep


def show_job(job: SweepJob) -> object:
    """Return the widget of a running sweep, which a thread follows to its end, or a sweep that has ended."""
    if job.done:
        return job.sweep
    view = RunView(0, alt="sweep", on_stop=job.cancel)
    host.marimo().Thread(target=_show_until_end, args=(job, view), daemon=True).start()
    return view.widget


def _show_until_end(job: SweepJob, view: RunView) -> None:
    with view:
        follow_sweep(job, view)
        grid = grid_within_cap(job.sweep)
        view.clear()
        host.replace(grid)


def follow_sweep(job: SweepJob, view: RunView) -> None:
    """Show a sweep in a view until its end."""
    for cell in job.ticks(TICK_S):
        line = describe_progress(job.progress)
        view.tell(line, said=line, elapsed_s=job.elapsed_s)
        if cell is not None:
            _add_pictures(view, cell)


def _add_pictures(view: RunView, cell: SweptCell) -> None:
    """Show the first picture of a finished cell, with the values that it was drawn with."""
    image = cell.generation.image if cell.generation is not None else None
    if image is not None and len(view.widget.pictures) < _MOST_TILES:
        with contextlib.suppress(StoreError):  # the durable grid says why
            small = shown_preview(image, longest_side=_SIDE, quality=80)
            view.add(small.data, ", ".join(cell.labels.values()))


def grid_within_cap(swept: Sweep) -> str:
    """Return the grid as HTML, with smaller previews if marimo would refuse to show it because of its size."""
    grid = sweep_page(swept, default_session().settings)
    return grid if len(grid) <= host.MOST_BYTES else grid_html(swept, longest_side=_SIDE)
