"""The widget between a painter and its page; nothing of the painting is in its synced state, so none is saved twice."""

import uuid
from pathlib import Path

import anywidget
import traitlets

_STATIC = Path(__file__).parent.parent / "static"


class PaintWidget(anywidget.AnyWidget):
    """Carry pictures to the painter's page, and what was painted back."""

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    place = traitlets.Unicode().tag(sync=True)

    @traitlets.default("_esm")
    def _script(self) -> str:
        return (_STATIC / "painter.js").read_text(encoding="utf-8")

    @traitlets.default("_css")
    def _styles(self) -> str:
        return (_STATIC / "painter.css").read_text(encoding="utf-8")

    @traitlets.default("place")
    def _any_place(self) -> str:
        return uuid.uuid4().hex
