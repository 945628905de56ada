"""A run in the background: the cell returns at once, and its output goes on by itself."""

import functools
import importlib
import importlib.util
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from IPython.display import DisplayHandle, display

from imgmagic.display.line_view import View, nothing
from imgmagic.domain.generation import Generation
from imgmagic.notebook.output.figure import remark_html
from imgmagic.runs.job import Job
from imgmagic.runs.job_list import show_until_end

# What stands where the figure will; the same kinds of output from first to last, as nbval compares them.
_PLACE = {"text/html": "", "text/plain": "<imgmagic picture>"}


class BackgroundRun:
    """Follow a job, and put its figure into the cell that started it.

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
        self._place: DisplayHandle | None = None

    def start(self) -> None:
        """Follow it from a thread of its own: the cell ends, and its output goes on by itself."""
        if self._bundle is not None:
            self._place = display(_PLACE, raw=True, display_id=True)
        threading.Thread(target=self.follow, name="imgmagic-view", daemon=True).start()

    def follow(self) -> None:
        """Follow it to its end: where no one sits at the notebook, the kernel would be gone before the picture came."""
        show_until_end(self._job, self._view, self._finished)

    def _finished(self, generation: Generation) -> Callable[[], None]:
        """Return what puts the figure into its place."""
        try:
            self._at_end(generation)
        except Exception as error:  # noqa: BLE001 - no cell is there to fail: the output says it
            return functools.partial(self._show, {"text/html": remark_html(str(error)), "text/plain": str(error)})
        return nothing if self._bundle is None else functools.partial(self._show, self._bundle(generation))

    def _show(self, bundle: dict[str, str]) -> None:
        if self._place is None:
            display(bundle, raw=True)
        else:
            self._place.update(bundle, raw=True)


def someone_is_there(shell: Any) -> bool:
    """Return whether a person runs the cell: what runs files takes no input, and ends the kernel after the last cell.

    So do nbclient (nbconvert, papermill, nbval) and, though it says that it takes input, `jupyter run`.
    """
    kernel = getattr(shell, "kernel", None)
    return kernel is None or (kernel._allow_stdin and not _is_jupyter_run())


@functools.cache
def _is_jupyter_run() -> bool:
    """Return whether `jupyter run` started this kernel."""
    if importlib.util.find_spec("psutil") is None:  # ipykernel brings it
        return False
    psutil = importlib.import_module("psutil")
    try:
        words = psutil.Process().parent().cmdline()
    except (psutil.Error, AttributeError):  # whoever started it is gone, or not ours to look at
        return False
    return any(Path(word).stem == "jupyter-run" for word in words)
