"""A run in the background: the cell returns at once, and its output continues to update."""

import threading
from collections.abc import Callable

from IPython.display import DisplayHandle

from imgmagic.display.view import View
from imgmagic.domain.generation import Generation
from imgmagic.notebook.output.figure import remark_html
from imgmagic.notebook.show import show
from imgmagic.runs.follow import follow
from imgmagic.runs.job import Job

# What holds the figure's place; the same MIME types from first to last, because nbval compares them.
_PLACE = {"text/html": "", "text/plain": "<imgmagic picture>"}


class BackgroundRun:
    """Follow a job, and put its figure into the cell that started it.

    Args:
        job: the run.
        view: shows it until it ends.
        bundle: the figure of a generation by MIME type; None to show nothing.
        keep: called with the generation before it is shown; it may bind and save it.
        end: called with the generation when it has ended.
    """

    def __init__(
        self,
        job: Job,
        view: View,
        *,
        bundle: Callable[[Generation], dict[str, str]] | None,
        keep: Callable[[Generation], None],
        end: Callable[[Generation], None],
    ) -> None:
        self._job = job
        self._view = view
        self._bundle = bundle
        self._keep = keep
        self._end = end
        self._place: DisplayHandle | None = None

    def start(self) -> None:
        """Follow it from a separate thread: the cell ends, and its output continues to update."""
        if self._bundle is not None:
            # Now, while the cell runs: a display id ties later updates to this cell's output, whichever cell the user
            # is in then.
            self._place = show(_PLACE, is_updated=True)
        threading.Thread(target=self.follow, name="imgmagic-view", daemon=True).start()

    def follow(self) -> None:
        """Follow it to its end: without a user at the notebook, the kernel would end before the picture came."""
        with self._view as view:
            generation = follow(self._job, view)
            bundle = self._keep_and_bundle(generation)
            view.clear()
            if bundle is not None:
                self._show(bundle)
            self._end(generation)

    def _keep_and_bundle(self, generation: Generation) -> dict[str, str] | None:
        """Keep the generation, and return what to show at the end: its figure, or why it could not be kept."""
        try:
            self._keep(generation)
        except Exception as error:  # noqa: BLE001 - no cell is left to fail: the output says it
            return {"text/html": remark_html(str(error)), "text/plain": str(error)}
        return None if self._bundle is None else self._bundle(generation)

    def _show(self, bundle: dict[str, str]) -> None:
        if self._place is None:
            show(bundle)
        else:
            self._place.update(bundle, raw=True)
