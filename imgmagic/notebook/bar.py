"""The bar above a run's tiles: what is going on, the seconds, and Stop; a widget with a front-end part of its own."""

from pathlib import Path

import anywidget
import traitlets

_HERE = Path(__file__).parent


class Bar(anywidget.AnyWidget):
    """Show one line and a Stop button; Stop interrupts the kernel, or in a background run sends a message."""

    _esm = _HERE / "bar.js"
    _css = _HERE / "bar.css"

    text = traitlets.Unicode().tag(sync=True)
    clock = traitlets.Unicode().tag(sync=True)
    kernel_id = traitlets.Unicode().tag(sync=True)
    background = traitlets.Bool(default_value=False).tag(sync=True)
