"""The live view of a run: a tile an image in boxes of fixed size, a line of progress and Stop; nothing of it is saved.

When the run ends the widgets' bytes are blanked and the widgets closed, since a saved notebook can show neither; the
figure, a plain output, takes their place.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import ipywidgets
from IPython.core.getipython import get_ipython
from IPython.display import display

from imgmagic.display.line_view import nothing
from imgmagic.display.sanitize import escaped, plain
from imgmagic.display.status import run_line, tile_line
from imgmagic.domain.progress import Progress, Tile, TileState
from imgmagic.domain.request import ImageRequest
from imgmagic.notebook.cell.stop_bar import Bar
from imgmagic.notebook.output.tile_size import TileSize, asked_aspect, tile_size, widest

_LINE = (
    "color:var(--jp-ui-font-color2,#616161);font-size:12px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis"
)
# JupyterLab keeps this much free right of a figure; its tiles are then as wide as the figure's pictures.
_RIGHT = "20px"
# What stands in a saved notebook in the live view's place; the same from first to last, as nbval compares them.
_PLACE = {"text/html": "", "text/plain": "<imgmagic run>"}


class LiveView:
    """Show a run with widgets in the cell's output.

    Args:
        request: what was asked; its size gives the boxes their aspect before the first byte.
        alt: what a screen reader calls the pictures; the prompt unless given.
        known: tells time, tokens and cost as far as they are known.
        on_stop: called when Stop is clicked in a background run; None when the cell waits and Stop interrupts it.
    """

    def __init__(
        self,
        request: ImageRequest,
        *,
        alt: str | None = None,
        known: Callable[[Progress], str] = lambda _: "",
        on_stop: Callable[[], None] | None = None,
    ) -> None:
        self._known = known
        size = tile_size(request.n, *asked_aspect(request.options.get("size")))
        self._tiles = [_TileWidgets(size, request.n) for _ in range(request.n)]
        self._bar = Bar(
            kernel_id=_kernel_id(),
            background=on_stop is not None,
            alt=plain(alt or request.prompt),
            known=known(Progress.start(request.n)),
            clock="0.0 s",
            text="sending",
            said="sending",
            layout=ipywidgets.Layout(height="48px", margin="0 0 4px"),  # before its front-end part has loaded, too
        )
        if on_stop is not None:
            self._bar.on_msg(lambda *_: on_stop())
        row = ipywidgets.Box(
            [tile.box for tile in self._tiles],
            layout=ipywidgets.Layout(flex_flow="row wrap", grid_gap="8px", overflow="hidden"),
        )
        self._box = ipywidgets.VBox([self._bar, row], layout=ipywidgets.Layout(padding=f"0 {_RIGHT} 0 0"))
        self._box.add_class("imgmagic-run")
        bundle = {**self._box._repr_mimebundle_(), **_PLACE}
        self._handle = display(bundle, raw=True, display_id=True)

    def update(self, progress: Progress, elapsed_s: float) -> None:
        """Show how far the run is."""
        with self._bar.hold_sync():
            self._bar.text = plain(run_line(progress, elapsed_s))
            self._bar.said = plain(run_line(progress, progress.elapsed_s))  # what counts down would be read out anew
            self._bar.known = self._known(progress)
            self._bar.clock = f"{elapsed_s:.1f} s"
        for widgets, tile in zip(self._tiles, progress.tiles, strict=False):
            widgets.update(tile, progress.partial_images, elapsed_s)

    def close(self, show: Callable[[], None] = nothing) -> None:
        """Take everything away: blank the bytes, close every widget with its layout and style.

        What stays is shown before the many widgets close: until then the cell is empty, and what is below has jumped.
        """
        if self._handle is not None:
            self._handle.update(_PLACE, raw=True)
        show()
        for tile in self._tiles:
            tile.image.value = b""
        for widget in _with_children(self._box):
            _close(widget)


class StillView:
    """Stand in the live view's place where no one looks: what runs notebooks saves the state of closed widgets too."""

    def __init__(self) -> None:
        display(_PLACE, raw=True)

    def update(self, progress: Progress, elapsed_s: float) -> None:
        """Show nothing."""

    def close(self, show: Callable[[], None] = nothing) -> None:
        """Show what stays."""
        show()


class _TileWidgets:
    """The widgets of one tile: a box of fixed shape, the picture in it once there is one, and a line below.

    The shape is a padding in per cent of the width, so that a narrow cell makes the box smaller, not another shape.
    """

    def __init__(self, size: TileSize, tiles: int) -> None:
        self.image = ipywidgets.Image(
            value=b"",
            # An empty Image shows the sign of a broken picture. It takes no tooltip: its view fails, ipywidgets 8.1.9.
            layout=ipywidgets.Layout(display="none"),
        )
        self._frame = ipywidgets.Box(
            [self.image],
            layout=ipywidgets.Layout(width="100%", height="0", padding=f"0 0 {100 * size.height / size.width:.3f}% 0"),
        )
        self._frame.add_class("imgmagic-frame")
        # A tile that is alone needs no line: the bar says it all.
        self._line = None if tiles == 1 else ipywidgets.HTML(layout=ipywidgets.Layout(height="22px", margin="0"))
        self.box = ipywidgets.VBox(
            [self._frame] if self._line is None else [self._frame, self._line],
            layout=ipywidgets.Layout(width=f"{size.width}px", max_width=widest(tiles)),
        )
        self._shown: object = None

    def update(self, tile: Tile, partial_images: int, elapsed_s: float) -> None:
        """Show the tile's latest picture and state; what has not changed is not sent again."""
        latest = tile.completed or tile.partial
        if latest is not None and latest is not self._shown:
            self.image.value = latest.data
            self.image.layout.display = "block"
            self._shown = latest
        if tile.state is TileState.FAILED and tile.error is not self._shown:
            self._shown = tile.error
            self._fail(str(tile.error))
        if self._line is not None:
            failed = tile.state is TileState.FAILED  # its reason stands in the box
            self._line.value = _small("failed" if failed else tile_line(tile, partial_images, elapsed_s))

    def _fail(self, reason: str) -> None:
        """Show why there will be no picture in the picture's place."""
        shown = ipywidgets.HTML(f"<div>{escaped(reason)}</div>", layout=ipywidgets.Layout(margin="0"))
        shown.add_class("imgmagic-reason")
        self.image.layout.display = "none"
        self._frame.children = (self.image, shown)


def _small(text: str) -> str:
    return f'<div style="{_LINE}" title="{escaped(text)}">{escaped(text)}</div>'


def _with_children(widget: Any) -> Iterator[Any]:
    for child in getattr(widget, "children", ()):
        yield from _with_children(child)
    yield widget


def _close(widget: Any) -> None:
    for part in (getattr(widget, "style", None), widget.layout, widget):
        if part is not None:
            part.close()


def _kernel_id() -> str:
    """Return the Jupyter server's id of this kernel, from its connection file's name; empty where there is none."""
    shell = get_ipython()
    file = shell.config.get("IPKernelApp", {}).get("connection_file", "") if shell else ""
    found = re.search(r"kernel-(.+)\.json$", str(file))
    return found.group(1) if found else ""
