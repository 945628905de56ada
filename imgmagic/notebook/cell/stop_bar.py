"""The bar above a run's tiles: what is going on, what is known so far, and Stop; a widget with a front-end part."""

from pathlib import Path

import anywidget
import traitlets

_HERE = Path(__file__).parent


class Bar(anywidget.AnyWidget):
    """Show what goes on and a Stop button; Stop interrupts the kernel, or in a background run sends a message.

    Only `said` is read out by screen readers. `alt` names the pictures beside the bar, as ipywidgets' Image has no
    alternative text of its own.
    """

    _esm = _HERE / "stop_bar.js"
    _css = _HERE / "stop_bar.css"

    text = traitlets.Unicode().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)
    known = traitlets.Unicode().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    clock = traitlets.Unicode().tag(sync=True)
    kernel_id = traitlets.Unicode().tag(sync=True)
    background = traitlets.Bool(default_value=False).tag(sync=True)
