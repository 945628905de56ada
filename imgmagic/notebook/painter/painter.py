"""A painter: a painting with the widget that shows it; the kernel's side, which outlives the page."""

from collections.abc import Callable, Mapping, Sequence

from imgmagic.domain.source_picture import SourcePicture
from imgmagic.notebook.painter.painting import Mode, Painting
from imgmagic.notebook.painter.widget import PaintWidget


class Painter(Painting):
    """A painting that is painted in a widget.

    Args:
        picture: what is painted over, upright.
        mode: whether a mask or a markup is painted.
        changed: called whenever something was painted, with the painter.
        widget: what reaches the pages.
    """

    def __init__(
        self,
        picture: SourcePicture,
        *,
        mode: Mode = "mask",
        changed: Callable[["Painter"], None] = lambda _: None,
        widget: PaintWidget | None = None,
    ) -> None:
        super().__init__(picture, mode=mode)
        self.widget = widget or PaintWidget()
        self._changed = changed
        self.widget.on_msg(self._hear)

    def close(self) -> None:
        """Remove the widget; what was painted stays."""
        self.widget.close()

    def __repr__(self) -> str:
        if self.mode == "markup":
            return f"<Painter: a markup over {self.picture.name}>"
        mask = self.mask
        return f"<Painter: {mask.share if mask else 0:.1%} of {self.picture.name} may change>"

    def _hear(self, _: object, content: Mapping[str, object], buffers: Sequence[memoryview | bytes]) -> None:
        """Handle a page's message: begin, or keep what was painted; anything else is not from our page."""
        kind = content.get("kind")
        if kind == "hello":
            self._show()
        elif kind == "painted" and len(buffers) == 1 and self.keep(buffers[0]):
            self._changed(self)

    def _show(self) -> None:
        message = {
            "kind": "picture",
            "mode": self.mode,
            "width": self.picture.width,
            "height": self.picture.height,
            "format": self.picture.format,
            "alt": self.picture.name,
        }
        self.widget.send(message, list(self.layers))
