"""Painting: a painter opened in the output of a cell."""

import asyncio
from collections.abc import Callable, Mapping

from IPython.core.getipython import get_ipython
from IPython.display import display, update_display

from imgmagic import api
from imgmagic.domain.generation import Generation
from imgmagic.domain.wording import listed
from imgmagic.errors import RequestInvalid, SettingsError
from imgmagic.notebook.painter.painted import painted_html
from imgmagic.notebook.painter.painter import Painter
from imgmagic.notebook.painter.painting import Mode
from imgmagic.notebook.shell import Marks, front_end
from imgmagic.runs.inputs.preparation import prepare
from imgmagic.runs.inputs.references import read
from imgmagic.wire.dialects.edits import Edits

PAUSE_S = 0.3
_MODES = ("mask", "markup")


def paint(picture: object, *, mode: Mode = "mask") -> Painter:
    """Open a painter over a picture, and return it; give it as `mask=`, or as `markup=` with that mode.

    Args:
        picture: a generation's number, a Generation, an image, an array, a figure, bytes or a path.
        mode: "mask" paints what may change, "markup" draws instructions.

    Raises:
        RequestInvalid: it is not a picture.
        SettingsError: nothing can be shown here, because no notebook is running.
    """
    return open_painter(picture, mode=mode, find=lambda number: api.history[number], names={})


def open_painter(
    picture: object, *, mode: str, find: Callable[[int], Generation], names: Mapping[str, object]
) -> Painter:
    """Show a painter in the output of this cell and return it; see `paint`.

    Args:
        picture: what to paint over.
        mode: mask or markup.
        find: looks up the history.
        names: the user's namespace, in which VS Code leaves a mark.
    """
    if mode not in _MODES:
        raise RequestInvalid(f"a painter has no mode {mode!r}.", remedy=f"Choose {listed(_MODES)}.")
    if not hasattr(get_ipython(), "kernel"):
        raise SettingsError(
            "a painter needs a notebook, and none is running here.",
            remedy="Use mask_box(...), or give a PNG as the mask.",
        )
    upright = prepare(read(picture, find), Edits())
    painter = Painter(upright, mode="markup" if mode == "markup" else "mask", changed=Later(_update))
    display(_place_of(painter, names), raw=True)
    display(_bundle(painter), raw=True, display_id=painter.widget.place)
    return painter


class Later:
    """Show a painter's durable output once nothing has been painted for a moment: making it takes longer than a stroke.

    Args:
        show: shows it.
    """

    def __init__(self, show: Callable[[Painter], None]) -> None:
        self._show = show
        self._waiting: asyncio.TimerHandle | None = None

    def __call__(self, painter: Painter) -> None:
        """Wait a moment longer, then show it; show it at once if the kernel has no loop to wait on."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._show(painter)
            return
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = loop.call_later(PAUSE_S, self._show, painter)


def _place_of(painter: Painter, names: Mapping[str, object]) -> dict[str, object]:
    """Return what to display for the painter to appear: a place for it, or the widget if no page can be reached."""
    text = repr(painter)
    if not front_end(Marks(names=names)).has_page:
        data, _ = painter.widget._repr_mimebundle_() or ({}, {})
        return {**data, "text/plain": text}
    return {"text/html": f'<div data-imgmagic-painter="{painter.widget.place}"></div>', "text/plain": text}


def _bundle(painter: Painter) -> dict[str, object]:
    return {"text/html": painted_html(painter), "text/plain": repr(painter)}


def _update(painter: Painter) -> None:
    update_display(_bundle(painter), raw=True, display_id=painter.widget.place)
