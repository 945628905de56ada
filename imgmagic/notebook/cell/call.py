"""A call of `imgmagic.imagine` in a notebook: it shows the same live view and figure as a %%imagine cell."""

from typing import Unpack, cast

from IPython.core.getipython import get_ipython

from imgmagic import api
from imgmagic.domain.generation import Generation
from imgmagic.domain.options import ImagineOptions
from imgmagic.notebook.cell.run import draw
from imgmagic.notebook.failures import show_failures
from imgmagic.notebook.line.arguments import Arguments
from imgmagic.notebook.shell import Shell, has_html, mark_as_shown
from imgmagic.runs.job import Job
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
        raise AssertionError  # neither a dry run nor a background run was asked for
    mark_as_shown(ipython, generation)
    return generation
