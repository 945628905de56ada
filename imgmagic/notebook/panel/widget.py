"""The surface of a panel: the one widget between the kernel and the page, and the HTML that it lives in.

The page's part mounts itself into an element of a plain HTML output, so that a saved notebook holds no widget at all:
reopened without this kernel it shows the summary instead. Nothing of the panel is in the widget's synced state; all
goes through messages, pictures as binary buffers.
"""

import os
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

_HERE = Path(__file__).parent / "page"
# One module for the page, made of these in order.
_PARTS = ("dom.js", "form.js", "runs.js", "gallery.js", "dialogs.js", "panel.js")


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
        comm: Any = self.comm
        if hasattr(comm, "_reply_subshell_for"):
            comm._reply_subshell_for = _the_shell_that_the_page_named
        if comm is not None:
            comm.handle_msg = self._handle_msg

    @traitlets.default("_esm")
    def _script(self) -> str:
        return "\n".join((_HERE / part).read_text(encoding="utf-8") for part in _PARTS)

    @traitlets.default("_css")
    def _styles(self) -> str:
        return (_HERE / "panel.css").read_text(encoding="utf-8")

    @traitlets.default("place")
    def _any_place(self) -> str:
        return uuid.uuid4().hex


def _the_shell_that_the_page_named(_: object, named: str | None) -> str | None:
    return named


def bundle(surface: Surface, names: Mapping[str, object]) -> dict[str, Any]:
    """Return what to display so that the panel appears: a place for it, or the widget where no page can be reached.

    Args:
        surface: the widget.
        names: the user's namespace, in which VS Code leaves a trace.
    """
    text = "<imgmagic panel>"
    if "google.colab" in sys.modules or "__vsc_ipynb_file__" in names or "VSCODE_PID" in os.environ:
        data, _ = surface._repr_mimebundle_() or ({}, {})
        return {**data, "text/plain": text}
    return {"text/html": f'<div data-imgmagic-panel="{surface.place}"></div>', "text/plain": text}
