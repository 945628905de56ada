"""A run in the background: the cell returns at once, and its output goes on by itself."""

import functools
import threading
from collections.abc import Callable
from typing import Any

from IPython.display import display

from imgmagic.console.line import View, nothing
from imgmagic.domain.generation import Generation
from imgmagic.job import Job
from imgmagic.notebook.figure import remark_html
from imgmagic.running import show_until_end

# What stands where the figure will; the same kinds of output from first to last, as nbval compares them.
_PLACE = {"text/html": "", "text/plain": "<imgmagic picture>"}


class BackgroundRun:
    """Follow a job from a thread of its own, and put its figure into the cell that started it.

    Args:
        job: what runs.
        view: shows it meanwhile.
        bundle: the figure of a generation by MIME type; None where nothing is shown.
        at_end: called with the generation before it is shown; it may bind and save.
    """

    def __init__(
        self,
        job: Job,
        view: View,
        *,
        bundle: Callable[[Generation], dict[str, str]] | None,
        at_end: Callable[[Generation], None],
    ) -> None:
        self._job = job
        self._view = view
        self._bundle = bundle
        self._at_end = at_end
        self._place = display(_PLACE, raw=True, display_id=True) if bundle else None
        self._thread = threading.Thread(target=self._follow, name="imgmagic-view", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Wait for the end: where no one sits at the notebook, the kernel would be gone before the picture came."""
        self._thread.join()

    def _follow(self) -> None:
        show_until_end(self._job, self._view, self._finished)

    def _finished(self, generation: Generation) -> Callable[[], None]:
        """Return what puts the figure into its place."""
        try:
            self._at_end(generation)
        except Exception as error:  # noqa: BLE001 - no cell is there to fail: the output says it
            return functools.partial(self._show, {"text/html": remark_html(str(error)), "text/plain": str(error)})
        return nothing if self._bundle is None else functools.partial(self._show, self._bundle(generation))

    def _show(self, bundle: dict[str, str]) -> None:
        if self._place is not None:
            self._place.update(bundle, raw=True)


def someone_is_there(shell: Any) -> bool:
    """Return whether a person runs the cell: nbclient, papermill and nbval take no input, and end the kernel early."""
    return bool(getattr(getattr(shell, "kernel", None), "_allow_stdin", True))
