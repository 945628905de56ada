"""A run in the background: the cell returns at once, and its output goes on by itself."""

import threading
from collections.abc import Callable

from IPython.display import DisplayHandle

from imgmagic.display.view import View
from imgmagic.domain.generation import Generation
from imgmagic.notebook.output.figure import remark_html
from imgmagic.notebook.show import show
from imgmagic.runs.follow import follow
from imgmagic.runs.job import Job

# What holds the figure's place; the same kinds of output from first to last, as nbval compares them.
_PLACE = {"text/html": "", "text/plain": "<imgmagic picture>"}


class BackgroundRun:
    """Follow a job, and put its figure into the cell that started it.

    Args:
        job: what runs.
        view: shows it meanwhile.
        bundle: the figure of a generation by MIME type; None where nothing is shown.
        keep: called with the generation before it is shown; it may bind and save.
        end: called with the generation when it ended.
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
        """Follow it from a thread of its own: the cell ends, and its output goes on by itself."""
        if self._bundle is not None:
            # Now, while the cell runs: a display id ties later updates to this cell's output, wherever the user is by
            # then.
            self._place = show(_PLACE, is_updated=True)
        threading.Thread(target=self.follow, name="imgmagic-view", daemon=True).start()

    def follow(self) -> None:
        """Follow it to its end: where nobody sits at the notebook, the kernel would end before the picture came."""
        with self._view as view:
            generation = follow(self._job, view)
            bundle = self._keep_and_bundle(generation)
            view.clear()
            if bundle is not None:
                self._show(bundle)
            self._end(generation)

    def _keep_and_bundle(self, generation: Generation) -> dict[str, str] | None:
        """Keep the generation, and return what is shown in the end: its figure, or why it could not be kept."""
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
