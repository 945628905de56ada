"""A call of `imgmagic.imagine` or `imgmagic.sweep` in a notebook: it shows what a %%imagine cell shows."""

from collections.abc import Mapping
from typing import Unpack, cast

from IPython.core.getipython import get_ipython

from imgmagic import api
from imgmagic.domain.generation import Generation
from imgmagic.domain.options import ImagineOptions
from imgmagic.domain.sweep import Sweep
from imgmagic.notebook.cell.run import draw
from imgmagic.notebook.cell.sweep_run import show_sweep
from imgmagic.notebook.failures import show_failures
from imgmagic.notebook.line.arguments import Arguments
from imgmagic.notebook.shell import Shell, has_html, mark_as_shown
from imgmagic.runs.job import Job
from imgmagic.runs.sweep_plan import SweepOptions
from imgmagic.session import default_session


def imagine(prompt: str, *, show: bool = True, **options: Unpack[ImagineOptions]) -> Generation:
    """Generate images as `imgmagic.api.imagine` does, and show the run and its figure in the cell's output.

    Args:
        prompt: what to draw, sent as written.
        show: whether to show anything.
        **options: as those of `imgmagic.api.imagine`.
    """
    ipython = get_ipython()
    shell = cast("Shell", ipython)
    if not show or ipython is None or not has_html(shell):
        return api.imagine(prompt, show=show, **options)
    show_failures(shell)
    generation = draw(shell, default_session(), Arguments(options=options), prompt)
    if generation is None or isinstance(generation, Job):
        raise AssertionError  # neither a dry run nor a background run was requested
    mark_as_shown(ipython, generation)
    return generation


def sweep(prompt: str, vary: Mapping[str, object], *, show: bool = True, **options: Unpack[SweepOptions]) -> Sweep:
    """Draw a sweep as `imgmagic.api.sweep` does, and show the run and its grid in the cell's output.

    Args:
        prompt: what to draw, as a template of the axes' names.
        vary: the axes, as for `imgmagic.api.sweep`.
        show: whether to show anything.
        **options: as those of `imgmagic.api.sweep`.
    """
    ipython = get_ipython()
    shell = cast("Shell", ipython)
    if not show or ipython is None or not has_html(shell):
        return api.sweep(prompt, vary, show=show, **options)
    show_failures(shell)
    plan = api.plan_sweep(prompt, vary, options)
    arguments = Arguments(options=plan.asked.options)
    drawn = show_sweep(shell, default_session(), arguments, plan, start=lambda: api.start_sweep_plan(plan, options))
    mark_as_shown(ipython, drawn)
    return drawn
