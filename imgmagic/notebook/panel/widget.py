"""The surface of a panel: the one widget between the kernel and the page, and the HTML that it lives in.

The page's part mounts itself into an element of a plain HTML output, so that a saved notebook holds no widget at all:
reopened without this kernel it shows the summary instead. Nothing of the panel is in the widget's synced state; all
goes through messages, pictures as binary buffers.
"""

import uuid
from collections.abc import Mapping
from pathlib import Path

import anywidget
import traitlets

from imgmagic.notebook.shell import Marks, front_end

_STATIC = Path(__file__).parent.parent / "static"


class Surface(anywidget.AnyWidget):
    """Carry messages to the page's part of a panel and back."""

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    place = traitlets.Unicode().tag(sync=True)

    def answer_beside_cells(self) -> None:
        """Let messages of the page be heard while a cell runs, where the kernel has a second shell for them.

        The front end names that shell in each message. ipykernel 7.4 sends a message rather to the shell that last
        spoke through this comm, which is the one that runs cells. On the way a comm also tells IPython that a cell
        began and ended, upon which half-made figures of the cell that runs would be shown.
        """
        comm = self.comm
        if hasattr(comm, "_reply_subshell_for"):
            comm._reply_subshell_for = _the_shell_that_the_page_named
        if hasattr(comm, "handle_msg"):  # those of other kernels (xeus-python) have no such way, and take no attribute
            comm.handle_msg = self._handle_msg

    @traitlets.default("_esm")
    def _script(self) -> str:
        return (_STATIC / "panel.js").read_text(encoding="utf-8")

    @traitlets.default("_css")
    def _styles(self) -> str:
        return (_STATIC / "panel.css").read_text(encoding="utf-8")

    @traitlets.default("place")
    def _any_place(self) -> str:
        return uuid.uuid4().hex


def _the_shell_that_the_page_named(_: object, named: str | None) -> str | None:
    return named


def bundle(surface: Surface, names: Mapping[str, object]) -> dict[str, object]:
    """Return what to display so that the panel appears: a place for it, or the widget where no page can be reached.

    Args:
        surface: the widget.
        names: the user's namespace, in which VS Code leaves a trace.
    """
    text = "<imgmagic panel>"
    if not front_end(Marks(names=names)).has_page:
        data, _ = surface._repr_mimebundle_() or ({}, {})
        return {**data, "text/plain": text}
    return {"text/html": f'<div data-imgmagic-panel="{surface.place}"></div>', "text/plain": text}
