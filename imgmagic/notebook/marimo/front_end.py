"""What marimo shows: the figure of a generation, the history, a run while it lasts, and the panel.

A waiting cell shows its run in a widget, and leaves the figure in its output. While a cell runs, marimo handles nothing
from the page, so its own interrupt button stops such a run; an app (`marimo run`) has no such button. A job is shown by
a thread that may write into the cell's output after the cell has ended, so its Stop works, even in an app.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Unpack

from imgmagic import api
from imgmagic.domain.generation import Generation
from imgmagic.domain.options import ImagineOptions
from imgmagic.domain.sweep import Sweep
from imgmagic.notebook.marimo import host
from imgmagic.notebook.marimo.run_widget import RunView, RunWidget
from imgmagic.notebook.marimo.sweep_run import grid_within_cap, show_job
from imgmagic.notebook.output.figure import figure_html
from imgmagic.notebook.output.formatters import figure_page
from imgmagic.notebook.output.history_table import view_html
from imgmagic.notebook.output.usage_table import usage_html
from imgmagic.notebook.painter.paint import paint as paint_in_jupyter
from imgmagic.notebook.painter.painter import Painter
from imgmagic.notebook.painter.painting import Mode
from imgmagic.notebook.panel.panel import Panel
from imgmagic.notebook.panel.registry import panel as open_in_jupyter
from imgmagic.notebook.panel.widget import Surface
from imgmagic.runs.follow import cancelled_at_exit, follow
from imgmagic.runs.inputs.preparation import prepare
from imgmagic.runs.inputs.references import read
from imgmagic.runs.interrupts import Cancelled, Interrupts
from imgmagic.runs.job import Job, raise_if_failed
from imgmagic.runs.sweep_job import SweepJob
from imgmagic.session import default_session
from imgmagic.store.history_view import HistoryView
from imgmagic.store.usage_report import UsageReport
from imgmagic.wire.dialects.edits import Edits


def add_hooks() -> None:
    """Give our values the methods that marimo looks for; nothing else calls them."""
    for kind, render in _RENDERED.items():
        setattr(kind, "_mime_", _mime(render))  # noqa: B010 - not a method of the value: only this room knows marimo
    for running, show in _SHOWN_LIVE.items():
        setattr(running, "_display_", show)  # noqa: B010 - likewise


def imagine(prompt: str, **options: Unpack[ImagineOptions]) -> Generation:
    """Generate images as `imgmagic.api.imagine` does, and show the run and its figure in the cell's output."""
    if not host.is_running():
        return api.imagine(prompt, **options)
    session = default_session()
    with Interrupts() as interrupts:
        job = interrupts.watch(session.start(session.plan(prompt, **options)))
        with cancelled_at_exit(job), RunView(job.request.n, alt=prompt, hint=host.interrupt_hint()) as view:
            host.append(view.widget)
            generation = follow(job, view)
            figure = figure_within_cap(generation) if generation.images else None
            view.clear()
            if figure is not None:
                host.append(figure)
    if interrupts.seen:
        raise Cancelled
    return raise_if_failed(generation)


def panel() -> Surface | None:
    """Open a panel; in marimo it is the widget that this returns, as the last expression of a cell."""
    if host.is_running():
        return Panel(default_session(), {}).surface
    open_in_jupyter()
    return None


def paint(picture: object, *, mode: Mode = "mask") -> Painter:
    """Open a painter like `imgmagic.paint`; in marimo it shows itself as the last expression of a cell."""
    if not host.is_running():
        return paint_in_jupyter(picture, mode=mode)
    return Painter(prepare(read(picture, lambda number: api.history[number]), Edits()), mode=mode)


def figure_within_cap(generation: Generation) -> str:
    """Return the figure as HTML, with smaller previews if marimo would refuse to show it because of its size."""
    figure = figure_page(generation, default_session().settings)
    return figure if len(figure) <= host.MOST_BYTES else figure_html(generation, longest_side=512)


_RENDERED: Final[Mapping[type, Callable[[Any], str]]] = {
    Generation: figure_within_cap,
    HistoryView: view_html,
    UsageReport: usage_html,
    Sweep: grid_within_cap,
}


def _mime(render: Callable[[Any], str]) -> Callable[[Any], tuple[str, str]]:
    return lambda shown: ("text/html", render(shown))


def _show_job(job: Job) -> Generation | RunWidget:
    """Return the widget of a running job, which a thread follows to its end, or the figure of one that has ended."""
    if job.done:
        return job.generation()
    view = RunView(job.request.n, alt=job.request.prompt, on_stop=job.cancel)
    host.marimo().Thread(target=_show_until_end, args=(job, view), daemon=True).start()
    return view.widget


def _show_until_end(job: Job, view: RunView) -> None:
    """Follow a job, and replace the widget with its figure, or with the reason why there is none."""
    with view:
        figure = figure_within_cap(follow(job, view))
        view.clear()
        host.replace(figure)


_SHOWN_LIVE: Final[Mapping[type, Callable[[Any], object]]] = {
    Job: _show_job,
    SweepJob: show_job,
    Painter: lambda painter: painter.widget,
}
