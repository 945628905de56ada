"""The widget that shows a run in marimo: what is going on, the pictures so far, and Stop where it works."""

from collections.abc import Callable
from pathlib import Path
from typing import Self

import anywidget
import traitlets

from imgmagic.display.sanitize import strip_control
from imgmagic.display.status import run_line, tile_line
from imgmagic.domain.events import CompletedImage, PartialImage
from imgmagic.domain.progress import Progress, Tile, TileState

_STATIC = Path(__file__).parent.parent / "static"


class RunWidget(anywidget.AnyWidget):
    """Show a run; `pictures` and `lines` hold one entry per tile, `has_stop` shows the button."""

    _esm = _STATIC / "marimo_run.js"
    _css = _STATIC / "marimo_run.css"

    text = traitlets.Unicode("sending").tag(sync=True)
    said = traitlets.Unicode("sending").tag(sync=True)
    clock = traitlets.Unicode("0.0 s").tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    hint = traitlets.Unicode().tag(sync=True)
    pictures: "traitlets.List[bytes]" = traitlets.List().tag(sync=True)
    lines: "traitlets.List[str]" = traitlets.List().tag(sync=True)
    has_stop = traitlets.Bool(default_value=False).tag(sync=True)
    is_over = traitlets.Bool(default_value=False).tag(sync=True)


class RunView:
    """Show a run in a widget.

    Args:
        tiles: how many pictures were asked for.
        alt: what a screen reader calls them.
        hint: which button stops the run if our own Stop cannot.
        on_stop: called when Stop is clicked; None leaves the button out.
    """

    def __init__(self, tiles: int, *, alt: str, hint: str = "", on_stop: Callable[[], None] | None = None) -> None:
        self.widget = RunWidget(
            alt=strip_control(alt), hint=hint, pictures=[b""] * tiles, lines=[""] * tiles, has_stop=on_stop is not None
        )
        if on_stop is not None:
            self.widget.on_msg(lambda *_: on_stop())
        self._shown: list[CompletedImage | PartialImage | None] = [None] * tiles

    def update(self, progress: Progress, elapsed_s: float) -> None:
        """Show how far the run is; send only the pictures that have changed."""
        # A screen reader would read out a countdown again and again.
        self.tell(run_line(progress, elapsed_s), said=run_line(progress, progress.elapsed_s), elapsed_s=elapsed_s)
        self.widget.lines = [_line(tile, progress, elapsed_s) for tile in progress.tiles]
        latest = [tile.latest for tile in progress.tiles]
        if latest != self._shown:
            self._shown = latest
            self.widget.pictures = [b"" if each is None else each.data for each in latest]

    def tell(self, text: str, *, said: str, elapsed_s: float) -> None:
        """Say how far the run is, and what a screen reader should read out."""
        self.widget.text, self.widget.said = strip_control(text), strip_control(said)
        self.widget.clock = f"{elapsed_s:.1f} s"

    def add(self, picture: bytes, line: str) -> None:
        """Show one more picture, with a line below it."""
        self.widget.lines = [*self.widget.lines, strip_control(line)]
        self.widget.pictures = [*self.widget.pictures, picture]

    def clear(self) -> None:
        """Empty the widget; what stays replaces it."""
        self.widget.pictures = []
        self.widget.is_over = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Clear the widget, and close it."""
        self.clear()
        self.widget.close()


def _line(tile: Tile, progress: Progress, elapsed_s: float) -> str:
    if tile.state is TileState.FAILED:
        return strip_control(str(tile.error))
    return "" if len(progress.tiles) == 1 else strip_control(tile_line(tile, progress.partial_images, elapsed_s))
