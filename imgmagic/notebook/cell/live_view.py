"""The live view of a run: one tile per image in a box of fixed size, a line of progress and Stop; none of it is saved.

When the run ends, the widgets' bytes are cleared and the widgets closed, because a saved notebook can show neither; the
figure, a plain output, replaces them.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Self

import ipywidgets
from IPython.core.getipython import get_ipython
from IPython.display import display

from imgmagic.display.data_uri import image_subtype
from imgmagic.display.sanitize import strip_control, to_html
from imgmagic.display.status import run_line, tile_line
from imgmagic.display.view import NoView
from imgmagic.domain.progress import Progress, Tile, TileState
from imgmagic.domain.request import ImageRequest
from imgmagic.notebook.cell.stop_bar import Bar
from imgmagic.notebook.output.tile_size import TileSize, asked_aspect, row_width, tile_size, widest
from imgmagic.notebook.shell import Marks, front_end, kernel_id

_LINE = (
    "color:var(--jp-ui-font-color2,#616161);font-size:12px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis"
)
# JupyterLab leaves this much space right of a figure; with it, the tiles are as wide as the figure's pictures.
_RIGHT = "20px"
# What a saved notebook holds in the live view's place; the same from first to last, as nbval compares them.
_PLACE = {"text/html": "", "text/plain": "<imgmagic run>"}


class LiveView:
    """Show a run with widgets in the cell's output.

    Args:
        request: the request; its size gives the boxes their aspect before the first byte.
        alt: what a screen reader calls the pictures; by default the prompt.
        known: returns time, tokens and cost, as far as they are known.
        caption: what the figure will say below the pictures; the bar is as tall as that, so nothing jumps.
        on_stop: called when Stop is clicked in a background run; None when the cell waits and Stop interrupts it.
    """

    def __init__(
        self,
        request: ImageRequest,
        *,
        alt: str | None = None,
        known: Callable[[Progress], str] = lambda _: "",
        caption: str = "",
        on_stop: Callable[[], None] | None = None,
    ) -> None:
        self._known = known
        aspect = asked_aspect(request.options.get("size"))
        size = tile_size(request.n, *aspect)
        self._tiles = [_TileWidgets(size, aspect, request.n) for _ in range(request.n)]
        self._bar = Bar(
            kernel_id=kernel_id(get_ipython()),
            hint=front_end(Marks(names=getattr(get_ipython(), "user_ns", ()))).interrupt,
            background=on_stop is not None,
            alt=strip_control(alt or request.prompt),
            known=known(Progress.start(request.n)),
            clock="0.0 s",
            text="sending",
            said="sending",
            caption=strip_control(caption),
            layout=ipywidgets.Layout(min_height="43px", margin="0"),  # before its front-end part has loaded, too
        )
        if on_stop is not None:
            self._bar.on_msg(lambda *_: on_stop())
        self._box = _boxed(self._bar, self._tiles, row_width(request.n, size))
        self._box.add_class("imgmagic-run")
        bundle = {**self._box._repr_mimebundle_(), **_PLACE}
        self._handle = display(bundle, raw=True, display_id=True)

    def update(self, progress: Progress, elapsed_s: float) -> None:
        """Show how far the run is."""
        with self._bar.hold_sync():
            self._bar.text = strip_control(run_line(progress, elapsed_s))
            # Without the seconds: a screen reader would read out a countdown again and again.
            self._bar.said = strip_control(run_line(progress, progress.elapsed_s))
            self._bar.known = self._known(progress)
            self._bar.clock = f"{elapsed_s:.1f} s"
        # A server may send more pictures than were asked for; the view has no tile for those, and the figure shows
        # them.
        for widgets, tile in zip(self._tiles, progress.tiles, strict=False):
            widgets.update(tile, progress.partial_images, elapsed_s)

    def clear(self) -> None:
        """Empty the place in the cell; the many widgets close later, so that what stays need not wait."""
        if self._handle is not None:
            self._handle.update(_PLACE, raw=True)
            self._handle = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Clear the place, blank the bytes, and close every widget with its layout and style."""
        self.clear()
        for tile in self._tiles:
            tile.image.value = b""
        for widget in _with_children(self._box):
            _close(widget)


def _boxed(bar: Bar, tiles: Sequence["_TileWidgets"], width: str) -> ipywidgets.VBox:
    """Return the tiles, in rows of at most that width, with the bar below, where the figure has its caption."""
    row = ipywidgets.Box(
        [tile.box for tile in tiles],
        layout=ipywidgets.Layout(flex_flow="row wrap", grid_gap="8px", overflow="hidden", max_width=width),
    )
    return ipywidgets.VBox([row, bar], layout=ipywidgets.Layout(padding=f"0 {_RIGHT} 0 0", overflow="visible"))


class StillView(NoView):
    """Replace the live view where nobody watches: programs that run notebooks save even closed widgets' state."""

    def __init__(self) -> None:
        display(_PLACE, raw=True)


class _TileWidgets:
    """The widgets of one tile: a box of fixed shape with the picture, once there is one, and a line.

    The shape is a padding in per cent of the width, so a narrow cell makes the box smaller but keeps its shape. The
    line lies over the picture's edge: a separate line would disappear with the figure, and what is below would jump.
    """

    def __init__(self, size: TileSize, aspect: tuple[int, int], tiles: int) -> None:
        self.image = ipywidgets.Image(
            value=b"",
            # An empty Image shows a broken-picture sign. It has no tooltip, as its view would fail (ipywidgets 8.1.9).
            layout=ipywidgets.Layout(display="none"),
        )
        # A single tile needs no line: the bar says everything.
        self._line = None if tiles == 1 else ipywidgets.HTML(layout=ipywidgets.Layout(margin="0"))
        if self._line is not None:
            self._line.add_class("imgmagic-line")
        self._frame = ipywidgets.Box(
            [self.image, *self._own_line()],
            layout=ipywidgets.Layout(width="100%", height="0", padding=f"0 0 {100 * aspect[1] / aspect[0]:.3f}% 0"),
        )
        self._frame.add_class("imgmagic-frame")
        self.box = ipywidgets.VBox(
            [self._frame],
            # An ipywidgets box scrolls by default, and its scrollbar would take space from the picture.
            layout=ipywidgets.Layout(width=f"{size.width}px", max_width=widest(tiles), overflow="visible"),
        )
        self._shown: object = None

    def update(self, tile: Tile, partial_images: int, elapsed_s: float) -> None:
        """Show the tile's latest picture and state; send only what has changed."""
        latest = tile.latest
        if latest is not None and latest is not self._shown:
            self.image.format = image_subtype(latest.format)
            self.image.value = latest.data
            self.image.layout.display = "block"
            self._shown = latest
        if tile.state is TileState.FAILED and tile.error is not self._shown:
            self._shown = tile.error
            self._fail(str(tile.error))
        if self._line is not None:
            failed = tile.state is TileState.FAILED  # its reason is in the box
            text = to_html("failed" if failed else tile_line(tile, partial_images, elapsed_s))
            self._line.value = f'<div style="{_LINE}" title="{text}">{text}</div>'

    def _fail(self, reason: str) -> None:
        """Show in the picture's place why there will be none."""
        shown = ipywidgets.HTML(f"<div>{to_html(reason)}</div>", layout=ipywidgets.Layout(margin="0"))
        shown.add_class("imgmagic-reason")
        self.image.layout.display = "none"
        self._frame.children = (self.image, shown, *self._own_line())

    def _own_line(self) -> tuple[ipywidgets.HTML, ...]:
        return () if self._line is None else (self._line,)


def _with_children(widget: ipywidgets.Widget) -> Iterator[ipywidgets.Widget]:
    for child in getattr(widget, "children", ()):
        yield from _with_children(child)
    yield widget


def _close(widget: ipywidgets.Widget) -> None:
    for part in (getattr(widget, "style", None), widget.layout, widget):
        if part is not None:
            part.close()
